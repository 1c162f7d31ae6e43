//! What the lints of the blocking group share: calls in coroutines that keep the event loop
//! waiting, directly or through helpers.

mod alone;
mod objects;
mod scripts;
pub(crate) mod words;

pub(crate) mod blocking_configured;
pub(crate) mod blocking_context_manager;
pub(crate) mod blocking_cpu;
pub(crate) mod blocking_db;
pub(crate) mod blocking_file_io;
pub(crate) mod blocking_file_metadata;
pub(crate) mod blocking_http;
pub(crate) mod blocking_inference;
pub(crate) mod blocking_input;
pub(crate) mod blocking_media;
pub(crate) mod blocking_network;
pub(crate) mod blocking_orm;
pub(crate) mod blocking_password_hash;
pub(crate) mod blocking_process_start;
pub(crate) mod blocking_sleep;
pub(crate) mod blocking_subprocess;
pub(crate) mod blocking_wait;

use std::collections::BTreeMap;
use std::rc::Rc;

use asynclint_catalog::{BlockKind, Wait};
use asynclint_project::{Callee, Chain, End, FunctionRef, Hop};
use asynclint_semantic::{ExprId, ExprKind, FunctionId, MODULE_SCOPE, Usage};

use crate::{Context, Site};

pub(crate) use words::{coroutine_name, in_thread};

/// A blocking call in a coroutine.
struct Direct {
    site: Site,
    /// The qualified name of what blocks.
    sink: Rc<str>,
    /// Further blocking calls on the same object in the same coroutine.
    more: usize,
}

/// A call in a coroutine and the blocking call it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) site: Site,
    pub(crate) chain: Chain,
    pub(crate) helper: FunctionRef,
    /// Further calls in the same coroutine that lead to the same blocking call.
    pub(crate) more: usize,
}

/// The blocking calls of a coroutine.
pub(crate) struct Found {
    /// Those that it makes itself, each with the qualified name of what blocks.
    pub(crate) direct: Vec<(Site, Rc<str>)>,
    /// Those that it makes through helpers, one for each call in the coroutine.
    pub(crate) through: Vec<Finding>,
}

/// What of the network is not followed through helpers: who handles raw sockets mostly sees to it
/// that they are ready.
const RAW_SOCKETS: &[&str] = &["select.", "selectors.", "socket.socket.", "ssl."];

/// Calls on the way to a blocking one that may be made only under a condition: with more of them
/// the way is hardly ever taken.
const MAX_CONDITIONS: usize = 1;

/// Calls from which on a way may have no condition at all.
const LONG_WAY: usize = 3;

/// Reports the ways from coroutines of the module to calls that block as `kind`: one report for
/// each coroutine and blocking call, and one for each call that leads there.
pub(crate) fn check(cx: &mut Context<'_>, kind: BlockKind) {
    if kind != BlockKind::Configured && cx.steps_coroutines() {
        return;
    }
    let mut answers = None;
    for function in cx.coroutines().collect::<Vec<_>>() {
        // What holds for the whole file is asked once, and only where a test may want it.
        if kind == BlockKind::Http
            && cx.in_test(function)
            && (*answers.get_or_insert_with(|| cx.answers_requests())
                || cx.is_answered_by_fixture(function))
        {
            continue;
        }
        let waits = kind == BlockKind::Configured || !has_nobody_waiting(cx, function);
        if kind == BlockKind::Sleep && is_slow_on_purpose(cx, function)
            || cx.has_own_thread(function)
        {
            continue;
        }
        if waits || alone::counts_everywhere(kind) {
            check_coroutine(cx, function, kind, waits);
        }
    }
}

/// Whether what the function waits for is small and its own, and nothing else runs that would have
/// to wait: in tests, in samples, and around the time that a server serves.
fn has_nobody_waiting(cx: &Context<'_>, function: FunctionId) -> bool {
    cx.in_test(function) || cx.is_showcase() || cx.runs_around_serving(function)
}

