//! `single-task-group`

use asynclint_diagnostics::Level;
use asynclint_semantic::{ExprId, ExprKind, StmtKind, Usage};

use crate::fixes;
use crate::groups::{TaskGroup, groups};
use crate::{Context, Fixes, Group, Lint, Site};

/// A task group for one task.
pub(crate) static SINGLE_TASK_GROUP: Lint = Lint {
    name: "single-task-group",
    summary: "a task group that starts one task and does nothing else",
    group: Group::Tasks,
    page: include_str!("single_task_group.md"),
    level: Level::Note,
    fix: Fixes::Unsafe,
    aliases: &["ASYNC112", "S7513"],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    if cx.is_test_module() {
        return;
    }
    for group in groups(cx) {
        let Some(call) = only_start(cx, &group) else { continue };
        let is_new_context = cx.keyword(Site { body: group.body, expr: call }, "context").is_some();
        // An attribute can be read by whatever the task calls.
        let is_local = !group.name.contains('.');
        if is_local && !is_new_context && uses(cx, &group) == 1 {
            report(cx, &group, call);
        }
    }
}

/// The call that starts the only task, if the block does nothing else.
fn only_start(cx: &Context<'_>, group: &TaskGroup) -> Option<ExprId> {
    let body = cx.body(group.body);
    let [only] = body.block(group.block) else { return None };
    let (value, is_kept) = match body.stmt(*only).kind {
        StmtKind::Expr(value) => (value, false),
        StmtKind::Assign { value, .. } => (value, true),
        StmtKind::AnnAssign { value: Some(value), .. } => (value, true),
        _ => return None,
    };
    let call = match body.kind(value) {
        // What `start` gives is told by a task that runs on.
        ExprKind::Await(call) if !is_kept => call,
        _ => value,
    };
    group.starts(cx, call).then_some(call)
}

/// How often the code names the group: in its block, and in functions nested in the one around.
fn uses(cx: &Context<'_>, group: &TaskGroup) -> usize {
    let body = cx.body(group.body);
    let outline = &cx.facts().outline;
    let home = outline.function_of(body.stmt(group.stmt).scope);
    let is_use = |&id: &ExprId| {
        let expr = body.expr(id);
        expr.usage != Usage::Target
            && group.is(cx, id)
            && (body.stmt_holds(group.stmt, expr.stmt) || outline.function_of(expr.scope) != home)
    };
    body.expr_ids().filter(is_use).count()
}

fn report(cx: &mut Context<'_>, group: &TaskGroup, call: ExprId) {
    let span = cx.body(group.body).span(call);
    let kind = group.word();
    let started = Site { body: group.body, expr: call };
    let written = cx.written(started);
    let fix = fixes::await_only(cx, group.stmt, started);
    cx.report(group.opened, format!("this {kind} starts one task and does nothing else"))
        .label(format!("opens a {kind} and waits for its only task"))
        .evidence_here(span, format!("the only task: `{written}`"))
        .help(
            "await the coroutine itself; its error then comes as it is, not in an `ExceptionGroup`",
        )
        .fix(fix);
}
