//! Attributes that objects of a class are asked for, and that only the classes below it have: what one
//! mixin asks for, another brings along, and an annotation may name a class too far above.

use crate::resolver::Resolver;
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

    /// Whether code anywhere assigns to an attribute of the name of another object than its own.
    pub(crate) fn is_put_from_outside(&self, name: &str) -> bool {
        self.project.modules_naming(name).into_iter().any(|module| {
            let outline = &self.project.facts(module).outline;
            let Some(name) = outline.names.get(name) else { return false };
            let mut writes = outline.attribute_writes.iter();
            writes.any(|write| write.class.is_none() && write.name == name)
        })
    }
}
