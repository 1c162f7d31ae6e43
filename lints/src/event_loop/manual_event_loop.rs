//! `manual-event-loop`

use asynclint_diagnostics::Level;
use asynclint_semantic::{BodyId, ExprId, ExprKind, Name, ScopeId, StmtKind, Usage};

use crate::fixes;
use crate::{Context, Fixes, Group, Lint, Site};

mod threads;

/// An event loop handled by hand where asyncio does it.
pub(crate) static MANUAL_EVENT_LOOP: Lint = Lint {
    name: "manual-event-loop",
    summary: "an event loop is got, made or run by hand where asyncio does it better",
    group: Group::EventLoop,
    page: include_str!("manual_event_loop.md"),
    level: Level::Warning,
    fix: Fixes::Safe,
    aliases: &[],
    coroutine_only: false,
    check,
};

/// The release in which `get_event_loop` without a loop began to warn, and that in which it fails.
const WARNS: (u8, u8) = (3, 12);
const FAILS: (u8, u8) = (3, 14);

/// The release that brought `asyncio.run` and `get_running_loop`: before it there is no better way.
const RUN: (u8, u8) = (3, 7);

/// The release that brought `asyncio.Runner`.
const RUNNER: (u8, u8) = (3, 11);

fn check(cx: &mut Context<'_>) {
    if cx.settings().target < RUN {
        return;
    }
    let names = &cx.facts().outline.names;
    if names.get("get_event_loop").is_none() && names.get("new_event_loop").is_none() {
        return;
    }
    // The browser has set one, and runs it.
    if cx.resolver().project().is_for_pyodide(cx.module()) {
        return;
    }
    for site in cx.calls().collect::<Vec<_>>() {
        match cx.library_name(site).as_deref() {
            Some("asyncio.get_event_loop") => check_get(cx, site),
            Some("asyncio.new_event_loop") => check_new(cx, site),
            _ => {}
        }
    }
}

fn check_get(cx: &mut Context<'_>, site: Site) {
    let stmt = cx.body(site.body).expr(site.expr).stmt;
    if cx.in_error_test(site.body, stmt)
        || cx.resolver().runs_never(cx.module(), site.body, site.expr)
        || is_asserted(cx, site)
    {
        return;
    }
    let written = cx.written(site);
    if cx.in_coroutine(site) {
        if is_second_choice(cx, site) {
            return;
        }
        let better = written.replace("get_event_loop", "get_running_loop");
        let fix = fixes::rename_called(cx, site, "get_event_loop", "get_running_loop");
        let fix = fix.map(|draft| draft.safe_fix(format!("call `{better}`")));
        cx.report(cx.span(site), format!("`{written}` is called where a loop is running"))
            .label("a coroutine has a running loop: there is nothing to get or make")
            .help(format!("call `{better}`, which never makes another loop"))
            .fix(fix);
        return;
    }
    let target = cx.settings().target;
    if sets_loop(cx) || is_tried(cx, site) || is_for_older_python(cx, site) {
        return;
    }
    let thread = || threads::started_by(cx, cx.function_of(site)?);
    if let Some((span, starter)) = thread() {
        let run = cx.runner();
        cx.report(cx.span(site), format!("`{written}` fails in another thread"))
            .label("no event loop is set in this thread: this raises `RuntimeError`")
            .evidence_here(span, format!("`{starter}` runs the function in another thread"))
            .help(format!("run a coroutine with `{run}`, or make a loop and set it"));
        return;
    }
    let Some(why) = runs_none(cx, site) else { return };
    let message = if target >= FAILS {
        format!("`{written}` fails where no event loop is set")
    } else {
        format!("`{written}` is deprecated where no event loop is set")
    };
    let since =
        |does: &str, (major, minor): (u8, u8)| format!("{does} since Python {major}.{minor}");
    let (warns, fails) = (since("warns", WARNS), since("raises `RuntimeError`", FAILS));
    let does = match target {
        _ if target >= FAILS => fails,
        _ if target >= WARNS => warns,
        // The target is the oldest release that is supported; the program runs on later ones, too.
        _ => format!("{warns} and {fails}"),
    };
    // Whoever gets the loop runs it, and what runs for ever is no one coroutine.
    let help = if cx.usage(site) == Usage::Passed || runs_no_coroutine(cx, site) {
        let made = written.replace("get_event_loop", "new_event_loop");
        format!("make one with `{made}`, and set it with `asyncio.set_event_loop`")
    } else {
        let several = if target >= RUNNER { ", or several with `asyncio.Runner`" } else { "" };
        format!("run one coroutine with `{}`{several}", cx.runner())
    };
    cx.report(cx.span(site), message).label(format!("{why}: this {does}")).help(help);
}

