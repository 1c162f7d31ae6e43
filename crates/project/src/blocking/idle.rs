//! Objects of threads that have nothing to do any more when they are waited for.

use asynclint_semantic::{ExprId, ExprKind, Usage};

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
