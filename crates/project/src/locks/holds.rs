//! Where locks are held.

use std::rc::Rc;

use asynclint_parser::Span;
use asynclint_semantic::{Body, BodyId, ExprId, ExprKind, StmtKind, Usage};

use super::Lock;
use crate::blocking::is_same;
use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

/// A lock while it is held by the code of one function.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The lock.
    pub lock: Lock,
    /// The expression that names it.
    pub named: ExprId,
    /// The code that runs with it.
    pub region: Span,
}

impl Hold {
    /// Whether the lock is held where `span` begins.
    pub fn covers(&self, span: Span) -> bool {
        (self.region.start..self.region.end).contains(&span.start)
    }
}

impl Resolver<'_> {
    /// The locks that the code of `function` takes, in the order of the text: by `with`, or by
    /// `acquire()` with a `release()` further down. What is taken without waiting is left out.
    pub fn holds(&self, function: FunctionRef) -> Rc<[Hold]> {
        if let Some(known) = self.holds.borrow().get(&function) {
            return known.clone();
        }
        let mut found = self.entered_locks(function);
        found.extend(self.acquired_locks(function));
        found.sort_by_key(|hold| hold.region.start);
        let found: Rc<[Hold]> = found.into();
        self.holds.borrow_mut().insert(function, found.clone());
        found
    }

    fn entered_locks(&self, function: FunctionRef) -> Vec<Hold> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let mut found = Vec::new();
        for id in body.stmts_in_block(own.block) {
            let StmtKind::With { items, is_async, .. } = &body.stmt(id).kind else { continue };
            if facts.outline.function_of(body.stmt(id).scope) != Some(function.id) {
                continue;
            }
            for item in items {
                // Nobody else has the lock that `with Lock():` makes.
                if let ExprKind::Call { .. } = body.kind(item.manager)
                    && let Callee::External(_) =
                        self.callee(function.module, own.body, item.manager)
                {
                    continue;
                }
                let lock = self.lock(function.module, own.body, item.manager);
                let Some(lock) = lock.filter(|lock| lock.is_async == *is_async) else { continue };
                let region = Span::new(body.span(item.manager).end, body.stmt_span(id).end);
                // `release()` in the block: what follows runs without the lock.
                let end = self.release(function, own.body, item.manager, region);
                let region = Span::new(region.start, end.unwrap_or(region.end));
                found.push(Hold { lock, named: item.manager, region });
            }
        }
        found
    }

    fn acquired_locks(&self, function: FunctionRef) -> Vec<Hold> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        if facts.outline.names.get("acquire").is_none() {
            return Vec::new();
        }
        let body = facts.body(own.body);
        let whole = facts.outline.function(function.id).span;
        let mut found = Vec::new();
        for call in self.calls_in(function) {
            let Some(named) = method_of(self, function.module, body, call, "acquire") else {
                continue;
            };
            let expr = body.expr(call);
            let is_statement = match expr.usage {
                Usage::Discarded => true,
                Usage::Awaited => {
                    expr.parent.is_some_and(|await_| body.expr(await_).usage == Usage::Discarded)
                }
                _ => false,
            };
            let Some(lock) =
                is_statement.then(|| self.lock(function.module, own.body, named)).flatten()
            else {
                continue;
            };
            let never_waits = body
                .arguments(call)
                .iter()
                .any(|argument| matches!(body.kind(argument.value), ExprKind::Boolean(false)));
            if never_waits || lock.is_async != (expr.usage == Usage::Awaited) {
                continue;
            }
            let rest = Span::new(body.span(call).end, whole.end);
            if let Some(end) = self.release(function, own.body, named, rest) {
                found.push(Hold { lock, named, region: Span::new(rest.start, end) });
            }
        }
        found
    }

    /// Where `region` first calls `release()` of the lock that `named` names.
    fn release(
        &self,
        function: FunctionRef,
        body: BodyId,
        named: ExprId,
        region: Span,
    ) -> Option<u32> {
        let facts = self.project.facts(function.module);
        facts.outline.names.get("release")?;
        let body = facts.body(body);
        self.calls_in(function)
            .into_iter()
            .filter(|&call| (region.start..region.end).contains(&body.span(call).start))
            .find(|&call| {
                method_of(self, function.module, body, call, "release")
                    .is_some_and(|object| is_same(body, object, named))
            })
            .map(|call| body.span(call).start)
    }
}

/// The object whose method of that name the call calls.
fn method_of(
    resolver: &Resolver<'_>,
    module: ModuleId,
    body: &Body,
    call: ExprId,
    method: &str,
) -> Option<ExprId> {
    match body.kind(body.callee(call)?) {
        ExprKind::Attribute { value, name } => {
            let outline = &resolver.project.facts(module).outline;
            (outline.text(name) == method).then_some(value)
        }
        _ => None,
    }
}
