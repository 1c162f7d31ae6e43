//! `coroutine-as-value`

use asynclint_diagnostics::Level;
use asynclint_project::Callee;
use asynclint_semantic::{ExprId, ExprKind, Usage};

use crate::fixes;
use crate::misuse::{Kind, Made, Misuse};
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
    let used =
        |cx: &Context<'_>, site| !matches!(cx.usage(site), Usage::Awaited | Usage::Discarded);
    for site in cx.calls().filter(|&site| used(cx, site)).collect::<Vec<_>>() {
        let callee = cx.callee(site);
        let Some(made) = Made::by(cx, site, &callee) else { continue };
        let found = made.misuse(cx, site).or_else(|| beside_awaited(cx, site, made.kind));
        let Some(found) = found else { continue };
        let stmt = cx.body(site.body).expr(site.expr).stmt;
        if !cx.in_error_test(site.body, stmt)
            && !cx.is_told_apart(site)
            && !cx.resolver().runs_never(cx.module(), site.body, site.expr)
        {
            report(cx, site, &callee, made.kind, &found);
        }
    }
    let is_tested = |cx: &Context<'_>, site| cx.usage(site) == Usage::Tested;
    let attributes = cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. }));
    for site in attributes.filter(|&site| is_tested(cx, site)).collect::<Vec<_>>() {
        method_tested(cx, site);
    }
}

/// `if client.is_connected:`, where the method is a coroutine function and meant to be called.
fn method_tested(cx: &mut Context<'_>, site: Site) {
    let body = cx.body(site.body);
    let method = cx.resolver().function_value(cx.module(), site.body, site.expr);
    let Some(method) = method.filter(|&id| cx.resolver().project().function(id).is_async) else {
        return;
    };
    // A hook that is called where there is one.
    let name = body.last_name(site.expr);
    let stmt = body.expr(site.expr).stmt;
    if body.exprs_in(stmt).any(|id| body.called_name(id) == name) {
        return;
    }
    let written = cx.written(site);
    let callee = Callee::Known(method);
    let definition = cx.definition(&callee);
    let report = cx
        .report(cx.span(site), format!("coroutine function `{written}` is tested, not called"))
        .label("a function is always true")
        .help(format!("call it and await what it gives: `await {written}()`"));
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}

/// A coroutine that is an alternative to a value: nobody can take both alike.
fn beside_awaited(cx: &Context<'_>, site: Site, kind: Kind) -> Option<Misuse> {
    if kind != Kind::Coroutine {
        return None;
    }
    let (beside, note) = alternative(cx, site).or_else(|| {
        let sibling = returned_sibling(cx, site)?;
        Some((sibling, "elsewhere the same is awaited before it is returned"))
    })?;
    let why = match cx.usage(site) {
        Usage::Returned => "this returns the coroutine object, not its result",
        _ => "this is the coroutine object, not its result",
    };
    let evidence = Some((cx.module(), cx.span(beside), note.to_owned()));
    Some(Misuse { why: why.to_owned(), evidence })
}

/// `await f()` in `await f() or g()` and `await f() if x else g()`, and a value in `value or g()`,
/// where the whole goes on to something that does not ask which it got.
fn alternative(cx: &Context<'_>, site: Site) -> Option<(Site, &'static str)> {
    let body = cx.body(site.body);
    let whole = body.expr(site.expr).parent?;
    let others = match body.kind(whole) {
        ExprKind::Bool { is_and: false, left, right } if right == site.expr => vec![left],
        ExprKind::Conditional { branches, .. } => body.list(branches).to_vec(),
        _ => return None,
    };
    let function = cx.function_of(site)?;
    if cx.usage(Site { expr: whole, ..site }) == Usage::Awaited
        || cx.resolver().asks_for_colour(cx.reference(function))
    {
        return None;
    }
    let there = |expr| Site { expr, ..site };
    let awaited = others.iter().copied().find(|&id| matches!(body.kind(id), ExprKind::Await(_)));
    if let Some(awaited) = awaited {
        return Some((there(awaited), "the other value is awaited"));
    }
    // Whoever asks the condition again knows which one it is; behind `or` nobody does.
    let is_or = matches!(body.kind(whole), ExprKind::Bool { .. });
    let is_value = |&id: &ExprId| {
        body.kind(id) != ExprKind::None
            && cx.resolver().is_not_awaitable(cx.module(), site.body, id)
    };
    let value =
        others.into_iter().find(is_value).filter(|_| is_or && cx.function(function).is_async);
    value.map(|value| (there(value), "the other value is no awaitable"))
}

/// Another `return` of the function that awaits a call of the same callee.
fn returned_sibling(cx: &Context<'_>, site: Site) -> Option<Site> {
    if cx.usage(site) != Usage::Returned {
        return None;
    }
    let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
    if !cx.resolver().returns_as_written(cx.module(), function) {
        return None;
    }
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

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee, kind: Kind, found: &Misuse) {
    let written = cx.written(site);
    let definition = cx.definition(callee);
    let fix = fixes::add_await(cx, site);
    let (word, _) = kind.words();
    let mut report = cx
        .report(cx.span(site), format!("{word} `{written}` is used without `await`"))
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
