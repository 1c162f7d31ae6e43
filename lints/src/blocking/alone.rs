//! Coroutines that nothing else runs beside: what they block waits for them anyway.

use asynclint_catalog::BlockKind;
use asynclint_project::Callee;
use asynclint_semantic::{ExprKind, FunctionId, StmtKind};

use crate::{Context, Site};

/// What runs a coroutine in a new event loop and ends with it.
const RUNNERS: &[&str] = &["anyio.run", "asyncio.run", "trio.run", "trio_asyncio.run"];

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

    /// Whether the call stands before the first `await` of a coroutine that the file gives to
    /// `asyncio.run`: nothing else has begun to run.
    pub(super) fn begins_program(&self, function: FunctionId, site: Site) -> bool {
        let body = self.body(site.body);
        let (stmt, span) = (body.expr(site.expr).stmt, self.span(site));
        let points = self.resolver().own_suspensions(self.reference(function));
        let paths = self.paths(function);
        let comes_first = points.iter().all(|&(other, point)| {
            let is_behind = point.contains(span) || span.end <= point.start;
            (other != stmt || is_behind) && !paths.from(other, |_| false).has(stmt)
        });
        comes_first && self.is_given_to_runner(function)
    }

    /// Whether the program ends right behind the call: whoever else runs is cut off anyway.
    pub(super) fn ends_program(&self, function: FunctionId, site: Site) -> bool {
        let body = self.body(site.body);
        let stmt = body.expr(site.expr).stmt;
        let rest = body.rest_of_block(self.function(function).block, stmt);
        rest.iter().any(|&next| match body.stmt(next).kind {
            StmtKind::Expr(call) => {
                let name = self.library_name(Site { expr: call, ..site });
                name.is_some_and(|name| EXITS.contains(&&*name))
            }
            _ => false,
        })
    }

    /// Whether the file gives a coroutine of the function to `asyncio.run` or the like.
    pub(crate) fn is_given_to_runner(&self, function: FunctionId) -> bool {
        let own = self.reference(function);
        self.calls().any(|site| {
            let body = self.body(site.body);
            let Some(first) = body.arguments(site.expr).first() else { return false };
            let is_own = match body.kind(first.value) {
                ExprKind::Call { .. } => {
                    self.callee(Site { expr: first.value, ..site }) == Callee::Known(own)
                }
                ExprKind::Name(_) => {
                    let named =
                        self.resolver().function_value(self.module(), site.body, first.value);
                    named == Some(own)
                }
                _ => false,
            };
            let name = body.callee(site.expr).and_then(|id| self.last_name(site.body, id));
            is_own
                && (name == Some(RUN_UNTIL)
                    || self.library_name(site).is_some_and(|name| RUNNERS.contains(&&*name)))
        })
    }
}

/// Whether a direct call of this kind is a mistake wherever it stands: there is another call for
/// it, or it was asked for.
pub(super) const fn counts_everywhere(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::Configured | BlockKind::Http | BlockKind::Sleep)
}