/// Whether the sleep of a coroutine in a test stands for code that is slow, as how long it takes is
/// what is tested: it awaits nothing, or it or the test around it also sleeps as it should, so that it
/// tells the two apart, or looks at a clock. What shows that may be lost in a file with syntax errors.
fn is_slow_on_purpose(cx: &Context<'_>, function: FunctionId) -> bool {
    let tells_apart = |id: FunctionId| {
        let body = cx.function(id).body;
        let calls = cx.resolver().calls_in(cx.reference(id)).into_iter();
        let mut calls = calls.map(|expr| Site { body, expr });
        calls.any(|call| sleeps_well(cx, call) || measures(cx, call))
    };
    cx.in_test(function)
        && (!cx.facts().errors.is_empty()
            || cx.resolver().own_suspensions(cx.reference(function)).is_empty()
            || cx.with_outer(function).any(tells_apart))
}

/// Words in the names of what makes code slow or fail for those who test it.
const INJECTED: &[&str] = &["chaos", "fault", "faults", "inject", "injected", "testing"];

/// Whether the sleep is there so that others can test what comes of it, by the name of how long it
/// takes or of a flag around it: `time.sleep(SLEEP_FOR_TESTING_S)`. The flag may be lost in a file with
/// syntax errors.
fn is_injected(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let says_so = |id: ExprId| {
        body.exprs_below(id).any(|id| {
            let name = body.last_name(id).map(|name| cx.facts().outline.text(name));
            name.is_some_and(|name| {
                name.split('_').any(|word| INJECTED.contains(&&*word.to_ascii_lowercase()))
            })
        })
    };
    body.arguments(site.expr).iter().any(|argument| says_so(argument.value))
        || body.is_under_if(body.expr(site.expr).stmt, says_so)
}

/// Clocks by which code measures how long something takes.
const CLOCKS: &[&str] = &["time.monotonic", "time.perf_counter", "time.process_time"];

/// Whether the call looks at a clock.
fn measures(cx: &Context<'_>, call: Site) -> bool {
    let called = cx.library_name(call);
    called.is_some_and(|name| CLOCKS.contains(&name.trim_end_matches("_ns")))
}

/// Whether the call is the sleep of an async library, and awaited.
fn sleeps_well(cx: &Context<'_>, call: Site) -> bool {
    cx.usage(call) == Usage::Awaited
        && cx.resolver().waits(cx.module(), call.body, call.expr) == Some(Wait::Clock)
}

/// Whether a test asks a client that has a transport of its own: mostly one that calls the
/// application, or answers itself.
fn is_in_process(cx: &Context<'_>, function: FunctionId, call: Site) -> bool {
    cx.in_test(function)
        && cx.resolver().is_given_when_made(cx.module(), call.body, call.expr, "transport")
}

/// Whether a test expects an error of the call: it is hardly ever sent.
fn is_refused(cx: &Context<'_>, function: FunctionId, call: Site) -> bool {
    cx.in_test(function) && cx.in_error_test(call.body, cx.body(call.body).expr(call.expr).stmt)
}

/// Reports the blocking calls of a coroutine, and those that it comes to by helpers only
/// `with_helpers`.
fn check_coroutine(
    cx: &mut Context<'_>,
    function: FunctionId,
    kind: BlockKind,
    with_helpers: bool,
) {
    let mut found = find(cx, function, kind);
    if kind == BlockKind::Http {
        found.direct.retain(|&(site, _)| !is_refused(cx, function, site));
    }
    // A call that is lost to a syntax error may be the one to report: that which opens the file,
    // or the shorter way.
    let is_lost = may_lose_calls(cx, function, kind);
    if !is_lost || kind != BlockKind::FileIo {
        let everywhere = alone::counts_everywhere(kind);
        for finding in &objects::group(cx, found.direct) {
            let is_outside = !everywhere && has_nobody_beside(cx, function, finding.site, kind)
                || cx.ends_program(function, finding.site)
                || kind == BlockKind::Sleep && is_injected(cx, finding.site)
                || kind == BlockKind::Http && is_in_process(cx, function, finding.site);
            if !is_outside {
                words::report_direct(cx, function, finding, kind);
            }
        }
    }
    for finding in found.through.iter().filter(|_| with_helpers && !is_lost) {
        if kind == BlockKind::Configured
            || !(has_nobody_beside(cx, function, finding.site, kind)
                || cx.ends_program(function, finding.site)
                || cx.leaves_program(finding.helper))
        {
            words::report_chain(cx, function, finding);
        }
    }
}