/// Whether the loop that the call gives is run for ever, or until something is done that belongs to a
/// loop already: `loop.run_until_complete(runner.task)`.
fn runs_no_coroutine(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let runs = |id: ExprId| match body.kind(id) {
        ExprKind::Attribute { value, name } => match cx.facts().outline.text(name) {
            "run_forever" => Some(value),
            "run_until_complete" => {
                let call = body.expr(id).parent?;
                let first = body.arguments(call).first()?.value;
                matches!(body.kind(first), ExprKind::Attribute { .. }).then_some(value)
            }
            _ => None,
        },
        _ => None,
    };
    let is_loop = |value| cx.resolver().maker(cx.module(), site.body, value) == site.expr;
    body.expr_ids().any(|id| runs(id).is_some_and(is_loop))
}

/// Whether the code asks for the version of Python before, itself or by a flag:
/// `is_deprecated = sys.version_info >= (3, 10)`. The flag may be lost in a file with syntax errors.
fn is_for_older_python(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    body.enclosing(body.expr(site.expr).stmt).any(|outer| {
        let StmtKind::If { test, .. } = body.stmt(outer).kind else { return false };
        let asked = cx.resolver().maker(cx.module(), site.body, test);
        [test, asked].into_iter().any(|test| {
            body.exprs_below(test).any(|id| cx.last_name(site.body, id) == Some("version_info"))
        })
    })
}

/// Whether the file sets a loop: then there is one to get.
fn sets_loop(cx: &Context<'_>) -> bool {
    cx.facts().outline.names.get("set_event_loop").is_some()
}

/// Whether the call stands in a `try` that takes the error, or in its handlers.
fn is_tried(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let own = body.expr(site.expr).stmt;
    body.enclosing(own).any(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => !block.handlers.is_empty() && !body.block_holds(block.orelse, own),
        _ => false,
    })
}

/// Whether the call is for where `get_running_loop`, which is tried first, finds none.
fn is_second_choice(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let own = body.expr(site.expr).stmt;
    let running = cx.facts().outline.names.get("get_running_loop");
    body.enclosing(own).any(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => {
            block.handlers.iter().any(|handler| body.block_holds(handler.body, own))
                && body
                    .exprs_in_block(block.body)
                    .any(|id| running.is_some() && body.called_name(id) == running)
        }
        _ => false,
    })
}

