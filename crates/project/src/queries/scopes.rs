//! Managers that bind cancellation to a block: cancel scopes, timeouts, groups of tasks.

use asynclint_catalog::{Scope, Shade};
use asynclint_semantic::{BodyId, ExprId, ExprKind, StmtId, StmtKind};

use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// Project managers that enter each other deeper than this are not followed.
const MAX_WRAPPERS: u8 = 3;

/// What a manager makes of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// What it makes of it.
    pub scope: Scope,
    /// The context manager function of the project that enters the scope for its callers.
    pub wrapper: Option<FunctionRef>,
}

/// A `with` statement that binds cancellation to its block.
#[derive(Clone, Copy, Debug)]
pub struct Guarded {
    /// The statement.
    pub stmt: StmtId,
    /// The manager.
    pub manager: ExprId,
    /// What it does.
    pub guard: Guard,
}

impl Resolver<'_> {
    /// What the manager of a `with` statement makes of the block it guards, where that is known.
    pub fn guard(&self, module: ModuleId, body: BodyId, manager: ExprId) -> Option<Guard> {
        self.guard_within(ExprRef { module, body, id: manager }, MAX_WRAPPERS)
    }

    fn guard_within(&self, at: ExprRef, wrappers: u8) -> Option<Guard> {
        let value = self.value(at);
        let direct = |scope| Guard { scope, wrapper: None };
        let mut guards = value.parts().iter().map(|part| match part {
            Type::ExternalInstance(class) => self.project.catalog().scope(class).map(direct),
            Type::Instance(class) => self.mro(*class).iter().find_map(|ancestor| match ancestor {
                Ancestor::Library(name) => self.project.catalog().scope(name).map(direct),
                _ => None,
            }),
            _ => None,
        });
        let first = guards.next()?;
        if first.is_some() {
            // `asyncio.timeout` or `async_timeout.timeout`, by the version of Python.
            return first.filter(|_| guards.all(|other| other.is_some()));
        }
        match self.callee(at.module, at.body, at.id) {
            Callee::Known(function) if wrappers > 0 => {
                let own = self.project.function(function);
                let is_manager = own.is_generator
                    && (matches!(value, Type::Pending(Shade::AsyncManager, _)) || !own.is_async)
                    && self.is_manager_function(function);
                let scope = is_manager.then(|| self.entered_scope(function, wrappers - 1))??;
                Some(Guard { scope, wrapper: Some(function) })
            }
            _ => None,
        }
    }

    /// The scope that stands around a `yield` of the context manager function.
    fn entered_scope(&self, function: FunctionRef, wrappers: u8) -> Option<Scope> {
        let own = self.project.function(function);
        let module = function.module;
        let body = self.project.facts(module).body(own.body);
        self.own_yields(function).into_iter().find_map(|id| {
            body.enclosing(body.expr(id).stmt).find_map(|outer| {
                let StmtKind::With { items, .. } = &body.stmt(outer).kind else { return None };
                items.iter().find_map(|item| {
                    let at = ExprRef { module, body: own.body, id: item.manager };
                    let guard = self.guard_within(at, wrappers)?;
                    guard.scope.cancels().then_some(guard.scope)
                })
            })
        })
    }

    /// The `with` statements around `stmt`, itself included, that bind cancellation to the code of
    /// the same function, innermost first.
    pub fn guards_around(&self, module: ModuleId, body: BodyId, stmt: StmtId) -> Vec<Guarded> {
        let code = self.project.facts(module).body(body);
        let mut found = Vec::new();
        for outer in code.enclosing(stmt) {
            let StmtKind::With { items, .. } = &code.stmt(outer).kind else { continue };
            for item in items.iter().rev() {
                let guard = self.guard(module, body, item.manager);
                if let Some(guard) = guard.filter(|guard| guard.scope.cancels()) {
                    found.push(Guarded { stmt: outer, manager: item.manager, guard });
                }
            }
        }
        found
    }

    /// Whether a cancellation from outside does not reach the code at `stmt`: a cancel scope with a
    /// shield stands around it, or the block sets `scope.shield = True`.
    pub fn is_shielded(&self, module: ModuleId, body: BodyId, stmt: StmtId) -> bool {
        let code = self.project.facts(module).body(body);
        std::iter::once(stmt).chain(code.enclosing(stmt)).any(|outer| {
            let StmtKind::With { items, body: block, .. } = &code.stmt(outer).kind else {
                return false;
            };
            items.iter().any(|item| {
                self.has_shield(module, body, item.manager)
                    || item.target.is_some_and(|target| {
                        code.block(*block).iter().any(|&id| self.shields(module, body, id, target))
                    })
            })
        })
    }

    /// Whether the call passes `shield=` with anything but `False`.
    fn has_shield(&self, module: ModuleId, body: BodyId, manager: ExprId) -> bool {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let value = facts.outline.names.get("shield").and_then(|name| code.keyword(manager, name));
        value.is_some_and(|value| code.kind(value) != ExprKind::Boolean(false))
    }

    /// Whether the statement is `target.shield = True`, or `target.cancel_scope.shield = True`.
    fn shields(&self, module: ModuleId, body: BodyId, stmt: StmtId, target: ExprId) -> bool {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let StmtKind::Assign { targets, value } = code.stmt(stmt).kind else { return false };
        let sets = |id: ExprId| match code.kind(id) {
            ExprKind::Attribute { name, .. } => {
                facts.outline.text(name) == "shield"
                    && code.exprs_below(id).any(|below| code.kind(below) == code.kind(target))
            }
            _ => false,
        };
        code.kind(value) != ExprKind::Boolean(false) && code.list(targets).iter().copied().any(sets)
    }
}
