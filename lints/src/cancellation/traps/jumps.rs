//! Jumps that drop a cancellation on its way through `finally`.

use asynclint_parser::Span;
use asynclint_semantic::exits::exits;
use asynclint_semantic::{Block, BodyId, Handler, StmtId, StmtKind};

use super::oracle::Cancellation;
use super::{catch_of, show};
use crate::context::Report;
use crate::{Context, Site};

/// A jump out of `finally`.
pub(crate) struct Jump {
    pub(crate) span: Span,
    pub(crate) keyword: &'static str,
    suspensions: Vec<(StmtId, Span)>,
}

impl Jump {
    /// Shows where the cancellation can arrive.
    pub(crate) fn show_suspension(&self, report: Report<'_>) {
        show(report, &self.suspensions);
    }
}

/// `return`, `break` and `continue` that leave a `finally` whose statement awaits.
pub(crate) fn jumps_in_finally(cx: &Context<'_>) -> Vec<Jump> {
    let mut found = Vec::new();
    for function in cx.coroutines() {
        let own = cx.function(function);
        let body = cx.body(own.body);
        for id in body.stmts_in_block(own.block) {
            let StmtKind::Try(block) = &body.stmt(id).kind else { continue };
            if cx.facts().outline.function_of(body.stmt(id).scope) != Some(function) {
                continue;
            }
            let handlers = block.handlers.iter().map(|handler| handler.body);
            // What a handler keeps does not come as far as `finally`.
            let is_kept = is_kept(cx, own.body, &block.handlers);
            let guarded = (!is_kept).then_some(block.body);
            let blocks = guarded.into_iter().chain([block.orelse]).chain(handlers);
            let suspensions: Vec<_> = blocks
                .flat_map(|b| {
                    cx.resolver().await_points(cx.module(), own.body, b, function).to_vec()
                })
                .collect();
            if suspensions.is_empty() {
                continue;
            }
            for jump in body.stmts_in_block(block.finalbody) {
                let keyword = match body.stmt(jump).kind {
                    StmtKind::Return(_) => "return",
                    StmtKind::Break => "break",
                    StmtKind::Continue => "continue",
                    _ => continue,
                };
                let leaves = cx.facts().outline.function_of(body.stmt(jump).scope)
                    == Some(function)
                    && (keyword == "return" || !in_own_loop(cx, own.body, block.finalbody, jump))
                    && !asks_for_error(cx, own.body, block.finalbody, jump)
                    && !is_in_handler(cx, own.body, block.finalbody, jump);
                if leaves {
                    let span = body.stmt_span(jump);
                    found.push(Jump { span, keyword, suspensions: suspensions.clone() });
                }
            }
        }
    }
    found
}

/// Whether one of the handlers catches a cancellation and raises nothing.
fn is_kept(cx: &Context<'_>, body: BodyId, handlers: &[Handler]) -> bool {
    let taker = handlers.iter().find(|handler| catch_of(cx, body, handler).is_some());
    taker.is_some_and(|handler| {
        let oracle = Cancellation { cx, body, name: handler.name };
        let exits = exits(cx.body(body), handler.body, &oracle);
        !exits.raises && !exits.reraises
    })
}

/// Whether the clean-up itself has failed where `jump` is reached: it stands in a handler of it.
fn is_in_handler(cx: &Context<'_>, body: BodyId, block: Block, jump: StmtId) -> bool {
    let code = cx.body(body);
    let mut around = code.enclosing(jump).take_while(|&outer| code.block_holds(block, outer));
    around.any(|outer| match &code.stmt(outer).kind {
        StmtKind::Try(inner) => {
            inner.handlers.iter().any(|handler| code.block_holds(handler.body, jump))
        }
        _ => false,
    })
}

/// Whether an `if` around `jump` asks whether an exception is on its way:
/// `if sys.exc_info()[0] is None`.
fn asks_for_error(cx: &Context<'_>, body: BodyId, block: Block, jump: StmtId) -> bool {
    let code = cx.body(body);
    let mut around = code.enclosing(jump).take_while(|&outer| code.block_holds(block, outer));
    around.any(|outer| match code.stmt(outer).kind {
        StmtKind::If { test, .. } => code.exprs_below(test).any(|expr| {
            let name = cx.library_name(Site { body, expr });
            matches!(name.as_deref(), Some("sys.exc_info" | "sys.exception"))
        }),
        _ => false,
    })
}

/// Whether the loop that `jump` belongs to lies within `block`.
fn in_own_loop(cx: &Context<'_>, body: BodyId, block: Block, jump: StmtId) -> bool {
    let code = cx.body(body);
    let mut around = code.enclosing(jump).take_while(|&outer| code.block_holds(block, outer));
    around
        .any(|outer| matches!(code.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. }))
}
