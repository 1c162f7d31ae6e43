//! Handlers that let a cancellation go on.

use asynclint_diagnostics::Fix;
use asynclint_parser::Span;
use asynclint_semantic::{Block, BodyId, ExprId, ExprKind, Handler, ScopeId, StmtKind};

use super::{Draft, lines};
use crate::Context;

/// `Exception` in the place of the class `caught`, or behind a bare `except`, whose header is
/// `header`.
pub(crate) fn catch_exception(
    cx: &Context<'_>,
    scope: ScopeId,
    caught: Result<Span, Span>,
) -> Option<Fix> {
    if !is_builtin(cx, scope, "Exception") {
        return None;
    }
    let draft = match caught {
        Ok(class) => Draft::default().replace(class, "Exception"),
        Err(header) => Draft::default().insert(header.start + "except".len() as u32, " Exception"),
    };
    Some(draft.unsafe_fix("let cancellation pass: `Exception`"))
}

/// `BaseException` in the place of the class `caught`, and of what stands in one tuple with it, which
/// is all of it.
pub(crate) fn catch_all(
    cx: &Context<'_>,
    body: BodyId,
    scope: ScopeId,
    caught: ExprId,
) -> Option<Fix> {
    let body = cx.body(body);
    let tuple = body.expr(caught).parent.filter(|&id| matches!(body.kind(id), ExprKind::Tuple(_)));
    let span = body.span(tuple.unwrap_or(caught));
    let draft = Draft::default().replace(span, "BaseException");
    is_builtin(cx, scope, "BaseException")
        .then(|| draft.unsafe_fix("clean up when cancelled, too: `BaseException`"))
}

/// Whether nothing in the file hides the builtin.
fn is_builtin(cx: &Context<'_>, scope: ScopeId, name: &str) -> bool {
    let outline = &cx.facts().outline;
    let is_hidden = outline.names.get(name).is_some_and(|n| outline.lookup(scope, n).is_some());
    !is_hidden && outline.star_imports.is_empty()
}

/// `raise` where the handler ends without it.
pub(crate) fn raise_again(cx: &Context<'_>, body_id: BodyId, handler: &Handler) -> Option<Fix> {
    let body = cx.body(body_id);
    let &last = body.block(handler.body).last()?;
    let source = cx.text()?;
    let span = lines::statement(cx, source, body_id, last);
    let leaves = |kind: &StmtKind| {
        matches!(kind, StmtKind::Return(None) | StmtKind::Break | StmtKind::Continue)
    };
    let kind = &body.stmt(last).kind;
    let is_nothing = matches!(kind, StmtKind::Pass) && source.slice(span) == "pass"
        || is_ellipsis(cx, body_id, kind)
        || is_none(cx, body_id, kind)
        || leaves(kind);
    // Ways out before the end would still swallow it.
    if has_other_ways(cx, body_id, handler.body, is_nothing) {
        return None;
    }
    let draft = if is_nothing {
        Draft::default().replace(span, "raise")
    } else if let Some(indent) = lines::indent(source, span) {
        Draft::default().with(Some(lines::below(source, span, &format!("{indent}raise"))?))
    } else {
        Draft::default().insert(span.end, "; raise")
    };
    Some(draft.unsafe_fix("raise the cancellation again"))
}

fn is_ellipsis(cx: &Context<'_>, body: BodyId, kind: &StmtKind) -> bool {
    matches!(kind, StmtKind::Expr(value) if cx.body(body).kind(*value) == ExprKind::Ellipsis)
}

fn is_none(cx: &Context<'_>, body: BodyId, kind: &StmtKind) -> bool {
    let is_none = |value: &ExprId| cx.body(body).kind(*value) == ExprKind::None;
    matches!(kind, StmtKind::Return(Some(value)) if is_none(value))
}

/// Whether some statement of the block but the last one leaves it; the last one is one more if it
/// is to stay.
fn has_other_ways(cx: &Context<'_>, body_id: BodyId, block: Block, is_replaced: bool) -> bool {
    let body = cx.body(body_id);
    let last = body.block(block).last().copied();
    body.stmts_in_block(block).filter(|&stmt| !is_replaced || Some(stmt) != last).any(|stmt| {
        matches!(
            body.stmt(stmt).kind,
            StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue | StmtKind::Raise { .. }
        )
    })
}
