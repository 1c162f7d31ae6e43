//! Attributes that objects of a class are asked for, and that only the classes below it have: what one
//! mixin asks for, another brings along, and an annotation may name a class too far above.

use asynclint_semantic::ExprId;

use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, ModuleId, Reason, Type};

/// A class with more classes below it is asked for what it has itself.
const MOST_BELOW: usize = 40;

impl Resolver<'_> {
    /// What the classes below `class` have under a name that neither it nor a class above it has, where
    /// an object of the class is asked for it. Those that have none either do not get there. Tests may
    /// put there what they like.
    pub(crate) fn had_below(&self, class: ClassRef, name: &str, reader: ModuleId) -> Type {
        let lacking = Type::Unknown(Reason::UnknownAttribute);
        if self.linking.get() || name.starts_with("__") || !self.project.has_subclass(class) {
            return lacking;
        }
        let below = self.project.classes_below(class);
        if below.len() > MOST_BELOW {
            return lacking;
        }
        let is_real =
            |sub: &ClassRef| sub.module == class.module || !self.project.is_test_module(sub.module);
        let of_each = below.into_iter().filter(is_real);
        let had = of_each.map(|sub| self.member_of(&self.mro(sub), name, Some(reader)));
        let had: Vec<Type> = had.filter(|found| *found != lacking).collect();
        if had.is_empty() { lacking } else { Type::join(had) }
    }

    /// The method that the classes below `class` have, where an annotation may name it for one of them,
    /// and no condition around `at` asks whether the object has it.
    pub(crate) fn method_had_below(&self, class: ClassRef, name: &str, at: ExprRef) -> Type {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        let asks = |test: ExprId| {
            body.exprs_below(test).any(|id| {
                body.called_name(id).is_some_and(|name| facts.outline.text(name) == "hasattr")
            })
        };
        let found = self.had_below(class, name, at.module);
        let is_method = found.parts().iter().all(|part| matches!(part, Type::Method(_)));
        // The files are looked at last.
        let is_its = is_method
            && !body.is_under_if(body.expr(at.id).stmt, asks)
            && !self.is_put_from_outside(name);
        if is_its { found } else { Type::Unknown(Reason::UnknownAttribute) }
    }

    /// Whether code anywhere assigns to an attribute of the name of another object than its own.
    fn is_put_from_outside(&self, name: &str) -> bool {
        self.project.modules_naming(name).into_iter().any(|module| {
            let outline = &self.project.facts(module).outline;
            let Some(name) = outline.names.get(name) else { return false };
            let mut writes = outline.attribute_writes.iter();
            writes.any(|write| write.class.is_none() && write.name == name)
        })
    }
}
