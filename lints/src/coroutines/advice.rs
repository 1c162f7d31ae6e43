//! What to do about a coroutine that nothing awaits, by where it is made.

use asynclint_project::ClassRef;
use asynclint_semantic::FunctionId;

use crate::coroutines::await_outside_async::awaits_at_top;
use crate::{Context, Site};

/// How to await what is written at `site`: in a coroutine by what `inside` says.
pub(crate) fn awaiting(
    cx: &Context<'_>,
    site: Site,
    written: &str,
    inside: impl FnOnce() -> String,
) -> String {
    match cx.function_of(site) {
        Some(function) if cx.function(function).is_async => inside(),
        None if awaits_at_top(cx) => inside(),
        outside => outside_coroutine(cx, outside, written),
    }
}

/// Whether the function is a test of a `unittest.TestCase`, which runs no coroutines.
fn is_in_plain_case(cx: &Context<'_>, function: Option<FunctionId>) -> bool {
    let own = function.map(|id| cx.function(id));
    let class = own.and_then(|own| {
        own.class.filter(|_| {
            own.name.is_some_and(|name| cx.facts().outline.text(name).starts_with("test"))
        })
    });
    class.is_some_and(|id| {
        let derives = |base| cx.resolver().derives_from(ClassRef::new(cx.module(), id), base);
        derives("unittest.TestCase") == Some(true)
            && derives("unittest.IsolatedAsyncioTestCase") == Some(false)
    })
}

fn outside_coroutine(cx: &Context<'_>, caller: Option<FunctionId>, written: &str) -> String {
    let run = cx.runner();
    match caller.map(|id| cx.resolver().project().function_name(cx.reference(id))) {
        Some("__init__") => format!(
            "`__init__` cannot await: call `{written}` from a coroutine, such as an async factory"
        ),
        Some(name) => {
            let case = if is_in_plain_case(cx, caller) {
                " of a `unittest.IsolatedAsyncioTestCase`"
            } else {
                ""
            };
            format!(
                "make `{name}` an `async def`{case} and await the call, or run it with \
                 `{run}`"
            )
        }
        None => format!("run it with `{run}`, or await it in a coroutine"),
    }
}
