//! Calls that block, made without blocking.

use asynclint_diagnostics::Fix;
use asynclint_parser::Span;
use asynclint_semantic::{ArgumentKind, ComprehensionKind};

use super::awaiting::{can_await, parentheses};
use super::{Draft, imports};
use crate::{Context, Library, Site};

/// `await asyncio.to_thread(f, ...)` in the place of `f(...)`.
pub(crate) fn in_thread(cx: &Context<'_>, site: Site) -> Option<Fix> {
    let library = cx.library();
    let (module, way) = match library {
        Library::Asyncio if cx.settings().target < (3, 9) => return None,
        Library::Asyncio => ("asyncio", "to_thread"),
        Library::Anyio => ("anyio", "to_thread.run_sync"),
        Library::Trio => ("trio", "to_thread.run_sync"),
    };
    if !can_await(cx, site) || cx.awaits_deferreds() {
        return None;
    }
    let body = cx.body(site.body);
    let arguments = body.arguments(site.expr);
    let is_positional = |kind| matches!(kind, ArgumentKind::Positional | ArgumentKind::Unpacked);
    if library != Library::Asyncio && !arguments.iter().all(|it| is_positional(it.kind)) {
        return None;
    }
    // A generator without parentheses of its own can only be the sole argument.
    let is_generator =
        |id| body.comprehension(id).is_some_and(|made| made.kind == ComprehensionKind::Generator);
    if arguments.len() == 1 && is_generator(arguments[0].value) {
        return None;
    }
    let source = cx.text()?;
    let call = cx.span(site);
    let callee = body.span(body.callee(site.expr)?);
    let rest = source.slice(Span::new(callee.end, call.end));
    let behind = rest.strip_prefix('(').filter(|_| callee.start == call.start)?;
    // Arguments that stand on lines of their own get the function as the first of them.
    let blanks = &behind[..behind.len() - behind.trim_start().len()];
    let (own_line, comma) = match () {
        () if arguments.is_empty() => ("", ""),
        () if blanks.contains('\n') => (blanks, ","),
        () if blanks.is_empty() => ("", ", "),
        () => ("", ","),
    };
    let (name, import) = imports::module(cx, site, module)?;
    let (open, close) = parentheses(cx, site);
    let draft = Draft::default()
        .with(import)
        .insert(call.start, format!("{open}await {name}.{way}({own_line}"))
        .replace(Span::new(callee.end, callee.end + 1), comma)
        .insert(call.end, close);
    Some(draft.unsafe_fix("run it in a thread"))
}

/// `await asyncio.sleep(...)` in the place of `time.sleep(...)`.
pub(crate) fn sleep(cx: &Context<'_>, site: Site) -> Option<Fix> {
    let body = cx.body(site.body);
    let [argument] = body.arguments(site.expr) else { return None };
    if argument.kind != ArgumentKind::Positional || !can_await(cx, site) || cx.awaits_deferreds() {
        return None;
    }
    let callee = body.span(body.callee(site.expr)?);
    if callee.start != cx.span(site).start {
        return None;
    }
    let (name, import) = imports::module(cx, site, cx.library().as_str())?;
    let (open, close) = parentheses(cx, site);
    let draft = Draft::default()
        .with(import)
        .replace(callee, format!("{open}await {name}.sleep"))
        .insert(cx.span(site).end, close);
    Some(draft.unsafe_fix(format!("use `await {name}.sleep`")))
}
