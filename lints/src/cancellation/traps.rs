//! What the cancellation lints share: the places in a coroutine where a cancellation is caught
//! and goes no further.

mod jumps;
mod legitimate;
mod oracle;
mod place;
mod uses;

use asynclint_diagnostics::Fix;
use asynclint_parser::Span;
use asynclint_semantic::exits::{Exits, exits};
use asynclint_semantic::{
    BindingKind, Block, BodyId, ExprId, ExprKind, FunctionId, Handler, Name, StmtId, StmtKind,
};

use crate::context::Report;
use crate::fixes;
use crate::{Context, Library, Site};
use oracle::Cancellation;

pub(crate) use jumps::jumps_in_finally;
pub(crate) use oracle::always_raises;
pub(crate) use place::Place;

/// How a handler comes to catch cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Catch {
    /// It catches everything, without naming cancellation.
    Everything,
    /// It names cancellation.
    Named,
}

/// What catches.
#[derive(Clone, Copy)]
enum Catcher {
    Bare,
    Clause(ExprId),
    Suppress(ExprId),
}

/// A handler or `suppress(...)` around an await that lets a cancellation go no further.
pub(crate) struct Trap {
    /// The `except` line, or the call of `suppress`.
    pub(crate) span: Span,
    catcher: Catcher,
    catch: Catch,
    function: FunctionId,
    body: BodyId,
    /// The `try` or `with` statement.
    stmt: StmtId,
    /// The guarded block.
    guarded: Block,
    /// The handler's block; empty for `suppress`.
    handler: Block,
    /// The name the exception is bound to.
    name: Option<Name>,
    exits: Exits,
    /// Where the cancellation can arrive.
    suspensions: Vec<(StmtId, Span)>,
}

/// Every trap of one kind in the module's coroutines that is no legitimate form.
pub(crate) fn find(cx: &Context<'_>, catch: Catch) -> Vec<Trap> {
    let mut found = Vec::new();
    if cx.is_never_cancelled() {
        return found;
    }
    for function in cx.coroutines() {
        // A coroutine in a test plays a part: it may be there to disobey. The test itself is
        // cancelled by nobody.
        if cx.in_test(function) {
            continue;
        }
        let own = cx.function(function);
        let body = cx.body(own.body);
        for stmt in body.stmts_in_block(own.block) {
            if matches!(body.stmt(stmt).kind, StmtKind::Try(_) | StmtKind::With { .. })
                && cx.facts().outline.function_of(body.stmt(stmt).scope) == Some(function)
            {
                found.extend(trap(cx, catch, function, stmt));
            }
        }
    }
    // Most files have no traps and need not be looked through for their excuses.
    if !found.is_empty() {
        let file = legitimate::File::of(cx);
        found.retain(|trap| !legitimate::is_legitimate(cx, trap, &file));
    }
    found
}

fn trap(cx: &Context<'_>, wanted: Catch, function: FunctionId, stmt: StmtId) -> Option<Trap> {
    let body_id = cx.function(function).body;
    let body = cx.body(body_id);
    let mut trap = match &body.stmt(stmt).kind {
        StmtKind::Try(block) => {
            let (handler, catch, catcher) = block
                .handlers
                .iter()
                .find_map(|h| catch_of(cx, body_id, h).map(|(catch, by)| (h, catch, by)))
                .filter(|&(_, catch, _)| catch == wanted)?;
            let oracle = Cancellation { cx, body: body_id, name: handler.name };
            Trap {
                span: body.handler_span(handler),
                catcher,
                catch,
                function,
                body: body_id,
                stmt,
                guarded: block.body,
                handler: handler.body,
                name: handler.name,
                exits: exits(body, handler.body, &oracle),
                suspensions: Vec::new(),
            }
        }
        StmtKind::With { items, body: guarded, .. } => {
            let (call, catch, named) = items
                .iter()
                .find_map(|item| suppressed(cx, Site { body: body_id, expr: item.manager }))
                .filter(|&(_, catch, _)| catch == wanted)?;
            Trap {
                span: body.span(call),
                catcher: Catcher::Suppress(named),
                catch,
                function,
                body: body_id,
                stmt,
                guarded: *guarded,
                handler: Block::default(),
                name: None,
                exits: Exits { falls: true, ..Exits::default() },
                suspensions: Vec::new(),
            }
        }
        _ => return None,
    };
    let leaks = trap.exits.without_exception() || (trap.catch == Catch::Named && trap.exits.raises);
    if !leaks {
        return None;
    }
    trap.suspensions = arrivals(cx, &trap);
    (!trap.suspensions.is_empty()).then_some(trap)
}

