//! `coroutine-as-value`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, Gives};
use asynclint_semantic::{ExprKind, Usage};

use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine stands where its result was meant.
pub(crate) static COROUTINE_AS_VALUE: Lint = Lint {
    name: "coroutine-as-value",
    summary: "a coroutine is used where its result was meant",
    group: Group::Coroutines,
    page: include_str!("coroutine_as_value.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    for site in cx.calls().collect::<Vec<_>>() {
        let Some(what) = misuse(cx, site) else { continue };
        let callee = cx.callee(site);
        let stmt = cx.body(site.body).expr(site.expr).stmt;
        if cx.gives(&callee) == Gives::Coroutine
            && !cx.in_error_test(site.body, stmt)
            && !cx.resolver().runs_never(cx.module(), site.body, site.expr)
        {
            report(cx, site, &callee, what);
        }
    }
}

/// What is done with the value of a call that no coroutine is good for.
fn misuse(cx: &Context<'_>, site: Site) -> Option<&'static str> {
    let body = cx.body(site.body);
    Some(match cx.usage(site) {
        Usage::Tested => "a coroutine is always true",
        Usage::Compared => "a coroutine equals nothing but itself",
        Usage::Operand => "a coroutine is no operand",
        Usage::Formatted => "this shows the coroutine object, not its result",
        Usage::Subscripted => "a coroutine has no items",
        Usage::Iterated => "a coroutine cannot be iterated",
        Usage::Object => {
            let attribute = body.expr(site.expr).parent?;
            let ExprKind::Attribute { name, .. } = body.kind(attribute) else { return None };
            let name = cx.facts().outline.text(name);
            if is_of_coroutines(name) {
                return None;
            }
            "a coroutine has no such attribute"
        }
        _ => return None,
    })
}

/// The attributes that coroutine objects have themselves.
pub(crate) fn is_of_coroutines(name: &str) -> bool {
    matches!(name, "close" | "send" | "throw") || name.starts_with("cr_") || name.starts_with("__")
}

fn report(cx: &mut Context<'_>, site: Site, callee: &Callee, what: &str) {
    let written = cx.written(site);
    let definition = cx.definition(callee);
    let report = cx
        .report(cx.span(site), format!("coroutine `{written}` is used without `await`"))
        .label(what)
        .help(format!("await it first: `(await {written}(...))`"));
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}
