//! What the project does with the coroutines of one function.

use asynclint_semantic::Usage;

use super::{Habit, awaited_names, binds_one_of, folder};
use crate::resolver::Resolver;
use crate::types::FunctionRef;
use crate::uses::Use;

/// A function that is named more often than this is not looked into: that costs too much.
const MAX_USES: usize = 5_000;

impl Resolver<'_> {
    /// What the project does with the values of the calls that call `function`, or may do so by
    /// their name, as seen from `near`. A coroutine that is handed to `gather` or kept for later counts as plain.
    /// `None` where no call awaits it at once.
    pub fn habit_of(&self, function: FunctionRef, near: crate::ModuleId) -> Option<Habit> {
        let uses = self.open_uses(function).filter(|uses| uses.len() <= MAX_USES)?;
        let folder_near = folder(self.project, near);
        let mut example = None;
        let (mut all, mut close) = ([0, 0], [0, 0]);
        for site in uses {
            let Some(is_awaited) = self.awaits(site) else { continue };
            let body = self.project.facts(site.module).body(site.body);
            if is_awaited {
                example = example.or(Some((site.module, body.span(site.expr))));
            }
            let kind = usize::from(!is_awaited);
            all[kind] += 1;
            close[kind] += u32::from(folder(self.project, site.module) == folder_near);
        }
        Some(Habit {
            awaited: all[0],
            plain: all[1],
            awaited_near: close[0],
            plain_near: close[1],
            example: example?,
        })
    }

    /// Whether the call at a place is awaited, at once or by the name it is bound to. `None` where
    /// nothing is called there.
    fn awaits(&self, site: Use) -> Option<bool> {
        let body = self.project.facts(site.module).body(site.body);
        let call = body.expr(site.expr).parent.filter(|&id| body.callee(id) == Some(site.expr))?;
        Some(match body.expr(call).usage {
            Usage::Awaited => true,
            Usage::Bound => binds_one_of(body, call, &awaited_names(body)),
            _ => false,
        })
    }
}
