//! Scripts that do one thing after the other: nothing runs beside what they block.

use std::collections::BTreeSet;

use asynclint_project::Use;
use asynclint_semantic::{FunctionId, Usage};

use crate::{Context, Site};

/// What starts something beside the code that goes on, or lets others in. A file that names none of
/// it does one thing after the other.
const BESIDE: &[&str] = &[
    "TaskGroup",
    "as_completed",
    "call_at",
    "call_later",
    "call_soon",
    "call_soon_threadsafe",
    "create_server",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "create_task",
    "create_task_group",
    "ensure_future",
    "gather",
    "open_nursery",
    "run_coroutine_threadsafe",
    "run_forever",
    "run_in_executor",
    "run_in_threadpool",
    "run_polling",
    "run_sync",
    "run_until_disconnected",
    "serve",
    "serve_forever",
    "start",
    "start_polling",
    "start_server",
    "start_serving",
    "start_soon",
    "start_unix_server",
    "to_thread",
    "wait",
];

impl Context<'_> {
    /// Whether the file is a script whose coroutines only await each other, from the one that it
    /// gives to `asyncio.run` on, and the function is one of them: whatever it blocks waits for it
    /// anyway. Where a part of the file could not be read, that part may give and await them.
    pub(super) fn runs_alone(&self, function: FunctionId) -> bool {
        self.calls.alone.get_or_init(|| self.alone()).contains(&function)
    }

    /// The coroutine functions of such a script.
    fn alone(&self) -> BTreeSet<FunctionId> {
        let names = &self.facts().outline.names;
        let outline = &self.facts().outline;
        let is_plain = |&id: &FunctionId| {
            let own = outline.function(id);
            own.class.is_none() && own.name.is_some() && own.decorators.is_empty()
        };
        let all: BTreeSet<FunctionId> = self.coroutines().collect();
        let is_script = || {
            all.iter().any(|&id| self.is_given_to_runner(id))
                && all.iter().all(|&id| self.is_given_to_runner(id) || self.is_awaited_only(id))
        };
        if BESIDE.iter().any(|name| names.get(name).is_some())
            || !all.iter().all(is_plain)
            || self.facts().errors.is_empty() && !is_script()
        {
            return BTreeSet::new();
        }
        all
    }

    /// Whether all that names the function beside tests awaits a call of it in this file.
    fn is_awaited_only(&self, function: FunctionId) -> bool {
        let project = self.resolver().project();
        let uses = self.real_uses(function);
        let is_awaited = |at: &Use| {
            let body = project.facts(at.module).body(at.body);
            let call = body.expr(at.expr).parent;
            at.module == self.module()
                && call.is_some_and(|call| {
                    body.callee(call) == Some(at.expr)
                        && (body.expr(call).usage == Usage::Awaited
                            || self.is_walked(Site { body: at.body, expr: call }))
                })
        };
        !uses.is_empty() && uses.iter().all(is_awaited)
    }

    /// Whether an `async for` or `async with` takes the value.
    fn is_walked(&self, site: Site) -> bool {
        matches!(self.usage(site), Usage::AsyncIterated | Usage::AsyncEntered)
    }
}
