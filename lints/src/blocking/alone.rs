//! Coroutines that nothing else runs beside: what they block waits for them anyway.

use std::collections::BTreeSet;

use asynclint_catalog::BlockKind;
use asynclint_parser::Span;
use asynclint_project::{Callee, FunctionRef, Use};
use asynclint_semantic::{ExprKind, FunctionId, StmtKind, Usage};

use crate::context::ProgramEnds;
use crate::{Context, Site};

/// What runs a coroutine in a new event loop and ends with it.
const RUNNERS: &[&str] = &["anyio.run", "asyncio.run", "trio.run", "trio_asyncio.run"];

/// What fixes arguments of a function.
const PARTIAL: &str = "functools.partial";

/// The method of a loop that does.
const RUN_UNTIL: &str = "run_until_complete";

/// What ends the program.
const EXITS: &[&str] = &["builtins.exit", "os._exit", "os.abort", "sys.exit"];

/// Decorators of functions that a server runs before it serves and behind that.
const AROUND_SERVING: &[&str] =
    &["after_serving", "after_server_stop", "before_server_start", "before_serving"];

/// The events of a server with that meaning: `@app.on_event("startup")`.
const EVENTS: &[&str] = &["shutdown", "startup"];

impl Context<'_> {
    /// Whether the function runs while a server does not serve: its `lifespan`, a handler of
    /// `startup`.
    pub(super) fn runs_around_serving(&self, function: FunctionId) -> bool {
        let own = self.function(function);
        let outline = &self.facts().outline;
        let is_lifespan = own.is_generator
            && own.name.is_some_and(|name| outline.text(name).contains("lifespan"));
        let home = self.body(own.home);
        is_lifespan
            || home.list(own.decorators).iter().any(|&decorator| {
                let head = home.callee(decorator).unwrap_or(decorator);
                match self.last_name(own.home, head) {
                    Some("on_event") => home.arguments(decorator).iter().any(|argument| {
                        matches!(home.kind(argument.value), ExprKind::Str(Some(event))
                            if EVENTS.contains(&outline.text(event)))
                    }),
                    Some(name) => AROUND_SERVING.contains(&name),
                    None => false,
                }
            })
    }

    /// Whether a decorator runs the coroutine function in a thread and an event loop of its own:
    /// `@work(thread=True)`.
    pub(super) fn has_own_thread(&self, function: FunctionId) -> bool {
        let own = self.function(function);
        let home = self.body(own.home);
        let Some(thread) = self.facts().outline.names.get("thread") else { return false };
        home.list(own.decorators).iter().any(|&decorator| {
            let asked = home.keyword(decorator, thread).map(|value| home.kind(value));
            asked == Some(ExprKind::Boolean(true))
                && self
                    .library_name(Site { body: own.home, expr: decorator })
                    .is_some_and(|name| self.catalog().threads_if_asked(&name))
        })
    }

    /// Whether the call stands before the first `await` of a coroutine that is given to
    /// `asyncio.run`, by the file or by another one: nothing else has begun to run.
    pub(super) fn begins_program(&self, function: FunctionId, site: Site) -> bool {
        let body = self.body(site.body);
        let (stmt, span) = (body.expr(site.expr).stmt, self.span(site));
        let points = self.resolver().own_suspensions(self.reference(function));
        let is_behind = |point: Span| point.contains(span) || span.end <= point.start;
        points.iter().all(|&(other, point)| other != stmt || is_behind(point))
            && !self.behind_suspensions(function).has(stmt)
            && self.is_main(function)
    }

    /// Whether nothing is awaited behind the call in a coroutine that is given to `asyncio.run`:
    /// what still runs then is cancelled anyway.
    pub(super) fn ends_main(&self, function: FunctionId, site: Site) -> bool {
        if !self.is_main(function) {
            return false;
        }
        let body = self.body(site.body);
        let (stmt, span) = (body.expr(site.expr).stmt, self.span(site));
        let points = self.resolver().own_suspensions(self.reference(function));
        let behind = self.paths(function).from_any([stmt]);
        let is_left_later = body
            .enclosing(stmt)
            .any(|outer| matches!(body.stmt(outer).kind, StmtKind::With { is_async: true, .. }));
        !is_left_later
            && points.iter().all(|&(other, point)| {
                !behind.has(other) && (other != stmt || point.end <= span.start)
            })
    }

    /// Whether the coroutine of the function is given to `asyncio.run`, by the file or by another.
    /// Where a part of the file could not be read, that part may give it.
    fn is_main(&self, function: FunctionId) -> bool {
        !self.facts().errors.is_empty()
            || self.is_given_to_runner(function)
            || self.is_run_elsewhere(function)
    }

    /// Whether the program ends right behind the call: whoever else runs is cut off anyway.
    pub(super) fn ends_program(&self, function: FunctionId, site: Site) -> bool {
        let body = self.body(site.body);
        let stmt = body.expr(site.expr).stmt;
        let exits = self.calls.exits.get_or_init(|| self.exits());
        let around = exits.get(&(site.body, body.stmt(stmt).parent));
        let behind = around.and_then(|found| found.get(found.partition_point(|&id| id <= stmt)));
        // What follows the next one stands in no block before it.
        behind.is_some_and(|next| {
            body.rest_of_block(self.function(function).block, stmt).binary_search(next).is_ok()
        })
    }

    /// Whether what the function does always ends with the program: what it waits for before that
    /// is waited for by nobody else.
    pub(super) fn leaves_program(&self, helper: FunctionRef) -> bool {
        let project = self.resolver().project();
        let own = project.function(helper);
        let body = project.facts(helper.module).body(own.body);
        own.is_broken
            || body.block(own.block).iter().any(|&stmt| {
                let StmtKind::Expr(call) = body.stmt(stmt).kind else { return false };
                match self.resolver().callee(helper.module, own.body, call) {
                    Callee::External(name) => EXITS.contains(&&*name),
                    _ => false,
                }
            })
    }

    /// The statements that end the program, by the statement around them, in the order of the text.
    fn exits(&self) -> ProgramEnds {
        let mut found = ProgramEnds::new();
        for site in self.calls() {
            let body = self.body(site.body);
            let id = body.expr(site.expr).stmt;
            let stmt = body.stmt(id);
            if matches!(stmt.kind, StmtKind::Expr(call) if call == site.expr)
                && self.library_name(site).is_some_and(|name| EXITS.contains(&&*name))
            {
                found.entry((site.body, stmt.parent)).or_default().push(id);
            }
        }
        for ids in found.values_mut() {
            ids.sort_unstable();
        }
        found
    }

    /// Whether the file gives a coroutine of the function to `asyncio.run` or the like.
    pub(crate) fn is_given_to_runner(&self, function: FunctionId) -> bool {
        self.calls.given_to_runners.get_or_init(|| self.given_to_runners()).contains(&function)
    }

    /// What names the function for certain, tests left out; nothing where that is not known.
    pub(super) fn real_uses(&self, function: FunctionId) -> Vec<Use> {
        let mut uses = self.resolver().open_uses(self.reference(function)).unwrap_or_default();
        uses.retain(|at| at.is_sure && !self.resolver().project().is_test_module(at.module));
        uses
    }

    /// Whether all that names the function beside tests are other files that give its coroutine to
    /// something that runs an event loop.
    fn is_run_elsewhere(&self, function: FunctionId) -> bool {
        let uses = self.real_uses(function);
        let is_run = |at: &Use| {
            let project = self.resolver().project();
            let (facts, body) = (project.facts(at.module), project.facts(at.module).body(at.body));
            let call = body.expr(at.expr).parent;
            let taker = call.filter(|&call| body.callee(call) == Some(at.expr)).and_then(|call| {
                (body.expr(call).usage == Usage::Passed).then(|| body.expr(call).parent)?
            });
            let callee = taker.and_then(|taker| body.callee(taker));
            let library = |id| self.resolver().library_name(at.module, at.body, id);
            at.module != self.module()
                && callee.is_some_and(|id| {
                    body.last_name(id).is_some_and(|name| facts.outline.text(name) == RUN_UNTIL)
                        || library(id).is_some_and(|name| RUNNERS.contains(&&*name))
                })
        };
        !uses.is_empty() && uses.iter().all(is_run)
    }

    /// The functions whose coroutines the file gives to something that runs an event loop.
    fn given_to_runners(&self) -> BTreeSet<FunctionId> {
        let given = self.calls().filter_map(|site| {
            let body = self.body(site.body);
            let first = body.arguments(site.expr).first()?.value;
            let name = body.callee(site.expr).and_then(|id| self.last_name(site.body, id));
            let runs = name == Some(RUN_UNTIL)
                || self.library_name(site).is_some_and(|name| RUNNERS.contains(&&*name));
            if !runs {
                return None;
            }
            let named = |id| self.resolver().function_value(self.module(), site.body, id);
            let function = match body.kind(first) {
                ExprKind::Call { .. } => match self.callee(Site { expr: first, ..site }) {
                    Callee::Known(function) => function,
                    // `anyio.run(partial(main, path))`
                    Callee::Class(_) | Callee::External(_) => {
                        let inner = Site { expr: first, ..site };
                        let name = self.library_name(inner);
                        name.filter(|name| &**name == PARTIAL)?;
                        named(body.arguments(first).first()?.value)?
                    }
                    _ => return None,
                },
                ExprKind::Name(_) => named(first)?,
                _ => return None,
            };
            (function.module == self.module()).then_some(function.id)
        });
        given.collect()
    }
}

/// Whether a direct call of this kind is a mistake wherever it stands: there is another call for
/// it, or it was asked for.
pub(super) const fn counts_everywhere(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::Configured | BlockKind::Http | BlockKind::Sleep)
}
