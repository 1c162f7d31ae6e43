//! Methods that give back the object they are called on, or a new one of its class: below the class
//! that defines them, they give one of the class below.

use asynclint_semantic::{ExprId, ExprKind};

use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, Reason, Type};

impl Resolver<'_> {
    /// What a call of the method `function` gives that gives `result` in general, where it is
    /// called on `object`.
    pub(crate) fn of_receiver(
        &self,
        function: FunctionRef,
        result: Type,
        object: impl FnOnce() -> Type,
    ) -> Type {
        let Some(id) = self.project.function(function).class else { return result };
        let own = ClassRef::new(function.module, id);
        // A type variable may stand for the class.
        let is_own = |part: &Type| match part {
            Type::Instance(class) => *class == own,
            Type::Unknown(Reason::TypeVariable(_)) => true,
            _ => false,
        };
        if !result.holds(&is_own) || !self.gives_its_class(function) {
            return result;
        }
        let classes: Vec<_> = object()
            .parts()
            .iter()
            .filter_map(|part| match part {
                Type::Instance(class) | Type::Class(class) | Type::Super(class) => Some(*class),
                _ => None,
            })
            .filter(|&class| self.mro(class).contains(&Ancestor::Project(own)))
            .collect();
        match classes.as_slice() {
            [] => result,
            _ => result
                .replaced(&is_own, &Type::join(classes.into_iter().map(Type::Instance).collect())),
        }
    }

    /// Whether the method says or shows that what it returns is of the class it is called on.
    fn gives_its_class(&self, at: FunctionRef) -> bool {
        let function = self.project.function(at);
        let facts = self.project.facts(at.module);
        let first = function.parameters.first();
        let Some(annotation) = function.returns else {
            let body = facts.body(function.body);
            let is_first = |id| {
                matches!(body.kind(id), ExprKind::Name(name)
                    if first.is_some_and(|first| first.name == name))
            };
            let returned = self.returned(at);
            return !returned.is_empty()
                && returned
                    .iter()
                    .all(|&id| is_first(id) || body.callee(id).is_some_and(is_first));
        };
        let home = facts.body(function.home);
        // `def f(self: T) -> T` and `def f(cls: type[T]) -> T`
        let of_first = first.and_then(|first| first.annotation);
        let is_of_first = |id: ExprId| {
            of_first.is_some_and(|first| {
                home.exprs_below(first).any(|other| home.kind(other) == home.kind(id))
            })
        };
        let mut below = home.exprs_below(annotation);
        below.any(|id| match home.kind(id) {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                match self.value(ExprRef { module: at.module, body: function.home, id }) {
                    Type::External(name) => &*name == "typing.Self",
                    Type::Unknown(Reason::TypeVariable(_)) => is_of_first(id),
                    _ => false,
                }
            }
            ExprKind::Str(Some(text)) => facts.outline.text(text) == "Self",
            _ => false,
        })
    }
}
