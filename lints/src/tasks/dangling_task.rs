//! `dangling-task`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, FunctionRef, Started};
use asynclint_semantic::{ExprId, ExprKind, FunctionId, Name, StmtKind, Usage};

use crate::fixes;
use crate::{Context, Fixes, Group, Lint, Site};

/// A task that nothing holds.
pub(crate) static DANGLING_TASK: Lint = Lint {
    name: "dangling-task",
    summary: "a task is started and nothing keeps a reference to it",
    group: Group::Tasks,
    page: include_str!("dangling_task.md"),
    level: Level::Error,
    fix: Fixes::Unsafe,
    aliases: &["RUF006", "ASYNC300", "S7502"],
    coroutine_only: false,
    check,
};

/// What runs an event loop from plain code until it is stopped, or something is done. `asyncio.run`
/// makes another loop.
const RUNNING: &[&str] = &[
    "exec",
    "exec_",
    "mainloop",
    "run_app",
    "run_forever",
    "run_polling",
    "run_until_complete",
    "run_until_disconnected",
    "start_polling",
];

/// How its result is lost.
enum Loss {
    Dropped,
    UnusedLocal(Name),
    Callback,
    OnlyCallback,
}

fn check(cx: &mut Context<'_>) {
    for site in cx.calls().collect::<Vec<_>>() {
        let Some(loss) = loss(cx, site) else { continue };
        let stmt = cx.body(site.body).expr(site.expr).stmt;
        if let Some(started) = cx.resolver().started(cx.module(), site.body, site.expr)
            && (is_task(started) || matches!(loss, Loss::Dropped))
            && !cx.in_error_test(site.body, stmt)
            && !cx.facts().outline.is_dead(cx.span(site))
            && !is_last_act(cx, site)
            && !is_seen_by_test(cx, site)
            && !is_for_show(cx, site)
            && !is_kept_by_callee(cx, site)
            && !is_kept_inside(cx, site, started)
        {
            report(cx, site, started, &loss);
        }
    }
}

/// Whether the call stands in a `__del__`: nothing of the object is left that could hold the task.
fn is_last_act(cx: &Context<'_>, site: Site) -> bool {
    cx.function_of(site).is_some_and(|function| {
        let own = cx.function(function);
        let name = own.name.map(|name| cx.facts().outline.text(name));
        own.class.is_some() && name == Some("__del__")
    })
}

/// Whether a test starts the task as a statement and goes on to await or to run the event loop: it
/// waits for what the task does, fails where that stays away, and needs nothing of the task itself. In
/// a file with syntax errors what it awaits may be lost.
fn is_seen_by_test(cx: &Context<'_>, site: Site) -> bool {
    cx.usage(site) == Usage::Discarded
        && cx.function_of(site).is_some_and(|function| {
            let name = cx.function(function).name.map(|name| cx.facts().outline.text(name));
            name.is_some_and(|name| name.starts_with("test"))
                && cx.in_test(function)
                && (!cx.facts().errors.is_empty()
                    || is_suspended_later(cx, site, function)
                    || runs_loop_later(cx, site, function))
        })
}

/// Whether a test starts a function without code: what is tested is that the task is left.
fn is_for_show(cx: &Context<'_>, site: Site) -> bool {
    let is_empty = |id: ExprId| match cx.resolver().callee(cx.module(), site.body, id) {
        Callee::Known(function) => cx.resolver().does_nothing(function),
        _ => false,
    };
    cx.is_in_test(site)
        && cx.body(site.body).arguments(site.expr).iter().any(|argument| is_empty(argument.value))
}

fn is_task(started: Started) -> bool {
    matches!(started, Started::Task | Started::HandedBack { .. })
}

/// Whether the configuration says that what is called holds the tasks it starts.
fn is_kept_by_callee(cx: &Context<'_>, site: Site) -> bool {
    let known = &cx.settings().keeps_reference;
    if known.is_empty() {
        return false;
    }
    let qualified = cx.resolver().qualified_callee(cx.module(), site.body, site.expr);
    qualified.is_some_and(|name| known.contains(&name)) || known.contains(&cx.written(site))
}

