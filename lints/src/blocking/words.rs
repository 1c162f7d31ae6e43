//! What the lints of the blocking group say.

use asynclint_catalog::{BlockKind, Shade, Symbol};
use asynclint_diagnostics::Fix;
use asynclint_project::{Chain, Project};
use asynclint_semantic::{ExprKind, FunctionId};

use super::{Direct, Finding};
use crate::fixes;
use crate::{Context, Library, Report, Site};

/// What one thread does from beginning to end: because only the thread that made or took an object
/// can use it, because all threads share what it works on, because a thread for every line costs more
/// than the line, or because it is walking that waits and not the call.
const KEPT_TOGETHER: &[&str] = &[
    "glob.iglob",
    "io.",
    "matplotlib.pyplot.",
    "os.fwalk",
    "os.scandir",
    "os.walk",
    "pathlib.Path.glob",
    "pathlib.Path.iterdir",
    "pathlib.Path.rglob",
    "pathlib.Path.walk",
    "psycopg",
    "pymysql.",
    "sqlalchemy.",
    "sqlite3.",
    "tempfile.",
    "threading.RLock",
];

/// The methods of what `subprocess.Popen(...)` gives.
const PROCESS: &str = "subprocess.Popen.";

pub(super) fn report_direct(
    cx: &mut Context<'_>,
    function: FunctionId,
    finding: &Direct,
    kind: BlockKind,
) {
    let name = coroutine_name(cx, function);
    let site = finding.site;
    let sink = shown(&finding.sink);
    let written = is_named(cx, site).then(|| cx.written_whole(site));
    let in_thread = if fixes::is_in_generator(cx, site) {
        whole_work(cx)
    } else {
        in_thread(cx, written.as_deref().unwrap_or(sink))
    };
    let help = match stand_in(cx, &finding.sink) {
        // What is there is a process that cannot be awaited.
        Some(_) if finding.sink.starts_with(PROCESS) => {
            let start = match cx.library() {
                Library::Asyncio => "asyncio.create_subprocess_exec",
                Library::Anyio => "anyio.open_process",
                Library::Trio => "trio.lowlevel.open_process",
            };
            format!("{in_thread}, or start the process with `{start}` and await it")
        }
        Some(help) if kind == BlockKind::Lock && is_class(cx, &finding.sink) => {
            format!("{help} if only coroutines share it, or {in_thread}")
        }
        Some(help) if is_for_shell(cx, site) => {
            help.replace("create_subprocess_exec", "create_subprocess_shell")
        }
        Some(help) => help,
        None if finding.more > 0 || belongs_together(cx, &finding.sink, kind) => whole_work(cx),
        None => in_thread,
    };
    let fix = fix(cx, finding, kind);
    let report = cx
        .report(cx.span(site), format!("`{sink}` blocks the event loop in coroutine `{name}`"))
        .label("every other task waits until this returns")
        .help(help)
        .fix(fix);
    // Who opens a file does something with it: that goes without saying.
    match finding.more {
        _ if kind == BlockKind::FileIo => {}
        0 => {}
        1 => drop(report.note("one more call on the same object blocks")),
        more => drop(report.note(format!("{more} more calls on the same object block"))),
    }
}

/// Calls that mean something only in the thread that makes them, and one that is over long before
/// what blocks.
const NOT_IN_THREAD: &[&str] =
    &["django.contrib.auth.models.", "os.popen", "os.wait", "pty.", "signal."];

/// Whether the call stands where a function is wanted, as in `to_thread(f())`: then it is not to be
/// made at all.
fn is_handed_over(cx: &Context<'_>, site: Site) -> bool {
    let taker = cx.body(site.body).expr(site.expr).parent.map(|expr| Site { expr, ..site });
    taker.is_some_and(|taker| {
        let callee = cx.callee(taker);
        let handed = cx.resolver().handed(cx.module(), taker.body, taker.expr, &callee);
        handed.is_some_and(|handed| handed.function == site.expr)
    })
}

