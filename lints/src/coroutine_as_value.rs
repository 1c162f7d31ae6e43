//! `coroutine-as-value`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, Gives};
use asynclint_semantic::{ExprKind, FunctionId, Usage};

use crate::fixes;
use crate::misuse::{Misuse, misuse};
use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine stands where its result was meant.
pub(crate) static COROUTINE_AS_VALUE: Lint = Lint {
    name: "coroutine-as-value",
    summary: "a coroutine is used where its result was meant",
    group: Group::Coroutines,
    page: include_str!("coroutine_as_value.md"),
    level: Level::Error,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    for site in cx.calls().collect::<Vec<_>>() {
        let Some(found) = misuse(cx, site).or_else(|| returned(cx, site)) else { continue };
        let callee = cx.callee(site);
        let stmt = cx.body(site.body).expr(site.expr).stmt;
        if cx.gives(&callee) == Gives::Coroutine
            && !cx.in_error_test(site.body, stmt)
            && !cx.resolver().runs_never(cx.module(), site.body, site.expr)
        {
            report(cx, site, &callee, &found);
        }
    }
}

/// A coroutine that a coroutine returns where a value was meant: whoever awaits it gets the
/// coroutine object.
fn returned(cx: &Context<'_>, site: Site) -> Option<Misuse> {
    if cx.usage(site) != Usage::Returned {
        return None;
    }
    let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
    if !cx.resolver().returns_as_written(cx.module(), function) {
        return None;
    }
    let why = "this returns the coroutine object, not its result".to_owned();
    if let Some(promise) = cx.resolver().promises_value(cx.module(), function) {
        let note = "this promises no awaitable".to_owned();
        return Some(Misuse { why, evidence: Some((cx.module(), promise, note)) });
    }
    let sibling = awaited_sibling(cx, site, function)?;
    let note = "elsewhere the same is awaited before it is returned".to_owned();
    Some(Misuse { why, evidence: Some((cx.module(), cx.span(sibling), note)) })
}

/// Another `return` of the function that awaits a call of the same callee.
fn awaited_sibling(cx: &Context<'_>, site: Site, function: FunctionId) -> Option<Site> {
    let body = cx.body(site.body);
    let callee = cx.callee(site);
    let awaited = |expr| match body.kind(expr) {
        ExprKind::Await(call) if body.expr(expr).usage == Usage::Returned => {
            Some(Site { expr: call, ..site })
        }
        _ => None,
    };
    let mut siblings = body.exprs_in_block(cx.function(function).block).filter_map(awaited);
    siblings
        .find(|&sibling| cx.function_of(sibling) == Some(function) && cx.callee(sibling) == callee)
}

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee, found: &Misuse) {
    let written = cx.written(site);
    let definition = cx.definition(callee);
    let fix = fixes::add_await(cx, site);
    let mut report = cx
        .report(cx.span(site), format!("coroutine `{written}` is used without `await`"))
        .label(&found.why)
        .help(format!("await it first: `(await {written}(...))`"))
        .fix(fix);
    if let Some((module, span, label)) = definition {
        report = report.evidence(module, span, label);
    }
    if let Some((module, span, note)) = &found.evidence {
        report.evidence(*module, *span, note);
    }
}
