//! Tasks, and the groups that wait for them.

use asynclint_semantic::exits::{Open, exits};
use asynclint_semantic::{BodyId, ExprId, ExprKind, Handler, StmtId, StmtKind};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// The classes whose block waits for every task that was started in it.
const GROUPS: &[&str] = &["asyncio.TaskGroup", "anyio.abc.TaskGroup", "trio.Nursery"];

impl Resolver<'_> {
    /// The class of the task group that `async with manager` opens: at the end of the block it
    /// waits for its tasks.
    pub fn task_group(
        &self,
        module: ModuleId,
        body: BodyId,
        manager: ExprId,
    ) -> Option<&'static str> {
        match self.entered(ExprRef { module, body, id: manager }, true) {
            Type::ExternalInstance(class) => {
                let catalog = self.project.catalog();
                GROUPS.iter().copied().find(|group| catalog.is_subclass(&class, group))
            }
            _ => None,
        }
    }
}

/// How many coroutines deep an error is followed.
const MAX_DEPTH: usize = 3;

impl Resolver<'_> {
    /// Whether every await of the coroutine stands in a `try` that catches every `Exception` and
    /// raises none, and nothing behind one raises an error, so that hardly an error of what it waits
    /// for gets out.
    pub fn keeps_its_errors(&self, function: FunctionRef) -> bool {
        self.keeps_errors(function, MAX_DEPTH)
    }

    fn keeps_errors(&self, at: FunctionRef, depth: usize) -> bool {
        let function = self.project.function(at);
        if !function.is_async || function.is_generator || depth == 0 {
            return false;
        }
        let outline = &self.project.facts(at.module).outline;
        let body = self.project.facts(at.module).body(function.body);
        let is_own = |id| outline.function_of(body.expr(id).scope) == Some(at.id);
        let awaits = body.exprs_in_block(function.block).filter_map(|id| {
            let ExprKind::Await(awaited) = body.kind(id) else { return None };
            is_own(id).then_some((id, awaited))
        });
        let awaits: Vec<_> = awaits.collect();
        let is_kept = |(id, awaited): (ExprId, ExprId)| {
            let stmt = body.expr(id).stmt;
            self.is_caught(at, stmt)
                || match self.callee(at.module, function.body, awaited) {
                    Callee::Known(inner) => self.keeps_errors(inner, depth - 1),
                    _ => false,
                }
        };
        let Some(first) = awaits.iter().map(|(id, _)| body.span(*id).start).min() else {
            return false;
        };
        let raises = |id: StmtId| match body.stmt(id).kind {
            StmtKind::Raise { exception: Some(error), .. } => {
                is_own(error) && body.span(error).start > first && !self.is_caught(at, id)
            }
            _ => false,
        };
        awaits.into_iter().all(is_kept) && !body.stmts_in_block(function.block).any(raises)
    }

    /// Whether a `try` around the statement catches every `Exception` and raises none. What it
    /// does in its own handlers and at its end is taken to go well.
    fn is_caught(&self, at: FunctionRef, stmt: StmtId) -> bool {
        let own = self.project.function(at).body;
        let body = self.project.facts(at.module).body(own);
        let catches_all = |handler: &Handler| {
            let name = |&id: &ExprId| self.library_name(at.module, own, id);
            handler.is_bare
                || body.list(handler.types).iter().filter_map(name).any(|name| {
                    matches!(name.as_str(), "builtins.Exception" | "builtins.BaseException")
                })
        };
        body.enclosing(stmt).any(|outer| match &body.stmt(outer).kind {
            StmtKind::Try(block) if !body.block_holds(block.orelse, stmt) => {
                block.handlers.iter().any(catches_all)
                    && block.handlers.iter().all(|handler| {
                        let ways = exits(body, handler.body, &Open);
                        // `except CancelledError: raise` lets out no error.
                        !(ways.raises || ways.reraises) || !catches_all(handler)
                    })
            }
            _ => false,
        })
    }
}
