//! `unawaited-coroutine`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, Gives};
use asynclint_semantic::{ComprehensionKind, ExprId, ExprKind, Name, Usage};

use crate::coroutine_as_value::is_of_coroutines;
use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine is bound to a name, and nothing awaits it.
pub(crate) static UNAWAITED_COROUTINE: Lint = Lint {
    name: "unawaited-coroutine",
    summary: "a coroutine is kept in a name and never awaited or passed on",
    group: Group::Coroutines,
    page: include_str!("unawaited_coroutine.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    let body_of = |cx: &Context<'_>, site: Site| match cx.body(site.body).kind(site.expr) {
        ExprKind::Call { .. } => Some((site, false)),
        _ => element(cx, site).map(|call| (call, true)),
    };
    let is_value = |kind| {
        matches!(kind, ExprKind::Call { .. } | ExprKind::Comprehension(_) | ExprKind::List(_))
    };
    let bound = cx.sites(is_value).filter(|&site| cx.usage(site) == Usage::Bound);
    for site in bound.collect::<Vec<_>>() {
        let Some((call, is_collected)) = body_of(cx, site) else { continue };
        let callee = cx.callee(call);
        if cx.gives(&callee) != Gives::Coroutine {
            continue;
        }
        if let Some(name) = unused_local(cx, site, is_collected) {
            report(cx, call, &callee, name, is_collected);
        }
    }
}

/// The call that makes the elements of a list or comprehension, if one makes them all.
fn element(cx: &Context<'_>, site: Site) -> Option<Site> {
    let body = cx.body(site.body);
    let elements = if let ExprKind::List(list) = body.kind(site.expr) {
        list
    } else {
        let made = body.comprehension(site.expr)?;
        if !matches!(made.kind, ComprehensionKind::List | ComprehensionKind::Set) {
            return None;
        }
        made.elements
    };
    match body.list(elements) {
        [only] if matches!(body.kind(*only), ExprKind::Call { .. }) => {
            Some(Site { expr: *only, ..site })
        }
        _ => None,
    }
}

/// The local that the value is bound to, if nothing that it is used for can await it.
fn unused_local(cx: &Context<'_>, site: Site, is_collected: bool) -> Option<Name> {
    let local = cx.resolver().local_of(cx.module(), site.body, site.expr)?;
    let is_lost = local.reads.iter().all(|&id| is_harmless(cx, site, id, is_collected));
    (is_lost && !is_probed(cx, site)).then_some(local.name)
}

/// Whether a place that reads the name neither awaits what it holds nor hands it on.
fn is_harmless(cx: &Context<'_>, site: Site, id: ExprId, is_collected: bool) -> bool {
    let body = cx.body(site.body);
    match body.expr(id).usage {
        Usage::Tested | Usage::Compared | Usage::Operand | Usage::Formatted => true,
        Usage::Subscripted => !is_collected,
        Usage::Object => match body.expr(id).parent.map(|parent| body.kind(parent)) {
            Some(ExprKind::Attribute { name, .. }) => {
                !is_collected && !is_of_coroutines(cx.facts().outline.text(name))
            }
            _ => false,
        },
        // Counting or printing a list of coroutines runs none of them.
        Usage::Passed => {
            let callee = body.expr(id).parent.and_then(|call| body.callee(call));
            let taker = callee.map(|callee| body.kind(callee));
            matches!(taker, Some(ExprKind::Name(name))
                if matches!(cx.facts().outline.text(name), "len" | "print" | "bool"))
        }
        _ => false,
    }
}

/// Whether the function is there to see what happens to such a coroutine.
fn is_probed(cx: &Context<'_>, site: Site) -> bool {
    let stmt = cx.body(site.body).expr(site.expr).stmt;
    cx.in_error_test(site.body, stmt) || cx.resolver().runs_never(cx.module(), site.body, site.expr)
}

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee, name: Name, is_collected: bool) {
    let written = cx.written(site);
    let name = cx.facts().outline.text(name);
    let definition = cx.definition(callee);
    let (label, help) = if is_collected {
        (
            format!("`{name}` collects coroutines, and nothing awaits them"),
            format!("run them with `await asyncio.gather(*{name})`, or await each"),
        )
    } else {
        (
            format!("`{name}` holds the coroutine, and nothing awaits it or passes it on"),
            format!("add `await` before `{written}`"),
        )
    };
    let report = cx
        .report(cx.span(site), format!("coroutine `{written}` is never awaited"))
        .label(label)
        .help(help);
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}
