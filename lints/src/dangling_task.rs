//! `dangling-task`

use asynclint_diagnostics::Level;
use asynclint_project::Callee;
use asynclint_semantic::{BindingKind, ExprKind, FunctionId, Name, ScopeKind, StmtKind, Usage};

use crate::{Context, Fixes, Group, Lint, Site};

/// A task that nothing holds.
pub(crate) static DANGLING_TASK: Lint = Lint {
    name: "dangling-task",
    summary: "a task is started and nothing keeps a reference to it",
    group: Group::Tasks,
    page: include_str!("dangling_task.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &["RUF006", "ASYNC300", "S7502"],
    coroutine_only: false,
    check,
};

/// What a call starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    Task,
    Gather,
    Shield,
}

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
        if let Some(started) = started(cx, site)
            && (started == Started::Task || matches!(loss, Loss::Dropped))
            && !cx.in_error_test(site.body, stmt)
        {
            report(cx, site, started, &loss);
        }
    }
}

fn report(cx: &mut Context<'_>, site: Site, started: Started, loss: &Loss) {
    let written = cx.written(site);
    if started != Started::Task {
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
    cx.report(
        cx.span(site),
        format!("the task that `{written}` starts may vanish before it is done"),
    )
    .label(label)
    .help(help);
}

/// What a call starts, if it starts something whose result must be kept.
fn started(cx: &Context<'_>, site: Site) -> Option<Started> {
    let callee = cx.callee(site);
    let name = match &callee {
        Callee::External(name) => cx.catalog().canonical(name).to_owned(),
        Callee::Unknown(_) => return by_name(cx, site),
        _ => return None,
    };
    let call = cx.catalog().call(&name)?;
    if call.shade != asynclint_catalog::Shade::Started || call.kept || call.runs_in_thread.is_some()
    {
        return None;
    }
    match name.rsplit('.').next() {
        Some("create_task") => Some(Started::Task),
        Some("ensure_future") => {
            let wrapped = cx.body(site.body).arguments(site.expr).first()?.value;
            is_new(cx, Site { expr: wrapped, ..site }).then_some(Started::Task)
        }
        Some("gather") => {
            (!cx.body(site.body).arguments(site.expr).is_empty()).then_some(Started::Gather)
        }
        Some("shield") => Some(Started::Shield),
        _ => None,
    }
}

/// Whether `ensure_future` makes a task of this. Of a future it makes none, and whoever made the
/// future may hold it: so may a name or an attribute of which nothing is known.
fn is_new(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let there = |expr| Site { expr, ..site };
    match body.kind(site.expr) {
        ExprKind::Call { .. } => !cx.resolver().is_future(cx.module(), site.body, site.expr),
        ExprKind::Name(name) => is_coroutine(cx, site) || is_declared_coroutine(cx, site, name),
        ExprKind::Attribute { .. } => is_coroutine(cx, site),
        ExprKind::Named { value, .. } => is_new(cx, there(value)),
        ExprKind::Conditional { branches, .. } => {
            body.list(branches).iter().all(|&branch| is_new(cx, there(branch)))
        }
        ExprKind::Bool { left, right, .. } => is_new(cx, there(left)) && is_new(cx, there(right)),
        _ => false,
    }
}

fn is_coroutine(cx: &Context<'_>, site: Site) -> bool {
    cx.resolver().is_coroutine(cx.module(), site.body, site.expr)
}

/// Whether the name is a parameter with the annotation `Coroutine`, which a task is not.
fn is_declared_coroutine(cx: &Context<'_>, site: Site, name: Name) -> bool {
    let outline = &cx.facts().outline;
    let scope = outline.lookup(cx.body(site.body).expr(site.expr).scope, name);
    let Some(scope) = scope else { return false };
    let (ScopeKind::Function(function), [binding]) =
        (outline.scope(scope).kind, outline.bindings(scope, name))
    else {
        return false;
    };
    let BindingKind::Parameter(index) = binding.kind else { return false };
    let function = outline.function(function);
    let Some(annotation) = function.parameters[index as usize].annotation else { return false };
    let head = match cx.body(function.home).kind(annotation) {
        ExprKind::Subscript { value, .. } => value,
        _ => annotation,
    };
    let class = cx.resolver().library_name(cx.module(), function.home, head);
    matches!(class.as_deref(), Some("typing.Coroutine" | "collections.abc.Coroutine"))
}

/// `self.loop.create_task(...)`, where nothing tells what `loop` is but its name.
fn by_name(cx: &Context<'_>, site: Site) -> Option<Started> {
    let body = cx.body(site.body);
    let callee = body.callee(site.expr)?;
    let ExprKind::Attribute { value, name } = body.kind(callee) else { return None };
    let is_loop = matches!(cx.last_name(site.body, value), Some("loop" | "_loop" | "event_loop"));
    let starts = cx.facts().outline.text(name) == "create_task";
    // A name that is imported or bound to an object of a known class is not this.
    (starts && is_loop && cx.resolver().is_untyped(cx.module(), site.body, value))
        .then_some(Started::Task)
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
    let is_kept = !local.reads.is_empty() || is_suspended_later(cx, site, function);
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
    let points = cx.resolver().suspensions(cx.module(), site.body, own.block, function);
    let in_loop: Vec<_> = body
        .enclosing(stmt)
        .filter(|&outer| {
            matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
        })
        .map(|outer| body.stmt_span(outer))
        .collect();
    points
        .iter()
        .any(|&(_, point)| point.start >= at || in_loop.iter().any(|around| around.contains(point)))
}

/// Whether the call is the body of a lambda whose result nobody looks at.
fn is_callback(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let is_body = cx.function_of(site).is_some_and(|id| cx.function(id).name.is_none());
    if !is_body {
        return false;
    }
    let lambda = cx.function_of(site);
    let passed = body.expr_ids().find(
        |&id| matches!(body.kind(id), ExprKind::Lambda(function) if Some(function) == lambda),
    );
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
