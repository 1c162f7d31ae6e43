//! What the type variables of a generic class stand for: `Repository[User]` where an object is made
//! or described, and `class Users(Repository[User])`.

use asynclint_semantic::{BindingKind, ExprId, ExprKind, MODULE_SCOPE};

use crate::classes::mro::{Ancestor, Mro};
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, Reason, Type, Variable};

/// Bases that say which type variables a class has, and in which order.
const DECLARING: &[&str] = &["typing.Generic", "typing.Protocol"];

impl Resolver<'_> {
    /// `known`, which the class `definer` says of its member `name`, as it is of an object of
    /// `class`: with what the type variables stand for there, as far as that is known.
    pub(crate) fn in_class(&self, known: &Type, class: ClassRef, definer: ClassRef) -> Type {
        known.each_variable(&|variable| {
            let bound = self.mro(class).len();
            self.stands_for(class, definer, variable, bound).unwrap_or(variable.unknown())
        })
    }

    /// What a call of the method `function` gives that gives `result` in general, where it is called
    /// on `object`.
    pub(crate) fn of_generic(
        &self,
        function: FunctionRef,
        result: Type,
        object: impl FnOnce() -> Type,
    ) -> Type {
        let definer = self.project.class_of(function);
        let Some(definer) = definer.filter(|_| result.holds(&Type::is_variable)) else {
            return result;
        };
        let own = self.variables_of(definer);
        // What the arguments of a call decide, or would.
        let is_of_method = |variable: Variable| {
            !own.iter().any(|&own| self.is_same(own, variable))
                && self.is_in_parameters(function, variable)
        };
        object().map(|object| match object {
            Type::Instance(class) | Type::Class(class) | Type::Super(class) => result
                .each_variable(&|variable| match variable.unknown() {
                    unknown if is_of_method(variable) => unknown,
                    unknown => self.in_class(&unknown, *class, definer),
                }),
            _ => result.clone(),
        })
    }

    /// The least that `T = TypeVar("T", bound=Thing)` says of what it stands for.
    pub(crate) fn bound_of(&self, variable: Variable) -> Type {
        let outline = &self.project.facts(variable.module).outline;
        let [binding] = outline.bindings(MODULE_SCOPE, variable.name) else {
            return variable.unknown();
        };
        let (BindingKind::Assigned(made), body) = (&binding.kind, binding.body) else {
            return variable.unknown();
        };
        let code = self.project.facts(variable.module).body(body);
        let bound = outline.names.get("bound").and_then(|name| code.keyword(*made, name));
        match bound {
            Some(id) => self.annotation(ExprRef { module: variable.module, body, id }),
            None => variable.unknown(),
        }
    }

    fn is_in_parameters(&self, function: FunctionRef, variable: Variable) -> bool {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let home = facts.body(own.home);
        let wanted = self.project.facts(variable.module).outline.text(variable.name);
        let mut annotations = own.parameters.iter().filter_map(|parameter| parameter.annotation);
        annotations.any(|annotation| {
            home.exprs_below(annotation).any(|id| match home.kind(id) {
                ExprKind::Name(name) => facts.outline.text(name) == wanted,
                ExprKind::Str(Some(text)) => facts.outline.text(text).contains(wanted),
                _ => false,
            })
        })
    }

    /// The first class in `order` whose body or methods bind `name`.
    pub(crate) fn definer(&self, order: &Mro, name: &str) -> Option<ClassRef> {
        order.iter().find_map(|ancestor| {
            let Ancestor::Project(class) = ancestor else { return None };
            let outline = &self.project.facts(class.module).outline;
            let name = outline.names.get(name)?;
            let is_bound = !outline.bindings(outline.class(class.id).scope, name).is_empty();
            let mut writes = outline.attribute_writes.iter();
            let is_its =
                is_bound || writes.any(|write| write.class == Some(class.id) && write.name == name);
            is_its.then_some(*class)
        })
    }

    /// What a type variable of `definer` stands for in `class`, `most` bases below it or fewer.
    fn stands_for(
        &self,
        class: ClassRef,
        definer: ClassRef,
        variable: Variable,
        most: usize,
    ) -> Option<Type> {
        if class == definer {
            return self.type_argument(class, variable);
        }
        let below = most.checked_sub(1)?;
        let definer_is_above =
            |base: &ClassRef| self.mro(*base).contains(&Ancestor::Project(definer));
        let base = self.generic_bases(class).into_iter().find(definer_is_above)?;
        let found = self.stands_for(base, definer, variable, below)?;
        Some(found.each_variable(&|own| self.type_argument(class, own).unwrap_or(own.unknown())))
    }

    /// The bases of a class that are of the project, with their arguments.
    fn generic_bases(&self, class: ClassRef) -> Vec<ClassRef> {
        let own = self.project.class(class);
        let body = self.project.facts(class.module).body(own.home);
        let there = |id| ExprRef { module: class.module, body: own.home, id };
        let base = |&id: &ExprId| {
            let (head, arguments) = match body.kind(id) {
                ExprKind::Subscript { value, .. } => (value, Some(there(id))),
                _ => (id, None),
            };
            match self.value(there(head)) {
                Type::Class(class) => {
                    Some(ClassRef { arguments: arguments.or(class.arguments), ..class })
                }
                _ => None,
            }
        };
        body.list(own.bases).iter().filter_map(base).collect()
    }

    /// What the arguments of a class say of one of its own type variables.
    fn type_argument(&self, class: ClassRef, variable: Variable) -> Option<Type> {
        let written = class.arguments?;
        let given = self.arguments(written);
        let place = match self.variables_of(class).as_slice() {
            // `class Box[T]`: of one it is clear without its name.
            [] if given.len() == 1 => 0,
            own => own.iter().position(|&own| self.is_same(own, variable))?,
        };
        Some(self.annotation(ExprRef { id: *given.get(place)?, ..written }))
    }

    /// The type variables of a class in the order of its arguments, as its bases name them.
    fn variables_of(&self, class: ClassRef) -> Vec<Variable> {
        let own = self.project.class(class);
        let body = self.project.facts(class.module).body(own.home);
        let there = |id| ExprRef { module: class.module, body: own.home, id };
        let mut all = Vec::new();
        for &base in body.list(own.bases) {
            let ExprKind::Subscript { value: head, .. } = body.kind(base) else { continue };
            let named = self.arguments(there(base)).into_iter().filter_map(|id| {
                match self.annotation(there(id)) {
                    Type::Unknown(Reason::TypeVariable(variable)) => Some(variable),
                    _ => None,
                }
            });
            let named: Vec<Variable> = named.collect();
            match self.value(there(head)) {
                Type::External(name) if DECLARING.contains(&&*name) => return named,
                _ => all.extend(named),
            }
        }
        let mut distinct: Vec<Variable> = Vec::new();
        for variable in all {
            if !distinct.iter().any(|&known| self.is_same(known, variable)) {
                distinct.push(variable);
            }
        }
        distinct
    }

    /// What stands in the brackets of `head[...]`.
    fn arguments(&self, written: ExprRef) -> Vec<ExprId> {
        let body = self.project.facts(written.module).body(written.body);
        let ExprKind::Subscript { index, .. } = body.kind(written.id) else { return Vec::new() };
        body.subscript_parts(index).to_vec()
    }

    fn is_same(&self, one: Variable, other: Variable) -> bool {
        let text =
            |variable: Variable| self.project.facts(variable.module).outline.text(variable.name);
        text(one) == text(other)
    }
}
