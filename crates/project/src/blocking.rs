//! Which functions keep their thread waiting, and the way there.

mod forms;
mod handed_in;
mod idle;
pub(crate) mod never;
mod passwords;
mod queues;
mod sockets;
mod switches;
mod versions;

pub(crate) use forms::is_same;
pub(crate) use switches::Switch;

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use asynclint_catalog::{BlockKind, Shade};
use asynclint_parser::Span;
use asynclint_semantic::{BodyId, ExprId, ExprKind, FunctionId, StmtId, StmtKind, Usage};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// Ways from one function that are kept, the shortest: each of its callers looks at all of them.
const MOST_WAYS: usize = 1000;

/// One call on the way to a blocking one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The function that calls.
    pub caller: FunctionRef,
    /// The call, in the file of the caller.
    pub call: Span,
    /// Whether the caller makes it only under a condition, or once something has failed.
    pub is_conditional: bool,
}

/// What a call does that its thread, or the event loop in it, is not fit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It keeps the thread waiting.
    Blocks(BlockKind),
    /// It runs an event loop.
    RunsLoop,
}

/// A way from a function to a call that blocks or runs an event loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What the last call does.
    pub end: End,
    /// The qualified name of what it calls.
    pub sink: Arc<str>,
    /// The calls, that one last.
    pub hops: Arc<[Hop]>,
    /// The parameters of the function that decide whether it goes this way.
    switches: Arc<[Switch]>,
}

/// A function on the way to a call that blocks.
struct Station {
    function: FunctionRef,
    /// The calls that lead to it, in the code of the callers of `hops`.
    calls: Vec<ExprRef>,
    hops: Vec<Hop>,
    /// What the way so far hangs on.
    switches: Arc<[Switch]>,
}

impl Station {
    /// The way through it that ends with the call of `hop`.
    fn chain(&self, end: End, sink: &str, hop: Hop, switches: Arc<[Switch]>) -> Chain {
        let hops = self.hops.iter().copied().chain([hop]).collect();
        Chain { end, sink: sink.into(), hops, switches }
    }
}

impl Chain {
    /// The call that the way ends at.
    pub fn last(&self) -> Option<&Hop> {
        self.hops.last()
    }
}

/// What makes a new process that goes on with the same code: what blocks there has no event loop to
/// stop.
const FORKS: &[&str] = &["os.fork", "os.forkpty", "pty.fork"];

/// What tells which thread or whether a loop runs: code that asks this knows what it is doing.
const GUARDS: &[&str] = &[
    "asyncio.current_task",
    "asyncio.events.get_running_loop",
    "asyncio.get_running_loop",
    "sniffio.current_async_library",
    "threading.current_thread",
    "threading.get_ident",
    "threading.main_thread",
    "trio.lowlevel.in_trio_task",
];

impl<'p> Resolver<'p> {
    /// The calls that run when the code of `function` runs, in the order of the text. What nested
    /// functions and lambdas call is left out.
    pub fn calls_in(&self, function: FunctionRef) -> Vec<ExprId> {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        let mut calls: Vec<ExprId> = body
            .exprs_in_block(own.block)
            .filter(|&id| matches!(body.kind(id), ExprKind::Call { .. }))
            .filter(|&id| facts.outline.function_of(body.expr(id).scope) == Some(function.id))
            .collect();
        calls.sort_by_key(|&id| (body.span(id).start, body.span(id).end));
        calls
    }

