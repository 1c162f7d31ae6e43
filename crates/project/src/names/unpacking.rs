//! What names get that share out a value: `a, b = pair`.

use asynclint_semantic::{BodyId, Part, Whole};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{ModuleId, Reason, Type};
use crate::values::elements::is_mapping;

impl Resolver<'_> {
    /// What a name or attribute gets that a pattern of `body` binds.
    pub(crate) fn part(&self, module: ModuleId, body: BodyId, part: Part) -> Type {
        let (id, places) = self.project.facts(module).body(body).operand_of(part);
        let at = ExprRef { module, body, id };
        let value = match part.whole {
            Whole::Value(_) => self.value(at),
            Whole::Entered { is_async, .. } => self.entered(at, is_async),
            Whole::Item { is_async: false, .. } => self.item(at),
            Whole::Item { .. } => Type::Unknown(Reason::Element),
        };
        places.into_iter().fold(value, |value, place| part_at(&value, place))
    }
}

/// What is in a 0-based place of a tuple, list or the like.
pub(crate) fn part_at(value: &Type, place: usize) -> Type {
    value.map(|value| match value {
        Type::Tuple(places) => {
            places.get(place).cloned().unwrap_or(Type::Unknown(Reason::OpaqueBinding))
        }
        Type::Container(class, element) if !is_mapping(class) => (**element).clone(),
        Type::Unknown(reason) => Type::Unknown(*reason),
        _ => Type::Unknown(Reason::OpaqueBinding),
    })
}
