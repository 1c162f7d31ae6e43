//! Which functions run in other threads than the event loop, as the call graph tells.
//!
//! A function runs in a thread if it is handed to one, and every other use of it is a call from a
//! function that runs in a thread as well. What runs an event loop of its own is left out: in
//! that thread it is at home.

mod passed;
mod seeds;
mod uses;

use asynclint_parser::Span;
use asynclint_semantic::ExprKind;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Project;
use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

/// Why a function is known to run in another thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InThread {
    /// The qualified name of what runs it there, or of the class whose method it stands in for.
    pub starter: Box<str>,
    /// The module that shows it.
    pub module: ModuleId,
    /// Where the function is handed over, or called by one that runs in a thread.
    pub span: Span,
    /// The function that calls it, if it is not handed over itself.
    pub caller: Option<FunctionRef>,
    /// Whether a class of the library calls it as a method.
    pub is_method: bool,
}

/// Helpers between what is handed to a thread and a function that is said to run there.
const MAX_CALLS: usize = 4;

/// Calls between a function and an event loop that it runs.
const MAX_CALLS_TO_LOOP: usize = 3;

/// What gives the thread that calls it an event loop.
const GIVES_LOOP: &[&str] = &["asyncio.new_event_loop", "asyncio.set_event_loop"];

/// What runs an event loop, whatever it belongs to.
const RUNS_LOOP: &[&str] = &["run_forever", "run_until_complete"];

/// The functions that run in other threads.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    found: FxHashMap<FunctionRef, InThread>,
}

impl Threads {
    pub(crate) fn of(project: &Project<'_>) -> Self {
        let seeds = seeds::seeds(project);
        let mut candidates = Candidates::default();
        for (function, why) in seeds.functions {
            candidates.add(function, why);
        }
        candidates.follow_calls(project);
        let uses = uses::uses(project, &candidates, &seeds.handed);
        candidates.keep_what_runs_nowhere_else(&uses);
        Self { found: candidates.all.into_iter().collect() }
    }
}

/// Functions that may turn out to run in threads, in the order in which they were found.
#[derive(Default)]
struct Candidates {
    all: Vec<(FunctionRef, InThread)>,
    known: FxHashSet<FunctionRef>,
}

impl Candidates {
    fn add(&mut self, function: FunctionRef, why: InThread) {
        if self.known.insert(function) {
            self.all.push((function, why));
        }
    }

    /// Adds what is called from candidates, and drops what runs a loop of its own.
    fn follow_calls(&mut self, project: &Project<'_>) {
        let resolver = Resolver::new(project);
        let mut dropped = FxHashSet::default();
        let mut from = 0;
        for depth in 0..=MAX_CALLS {
            let to = self.all.len();
            for index in from..to {
                let (function, why) = self.all[index].clone();
                if !is_judged(&resolver, function) {
                    dropped.insert(function);
                } else if depth < MAX_CALLS {
                    for (helper, span) in resolver.calls_to_helpers(function) {
                        let (starter, module) = (why.starter.clone(), function.module);
                        let caller = Some(function);
                        let why = InThread { starter, module, span, caller, is_method: false };
                        self.add(helper, why);
                    }
                }
            }
            from = to;
        }
        self.all.retain(|(function, _)| !dropped.contains(function));
    }

    /// Drops functions that are used anywhere but in threads, until no more has to go.
    fn keep_what_runs_nowhere_else(&mut self, uses: &FxHashMap<FunctionRef, uses::Uses>) {
        loop {
            let kept: FxHashSet<FunctionRef> = self.all.iter().map(|(it, _)| *it).collect();
            let before = self.all.len();
            self.all.retain(|(function, why)| {
                let is_called_there = why.caller.is_none_or(|caller| kept.contains(&caller));
                let only = |uses: &uses::Uses| {
                    !uses.elsewhere && uses.callers.iter().all(|caller| kept.contains(caller))
                };
                is_called_there && (why.is_method || uses.get(function).is_none_or(only))
            });
            if self.all.len() == before {
                return;
            }
        }
    }
}

/// Whether what the function does can be said to be done in a foreign thread.
fn is_judged(resolver: &Resolver<'_>, function: FunctionRef) -> bool {
    let own = resolver.project.function(function);
    !own.is_async
        && !own.is_generator
        && !own.is_broken
        && !resolver.asks_where_it_runs(function)
        && !resolver.runs_own_loop(function, MAX_CALLS_TO_LOOP)
}

impl<'p> Resolver<'p> {
    /// Why the function is known to run in other threads only, if it is.
    pub fn in_thread(&self, function: FunctionRef) -> Option<&'p InThread> {
        self.project.threads().found.get(&function)
    }

    /// The plain functions of the project that the code of `function` calls, and where.
    fn calls_to_helpers(&self, function: FunctionRef) -> Vec<(FunctionRef, Span)> {
        let module = function.module;
        let id = self.project.function(function).body;
        let body = self.project.facts(module).body(id);
        let calls = self.calls_in(function).into_iter();
        calls
            .filter_map(|call| {
                let callee = self.callee(module, id, call);
                let helper = match callee {
                    Callee::Known(_) => self.helper(module, id, call, &callee)?,
                    _ => return None,
                };
                // What else calls a function of an installed package is not looked at.
                let is_own = !self.project.is_installed(helper.module);
                is_own.then_some((helper, body.span(call)))
            })
            .collect()
    }

    /// Whether the function makes or runs an event loop, by itself or through helpers.
    fn runs_own_loop(&self, function: FunctionRef, max: usize) -> bool {
        let module = function.module;
        let id = self.project.function(function).body;
        let facts = self.project.facts(module);
        let body = facts.body(id);
        let catalog = self.project.catalog();
        let runs = |call| {
            let is_run = body.callee(call).is_some_and(|callee| match body.kind(callee) {
                ExprKind::Attribute { name, .. } => RUNS_LOOP.contains(&facts.outline.text(name)),
                _ => false,
            });
            is_run
                || match self.callee(module, id, call) {
                    Callee::External(name) => {
                        GIVES_LOOP.contains(&catalog.canonical(&name))
                            || catalog.call(&name).is_some_and(|call| call.runs_loop)
                    }
                    _ => false,
                }
        };
        let is_here = self.calls_in(function).into_iter().any(runs);
        let helpers = || self.calls_to_helpers(function);
        is_here
            || (max > 0
                && helpers().into_iter().any(|(helper, _)| self.runs_own_loop(helper, max - 1)))
    }
}
