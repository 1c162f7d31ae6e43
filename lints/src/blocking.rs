//! What the lints of the blocking group share: calls in coroutines that keep the event loop
//! waiting, directly or through helpers.

use std::rc::Rc;

use asynclint_catalog::BlockKind;
use asynclint_project::{Chain, FunctionRef};
use asynclint_semantic::FunctionId;

use crate::{Context, Library, Site};

/// A call in a coroutine and the blocking call it leads to.
struct Finding {
    site: Site,
    chain: Chain,
    helper: FunctionRef,
    /// Further calls in the same coroutine that lead to the same blocking call.
    more: usize,
}

/// Reports the ways from coroutines of the module to calls that block as `kind`: one report for
/// each coroutine and blocking call, and one for each call that leads there.
pub(crate) fn check(cx: &mut Context<'_>, kind: BlockKind) {
    for function in cx.coroutines().collect::<Vec<_>>() {
        check_coroutine(cx, function, kind);
    }
}

fn check_coroutine(cx: &mut Context<'_>, function: FunctionId, kind: BlockKind) {
    let resolver = cx.resolver();
    let body = cx.function(function).body;
    let mut found: Vec<Finding> = Vec::new();
    for call in resolver.calls_in(cx.reference(function)) {
        let site = Site { body, expr: call };
        if resolver.runs_never_or_as_script(cx.module(), body, call) {
            continue;
        }
        let callee = cx.callee(site);
        if let Some((sink_kind, sink)) = resolver.sink(cx.module(), body, call, &callee) {
            if sink_kind == kind {
                report_direct(cx, function, site, &sink);
            }
        } else if let Some(helper) = resolver.helper(cx.module(), body, call, &callee) {
            for chain in resolver.chains(helper, cx.settings().max_chain).iter() {
                if chain.kind == kind {
                    let chain = chain.clone();
                    add(&mut found, Finding { site, chain, helper, more: 0 });
                }
            }
        }
    }
    // One report a call: a helper that blocks in two places is one thing to mend.
    let mut reported: Vec<Finding> = Vec::new();
    for finding in found {
        let same = reported.iter_mut().find(|old| old.site == finding.site);
        match same {
            Some(old) if finding.chain.hops.len() < old.chain.hops.len() => *old = finding,
            Some(_) => {}
            None => reported.push(finding),
        }
    }
    for finding in &reported {
        report_chain(cx, function, finding);
    }
}

/// Keeps the shortest way to each blocking call; of two equals the first in the text.
fn add(found: &mut Vec<Finding>, new: Finding) {
    let same = found.iter_mut().find(|old| old.chain.last() == new.chain.last());
    match same {
        Some(old) if new.chain.hops.len() < old.chain.hops.len() => {
            *old = Finding { more: old.more + 1, ..new };
        }
        Some(old) => old.more += 1,
        None => found.push(new),
    }
}

fn report_direct(cx: &mut Context<'_>, function: FunctionId, site: Site, sink: &Rc<str>) {
    let name = coroutine_name(cx, function);
    let help = match replacement(cx, sink) {
        Some(call) => format!("use `await {call}(...)`"),
        None => in_thread(cx, sink),
    };
    cx.report(cx.span(site), format!("`{sink}` blocks the event loop in coroutine `{name}`"))
        .label("every other task waits until this returns")
        .help(help);
}

fn report_chain(cx: &mut Context<'_>, function: FunctionId, finding: &Finding) {
    let project = cx.resolver().project();
    let name = coroutine_name(cx, function);
    let (sink, written) = (&finding.chain.sink, cx.written(finding.site));
    let mut help = in_thread(cx, &written);
    if let Some(call) = replacement(cx, sink) {
        help = format!("make `{written}` a coroutine that uses `await {call}(...)`, or {help}");
    }
    let names: Vec<&str> =
        finding.chain.hops.iter().map(|hop| project.function_name(hop.caller)).collect();
    let helper = project.function_name(finding.helper);
    let message =
        format!("`{sink}` blocks the event loop in coroutine `{name}`, through `{helper}`");
    let mut report = cx
        .report(cx.span(finding.site), message)
        .label(format!("`{written}` runs on the event loop"))
        .help(help);
    for (index, hop) in finding.chain.hops.iter().enumerate() {
        let callee = names.get(index + 1).map_or(&**sink, |name| name);
        let label = format!("`{}` calls `{callee}`", names[index]);
        report = report.hop(hop.caller.module, hop.call, label);
    }
    match finding.more {
        0 => {}
        1 => drop(report.note("one more call in this coroutine leads there")),
        more => drop(report.note(format!("{more} more calls in this coroutine lead there"))),
    }
}

fn coroutine_name(cx: &Context<'_>, function: FunctionId) -> String {
    cx.resolver().project().function_name(cx.reference(function)).to_owned()
}

/// The async stand-in in the library of the file.
fn replacement(cx: &Context<'_>, sink: &str) -> Option<String> {
    let stand_ins = &cx.catalog().call(sink)?.replacement;
    let stand_in = match cx.library() {
        Library::Asyncio => &stand_ins.asyncio,
        Library::Anyio => &stand_ins.anyio,
        Library::Trio => &stand_ins.trio,
    };
    stand_in.as_deref().map(str::to_owned)
}

/// How to run a call in a thread with the library and target of the file.
fn in_thread(cx: &Context<'_>, call: &str) -> String {
    match cx.library() {
        Library::Asyncio if cx.settings().target < (3, 9) => {
            format!("run it in a thread: `await loop.run_in_executor(None, {call}, ...)`")
        }
        Library::Asyncio => format!("run it in a thread: `await asyncio.to_thread({call}, ...)`"),
        library => {
            let library = library.as_str();
            format!("run it in a thread: `await {library}.to_thread.run_sync({call}, ...)`")
        }
    }
}
