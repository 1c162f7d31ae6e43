//! `inconsistent-await`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, Counts, FunctionRef, Gives, Habit, Reason};
use asynclint_semantic::{ExprKind, StmtKind, Usage};

use crate::coroutines::told_apart::is_told_apart;
use crate::{Context, Fixes, Group, Lint, Site};

use self::by_name::ByName;

mod by_name;
mod known;
mod objects;
mod overriding;

/// A call is not awaited that the project awaits everywhere else.
pub(crate) static INCONSISTENT_AWAIT: Lint = Lint {
    name: "inconsistent-await",
    summary: "a call is not awaited here, while calls like it are awaited everywhere else",
    group: Group::Coroutines,
    page: include_str!("inconsistent_await.md"),
    level: Level::Note,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

/// Fewer awaited calls are no habit.
const MIN_AWAITED: u32 = 3;

/// So many other calls that are not awaited tell an object that is not asynchronous.
const MIN_PLAIN: u32 = 2;

/// Of ten calls nine at least are awaited.
const AWAITED_IN_TEN: u32 = 9;

fn check(cx: &mut Context<'_>) {
    let calls: Vec<Site> = cx.calls().filter(|&site| cx.in_coroutine(site)).collect();
    for site in calls {
        let habit = |habit| Some(ByName::Habit(habit));
        let evidence = match cx.usage(site) {
            Usage::Discarded => unknown(cx, site)
                .or_else(|| objects::habit(cx, site).and_then(habit))
                .or_else(|| overriding::habit(cx, site).and_then(habit)),
            Usage::Tested | Usage::Compared | Usage::Operand => unknown(cx, site),
            Usage::Bound => known::check(cx, site).and_then(habit).or_else(|| {
                // What becomes of a local is asked last: a function may have thousands.
                unknown(cx, site).filter(|_| by_name::is_bound_as_value(cx, site))
            }),
            Usage::Returned => {
                let unknown = || is_unresolved(cx, site).then(|| by_name::returned(cx, site));
                known::check(cx, site)
                    .or_else(|| overriding::habit(cx, site))
                    .or_else(|| unknown().flatten())
                    .and_then(habit)
            }
            Usage::Passed | Usage::Collected | Usage::Stored => {
                known::check(cx, site).and_then(habit)
            }
            _ => None,
        };
        let evidence = evidence.filter(|_| !is_for_show(cx, site) && !is_told_apart(cx, site));
        match evidence {
            Some(ByName::Habit(habit)) => report(cx, site, habit),
            Some(ByName::Definition(method)) => report_method(cx, site, method),
            None => {}
        }
    }
}

/// A call of something unknown that is meant for its result.
fn unknown(cx: &Context<'_>, site: Site) -> Option<ByName> {
    // What others do is asked last: it takes the project to answer.
    if !is_unresolved(cx, site) {
        return None;
    }
    let alike = cx.resolver().project().habit(cx.module(), site.body, site.expr);
    let alike = alike.filter(|&(habit, near)| is_strong(habit.calls, near));
    let alike = alike.map(|(habit, _)| ByName::Habit(habit));
    let evidence = alike.or_else(|| by_name::evidence(cx, site))?;
    (!is_plain_object(cx, site)).then_some(evidence)
}

/// Whether nearly all other calls are awaited, and so are those of the neighbours: in another
/// folder the name may stand for another thing.
fn is_strong(all: Counts, near: Counts) -> bool {
    all.awaited >= MIN_AWAITED && near.awaited > 0 && is_nearly_all(all) && is_nearly_all(near)
}

/// Whether all but one of ten calls are awaited, beside the one that is looked at.
fn is_nearly_all(calls: Counts) -> bool {
    calls.awaited * 10 >= others(calls) * AWAITED_IN_TEN
}

/// How many calls there are beside the one that is looked at.
fn others(calls: Counts) -> u32 {
    calls.awaited + calls.plain.saturating_sub(1)
}

/// Whether nothing is known of what is called. Where several things are known that differ, the
/// call may be any of them.
fn is_unresolved(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let receiver = body.callee(site.expr).and_then(|callee| match body.kind(callee) {
        ExprKind::Attribute { value, .. } => Some(value),
        _ => None,
    });
    // A mock that a test makes stands for something else in each test.
    let maker = receiver.map(|id| cx.resolver().maker(cx.module(), site.body, id));
    let made = maker.and_then(|expr| cx.library_name(Site { expr, ..site }));
    if made.is_some_and(|name| name.starts_with("unittest.mock.") || name.starts_with("mock.")) {
        return false;
    }
    // A class for tests, and what a plain `with` opens, are other things than what is awaited.
    let class = maker.and_then(|made| cx.last_name(site.body, body.callee(made)?));
    if class.is_some_and(|class| class.contains("Mock") || class.contains("Fake"))
        || receiver.is_some_and(|id| is_opened(cx, Site { expr: id, ..site }))
    {
        return false;
    }
    let callee = cx.callee(site);
    match &callee {
        Callee::Unknown(reason) => !matches!(
            reason,
            Reason::AttributeAndMethod
                | Reason::Disagreement
                | Reason::OverridesDisagree
                | Reason::Replaced
                | Reason::SyntaxError
                | Reason::UnknownDecorator
        ),
        Callee::External(name) => match cx.gives(&callee) {
            // Work that a library has begun by itself may be meant to go on alone.
            Gives::Started => cx.usage(site) == Usage::Discarded && !name.starts_with("asyncio."),
            gives => matches!(gives, Gives::Unknown(_)),
        },
        _ => false,
    }
}

/// Whether a plain `with` around the statement binds the name.
fn is_opened(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let ExprKind::Name(name) = body.kind(site.expr) else { return false };
    body.enclosing(body.expr(site.expr).stmt).any(|outer| match &body.stmt(outer).kind {
        StmtKind::With { is_async: false, items, .. } => items.iter().any(|item| {
            item.target.is_some_and(|target| body.kind(target) == ExprKind::Name(name))
        }),
        _ => false,
    })
}

/// Whether the object is an attribute of `self` none of whose calls the class awaits, although it
/// calls something else of it: the name means another thing here than elsewhere.
fn is_plain_object(cx: &Context<'_>, site: Site) -> bool {
    let outline = &cx.facts().outline;
    let class_of = |site: Site| {
        let functions = std::iter::successors(cx.function_of(site), |&id| {
            outline.function_of(outline.function(id).home_scope)
        });
        functions.into_iter().find_map(|id| outline.function(id).class)
    };
    // The attribute of `self` whose method is called, and the method.
    let called = |site: Site| {
        let body = cx.body(site.body);
        let ExprKind::Attribute { value, name: method } = body.kind(body.callee(site.expr)?) else {
            return None;
        };
        let ExprKind::Attribute { value: object, name } = body.kind(value) else { return None };
        (cx.last_name(site.body, object) == Some("self")).then_some((name, method))
    };
    if is_awaited_itself(cx, site) {
        return true;
    }
    let (Some(class), Some((name, method))) = (class_of(site), called(site)) else { return false };
    let mut others = 0;
    for other in cx.calls() {
        let Some((_, called)) = called(other).filter(|&(object, _)| object == name) else {
            continue;
        };
        if class_of(other) != Some(class) {
            continue;
        }
        if cx.usage(other) == Usage::Awaited {
            return false;
        }
        others += u32::from(called != method);
    }
    others >= MIN_PLAIN
}

/// Whether the function awaits the object itself: a task or future, whose methods are plain.
fn is_awaited_itself(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let object = body.callee(site.expr).and_then(|callee| match body.kind(callee) {
        ExprKind::Attribute { value, .. } => Some(value),
        _ => None,
    });
    let Some(object) = object.and_then(|id| cx.dotted(site.body, id)) else { return false };
    body.expr_ids().any(|id| match body.kind(id) {
        ExprKind::Await(inner) => cx.dotted(site.body, inner).as_deref() == Some(&object),
        _ => false,
    })
}

/// Calls that are there for the error they raise, or that never run.
fn is_for_show(cx: &Context<'_>, site: Site) -> bool {
    let stmt = cx.body(site.body).expr(site.expr).stmt;
    cx.in_error_test(site.body, stmt) || cx.resolver().runs_never(cx.module(), site.body, site.expr)
}

fn report(cx: &mut Context<'_>, site: Site, habit: Habit) {
    let written = cx.written(site);
    let others = others(habit.calls);
    let counted = match habit.calls.awaited {
        awaited if awaited == others => format!("all {others} other calls like it are awaited"),
        awaited => format!("{awaited} of {others} other calls like it are awaited"),
    };
    let (module, span) = habit.example;
    cx.report(cx.span(site), format!("`{written}` is not awaited here, as it is elsewhere"))
        .label(counted)
        .help(format!("if it is a coroutine, add `await` before `{written}`"))
        .evidence(module, span, "one of them");
}

fn report_method(cx: &mut Context<'_>, site: Site, method: FunctionRef) {
    let written = cx.written(site);
    let definition = cx.definition(&Callee::Known(method));
    let report = cx
        .report(cx.span(site), format!("`{written}` is not awaited here"))
        .label("all methods of that name in the project are coroutine functions")
        .help(format!("if it is one of them, add `await` before `{written}`"));
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}
