//! `shielded-without-reference`

use asynclint_diagnostics::Level;
use asynclint_project::{Gives, Started};
use asynclint_semantic::{ExprKind, Usage};

use crate::{Context, Fixes, Group, Lint, Site};

/// A shielded task that only the shield knows.
pub(crate) static SHIELDED_WITHOUT_REFERENCE: Lint = Lint {
    name: "shielded-without-reference",
    summary: "after a cancellation nothing can wait for what `shield` keeps running",
    group: Group::Tasks,
    page: include_str!("shielded_without_reference.md"),
    level: Level::Note,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    for site in cx.calls().collect::<Vec<_>>() {
        if cx.library_name(site).as_deref() != Some("asyncio.shield") || !is_awaited(cx, site) {
            continue;
        }
        let first = cx.body(site.body).arguments(site.expr).first();
        let Some(inner) = first.map(|first| Site { expr: first.value, ..site }) else { continue };
        if is_made_here(cx, inner) {
            report(cx, site, inner);
        }
    }
}

/// Whether the call is awaited, at once or behind a timeout.
fn is_awaited(cx: &Context<'_>, site: Site) -> bool {
    match cx.usage(site) {
        Usage::Awaited => true,
        Usage::Passed => {
            let outer = cx.body(site.body).expr(site.expr).parent;
            outer.map(|expr| Site { expr, ..site }).is_some_and(|outer| {
                cx.library_name(outer).as_deref() == Some("asyncio.wait_for")
                    && cx.usage(outer) == Usage::Awaited
            })
        }
        _ => false,
    }
}

/// Whether the expression makes the coroutine or the task, so that nothing else names it.
fn is_made_here(cx: &Context<'_>, inner: Site) -> bool {
    let body = cx.body(inner.body);
    let there = |expr| Site { expr, ..inner };
    match body.kind(inner.expr) {
        ExprKind::Call { .. } => {}
        // The elements of what is unpacked for `gather`.
        ExprKind::List(list) | ExprKind::Tuple(list) => {
            return body.list(list).iter().any(|&element| is_made_here(cx, there(element)));
        }
        ExprKind::Comprehension(_) => {
            let elements = body.comprehension(inner.expr).map(|made| body.list(made.elements));
            return elements.is_some_and(|elements| {
                elements.iter().any(|&element| is_made_here(cx, there(element)))
            });
        }
        _ => return false,
    }
    // `wait` waits for tasks that have names, and leaves them as they are. A sleep leaves nothing
    // undone.
    if matches!(cx.library_name(inner).as_deref(), Some("asyncio.sleep" | "asyncio.wait")) {
        return false;
    }
    match cx.resolver().started(cx.module(), inner.body, inner.expr) {
        Some(Started::Task | Started::HandedBack { .. }) => true,
        Some(Started::Gather) => {
            let mut arguments = body.arguments(inner.expr).iter();
            arguments.any(|argument| is_made_here(cx, there(argument.value)))
        }
        _ => cx.gives(&cx.callee(inner)) == Gives::Coroutine,
    }
}

fn report(cx: &mut Context<'_>, site: Site, inner: Site) {
    let written = cx.written(site);
    let (span, made) = (cx.span(site), cx.span(inner));
    cx.report(span, format!("nothing but `{written}` knows the task that it protects"))
        .label("a cancellation ends this await; the task runs on, and nobody can wait for it")
        .evidence_here(made, "made here and held by nothing else")
        .help(format!(
            "keep the task, `task = asyncio.create_task(...)`, shield it with \
             `await {written}(task)`, and await `task` where a cancellation is handled"
        ));
}
