//! Coroutines that a coroutine returns, or an async generator yields, although its code or its callers
//! show that the result was meant.

use asynclint_parser::Span;
use asynclint_project::{Barred, Callee, ModuleId};
use asynclint_semantic::{ExprId, ExprKind, FunctionId, StmtId, StmtKind, Usage};

use crate::coroutines::misuse::{Kind, Made};
use crate::{Context, Site};

/// What shows that the result was meant: where, and what it says.
pub(super) type Evidence = (ModuleId, Span, &'static str);

/// What shows that the coroutine that is returned or yielded at `site` ought to have been awaited.
pub(super) fn evidence(cx: &Context<'_>, site: Site) -> Option<Evidence> {
    let usage = cx.usage(site);
    if !matches!(usage, Usage::Returned | Usage::Yielded) {
        return None;
    }
    let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
    let resolver = cx.resolver();
    if resolver.asks_for_colour(cx.reference(function)) || promises_awaitable(cx, function) {
        return None;
    }
    let here = |(span, note)| (cx.module(), span, note);
    if usage == Usage::Yielded {
        return sibling(cx, function, site).map(here);
    }
    // What a block is left with is lost, whatever a decorator makes of it, and one that takes a
    // coroutine as well as a value is rare.
    let inside = sibling(cx, function, site).or_else(|| surrounding(cx, site)).map(here);
    if !resolver.returns_as_written(cx.module(), function) {
        return inside;
    }
    let own = cx.reference(function);
    let used = || {
        let used = resolver.result_used(own)?;
        let note = if used.is_dropped {
            "what it returns is dropped here"
        } else {
            "what it returns is used as a value here"
        };
        Some((used.module, used.span, note))
    };
    inside
        .or_else(|| above(cx, function, site))
        .or_else(used)
        .or_else(|| overridden(cx, function))
        .or_else(|| like_others(cx, function, site))
}

/// A method above that gives the result: whoever calls that one may get this one.
fn overridden(cx: &Context<'_>, function: FunctionId) -> Option<Evidence> {
    if cx.function(function).returns.is_some() {
        return None;
    }
    let resolver = cx.resolver();
    resolver.overridden_by(cx.reference(function)).into_iter().find_map(|method| {
        let span = resolver.gives_result(method)?;
        Some((method.module, span, "the method that this one overrides gives the result"))
    })
}

/// Two other methods of the class that give the results of what they await, where nobody is known to
/// call this one.
fn like_others(cx: &Context<'_>, function: FunctionId, site: Site) -> Option<Evidence> {
    let own = cx.function(function);
    let resolver = cx.resolver();
    let Callee::Known(called) = cx.callee(site) else { return None };
    let is_alone = own.class.is_some()
        && own.returns.is_none()
        && cx.body(own.home).list(own.decorators).is_empty()
        && resolver.project().function(called).is_async
        && resolver.open_uses(cx.reference(function)).is_some_and(|uses| uses.is_empty());
    if !is_alone {
        return None;
    }
    let others = cx.coroutines().filter(|&other| {
        let it = cx.function(other);
        other != function && it.class == own.class && it.home_scope == own.home_scope
    });
    let mut results = others.filter_map(|other| {
        let it = cx.function(other);
        let body = cx.body(it.body);
        let is_result = |&id: &ExprId| {
            body.expr(id).usage == Usage::Returned
                && matches!(body.kind(id), ExprKind::Await(_))
                && cx.function_of(Site { body: it.body, expr: id }) == Some(other)
        };
        body.exprs_in_block(it.block).find(is_result).map(|id| body.span(id))
    });
    let first = results.next()?;
    results.next()?;
    Some((cx.module(), first, "others here give the result of what they await"))
}

/// The method above, where the one that overrides it hands on its coroutine: whoever awaits the
/// method gets the result from one, and a coroutine from the other.
fn above(cx: &Context<'_>, function: FunctionId, site: Site) -> Option<Evidence> {
    let body = cx.body(site.body);
    let ExprKind::Attribute { value, name } = body.kind(body.callee(site.expr)?) else {
        return None;
    };
    let head = body.callee(value).and_then(|callee| cx.last_name(site.body, callee));
    let Callee::Known(method) = cx.callee(site) else { return None };
    let is_above = head == Some("super") && cx.function(function).name == Some(name);
    let project = cx.resolver().project();
    // One that gives nothing is awaited for what it does, and one that gives a coroutine twice.
    let own = project.function(method);
    let is_plain = own.is_async
        && own.returns.is_none_or(|_| {
            cx.resolver().promises_value(method.module, method.id, Barred::Awaitable).is_some()
        });
    let span = own.name_span;
    (is_above && is_plain).then_some((
        method.module,
        span,
        "whoever awaits this method gets its result",
    ))
}

/// Whether an annotation says that something to await is returned, or leaves it open.
fn promises_awaitable(cx: &Context<'_>, function: FunctionId) -> bool {
    let own = cx.function(function);
    own.returns.is_some()
        && cx.resolver().promises_value(cx.module(), function, Barred::Awaitable).is_none()
        && {
            let home = cx.body(own.home);
            let names = |id| match home.kind(id) {
                ExprKind::Str(Some(text)) => {
                    OPEN.iter().any(|name| cx.facts().outline.text(text).contains(name))
                }
                _ => cx.last_name(own.home, id).is_some_and(|name| OPEN.contains(&name)),
            };
            own.returns.is_some_and(|returns| home.exprs_below(returns).any(names))
        }
}

/// Names in annotations of what may be awaited.
const OPEN: &[&str] = &["Any", "Awaitable", "Callable", "Coroutine", "Future", "Task", "object"];

/// Another `return` or `yield` of the function with the result of what it awaits, or with a value:
/// nobody can take both alike.
fn sibling(cx: &Context<'_>, function: FunctionId, site: Site) -> Option<(Span, &'static str)> {
    let body = cx.body(site.body);
    let callee = cx.callee(site);
    let usage = cx.usage(site);
    let [of_same, of_other, of_value] = match usage {
        Usage::Yielded => [
            "elsewhere the same is awaited before it is yielded",
            "elsewhere what is called is awaited before it is yielded",
            "elsewhere a value is yielded that is no awaitable",
        ],
        _ => [
            "elsewhere the same is awaited before it is returned",
            "elsewhere what is called is awaited before it is returned",
            "elsewhere a value is returned that is no awaitable",
        ],
    };
    let of_function = |&expr: &ExprId| {
        body.expr(expr).usage == usage && cx.function_of(Site { expr, ..site }) == Some(function)
    };
    let returned: Vec<ExprId> =
        body.exprs_in_block(cx.function(function).block).filter(of_function).collect();
    let awaited = |expr| match body.kind(expr) {
        ExprKind::Await(call) => Some(Site { expr: call, ..site }),
        _ => None,
    };
    let mut awaits = returned.iter().filter_map(|&expr| awaited(expr));
    if let Some(same) = awaits.clone().find(|&other| cx.callee(other) == callee) {
        return Some((cx.span(same), of_same));
    }
    // What is awaited may give something to await in its turn.
    let gives_value = |other: &Site| {
        let callee = cx.callee(*other);
        Made::by(cx, *other, &callee).is_some_and(|made| made.kind == Kind::Coroutine)
            && !matches!(callee, Callee::Unknown(_))
    };
    if let Some(other) = awaits.find(gives_value) {
        return Some((cx.span(other), of_other));
    }
    let is_value = |&&expr: &&ExprId| {
        body.kind(expr) != ExprKind::None
            && cx.resolver().is_not_awaitable(cx.module(), site.body, expr)
    };
    let value = returned.iter().find(is_value)?;
    Some((body.span(*value), of_value))
}

/// A block around the `return` that is left before the coroutine runs, although it is there for what
/// happens meanwhile: an `async with`, or a `try` that holds nothing else which could fail.
fn surrounding(cx: &Context<'_>, site: Site) -> Option<(Span, &'static str)> {
    let body = cx.body(site.body);
    let stmt = body.expr(site.expr).stmt;
    let is_around = |&outer: &StmtId| !matches!(body.stmt(outer).kind, StmtKind::Function(_));
    body.enclosing(stmt).take_while(is_around).find_map(|outer| match &body.stmt(outer).kind {
        StmtKind::With { is_async: true, .. } => {
            Some((body.header_span(outer), "this is left before the coroutine runs"))
        }
        StmtKind::Try(guarded)
            if body.block(guarded.body) == [stmt] && !guarded.handlers.is_empty() =>
        {
            Some((body.header_span(outer), "what the coroutine raises is not caught here"))
        }
        _ => None,
    })
}
