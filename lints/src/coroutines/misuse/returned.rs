//! Awaitables that are returned where the result is promised.

use asynclint_parser::Span;
use asynclint_project::Callee;
use asynclint_semantic::{ExprId, ExprKind, FunctionId, Usage};

use super::{Kind, Made, Misuse};
use crate::{Context, Site};

/// Methods of applications and routers whose first argument is a path.
const ROUTES: &[&str] =
    &["api_route", "delete", "get", "head", "options", "patch", "post", "put", "route"];

impl Made {
    /// What a coroutine returns that says it returns something else: whoever awaits it gets the
    /// awaitable.
    pub(super) fn returned(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        let function = cx.function_of(site)?;
        if !cx.function(function).is_async {
            let (span, note) = route(cx, function).filter(|_| self.kind == Kind::Coroutine)?;
            // Other frameworks await what plain handlers return.
            return is_of_fastapi(cx, function).then(|| Misuse {
                why: self.instead_of_result("this returns"),
                evidence: Some((cx.module(), span, note.to_owned())),
            });
        }
        let (resolver, module) = (cx.resolver(), cx.module());
        let promise = resolver.promises_value(module, function, self.barred(cx));
        let promise = promise.map(|span| (span, "this promises no awaitable"));
        let (span, note) = promise.or_else(|| route(cx, function))?;
        if !cx.resolver().returns_as_written(cx.module(), function) {
            return None;
        }
        let why = self.instead_of_result("this returns");
        Some(Misuse { why, evidence: Some((cx.module(), span, note.to_owned())) })
    }

    /// An element of a tuple that a coroutine returns, where it says that it returns something else.
    pub(super) fn returned_in_tuple(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        let body = cx.body(site.body);
        let whole = body.expr(site.expr).parent?;
        let ExprKind::Tuple(elements) = body.kind(whole) else { return None };
        if cx.usage(Site { expr: whole, ..site }) != Usage::Returned {
            return None;
        }
        let elements = body.list(elements);
        let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
        let place = elements.iter().position(|&id| id == site.expr)?;
        let (resolver, module) = (cx.resolver(), cx.module());
        let barred = self.barred(cx);
        let span = resolver.promises_element(module, function, place, elements.len(), barred)?;
        if !resolver.returns_as_written(module, function) {
            return None;
        }
        let why = self.instead_of_result("this returns");
        Some(Misuse {
            why,
            evidence: Some((module, span, "this promises no awaitable".to_owned())),
        })
    }
}

/// The decorator that makes a function the handler of a path: `@app.get("/users")`.
pub(super) fn route(cx: &Context<'_>, function: FunctionId) -> Option<(Span, &'static str)> {
    let own = cx.function(function);
    let home = cx.body(own.home);
    let outline = &cx.facts().outline;
    let is_route = |&&id: &&ExprId| {
        let is_verb = home.callee(id).is_some_and(|callee| match home.kind(callee) {
            ExprKind::Attribute { name, .. } => ROUTES.contains(&outline.text(name)),
            _ => false,
        });
        let is_path = |id| match home.kind(id) {
            ExprKind::Str(Some(path)) => outline.text(path).starts_with('/'),
            _ => false,
        };
        is_verb && home.arguments(id).first().is_some_and(|first| is_path(first.value))
    };
    let decorator = home.list(own.decorators).iter().find(is_route)?;
    Some((home.span(*decorator), "what a route returns is sent, and not awaited"))
}

/// Whether a decorator of the function is known to be one of `FastAPI`, which runs plain handlers
/// in threads and makes text of what they return.
fn is_of_fastapi(cx: &Context<'_>, function: FunctionId) -> bool {
    let own = cx.function(function);
    cx.body(own.home).list(own.decorators).iter().any(|&expr| {
        matches!(cx.callee(Site { body: own.home, expr }), Callee::External(name)
            if name.starts_with("fastapi."))
    })
}
