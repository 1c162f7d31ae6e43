//! How a file uses its own coroutine functions: awaited by others, or run as tasks.

use std::collections::BTreeSet;

use asynclint_project::Callee;
use asynclint_semantic::{ExprKind, FunctionId, Usage};

use crate::{Context, Site};

/// Calls that wait for the coroutines they are given.
const WAITERS: &[&str] = &["gather", "wait_for", "shield", "wait", "as_completed", "aclosing"];

/// Calls that run the coroutine function that they are given as a task of its own.
const SPAWNERS: &[&str] = &["start_soon", "start", "spawn", "run", "append", "add_task"];

/// The coroutine functions of a file that are awaited, and those that are run as tasks, given to
/// whoever runs them, or are the main program.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) awaited: BTreeSet<FunctionId>,
    pub(super) spawned: BTreeSet<FunctionId>,
}

impl Uses {
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let mut uses = Self::default();
        for site in cx.calls() {
            if let Callee::Known(function) = cx.callee(site)
                && function.module == cx.module()
                && cx.function(function.id).is_async
            {
                uses.call(cx, site, function.id);
            }
        }
        let is_reference = |kind| matches!(kind, ExprKind::Name(_) | ExprKind::Attribute { .. });
        for site in cx.sites(is_reference) {
            if cx.usage(site) == Usage::Passed
                && taker(cx, site).is_some_and(|name| SPAWNERS.contains(&name))
                && let Some(function) =
                    cx.resolver().function_value(cx.module(), site.body, site.expr)
                && function.module == cx.module()
            {
                uses.spawned.insert(function.id);
            }
        }
        uses
    }

    fn call(&mut self, cx: &Context<'_>, site: Site, function: FunctionId) {
        match cx.usage(site) {
            Usage::Awaited | Usage::AsyncIterated | Usage::AsyncEntered => {
                self.awaited.insert(function);
            }
            Usage::Passed => {
                if taker(cx, site).is_some_and(|name| WAITERS.contains(&name)) {
                    self.awaited.insert(function);
                } else {
                    self.spawned.insert(function);
                }
            }
            _ => {}
        }
    }
}

/// The name of the function or method that is given the expression.
fn taker<'a>(cx: &Context<'a>, site: Site) -> Option<&'a str> {
    let body = cx.body(site.body);
    let callee = body.expr(site.expr).parent.and_then(|call| body.callee(call))?;
    cx.last_name(site.body, callee)
}
