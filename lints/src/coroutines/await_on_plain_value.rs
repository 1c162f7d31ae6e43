//! `await-on-plain-value`

use asynclint_diagnostics::Level;
use asynclint_project::Plain;
use asynclint_semantic::{ExprId, ExprKind, StmtKind, Usage};

use crate::coroutines::protocols::is_for_show;
use crate::{Context, Fixes, Group, Lint, Site};

/// Something is awaited that is no awaitable.
pub(crate) static AWAIT_ON_PLAIN_VALUE: Lint = Lint {
    name: "await-on-plain-value",
    summary: "a call is awaited that gives nothing to await",
    group: Group::Coroutines,
    page: include_str!("await_on_plain_value.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    let awaited = cx.calls().filter(|&site| cx.usage(site) == Usage::Awaited);
    for site in awaited.collect::<Vec<_>>() {
        let plain = cx.resolver().plain_value(cx.module(), site.body, site.expr);
        if let Some(plain) = plain
            && !is_for_show(cx, site)
            && !is_replaced(cx, site)
            && !is_asked_for(cx, site)
        {
            report(cx, site, &plain);
        }
    }
}

/// Whether the file puts something else in the place of what is called, as tests do.
pub(crate) fn is_replaced(cx: &Context<'_>, site: Site) -> bool {
    let callee = cx.body(site.body).callee(site.expr);
    let Some(name) = callee.and_then(|callee| cx.last_name(site.body, callee)) else {
        return false;
    };
    let outline = &cx.facts().outline;
    let is_written = outline.names.get(name).is_some_and(|name| {
        outline.attribute_writes.iter().any(|write| write.class.is_none() && write.name == name)
    });
    is_written || cx.is_patched(name)
}

/// Whether a condition around the call asks for the colour of what is called, or whether its value
/// can be awaited: `if iscoroutinefunction(self.reload): await self.reload()`.
pub(crate) fn is_asked_for(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let Some(name) = body.callee(site.expr).and_then(|callee| body.last_name(callee)) else {
        return false;
    };
    let asks = |test: ExprId| {
        body.exprs_below(test).any(|id| {
            let text = |name| cx.facts().outline.text(name);
            let asked = body.called_name(id).is_some_and(|name| {
                asynclint_project::asks_for_colour(text(name))
                    // `hasattr(self.reload, "__await__")`
                    || matches!(text(name), "getattr" | "hasattr")
                        && body.arguments(id).iter().any(|argument| {
                            matches!(body.kind(argument.value), ExprKind::Str(Some(asked))
                                if text(asked) == "__await__")
                        })
            });
            asked
                && body.arguments(id).iter().any(|argument| {
                    body.exprs_below(argument.value).any(|id| body.last_name(id) == Some(name))
                })
        })
    };
    let own = body.expr(site.expr);
    let in_if = body.enclosing(own.stmt).any(|outer| match body.stmt(outer).kind {
        StmtKind::If { test, .. } => asks(test),
        _ => false,
    });
    let parents = std::iter::successors(own.parent, |&outer| body.expr(outer).parent);
    in_if
        || parents.into_iter().any(|outer| match body.kind(outer) {
            ExprKind::Conditional { test, .. } => asks(test),
            _ => false,
        })
}

fn report(cx: &mut Context<'_>, site: Site, plain: &Plain) {
    let project = cx.resolver().project();
    let written = cx.written(site);
    let (label, place) = match plain {
        Plain::Function(function) => {
            let span = project.function(*function).name_span;
            let name = project.function_name(*function);
            let evidence = format!("`{name}` is a plain function and returns no awaitable");
            ("this raises `TypeError`".to_owned(), Some((function.module, span, evidence)))
        }
        Plain::Class(class) => {
            let span = project.class(*class).name_span;
            let evidence = format!("`{}` has no `__await__`", project.class_name(*class));
            ("this raises `TypeError`".to_owned(), Some((class.module, span, evidence)))
        }
        Plain::Library(name) => {
            let name = name.strip_prefix("builtins.").unwrap_or(name);
            let given = cx.catalog().call(name).and_then(|call| call.returns.as_deref());
            let label = match given {
                Some("None") => format!("`{name}` returns `None`: this raises `TypeError`"),
                _ => format!("`{name}` returns no awaitable: this raises `TypeError`"),
            };
            (label, None)
        }
    };
    let report = cx
        .report(cx.span(site), format!("`{written}` is awaited and gives nothing to await"))
        .label(label)
        .help("take the `await` away");
    if let Some((module, span, label)) = place {
        report.evidence(module, span, label);
    }
}