/// How `handler` catches cancellation, and by which expression.
fn catch_of(cx: &Context<'_>, body: BodyId, handler: &Handler) -> Option<(Catch, Catcher)> {
    if handler.is_star {
        return None;
    }
    if handler.is_bare {
        return Some((Catch::Everything, Catcher::Bare));
    }
    let types = cx.body(body).list(handler.types);
    let caught =
        |wanted| types.iter().copied().find(|&expr| names(cx, Site { body, expr }) == Some(wanted));
    let named = caught(Catch::Named).map(|id| (Catch::Named, Catcher::Clause(id)));
    named.or_else(|| caught(Catch::Everything).map(|id| (Catch::Everything, Catcher::Clause(id))))
}

/// Whether the handler catches cancellation.
pub(crate) fn catches(cx: &Context<'_>, body: BodyId, handler: &Handler) -> bool {
    catch_of(cx, body, handler).is_some()
}

/// Whether the handler would raise a cancellation again, and leaves in no other way.
pub(crate) fn raises_again(cx: &Context<'_>, body: BodyId, handler: &Handler) -> bool {
    let oracle = Cancellation { cx, body, name: handler.name };
    let ways = exits(cx.body(body), handler.body, &oracle);
    ways.reraises && !ways.without_exception()
}

/// What an exception class in an `except` or `suppress` says of cancellation.
fn names(cx: &Context<'_>, site: Site) -> Option<Catch> {
    let body = cx.body(site.body);
    let named = match body.callee(site.expr) {
        Some(callee) => callee,
        None => site.expr,
    };
    match cx.resolver().library_name(cx.module(), site.body, named)?.as_str() {
        // `backend.Unavailable`, or a parameter, annotated as `type[BaseException]`, may be any class
        // below it.
        "builtins.BaseException"
            if named == site.expr
                && (matches!(body.kind(named), ExprKind::Name(_)) && !is_declared(cx, site)
                    || cx.last_name(site.body, named) == Some("BaseException")) =>
        {
            Some(Catch::Everything)
        }
        "asyncio.CancelledError" | "trio.Cancelled" if named == site.expr => Some(Catch::Named),
        "anyio.get_cancelled_exc_class" if named != site.expr => Some(Catch::Named),
        _ => None,
    }
}

/// Whether only an annotation says what the name stands for.
fn is_declared(cx: &Context<'_>, site: Site) -> bool {
    let binding = cx.resolver().only_binding(cx.module(), site.body, site.expr);
    binding.is_some_and(|binding| {
        matches!(binding.kind, BindingKind::Parameter(_) | BindingKind::Annotated { .. })
    })
}

/// What `contextlib.suppress(...)` says of cancellation: the call, how, and the class it names.
fn suppressed(cx: &Context<'_>, site: Site) -> Option<(ExprId, Catch, ExprId)> {
    if cx.library_name(site).as_deref() != Some("contextlib.suppress") {
        return None;
    }
    let arguments = cx.body(site.body).arguments(site.expr);
    let caught = |wanted| {
        let found = arguments
            .iter()
            .find(|argument| names(cx, Site { expr: argument.value, ..site }) == Some(wanted))?;
        Some((site.expr, wanted, found.value))
    };
    caught(Catch::Named).or_else(|| caught(Catch::Everything))
}

/// The await points of the guarded block whose cancellation reaches the trap: those in an inner
/// trap do not.
fn arrivals(cx: &Context<'_>, trap: &Trap) -> Vec<(StmtId, Span)> {
    let body = cx.body(trap.body);
    let reaches = |&(stmt, _): &(StmtId, Span)| {
        let between = std::iter::once(stmt)
            .chain(body.enclosing(stmt))
            .take_while(|&outer| outer != trap.stmt);
        !between.into_iter().any(|inner| keeps(cx, trap, inner, stmt))
    };
    let points = cx.resolver().await_points(cx.module(), trap.body, trap.guarded, trap.function);
    points.iter().copied().filter(reaches).collect()
}

/// Whether the statement `inner` keeps a cancellation that arrives at `point` in its block, or keeps
/// it from arriving.
fn keeps(cx: &Context<'_>, trap: &Trap, inner: StmtId, point: StmtId) -> bool {
    let body = cx.body(trap.body);
    match &body.stmt(inner).kind {
        StmtKind::Try(block) if body.block_holds(block.body, point) => {
            let taker = block.handlers.iter().find(|h| catch_of(cx, trap.body, h).is_some());
            taker.is_some_and(|handler| {
                let oracle = Cancellation { cx, body: trap.body, name: handler.name };
                !exits(body, handler.body, &oracle).reraises
            })
        }
        StmtKind::With { items, body: block, .. } if body.block_holds(*block, point) => {
            let suppresses =
                |manager| suppressed(cx, Site { body: trap.body, expr: manager }).is_some();
            items.iter().any(|item| suppresses(item.manager))
                || cx.resolver().is_shielded(cx.module(), trap.body, inner)
        }
        _ => false,
    }
}

