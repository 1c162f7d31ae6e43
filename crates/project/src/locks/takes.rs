//! Which locks a function takes while it runs, by itself and through what it calls.

use std::cell::OnceCell;
use std::rc::Rc;

use asynclint_parser::Span;
use asynclint_semantic::exits::Open;
use asynclint_semantic::{Block, BodyId, ExprId, ExprKind, Paths, StmtId, StmtKind, Usage};

use super::{Hold, Lock, LockId};
use crate::blocking::{Hop, Switch};
use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId};

/// A lock that a function takes.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The lock, its place as the function sees it.
    pub lock: Lock,
    /// The lock by the place that makes it.
    pub id: Option<LockId>,
    /// The calls that lead there, and last the expression that names the lock.
    pub hops: Rc<[Hop]>,
    /// Whether some way through the function does not take it.
    pub is_conditional: bool,
    /// The parameters of the function that it hangs on.
    switches: Rc<[Switch]>,
}

/// What runs the coroutines that it is given before it is done itself.
const RUNS_GIVEN: &[&str] = &["asyncio.gather", "asyncio.shield", "asyncio.wait_for"];

/// The ways through one function, found when they are first asked for.
pub(crate) type Ways<'p> = OnceCell<Paths<'p>>;

/// Most calls between a function and the lock that it takes.
const MAX_CALLS: usize = 3;

impl<'p> Resolver<'p> {
    /// The locks that `function` takes while it runs, the nearest first.
    pub fn takings(&self, function: FunctionRef) -> Rc<[Taking]> {
        self.takings_within(function, MAX_CALLS)
    }

    fn takings_within(&self, function: FunctionRef, left: usize) -> Rc<[Taking]> {
        if let Some(known) = self.takings.borrow().get(&(function, left)) {
            return known.clone();
        }
        let own = self.project.function(function);
        let mut found: Vec<Taking> = Vec::new();
        let ways = Ways::default();
        if !own.is_broken {
            for hold in self.holds(function).iter() {
                found.push(self.taking(function, hold, &ways));
            }
            if left > 0 {
                for &(call, callee) in self.runs_in(function).iter() {
                    found.extend(self.takings_of_call(function, call, callee, left - 1, &ways));
                }
            }
        }
        found.sort_by_key(|taking| taking.hops.len());
        let mut kept: Vec<Taking> = Vec::new();
        for taking in found {
            let is_known = kept.iter().any(|old| {
                (&old.lock.place, &old.id) == (&taking.lock.place, &taking.id)
                    && old.is_conditional <= taking.is_conditional
                    && (old.switches.is_empty() || old.switches == taking.switches)
            });
            if !is_known {
                kept.push(taking);
            }
        }
        let kept: Rc<[Taking]> = kept.into();
        self.takings.borrow_mut().insert((function, left), kept.clone());
        kept
    }

    /// The lock that a hold of `function` takes.
    pub(crate) fn taking(&self, function: FunctionRef, hold: &Hold, ways: &Ways<'p>) -> Taking {
        let body = self.project.function(function).body;
        let code = self.project.facts(function.module).body(body);
        let is_conditional = self.may_leave_out(function, hold.named, ways);
        let hop = Hop { caller: function, call: code.span(hold.named), is_conditional };
        let id = hold.lock.place.as_ref().and_then(|place| self.lock_id(place));
        let switches = self.switches(function, hold.named).into();
        Taking { lock: hold.lock.clone(), id, hops: [hop].into(), is_conditional, switches }
    }

    /// The locks that a call in `function` takes by way of `callee`.
    pub fn takings_by_call(
        &self,
        function: FunctionRef,
        call: ExprId,
        callee: FunctionRef,
    ) -> Vec<Taking> {
        self.takings_of_call(function, call, callee, MAX_CALLS, &Ways::default())
    }

    fn takings_of_call(
        &self,
        function: FunctionRef,
        call: ExprId,
        callee: FunctionRef,
        left: usize,
        ways: &Ways<'p>,
    ) -> Vec<Taking> {
        let below = self.takings_within(callee, left);
        if below.is_empty() {
            return Vec::new();
        }
        let own = self.project.function(function);
        let at = ExprRef { module: function.module, body: own.body, id: call };
        let span = self.project.facts(at.module).body(at.body).span(call);
        let is_conditional = self.may_leave_out(function, call, ways);
        let hop = Hop { caller: function, call: span, is_conditional };
        let translated = below.iter().filter_map(|taking| {
            let needed = self.handed_on(function, at, callee, &taking.switches)?;
            let place = taking.lock.place.as_ref();
            let place = place.and_then(|place| self.place_for_caller(place, callee, at));
            Some(Taking {
                lock: Lock { place, ..taking.lock.clone() },
                id: taking.id.clone(),
                hops: std::iter::once(hop).chain(taking.hops.iter().copied()).collect(),
                is_conditional: is_conditional || taking.is_conditional,
                switches: self.switches(function, call).into_iter().chain(needed).collect(),
            })
        });
        translated.collect()
    }

