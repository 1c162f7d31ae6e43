//! Calls of coroutine functions that hand the coroutine on, where the project awaits all others.

use asynclint_project::{Callee, Habit, LOOK_AT_TYPES, ModuleId};
use asynclint_semantic::{
    ArgumentKind, Body, ExprId, ExprKind, Facts, FunctionId, Name, StmtKind, Usage,
};

use crate::coroutines::bound::Bound;
use crate::coroutines::coroutine_as_value::tells_of_returned;
use crate::coroutines::misuse::{Kind, Made, keeps};
use crate::{Context, Site};

/// Fewer awaited calls are no habit. Of calls that are known to give a coroutine, less will do
/// than of calls that are only written alike.
const MIN_AWAITED: u32 = 1;

/// So many functions may hand an argument on to each other.
const MAX_HANDED: usize = 2;

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

/// How the names of classes of libraries end that hold data.
const OF_DATA: &[&str] = &["Config", "Embed", "Error", "Event", "Exception", "Message", "Request"];

/// A call whose coroutine is handed on, with what the project does elsewhere.
pub(super) fn check(cx: &Context<'_>, site: Site) -> Option<Habit> {
    let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
    let callee = cx.callee(site);
    if !matches!(callee, Callee::Known(_) | Callee::External(_)) {
        return None;
    }
    let made = Made::by(cx, site, &callee).filter(|made| made.kind == Kind::Coroutine)?;
    // Where a value is wanted for certain, `coroutine-as-value` says so.
    if !is_handed_on(cx, made, site, function) || made.misuse(cx, site).is_some() {
        return None;
    }
    if let Callee::Known(coroutine) = callee {
        let habit = cx.resolver().habit_of(coroutine)?;
        let is_habit = habit.calls.awaited >= MIN_AWAITED && super::is_nearly_all(habit.calls);
        // That the same name gets its result elsewhere says more than what others do.
        let is_replaced = || Bound::by(cx, site).is_some_and(|it| is_twin(cx, site, it.name));
        let is_told = || cx.usage(site) == Usage::Returned && tells_of_returned(cx, site);
        return ((is_habit || is_replaced()) && !is_told()).then_some(habit);
    }
    // Of a library's coroutine function the calls count that are written alike.
    let (habit, near) = cx.resolver().project().habit(cx.module(), site.body, site.expr)?;
    super::is_strong(habit.calls, near).then_some(habit)
}

/// Whether the coroutine goes where a value is more likely to be meant.
fn is_handed_on(cx: &Context<'_>, made: Made, site: Site, function: FunctionId) -> bool {
    match cx.usage(site) {
        Usage::Bound => is_bound(cx, made, site),
        Usage::Returned => cx.resolver().returns_as_written(cx.module(), function),
        Usage::Stored => is_entry(cx, site) || is_attribute(cx, site),
        _ => takes_value(cx, site),
    }
}

/// Whether the value becomes an entry of what is not named after coroutines: `row["body"] = ...`.
fn is_entry(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let StmtKind::Assign { targets, .. } = &body.stmt(body.expr(site.expr).stmt).kind else {
        return false;
    };
    let [target] = body.list(*targets) else { return false };
    let ExprKind::Subscript { value, index } = body.kind(*target) else { return false };
    let is_key = body.list(index).iter().all(|&id| matches!(body.kind(id), ExprKind::Str(Some(_))));
    is_key && cx.last_name(site.body, value).is_some_and(|name| !keeps(name))
}