/// Whether a name tells of cancelling as a flag or a setting does: neither an exception class nor
/// the act itself.
fn is_about_cancelling(name: &str) -> bool {
    name.to_ascii_lowercase().contains("cancel")
        && !name.starts_with(char::is_uppercase)
        && !matches!(name, "cancel" | "get_cancelled_exc_class")
}

impl Trap {
    /// What happens to the cancellation, as the end of a sentence.
    pub(crate) fn way(&self) -> &'static str {
        match self.exits {
            Exits { continues: true, .. } => "only starts the next round of the loop",
            Exits { falls: true, .. } => "is forgotten, and the code behind it goes on",
            Exits { breaks: true, .. } => "only ends the loop",
            Exits { returns: true, .. } => "ends as an ordinary return",
            _ => "is replaced by another exception",
        }
    }

    /// The handler as code.
    pub(crate) fn written(&self, cx: &Context<'_>) -> String {
        let class = |id| match cx.body(self.body).callee(id) {
            Some(callee) => format!("{}()", cx.dotted(self.body, callee).unwrap_or_default()),
            None => cx.dotted(self.body, id).unwrap_or_default(),
        };
        match self.catcher {
            Catcher::Bare => "except:".to_owned(),
            Catcher::Clause(id) => format!("except {}", class(id)),
            Catcher::Suppress(id) => format!("suppress({})", class(id)),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self, cx: &Context<'_>) -> String {
        let cancelled = match cx.library() {
            Library::Asyncio => "asyncio.CancelledError",
            Library::Anyio => "anyio.get_cancelled_exc_class()",
            Library::Trio => "trio.Cancelled",
        };
        match (self.catcher, self.catch) {
            (Catcher::Suppress(_), Catch::Everything) => {
                "suppress `Exception` instead: it leaves cancellation alone".to_owned()
            }
            (Catcher::Suppress(_), Catch::Named) => {
                "suppress it only around a task that this code has cancelled itself".to_owned()
            }
            (_, Catch::Everything) => format!(
                "catch `Exception`, which leaves cancellation alone, or put `except {cancelled}: \
                 raise` before it"
            ),
            (_, Catch::Named) => "end every path of the handler with `raise`".to_owned(),
        }
    }

    /// How to do it, where one change is enough.
    pub(crate) fn fix(&self, cx: &Context<'_>) -> Option<Fix> {
        let body = cx.body(self.body);
        let scope = body.stmt(self.stmt).scope;
        let (StmtKind::Try(block), Catcher::Bare | Catcher::Clause(_)) =
            (&body.stmt(self.stmt).kind, self.catcher)
        else {
            let Catcher::Suppress(class) = self.catcher else { return None };
            return match self.catch {
                Catch::Everything => fixes::catch_exception(cx, scope, Ok(body.span(class))),
                Catch::Named => None,
            };
        };
        let index = block.handlers.iter().position(|h| body.handler_span(h) == self.span)?;
        let handler = &block.handlers[index];
        match (self.catch, self.catcher) {
            // Behind a handler of `Exception` another one would never run.
            (Catch::Everything, _)
                if block.handlers[..index]
                    .iter()
                    .any(|handler| exception_of(cx, self.body, handler).is_some()) =>
            {
                None
            }
            (Catch::Everything, Catcher::Clause(class)) => {
                fixes::catch_exception(cx, scope, Ok(body.span(class)))
            }
            (Catch::Everything, _) => fixes::catch_exception(cx, scope, Err(self.span)),
            // What else it catches is not to be raised.
            (Catch::Named, _) if body.list(handler.types).len() > 1 || self.exits.raises => None,
            // Who shields what is awaited means to wait for it all the same.
            (Catch::Named, _) if self.is_shielded(cx) => None,
            (Catch::Named, _) => fixes::raise_again(cx, self.body, handler),
        }
    }

    /// Whether the guarded block shields something from cancellation.
    fn is_shielded(&self, cx: &Context<'_>) -> bool {
        let mut inside = cx.body(self.body).exprs_in_block(self.guarded);
        inside.any(|expr| {
            let site = Site { body: self.body, expr };
            cx.library_name(site).as_deref() == Some("asyncio.shield")
        })
    }

    /// Shows where the cancellation can arrive.
    pub(crate) fn show_suspension(&self, report: Report<'_>) {
        show(report, &self.suspensions);
    }
}

/// The class `Exception` among those that a handler catches.
pub(crate) fn exception_of(cx: &Context<'_>, body: BodyId, handler: &Handler) -> Option<ExprId> {
    let mut types = cx.body(body).list(handler.types).iter().copied();
    types.find(|&class| {
        let name = cx.resolver().library_name(cx.module(), body, class);
        name.as_deref() == Some("builtins.Exception")
    })
}

fn show(report: Report<'_>, suspensions: &[(StmtId, Span)]) {
    if let Some(&(_, span)) = suspensions.first() {
        report.evidence_here(span, "a cancellation can arrive here");
    }
}
