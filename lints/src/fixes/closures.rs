//! What a function remembers from when it was made.

use asynclint_diagnostics::Fix;
use asynclint_semantic::{FunctionId, Name, ParameterKind, ScopeKind};

use super::Draft;
use crate::Context;

/// Gives a lambda a parameter `name=name` for each of the names.
pub(crate) fn bind(cx: &Context<'_>, lambda: FunctionId, names: &[Name]) -> Option<Fix> {
    let function = cx.function(lambda);
    let is_simple = function.name.is_none()
        && function
            .parameters
            .iter()
            .all(|it| it.kind == ParameterKind::Plain && it.default.is_none());
    let outline = &cx.facts().outline;
    // What gets its value only behind the lambda has none yet, or an old one.
    let is_bound_before = |&name: &Name| {
        outline.lookup(function.home_scope, name).is_some_and(|scope| {
            let mut bindings = outline.bindings(scope, name).iter();
            outline.scope(scope).kind == ScopeKind::Comprehension
                || bindings.all(|binding| binding.at < function.span.start)
        })
    };
    if !is_simple || !names.iter().all(is_bound_before) {
        return None;
    }
    let bound = names.iter().map(|&name| outline.text(name)).map(|name| format!("{name}={name}"));
    let bound = bound.collect::<Vec<_>>().join(", ");
    let written = cx.text()?.slice(function.span);
    // Without defaults nothing before the body has a colon.
    let colon = function.span.start + written.find(':')? as u32;
    let separator = if function.parameters.is_empty() { " " } else { ", " };
    let title = format!("bind `{}` when the lambda is made", outline.text(*names.first()?));
    Some(Draft::default().insert(colon, format!("{separator}{bound}")).safe_fix(title))
}
