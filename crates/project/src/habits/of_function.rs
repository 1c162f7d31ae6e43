//! What the project does with the coroutines of one function.

use asynclint_semantic::{Body, ExprId, Name, Usage};
use rustc_hash::FxHashSet;

use super::{Counts, Habit, Sign, awaited_names, binds_one_of};
use crate::resolver::Resolver;
use crate::types::FunctionRef;

/// A function that is named more often than this is not looked into: that costs too much.
const MAX_USES: usize = 5_000;

impl Resolver<'_> {
    /// What the project does with the values of the calls that call `function`, or may do so by
    /// their name. A coroutine that is handed to `gather` or kept for later counts as plain. `None`
    /// where no call awaits it at once.
    pub fn habit_of(&self, function: FunctionRef) -> Option<Habit> {
        if let Some(&known) = self.habits.borrow().get(&function) {
            return known;
        }
        let habit = self.count_uses(function);
        self.habits.borrow_mut().insert(function, habit);
        habit
    }

    fn count_uses(&self, function: FunctionRef) -> Option<Habit> {
        let uses = self.open_uses(function).filter(|uses| uses.len() <= MAX_USES)?;
        let mut calls = Counts::default();
        let mut example = None;
        for here in uses.chunk_by(|a, b| (a.module, a.body) == (b.module, b.body)) {
            let (module, body) =
                (here[0].module, self.project.facts(here[0].module).body(here[0].body));
            let awaited = awaited_names(body);
            for site in here {
                let Some(sign) = sign(body, site.expr, &awaited) else { continue };
                if sign == Sign::Awaited {
                    example = example.or(Some((module, body.span(site.expr))));
                }
                calls.add(sign);
            }
        }
        Some(Habit { calls, example: example? })
    }
}

/// Whether the call of `callee` is awaited, at once or by the name it is bound to. `None` where
/// `callee` is not called.
fn sign(body: &Body, callee: ExprId, awaited: &FxHashSet<Name>) -> Option<Sign> {
    let call = body.expr(callee).parent.filter(|&id| body.callee(id) == Some(callee))?;
    let is_awaited = match body.expr(call).usage {
        Usage::Awaited => true,
        Usage::Bound => binds_one_of(body, call, awaited),
        _ => false,
    };
    Some(if is_awaited { Sign::Awaited } else { Sign::Plain })
}
