//! Values that stand in for a parameter without an annotation: `client or Client()`.

use asynclint_semantic::{
    AttributeWrite, Binding, BindingKind, Body, ExprId, ExprKind, Name, StmtId, StmtKind,
};

use crate::resolver::Resolver;
use crate::types::{ModuleId, Reason, Type};

impl Resolver<'_> {
    /// One of the values, where some may be what a parameter without an annotation was given and the
    /// others are made in its place: whoever gives another gives the like of it. Libraries have twins
    /// that are no such, but for what only coroutines enter.
    pub(crate) fn given_or_made(&self, types: Vec<Type>) -> Type {
        let is_given = |it: &Type| matches!(it, Type::Unknown(Reason::UnannotatedParameter));
        let is_made = |it: &Type| match it {
            Type::Instance(_) => true,
            Type::ExternalInstance(name) => {
                let class = self.project.catalog().class(name);
                class.is_some_and(|class| class.async_manager)
            }
            _ => false,
        };
        let is_either = |it: &Type| is_given(it) || is_made(it) || *it == Type::None;
        if !types.iter().any(is_made) || !types.iter().all(is_either) {
            return Type::join(types);
        }
        Type::join(types.into_iter().filter(|it| !is_given(it)).collect())
    }

    /// Whether the bindings are a parameter and what is put in its place under a condition on it:
    /// `if client is None: client = Client()`.
    pub(crate) fn is_parameter_replaced(&self, module: ModuleId, bindings: &[&Binding]) -> bool {
        let [parameter, made @ ..] = bindings else { return false };
        let facts = self.project.facts(module);
        let is_in_place = |binding: &&Binding| {
            let Some(stmt) = binding.stmt else { return false };
            matches!(binding.kind, BindingKind::Assigned(_))
                && is_under_test_of(facts.body(binding.body), stmt, binding.name)
        };
        !made.is_empty()
            && matches!(parameter.kind, BindingKind::Parameter(_))
            && made.iter().all(is_in_place)
    }

    /// Whether one function writes an attribute twice, in the branches of a condition on what one of
    /// them keeps: `if client: self.client = client`, `else: self.client = Client()`.
    pub(crate) fn is_kept_or_made(&self, writes: &[(ModuleId, &AttributeWrite)]) -> bool {
        let [(module, one), (other_module, other)] = writes else { return false };
        if module != other_module || one.body != other.body || one.function != other.function {
            return false;
        }
        let body = self.project.facts(*module).body(one.body);
        let (Some(first), Some(second)) = (one.value, other.value) else { return false };
        let name = [first, second].into_iter().find_map(|id| match body.kind(id) {
            ExprKind::Name(name) => Some(name),
            _ => None,
        });
        let is_under =
            |id: ExprId| name.is_some_and(|it| is_under_test_of(body, body.expr(id).stmt, it));
        one.function.is_some() && (is_under(first) || is_under(second))
    }
}

/// Whether the statement stands in a branch of an `if` that asks for the name.
fn is_under_test_of(body: &Body, stmt: StmtId, name: Name) -> bool {
    body.enclosing(stmt).any(|outer| match body.stmt(outer).kind {
        StmtKind::If { test, .. } => asks_for(body, test, name),
        _ => false,
    })
}

/// Whether the name is a part of the condition.
pub(crate) fn asks_for(body: &Body, test: ExprId, name: Name) -> bool {
    let mut all = body.exprs_below(test).chain([test]);
    all.any(|id| body.kind(id) == ExprKind::Name(name))
}
