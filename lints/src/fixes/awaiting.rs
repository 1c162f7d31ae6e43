//! Awaiting what was not awaited.

use asynclint_diagnostics::Fix;
use asynclint_semantic::{ComprehensionKind, ExprId, ExprKind, StmtKind, Usage};

use super::{Draft, imports};
use crate::{Context, Library, Site};

/// `await` before the expression, in parentheses where it would else be about more.
pub(crate) fn add_await(cx: &Context<'_>, site: Site) -> Option<Fix> {
    if !can_await(cx, site) {
        return None;
    }
    let span = cx.span(site);
    let (open, close) = parentheses(cx, site);
    let draft =
        Draft::default().insert(span.start, format!("{open}await ")).insert(span.end, close);
    Some(draft.unsafe_fix("add `await`"))
}

/// `await asyncio.gather(*...)` around a collection of coroutines.
pub(crate) fn gather(cx: &Context<'_>, site: Site) -> Option<Fix> {
    if cx.library() != Library::Asyncio || !can_await(cx, site) {
        return None;
    }
    let span = cx.span(site);
    let (name, import) = imports::module(cx, site, "asyncio")?;
    let draft = Draft::default()
        .with(import)
        .insert(span.start, format!("await {name}.gather(*"))
        .insert(span.end, ")");
    Some(draft.unsafe_fix("await all of them"))
}

/// What stands around `await x` in the place of `x`: parentheses where an attribute, a subscript or
/// a call of `x` would else be awaited.
pub(super) fn parentheses(cx: &Context<'_>, site: Site) -> (&'static str, &'static str) {
    let body = cx.body(site.body);
    let binds_tighter = body.expr(site.expr).parent.is_some_and(|outer| {
        let is_operand = match body.kind(outer) {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                value == site.expr
            }
            ExprKind::Call { callee, .. } => callee == site.expr,
            _ => false,
        };
        // What begins before its operand has it in parentheses already.
        is_operand && body.span(outer).start == body.span(site.expr).start
    });
    if binds_tighter { ("(", ")") } else { ("", "") }
}

/// Whether the expression stands in a generator expression, which an `await` would make an
/// asynchronous one: `any(check(word) for word in words)` takes none.
pub(crate) fn is_in_generator(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let around = std::iter::successors(Some(site.expr), |&at| body.expr(at).parent);
    let mut inside = site.expr;
    for outer in around.skip(1) {
        let made = body.comprehension(outer);
        if made.is_some_and(|made| {
            made.kind == ComprehensionKind::Generator
                && made.clauses.first().is_none_or(|clause| clause.iterable != inside)
        }) {
            return true;
        }
        inside = outer;
    }
    false
}

/// Whether `await` may stand at the expression and runs it where the expression ran.
pub(super) fn can_await(cx: &Context<'_>, site: Site) -> bool {
    let runs_in = cx.function_of(site).map(|id| cx.function(id));
    if !runs_in.is_some_and(|function| function.is_async && !function.is_broken) {
        return false;
    }
    let body = cx.body(site.body);
    let mut comprehensions = 0;
    let mut at = site.expr;
    while let Some(outer) = body.expr(at).parent {
        if let Some(made) = body.comprehension(outer) {
            // The first iterable is evaluated outside; everything else turns a generator into an
            // asynchronous one, and before 3.11 so does an inner comprehension with its outer one.
            let is_outside = made.clauses.first().is_some_and(|clause| clause.iterable == at);
            if !is_outside {
                comprehensions += 1;
                if made.kind == ComprehensionKind::Generator || comprehensions > 1 {
                    return false;
                }
            }
        }
        at = outer;
    }
    !matches!(body.expr(at).usage, Usage::Annotation | Usage::Defined)
        && !is_of_definition(cx, site, at)
        && !is_bare_star(cx, site)
}

/// Whether a star stands before the expression where the grammar takes no `await` behind one: in a
/// statement of its own, which is of no use, and in an index.
fn is_bare_star(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let star = body.expr(site.expr).parent;
    let Some(star) = star.filter(|&id| matches!(body.kind(id), ExprKind::Starred(_))) else {
        return false;
    };
    match body.expr(star).parent.map(|outer| body.kind(outer)) {
        Some(ExprKind::List(_) | ExprKind::Set(_)) => false,
        Some(ExprKind::Subscript { .. }) => true,
        _ => matches!(body.stmt(body.expr(star).stmt).kind, StmtKind::Expr(_)),
    }
}

/// Whether the expression belongs to a definition and not to code that runs: a type alias, a base
/// class, a decorator.
fn is_of_definition(cx: &Context<'_>, site: Site, outermost: ExprId) -> bool {
    let body = cx.body(site.body);
    let kind = &body.stmt(body.expr(outermost).stmt).kind;
    matches!(kind, StmtKind::Function(_) | StmtKind::Class(_) | StmtKind::Pass | StmtKind::Import)
}
