//! Calls that run an event loop: where one runs already they fail.

use std::rc::Rc;

use asynclint_semantic::{BodyId, ExprId, ExprKind, StmtKind, Usage};

use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

/// What a loop is asked before it is run.
const ASKS: &[&str] = &["_get_running_loop", "in_async_context", "is_running"];

/// What runs a loop whatever it is called on.
const RUN: &str = "run_until_complete";

impl Resolver<'_> {
    /// The qualified name of what a call calls, if that runs an event loop until it is done.
    pub fn loop_run(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Option<Rc<str>> {
        match callee {
            Callee::External(name) => {
                let catalog = self.project.catalog();
                catalog.call(name)?.runs_loop.then(|| catalog.canonical(name).into())
            }
            // Of all that has a method of this name, nothing but a loop is known.
            Callee::Unknown(_) => {
                let facts = self.project.facts(module);
                let code = facts.body(body);
                match code.kind(code.callee(call)?) {
                    ExprKind::Attribute { name, .. } if facts.outline.text(name) == RUN => {
                        Some(format!("asyncio.AbstractEventLoop.{RUN}").into())
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether the function asks whether a loop is running, itself or through a function of the
    /// project: it runs one only where it may.
    pub fn asks_for_running_loop(&self, function: FunctionRef) -> bool {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        self.calls_in(function).into_iter().any(|call| {
            let called = body.called_name(call).map(|name| facts.outline.text(name));
            called.is_some_and(|name| ASKS.contains(&name))
                || match self.callee(function.module, own.body, call) {
                    // A coroutine that does not look at the answer runs in the loop for sure.
                    Callee::Known(helper) => {
                        let is_dropped = own.is_async && body.expr(call).usage == Usage::Discarded;
                        !is_dropped
                            && !self.project.function(helper).is_async
                            && self.asks_where_it_runs(helper)
                    }
                    Callee::External(name) if !own.is_async => self.is_guard(&name),
                    Callee::External(name) => name.starts_with("threading."),
                    _ => false,
                }
        })
    }

    /// Whether the code around the call expects it to fail because a loop is running: a handler of
    /// `RuntimeError` takes the error, or the call stands in a handler itself.
    pub fn handles_running_loop(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(body);
        let own = body.expr(call).stmt;
        let names_it = |id: ExprId| match body.kind(id) {
            ExprKind::Name(name) => facts.outline.text(name) == "RuntimeError",
            _ => false,
        };
        body.enclosing(own).any(|outer| match &body.stmt(outer).kind {
            StmtKind::Try(block) => {
                let mut handlers = block.handlers.iter();
                handlers.any(|handler| {
                    body.block_holds(handler.body, own)
                        || (body.block_holds(block.body, own)
                            && body.list(handler.types).iter().copied().any(names_it))
                })
            }
            _ => false,
        })
    }
}