/// Whether what is called holds the task for as long as it runs: the function that hands it back
/// runs the event loop first, or the coroutine notes the task that runs it.
fn is_kept_inside(cx: &Context<'_>, site: Site, started: Started) -> bool {
    let resolver = cx.resolver();
    let (wrapper, (module, body, call)) = match started {
        Started::HandedBack { wrapper, start } => (Some(wrapper), start),
        Started::Task => (None, (cx.module(), site.body, site.expr)),
        Started::Gather | Started::Shield => return false,
    };
    let runs_loop = |wrapper: FunctionRef| {
        let facts = resolver.project().facts(wrapper.module);
        let own = facts.outline.function(wrapper.id);
        let code = facts.body(own.body);
        code.exprs_in_block(own.block).any(|id| {
            code.called_name(id).is_some_and(|name| RUNNING.contains(&facts.outline.text(name)))
        })
    };
    let code = resolver.project().facts(module).body(body);
    let first = code.arguments(call).first().map(|argument| argument.value);
    wrapper.is_some_and(runs_loop)
        || first.is_some_and(|id| match resolver.callee(module, body, id) {
            Callee::Known(coroutine) => notes_own_task(cx, coroutine),
            _ => false,
        })
}

/// Whether the coroutine function puts the task that runs it into an attribute or a container:
/// `self.stopping = asyncio.current_task()`.
fn notes_own_task(cx: &Context<'_>, function: FunctionRef) -> bool {
    let resolver = cx.resolver();
    let facts = resolver.project().facts(function.module);
    if facts.outline.names.get("current_task").is_none() {
        return false;
    }
    let own = facts.outline.function(function.id);
    let body = facts.body(own.body);
    let is_noted = |id: ExprId| match body.expr(id).usage {
        Usage::Stored => true,
        Usage::Passed => {
            let taker = body.expr(id).parent.and_then(|call| body.called_name(call));
            taker.is_some_and(|name| matches!(facts.outline.text(name), "add" | "append"))
        }
        _ => false,
    };
    body.exprs_in_block(own.block).any(|id| {
        matches!(body.kind(id), ExprKind::Call { .. })
            && is_noted(id)
            && matches!(
                resolver.callee(function.module, own.body, id),
                Callee::External(name) if &*name == "asyncio.current_task"
            )
    })
}

fn report(cx: &mut Context<'_>, site: Site, started: Started, loss: &Loss) {
    let written = cx.written(site);
    if !is_task(started) {
        cx.report(cx.span(site), format!("the result of `{written}` is dropped"))
            .label("what it wraps runs on, but nothing waits for it and its errors are lost")
            .help(format!("await it, or keep what `{written}` returns until it is done"));
        return;
    }
    let label: String = match loss {
        Loss::Dropped => {
            "nothing holds this task: the event loop keeps only a weak reference".into()
        }
        Loss::UnusedLocal(name) => format!(
            "`{}` is never read and the function ends: nothing holds the task then",
            cx.facts().outline.text(*name)
        ),
        Loss::Callback => "whoever calls this lambda drops the task it returns".into(),
        Loss::OnlyCallback => {
            "a done callback does not keep the task: the event loop holds only a weak reference"
                .into()
        }
    };
    let keep = "keep it in a set and remove it with `task.add_done_callback(tasks.discard)`";
    let help = if cx.in_coroutine(site) && cx.settings().target >= (3, 11) {
        format!("{keep}, or start it in an `asyncio.TaskGroup`")
    } else {
        keep.to_owned()
    };
    let fix = match loss {
        Loss::Dropped | Loss::OnlyCallback => fixes::keep_task(cx, site, None),
        Loss::UnusedLocal(name) => fixes::keep_task(cx, site, Some(*name)),
        Loss::Callback => None,
    };
    let handed_back = match started {
        Started::HandedBack { wrapper, start: (module, body, expr) } => {
            let project = cx.resolver().project();
            let name = project.function_name(wrapper);
            let span = project.facts(module).body(body).span(expr);
            Some((module, span, format!("`{name}` starts the task here and only hands it back")))
        }
        _ => None,
    };
    let message = format!("the task that `{written}` starts may vanish before it is done");
    let report = cx.report(cx.span(site), message).label(label).help(help).fix(fix);
    if let Some((module, span, label)) = handed_back {
        report.evidence(module, span, label);
    }
}

