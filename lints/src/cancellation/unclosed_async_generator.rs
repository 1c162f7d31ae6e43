//! `unclosed-async-generator`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, FunctionRef, Gives};
use asynclint_semantic::{Block, BodyId, ExprId, ExprKind, FunctionId, StmtId, StmtKind, Usage};

use crate::{Context, Fixes, Group, Lint, Site};

/// An async generator with something to clean up is left in the middle.
pub(crate) static UNCLOSED_ASYNC_GENERATOR: Lint = Lint {
    name: "unclosed-async-generator",
    summary: "an `async for` leaves a generator early and its clean-up to the garbage collector",
    group: Group::Cancellation,
    page: include_str!("unclosed_async_generator.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    for function in cx.coroutines() {
        // The loop of a test ends with it, and closes what is left.
        if cx.in_test(function) {
            continue;
        }
        let own = cx.function(function);
        let body = cx.body(own.body);
        for stmt in body.stmts_in_block(own.block) {
            let StmtKind::For { is_async: true, iterable, body: block, .. } = body.stmt(stmt).kind
            else {
                continue;
            };
            if cx.facts().outline.function_of(body.stmt(stmt).scope) == Some(function)
                && let Some((jump, keyword)) = early_exit(cx, function, block)
                && !ends_its_loop(cx, function, stmt)
                && let Some((call, generator)) = generator(cx, own.body, iterable)
                && let Some(cleanup) = cx.resolver().cleans_up(generator)
            {
                report(
                    cx,
                    Site { body: own.body, expr: call },
                    generator,
                    cleanup,
                    (jump, keyword),
                );
            }
        }
    }
}

/// Whether nothing follows the `async for` in a coroutine that is given to `asyncio.run`, which
/// closes the generators that are left.
fn ends_its_loop(cx: &Context<'_>, function: FunctionId, stmt: StmtId) -> bool {
    let own = cx.function(function);
    let body = cx.body(own.body);
    let outermost = body.stmts_in_block(own.block).next().map(|first| body.stmt(first).parent);
    let own_level =
        body.stmts_in_block(own.block).filter(|&id| Some(body.stmt(id).parent) == outermost);
    own_level.last() == Some(stmt) && cx.is_given_to_runner(function)
}

/// The first `break` or `return` by which the loop with this block is left early.
fn early_exit(
    cx: &Context<'_>,
    function: FunctionId,
    block: Block,
) -> Option<(StmtId, &'static str)> {
    let body = cx.body(cx.function(function).body);
    let leaves = |id: StmtId| {
        if cx.facts().outline.function_of(body.stmt(id).scope) != Some(function) {
            return None;
        }
        match body.stmt(id).kind {
            StmtKind::Return(_) => Some((id, "return")),
            StmtKind::Break => {
                let mut inner =
                    body.enclosing(id).take_while(|&outer| body.block_holds(block, outer));
                let in_other = inner.any(|outer| {
                    matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
                });
                (!in_other).then_some((id, "break"))
            }
            _ => None,
        }
    };
    body.stmts_in_block(block).find_map(leaves)
}

/// The call that makes the generator which is iterated, if nothing else can close it.
fn generator(cx: &Context<'_>, body: BodyId, iterable: ExprId) -> Option<(ExprId, FunctionRef)> {
    let code = cx.body(body);
    let call = match code.kind(iterable) {
        ExprKind::Call { .. } => iterable,
        ExprKind::Name(_) => only_value(cx, body, iterable)?,
        _ => return None,
    };
    let callee = cx.callee(Site { body, expr: call });
    match callee {
        Callee::Known(function) if cx.gives(&callee) == Gives::AsyncGenerator => {
            Some((call, function))
        }
        _ => None,
    }
}

/// The call that the local is bound to, if the loop is all that reads it.
fn only_value(cx: &Context<'_>, body: BodyId, read: ExprId) -> Option<ExprId> {
    let code = cx.body(body);
    let bound = code.expr_ids().filter(|&id| {
        matches!(code.kind(id), ExprKind::Call { .. }) && code.expr(id).usage == Usage::Bound
    });
    bound.into_iter().find(|&call| {
        let local = cx.resolver().local_of(cx.module(), body, call);
        local.is_some_and(|local| local.reads == [read])
    })
}

fn report(
    cx: &mut Context<'_>,
    site: Site,
    generator: FunctionRef,
    cleanup: StmtId,
    (jump, keyword): (StmtId, &'static str),
) {
    let project = cx.resolver().project();
    let name = project.function_name(generator).to_owned();
    let body = project.facts(generator.module).body(project.function(generator).body);
    let span = body.header_span(cleanup);
    let what = match body.stmt(cleanup).kind {
        StmtKind::Try(_) => format!("the `finally` of this `try` in `{name}` runs late"),
        _ => format!("`{name}` leaves this late"),
    };
    let jump = cx.body(site.body).stmt_span(jump);
    let closing = cx.closing(&format!("{}(...)", cx.written_whole(site)));
    cx.report(
        cx.span(site),
        format!("the loop may end before `{name}` does, and nothing closes it"),
    )
    .label("its clean-up waits for the garbage collector, and runs in another task")
    .evidence_here(jump, format!("`{keyword}` leaves it in the middle"))
    .evidence(generator.module, span, what)
    .help(closing);
}
