//! Methods that give back the object they are called on, or a new one of its class: below the class
//! that defines them, they give one of the class below.

use std::rc::Rc;

use asynclint_semantic::{ExprId, ExprKind};

use crate::members::Ancestor;
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
        let own = ClassRef { module: function.module, id };
        if !names(&result, own) || !self.gives_its_class(function) {
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
            _ => in_place(
                &result,
                own,
                &Type::join(classes.into_iter().map(Type::Instance).collect()),
            ),
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
                    Type::External(name) => {
                        matches!(&*name, "typing.Self" | "typing_extensions.Self")
                    }
                    Type::Unknown(Reason::TypeVariable) => is_of_first(id),
                    _ => false,
                }
            }
            ExprKind::Str(Some(text)) => facts.outline.text(text) == "Self",
            _ => false,
        })
    }
}

/// Whether the type has to do with objects of the class, or with a type variable.
fn names(value: &Type, class: ClassRef) -> bool {
    match value {
        Type::Instance(known) => *known == class,
        Type::Unknown(Reason::TypeVariable) => true,
        Type::Pending(_, inner) | Type::Container(_, inner) | Type::Manager(inner) => {
            names(inner, class)
        }
        Type::Tuple(parts) | Type::Union(parts) => parts.iter().any(|part| names(part, class)),
        _ => false,
    }
}

/// The type with `other` in the place of objects of the class and of the type variable.
fn in_place(value: &Type, class: ClassRef, other: &Type) -> Type {
    let inner = |inner: &Type| Rc::new(in_place(inner, class, other));
    match value {
        Type::Instance(known) if *known == class => other.clone(),
        Type::Unknown(Reason::TypeVariable) => other.clone(),
        Type::Pending(shade, awaited) => Type::Pending(*shade, inner(awaited)),
        Type::Container(name, element) => Type::Container(name.clone(), inner(element)),
        Type::Manager(entered) => Type::Manager(inner(entered)),
        Type::Tuple(parts) => {
            Type::Tuple(parts.iter().map(|part| in_place(part, class, other)).collect())
        }
        Type::Union(parts) => {
            Type::join(parts.iter().map(|part| in_place(part, class, other)).collect())
        }
        known => known.clone(),
    }
}