/// Whether nothing else has begun to run where the call stands, or will go on, or no event loop runs
/// at all. What waits for a thread may wait for what the event loop is to do.
fn has_nobody_beside(cx: &Context<'_>, function: FunctionId, site: Site, kind: BlockKind) -> bool {
    cx.begins_program(function, site)
        || cx.runs_alone(function)
        || cx.resolver().project().may_step(cx.module())
        || kind != BlockKind::Lock && cx.ends_main(function, site)
}

/// Whether the coroutine calls something by a name of the module that is not known, or not to be
/// relied on, in a file with syntax errors; or a method that is not known, which may be the one that
/// opens the file.
fn may_lose_calls(cx: &Context<'_>, function: FunctionId, kind: BlockKind) -> bool {
    let body_id = cx.function(function).body;
    let body = cx.body(body_id);
    let is_of_module = |call: ExprId| {
        let root = body.callee(call).map(|callee| body.root(callee));
        root.is_some_and(|id| match body.kind(id) {
            ExprKind::Name(name) => {
                let scope = cx.facts().outline.lookup(body.expr(id).scope, name);
                scope.is_none_or(|scope| scope == MODULE_SCOPE)
            }
            _ => false,
        })
    };
    let is_lost = |call: ExprId| match cx.callee(Site { body: body_id, expr: call }) {
        Callee::Known(function) => cx.resolver().project().function(function).is_broken,
        Callee::Unknown(_) => kind == BlockKind::FileIo || is_of_module(call),
        _ => false,
    };
    !cx.facts().errors.is_empty()
        && cx.resolver().calls_in(cx.reference(function)).into_iter().any(is_lost)
}

/// The calls of a coroutine that block, and those that lead to one, in the order of the text; each with
/// its kind. Every lint of the group asks for them.
#[derive(Debug, Default)]
pub(crate) struct Leads {
    direct: Vec<(BlockKind, Site, Rc<str>)>,
    through: Vec<(BlockKind, Finding)>,
}

fn leads(cx: &Context<'_>, function: FunctionId) -> Rc<Leads> {
    if let Some(found) = cx.calls.leads.borrow().get(&function) {
        return Rc::clone(found);
    }
    let found = Rc::new(search(cx, function));
    cx.calls.leads.borrow_mut().insert(function, Rc::clone(&found));
    found
}

