//! `await-in-cleanup`

use asynclint_diagnostics::Level;
use asynclint_parser::Span;
use asynclint_semantic::{
    Block, BodyId, Comparison, ExprId, ExprKind, FunctionId, StmtId, StmtKind,
};

use crate::cancellation::traps;
use crate::{Context, Fixes, Group, Library, Lint, Site};

/// Clean-up awaits where a cancellation is under way.
pub(crate) static AWAIT_IN_CLEANUP: Lint = Lint {
    name: "await-in-cleanup",
    summary: "an await in clean-up is cancelled at once when the code was cancelled",
    group: Group::Cancellation,
    page: include_str!("await_in_cleanup.md"),
    level: Level::Note,
    fix: Fixes::None,
    aliases: &["ASYNC102", "ASYNC120"],
    coroutine_only: true,
    check,
};

/// Libraries in which a cancellation goes on until its scope is left.
const LEVEL_CANCELLING: &[&str] = &["anyio", "trio"];

fn check(cx: &mut Context<'_>) {
    let outline = &cx.facts().outline;
    let imports = |root: &&str| outline.imports(root);
    if cx.library() == Library::Asyncio && !LEVEL_CANCELLING.iter().any(imports) {
        return;
    }
    for function in cx.coroutines() {
        // Tests cancel what they mean to, and see to the end of it.
        if cx.in_test(function) {
            continue;
        }
        let own = cx.function(function);
        let body = cx.body(own.body);
        let name = own.name.map_or("", |name| cx.facts().outline.text(name));
        if name == "__aexit__" && own.class.is_some() {
            report(cx, function, own.block, "`__aexit__`", own.name_span);
            continue;
        }
        for stmt in body.stmts_in_block(own.block) {
            let StmtKind::Try(block) = &body.stmt(stmt).kind else { continue };
            if cx.facts().outline.function_of(body.stmt(stmt).scope) != Some(function)
                || !may_be_cancelled(cx, function, block)
            {
                continue;
            }
            let try_span = body.header_span(stmt);
            // The first one takes it: no cancellation comes to a later one.
            let mut handlers = block.handlers.iter();
            let taker = handlers.find(|handler| traps::catches(cx, own.body, handler));
            if let Some(handler) = taker {
                let span = body.handler_span(handler);
                report(cx, function, handler.body, "a handler of cancellation", span);
            }
            report(cx, function, block.finalbody, "`finally`", try_span);
        }
    }
}

/// Whether a cancellation can arrive in what the `try` guards.
fn may_be_cancelled(
    cx: &Context<'_>,
    function: FunctionId,
    block: &asynclint_semantic::Try,
) -> bool {
    let own = cx.function(function).body;
    let handlers = block.handlers.iter().map(|handler| handler.body);
    let mut blocks = [block.body, block.orelse].into_iter().chain(handlers);
    blocks.any(|block| !cx.resolver().suspensions(cx.module(), own, block, function).is_empty())
}

/// Reports the first unshielded await of a block of clean-up.
fn report(cx: &mut Context<'_>, function: FunctionId, block: Block, place: &str, around: Span) {
    let body = cx.function(function).body;
    let points = cx.resolver().await_points(cx.module(), body, block, function);
    // In asyncio a cancellation arrives once, and clean-up may await. Who opens a scope of another
    // library there has its cancellation in mind.
    let is_asyncio = cx.library() == Library::Asyncio;
    let first = points.iter().copied().find(|&(stmt, span)| {
        (!is_asyncio || is_in_scope(cx, body, block, stmt))
            && !cx.resolver().is_shielded(cx.module(), body, stmt)
            && !is_harmless(cx, body, stmt, span)
            && !is_without_exception(cx, function, stmt)
            && !is_caught(cx, body, block, stmt)
    });
    let Some((_, span)) = first else { return };
    let scope = match cx.library() {
        Library::Trio => "trio.CancelScope(shield=True)",
        _ => "anyio.CancelScope(shield=True)",
    };
    cx.report(span, format!("an await in {place} without a shield"))
        .label("once the code is cancelled, this is cancelled as well before it has done anything")
        .evidence_here(around, format!("{place} runs when the code is cancelled, too"))
        .help(format!("put it in `with {scope}:`, with a deadline if it may take long"));
}

/// Whether the statement of an `__aexit__` runs only if the block has ended by itself:
/// `if exc_type is None:`, `if not exc_type:`.
fn is_without_exception(cx: &Context<'_>, function: FunctionId, stmt: StmtId) -> bool {
    let own = cx.function(function);
    let code = cx.body(own.body);
    let given = own.parameters.get(1..).unwrap_or_default();
    let is_given = |id: ExprId| {
        matches!(code.kind(id), ExprKind::Name(name)
            if given.iter().any(|parameter| parameter.name == name))
    };
    let is_none = |test: ExprId| match code.kind(test) {
        ExprKind::Not(asked) => is_given(asked),
        ExprKind::Compare { operator: Comparison::Is, operands } => {
            matches!(code.list(operands), [asked, none]
                if is_given(*asked) && code.kind(*none) == ExprKind::None)
        }
        _ => false,
    };
    let all_of = |test: ExprId| {
        let mut sides = vec![test];
        let mut at = 0;
        while let Some(&side) = sides.get(at) {
            at += 1;
            if let ExprKind::Bool { is_and: true, left, right } = code.kind(side) {
                sides.extend([left, right]);
            }
        }
        sides
    };
    let is_aexit = own.name.is_some_and(|name| cx.facts().outline.text(name) == "__aexit__");
    is_aexit && code.is_under_if(stmt, |test| all_of(test).into_iter().any(is_none))
}

/// Whether the clean-up has opened a cancel scope of anyio or trio around the statement.
fn is_in_scope(cx: &Context<'_>, body: BodyId, cleanup: Block, stmt: StmtId) -> bool {
    cx.resolver().guards_around(cx.module(), body, stmt).iter().any(|guarded| {
        let manager = cx.library_name(Site { body, expr: guarded.manager });
        cx.body(body).block_holds(cleanup, guarded.stmt)
            && manager
                .as_deref()
                .and_then(|name| name.split_once('.'))
                .is_some_and(|(root, _)| LEVEL_CANCELLING.contains(&root))
    })
}

/// Whether the clean-up itself takes the cancellation that arrives there.
fn is_caught(cx: &Context<'_>, body: BodyId, cleanup: Block, stmt: StmtId) -> bool {
    let code = cx.body(body);
    let mut inner = code.enclosing(stmt).take_while(|&outer| code.block_holds(cleanup, outer));
    inner.any(|outer| match &code.stmt(outer).kind {
        StmtKind::Try(block) => {
            code.block_holds(block.body, stmt)
                && block.handlers.iter().any(|handler| traps::catches(cx, body, handler))
        }
        _ => false,
    })
}

/// Whether what is awaited there does its work under cancellation, or is somebody else's clean-up
/// that must.
fn is_harmless(cx: &Context<'_>, body: BodyId, stmt: StmtId, span: Span) -> bool {
    let code = cx.body(body);
    let awaited = code.exprs_in(stmt).find_map(|id| match code.kind(id) {
        ExprKind::Await(inner) if code.span(id) == span => Some(inner),
        _ => None,
    });
    // `async with` and `async for` are judged by what they await in their block.
    let Some(inner) = awaited else {
        return matches!(code.stmt(stmt).kind, StmtKind::With { .. });
    };
    cx.resolver().works_when_cancelled(cx.module(), body, inner)
}
