//! Names that a fix may bring in.

use asynclint_semantic::{BindingKind, ExprId, ExprKind, FunctionId, MODULE_SCOPE};

use crate::Context;

/// The first of `wanted` that is free in the function.
pub(super) fn free_local<'n>(
    cx: &Context<'_>,
    function: FunctionId,
    wanted: &[&'n str],
) -> Option<&'n str> {
    wanted.iter().copied().find(|text| is_free_local(cx, function, text))
}

/// Whether the name means nothing in the function and is not spoken of there.
pub(super) fn is_free_local(cx: &Context<'_>, function: FunctionId, text: &str) -> bool {
    let outline = &cx.facts().outline;
    let Some(name) = outline.names.get(text) else { return true };
    let own = cx.function(function);
    let body = cx.body(own.body);
    let means_outer = |expr: ExprId| {
        let is_it = body.kind(expr) == ExprKind::Name(name);
        is_it && outline.lookup(body.expr(expr).scope, name).is_none()
    };
    outline.lookup(own.scope, name).is_none() && !body.expr_ids().any(means_outer)
}

/// Whether the file says nothing of the name, anywhere.
pub(super) fn is_new(cx: &Context<'_>, text: &str) -> bool {
    let outline = &cx.facts().outline;
    let Some(name) = outline.names.get(text) else { return true };
    let is_bound =
        outline.scopes.iter().any(|scope| scope.bindings.iter().any(|bound| bound.name == name));
    let is_read = cx.facts().body_ids().any(|id| {
        let body = cx.body(id);
        body.expr_ids().any(|expr| body.kind(expr) == ExprKind::Name(name))
    });
    !is_bound && !is_read
}

/// Whether `text` is a name of the module that is only ever bound by `text = set()`.
pub(super) fn is_set_of_module(cx: &Context<'_>, text: &str) -> bool {
    let outline = &cx.facts().outline;
    let Some(name) = outline.names.get(text) else { return false };
    match outline.bindings(MODULE_SCOPE, name) {
        [only] => match only.kind {
            BindingKind::Assigned(value) | BindingKind::Annotated { value: Some(value), .. } => {
                let body = cx.body(only.body);
                let made = body.callee(value).and_then(|callee| cx.dotted(only.body, callee));
                made.as_deref() == Some("set") && body.arguments(value).is_empty()
            }
            _ => false,
        },
        _ => false,
    }
}
