//! Calls in one branch of an `if` whose other branch awaits the same call, and calls of what the
//! code has found to be no coroutine function: it tells apart what it may have there.

use asynclint_project::Callee;
use asynclint_semantic::{Block, ExprId, ExprKind, Name, StmtKind, Usage};

use crate::{Context, Site};

/// What a name has in it that tells coroutine functions from others.
const COLOURS: &[&str] = &["await", "coro", "sync"];

/// Whether the call stands in a branch of an `if` while another branch awaits the same call, or the
/// function asks what colour the callee is and the call is for the plain one.
pub(crate) fn is_told_apart(cx: &Context<'_>, call: Site) -> bool {
    let body = cx.body(call.body);
    let stmt = body.expr(call.expr).stmt;
    let awaits = |block: Block| {
        let mut all = body.exprs_in_block(block);
        all.find(
            |&id| matches!(body.kind(id), ExprKind::Await(other) if body.is_alike(other, call.expr)),
        )
    };
    // What is waited for in one branch is given to the caller to wait for in the other.
    let is_for_caller = |other: ExprId| {
        cx.usage(call) == Usage::Returned
            && cx.usage(Site { expr: other, ..call }) == Usage::Discarded
    };
    let in_other_branch = body.enclosing(stmt).any(|outer| match body.stmt(outer).kind {
        StmtKind::If { test, body: then, orelse } => {
            let is_asked = body.block_holds(then, stmt);
            awaits(if is_asked { orelse } else { then })
                .is_some_and(|other| is_for_caller(other) || may_tell(cx, call, test, is_asked))
        }
        _ => false,
    });
    in_other_branch || is_asked_about(cx, call) || has_async_twin(cx, call)
}

/// Whether the function awaits the same method of an object that is named as the asynchronous one of
/// two: `items.insert(1)` beside `await async_items.insert(1)`.
fn has_async_twin(cx: &Context<'_>, call: Site) -> bool {
    let body = cx.body(call.body);
    let called = |id: ExprId| match body.kind(body.callee(id)?) {
        ExprKind::Attribute { value, name } => Some((cx.last_name(call.body, value)?, name)),
        _ => None,
    };
    let is_async = |object: &str| {
        object.to_lowercase().split('_').any(|word| matches!(word, "async" | "aio" | "a"))
    };
    let Some((object, method)) = called(call.expr).filter(|&(object, _)| !is_async(object)) else {
        return false;
    };
    let here = cx.function_of(call);
    body.expr_ids().any(|id| match body.kind(id) {
        ExprKind::Await(other) => called(other).is_some_and(|(twin, name)| {
            name == method
                && is_async(twin)
                && twin.ends_with(object)
                && cx.function_of(Site { expr: id, ..call }) == here
        }),
        _ => false,
    })
}

/// Whether the function asks of what is called if it is a coroutine function, and the call does not
/// stand where the answer is yes.
fn is_asked_about(cx: &Context<'_>, call: Site) -> bool {
    let body = cx.body(call.body);
    let Some(callee) = body.callee(call.expr) else { return false };
    let here = cx.function_of(call);
    let asks = |id: ExprId| {
        let asked = body
            .called_name(id)
            .is_some_and(|name| asynclint_project::asks_for_colour(cx.facts().outline.text(name)));
        asked && body.arguments(id).iter().any(|argument| body.is_alike(argument.value, callee))
    };
    let is_sure = |test: ExprId| match body.kind(test) {
        ExprKind::Bool { is_and: true, left, right } => asks(left) || asks(right),
        _ => asks(test),
    };
    let stmt = body.expr(call.expr).stmt;
    let is_coroutine = || body.is_under_if(stmt, is_sure);
    let mut asked = body.expr_ids().filter(|&id| asks(id));
    asked.any(|id| cx.function_of(Site { expr: id, ..call }) == here) && !is_coroutine()
}

/// Whether the test may be about what is called. Of a function of the project it is known what it is,
/// and of its methods what those are that override them, so that a test of something else is about
/// that. A local may hold another object in each branch, and so may an attribute that is asked about
/// where the answer is yes.
fn may_tell(cx: &Context<'_>, call: Site, test: ExprId, is_asked: bool) -> bool {
    let body = cx.body(call.body);
    let Some(callee) = body.callee(call.expr) else { return true };
    let function = match body.kind(callee) {
        ExprKind::Name(name) => name,
        ExprKind::Attribute { value, name } if is_of_own_object(cx, call, value) => {
            let is_it = |id| !cx.facts().is_receiver(call.body, value) && body.is_alike(id, value);
            if is_asked && body.exprs_below(test).any(is_it) {
                return true;
            }
            name
        }
        _ => return true,
    };
    let tells = |name: Name| {
        let word = cx.facts().outline.text(name).to_lowercase();
        name == function || COLOURS.iter().any(|colour| word.contains(colour))
    };
    let speaks_of_it = |id: ExprId| match body.kind(id) {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } | ExprKind::Str(Some(name)) => {
            tells(name)
        }
        _ => false,
    };
    !matches!(cx.callee(call), Callee::Known(_)) || body.exprs_below(test).any(speaks_of_it)
}

/// `self`, and what it keeps: `self.engine`.
fn is_of_own_object(cx: &Context<'_>, call: Site, value: ExprId) -> bool {
    let kept = match cx.body(call.body).kind(value) {
        ExprKind::Attribute { value, .. } => value,
        _ => value,
    };
    cx.facts().is_receiver(call.body, kept)
}