fn search(cx: &Context<'_>, function: FunctionId) -> Leads {
    let resolver = cx.resolver();
    let is_followed = |chain: &Chain| is_followed(cx, chain) && !cx.replaces_code(function);
    let body = cx.function(function).body;
    let mut found = Leads::default();
    for call in resolver.calls_in(cx.reference(function)) {
        let site = Site { body, expr: call };
        if resolver.runs_never_or_as_script(cx.module(), body, call)
            || resolver.runs_in_child(cx.module(), body, call)
        {
            continue;
        }
        let callee = cx.callee(site);
        let sink = resolver.sink(cx.module(), body, call, &callee);
        let own = sink.as_ref().map(|&(kind, _)| kind);
        if let Some((kind, sink)) = sink
            && !objects::is_async_after_all(cx, site, &sink)
            && !cx.is_on_mock(site)
        {
            found.direct.push((kind, site, sink));
        }
        if let Some(helper) = resolver.helper(cx.module(), body, call, &callee) {
            for chain in resolver.chains(helper, cx.settings().max_chain).iter() {
                if let End::Blocks(kind) = chain.end
                    && is_followed(chain)
                    && resolver.goes_way((cx.module(), body, call), helper, chain)
                    && !objects::is_async_after_all(cx, site, &chain.sink)
                {
                    let chain = chain.clone();
                    found.through.push((kind, Finding { site, chain, helper, more: 0 }));
                }
            }
        } else {
            for (expr, given) in resolver.called_in_coroutine(cx.module(), body, call, &callee) {
                for chain in resolver.chains(given, cx.settings().max_chain).iter() {
                    if let End::Blocks(kind) = chain.end
                        && own != Some(kind)
                        && is_followed(chain)
                    {
                        let (site, chain) = (Site { expr, ..site }, chain.clone());
                        found.through.push((kind, Finding { site, chain, helper: given, more: 0 }));
                    }
                }
            }
        }
    }
    found
}

/// The calls of a coroutine that block as `kind`.
pub(crate) fn find(cx: &Context<'_>, function: FunctionId, kind: BlockKind) -> Found {
    let leads = leads(cx, function);
    let direct = leads.direct.iter().filter(|lead| lead.0 == kind);
    let direct = direct.map(|(_, site, sink)| (*site, Rc::clone(sink))).collect();
    let mut found = Ways::default();
    for (_, lead) in leads.through.iter().filter(|lead| lead.0 == kind) {
        found.add(lead.clone());
    }
    // One report a call: a helper that blocks in two places is one thing to mend.
    let mut through: Vec<Finding> = Vec::new();
    for finding in found.found {
        let same = through.iter_mut().find(|old| old.site == finding.site);
        match same {
            Some(old) if finding.chain.hops.len() < old.chain.hops.len() => *old = finding,
            Some(_) => {}
            None => through.push(finding),
        }
    }
    Found { direct, through }
}

/// Whether a way through helpers is reported. Kinds that wait for a file or a lock are left out:
/// they are too many and mostly too short to matter. A framework that watches files is told of them
/// all the same.
pub(crate) fn is_followed(cx: &Context<'_>, chain: &Chain) -> bool {
    let End::Blocks(kind) = chain.end else { return false };
    let is_kind_followed = match kind {
        BlockKind::Configured => true,
        BlockKind::Network if RAW_SOCKETS.iter().any(|raw| chain.sink.starts_with(raw)) => false,
        // Contexts are made once and kept.
        BlockKind::FileIo if cx.resolver().project().is_watched(cx.module()) => {
            !chain.sink.starts_with("ssl.")
        }
        kind => cx.settings().through_helpers.contains(&kind),
    };
    is_kind_followed && is_taken(chain)
}

/// Whether what a way leads to is likely to happen: the longer the way, the less a condition on it
/// says of the call that it began with.
pub(crate) fn is_taken(chain: &Chain) -> bool {
    let conditions = chain.hops.iter().filter(|hop| hop.is_conditional).count();
    if chain.hops.len() >= LONG_WAY { conditions == 0 } else { conditions <= MAX_CONDITIONS }
}

/// The ways of a coroutine to blocking calls.
#[derive(Default)]
struct Ways {
    found: Vec<Finding>,
    /// The way to each blocking call.
    known: BTreeMap<Hop, usize>,
}

impl Ways {
    /// Keeps the shortest way to each blocking call; of two equals the first in the text.
    fn add(&mut self, new: Finding) {
        let Some(&last) = new.chain.last() else { return };
        match self.known.get(&last).and_then(|&at| self.found.get_mut(at)) {
            Some(old) if new.chain.hops.len() < old.chain.hops.len() => {
                *old = Finding { more: old.more + 1, ..new };
            }
            Some(old) => old.more += 1,
            None => {
                self.known.insert(last, self.found.len());
                self.found.push(new);
            }
        }
    }
}
