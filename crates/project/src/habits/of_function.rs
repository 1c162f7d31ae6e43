//! What the project does with the coroutines of one function.

use asynclint_parser::Span;
use asynclint_semantic::{Body, BodyId, ExprId, ExprKind, Name, StmtKind, Usage};
use rustc_hash::FxHashSet;

use super::{Counts, Habit, Sign, awaited_names, binds_one_of};
use crate::resolver::Resolver;
use crate::types::{FunctionRef, ModuleId};

/// A function that is named more often than this is not looked into: that costs too much.
const MAX_USES: usize = 5_000;

/// What a caller does with what awaiting a call gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultUse {
    /// Where that is.
    pub module: ModuleId,
    /// The use.
    pub span: Span,
    /// Whether it is dropped.
    pub is_dropped: bool,
}

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

    /// A place that uses what awaiting a call of `function` gives as a value, or that drops it, if
    /// every call is awaited at once, and nothing is done with what that gives that may await it in
    /// its turn.
    pub fn result_used(&self, function: FunctionRef) -> Option<ResultUse> {
        let uses = self.open_uses(function).filter(|uses| uses.len() <= MAX_USES)?;
        let (mut as_value, mut dropped) = (None, None);
        for site in uses {
            let module = site.module;
            let body = self.project.facts(module).body(site.body);
            let call = body.expr(site.expr).parent;
            let Some(call) = call.filter(|&id| body.callee(id) == Some(site.expr)) else {
                // An import names it, too.
                if matches!(body.stmt(body.expr(site.expr).stmt).kind, StmtKind::Import) {
                    continue;
                }
                return None;
            };
            let result =
                body.expr(call).parent.filter(|&id| body.kind(id) == ExprKind::Await(call))?;
            let here = |id, is_dropped| Some(ResultUse { module, span: body.span(id), is_dropped });
            match body.expr(result).usage {
                Usage::Discarded => dropped = dropped.or(here(result, true)),
                Usage::Bound => {
                    let read = self.value_read(module, site.body, result)?;
                    as_value = as_value.or(here(read, false));
                }
                usage if usage == Usage::Object || usage.is_of_value() => {
                    as_value = as_value.or(here(result, false));
                }
                _ => return None,
            }
        }
        as_value.or(dropped)
    }

    /// Where the local that holds `result` is used as a value, if it is not used in any other way.
    fn value_read(&self, module: ModuleId, body: BodyId, result: ExprId) -> Option<ExprId> {
        let local = self.local_of(module, body, result)?;
        let code = self.project.facts(module).body(body);
        let is_value = |&read: &ExprId| match code.expr(read).usage {
            Usage::Object => true,
            usage => usage.is_of_value(),
        };
        local.reads.iter().all(is_value).then(|| local.reads.first().copied())?
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
