//! What `isinstance` tells of a name.

use asynclint_semantic::{BodyId, ExprId, ExprKind, Name, ScopeId, StmtKind};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ModuleId, Type};

impl Resolver<'_> {
    /// The type of the name `at`, of which its bindings tell nothing, if it stands behind
    /// `if isinstance(name, T):`.
    pub(crate) fn narrowed(
        &self,
        module: ModuleId,
        body: BodyId,
        at: ExprId,
        scope: ScopeId,
        name: Name,
    ) -> Option<Type> {
        let outline = &self.project.facts(module).outline;
        let check = outline.names.get("isinstance")?;
        let code = self.project.facts(module).body(body);
        let stmt = code.expr(at).stmt;
        let (kind, expected) = code.enclosing(stmt).chain([stmt]).find_map(|outer| {
            let StmtKind::If { test, body: then, .. } = code.stmt(outer).kind else { return None };
            let is_behind = code.block_holds(then, stmt) && outer != stmt;
            let expected = self.conjuncts(module, body, test).into_iter().find_map(|id| {
                let [object, kind] = code.arguments(id) else { return None };
                let is_check = code.kind(code.callee(id)?) == ExprKind::Name(check)
                    && code.kind(object.value) == ExprKind::Name(name)
                    && outline.lookup(code.expr(object.value).scope, name) == Some(scope);
                // Further on in the same condition, too.
                let is_in_test = code.expr_holds(test, at) && id < at;
                (is_check && (is_behind || is_in_test)).then_some((kind.value, id))
            });
            expected.filter(|&(_, id)| {
                // Bound anew in between, it may be anything again.
                let (from, to) = (code.span(id).end, code.span(at).start);
                let mut bindings = outline.bindings(scope, name).iter();
                !bindings.any(|binding| (from..to).contains(&binding.at))
            })
        })?;
        if self.callee(module, body, expected) != Callee::External("builtins.isinstance".into()) {
            return None;
        }
        let kinds = code.tuple_parts(&kind);
        let here = |&id: &ExprId| ExprRef { module, body, id };
        let known = Type::join(kinds.iter().map(|kind| self.annotation(here(kind))).collect());
        (!matches!(known, Type::Unknown(_) | Type::None)).then_some(known)
    }

    /// The calls that must all be true for the condition to hold.
    fn conjuncts(&self, module: ModuleId, body: BodyId, test: ExprId) -> Vec<ExprId> {
        let code = self.project.facts(module).body(body);
        let mut open = vec![test];
        let mut calls = Vec::new();
        while let Some(id) = open.pop() {
            match code.kind(id) {
                ExprKind::Bool { is_and: true, left, right } => open.extend([right, left]),
                ExprKind::Call { .. } => calls.push(id),
                _ => {}
            }
        }
        calls
    }
}