/// Whether the value becomes an attribute that is not named after coroutines, and that no code of
/// the file awaits, hands on or stores elsewhere: `reply.result = ...`.
fn is_attribute(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let StmtKind::Assign { targets, .. } = &body.stmt(body.expr(site.expr).stmt).kind else {
        return false;
    };
    let [target] = body.list(*targets) else { return false };
    let ExprKind::Attribute { name, .. } = body.kind(*target) else { return false };
    let is_value = |read: Site| match cx.usage(read) {
        Usage::Target | Usage::Identified | Usage::Object => true,
        Usage::Passed => is_passed_on(cx.facts(), cx.body(read.body), read.expr),
        usage => usage.is_of_value(),
    };
    let is_it = |&read: &Site| match cx.body(read.body).kind(read.expr) {
        ExprKind::Attribute { name: other, .. } => other == name,
        _ => false,
    };
    let attributes = cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. }));
    !keeps(cx.facts().outline.text(name)) && attributes.filter(is_it).all(is_value)
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
                // What is awaited may run what it is given, which mostly comes first.
                Callee::Unknown(_) => {
                    (body.expr(outer).usage != Usage::Awaited || !is_first(cx, taker, site))
                        && !takes_coroutines(cx, taker, site)
                }
                Callee::Known(_) | Callee::Class(_) => {
                    is_for_values(cx, (cx.module(), taker), site.expr, MAX_HANDED)
                }
                Callee::External(name) => OF_DATA.iter().any(|end| name.ends_with(end)),
                Callee::Declared(_) => false,
            };
            is_for_values && name.is_some_and(|name| !keeps(name))
        }
        Usage::Collected => {
            matches!(body.kind(outer), ExprKind::Dict(_))
                && !is_walked_later(cx, Site { expr: outer, ..site })
        }
        _ => false,
    }
}

/// Whether the dict is bound to a local that is named after coroutines, or whose values something
/// takes all together: `gather(*fetches.values())`.
fn is_walked_later(cx: &Context<'_>, dict: Site) -> bool {
    let Some(bound) = Bound::by(cx, dict) else { return false };
    let body = cx.body(dict.body);
    let is_walked = |read: &Site| {
        let method = body.expr(read.expr).parent.and_then(|id| body.last_name(id));
        let method = method.map(|name| cx.facts().outline.text(name));
        cx.usage(*read) == Usage::Object && matches!(method, Some("items" | "values"))
    };
    keeps(cx.facts().outline.text(bound.name)) || bound.reads.iter().any(is_walked)
}

/// Whether another call of that name in the file is given a coroutine in the same place:
/// `timed("fetch", self.fetch(), timings)` is what runs them.
fn takes_coroutines(cx: &Context<'_>, taker: Site, argument: Site) -> bool {
    let body = cx.body(taker.body);
    let name = body.called_name(taker.expr);
    let arguments = body.arguments(taker.expr);
    let Some(place) = arguments.iter().position(|it| it.value == argument.expr) else {
        return false;
    };
    cx.calls().filter(|&other| other != taker).any(|other| {
        let body = cx.body(other.body);
        body.called_name(other.expr) == name
            && body.arguments(other.expr).get(place).is_some_and(|it| {
                it.kind == arguments[place].kind
                    && matches!(body.kind(it.value), ExprKind::Call { .. })
                    && cx.resolver().is_coroutine(cx.module(), other.body, it.value)
            })
    })
}

/// Whether the argument is the first of the call, or has a name that is for coroutines.
fn is_first(cx: &Context<'_>, taker: Site, argument: Site) -> bool {
    let arguments = cx.body(taker.body).arguments(taker.expr);
    let Some(position) = arguments.iter().position(|it| it.value == argument.expr) else {
        return true;
    };
    match arguments[position].kind {
        ArgumentKind::Positional => position == 0,
        ArgumentKind::Keyword(name) => keeps(cx.facts().outline.text(name)),
        _ => true,
    }
}

/// Whether the parameter of a function of the project that takes the argument is neither annotated
/// as if it were for awaitables nor awaited or handed on to be run.
fn is_for_values(
    cx: &Context<'_>,
    (module, taker): (ModuleId, Site),
    argument: ExprId,
    handed: usize,
) -> bool {
    let resolver = cx.resolver();
    let Some((function, parameter)) =
        resolver.parameter_for(module, taker.body, taker.expr, argument)
    else {
        return false;
    };
    let project = resolver.project();
    let facts = project.facts(function.module);
    let own = project.function(function);
    if let Some(annotation) = parameter.annotation {
        let home = facts.body(own.home);
        let mut names = home.exprs_below(annotation).filter_map(|id| home.last_name(id));
        return !names.any(|name| MAY_BE_AWAITED.contains(&facts.outline.text(name)));
    }
    if keeps(facts.outline.text(parameter.name)) {
        return false;
    }
    let body = facts.body(own.body);
    let reads = resolver.reads_of(function.module, own.body, own.scope, parameter.name);
    // What hands it on to another function of the project is as that one.
    let is_passed = |read: ExprId| {
        let call = body.expr(read).parent.map(|expr| Site { body: own.body, expr });
        is_passed_on(facts, body, read)
            && call.is_none_or(|call| {
                let callee = resolver.callee(function.module, call.body, call.expr);
                handed == 0
                    || !matches!(callee, Callee::Known(_))
                    || is_for_values(cx, (function.module, call), read, handed - 1)
            })
    };
    reads.into_iter().all(|read| match body.expr(read).usage {
        Usage::Passed => is_passed(read),
        // `array([value])`
        Usage::Collected => body.expr(read).parent.is_some_and(|outer| {
            matches!(body.kind(outer), ExprKind::List(_) | ExprKind::Tuple(_))
                && body.expr(outer).usage == Usage::Passed
                && is_passed_on(facts, body, outer)
        }),
        Usage::Awaited | Usage::Returned | Usage::Yielded | Usage::Unpacked => false,
        _ => true,
    })
}

