//! `blocking-cpu`

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;
use asynclint_semantic::{Body, ExprId, FunctionId, StmtId, StmtKind};

use crate::{Context, Fixes, Group, Lint, Site, blocking};

/// Long computations in a coroutine.
pub(crate) static BLOCKING_CPU: Lint = Lint {
    name: "blocking-cpu",
    summary: "a long computation stops the event loop",
    group: Group::Blocking,
    page: include_str!("blocking_cpu.md"),
    level: Level::Off,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

/// Rounds that take long whatever is done in them: about a twentieth of a second.
const MANY: u64 = 1_000_000;

fn check(cx: &mut Context<'_>) {
    blocking::check(cx, BlockKind::Cpu);
    for function in cx.coroutines().collect::<Vec<_>>() {
        for (stmt, range) in long_loops(cx, function) {
            report(cx, function, stmt, range);
        }
    }
}

/// The loops over a range of a million or more that the coroutine cannot be interrupted in.
fn long_loops(cx: &Context<'_>, id: FunctionId) -> Vec<(StmtId, ExprId)> {
    let function = cx.function(id);
    let body = cx.body(function.body);
    let own = body
        .stmts_in_block(function.block)
        .filter(|&stmt| cx.facts().outline.function_of(body.stmt(stmt).scope) == Some(id));
    let long = own.filter_map(|stmt| match body.stmt(stmt).kind {
        StmtKind::For { is_async: false, iterable, body: block, .. } => {
            let rounds = rounds(cx, body, Site { body: function.body, expr: iterable })?;
            let points = cx.resolver().suspensions(cx.module(), function.body, block, id);
            let leaves = body.stmts_in_block(block).any(|inner| {
                matches!(
                    body.stmt(inner).kind,
                    StmtKind::Break | StmtKind::Return(_) | StmtKind::Raise { .. }
                )
            });
            (rounds >= MANY && points.is_empty() && !leaves).then_some((stmt, iterable))
        }
        _ => None,
    });
    long.collect()
}

/// How often `for _ in range(...)` goes round, where numbers say so.
fn rounds(cx: &Context<'_>, body: &Body, site: Site) -> Option<u64> {
    if cx.library_name(site).as_deref() != Some("builtins.range") {
        return None;
    }
    let arguments = body.arguments(site.expr).iter();
    let numbers: Option<Vec<u64>> =
        arguments.map(|argument| cx.facts().whole_number(body, argument.value)).collect();
    match numbers?[..] {
        [end] => Some(end),
        [start, end] => Some(end.saturating_sub(start)),
        [start, end, step] => end.saturating_sub(start).checked_div(step),
        _ => None,
    }
}

fn report(cx: &mut Context<'_>, function: FunctionId, stmt: StmtId, range: ExprId) {
    let body = cx.function(function).body;
    let name = cx.resolver().project().function_name(cx.reference(function)).to_owned();
    let way = blocking::words::to_thread(cx);
    let help = format!(
        "move the loop into a plain function and run that in a thread: `await {way}...)`, or in a \
         process where it holds the interpreter"
    );
    let span = cx.body(body).header_span(stmt);
    let site = Site { body, expr: range };
    let written = cx.span(site);
    cx.report(span, format!("a long loop blocks the event loop in coroutine `{name}`"))
        .label("every other task waits until this is done")
        .evidence_here(written, "it goes round a million times or more and never awaits")
        .help(help);
}
