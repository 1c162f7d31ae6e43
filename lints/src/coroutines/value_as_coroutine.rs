//! `value-as-coroutine`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, FunctionRef, Gives, Plain};
use asynclint_semantic::{ArgumentKind, ExprKind};

use crate::blocking::words::to_thread;
use crate::coroutines::await_on_plain_value::{is_asked_for, is_replaced};
use crate::coroutines::protocols::is_for_show;
use crate::{Context, Fixes, Group, Lint, Site};

/// Something is run as a coroutine that is none.
pub(crate) static VALUE_AS_COROUTINE: Lint = Lint {
    name: "value-as-coroutine",
    summary: "what runs coroutines is given a function that is not called, a future or a plain value",
    group: Group::Coroutines,
    page: include_str!("value_as_coroutine.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: false,
    check,
};

/// What runs its first argument and takes nothing but coroutines (`Lib/asyncio/tasks.py`,
/// `runners.py` and `taskgroups.py` of CPython 3.13).
const TAKE_COROUTINES: &[&str] = &[
    "asyncio.AbstractEventLoop.create_task",
    "asyncio.Runner.run",
    "asyncio.TaskGroup.create_task",
    "asyncio.create_task",
    "asyncio.run",
    "asyncio.run_coroutine_threadsafe",
];

/// What takes futures and other awaitables as well.
const TAKE_AWAITABLES: &[&str] = &[
    "asyncio.AbstractEventLoop.run_until_complete",
    "asyncio.ensure_future",
    "asyncio.shield",
    "asyncio.wait_for",
    GATHER,
];

/// Takes any number of them.
const GATHER: &str = "asyncio.gather";

/// What stands where a coroutine belongs.
enum Given {
    /// A function of the project, which is not called.
    Function(FunctionRef),
    /// A coroutine function of a library, which is not called.
    LibraryFunction,
    /// A future, which runs already.
    Future,
    /// What is known to be no awaitable.
    Plain(Plain),
}

fn check(cx: &mut Context<'_>) {
    for call in cx.calls().collect::<Vec<_>>() {
        let Callee::External(taker) = cx.callee(call) else { continue };
        let taker = cx.catalog().canonical(&taker);
        let takes_futures = TAKE_AWAITABLES.contains(&taker);
        if !takes_futures && !TAKE_COROUTINES.contains(&taker) {
            continue;
        }
        let most = if taker == GATHER { usize::MAX } else { 1 };
        let arguments = cx.body(call.body).arguments(call.expr).iter();
        let arguments = arguments.take_while(|it| it.kind == ArgumentKind::Positional).take(most);
        for argument in arguments.map(|it| Site { expr: it.value, ..call }).collect::<Vec<_>>() {
            if let Some(given) = given(cx, argument, takes_futures)
                && !is_for_show(cx, call)
                && !is_replaced(cx, call)
            {
                let wanted = if takes_futures { "nothing to await" } else { "not a coroutine" };
                report(cx, call, argument, &given, wanted);
            }
        }
    }
}

fn given(cx: &Context<'_>, argument: Site, takes_futures: bool) -> Option<Given> {
    let (resolver, body) = (cx.resolver(), cx.body(argument.body));
    if body.callee(argument.expr).is_some() {
        let callee = cx.callee(argument);
        let is_future = matches!(&callee, Callee::External(name) if name.starts_with("asyncio."))
            && cx.gives(&callee) == Gives::Started;
        if is_future {
            return (!takes_futures).then_some(Given::Future);
        }
        let plain = resolver.plain_value(cx.module(), argument.body, argument.expr);
        let is_sure = !is_replaced(cx, argument) && !is_asked_for(cx, argument);
        return plain.filter(|_| is_sure).map(Given::Plain);
    }
    if !matches!(body.kind(argument.expr), ExprKind::Name(_) | ExprKind::Attribute { .. }) {
        return None;
    }
    if let Some(function) = resolver.function_value(cx.module(), argument.body, argument.expr) {
        let gives = cx.gives(&Callee::Known(function));
        // Below there may be a property of that name, and a decorator may make an object of it.
        let is_function = matches!(gives, Gives::Coroutine | Gives::Plain)
            && !resolver.is_overridden(function)
            && resolver.returns_as_written(function.module, function.id);
        return is_function.then_some(Given::Function(function));
    }
    let callee = resolver.callee_of_value(cx.module(), argument.body, argument.expr);
    // An object may be called, too, and be awaited itself.
    let is_function = matches!(&callee, Callee::External(name) if !name.ends_with("__call__"));
    (is_function && cx.gives(&callee) == Gives::Coroutine).then_some(Given::LibraryFunction)
}

fn report(cx: &mut Context<'_>, call: Site, argument: Site, given: &Given, wanted: &str) {
    let project = cx.resolver().project();
    let (taker, written) = (cx.written(call), cx.written(argument));
    let not_called = "this is not called, and raises an error here".to_owned();
    let (what, label, help) = match given {
        Given::Function(function) if !project.function(*function).is_async => (
            format!("the function `{written}`"),
            not_called,
            format!("run it in a thread: `{}{written})`", to_thread(cx)),
        ),
        Given::Function(_) | Given::LibraryFunction => {
            (format!("the function `{written}`"), not_called, format!("call it: `{written}(...)`"))
        }
        Given::Future => (
            "a future".to_owned(),
            format!("`{written}` starts this by itself: it raises an error here"),
            if cx.in_coroutine(call) {
                format!("leave `{taker}` out, and await what `{written}` gives")
            } else {
                format!("await `{written}(...)` in a coroutine, and run that")
            },
        ),
        Given::Plain(_) => (
            format!("what `{written}` returns"),
            "this is no awaitable, and raises an error here".to_owned(),
            format!("call `{written}` without `{taker}`"),
        ),
    };
    let function = match given {
        Given::Function(function) | Given::Plain(Plain::Function(function)) => Some(*function),
        _ => None,
    };
    let place = function.map(|function| cx.defined(function));
    let report = cx
        .report(cx.span(argument), format!("`{taker}` gets {what}, and {wanted}"))
        .label(label)
        .help(help);
    if let Some((module, span, label)) = place {
        report.evidence(module, span, label);
    }
}
