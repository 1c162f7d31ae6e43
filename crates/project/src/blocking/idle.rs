//! Objects of threads that have nothing to do any more when they are waited for.

use asynclint_semantic::{Block, Comparison, ExprId, ExprKind, StmtId, StmtKind, Usage};

use super::forms::{IN_PROCESS, is_same};
use crate::resolver::{ExprRef, Resolver};

impl Resolver<'_> {
    /// Whether the object is the function's own, and either nobody else can hold it yet, or an
    /// `await` has given it time to finish. Of a future from elsewhere nobody knows how far it is.
    pub(super) fn is_own_and_idle(&self, at: ExprRef, sink: &str) -> bool {
        let facts = self.project.facts(at.module);
        let body = self.body_of(at);
        let Some(object) = self.receiver(at.module, at.body, at.id) else { return false };
        let made = self.maker(at.module, at.body, object);
        let function_of = |id| facts.outline.function_of(body.expr(id).scope);
        let is_made_here = matches!(body.kind(made), ExprKind::Call { .. })
            && function_of(made) == function_of(at.id);
        match sink.rsplit('.').next() {
            Some("acquire") => {
                is_made_here && IN_PROCESS.iter().any(|library| sink.starts_with(library))
            }
            Some("exception" | "result") if !is_made_here => true,
            Some("shutdown") if self.has_worked_off(at, object) => true,
            Some("join") if sink.starts_with("threading.") && self.is_right_behind_await(at) => {
                true
            }
            Some("exception" | "join" | "result" | "shutdown") if is_made_here => {
                let between = body.span(made).end..body.span(at.id).start;
                body.expr_ids().any(|id| {
                    matches!(body.kind(id), ExprKind::Await(_) | ExprKind::Yield(_))
                        && between.contains(&body.span(id).start)
                        && function_of(id) == function_of(at.id)
                })
            }
            _ => false,
        }
    }

    /// Whether the statement before the one of the call awaits what the owner of the thread has for
    /// it, and that is all it does: `await self.stopped.wait()` before `self.thread.join()`, which
    /// then has next to nothing to wait for.
    fn is_right_behind_await(&self, at: ExprRef) -> bool {
        let outline = &self.project.facts(at.module).outline;
        let body = self.body_of(at);
        let owner = |id: ExprId| match body.kind(id) {
            ExprKind::Attribute { value, .. } => Some(value),
            _ => None,
        };
        let thread = body.callee(at.id).and_then(owner);
        let Some(own_owner) = thread.and_then(owner) else { return false };
        // `self.stopped`, `self.stopped.wait()`
        let is_of_owner = |awaited: ExprId| {
            let event = match body.callee(awaited).map(|id| body.kind(id)) {
                Some(ExprKind::Attribute { value, name }) if outline.text(name) == "wait" => value,
                Some(_) => return false,
                None => awaited,
            };
            owner(event).is_some_and(|it| is_same(body, it, own_owner))
        };
        let own = body.expr(at.id).stmt;
        let parent = body.stmt(own).parent;
        let before = body.stmt_ids().take_while(|&id| id < own);
        let last = before.filter(|&id| body.stmt(id).parent == parent).last();
        last.is_some_and(|last| match body.stmt(last).kind {
            StmtKind::Expr(id) => {
                matches!(body.kind(id), ExprKind::Await(awaited) if is_of_owner(awaited))
                    && body.rest_of_block(self.block_around(at), last).first() == Some(&own)
            }
            _ => false,
        })
    }

    /// The block of the function that the call stands in.
    fn block_around(&self, at: ExprRef) -> Block {
        let outline = &self.project.facts(at.module).outline;
        let function = outline.function_of(self.body_of(at).expr(at.id).scope);
        function.map_or_else(Block::default, |id| outline.function(id).block)
    }

    /// Whether a process is waited for that was found to have ended: under
    /// `if process.poll() is not None`.
    pub(super) fn waits_for_ended(&self, at: ExprRef, sink: &str) -> bool {
        let object = self.receiver(at.module, at.body, at.id).filter(|_| waits_for_end(sink));
        object.is_some_and(|id| self.was_found_ended(ExprRef { id, ..at }))
    }

    /// Whether the code around has found that the process has ended.
    pub(super) fn was_found_ended(&self, process: ExprRef) -> bool {
        let facts = self.project.facts(process.module);
        let body = self.body_of(process);
        // `process.poll()`, `process.returncode`
        let asks = |id: ExprId| match body.kind(body.callee(id).unwrap_or(id)) {
            ExprKind::Attribute { value, name } => {
                matches!(facts.outline.text(name), "poll" | "returncode")
                    && is_same(body, value, process.id)
            }
            _ => false,
        };
        let finds = |test: ExprId, wanted: Comparison| match body.kind(test) {
            ExprKind::Compare { operator, operands } if operator == wanted => {
                matches!(body.list(operands), &[asked, none]
                    if asks(asked) && body.kind(none) == ExprKind::None)
            }
            _ => false,
        };
        let own = body.expr(process.id).stmt;
        // `if process.poll() is None: return`
        let left_before = |at: StmtId| {
            body.stmt_ids().take_while(|&id| id < at).any(|id| match body.stmt(id).kind {
                StmtKind::If { test, body: then, .. } => {
                    body.stmt(id).parent == body.stmt(at).parent
                        && finds(test, Comparison::Is)
                        && body.block(then).last().is_some_and(|&id| body.stmt(id).leaves_block())
                }
                _ => false,
            })
        };
        body.is_under_if(own, |test| finds(test, Comparison::IsNot))
            || std::iter::once(own).chain(body.enclosing(own)).any(left_before)
    }

    /// Whether the function has awaited work that it gave to the pool, as the last thing for it to do:
    /// `await loop.run_in_executor(self.pool, self.close)`.
    fn has_worked_off(&self, at: ExprRef, pool: ExprId) -> bool {
        let facts = self.project.facts(at.module);
        let body = self.body_of(at);
        let function_of = |id| facts.outline.function_of(body.expr(id).scope);
        body.expr_ids().any(|id| {
            let first = body.arguments(id).first().map(|argument| argument.value);
            first.is_some_and(|first| is_same(body, first, pool))
                && body.expr(id).usage == Usage::Awaited
                && body.span(id).end <= body.span(at.id).start
                && body.called_name(id).map(|name| facts.outline.text(name))
                    == Some("run_in_executor")
                && function_of(id) == function_of(at.id)
        })
    }
}

/// Whether what blocks waits for the end of a process.
pub(super) fn waits_for_end(sink: &str) -> bool {
    sink.starts_with("subprocess.Popen.")
        && matches!(sink.rsplit('.').next(), Some("communicate" | "wait"))
}