    /// The ways from a plain function to calls that block or run an event loop, at most `max`
    /// calls each, one for each such call: the shortest, ties by place.
    pub fn chains(
        &self,
        function: FunctionRef,
        max: usize,
    ) -> impl Deref<Target = Vec<Chain>> + use<'p> {
        // Many files call the same helpers. Whoever asks first must not matter: what a resolver has
        // been asked before can change what it makes of a circle.
        let project = self.project;
        project.chains.part(&(function, max), || Resolver::new(project).find_chains(function, max))
    }

    fn find_chains(&self, function: FunctionRef, max: usize) -> Vec<Chain> {
        let mut found: Vec<Chain> = Vec::new();
        let mut seen = vec![function];
        let start = Station {
            function,
            calls: Vec::new(),
            hops: Vec::new(),
            switches: Arc::from(Vec::new()),
        };
        let mut level = vec![start];
        for _ in 0..max {
            let mut next = Vec::new();
            for station in level {
                self.step(&station, &mut found, &mut seen, &mut next);
            }
            level = next;
        }
        found.truncate(MOST_WAYS);
        found
    }

    fn step(
        &self,
        station: &Station,
        found: &mut Vec<Chain>,
        seen: &mut Vec<FunctionRef>,
        next: &mut Vec<Station>,
    ) {
        let (at, way) = (station.function, &station.hops);
        let own = self.project.function(at);
        let stops = |name: &str| self.is_guard(name) || FORKS.contains(&name);
        if own.is_broken
            || self.calls_library(at, stops)
            || self.may_ask(at)
            || self.works_either_way(at)
        {
            return;
        }
        let body = self.project.facts(at.module).body(own.body);
        for call in self.calls_in(at) {
            if self.runs_never_or_as_script(at.module, own.body, call) {
                continue;
            }
            let needed = self.switches(at, call);
            let Some(switches) = self.needed_at_start(station, needed) else { continue };
            let is_conditional = self.is_conditional(at.module, own.body, call);
            let hop = Hop { caller: at, call: body.span(call), is_conditional };
            let callee = self.callee(at.module, own.body, call);
            if let Some((kind, sink)) = self.sink(at.module, own.body, call, &callee) {
                if kind == BlockKind::Sleep && self.is_moment(at.module, own.body, call) {
                    continue;
                }
                let switches = match self.sink_switch(at, call, &sink) {
                    None => switches,
                    Some(own) => {
                        let Some(own) = self.needed_at_start(station, vec![own]) else { continue };
                        switches.iter().chain(&*own).cloned().collect()
                    }
                };
                found.push(station.chain(End::Blocks(kind), &sink, hop, switches));
            } else if let Some(sink) = self.loop_run(at.module, own.body, call, &callee) {
                let is_guarded = self.handles_running_loop(at.module, own.body, call)
                    || way.iter().any(|hop| self.asks_for_running_loop(hop.caller))
                    || self.asks_for_running_loop(at);
                if !is_guarded {
                    found.push(station.chain(End::RunsLoop, &sink, hop, switches));
                }
            } else if let Some(helper) = self.helper(at.module, own.body, call, &callee)
                && !seen.contains(&helper)
            {
                seen.push(helper);
                next.push(Station {
                    function: helper,
                    calls: (station.calls.iter().copied())
                        .chain([ExprRef { module: at.module, body: own.body, id: call }])
                        .collect(),
                    hops: way.iter().copied().chain([hop]).collect(),
                    switches,
                });
            }
        }
        for object in self.used_in(at) {
            if let Some((kind @ BlockKind::Orm, sink)) =
                self.implied_sink(at.module, own.body, object)
                && !self.runs_never_or_as_script(at.module, own.body, object)
                && let Some(switches) = self.needed_at_start(station, self.switches(at, object))
            {
                let is_conditional = self.is_conditional(at.module, own.body, object);
                let hop = Hop { caller: at, call: body.span(object), is_conditional };
                found.push(station.chain(End::Blocks(kind), &sink, hop, switches));
            }
        }
    }

    /// What the way to a call hangs on that the code of a station makes under these switches, as
    /// switches of the function that the way begins with; `None` if a call on the way turns one off.
    fn needed_at_start(&self, station: &Station, needed: Vec<Switch>) -> Option<Arc<[Switch]>> {
        let (mut needed, mut at) = (needed, station.function);
        for (hop, &call) in station.hops.iter().zip(&station.calls).rev() {
            needed = self.handed_on(hop.caller, call, at, &needed)?;
            at = hop.caller;
        }
        if needed.is_empty() {
            return Some(Arc::clone(&station.switches));
        }
        Some(station.switches.iter().cloned().chain(needed).collect())
    }

    /// The objects that `function` enters, walks or asks something, in the order of evaluation:
    /// what [`Resolver::implied`] may have an answer to.
    pub fn used_in(&self, function: FunctionRef) -> Vec<ExprId> {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        let is_used = |&id: &ExprId| {
            let expr = body.expr(id);
            let is_usage = matches!(
                expr.usage,
                Usage::Entered
                    | Usage::Iterated
                    | Usage::Passed
                    | Usage::Subscripted
                    | Usage::Tested
                    | Usage::Unpacked
            );
            let is_object = matches!(
                expr.kind,
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Call { .. }
            );
            is_usage && is_object && facts.outline.function_of(expr.scope) == Some(function.id)
        };
        body.exprs_in_block(own.block).filter(is_used).collect()
    }

    /// How the use of an object of a library blocks by itself, and the qualified name of the
    /// special method that does: iterating a query asks the database.
    pub fn implied_sink(
        &self,
        module: ModuleId,
        body: BodyId,
        object: ExprId,
    ) -> Option<(BlockKind, Rc<str>)> {
        self.implied(module, body, object).into_iter().find_map(|callee| {
            let Callee::External(name) = callee else { return None };
            Some((self.project.catalog().call(&name)?.blocks?, name))
        })
    }

    /// The plain function of the project that a call runs, if it is sure to run one. A method that
    /// a subclass overrides may not be what runs, unless `super()` or the class picks it.
    pub fn helper(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Option<FunctionRef> {
        if self.configured_sink(module, body, call, callee).is_some() {
            return None;
        }
        match callee {
            Callee::Known(function) => {
                let mut function = *function;
                if self.is_overridden(function) && !self.picks_method(module, body, call) {
                    function = self.only_implementation(function)?;
                }
                let own = self.project.function(function);
                let gives = self.gives(&Callee::Known(function));
                let runs = gives == Gives::Plain && !own.is_async && !own.is_generator;
                // What happens inside an installed package is not followed: nobody here can
                // change it, and whether it blocks is for the catalogue to say. Nor is what
                // happens once, and is kept.
                let runs = runs
                    && !self.project.is_installed(function.module)
                    && !self.decorated(function).is_cached;
                runs.then_some(function)
            }
            // Making an object runs its `__init__`.
            Callee::Class(class) => self.initializer(*class),
            _ => None,
        }
    }

    /// The one method of the project that stands for one without code: that of the only class below
    /// which has it, tests left out.
    fn only_implementation(&self, stub: FunctionRef) -> Option<FunctionRef> {
        let class = self.project.class_of(stub).filter(|_| self.is_stub(stub))?;
        let name = self.project.function_name(stub);
        let below = self.project.overriders(class, name);
        let mut real = below.into_iter().filter(|it| !self.project.is_test_module(it.module));
        let only = real.next().filter(|_| real.next().is_none())?;
        match self.attribute(&Type::Instance(only), name, None) {
            Type::Method(method) => Some(method),
            _ => None,
        }
    }

    /// Whether the callee is `super().f` or `Class.f`.
    pub(crate) fn picks_method(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let code = self.project.facts(module).body(body);
        match code.callee(call).map(|callee| code.kind(callee)) {
            Some(ExprKind::Attribute { value, .. }) => {
                let object = self.value(ExprRef { module, body, id: value });
                match object {
                    Type::Super(_) => true,
                    // `cls` may be a class below.
                    Type::Class(_) => !self.is_receiver(ExprRef { module, body, id: value }),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// How a call blocks by itself, and the qualified name of what it calls.
    pub fn sink(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Option<(BlockKind, Rc<str>)> {
        if let Some(name) = self.configured_sink(module, body, call, callee) {
            return Some((BlockKind::Configured, name));
        }
        let Callee::External(name) = callee else { return None };
        let catalog = self.project.catalog();
        let (at, sink) = (ExprRef { module, body, id: call }, catalog.canonical(name));
        let known = catalog.call(name)?;
        if self.is_varied(at, known) {
            return None;
        }
        let (kind, sink): (_, Rc<str>) = match known.blocks {
            Some(_) if known.given.as_ref().is_some_and(|g| !self.passes_argument(at, g)) => {
                return None;
            }
            Some(kind) => (kind, sink.into()),
            None if self.waits_for_room(at, sink) => (BlockKind::Lock, sink.into()),
            None => self.entering(at)?,
        };
        Some((self.blocking_form(at, &sink, kind)?, sink))
    }

    /// The qualified name of what a call calls, if the config says that it blocks and the call may
    /// do so: it gives nothing to be awaited.
    fn configured_sink(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Option<Rc<str>> {
        let added = self.project.added();
        if added.sinks.is_empty() {
            return None;
        }
        let usage = self.project.facts(module).body(body).expr(call).usage;
        let name: Rc<str> = match callee {
            Callee::Known(function) if self.gives(callee) == Gives::Plain => {
                self.project.qualified_name(*function)?.into()
            }
            Callee::External(name) if !matches!(self.gives(callee), Gives::Coroutine) => {
                self.project.catalog().canonical(name).into()
            }
            _ => return None,
        };
        (usage != Usage::Awaited && added.sink(&name).is_some()).then_some(name)
    }

    /// Whether a sleep is written down as shorter than a hundredth of a second: too short to tell
    /// somebody who calls it by way of a helper.
    fn is_moment(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(body);
        body.arguments(call).first().is_some_and(|seconds| match body.kind(seconds.value) {
            ExprKind::Number(number) => {
                facts.outline.text(number).parse::<f64>().is_ok_and(|seconds| seconds < 0.01)
            }
            _ => false,
        })
    }

    /// Whether the function asks for the running loop or its thread: it blocks on purpose only
    /// where it may.
    pub(crate) fn asks_where_it_runs(&self, function: FunctionRef) -> bool {
        self.calls_library(function, |name| self.is_guard(name)) || self.may_ask(function)
    }

    /// Whether the function calls something in a file with syntax errors that is called like what
    /// tells where it runs: the import may be lost.
    fn may_ask(&self, function: FunctionRef) -> bool {
        let facts = self.project.facts(function.module);
        let body = facts.body(self.project.function(function).body);
        let asks = |call: ExprId| {
            let last = body.called_name(call).map(|name| facts.outline.text(name));
            GUARDS.iter().any(|guard| guard.rsplit('.').next() == last)
        };
        !facts.errors.is_empty() && self.calls_in(function).into_iter().any(asks)
    }

    /// Whether the code of the function calls something of a library whose qualified name is wanted.
    fn calls_library(&self, function: FunctionRef, wanted: impl Fn(&str) -> bool) -> bool {
        let body = self.project.function(function).body;
        self.calls_in(function).into_iter().any(|call| {
            matches!(self.callee(function.module, body, call),
                Callee::External(name) if wanted(&name))
        })
    }

    /// Whether the plain function returns a coroutine at one place and something else at another:
    /// it serves both kinds of callers, and to those with an event loop it gives the coroutine.
    fn works_either_way(&self, function: FunctionRef) -> bool {
        let (module, body) = (function.module, self.project.function(function).body);
        let returned = self.returned(function);
        let gives_coroutine = |id: ExprId| {
            matches!(self.value(ExprRef { module, body, id }), Type::Pending(Shade::Coroutine, _))
        };
        let pending = returned.iter().filter(|&&id| gives_coroutine(id)).count();
        pending > 0 && pending < returned.len()
    }

    /// Whether the function of a library tells which thread or whether a loop runs.
    pub(crate) fn is_guard(&self, name: &str) -> bool {
        GUARDS.contains(&self.project.catalog().canonical(name))
    }

    /// Whether the call stands in a branch of an `if` or `match`, or in a handler.
    pub(crate) fn is_conditional(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let body = self.project.facts(module).body(body);
        let own = body.expr(call).stmt;
        let decides = |outer: StmtId| match &body.stmt(outer).kind {
            StmtKind::If { body: then, orelse, .. } => {
                body.block_holds(*then, own) || body.block_holds(*orelse, own)
            }
            StmtKind::Try(block) => {
                block.handlers.iter().any(|handler| body.block_holds(handler.body, own))
            }
            StmtKind::Match { cases, .. } => {
                cases.iter().any(|case| body.block_holds(case.body, own))
            }
            _ => false,
        };
        let is_branch = |id: ExprId| match body.expr(id).parent.map(|outer| body.kind(outer)) {
            Some(ExprKind::Conditional { test, .. }) => test != id,
            _ => false,
        };
        let around = std::iter::successors(Some(call), |&id| body.expr(id).parent);
        body.enclosing(own).any(decides) || around.into_iter().any(is_branch)
    }

    /// The `__init__` that making an object of `class` runs.
    pub(crate) fn initializer(&self, class: crate::types::ClassRef) -> Option<FunctionRef> {
        let object = Type::Instance(class);
        match self.attribute(&object, "__init__", None) {
            Type::Method(function) => {
                let own = self.project.function(function);
                let is_installed = self.project.is_installed(function.module);
                (!own.is_async && !own.is_generator && !is_installed).then_some(function)
            }
            _ => None,
        }
    }
}

impl Resolver<'_> {
    /// The function that the code of `scope` runs in, as a reference.
    pub fn function_of(
        &self,
        module: ModuleId,
        scope: asynclint_semantic::ScopeId,
    ) -> Option<FunctionRef> {
        let id: FunctionId = self.project.facts(module).outline.function_of(scope)?;
        Some(FunctionRef { module, id })
    }
}
