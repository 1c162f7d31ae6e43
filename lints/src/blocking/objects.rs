//! The objects that blocking calls work on: what is done with one object is one finding.

use std::collections::BTreeMap;
use std::rc::Rc;

use asynclint_project::Callee;
use asynclint_semantic::{ExprId, ExprKind, Name, ScopeId, StmtKind, Usage};

use super::Direct;
use crate::{Context, Site};

/// An object, by the expression or name it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Object {
    /// What a call of the coroutine gave.
    Made(ExprId),
    /// What a name stands for.
    Named(ScopeId, Name),
    /// What an attribute holds, such as `self.session`.
    Held(String),
}

/// One finding for each object that the blocking calls of a coroutine work on, and one for each
/// call that works on none.
pub(super) fn group(cx: &Context<'_>, mut calls: Vec<(Site, Rc<str>)>) -> Vec<Direct> {
    // In the order in which they run: `open` before `json.load` in `json.load(open(path))`.
    calls.sort_by_key(|&(site, _)| site.expr);
    let mut known: BTreeMap<Object, usize> = BTreeMap::new();
    let mut found: Vec<Direct> = Vec::new();
    for (site, sink) in calls {
        let mut worked_on: Vec<Object> = receiver(cx, site).into_iter().collect();
        let files = cx.resolver().files_passed(cx.module(), site.body, site.expr);
        worked_on.extend(files.into_iter().filter_map(|file| object(cx, site, file)));
        let same = worked_on.iter().find_map(|object| known.get(object));
        let finding = same.copied().unwrap_or(found.len());
        worked_on.push(Object::Made(site.expr));
        worked_on.extend(bound_to(cx, site));
        known.extend(worked_on.into_iter().map(|object| (object, finding)));
        match found.get_mut(finding) {
            Some(first) => first.more += 1,
            None => found.push(Direct { site, sink, more: 0 }),
        }
    }
    found
}

/// The object whose method is called.
fn receiver(cx: &Context<'_>, site: Site) -> Option<Object> {
    let receiver = cx.resolver().receiver(cx.module(), site.body, site.expr)?;
    object(cx, site, receiver)
}

/// The names and attributes that the statement binds to what the call gives.
fn bound_to(cx: &Context<'_>, site: Site) -> Vec<Object> {
    let body = cx.body(site.body);
    let targets = match &body.stmt(body.expr(site.expr).stmt).kind {
        StmtKind::Assign { targets, value } if *value == site.expr => body.list(*targets).to_vec(),
        StmtKind::AnnAssign { target, value: Some(value), .. } if *value == site.expr => {
            vec![*target]
        }
        StmtKind::With { items, .. } => {
            let own = items.iter().filter(|item| item.manager == site.expr);
            own.filter_map(|item| item.target).collect()
        }
        _ => Vec::new(),
    };
    targets.into_iter().filter_map(|target| named(cx, site, target)).collect()
}

/// What a name or an attribute holds.
fn named(cx: &Context<'_>, site: Site, id: ExprId) -> Option<Object> {
    let body = cx.body(site.body);
    match body.kind(id) {
        ExprKind::Name(name) => {
            let scope = body.expr(id).scope;
            cx.facts().outline.lookup(scope, name).map(|scope| Object::Named(scope, name))
        }
        _ => cx.dotted(site.body, id).map(Object::Held),
    }
}

/// Where the object comes from that `id` evaluates to. What a method gives belongs to the object
/// of the method: `connection.cursor()` to the connection.
fn object(cx: &Context<'_>, site: Site, id: ExprId) -> Option<Object> {
    let body = cx.body(site.body);
    let made = cx.resolver().maker(cx.module(), site.body, id);
    match body.kind(made) {
        ExprKind::Call { .. } => {
            let call = Site { expr: made, ..site };
            Some(receiver(cx, call).unwrap_or(Object::Made(made)))
        }
        _ => named(cx, site, made),
    }
}

/// Functions and methods of async libraries that take awaitables.
const AWAITS: &[&str] =
    &["create_task", "ensure_future", "gather", "shield", "wait_for", "wrap_future"];

/// Whether the code awaits what a call gives. If a method blocks there, its object is not what it
/// seems to be, as with `client: Redis` for the asynchronous client.
pub(super) fn is_async_after_all(cx: &Context<'_>, site: Site, sink: &str) -> bool {
    let is_method = sink.rsplit_once('.').is_some_and(|(of, _)| cx.catalog().class(of).is_some());
    let own = cx.body(site.body).expr(site.expr);
    is_method
        && match own.usage {
            Usage::Awaited => true,
            Usage::Passed => own.parent.is_some_and(|outer| {
                let outer = Site { expr: outer, ..site };
                let Callee::External(name) = cx.callee(outer) else {
                    // A syntax error may have taken the import of what awaits it.
                    return !cx.facts().errors.is_empty();
                };
                let name = cx.catalog().canonical(&name);
                AWAITS.contains(&name.rsplit('.').next().unwrap_or(name))
            }),
            _ => false,
        }
}
