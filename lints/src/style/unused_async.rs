//! `unused-async`

use asynclint_diagnostics::Level;
use asynclint_project::Use;
use asynclint_semantic::{ExprKind, FunctionId, StmtKind, Usage};

use crate::{Context, Fixes, Group, Lint};

/// A coroutine that waits for nothing, and that nobody needs to be one.
pub(crate) static UNUSED_ASYNC: Lint = Lint {
    name: "unused-async",
    summary: "an `async def` that never awaits, and that nothing needs to be one",
    group: Group::Style,
    page: include_str!("unused_async.md"),
    level: Level::Note,
    fix: Fixes::None,
    aliases: &["ASYNC124", "RUF029", "S7503"],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    if cx.is_test_module() {
        return;
    }
    for function in cx.coroutines().collect::<Vec<_>>() {
        if !may_be_plain(cx, function) {
            continue;
        }
        let Some(uses) = cx.resolver().uses(cx.reference(function)) else { continue };
        let sure: Vec<Use> = uses.iter().copied().filter(|site| site.is_sure).collect();
        let Some(first) = sure.first() else { continue };
        if is_for_others(cx, function, &sure) {
            continue;
        }
        if uses.iter().all(|&site| is_awaited(cx, site)) {
            report(cx, function, *first, sure.len());
        }
    }
}

/// Whether nothing about the function itself asks for a coroutine.
fn may_be_plain(cx: &Context<'_>, id: FunctionId) -> bool {
    let (function, resolver) = (cx.function(id), cx.resolver());
    let reference = cx.reference(id);
    let name = resolver.project().function_name(reference);
    let never_waits = || {
        let (module, body, block) = (cx.module(), function.body, function.block);
        resolver.suspensions(module, body, block, id).is_empty()
    };
    !function.is_generator
        && !function.is_conditional
        && !name.starts_with("__")
        && !name.starts_with("test")
        && function.decorators.is_empty()
        && never_waits()
        && !resolver.does_nothing(reference)
        && resolver.overrides_nothing(reference)
        && !resolver.is_overridden(reference)
        && !resolver.may_be_called_from_outside(reference)
        && !is_hook_or_twin(cx, name)
        && !is_of_double(cx, id)
        && (name.starts_with('_') || !is_default(cx, id))
}

/// Whether nothing but tests and samples calls the function, so that it is there for whoever uses the
/// library or for what loads the plugin: these await it.
fn is_for_others(cx: &Context<'_>, function: FunctionId, uses: &[Use]) -> bool {
    let project = cx.resolver().project();
    !project.function_name(cx.reference(function)).starts_with('_')
        && uses.iter().all(|site| {
            site.module != cx.module()
                && (project.is_test_module(site.module) || project.is_showcase(site.module))
        })
}

/// Whether the method gives the same constant whoever asks, as what classes below may fill in does:
/// `return None`.
fn is_default(cx: &Context<'_>, id: FunctionId) -> bool {
    let function = cx.function(id);
    let body = cx.body(function.body);
    let [rest @ .., last] = body.block(function.block) else { return false };
    let is_text = |stmt: &StmtKind| match stmt {
        StmtKind::Expr(value) => matches!(body.kind(*value), ExprKind::Str(_)),
        _ => false,
    };
    let gives_constant = match body.stmt(*last).kind {
        StmtKind::Return(None) => true,
        StmtKind::Return(Some(value)) => {
            matches!(body.kind(value), ExprKind::None | ExprKind::Boolean(_))
        }
        _ => false,
    };
    function.class.is_some()
        && gives_constant
        && rest.iter().all(|&stmt| is_text(&body.stmt(stmt).kind))
}

/// Whether the function is a method of what stands in the place of something else, and has its
/// colours: `class MockConnection`.
fn is_of_double(cx: &Context<'_>, id: FunctionId) -> bool {
    let outline = &cx.facts().outline;
    cx.function(id).class.is_some_and(|class| {
        let name = outline.text(outline.class(class).name).trim_start_matches('_');
        ["Dummy", "Fake", "Mock", "Stub"]
            .iter()
            .any(|word| name.starts_with(word) || name.ends_with(word))
    })
}

/// `on_message`, which is there to be filled in, and `aclose` or `async_close` beside `close`.
fn is_hook_or_twin(cx: &Context<'_>, name: &str) -> bool {
    let outline = &cx.facts().outline;
    let is_defined = |twin: &str| {
        let twin = outline.names.get(twin);
        twin.is_some_and(|twin| outline.functions.iter().any(|f| f.name == Some(twin)))
    };
    let own = name.trim_start_matches('_');
    let begins = ["async_", "a"].iter().filter_map(|word| own.strip_prefix(word));
    let ends = own.strip_suffix("_async").into_iter();
    let mut twins = begins.chain(ends).filter(|twin| !twin.is_empty());
    own.starts_with("on_") || twins.any(|twin| is_defined(twin) || is_defined(&format!("_{twin}")))
}

/// Whether the place calls the function and awaits the call at once.
fn is_awaited(cx: &Context<'_>, site: Use) -> bool {
    let body = cx.resolver().project().facts(site.module).body(site.body);
    let expr = body.expr(site.expr);
    let call = expr.parent.filter(|_| expr.usage == Usage::Called);
    call.is_some_and(|call| {
        matches!(body.kind(call), ExprKind::Call { .. }) && body.expr(call).usage == Usage::Awaited
    })
}

fn report(cx: &mut Context<'_>, function: FunctionId, first: Use, count: usize) {
    let project = cx.resolver().project();
    let name = project.function_name(cx.reference(function)).to_owned();
    let span = project.facts(first.module).body(first.body).span(first.expr);
    let (label, awaits) = match count {
        1 => ("its only use awaits it at once", "the `await` before its call".to_owned()),
        _ => (
            "each of its uses awaits it at once, as here",
            format!("the `await` before its {count} calls"),
        ),
    };
    cx.report(cx.function(function).name_span, format!("coroutine `{name}` never awaits"))
        .label("nothing in it waits, so a plain function does the same")
        .evidence(first.module, span, label)
        .help(format!("make it a plain `def`, and drop {awaits}"));
}
