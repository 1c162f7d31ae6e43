//! `coroutine-awaited-twice`

use asynclint_catalog::Shade;
use asynclint_diagnostics::Level;
use asynclint_parser::Span;
use asynclint_project::{Gives, Local};
use asynclint_semantic::{
    BindingKind, Body, BodyId, ExprId, ExprKind, FunctionId, StmtId, StmtKind, Usage,
};

use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine is run a second time.
pub(crate) static COROUTINE_AWAITED_TWICE: Lint = Lint {
    name: "coroutine-awaited-twice",
    summary: "the same coroutine is awaited or scheduled twice, which raises an error",
    group: Group::Coroutines,
    page: include_str!("coroutine_awaited_twice.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

/// Types of which every object is a coroutine.
const COROUTINES: &[&str] =
    &["collections.abc.Coroutine", "types.CoroutineType", "typing.Coroutine"];

/// Calls that run a coroutine they are given, besides those that give the task it runs in.
const RUN: &[&str] = &["asyncio.run_coroutine_threadsafe", "asyncio.wait_for"];

fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Twice> = Vec::new();
    let facts = cx.facts();
    for site in cx.calls() {
        if cx.usage(site) == Usage::Bound
            && cx.gives(&cx.callee(site)) == Gives::Coroutine
            && let Some(function) = cx.function_of(site)
            && let Some(local) = cx.resolver().local_of(cx.module(), site.body, site.expr)
        {
            let made = cx.span(site);
            found.extend(Run { cx, body: site.body, function, local: &local }.twice(made));
        }
    }
    for id in facts.outline.function_ids() {
        for (index, local) in declared(cx, id) {
            let home = cx.function(id);
            let annotation = home.parameters[index].annotation;
            let made = annotation.map(|id| cx.body(home.home).span(id));
            let run = Run { cx, body: home.body, function: id, local: &local };
            found.extend(made.and_then(|made| run.twice(made)));
        }
    }
    // Two bindings of one name may lead to the same place.
    found.sort_by_key(|twice| (twice.second, twice.first));
    found.dedup_by_key(|twice| twice.second);
    for twice in &found {
        report(cx, twice);
    }
}

/// The parameters of a function that are declared to be coroutines and bound to nothing else.
fn declared(cx: &Context<'_>, id: FunctionId) -> Vec<(usize, Local)> {
    let function = cx.function(id);
    if function.is_broken {
        return Vec::new();
    }
    let is_coroutine = |annotation: ExprId| {
        let head = match cx.body(function.home).kind(annotation) {
            ExprKind::Subscript { value, .. } => value,
            _ => annotation,
        };
        let class = cx.resolver().library_name(cx.module(), function.home, head);
        class.is_some_and(|class| COROUTINES.contains(&&*class))
    };
    let outline = &cx.facts().outline;
    let parameters = function.parameters.iter().enumerate();
    parameters
        .filter(|(_, parameter)| parameter.annotation.is_some_and(is_coroutine))
        .filter(|(_, parameter)| outline.bindings(function.scope, parameter.name).len() == 1)
        .filter_map(|(index, parameter)| {
            let name = parameter.name;
            Some((index, cx.resolver().local(cx.module(), function.body, id, name)?))
        })
        .collect()
}

/// A coroutine that is run twice.
struct Twice {
    name: String,
    /// Where it comes from.
    made: Span,
    first: Span,
    second: Span,
}

/// One name that holds a coroutine.
struct Run<'c, 'a> {
    cx: &'c Context<'a>,
    body: BodyId,
    function: FunctionId,
    local: &'c Local,
}

/// A place that runs the coroutine.
#[derive(Clone, Copy)]
struct Use {
    expr: ExprId,
    stmt: StmtId,
    /// Whether the code waits there until the coroutine is done.
    is_awaited: bool,
}

impl Run<'_, '_> {
    /// The first place that runs the coroutine of the name although it has been run.
    fn twice(&self, made: Span) -> Option<Twice> {
        let body = self.body();
        let uses: Vec<Use> = self.local.reads.iter().filter_map(|&id| self.run(id)).collect();
        let loops = |one: &Use| {
            self.around(one.stmt).any(|stmt| {
                matches!(body.stmt(stmt).kind, StmtKind::For { .. } | StmtKind::While { .. })
            })
        };
        if (uses.len() < 2 && !uses.iter().any(loops)) || self.is_inspected() {
            return None;
        }
        let rebinds = |stmt: StmtId| self.local.binders.contains(&stmt);
        let paths = self.cx.paths(self.function);
        let mut pairs =
            uses.iter().flat_map(|first| uses.iter().map(move |second| (first, second)));
        let (first, second) = pairs.find(|(first, second)| {
            let is_again = if first.expr == second.expr {
                self.is_repeated(first, rebinds)
            } else if first.stmt == second.stmt {
                // `gather(c, c)` runs the coroutine once.
                body.span(first.expr).start < body.span(second.expr).start
                    && body.expr(first.expr).parent != body.expr(second.expr).parent
            } else {
                !rebinds(first.stmt)
                    && !self.may_be_apart(first, second)
                    && paths.from(first.stmt, rebinds).has(second.stmt)
            };
            is_again && !self.cx.in_error_test(self.body, second.stmt)
        })?;
        let name = self.cx.facts().outline.text(self.local.name).to_owned();
        Some(Twice { name, made, first: body.span(first.expr), second: body.span(second.expr) })
    }

    fn body(&self) -> &Body {
        self.cx.body(self.body)
    }

    fn around(&self, stmt: StmtId) -> impl Iterator<Item = StmtId> {
        self.body().enclosing(stmt)
    }

    /// The place as one that runs the coroutine for sure once its statement is reached.
    fn run(&self, id: ExprId) -> Option<Use> {
        let body = self.body();
        let expr = body.expr(id);
        if self.cx.facts().outline.function_of(expr.scope) != Some(self.function)
            || expr.scope != self.local.scope
            || !self.holds_coroutine(id)
        {
            return None;
        }
        let outer = expr.parent?;
        let (runs, is_awaited) = match expr.usage {
            Usage::Awaited => (true, true),
            Usage::Passed => {
                let awaited = body.expr(outer).usage == Usage::Awaited;
                (self.runs_argument(Site { body: self.body, expr: outer }), awaited)
            }
            _ => (false, false),
        };
        let above = std::iter::successors(Some(outer), |&id| body.expr(id).parent);
        let mut below = id;
        let is_sure = above.into_iter().all(|outer| {
            let inner = std::mem::replace(&mut below, outer);
            match body.kind(outer) {
                ExprKind::Conditional { test, .. } => inner == test,
                ExprKind::Bool { left, .. } => inner == left,
                _ => true,
            }
        });
        (runs && is_sure).then_some(Use { expr: id, stmt: expr.stmt, is_awaited })
    }

    /// Whether nothing but a coroutine can be bound to the name where it is read.
    fn holds_coroutine(&self, id: ExprId) -> bool {
        let outline = &self.cx.facts().outline;
        let bindings = outline.bindings(self.local.scope, self.local.name);
        let is_parameter = matches!(
            bindings,
            [only] if matches!(only.kind, BindingKind::Parameter(_))
        );
        is_parameter || self.cx.resolver().is_coroutine(self.cx.module(), self.body, id)
    }

    /// Whether the call runs the coroutine that it is given.
    fn runs_argument(&self, call: Site) -> bool {
        let Some(name) = self.cx.library_name(call) else { return false };
        let Some(known) = self.cx.catalog().call(&name) else { return false };
        (known.shade == Shade::Started && known.runs_in_thread.is_none())
            || known.runs_loop
            || RUN.contains(&&*name)
    }

    /// Whether the code looks at the state of the coroutine.
    fn is_inspected(&self) -> bool {
        let body = self.body();
        self.local.reads.iter().any(|&id| {
            let outer = body.expr(id).parent;
            match (body.expr(id).usage, outer.map(|outer| body.kind(outer))) {
                (Usage::Object, Some(ExprKind::Attribute { name, .. })) => {
                    self.cx.facts().outline.text(name).starts_with("cr_")
                }
                (Usage::Passed, Some(ExprKind::Call { callee, .. })) => {
                    let name = self.cx.last_name(self.body, callee);
                    name.is_some_and(|name| name.contains("getcoroutine"))
                }
                _ => false,
            }
        })
    }

    /// Whether the loop around a place comes to it again each time, with the same coroutine.
    fn is_repeated(&self, one: &Use, rebinds: impl Fn(StmtId) -> bool) -> bool {
        let body = self.body();
        let paths = self.cx.paths(self.function);
        let mut inner = one.stmt;
        for outer in self.around(one.stmt) {
            match &body.stmt(outer).kind {
                StmtKind::For { body: block, .. } | StmtKind::While { body: block, .. } => {
                    let is_header = !body.block_holds(*block, one.stmt);
                    // What decides that it is made in a round mostly decides the same in the next.
                    let is_made_in_round =
                        self.local.binders.iter().any(|&binder| body.block_holds(*block, binder));
                    return !is_header
                        && !is_made_in_round
                        && paths.from(one.stmt, rebinds).has(one.stmt);
                }
                StmtKind::With { .. } => {}
                StmtKind::Try(block)
                    if body.block_holds(block.body, inner)
                        && (one.is_awaited || block.handlers.is_empty()) => {}
                _ => return false,
            }
            inner = outer;
        }
        false
    }

    /// Whether what decides that the first place is passed may as well decide that the second one
    /// is not: a branch that holds only the first, or an attempt to schedule that failed before
    /// the coroutine was touched.
    fn may_be_apart(&self, first: &Use, second: &Use) -> bool {
        let body = self.body();
        let apart = |outer: StmtId| match &body.stmt(outer).kind {
            StmtKind::With { .. } => false,
            StmtKind::Try(block) => {
                let in_body = body.block_holds(block.body, first.stmt);
                let both = |part| {
                    body.block_holds(part, first.stmt) && body.block_holds(part, second.stmt)
                };
                let together = both(block.body)
                    || both(block.orelse)
                    || both(block.finalbody)
                    || block.handlers.iter().any(|handler| both(handler.body));
                let waits = first.is_awaited || block.handlers.is_empty();
                !(together || (in_body && waits))
            }
            StmtKind::If { body: then, orelse, .. }
            | StmtKind::While { body: then, orelse, .. }
            | StmtKind::For { body: then, orelse, .. } => {
                let both = |part| {
                    body.block_holds(part, first.stmt) && body.block_holds(part, second.stmt)
                };
                !(both(*then) || both(*orelse))
            }
            StmtKind::Match { cases, .. } => !cases.iter().any(|case| {
                body.block_holds(case.body, first.stmt) && body.block_holds(case.body, second.stmt)
            }),
            _ => false,
        };
        body.enclosing(first.stmt).any(apart)
    }
}

fn report(cx: &mut Context<'_>, twice: &Twice) {
    let Twice { name, made, first, second } = twice;
    let report = if first == second {
        cx.report(*second, format!("coroutine `{name}` is awaited again in each round of the loop"))
            .label("the second round raises `RuntimeError`: a coroutine can run only once")
    } else {
        cx.report(*second, format!("coroutine `{name}` is awaited a second time"))
            .label("this raises `RuntimeError`: a coroutine can run only once")
            .evidence_here(*first, "it runs here")
    };
    report.evidence_here(*made, "one coroutine comes from here").help(
        "call the coroutine function anew each time, or make a task, which can be awaited often",
    );
}
