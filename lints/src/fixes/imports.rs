//! Modules that a fix needs: as the file imports them, or imported in the file's own style.

use asynclint_diagnostics::Edit;
use asynclint_parser::{SourceFile, Span};
use asynclint_semantic::{
    Binding, BindingKind, ExprKind, MODULE, MODULE_SCOPE, ScopeId, StmtId, StmtKind,
};

use super::lines;
use crate::{Context, Site};

/// The name of the top-level module `module` at the place `site`, and the edit that imports it
/// where nothing does.
pub(super) fn module(cx: &Context<'_>, site: Site, module: &str) -> Option<(String, Option<Edit>)> {
    let scope = cx.body(site.body).expr(site.expr).scope;
    if let Some(name) = name_in_use(cx, scope, cx.span(site).start, module) {
        return Some((name, None));
    }
    let outline = &cx.facts().outline;
    if let Some(name) = outline.names.get(module)
        && let Some(found) = outline.lookup(scope, name)
    {
        // A conditional import of the same module does no harm; anything else would be hidden.
        let bindings = outline.bindings(found, name);
        if found != MODULE_SCOPE || !bindings.iter().all(|it| imports(cx, it, module)) {
            return None;
        }
    }
    Some((module.to_owned(), Some(import(cx, &format!("import {module}"), module)?)))
}

/// The name under which code in `scope` reaches the module, if it surely does at byte `at`.
fn name_in_use(cx: &Context<'_>, scope: ScopeId, at: u32, module: &str) -> Option<String> {
    let outline = &cx.facts().outline;
    let mut scopes = vec![MODULE_SCOPE];
    scopes.extend(std::iter::successors(Some(scope), |&inner| outline.scope(inner).parent));
    for candidate in scopes {
        for binding in cx.imports_in(candidate) {
            let is_sure = imports(cx, binding, module)
                && outline.lookup(scope, binding.name) == Some(candidate)
                && outline
                    .bindings(candidate, binding.name)
                    .iter()
                    .all(|other| imports(cx, other, module) && is_unconditional(cx, other))
                && (candidate == MODULE_SCOPE || binding.at < at);
            if is_sure {
                return Some(outline.text(binding.name).to_owned());
            }
        }
    }
    None
}

fn imports(cx: &Context<'_>, binding: &Binding, module: &str) -> bool {
    let BindingKind::Import(import) = &binding.kind else { return false };
    let path = cx.facts().outline.text(import.module);
    let root = path.split('.').next();
    let is_it = if import.binds_root { root == Some(module) } else { path == module };
    import.level == 0 && import.member.is_none() && is_it
}

fn is_unconditional(cx: &Context<'_>, binding: &Binding) -> bool {
    let stmt = binding.stmt.map(|stmt| cx.body(binding.body).stmt(stmt));
    stmt.is_some_and(|stmt| stmt.parent.is_none())
}

/// The edit that puts the line `line` among the imports: before the first one of its kind that
/// sorts behind `module`.
fn import(cx: &Context<'_>, line: &str, module: &str) -> Option<Edit> {
    let source = cx.text()?;
    let group = first_group(cx, source);
    let Some((&first, &last)) = group.first().zip(group.last()) else {
        return below_header(cx, source, line);
    };
    let plain: Vec<(Span, &str)> = group
        .iter()
        .filter_map(|&span| Some((span, source.slice(span).strip_prefix("import ")?.trim_start())))
        .collect();
    let before = match plain.iter().find(|(_, name)| *name > module) {
        Some(&(span, _)) => Some(span),
        // Plain imports come before the others.
        None if plain.is_empty() => Some(first),
        None => None,
    };
    match (before, plain.last()) {
        (Some(span), _) => {
            let at = lines::line_before(source, span)?;
            Some(Edit { span: Span::empty(at), content: format!("{line}\n") })
        }
        (None, Some(&(span, _))) => lines::below(source, span, line),
        (None, None) => lines::below(source, last, line),
    }
}

/// The edit that puts a line of its own kind below the imports of the module.
pub(super) fn below_imports(cx: &Context<'_>, line: &str) -> Option<Edit> {
    let source = cx.text()?;
    let body = cx.body(MODULE);
    // Imports under a condition are imports, too.
    let holds_import =
        |stmt| body.stmts_in(stmt).any(|it| matches!(body.stmt(it).kind, StmtKind::Import));
    let last = top_level(cx).map(|(stmt, _)| stmt).filter(|&stmt| holds_import(stmt)).last();
    let Some(last) = last else { return below_header(cx, source, line) };
    lines::below(source, lines::statement(cx, source, MODULE, last), &format!("\n{line}"))
}

/// The statements of the module up to the first definition, and whether each is an import.
fn top_level<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = (StmtId, bool)> + use<'a> {
    let body = cx.body(MODULE);
    body.stmt_ids()
        .filter(|&stmt| body.stmt(stmt).parent.is_none() && body.stmt(stmt).scope == MODULE_SCOPE)
        .take_while(|&stmt| {
            !matches!(body.stmt(stmt).kind, StmtKind::Function(_) | StmtKind::Class(_))
        })
        .map(|stmt| (stmt, matches!(body.stmt(stmt).kind, StmtKind::Import)))
}

/// The first imports that stand without a blank line between them; those from `__future__` aside.
fn first_group(cx: &Context<'_>, source: &SourceFile) -> Vec<Span> {
    let mut group: Vec<Span> = Vec::new();
    for (stmt, is_import) in top_level(cx) {
        let span = lines::statement(cx, source, MODULE, stmt);
        if is_import && source.slice(span).starts_with("from __future__") {
            continue;
        }
        let is_near = group.last().is_none_or(|last| {
            let between = source.slice(Span::new(last.end, span.start));
            between.matches('\n').count() == 1
        });
        match (is_import, is_near) {
            (true, true) => group.push(span),
            (false, _) if group.is_empty() => {}
            _ => break,
        }
    }
    group
}

/// Below what has to stand first: the docstring and the imports from `__future__`.
fn below_header(cx: &Context<'_>, source: &SourceFile, line: &str) -> Option<Edit> {
    let body = cx.body(MODULE);
    let is_header = |stmt: StmtId| match body.stmt(stmt).kind {
        StmtKind::Expr(value) => matches!(body.kind(value), ExprKind::Str(_)),
        StmtKind::Import => source.slice(body.stmt_span(stmt)).starts_with("from __future__"),
        _ => false,
    };
    let header = top_level(cx).map(|(stmt, _)| stmt).take_while(|&stmt| is_header(stmt)).last();
    if let Some(stmt) = header {
        let span = lines::statement(cx, source, MODULE, stmt);
        return lines::below(source, span, &format!("\n{line}"));
    }
    let first = body.stmt_ids().next().map(|stmt| body.stmt_span(stmt))?;
    let at = lines::line_before(source, first)?;
    Some(Edit { span: Span::empty(at), content: format!("{line}\n\n\n") })
}
