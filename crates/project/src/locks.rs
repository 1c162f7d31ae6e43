//! Locks: which one an expression names, and where it is held.

mod holds;
mod order;
mod places;
mod takes;

use std::rc::Rc;

use asynclint_catalog::LockKind;
use asynclint_semantic::{BodyId, ExprId};

pub use holds::Hold;
pub use order::{Inversion, Taken};
pub use places::{LockId, Place as ObjectPlace};
pub use takes::Taking;

use crate::resolver::{ExprRef, Resolver};
use crate::types::{ModuleId, Type};

/// A lock that an expression evaluates to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its class, under the name that its users know: `threading.Lock`.
    pub class: Rc<str>,
    /// What it keeps out.
    pub kind: LockKind,
    /// Whether waiting for it lets other tasks run.
    pub is_async: bool,
    /// Which one it is; absent where nobody knows.
    pub place: Option<ObjectPlace>,
}

impl Resolver<'_> {
    /// The lock that an expression evaluates to, if its type is known to be one.
    pub fn lock(&self, module: ModuleId, body: BodyId, id: ExprId) -> Option<Lock> {
        let at = ExprRef { module, body, id };
        let Type::ExternalInstance(class) = self.value(at) else { return None };
        let catalog = self.project.catalog();
        let kind = catalog.lock(&class)?;
        let is_async = catalog.any_base(&class, |class| class.async_manager);
        let class: Rc<str> = catalog.canonical(&class).into();
        let place = self.lock_place(at).filter(|place| !self.shares_another_lock(place));
        Some(Lock { class, kind, is_async, place })
    }

    /// Whether the lock was made around another one, as `Condition(lock)` is: then it is that one.
    fn shares_another_lock(&self, place: &ObjectPlace) -> bool {
        let makers = self.makers_of(place);
        makers.into_iter().any(|made| {
            let body = self.project.facts(made.module).body(made.body);
            let Type::ExternalInstance(class) = self.value(made) else { return false };
            let is_condition = self.project.catalog().canonical(&class).ends_with(".Condition");
            is_condition && !body.arguments(made.id).is_empty()
        })
    }
}