/// The fix of a call that stands for itself.
fn fix(cx: &Context<'_>, finding: &Direct, kind: BlockKind) -> Option<Fix> {
    let is_bound = |names: &[&str]| names.iter().any(|object| finding.sink.starts_with(object));
    if is_handed_over(cx, finding.site) {
        return None;
    }
    match kind {
        BlockKind::Sleep => fixes::sleep(cx, finding.site),
        BlockKind::Http
        | BlockKind::Subprocess
        | BlockKind::Input
        | BlockKind::Network
        | BlockKind::FileIo
        | BlockKind::PasswordHash
        | BlockKind::Inference
        | BlockKind::ModelLoad
        | BlockKind::Media
            if finding.more == 0
                && !belongs_together(cx, &finding.sink, kind)
                && !is_bound(NOT_IN_THREAD) =>
        {
            fixes::in_thread(cx, finding.site)
        }
        _ => None,
    }
}

pub(super) fn report_chain(cx: &mut Context<'_>, function: FunctionId, finding: &Finding) {
    if let Some(taker) = taker(cx, finding.site) {
        report_handed(cx, function, finding, taker);
        return;
    }
    let project = cx.resolver().project();
    let name = coroutine_name(cx, function);
    let (sink, written) = (shown(&finding.chain.sink), cx.written(finding.site));
    let is_made = project.function_name(finding.helper) == "__init__";
    // What a thread opens in the making of an object may be of no use in another one.
    let is_tied = is_made && KEPT_TOGETHER.iter().any(|it| finding.chain.sink.starts_with(it));
    let mut help = if is_tied || fixes::is_in_generator(cx, finding.site) {
        whole_work(cx)
    } else {
        in_thread(cx, &cx.written_whole(finding.site))
    };
    if let Some(stand_in) = stand_in(cx, &finding.chain.sink) {
        help = match stand_in.strip_prefix("use ") {
            // No class can be awaited into being.
            Some(call) if !is_made => {
                format!("make `{written}` a coroutine that uses {call}, or {help}")
            }
            _ => help,
        };
    }
    let helper = project.function_name(finding.helper);
    let message =
        format!("`{sink}` blocks the event loop in coroutine `{name}`, through `{helper}`");
    let report = cx
        .report(cx.span(finding.site), message)
        .label(format!("`{written}` runs on the event loop"))
        .help(help);
    let report = add_hops(report, project, &finding.chain);
    match finding.more {
        0 => {}
        1 => drop(report.note("one more call in this coroutine leads there")),
        more => drop(report.note(format!("{more} more calls in this coroutine lead there"))),
    }
}

/// The call that takes the function, if it is not the call of it that was found.
fn taker(cx: &Context<'_>, site: Site) -> Option<Site> {
    let body = cx.body(site.body);
    if body.callee(site.expr).is_some() {
        return None;
    }
    body.expr(site.expr).parent.map(|expr| Site { expr, ..site })
}

/// Reports a function that a coroutine of the project is given and calls.
fn report_handed(cx: &mut Context<'_>, function: FunctionId, finding: &Finding, taker: Site) {
    let project = cx.resolver().project();
    let (name, sink) = (coroutine_name(cx, function), shown(&finding.chain.sink));
    let written = cx.written(taker);
    let helper = match project.function(finding.helper).name {
        Some(_) => format!("`{}`", project.function_name(finding.helper)),
        None => "a lambda".to_owned(),
    };
    let site = finding.site;
    let found = cx.resolver().parameter_for(cx.module(), site.body, taker.expr, site.expr);
    let parameter = found.map_or("it", |(taker, parameter)| {
        project.facts(taker.module).outline.text(parameter.name)
    });
    let help = format!("let `{written}` {}", in_thread(cx, parameter));
    let message = format!("`{sink}` blocks the event loop in coroutine `{name}`, through {helper}");
    let report = cx
        .report(cx.span(site), message)
        .label(format!("`{written}` calls this on the event loop"))
        .help(help);
    add_hops(report, project, &finding.chain);
}

/// Shows each call on the way to the blocking one.
pub(crate) fn add_hops<'r>(
    mut report: Report<'r>,
    project: &Project<'_>,
    chain: &Chain,
) -> Report<'r> {
    let callers: Vec<&str> =
        chain.hops.iter().map(|hop| project.function_name(hop.caller)).collect();
    for (index, hop) in chain.hops.iter().enumerate() {
        let callee = callers.get(index + 1).map_or(shown(&chain.sink), |name| name);
        let label = format!("`{}` calls `{callee}`", callers[index]);
        report = report.hop(hop.caller.module, hop.call, label);
    }
    report
}

