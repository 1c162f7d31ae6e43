//! `await-outside-async`

use asynclint_diagnostics::Level;
use asynclint_parser::Span;
use asynclint_semantic::{
    BindingKind, Body, BodyId, ComprehensionKind, ExprId, ExprKind, FunctionId, Import,
    MODULE_SCOPE, ScopeId, ScopeKind, StmtKind, Usage,
};

use crate::{Context, Fixes, Group, Lint};

/// Something that only a coroutine may do stands elsewhere, or the other way round.
pub(crate) static AWAIT_OUTSIDE_ASYNC: Lint = Lint {
    name: "await-outside-async",
    summary: "`await`, `async for` or `async with` outside a coroutine, or `yield from` in one",
    group: Group::Coroutines,
    page: include_str!("await_outside_async.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &["E1142", "PLE1142", "PLE1700"],
    coroutine_only: true,
    check,
};

/// Modules that are there only where code at the top level of a file may await.
const TOP_LEVEL_AWAIT: &[&str] = &["IPython", "js", "pyodide", "pyscript"];

/// Words in the names of files whose text is meant to be put into such a host.
const HOSTS: &[&str] = &["colab", "ipython", "jupyter", "notebook", "pyodide", "repl"];

/// What stands in the wrong place.
struct Misplaced {
    what: &'static str,
    span: Span,
    place: Place,
}

/// Where code runs that may not await.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Module,
    Class,
    Function(FunctionId),
}

fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Misplaced> = Vec::new();
    for id in cx.facts().body_ids() {
        let body = cx.body(id);
        for expr in body.expr_ids() {
            found.extend(expression(cx, id, expr));
        }
        for stmt in body.stmt_ids() {
            let what = match body.stmt(stmt).kind {
                StmtKind::For { is_async: true, .. } => "async for",
                StmtKind::With { is_async: true, .. } => "async with",
                _ => continue,
            };
            let place = plain_place(cx, body.stmt(stmt).scope);
            let span = body.header_span(stmt);
            found.extend(place.map(|place| Misplaced { what, span, place }));
        }
    }
    found.retain(|one| is_judged(cx, one.place));
    found.sort_by_key(|one| (one.place, one.what == "yield from", one.span));
    // One report for each place: making it a coroutine mends all of them.
    for same in found
        .chunk_by(|a, b| a.place == b.place && (a.what == "yield from") == (b.what == "yield from"))
    {
        match same[0].what {
            "yield from" => same.iter().for_each(|one| report_yield_from(cx, one)),
            _ => report(cx, same),
        }
    }
}

/// An expression that may not stand where it stands.
fn expression(cx: &Context<'_>, id: BodyId, expr: ExprId) -> Option<Misplaced> {
    let body = cx.body(id);
    let span = body.span(expr);
    let what = match body.kind(expr) {
        ExprKind::YieldFrom(_) => {
            let ScopeKind::Function(function) =
                cx.facts().outline.scope(body.expr(expr).scope).kind
            else {
                return None;
            };
            let place = Place::Function(function);
            return cx.function(function).is_async.then_some(Misplaced {
                what: "yield from",
                span,
                place,
            });
        }
        ExprKind::Await(_) if body.expr(expr).usage != Usage::Annotation => "await",
        ExprKind::Comprehension(_) => {
            let made = body.comprehension(expr)?;
            if made.kind == ComprehensionKind::Generator
                || !made.clauses.iter().any(|clause| clause.is_async)
            {
                return None;
            }
            "async for"
        }
        _ => return None,
    };
    let place = place_of(cx, body, expr)?;
    Some(Misplaced { what, span, place })
}

/// Where the expression runs, if nothing can be awaited there. Generator expressions can: they
/// become asynchronous ones.
fn place_of(cx: &Context<'_>, body: &Body, expr: ExprId) -> Option<Place> {
    let scope = body.expr(expr).scope;
    if cx.facts().outline.scope(scope).kind != ScopeKind::Comprehension {
        return plain_place(cx, scope);
    }
    let around = std::iter::successors(body.expr(expr).parent, |&id| body.expr(id).parent);
    let owner = around.into_iter().find(|&outer| {
        // The first iterable is evaluated outside.
        let first = body.comprehension(outer).and_then(|made| made.clauses.first());
        first.is_some_and(|first| !body.expr_holds(first.iterable, expr))
    })?;
    match body.comprehension(owner)?.kind {
        ComprehensionKind::Generator => None,
        _ => place_of(cx, body, owner),
    }
}

