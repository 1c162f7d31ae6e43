//! `coroutine-as-value`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, Gives};
use asynclint_semantic::{ExprId, ExprKind, Usage};

use crate::coroutines::advice;
use crate::coroutines::misuse::{Kind, Made, Misuse};
use crate::coroutines::told_apart::is_told_apart;
use crate::fixes;
use crate::{Context, Fixes, Group, Lint, Site};

mod returned;

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
            && !is_told_apart(cx, site)
            && !cx.resolver().runs_never(cx.module(), site.body, site.expr)
        {
            report(cx, site, &callee, made.kind, &found);
        }
    }
    let attributes = cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. }));
    for site in attributes.filter(|&site| cx.usage(site).is_of_value()).collect::<Vec<_>>() {
        if cx.usage(site) == Usage::Tested {
            method_tested(cx, site);
        } else {
            method_of_library_used(cx, site);
        }
        if cx.in_coroutine(site) {
            property_used(cx, site);
        }
    }
}

/// `if not message.buttons:`, where the property is a coroutine function.
fn property_used(cx: &mut Context<'_>, site: Site) {
    let resolver = cx.resolver();
    let Some(property) = resolver.async_property(cx.module(), site.body, site.expr) else { return };
    let Some(found) = Made::by_property(site).misuse(cx, site) else { return };
    let stmt = cx.body(site.body).expr(site.expr).stmt;
    if cx.in_error_test(site.body, stmt) || resolver.runs_never(cx.module(), site.body, site.expr) {
        return;
    }
    let written = cx.written(site);
    let definition = cx.definition(&Callee::Known(property));
    let report = cx
        .report(cx.span(site), format!("coroutine `{written}` is used without `await`"))
        .label(&found.why)
        .help(format!("await what the property gives: `(await {written})`"));
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
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

/// `f"{response.text}"` and `response.json["user"]`, where the method of a library's object gives an
/// awaitable and is a property in libraries that are like it.
fn method_of_library_used(cx: &mut Context<'_>, site: Site) {
    let is_shown = matches!(
        cx.usage(site),
        Usage::Formatted | Usage::Iterated | Usage::Operand | Usage::Subscripted
    );
    let (resolver, module) = (cx.resolver(), cx.module());
    if !is_shown
        || cx.is_in_test(site)
        || !cx.in_coroutine(site)
        || resolver.is_class_attribute(module, site.body, site.expr)
    {
        return;
    }
    let callee = resolver.callee_of_value(module, site.body, site.expr);
    let is_coroutine = matches!(&callee, Callee::External(name)
        if cx.catalog().call(name).is_some() && cx.gives_in_the_end(&callee) == Gives::Coroutine);
    if !is_coroutine || resolver.runs_never(module, site.body, site.expr) {
        return;
    }
    let written = cx.written(site);
    cx.report(cx.span(site), format!("coroutine function `{written}` is used, not called"))
        .label("this is the method itself, not what it gives")
        .help(format!("call it and await what it gives: `await {written}()`"));
}

/// A coroutine that stands beside values, or is returned where its result was meant: nobody can
/// take both alike.
fn beside_awaited(cx: &Context<'_>, site: Site, kind: Kind) -> Option<Misuse> {
    if kind != Kind::Coroutine {
        return None;
    }
    let beside = alternative(cx, site).map(|(beside, note)| (cx.module(), cx.span(beside), note));
    let (module, span, note) = beside.or_else(|| returned::evidence(cx, site))?;
    let why = match cx.usage(site) {
        Usage::Returned => "this returns the coroutine object, not its result",
        Usage::Yielded => "this yields the coroutine object, not its result",
        _ => "this is the coroutine object, not its result",
    };
    Some(Misuse { why: why.to_owned(), evidence: Some((module, span, note.to_owned())) })
}

/// Whether the lint tells of the coroutine that is returned at `site`.
pub(super) fn tells_of_returned(cx: &Context<'_>, site: Site) -> bool {
    cx.usage(site) == Usage::Returned && returned::evidence(cx, site).is_some()
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

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee, kind: Kind, found: &Misuse) {
    let written = cx.written(site);
    let definition = cx.definition(callee);
    let fix = fixes::add_await(cx, site);
    let (word, _) = kind.words();
    let help = advice::awaiting(cx, site, &written, || {
        let in_list = if fixes::is_in_generator(cx, site) {
            ", in a list and not in a generator, which an `await` makes asynchronous"
        } else {
            ""
        };
        format!("await it first: `(await {written}(...))`{in_list}")
    });
    let mut report = cx
        .report(cx.span(site), format!("{word} `{written}` is used without `await`"))
        .label(&found.why)
        .help(help)
        .fix(fix);
    if let Some((module, span, label)) = definition {
        report = report.evidence(module, span, label);
    }
    if let Some((module, span, note)) = &found.evidence {
        report.evidence(*module, *span, note);
    }
}