pub(crate) fn coroutine_name(cx: &Context<'_>, function: FunctionId) -> String {
    cx.resolver().project().function_name(cx.reference(function)).to_owned()
}

/// The name of a blocking call as Python's users know it.
pub(crate) fn shown(sink: &str) -> &str {
    sink.strip_prefix("builtins.").unwrap_or(sink)
}

/// Whether the call gives its command to a shell: `subprocess.run(line, shell=True)`.
fn is_for_shell(cx: &Context<'_>, site: Site) -> bool {
    let given = cx.keyword(site, "shell");
    given.is_some_and(|given| cx.body(site.body).kind(given) == ExprKind::Boolean(true))
}

/// Whether what the call calls can be written out: names and dots, and calls of such.
fn is_named(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    body.callee(site.expr).is_some_and(|callee| {
        cx.dotted(site.body, callee).is_some()
            || matches!(body.kind(callee), ExprKind::Attribute { value, .. }
                if body.callee(value).is_some() && is_named(cx, Site { expr: value, ..site }))
    })
}

/// Whether what is done with the object is better done in one thread from beginning to end.
fn belongs_together(cx: &Context<'_>, sink: &str, kind: BlockKind) -> bool {
    let given = cx.catalog().call(sink).and_then(|call| call.returns.as_deref());
    let is_opened = given.is_some_and(|class| cx.catalog().any_base(class, |c| c.sync_manager));
    // The answer to a request has mostly been read when it is there.
    (is_opened && kind != BlockKind::Http)
        || KEPT_TOGETHER.iter().any(|object| sink.starts_with(object))
}

/// What the catalogue has for the library of the file, where it is more than a way into a thread.
fn replacement<'a>(cx: &Context<'a>, sink: &str) -> Option<&'a str> {
    let stand_ins = &cx.catalog().call(sink)?.replacement;
    let name = match cx.library() {
        Library::Asyncio => &stand_ins.asyncio,
        Library::Anyio => &stand_ins.anyio,
        Library::Trio => &stand_ins.trio,
    };
    name.as_deref().filter(|name| !name.contains("to_thread"))
}

fn is_class(cx: &Context<'_>, sink: &str) -> bool {
    let name = replacement(cx, sink);
    name.is_some_and(|name| matches!(cx.catalog().get(name), Some(Symbol::Class(_))))
}

/// What to use instead.
fn stand_in(cx: &Context<'_>, sink: &str) -> Option<String> {
    if let Some(configured) = cx.resolver().project().added().sink(sink) {
        let replacement = &configured.replacement;
        return (!replacement.is_empty()).then(|| format!("use `{replacement}`"));
    }
    // A reactor runs nothing that asyncio has.
    if cx.awaits_deferreds() {
        let sleeps = sink == "time.sleep";
        return sleeps
            .then(|| "use `await task.deferLater(reactor, ..., lambda: None)`".to_owned());
    }
    let name = replacement(cx, sink)?;
    if is_class(cx, sink) {
        return Some(format!("use `{name}`"));
    }
    Some(match cx.catalog().call(name).map(|call| call.shade) {
        Some(Shade::Coroutine | Shade::LazyAwaitable | Shade::Started) => {
            format!("use `await {name}(...)`")
        }
        Some(_) => format!("use `{name}(...)`"),
        None => format!("use `{name}`"),
    })
}

/// How to run a call in a thread with the library and target of the file.
pub(crate) fn in_thread(cx: &Context<'_>, call: &str) -> String {
    format!("run it in a thread: `await {}{call}, ...)`", to_thread(cx))
}

/// As [`in_thread`], for what needs to stay in one thread from beginning to end.
pub(crate) fn whole_work(cx: &Context<'_>) -> String {
    let way = to_thread(cx);
    format!(
        "move the work with it into a plain function and run that in a thread: `await {way}...)`"
    )
}

/// The call that runs a function in a thread, up to the function.
pub(crate) fn to_thread(cx: &Context<'_>) -> &'static str {
    match cx.library() {
        _ if cx.awaits_deferreds() => "threads.deferToThread(",
        Library::Asyncio if cx.settings().target < (3, 9) => "loop.run_in_executor(None, ",
        Library::Asyncio => "asyncio.to_thread(",
        Library::Anyio => "anyio.to_thread.run_sync(",
        Library::Trio => "trio.to_thread.run_sync(",
    }
}
