//! Calls of one thing in the place of another.

use asynclint_parser::Span;
use asynclint_project::Handed;
use asynclint_semantic::{ArgumentKind, ComprehensionKind, ExprKind};

use super::{Draft, imports};
use crate::{Context, Site};

/// `new` in the place of the method or module function `old` that is called; nothing where the
/// callee is a bare name.
pub(crate) fn rename_called(cx: &Context<'_>, site: Site, old: &str, new: &str) -> Option<Draft> {
    let body = cx.body(site.body);
    let callee = body.callee(site.expr)?;
    let ExprKind::Attribute { name, .. } = body.kind(callee) else { return None };
    if cx.facts().outline.text(name) != old {
        return None;
    }
    let end = body.span(callee).end;
    Some(Draft::default().replace(Span::new(end - old.len() as u32, end), new))
}

/// A call of the library function `function` without arguments in the place of the call.
pub(crate) fn call_instead(cx: &Context<'_>, site: Site, function: &str) -> Option<Draft> {
    let (module, rest) = function.split_once('.')?;
    let (name, import) = imports::module(cx, site, module)?;
    Some(Draft::default().with(import).replace(cx.span(site), format!("{name}.{rest}()")))
}

/// What calls a function with the arguments that stand behind it.
const CALLS_WITH_REST: &[&str] = &[
    "add_reader",
    "add_signal_handler",
    "add_writer",
    "call_at",
    "call_later",
    "call_soon",
    "call_soon_threadsafe",
    "register",
    "run_in_executor",
    "run_sync",
    "submit",
    "to_thread",
];

/// What calls a function with nothing, unless it is told otherwise.
const CALLS_WITHOUT: &[&str] = &["Process", "Thread", "Timer"];

/// `taker(f, x)` in the place of `taker(f(x))`, or `taker(target=f, args=(x,))`.
pub(crate) fn hand_over(cx: &Context<'_>, taker: Site, handed: &Handed) -> Option<Draft> {
    let function = handed.function;
    let name = handed.taker.rsplit('.').next()?;
    let takes_rest = CALLS_WITH_REST.contains(&name);
    // Others call it with arguments of their own.
    if !takes_rest && !CALLS_WITHOUT.contains(&name) {
        return None;
    }
    let body = cx.body(taker.body);
    let last = body.arguments(taker.expr).last().filter(|last| last.value == function)?;
    let inner = body.arguments(function);
    let is_generator =
        |id| body.comprehension(id).is_some_and(|made| made.kind == ComprehensionKind::Generator);
    if !inner.iter().all(|it| it.kind == ArgumentKind::Positional && !is_generator(it.value)) {
        return None;
    }
    let source = cx.text()?;
    let (call, callee) = (body.span(function), body.span(body.callee(function)?));
    let is_plain = callee.start == call.start && source.slice(call).ends_with(')');
    let behind = source.slice(Span::new(callee.end, call.end)).strip_prefix('(')?;
    let (open, close) = (Span::new(callee.end, callee.end + 1), Span::new(call.end - 1, call.end));
    let draft = Draft::default();
    let draft = match last.kind {
        _ if inner.is_empty() && is_plain => draft.replace(Span::new(callee.end, call.end), ""),
        _ if !is_plain || behind.starts_with(char::is_whitespace) => return None,
        ArgumentKind::Positional if takes_rest => draft.replace(open, ", ").replace(close, ""),
        ArgumentKind::Keyword(name) if cx.facts().outline.text(name) == "target" => {
            let comma = if inner.len() == 1 { ",)" } else { ")" };
            draft.replace(open, ", args=(").replace(close, comma)
        }
        _ => return None,
    };
    Some(draft)
}