/// How the result of the call is lost, if it is.
fn loss(cx: &Context<'_>, site: Site) -> Option<Loss> {
    let body = cx.body(site.body);
    match cx.usage(site) {
        Usage::Discarded => Some(Loss::Dropped),
        Usage::Bound => unused_local(cx, site).map(Loss::UnusedLocal),
        Usage::Returned => is_callback(cx, site).then_some(Loss::Callback),
        // `create_task(...).add_done_callback(f)` as a statement.
        Usage::Object => {
            let attribute = body.expr(site.expr).parent?;
            let call = body.expr(attribute).parent?;
            let method = cx.last_name(site.body, attribute)?;
            let is_statement =
                body.expr(call).usage == Usage::Discarded && body.callee(call) == Some(attribute);
            (method == "add_done_callback" && is_statement).then_some(Loss::OnlyCallback)
        }
        _ => None,
    }
}

/// The name of a local that is never read, if no frame keeps it alive either.
fn unused_local(cx: &Context<'_>, site: Site) -> Option<Name> {
    let function = cx.function_of(site)?;
    let local = cx.resolver().local_of(cx.module(), site.body, site.expr)?;
    let is_kept = !local.reads.is_empty()
        || is_suspended_later(cx, site, function)
        || runs_loop_later(cx, site, function);
    (!is_kept).then_some(local.name)
}

/// Whether the coroutine is suspended at some point after the call: its frame keeps the local.
fn is_suspended_later(cx: &Context<'_>, site: Site, function: FunctionId) -> bool {
    let own = cx.function(function);
    if !own.is_async {
        return false;
    }
    let body = cx.body(site.body);
    let at = cx.span(site).end;
    let stmt = body.expr(site.expr).stmt;
    let points = cx.resolver().own_suspensions(cx.reference(function));
    if points.last().is_some_and(|(_, last)| last.start >= at) {
        return true;
    }
    let in_loop: Vec<_> = body
        .enclosing(stmt)
        .filter(|&outer| {
            matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
        })
        .map(|outer| body.stmt_span(outer))
        .collect();
    in_loop.iter().any(|around| points.iter().any(|&(_, point)| around.contains(point)))
}

/// Whether the plain function runs an event loop after the call: its frame, and the local with it,
/// is there for as long as the task can run.
fn runs_loop_later(cx: &Context<'_>, site: Site, function: FunctionId) -> bool {
    let body = cx.body(site.body);
    let own = body.expr(site.expr);
    let text = |name| cx.facts().outline.text(name);
    !cx.function(function).is_async
        && body.expr_ids().any(|call| {
            body.expr(call).stmt > own.stmt
                && body.called_name(call).is_some_and(|name| RUNNING.contains(&text(name)))
                && cx.function_of(Site { expr: call, ..site }) == Some(function)
        })
}

/// Whether the call is the body of a lambda whose result nobody looks at.
fn is_callback(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let is_body = cx.function_of(site).is_some_and(|id| cx.function(id).name.is_none());
    if !is_body {
        return false;
    }
    let lambda = cx.function_of(site).filter(|&id| cx.function(id).home == site.body);
    let passed = lambda.and_then(|id| cx.lambda(id));
    let Some(passed) = passed.filter(|&id| body.expr(id).usage == Usage::Passed) else {
        return false;
    };
    let taker = body.expr(passed).parent.and_then(|call| body.callee(call));
    let taker = taker.and_then(|callee| cx.last_name(site.body, callee));
    matches!(
        taker,
        Some(
            "add_signal_handler"
                | "signal"
                | "call_soon"
                | "call_soon_threadsafe"
                | "call_later"
                | "call_at"
                | "add_done_callback"
        )
    )
}
