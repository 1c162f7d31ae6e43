//! Awaitables that are given to what looks at the value.

use asynclint_project::{Callee, is_of_coroutines};
use asynclint_semantic::{ArgumentKind, Body, ExprId, ExprKind, Usage};

use super::{Kind, Made, Misuse};
use crate::{Context, Site};

/// Methods of clients that send a request.
const REQUESTS: &[&str] = &["delete", "get", "patch", "post", "put", "request"];

/// What such a request takes that is made into text or bytes.
const SENT: &[&str] = &["data", "headers", "json", "params"];

/// Builtin functions that raise an error where they are given a coroutine or a future.
const REFUSE: &[&str] = &[
    "abs",
    "all",
    "any",
    "bytes",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "iter",
    "len",
    "list",
    "map",
    "reversed",
    "round",
    "set",
    "sorted",
    "sum",
    "tuple",
];

/// What walks what it is given: an awaitable object may be good for that as well.
const WALK: &[&str] =
    &["sse_starlette.EventSourceResponse", "starlette.responses.StreamingResponse"];

impl Made {
    /// An argument for something that looks at its value.
    pub(super) fn passed(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        let body = cx.body(site.body);
        let (call, argument) = taker_of(body, site.expr)?;
        let taker = Site { expr: call, ..site };
        if self.kind == Kind::Coroutine && is_sent(cx, taker, argument) {
            return Some(self.instead_of_result("the request gets").into());
        }
        if self.is_among_values(cx, site) {
            return Some(self.instead_of_result("this keeps").into());
        }
        if self.kind == Kind::Coroutine
            && asked_attribute(cx, site).is_some_and(|name| !is_of_coroutines(name))
        {
            return Some("a coroutine has no such attribute".to_owned().into());
        }
        if self.kind == Kind::Coroutine
            && cx.usage(taker) == Usage::Raised
            && cx.in_coroutine(taker)
        {
            return Some(self.instead_of_result("the error gets").into());
        }
        let handed = cx.resolver().passed_to(cx.module(), site.body, call, argument);
        match handed.unwrap_or_else(|| cx.callee(taker)) {
            Callee::External(name) if &*name == "typing.cast" => {
                // A plain function may be called for what it gives in both colours.
                let is_value = self.kind == Kind::Coroutine
                    && cx.in_coroutine(taker)
                    && casts_to_value(cx, taker);
                is_value.then(|| "this takes the coroutine object for its result".to_owned().into())
            }
            Callee::External(name) if keeps_by_name(&name, body, call, argument) => None,
            // Their first argument is a function, which they do not look at.
            Callee::External(name) if matches!(&*name, "builtins.filter" | "builtins.map") => {
                let is_first = body.arguments(call).first().is_some_and(|it| it.value == argument);
                let is_walked = self.kind == Kind::Coroutine && !is_first;
                is_walked.then(|| "a coroutine cannot be iterated".to_owned().into())
            }
            Callee::External(name) if cx.catalog().uses_values(&name) => {
                // A task may be shown, counted or asked for its truth as it is.
                let builtin = name.strip_prefix("builtins.");
                let is_tested = builtin == Some("bool") && self.kind == Kind::Lazy;
                // A query that can be awaited can be copied.
                let is_kept = name.starts_with("copy.") || WALK.contains(&&*name);
                let is_value = self.kind == Kind::Coroutine
                    || builtin.is_none() && !is_kept
                    || is_tested
                    || refuses_awaitables(&name);
                let name = builtin.unwrap_or(&name);
                is_value.then(|| self.instead_of_result(&format!("`{name}` gets")).into())
            }
            Callee::Unknown(_) => None,
            _ => {
                let (resolver, module) = (cx.resolver(), cx.module());
                let barred = self.barred(cx);
                let wants =
                    resolver.wants_value(module, site.body, call, argument, barred).or_else(
                        || resolver.field_wants_value(module, site.body, call, argument, barred),
                    )?;
                if !wants.is_annotation && self.kind != Kind::Coroutine {
                    return None;
                }
                let written = cx.written(taker);
                let why = self.instead_of_result(&format!("`{written}` gets"));
                let note = if wants.is_annotation {
                    "the parameter wants no awaitable"
                } else {
                    "the parameter is used as a value here"
                };
                Some(Misuse { why, evidence: Some((wants.module, wants.span, note.to_owned())) })
            }
        }
    }
}

/// The attribute that `getattr` asks the value for, if a literal names it.
fn asked_attribute<'a>(cx: &Context<'a>, argument: Site) -> Option<&'a str> {
    let body = cx.body(argument.body);
    let call = body.expr(argument.expr).parent?;
    let asks = cx.last_name(argument.body, body.callee(call)?) == Some("getattr");
    let [object, name, ..] = body.arguments(call) else { return None };
    match body.kind(name.value) {
        ExprKind::Str(Some(text)) if asks && object.value == argument.expr => {
            Some(cx.facts().outline.text(text))
        }
        _ => None,
    }
}

/// The call that takes what an expression gives, and its argument: `f(a and b)` takes `b` as well.
pub(super) fn taker_of(body: &Body, id: ExprId) -> Option<(ExprId, ExprId)> {
    let mut argument = id;
    loop {
        let outer = body.expr(argument).parent?;
        match body.kind(outer) {
            ExprKind::Bool { .. } | ExprKind::Conditional { .. } => argument = outer,
            _ => return Some((outer, argument)),
        }
    }
}

/// Whether an argument is what an HTTP request sends: `data=` or `json=` of `session.post(...)`.
pub(super) fn is_sent(cx: &Context<'_>, request: Site, argument: ExprId) -> bool {
    let body = cx.body(request.body);
    let is_request = body.callee(request.expr).is_some_and(|callee| match body.kind(callee) {
        ExprKind::Attribute { name, .. } => REQUESTS.contains(&cx.facts().outline.text(name)),
        _ => false,
    });
    is_request
        && !matches!(cx.callee(request), Callee::Known(_) | Callee::Class(_))
        && body.arguments(request.expr).iter().any(|it| {
            let is_sent = match it.kind {
                ArgumentKind::Keyword(name) => SENT.contains(&cx.facts().outline.text(name)),
                _ => false,
            };
            it.value == argument && is_sent
        })
}

/// Whether the call raises an error where it is given a coroutine or a future.
pub(crate) fn refuses_awaitables(taker: &str) -> bool {
    taker.strip_prefix("builtins.").is_some_and(|name| REFUSE.contains(&name))
}

/// Whether the call keeps the argument as it is, under a name: `dict(task=task)`.
pub(crate) fn keeps_by_name(taker: &str, body: &Body, call: ExprId, argument: ExprId) -> bool {
    let mut arguments = body.arguments(call).iter();
    taker == "builtins.dict"
        && arguments.any(|it| it.value == argument && matches!(it.kind, ArgumentKind::Keyword(_)))
}

/// Whether `typing.cast` says that something is no awaitable.
fn casts_to_value(cx: &Context<'_>, cast: Site) -> bool {
    let arguments = cx.body(cast.body).arguments(cast.expr);
    let target = arguments.first().map(|it| it.value);
    target.is_some_and(|id| cx.resolver().describes_value(cx.module(), cast.body, id))
}
