//! Tasks that something holds until they are done.

use asynclint_diagnostics::Fix;
use asynclint_parser::{SourceFile, Span};
use asynclint_semantic::{BodyId, ExprId, ExprKind, MODULE_SCOPE, Name, StmtId, StmtKind};

use super::{Draft, imports, lines, names};
use crate::{Context, Site};

/// The set that tasks are kept in.
const SET: &str = "_background_tasks";

/// What tasks are called until they are in the set.
const LOCALS: &[&str] = &["task", "background_task"];

/// Keeps the task that the call `site` starts in a set of the module until it is done; `name` is
/// the local that it is bound to already.
pub(crate) fn keep_task(cx: &Context<'_>, site: Site, name: Option<Name>) -> Option<Fix> {
    let function = cx.function_of(site).filter(|&id| cx.function(id).name.is_some())?;
    let outline = &cx.facts().outline;
    let name = match name {
        Some(name) => outline.text(name),
        None => names::free_local(cx, function, LOCALS)?,
    };
    let set = set_of_module(cx, site)?;
    let body = cx.body(site.body);
    let stmt = body.expr(site.expr).stmt;
    let source = cx.text()?;
    let span = lines::statement(cx, source, site.body, stmt);
    let indent = lines::indent(source, span)?;
    let kept =
        format!("{indent}{SET}.add({name})\n{indent}{name}.add_done_callback({SET}.discard)");
    let kept = lines::below(source, span, &kept)?;
    let draft = bound(cx, source, site, stmt, (span, indent), name)?;
    Some(draft.and(set).with(Some(kept)).unsafe_fix("keep the task in a set until it is done"))
}

/// The edits that make the set: none if it is there already.
fn set_of_module(cx: &Context<'_>, site: Site) -> Option<Draft> {
    let outline = &cx.facts().outline;
    let scope = cx.body(site.body).expr(site.expr).scope;
    if names::is_set_of_module(cx, SET) {
        let name = outline.names.get(SET)?;
        return (outline.lookup(scope, name) == Some(MODULE_SCOPE)).then(Draft::default);
    }
    if !names::is_new(cx, SET) {
        return None;
    }
    let made = imports::below_imports(cx, &format!("{SET} = set()"))?;
    Some(Draft::default().with(Some(made)))
}

/// The edits after which `name` is what the call gives, in a statement of its own.
fn bound(
    cx: &Context<'_>,
    source: &SourceFile,
    site: Site,
    stmt: StmtId,
    (span, indent): (Span, &str),
    name: &str,
) -> Option<Draft> {
    let body = cx.body(site.body);
    let call = cx.span(site);
    let assign = format!("{name} = ");
    match &body.stmt(stmt).kind {
        StmtKind::Expr(value) if *value == site.expr && call == span => {
            Some(Draft::default().insert(call.start, assign))
        }
        // `create_task(...).add_done_callback(f)`
        StmtKind::Expr(value) if is_method_of(cx, site.body, *value, site.expr) => {
            let rest = source.slice(Span::new(call.end, span.end));
            let is_plain = call.start == span.start && rest.starts_with('.');
            let own_line = format!("\n{indent}{name}");
            is_plain.then(|| Draft::default().insert(call.start, assign).insert(call.end, own_line))
        }
        StmtKind::Assign { targets, value } if *value == site.expr => match body.list(*targets) {
            [only] if matches!(body.kind(*only), ExprKind::Name(_)) => {
                let target = body.span(*only);
                let is_bound_already = source.slice(target) == name;
                let draft = Draft::default();
                Some(if is_bound_already { draft } else { draft.replace(target, name) })
            }
            _ => None,
        },
        StmtKind::AnnAssign { target, value: Some(value), .. } if *value == site.expr => {
            (source.slice(body.span(*target)) == name).then(Draft::default)
        }
        _ => None,
    }
}

fn is_method_of(cx: &Context<'_>, body_id: BodyId, call: ExprId, object: ExprId) -> bool {
    let body = cx.body(body_id);
    body.callee(call).is_some_and(
        |callee| matches!(body.kind(callee), ExprKind::Attribute { value, .. } if value == object),
    )
}
