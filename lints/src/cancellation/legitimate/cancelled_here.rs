//! The code has cancelled what it awaits, or itself.

use asynclint_semantic::{ExprId, ExprKind, FunctionId, Usage};

use crate::cancellation::Trap;
use crate::cancellation::place::{Place, places, values};
use crate::{Context, Site};

/// `x.cancel` somewhere in the file, called or handed to somebody who calls it.
pub(super) struct Cancel {
    site: Site,
    function: Option<FunctionId>,
    cancelled: Vec<Place>,
    /// Whether `x` is the task that runs this code.
    is_own: bool,
}

/// Everything that the file cancels.
pub(super) fn cancels(cx: &Context<'_>) -> Vec<Cancel> {
    let mut found = Vec::new();
    for site in cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. })) {
        let ExprKind::Attribute { value, name } = cx.body(site.body).kind(site.expr) else {
            continue;
        };
        if matches!(cx.facts().outline.text(name), "cancel" | "cancel_scope") {
            found.push(Cancel {
                site,
                function: cx.function_of(site),
                cancelled: places(cx, site.body, value),
                is_own: is_current_task(cx, Site { expr: value, ..site }),
            });
        }
    }
    // `cancel_safely(task)`
    for site in cx.calls() {
        let body = cx.body(site.body);
        let Some(callee) = body.callee(site.expr) else { continue };
        let is_helper = matches!(body.kind(callee), ExprKind::Name(name)
            if cx.facts().outline.text(name).split('_').any(|word| word == "cancel"));
        // One that is awaited may wait for the end as well.
        if is_helper && cx.usage(site) == Usage::Discarded {
            let given = body.arguments(site.expr).iter();
            found.push(Cancel {
                site,
                function: cx.function_of(site),
                cancelled: given.flat_map(|given| places(cx, site.body, given.value)).collect(),
                is_own: false,
            });
        }
    }
    found
}

/// `asyncio.current_task()`, or a name that was bound to it.
fn is_current_task(cx: &Context<'_>, site: Site) -> bool {
    let is_call = |site: Site| cx.library_name(site).as_deref() == Some("asyncio.current_task");
    let bound = values(cx, site.body, site.expr);
    is_call(site) || bound.into_iter().any(|(body, expr)| is_call(Site { body, expr }))
}

/// What is awaited was cancelled before by this function, or is cancelled elsewhere in the file:
/// the exception comes from there.
pub(super) fn awaits_what_is_cancelled(cx: &Context<'_>, trap: &Trap, cancels: &[Cancel]) -> bool {
    if cancels.is_empty() {
        return false;
    }
    let body = cx.body(trap.body);
    let awaited = |id: ExprId| match body.kind(id) {
        ExprKind::Await(operand) => Some(operand),
        // `async for` and `async with` on the cancelled thing itself.
        _ if matches!(body.expr(id).usage, Usage::AsyncIterated | Usage::AsyncEntered) => Some(id),
        _ => None,
    };
    let awaited: Vec<Place> = body
        .exprs_in_block(trap.guarded)
        .filter_map(awaited)
        .flat_map(|operand| places(cx, trap.body, operand))
        .collect();
    let last = trap.suspensions.last().map_or(0, |&(_, span)| span.end);
    let is_cancelled = |awaited: &Place| {
        cancels.iter().any(|cancel| {
            let in_function = cancel.function == Some(trap.function);
            let is_before = !in_function || cx.span(cancel.site).start < last;
            is_before && cancel.cancelled.iter().any(|cancelled| cancelled.holds(awaited))
        })
    };
    awaited.iter().any(is_cancelled)
}

/// A timeout made by hand: the function cancels the task that it runs in, and its handler lets the
/// cancellations of others pass.
pub(super) fn cancels_itself(cx: &Context<'_>, trap: &Trap, cancels: &[Cancel]) -> bool {
    let body = cx.body(trap.body);
    let block = cx.function(trap.function).block;
    trap.exits.reraises
        && cancels.iter().any(|cancel| {
            cancel.is_own
                && cancel.site.body == trap.body
                && body.block_holds(block, body.expr(cancel.site.expr).stmt)
        })
}
