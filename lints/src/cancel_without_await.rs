//! `cancel-without-await`

mod holders;

use asynclint_diagnostics::Level;
use asynclint_project::Callee;
use asynclint_semantic::exits::Open;
use asynclint_semantic::{ExprId, ExprKind, FunctionId, Paths, Usage};

use crate::{Context, Fixes, Group, Lint, Site};
use holders::{Held, held_by};

/// A task that is asked to stop, and nobody waits until it has.
pub(crate) static CANCEL_WITHOUT_AWAIT: Lint = Lint {
    name: "cancel-without-await",
    summary: "a task is cancelled and nothing waits until it has ended",
    group: Group::Tasks,
    page: include_str!("cancel_without_await.md"),
    level: Level::Note,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    let mut paths: Option<(FunctionId, Paths<'_>)> = None;
    for site in cx.calls().collect::<Vec<_>>() {
        let Some(receiver) = cancelled(cx, site) else { continue };
        let Some(function) = cx.function_of(site).filter(|&id| cx.function(id).is_async) else {
            continue;
        };
        let Some(held) = held_by(cx, function, receiver) else { continue };
        if held.is_shared(cx, function) || is_run_as_main(cx, function) || cx.in_test(function) {
            continue;
        }
        let body = cx.body(site.body);
        let paths = match &paths {
            Some((known, paths)) if *known == function => paths,
            _ => {
                let found = Paths::of(body, cx.function(function).block, &Open);
                &paths.insert((function, found)).1
            }
        };
        if !is_waited_for(cx, paths, site, &held) && !has_ended(cx, paths, site, &held) {
            report(cx, site, receiver, &held);
        }
    }
}

/// The name on which the call calls `cancel`.
fn cancelled(cx: &Context<'_>, site: Site) -> Option<Site> {
    let body = cx.body(site.body);
    let ExprKind::Attribute { value, name } = body.kind(body.callee(site.expr)?) else {
        return None;
    };
    let is_cancel = cx.facts().outline.text(name) == "cancel";
    let is_name = matches!(body.kind(value), ExprKind::Name(_));
    (is_cancel && is_name).then_some(Site { expr: value, ..site })
}

/// Whether a later read of what holds the task may wait for it.
fn is_waited_for(cx: &Context<'_>, paths: &Paths<'_>, site: Site, held: &Held) -> bool {
    let body = cx.body(site.body);
    let stmt = body.expr(site.expr).stmt;
    let later = paths.from(stmt, |passed| held.bound.contains(&passed));
    let is_later = |id: ExprId| {
        let own = body.expr(id).stmt;
        (own == stmt && body.span(id).start > body.span(site.expr).start) || later.has(own)
    };
    held.reads.iter().any(|&read| is_later(read) && !holders::is_glance(cx, site.body, read))
}

/// Whether every way to the call awaits the task first, so that there is nothing left to cancel.
fn has_ended(cx: &Context<'_>, paths: &Paths<'_>, site: Site, held: &Held) -> bool {
    let body = cx.body(site.body);
    let stmt = body.expr(site.expr).stmt;
    let is_awaited = |&&read: &&ExprId| body.expr(read).usage == Usage::Awaited;
    let awaited: Vec<_> =
        held.reads.iter().filter(is_awaited).map(|&id| body.expr(id).stmt).collect();
    held.collection.is_none()
        && !awaited.is_empty()
        && held.bound.iter().all(|&bound| {
            bound == stmt || !paths.from(bound, |passed| awaited.contains(&passed)).has(stmt)
        })
}

/// Whether the file gives the coroutine to `asyncio.run`, which ends every task after it.
fn is_run_as_main(cx: &Context<'_>, function: FunctionId) -> bool {
    cx.calls().any(|site| {
        let Some(first) = cx.body(site.body).arguments(site.expr).first() else { return false };
        let argument = Site { expr: first.value, ..site };
        let is_call = matches!(cx.body(site.body).kind(first.value), ExprKind::Call { .. });
        is_call
            && cx.callee(argument) == Callee::Known(cx.reference(function))
            && cx.library_name(site).as_deref() == Some("asyncio.run")
    })
}

fn report(cx: &mut Context<'_>, site: Site, receiver: Site, held: &Held) {
    let name = cx.dotted(receiver.body, receiver.expr).unwrap_or_default();
    let (what, wait) = match &held.collection {
        Some(collection) => (
            format!("the tasks in `{collection}` are"),
            format!("await asyncio.gather(*{collection}, return_exceptions=True)"),
        ),
        None => (
            format!("`{name}` is"),
            format!("await asyncio.gather({name}, return_exceptions=True)"),
        ),
    };
    let span = cx.span(site);
    cx.report(span, format!("{what} cancelled and never awaited"))
        .label("`cancel` only asks: the task still has to run to raise, clean up and end")
        .evidence_here(held.started, "started here")
        .help(format!("wait until it has ended: `{wait}`"));
}
