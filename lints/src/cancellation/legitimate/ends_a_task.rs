//! The handler is the end of a task.

use asynclint_semantic::{StmtId, StmtKind};

use crate::Context;
use crate::cancellation::uses::Uses;
use crate::cancellation::{Catch, Trap};

/// The handler ends the coroutine at once, and the coroutine is the body of a task or the main
/// program, or nobody in the file is known to await it.
pub(super) fn ends_a_task(cx: &Context<'_>, trap: &Trap, uses: &Uses) -> bool {
    let awaits = || {
        let points =
            cx.resolver().await_points(cx.module(), trap.body, trap.handler, trap.function);
        !points.is_empty()
    };
    let is_task = uses.is_spawned(trap.function)
        || (trap.catch == Catch::Named && !uses.is_awaited(trap.function) && !awaits());
    let exits = trap.exits;
    is_task
        && !exits.continues
        && !exits.raises
        && (!exits.falls || ends_after(cx, trap, trap.stmt))
        && (!exits.breaks || enclosing_loop(cx, trap).is_some_and(|l| ends_after(cx, trap, l)))
}

fn enclosing_loop(cx: &Context<'_>, trap: &Trap) -> Option<StmtId> {
    let body = cx.body(trap.body);
    body.enclosing(trap.stmt).find(|&outer| {
        matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
    })
}

/// Whether nothing is awaited any more once control has passed `stmt`; the clean-up of `finally`
/// does not count.
fn ends_after(cx: &Context<'_>, trap: &Trap, stmt: StmtId) -> bool {
    let body = cx.body(trap.body);
    let function = cx.function(trap.function);
    let mut at = stmt;
    loop {
        let parent = body.stmt(at).parent;
        let is_clean_up = match parent.map(|parent| &body.stmt(parent).kind) {
            Some(StmtKind::For { .. } | StmtKind::While { .. }) => return false,
            Some(StmtKind::Try(block)) => body.block_holds(block.finalbody, at),
            _ => false,
        };
        let rest = if is_clean_up { &[] } else { body.rest_of_block(function.block, at) };
        for &after in rest {
            if suspends(cx, trap, after) {
                return false;
            }
            if matches!(body.stmt(after).kind, StmtKind::Return(_) | StmtKind::Raise { .. }) {
                return true;
            }
        }
        match parent {
            Some(parent) => at = parent,
            None => return true,
        }
    }
}

fn suspends(cx: &Context<'_>, trap: &Trap, stmt: StmtId) -> bool {
    let function = cx.function(trap.function);
    let points = cx.resolver().await_points(cx.module(), trap.body, function.block, trap.function);
    let span = cx.body(trap.body).stmt_span(stmt);
    let first = points.partition_point(|(_, point)| point.start < span.start);
    points.get(first).is_some_and(|&(_, point)| span.contains(point))
}