/// Whether the name of what takes the argument is not one that keeps coroutines.
fn is_passed_on(facts: &Facts, body: &Body, argument: ExprId) -> bool {
    let taker = body.expr(argument).parent.and_then(|call| body.called_name(call));
    taker.is_some_and(|name| !keeps(facts.outline.text(name)))
}

/// Whether the local that the value is bound to is handed on as a value, and nothing awaits it.
fn is_bound(cx: &Context<'_>, made: Made, site: Site) -> bool {
    let Some(bound) = Bound::by(cx, site) else { return false };
    if keeps(cx.facts().outline.text(bound.name)) {
        return false;
    }
    if stands_for_value(cx, site, bound.name) {
        return !bound.reads.is_empty() && bound.reads.iter().all(|&read| runs_nothing(cx, read));
    }
    let is_handed_on = |read: Site| takes_value(cx, read) || cx.usage(read) == Usage::Returned;
    let is_value = |read: Site| made.misuse(cx, read).is_none();
    let mut of_use = bound.reads.into_iter().filter(|&read| is_value(read)).peekable();
    of_use.peek().is_some() && of_use.all(is_handed_on)
}

/// Whether the name that the call is bound to holds a value elsewhere: it is an argument of the
/// call itself, as in `price = convert(price)`, or another statement of the function binds it to the
/// awaited result of the same call.
fn stands_for_value(cx: &Context<'_>, site: Site, name: Name) -> bool {
    let body = cx.body(site.body);
    let is_name = |id: ExprId| body.kind(id) == ExprKind::Name(name);
    body.arguments(site.expr).iter().any(|it| is_name(it.value)) || is_twin(cx, site, name)
}

/// Whether another statement of the function binds the name to the awaited result of the same call.
fn is_twin(cx: &Context<'_>, site: Site, name: Name) -> bool {
    let body = cx.body(site.body);
    let is_name = |id: ExprId| body.kind(id) == ExprKind::Name(name);
    let Some(function) = cx.function_of(site) else { return false };
    let callee = cx.callee(site);
    body.stmts_in_block(cx.function(function).block).any(|stmt| match &body.stmt(stmt).kind {
        StmtKind::Assign { targets, value } => match (body.list(*targets), body.kind(*value)) {
            ([only], ExprKind::Await(call)) if is_name(*only) => {
                cx.callee(Site { expr: call, ..site }) == callee
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether the place that reads the name neither awaits what it holds nor hands it to what asks for
/// coroutines or runs them.
fn runs_nothing(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let parent = body.expr(read.expr).parent;
    match cx.usage(read) {
        Usage::Awaited | Usage::Yielded => false,
        Usage::Collected => {
            parent.is_some_and(|outer| matches!(body.kind(outer), ExprKind::Dict(_)))
        }
        Usage::Passed => parent.is_some_and(|call| {
            let taker = body.called_name(call).map(|name| cx.facts().outline.text(name));
            match taker {
                Some("isinstance") => !body.exprs_below(call).any(|id| {
                    cx.last_name(read.body, id).is_some_and(|name| MAY_BE_AWAITED.contains(&name))
                }),
                Some(name) => !keeps(name) && !LOOK_AT_TYPES.contains(&name),
                None => false,
            }
        }),
        _ => true,
    }
}