    /// The calls of project functions that `function` runs to their end before it goes on, in the
    /// order of the text. What it starts as a task runs by itself and is left out.
    pub fn runs_in(&self, function: FunctionRef) -> Rc<[(ExprId, FunctionRef)]> {
        if let Some(known) = self.runs.borrow().get(&function) {
            return Rc::clone(known);
        }
        let body = self.project.function(function).body;
        let calls = self.calls_in(function).into_iter();
        let runs = calls.filter_map(|call| Some((call, self.runs(function.module, body, call)?)));
        let runs: Rc<[_]> = runs.collect();
        self.runs.borrow_mut().insert(function, Rc::clone(&runs));
        runs
    }

    /// The function of the project that runs where the call stands.
    fn runs(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<FunctionRef> {
        let callee = self.callee(module, body, call);
        if let Some(helper) = self.helper(module, body, call, &callee) {
            return Some(helper);
        }
        let Callee::Known(function) = callee else { return None };
        let is_other = self.is_overridden(function) && !self.picks_method(module, body, call);
        // What installed packages do inside is theirs.
        if is_other || self.project.is_installed(function.module) || self.is_deferred(function) {
            return None;
        }
        let code = self.project.facts(module).body(body);
        let usage = code.expr(call).usage;
        let runs = match self.gives(&callee) {
            Gives::Coroutine => match usage {
                Usage::Awaited => true,
                _ => self.is_run_by_receiver(module, body, call),
            },
            Gives::AsyncGenerator => usage == Usage::AsyncIterated,
            Gives::AsyncManager => usage == Usage::AsyncEntered,
            _ => false,
        };
        runs.then_some(function)
    }

    /// Whether the coroutine is given to a call that is awaited and runs it: `gather(f())`,
    /// `gather(*[f(x) for x in xs])`, `wait_for(f(), 1)`.
    fn is_run_by_receiver(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let code = self.project.facts(module).body(body);
        let mut given = call;
        while let (Usage::Collected, Some(outer)) =
            (code.expr(given).usage, code.expr(given).parent)
        {
            given = outer;
        }
        let is_given = matches!(code.expr(given).usage, Usage::Passed | Usage::Unpacked);
        let Some(outer) = code.expr(given).parent.filter(|_| is_given) else { return false };
        let Callee::External(name) = self.callee(module, body, outer) else { return false };
        code.expr(outer).usage == Usage::Awaited
            && RUNS_GIVEN.contains(&self.project.catalog().canonical(&name))
    }

    /// Whether the function can return before it comes to the statement at its top that holds the
    /// expression.
    pub fn returns_before(&self, function: FunctionRef, id: ExprId) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let stmt = body.expr(id).stmt;
        // In each block around it, what comes before the statement that leads there.
        let around: Vec<StmtId> = std::iter::once(stmt).chain(body.enclosing(stmt)).collect();
        let returns_in = |block: Block| {
            let next = body.block(block).iter().find(|stmt| around.contains(stmt));
            next.is_some_and(|&next| {
                Paths::of(body, block, &Open).from_start(|at: StmtId| at == next).returns
            })
        };
        returns_in(own.block)
            || around.iter().any(|&outer| match body.stmt(outer).kind {
                StmtKind::If { body: then, orelse, .. } => returns_in(then) || returns_in(orelse),
                _ => false,
            })
    }

    /// Whether the function can return without coming to the expression.
    fn may_leave_out(&self, function: FunctionRef, id: ExprId, ways: &Ways<'p>) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let stmt = body.expr(id).stmt;
        let around = std::iter::successors(body.expr(id).parent, |&id| body.expr(id).parent);
        let is_part = around.into_iter().any(|outer| {
            matches!(
                body.kind(outer),
                ExprKind::Conditional { .. } | ExprKind::Bool { .. } | ExprKind::Comprehension(_)
            )
        });
        let paths = || ways.get_or_init(|| Paths::of(body, own.block, &Open));
        is_part || paths().from_start(|at: StmtId| at == stmt).returns
    }
}

impl Taking {
    /// Where the lock is named, and by which function.
    pub fn last(&self) -> Option<(FunctionRef, Span)> {
        self.hops.last().map(|hop| (hop.caller, hop.call))
    }
}
