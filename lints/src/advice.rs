//! What to do about a coroutine that nothing awaits, by where it is made.

use asynclint_semantic::FunctionId;

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
        outside => outside_coroutine(cx, outside, written),
    }
}

fn outside_coroutine(cx: &Context<'_>, caller: Option<FunctionId>, written: &str) -> String {
    let library = cx.library().as_str();
    match caller.map(|id| cx.resolver().project().function_name(cx.reference(id))) {
        Some("__init__") => format!(
            "`__init__` cannot await: call `{written}` from a coroutine, such as an async factory"
        ),
        Some(name) => format!(
            "make `{name}` an `async def` and await the call, or run it with `{library}.run`"
        ),
        None => format!("run it with `{library}.run`, or await it in a coroutine"),
    }
}
