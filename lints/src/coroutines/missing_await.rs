//! `missing-await`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, FunctionRef};
use asynclint_semantic::{ExprKind, Usage};

use crate::coroutines::advice;
use crate::coroutines::told_apart::is_told_apart;
use crate::fixes;
use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine is made and dropped.
pub(crate) static MISSING_AWAIT: Lint = Lint {
    name: "missing-await",
    summary: "a coroutine is called and never awaited: nothing runs",
    group: Group::Coroutines,
    page: include_str!("missing_await.md"),
    level: Level::Error,
    fix: Fixes::Unsafe,
    aliases: &["ASYNC105", "unused-coroutine", "unused-awaitable", "reportUnusedCoroutine"],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    let dropped = cx.calls().filter(|&site| cx.usage(site) == Usage::Discarded);
    for site in dropped.collect::<Vec<_>>() {
        let callee = cx.callee(site);
        if cx.gives_in_the_end(&callee).needs_await()
            && !is_for_show(cx, site, &callee)
            && !is_told_apart(cx, site)
            && !may_be_remade(cx, site, &callee)
            // Plain code that calls it is as good a witness as the annotation.
            && (cx.in_coroutine(site) || !matches!(callee, Callee::Declared(_)))
        {
            report(cx, site, &callee);
        }
    }
}

/// Calls that are there for the error they raise, that never run, or in tests those of a function
/// without code whose name speaks of awaiting: what is tested is what becomes of the coroutine.
fn is_for_show(cx: &Context<'_>, site: Site, callee: &Callee) -> bool {
    let stmt = cx.body(site.body).expr(site.expr).stmt;
    let is_empty = |function: FunctionRef| {
        let project = cx.resolver().project();
        project.function(function).class.is_none()
            && project.function_name(function).contains("await")
            && cx.resolver().does_nothing(function)
    };
    cx.in_error_test(site.body, stmt)
        || is_warned_of(cx, site)
        || cx.resolver().runs_never(cx.module(), site.body, site.expr)
        || matches!(callee, Callee::Known(function) if cx.is_in_test(site) && is_empty(*function))
}

/// Whether the call stands in a function within a test, and the test speaks of the warning that a
/// coroutine was never awaited: it runs that function to have it.
fn is_warned_of(cx: &Context<'_>, site: Site) -> bool {
    let Some(outer) = cx.function_of(site).and_then(|own| cx.with_outer(own).last()) else {
        return false;
    };
    cx.is_in_test(site)
        && cx.function_of(site) != Some(outer)
        && (!cx.facts().errors.is_empty() || {
            let own = cx.function(outer);
            let body = cx.body(own.body);
            body.exprs_in_block(own.block).any(|id| {
                matches!(body.kind(id), ExprKind::Str(Some(text))
                    if cx.facts().outline.text(text).contains("never awaited"))
            })
        })
}

/// A method that the project may have turned into one that runs the loop by itself when no loop
/// runs, or a function of a library that does so with its own.
fn may_be_remade(cx: &Context<'_>, site: Site, callee: &Callee) -> bool {
    let project = cx.resolver().project();
    let may_be = |callee: &Callee| match callee {
        Callee::Known(function) => {
            project.function(*function).class.is_some() && project.remakes_coroutine_functions()
        }
        Callee::External(name) => cx.catalog().runs_outside_coroutines(name),
        _ => false,
    };
    !cx.in_coroutine(site) && may_be(callee)
}

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee) {
    let written = cx.written(site);
    let help = advice::awaiting(cx, site, &written, || format!("add `await` before `{written}`"));
    let definition = cx.definition(callee);
    let fix = fixes::add_await(cx, site);
    let report = cx
        .report(cx.span(site), format!("coroutine `{written}` is never awaited"))
        .label("this call makes a coroutine and drops it: nothing runs")
        .help(help)
        .fix(fix);
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}
