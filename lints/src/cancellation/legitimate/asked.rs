//! The handler asks whose cancellation it is.

use asynclint_semantic::{ExprId, ExprKind, StmtKind};

use crate::Context;
use crate::cancellation::{Trap, is_about_cancelling};

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
    let is_flag = |id: ExprId| match body.kind(id) {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
            Some(name) != trap.name && is_about_cancelling(cx.facts().outline.text(name))
        }
        _ => false,
    };
    trap.exits.reraises
        && body.stmts_in_block(trap.handler).any(|stmt| match body.stmt(stmt).kind {
            StmtKind::If { test, .. } => body.exprs_below(test).any(is_flag),
            _ => false,
        })
}
