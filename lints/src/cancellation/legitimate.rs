//! The forms in which catching a cancellation is right.

use std::collections::BTreeSet;

use asynclint_semantic::exits::exits;
use asynclint_semantic::{Block, BodyId, ExprId, ExprKind, Name, StmtId, StmtKind, Usage};

use super::oracle::Cancellation;
use super::uses::Uses;
use super::{Catch, Trap, catch_of};
use crate::{Context, Site};

pub(super) fn is_legitimate(cx: &Context<'_>, trap: &Trap, uses: &Uses) -> bool {
    is_recorded(cx, trap)
        || asks_the_task(cx, trap)
        || is_shielded(cx, trap)
        || is_before_a_raise(cx, trap)
        || awaits_what_is_cancelled(cx, trap)
        || ends_a_task(cx, trap, uses)
}

/// The handler keeps the exception, returns it or hands it to somebody else. Writing it to a log
/// or making a text of it is not keeping it.
fn is_recorded(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let keeps = |block: Block, name: Option<Name>| {
        name.is_some_and(|name| {
            body.exprs_in_block(block)
                .any(|id| body.kind(id) == ExprKind::Name(name) && is_kept(cx, trap.body, id))
        })
    };
    // Also where the handler around this one keeps the cancellation that came first.
    let around = || {
        body.enclosing(trap.stmt).any(|outer| match &body.stmt(outer).kind {
            StmtKind::Try(block) => block.handlers.iter().any(|handler| {
                body.block_holds(handler.body, trap.stmt)
                    && catch_of(cx, trap.body, handler).is_some()
                    && keeps(handler.body, handler.name)
            }),
            _ => false,
        })
    };
    keeps(trap.handler, trap.name) || around()
}

fn is_kept(cx: &Context<'_>, body_id: BodyId, id: ExprId) -> bool {
    let body = cx.body(body_id);
    match body.expr(id).usage {
        Usage::Bound | Usage::Stored | Usage::Returned | Usage::Yielded => true,
        Usage::Passed => {
            let callee = body.expr(id).parent.and_then(|call| body.callee(call));
            let name = callee.and_then(|callee| cx.last_name(body_id, callee));
            !name.is_some_and(only_writes)
        }
        Usage::Collected | Usage::Unpacked => match body.expr(id).parent {
            Some(display) => is_kept(cx, body_id, display),
            None => false,
        },
        _ => false,
    }
}

/// Whether a call of that name only writes the exception down or looks at it.
fn only_writes(name: &str) -> bool {
    const LOOKS: &[&str] = &[
        "bool",
        "critical",
        "debug",
        "dir",
        "echo",
        "error",
        "exception",
        "fatal",
        "format",
        "format_exc",
        "format_exception",
        "format_exception_only",
        "getattr",
        "hasattr",
        "id",
        "info",
        "isinstance",
        "issubclass",
        "len",
        "print",
        "print_exc",
        "print_exception",
        "repr",
        "str",
        "trace",
        "type",
        "warn",
        "warning",
    ];
    LOOKS.contains(&name) || name.to_ascii_lowercase().contains("log")
}

/// The handler asks the task whether it was cancelled, or takes the cancellation back.
fn asks_the_task(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    body.exprs_in_block(trap.handler).any(|id| {
        let callee = body.callee(id).and_then(|callee| cx.last_name(trap.body, callee));
        matches!(callee, Some("uncancel" | "cancelling" | "cancelled" | "cancel_called"))
    })
}

/// `with CancelScope(shield=True)` around it: no cancellation comes from outside.
fn is_shielded(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let shields = |manager| {
        let shield = cx.keyword(Site { body: trap.body, expr: manager }, "shield");
        shield.is_some_and(|value| body.kind(value) == ExprKind::Boolean(true))
    };
    std::iter::once(trap.stmt).chain(body.enclosing(trap.stmt)).any(|outer| {
        match &body.stmt(outer).kind {
            StmtKind::With { items, .. } => items.iter().any(|item| shields(item.manager)),
            _ => false,
        }
    })
}

/// Clean-up in a handler that raises in the end, or in a `finally` that re-raises where nothing
/// else is on its way.
fn is_before_a_raise(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    body.enclosing(trap.stmt).any(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => {
            let in_raising_handler = block.handlers.iter().any(|handler| {
                let oracle = Cancellation { cx, body: trap.body, name: handler.name };
                body.block_holds(handler.body, trap.stmt)
                    && !exits(body, handler.body, &oracle).without_exception()
            });
            let in_finally = body.block_holds(block.finalbody, trap.stmt);
            in_raising_handler || (in_finally && trap.exits.reraises)
        }
        _ => false,
    })
}

