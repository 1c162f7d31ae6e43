//! The handler asks whose cancellation it is.

use asynclint_semantic::{BodyId, ExprId, ExprKind, StmtKind};

use crate::cancellation::traps::place::{places, values};
use crate::cancellation::traps::{Catch, Trap, is_about_cancelling};
use crate::{Context, Site};

/// The handler asks the task whether it was cancelled, or takes the cancellation back.
pub(super) fn asks_the_task(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    body.exprs_in_block(trap.handler).any(|id| {
        let callee = body.callee(id).and_then(|callee| cx.last_name(trap.body, callee));
        matches!(callee, Some("uncancel" | "cancelling" | "cancelled" | "cancel_called"))
    })
}

/// A setting or a flag whose name speaks of cancelling decides whether the handler raises:
/// `if not self.suppress_cancelled_error: raise`.
pub(super) fn asks_a_flag(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let is_flag = |id| {
        body.last_name(id).is_some_and(|name| {
            Some(name) != trap.name && is_about_cancelling(cx.facts().outline.text(name))
        })
    };
    trap.exits.reraises
        && body.stmts_in_block(trap.handler).any(|stmt| match body.stmt(stmt).kind {
            StmtKind::If { test, .. } => body.exprs_below(test).any(is_flag),
            _ => false,
        })
}

/// The handler raises on some path, and what is awaited is a task that the function has started and
/// kept where others may cancel it: it tells whose cancellation this is. Of a task that only sleeps
/// it need not: it is there so that others may cut the sleep short.
pub(super) fn tells_a_child_apart(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let sleeps = |body: BodyId, call: ExprId| {
        let first = cx.body(body).arguments(call).first();
        first.is_some_and(|first| {
            let name = cx.library_name(Site { body, expr: first.value });
            name.as_deref() == Some("asyncio.sleep")
        })
    };
    let is_started = |id: ExprId| {
        values(cx, trap.body, id).into_iter().any(|(body, expr)| {
            let name = cx.library_name(Site { body, expr });
            name.is_some_and(|name| {
                matches!(name.rsplit('.').next(), Some("create_task" | "ensure_future"))
            }) && (trap.exits.reraises || sleeps(body, expr))
        })
    };
    let is_kept = |id: ExprId| {
        let ExprKind::Name(name) = body.kind(id) else { return false };
        body.stmts_in_block(cx.function(trap.function).block).any(|stmt| {
            matches!(body.stmt(stmt).kind, StmtKind::Assign { targets, value }
                if body.kind(value) == ExprKind::Name(name)
                    && body.list(targets).iter().any(|&target| !matches!(body.kind(target), ExprKind::Name(_))))
        })
    };
    trap.catch == Catch::Named
        && body.exprs_in_block(trap.guarded).any(|id| match body.kind(id) {
            ExprKind::Await(operand) => {
                body.exprs_below(operand).any(|below| is_started(below) && is_kept(below))
            }
            _ => false,
        })
}

/// The handler asks whether the task that is awaited has ended, and raises if not: then the
/// cancellation was its own.
pub(super) fn asks_whether_done(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let awaited: Vec<_> = body
        .exprs_in_block(trap.guarded)
        .filter_map(|id| match body.kind(id) {
            ExprKind::Await(operand) => Some(places(cx, trap.body, operand)),
            _ => None,
        })
        .flatten()
        .collect();
    let asks = |id: ExprId| {
        let Some(callee) = body.callee(id) else { return false };
        let ExprKind::Attribute { value, name } = body.kind(callee) else { return false };
        cx.facts().outline.text(name) == "done"
            && places(cx, trap.body, value).iter().any(|asked| awaited.contains(asked))
    };
    trap.exits.reraises
        && body.stmts_in_block(trap.handler).any(|stmt| match body.stmt(stmt).kind {
            StmtKind::If { test, .. } => body.exprs_below(test).any(asks),
            _ => false,
        })
}