/// Why no loop runs at the call: it is made at import, or the loop that it gives is run right here.
fn runs_none(cx: &Context<'_>, site: Site) -> Option<&'static str> {
    let body = cx.body(site.body);
    if is_at_import(cx, site) {
        let parent = body.expr(site.expr).parent.and_then(|parent| body.last_name(parent));
        let is_asked = parent.is_some_and(|name| cx.facts().outline.text(name) == "is_running");
        return (!is_asked).then_some("no event loop runs while a module is imported");
    }
    let function = cx.function_of(site)?;
    let is_called = |methods: &[&str]| {
        body.expr_ids().any(|id| {
            let ExprKind::Attribute { value, name } = body.kind(id) else { return false };
            methods.contains(&cx.facts().outline.text(name))
                && body.expr(id).usage == Usage::Called
                && cx.function_of(Site { expr: id, ..site }) == Some(function)
                && cx.resolver().maker(cx.module(), site.body, value) == site.expr
        })
    };
    if !is_called(&["run_forever", "run_until_complete"]) {
        return None;
    }
    // Whoever asks whether it runs is called by coroutines as well.
    Some(if is_called(&["is_running"]) {
        "the loop is also run here, where none is running yet"
    } else {
        "the loop is run here, so none is running yet"
    })
}

/// Whether the call runs as the module or a class at its top is read.
fn is_at_import(cx: &Context<'_>, site: Site) -> bool {
    cx.resolver().runs_at_import(cx.module(), cx.body(site.body).expr(site.expr).scope)
}

/// What a function does with a loop that it made.
#[derive(Default)]
struct Uses {
    /// Coroutines that it runs.
    runs: Vec<ExprId>,
    closes: usize,
    /// Anything that cannot be done by `asyncio.run`, or that gives the loop to somebody else.
    other: bool,
}

/// Whether a test is about what the call gives: `self.assertIs(asyncio.get_event_loop(), loop)`.
fn is_asserted(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let own = body.expr(site.expr);
    let is_assertion = |call: ExprId| {
        body.callee(call)
            .and_then(|callee| cx.last_name(site.body, callee))
            .is_some_and(|name| name.starts_with("assert"))
    };
    own.usage == Usage::Passed && own.parent.is_some_and(is_assertion)
        || own.usage != Usage::Object && matches!(body.stmt(own.stmt).kind, StmtKind::Assert(_))
}

fn check_new(cx: &mut Context<'_>, site: Site) {
    let Some(uses) = uses(cx, site).filter(|uses| !uses.other && !uses.runs.is_empty()) else {
        return;
    };
    let written = cx.written(site);
    let run = written.replace("new_event_loop", "run");
    let runner = written.replace("new_event_loop", "Runner");
    if uses.closes == 0 {
        let is_script = cx.function_of(site).is_none();
        if !is_script {
            cx.report(cx.span(site), "this event loop is never closed")
                .label("made and run here, and forgotten: its selector and sockets stay open")
                .help(format!("`{run}` makes a loop, runs a coroutine and closes the loop"));
        }
        return;
    }
    let body = cx.body(site.body);
    let is_coroutine = |&id: &ExprId| cx.resolver().is_coroutine(cx.module(), site.body, id);
    let in_loop = |&id: &ExprId| {
        let own = body.expr(id).stmt;
        body.enclosing(own).any(|outer| {
            matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
        })
    };
    if !uses.runs.iter().all(is_coroutine) {
        return;
    }
    let help = match &uses.runs[..] {
        [only] if !in_loop(only) => {
            format!("`{run}(...)` does all of it, and cancels the tasks that are left")
        }
        _ if cx.settings().target >= RUNNER => format!(
            "`with {runner}() as runner: runner.run(...)` closes it, and cancels the tasks that \
             are left"
        ),
        _ => return,
    };
    cx.report(cx.span(site), "this event loop is made, run and closed by hand")
        .label("tasks and async generators that are left when it is closed are never finished")
        .help(help);
}

/// What is done with the loop, if it is kept in one local and nowhere else.
fn uses(cx: &Context<'_>, site: Site) -> Option<Uses> {
    let body = cx.body(site.body);
    let outline = &cx.facts().outline;
    let (scope, name) = bound_to(cx, site)?;
    if outline.bindings(scope, name).len() != 1 {
        return None;
    }
    let mut uses = Uses::default();
    let here = cx.function_of(site);
    let is_read = |body: BodyId, id: ExprId| {
        let expr = cx.body(body).expr(id);
        cx.body(body).kind(id) == ExprKind::Name(name)
            && expr.usage != Usage::Target
            && outline.lookup(expr.scope, name) == Some(scope)
    };
    // A loop of the module may be used in any of its functions.
    let others = cx.facts().body_ids().filter(|&id| id != site.body && here.is_none());
    uses.other |= others.into_iter().any(|id| cx.body(id).expr_ids().any(|e| is_read(id, e)));
    for id in body.expr_ids().filter(|&id| is_read(site.body, id)) {
        let read = Site { expr: id, ..site };
        if cx.function_of(read) != here {
            uses.other = true;
            continue;
        }
        let parent = body.expr(id).parent;
        match (body.expr(id).usage, parent.map(|parent| (parent, body.kind(parent)))) {
            (Usage::Object, Some((attribute, ExprKind::Attribute { name, .. }))) => {
                let call = body
                    .expr(attribute)
                    .parent
                    .filter(|&call| body.callee(call) == Some(attribute));
                match (outline.text(name), call) {
                    ("run_until_complete", Some(call)) => match body.arguments(call) {
                        [only] if !shuts_down(cx, site.body, only.value) => {
                            uses.runs.push(only.value);
                        }
                        [_] => {}
                        _ => uses.other = true,
                    },
                    ("close", Some(_)) => uses.closes += 1,
                    ("shutdown_asyncgens" | "shutdown_default_executor", Some(_)) => {}
                    _ => uses.other = true,
                }
            }
            (Usage::Passed, Some((call, ExprKind::Call { .. }))) => {
                let taker = cx.library_name(Site { expr: call, ..site });
                uses.other |= taker.as_deref() != Some("asyncio.set_event_loop");
            }
            _ => uses.other = true,
        }
    }
    Some(uses)
}

/// `loop.shutdown_asyncgens()` and the like, which `asyncio.run` does as well.
fn shuts_down(cx: &Context<'_>, body: BodyId, id: ExprId) -> bool {
    let callee = cx.body(body).callee(id);
    let name = callee.and_then(|callee| cx.last_name(body, callee));
    name.is_some_and(|name| name.starts_with("shutdown_"))
}

/// The only name that the call is bound to.
fn bound_to(cx: &Context<'_>, site: Site) -> Option<(ScopeId, Name)> {
    let body = cx.body(site.body);
    let expr = body.expr(site.expr);
    let target = match body.stmt(expr.stmt).kind {
        StmtKind::Assign { targets, value } if value == site.expr => match body.list(targets) {
            [only] => *only,
            _ => return None,
        },
        StmtKind::AnnAssign { target, value: Some(value), .. } if value == site.expr => target,
        _ => return None,
    };
    let ExprKind::Name(name) = body.kind(target) else { return None };
    let scope = cx.facts().outline.lookup(expr.scope, name)?;
    Some((scope, name))
}
