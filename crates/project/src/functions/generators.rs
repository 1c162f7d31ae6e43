//! Generators: where they yield, who runs them, and what they leave behind.

use asynclint_catalog::Scope;
use asynclint_semantic::{BodyId, ExprId, ExprKind, StmtId, StmtKind, Usage};

use crate::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Reason, Type};

/// Context managers of the project that enter each other deeper than this, or themselves, are not
/// followed.
const MAX_MANAGERS: u8 = 3;

impl Resolver<'_> {
    /// The `yield`s of a function, nested functions left out.
    pub fn own_yields(&self, function: FunctionRef) -> Vec<ExprId> {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        let is_own = |id| facts.outline.function_of(body.expr(id).scope) == Some(function.id);
        body.exprs_in_block(own.block)
            .filter(|&id| matches!(body.kind(id), ExprKind::Yield(_) | ExprKind::YieldFrom(_)))
            .filter(|&id| is_own(id))
            .collect()
    }

    /// What a generator yields, by the operands of its `yield`s.
    pub(crate) fn yields(&self, function: FunctionRef) -> Type {
        let (module, body) = (function.module, self.project.function(function).body);
        let code = self.project.facts(module).body(body);
        let yielded = self.own_yields(function).into_iter().map(|id| match code.kind(id) {
            ExprKind::Yield(Some(id)) => self.value(ExprRef { module, body, id }),
            ExprKind::Yield(None) => Type::None,
            _ => Type::Unknown(Reason::Expression),
        });
        Type::join(yielded.collect())
    }

    /// Whether calling the function gives a generator that its callers iterate: no decorator makes
    /// anything else of it, and no code of the project takes the function itself, which may be to
    /// make a context manager or a dependency of it.
    pub fn is_iterated(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let is_generator = if own.is_async {
            self.gives(&Callee::Known(function)) == Gives::AsyncGenerator
        } else {
            let body = self.project.facts(function.module).body(own.home);
            own.is_generator && body.list(own.decorators).is_empty()
        };
        is_generator && !own.is_broken && !self.is_taken(function)
    }

    /// Whether some code of the project names the function without calling it.
    fn is_taken(&self, function: FunctionRef) -> bool {
        let name = self.project.function_name(function);
        self.project.modules_naming(name).into_iter().any(|module| {
            let facts = self.project.facts(module);
            let Some(name) = facts.outline.names.get(name) else { return false };
            facts.body_ids().any(|id| {
                let body = facts.body(id);
                body.expr_ids().any(|expr| {
                    let usage = body.expr(expr).usage;
                    body.last_name(expr) == Some(name)
                        && !matches!(usage, Usage::Called | Usage::Target | Usage::Annotation)
                        && self.function_value(module, id, expr) == Some(function)
                })
            })
        })
    }

    /// Whether `contextlib` makes a context manager of the function.
    pub(crate) fn is_manager_function(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.home);
        body.list(own.decorators).iter().any(|&id| {
            matches!(
                self.library_name(function.module, own.home, id).as_deref(),
                Some("contextlib.contextmanager" | "contextlib.asynccontextmanager")
            )
        })
    }

    /// What an async generator still has to do when it is left at one of its `yield`s: the `try`
    /// with a `finally`, or the `with`, that stands around the `yield`.
    pub fn cleans_up(&self, function: FunctionRef) -> Option<StmtId> {
        self.cleans_up_within(function, MAX_MANAGERS)
    }

    fn cleans_up_within(&self, function: FunctionRef, managers: u8) -> Option<StmtId> {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let cleans = |outer: StmtId, inner: StmtId| match &body.stmt(outer).kind {
            StmtKind::Try(block) => {
                !body.block_holds(block.finalbody, inner)
                    && body
                        .block(block.finalbody)
                        .iter()
                        .any(|&id| !matches!(body.stmt(id).kind, StmtKind::Pass))
            }
            StmtKind::With { items, .. } => items.iter().any(|item| {
                let at = ExprRef { module: function.module, body: own.body, id: item.manager };
                !self.holds_nothing_within(at, managers)
            }),
            _ => false,
        };
        self.own_yields(function).into_iter().find_map(|id| {
            let stmt = body.expr(id).stmt;
            body.enclosing(stmt).find(|&outer| cleans(outer, stmt))
        })
    }

    /// Whether leaving the manager undoes nothing, as with `contextlib.suppress` and with a context
    /// manager of the project that ends at its `yield`.
    pub fn holds_nothing(&self, module: ModuleId, body: BodyId, manager: ExprId) -> bool {
        self.holds_nothing_within(ExprRef { module, body, id: manager }, MAX_MANAGERS)
    }

    fn holds_nothing_within(&self, at: ExprRef, managers: u8) -> bool {
        if let Some(guard) = self.guard(at.module, at.body, at.id) {
            return guard.scope == Scope::Nothing;
        }
        match self.callee(at.module, at.body, at.id) {
            Callee::Known(function) => {
                self.is_manager_function(function)
                    && (managers == 0 || self.ends_at_yield(function, managers - 1))
            }
            _ => false,
        }
    }

    /// Whether nothing is left to do behind the `yield`s of the function but to look at exceptions.
    fn ends_at_yield(&self, function: FunctionRef, managers: u8) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let is_handler = |outer: StmtId, id: StmtId| match &body.stmt(outer).kind {
            StmtKind::Try(block) => {
                block.handlers.iter().any(|handler| body.block_holds(handler.body, id))
            }
            _ => false,
        };
        let yields = self.own_yields(function);
        !yields.is_empty()
            && self.cleans_up_within(function, managers).is_none()
            && yields.iter().all(|&id| {
                let stmt = body.expr(id).stmt;
                body.stmts_in_block(own.block).filter(|&later| later > stmt).all(|later| {
                    body.enclosing(stmt).any(|outer| is_handler(outer, later))
                        || matches!(body.stmt(later).kind, StmtKind::Return(None) | StmtKind::Pass)
                })
            })
    }
}
