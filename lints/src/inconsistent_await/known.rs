//! Calls of coroutine functions that hand the coroutine on, where the project awaits all others.

use asynclint_project::{Callee, Gives, Habit};
use asynclint_semantic::exits::Open;
use asynclint_semantic::{ExprKind, FunctionId, Paths, Usage};

use crate::misuse::{keeps, misuse};
use crate::{Context, Site};

/// Fewer awaited calls are no habit. Of calls that are known to give a coroutine, less will do
/// than of calls that are only written alike.
const MIN_AWAITED: u32 = 2;

/// Names in the annotations of parameters that may be given something to await.
const MAY_BE_AWAITED: &[&str] = &[
    "Any",
    "Awaitable",
    "AwaitableOrValue",
    "Callable",
    "Coroutine",
    "Future",
    "Generator",
    "MaybeAwaitable",
    "T",
    "Task",
    "object",
];

/// A call whose coroutine is handed on, with what the project does elsewhere.
pub(super) fn check(cx: &Context<'_>, site: Site) -> Option<Habit> {
    let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
    if !is_handed_on(cx, site, function) {
        return None;
    }
    let callee = cx.callee(site);
    let Callee::Known(coroutine) = callee else { return None };
    if cx.gives(&callee) != Gives::Coroutine {
        return None;
    }
    let habit = cx.resolver().habit_of(coroutine, cx.module())?;
    (habit.awaited >= MIN_AWAITED && super::is_nearly_all(habit.awaited, habit.plain))
        .then_some(habit)
}

/// Whether the coroutine goes where a value is more likely to be meant.
fn is_handed_on(cx: &Context<'_>, site: Site, function: FunctionId) -> bool {
    match cx.usage(site) {
        Usage::Bound => is_bound(cx, site, function),
        Usage::Returned => cx.resolver().returns_as_written(cx.module(), function),
        _ => takes_value(cx, site),
    }
}

/// Whether the value is an argument or the value of an entry that need not be a coroutine.
fn takes_value(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let Some(outer) = body.expr(site.expr).parent else { return false };
    match cx.usage(site) {
        Usage::Passed => {
            let taker = Site { expr: outer, ..site };
            let name = body.callee(outer).and_then(|callee| cx.last_name(site.body, callee));
            let is_for_values = match cx.callee(taker) {
                Callee::Unknown(_) => body.expr(outer).usage != Usage::Awaited,
                Callee::Known(_) | Callee::Class(_) => is_for_values(cx, taker, site),
                _ => false,
            };
            is_for_values && name.is_some_and(|name| !keeps(name))
        }
        Usage::Collected => matches!(body.kind(outer), ExprKind::Dict(_)),
        _ => false,
    }
}

/// Whether the parameter of a function of the project that takes the argument is neither annotated
/// as if it were for awaitables nor awaited or handed on to be run.
fn is_for_values(cx: &Context<'_>, taker: Site, argument: Site) -> bool {
    let resolver = cx.resolver();
    let Some((function, parameter)) =
        resolver.parameter_for(cx.module(), taker.body, taker.expr, argument.expr)
    else {
        return false;
    };
    let project = resolver.project();
    let facts = project.facts(function.module);
    let own = project.function(function);
    if let Some(annotation) = parameter.annotation {
        let home = facts.body(own.home);
        let within = home.span(annotation);
        let names_awaitable = home.expr_ids().any(|id| match home.kind(id) {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                within.contains(home.span(id)) && MAY_BE_AWAITED.contains(&facts.outline.text(name))
            }
            _ => false,
        });
        return !names_awaitable;
    }
    let body = facts.body(own.body);
    let reads = resolver.reads_of(function.module, own.body, own.scope, parameter.name);
    reads.into_iter().all(|read| match body.expr(read).usage {
        Usage::Passed => {
            body.expr(read).parent.and_then(|call| body.callee(call)).is_some_and(|callee| {
                match body.kind(callee) {
                    ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                        !keeps(facts.outline.text(name))
                    }
                    _ => false,
                }
            })
        }
        Usage::Awaited | Usage::Returned | Usage::Yielded | Usage::Collected | Usage::Unpacked => {
            false
        }
        _ => true,
    })
}

/// Whether the local that the value is bound to is handed on as a value, and nothing awaits it.
fn is_bound(cx: &Context<'_>, site: Site, function: FunctionId) -> bool {
    let Some(local) = cx.resolver().local_of(cx.module(), site.body, site.expr) else {
        return false;
    };
    if keeps(cx.facts().outline.text(local.name)) {
        return false;
    }
    let body = cx.body(site.body);
    let paths = Paths::of(body, cx.function(function).block, &Open);
    let reached = paths.from(body.expr(site.expr).stmt, |stmt| local.binders.contains(&stmt));
    let mut reads = local.reads.iter().map(|&expr| Site { expr, ..site });
    let mut is_handed_on = false;
    let is_value = reads.all(|read| {
        if cx.function_of(read) != Some(function) {
            return false;
        }
        if !reached.has(body.expr(read.expr).stmt) || misuse(cx, read).is_some() {
            return true;
        }
        let takes = takes_value(cx, read) || cx.usage(read) == Usage::Returned;
        is_handed_on |= takes;
        takes
    });
    is_value && is_handed_on
}