/// What is awaited was cancelled before by this function, or is cancelled elsewhere in the file:
/// the exception comes from there.
fn awaits_what_is_cancelled(cx: &Context<'_>, trap: &Trap) -> bool {
    let body = cx.body(trap.body);
    let here = cx.function(trap.function);
    let mut awaited = BTreeSet::new();
    for id in body.exprs_in_block(trap.guarded) {
        match body.kind(id) {
            ExprKind::Await(operand) => mentions(cx, trap.body, operand, &mut awaited),
            // `async for` and `async with` on the cancelled thing itself.
            _ if matches!(body.expr(id).usage, Usage::AsyncIterated | Usage::AsyncEntered) => {
                mentions(cx, trap.body, id, &mut awaited);
            }
            _ => {}
        }
    }
    let last = trap.suspensions.last().map_or(0, |&(_, span)| span.end);
    let mut cancelled = BTreeSet::new();
    for site in cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. })) {
        let ExprKind::Attribute { value, name } = cx.body(site.body).kind(site.expr) else {
            continue;
        };
        if !matches!(cx.facts().outline.text(name), "cancel" | "cancel_scope") {
            continue;
        }
        let mut names = BTreeSet::new();
        mentions(cx, site.body, value, &mut names);
        let same_function =
            site.body == trap.body && body.block_holds(here.block, body.expr(site.expr).stmt);
        if same_function && cx.span(site).start < last {
            cancelled.extend(names);
        } else if !same_function || site.body != trap.body {
            // Of another function only attributes are the same object here.
            cancelled.extend(names.into_iter().filter(|name| name.contains('.')));
        }
    }
    let is_same = |awaited: &str| {
        cancelled.iter().any(|cancelled| {
            awaited == cancelled
                || awaited
                    .strip_prefix(cancelled.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    };
    awaited.iter().any(|awaited| is_same(awaited))
}

/// The dotted names in an expression; the variable of a loop stands for what is iterated as well,
/// and a local for what it was made from.
fn mentions(cx: &Context<'_>, body_id: BodyId, id: ExprId, into: &mut BTreeSet<String>) {
    let body = cx.body(body_id);
    for below in body.exprs_below(id) {
        let expr = body.expr(below);
        if matches!(expr.usage, Usage::Object | Usage::Called) {
            // Named by the longer expression around it, unless that is a call of its method.
            let is_method = expr.usage == Usage::Object
                && expr.parent.is_some_and(|p| body.expr(p).usage == Usage::Called);
            if !is_method {
                continue;
            }
        }
        let Some(dotted) = cx.dotted(body_id, below) else { continue };
        if let ExprKind::Name(name) = body.kind(below) {
            loop_sources(cx, body_id, below, name, into);
        }
        into.insert(dotted);
    }
}

fn loop_sources(
    cx: &Context<'_>,
    body_id: BodyId,
    id: ExprId,
    name: Name,
    into: &mut BTreeSet<String>,
) {
    let body = cx.body(body_id);
    let binds =
        |target: ExprId| body.exprs_below(target).any(|t| body.kind(t) == ExprKind::Name(name));
    for outer in body.enclosing(body.expr(id).stmt) {
        if let StmtKind::For { target, iterable, .. } = body.stmt(outer).kind
            && binds(target)
        {
            // The iterable stands outside its own loop: this ends.
            mentions(cx, body_id, iterable, into);
        }
    }
    let comprehensions = std::iter::successors(Some(id), |&at| body.expr(at).parent)
        .filter_map(|around| body.comprehension(around));
    for clause in comprehensions.flat_map(|made| made.clauses.iter()) {
        if binds(clause.target) && !body.exprs_below(clause.iterable).any(|below| below == id) {
            mentions(cx, body_id, clause.iterable, into);
        }
    }
}

/// The handler ends the coroutine at once, and the coroutine is the body of a task or the main
/// program, or nobody in the file is known to await it.
fn ends_a_task(cx: &Context<'_>, trap: &Trap, uses: &Uses) -> bool {
    let awaits = || {
        let points =
            cx.resolver().await_points(cx.module(), trap.body, trap.handler, trap.function);
        !points.is_empty()
    };
    let is_task = uses.spawned.contains(&trap.function)
        || (trap.catch == Catch::Named && !uses.awaited.contains(&trap.function) && !awaits());
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
        let mut blocks = Vec::new();
        match parent {
            None => blocks.push(function.block),
            Some(parent) => match &body.stmt(parent).kind {
                StmtKind::For { .. } | StmtKind::While { .. } => return false,
                StmtKind::If { body, orelse, .. } => blocks.extend([*body, *orelse]),
                StmtKind::With { body, .. } => blocks.push(*body),
                StmtKind::Try(block) => {
                    blocks.extend([block.body, block.orelse]);
                    blocks.extend(block.handlers.iter().map(|handler| handler.body));
                }
                StmtKind::Match { cases, .. } => blocks.extend(cases.iter().map(|case| case.body)),
                _ => {}
            },
        }
        for block in blocks {
            let stmts = body.block(block);
            let Some(index) = stmts.iter().position(|&s| s == at) else { continue };
            for &after in &stmts[index + 1..] {
                if suspends(cx, trap, after) {
                    return false;
                }
                if matches!(body.stmt(after).kind, StmtKind::Return(_) | StmtKind::Raise { .. }) {
                    return true;
                }
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
    points.iter().any(|&(_, point)| span.contains(point))
}
