//! Tasks, and the groups that wait for them.

use asynclint_semantic::{BodyId, ExprId};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{ModuleId, Type};

/// The classes whose block waits for every task that was started in it.
const GROUPS: &[&str] = &["asyncio.TaskGroup", "anyio.abc.TaskGroup", "trio.Nursery"];

impl Resolver<'_> {
    /// The class of the task group that `async with manager` opens: at the end of the block it
    /// waits for its tasks.
    pub fn task_group(
        &self,
        module: ModuleId,
        body: BodyId,
        manager: ExprId,
    ) -> Option<&'static str> {
        match self.entered(ExprRef { module, body, id: manager }, true) {
            Type::ExternalInstance(class) => {
                let catalog = self.project.catalog();
                GROUPS.iter().copied().find(|group| catalog.is_subclass(&class, group))
            }
            _ => None,
        }
    }
}