fn plain_place(cx: &Context<'_>, scope: ScopeId) -> Option<Place> {
    match cx.facts().outline.scope(scope).kind {
        ScopeKind::Module => Some(Place::Module),
        ScopeKind::Class(_) => Some(Place::Class),
        ScopeKind::Function(id) => (!cx.function(id).is_async).then_some(Place::Function(id)),
        ScopeKind::Comprehension => None,
    }
}

/// Whether the place could be read whole, and is none where a host runs top-level `await`.
fn is_judged(cx: &Context<'_>, place: Place) -> bool {
    place != Place::Module
        || !(cx.facts().outline.has_cells
            || has_interactive_host(cx)
            || is_snippet(cx)
            || is_for_a_host(cx))
}

/// Whether the file is named after a host.
fn is_for_a_host(cx: &Context<'_>) -> bool {
    let path = &cx.resolver().project().module(cx.module()).place.path;
    let stem = path.file_name().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    stem.split(['_', '-']).any(|word| HOSTS.contains(&word))
}

/// Whether code at the top of the module awaits: Python cannot import it, and what runs it does so
/// in an event loop.
pub(crate) fn awaits_at_top(cx: &Context<'_>) -> bool {
    cx.facts().body_ids().any(|id| {
        let body = cx.body(id);
        let is_top = |scope| cx.facts().outline.scope(scope).kind == ScopeKind::Module;
        body.expr_ids().any(|expr| {
            matches!(body.kind(expr), ExprKind::Await(_)) && is_top(body.expr(expr).scope)
        }) || body.stmt_ids().any(|stmt| {
            matches!(
                body.stmt(stmt).kind,
                StmtKind::For { is_async: true, .. } | StmtKind::With { is_async: true, .. }
            ) && is_top(body.stmt(stmt).scope)
        })
    })
}

/// Whether the file is a piece of code that the documentation shows and nobody runs: it stands
/// there, or is a sample that imports nothing.
fn is_snippet(cx: &Context<'_>) -> bool {
    let outline = &cx.facts().outline;
    let imports_nothing =
        || outline.star_imports.is_empty() && cx.imports_in(MODULE_SCOPE).next().is_none();
    cx.resolver().project().is_documentation(cx.module()) || cx.is_showcase() && imports_nothing()
}

/// Whether the module is one for a host that runs `await` at its top.
fn has_interactive_host(cx: &Context<'_>) -> bool {
    let outline = &cx.facts().outline;
    let is_host = |import: &Import| {
        let root = outline.text(import.module).split('.').next();
        import.level == 0 && root.is_some_and(|root| TOP_LEVEL_AWAIT.contains(&root))
    };
    let imported = outline
        .scope(MODULE_SCOPE)
        .bindings
        .iter()
        .any(|binding| matches!(&binding.kind, BindingKind::Import(import) if is_host(import)));
    let starred = outline.star_imports.iter().any(|(import, _)| is_host(import));
    imported || starred || outline.names.get("get_ipython").is_some()
}

fn report(cx: &mut Context<'_>, same: &[Misplaced]) {
    let Misplaced { what, span, place } = same[0];
    let (label, help, definition) = match place {
        Place::Module => (
            "this runs when the module is loaded, and no coroutine runs then".to_owned(),
            format!(
                "put it into an `async def main()` and run that with `{}(main())`",
                cx.runner()
            ),
            None,
        ),
        Place::Class => (
            "the body of a class is no coroutine, even inside one".to_owned(),
            "await before the class, and use the result in it".to_owned(),
            None,
        ),
        Place::Function(id) => match cx.function(id).name {
            None => (
                "a lambda is a plain function".to_owned(),
                "write an `async def` in place of the lambda".to_owned(),
                None,
            ),
            Some(name) => {
                let name = cx.facts().outline.text(name).to_owned();
                (
                    format!("`{name}` is a plain function"),
                    format!("make it `async def {name}`, and await it where it is called"),
                    Some((cx.function(id).name_span, name)),
                )
            }
        },
    };
    let report = cx.report(span, format!("`{what}` outside a coroutine")).label(label).help(help);
    let report = match same.len() - 1 {
        0 => report,
        1 => report.note("one more place here needs a coroutine"),
        more => report.note(format!("{more} more places here need a coroutine")),
    };
    if let Some((span, name)) = definition {
        report.evidence_here(span, format!("`{name}` is defined without `async` here"));
    }
}

fn report_yield_from(cx: &mut Context<'_>, found: &Misplaced) {
    cx.report(found.span, "`yield from` in a coroutine")
        .label("an `async def` cannot delegate to a generator")
        .help("iterate instead: `for item in ...: yield item`, or `async for`");
}
