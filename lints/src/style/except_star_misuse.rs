//! `except-star-misuse`

use asynclint_diagnostics::Level;
use asynclint_semantic::{ExprKind, StmtKind};

use crate::style::exception_groups;
use crate::{Context, Fixes, Group, Lint, Site};

/// `except*` binds a group, and the handler takes it for one of its errors.
pub(crate) static EXCEPT_STAR_MISUSE: Lint = Lint {
    name: "except-star-misuse",
    summary: "what `except*` binds is a group, and is used as one of its errors",
    group: Group::Style,
    page: include_str!("except_star_misuse.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &["ASYNC400"],
    coroutine_only: false,
    check,
};

/// What a group has of its own and as an exception.
const HAS: &[&str] =
    &["add_note", "args", "derive", "exceptions", "message", "split", "subgroup", "with_traceback"];

fn check(cx: &mut Context<'_>) {
    let attributes = cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. }));
    for site in attributes.collect::<Vec<_>>() {
        check_attribute(cx, site);
    }
    for site in cx.calls().collect::<Vec<_>>() {
        check_instance_test(cx, site);
    }
    for site in caught(cx) {
        let stmt = cx.body(site.body).expr(site.expr).stmt;
        if exception_groups::is_group_class(cx, site) && !cx.in_error_test(site.body, stmt) {
            let message = "`except*` cannot catch a class of groups";
            cx.report(cx.span(site), message)
                .label("raises `TypeError` as soon as an error arrives here")
                .help("name the errors in the group, or catch the group itself by `except`");
        }
    }
}

fn check_attribute(cx: &mut Context<'_>, site: Site) {
    let body = cx.body(site.body);
    let ExprKind::Attribute { value, name } = body.kind(site.expr) else { return };
    let text = cx.facts().outline.text(name);
    if HAS.contains(&text) || text.starts_with("__") {
        return;
    }
    let Some(group) = star_group(cx, Site { expr: value, ..site }) else { return };
    cx.report(cx.span(site), format!("the group `{group}` has no `{text}`"))
        .label(format!("`except*` binds `{group}` to a group, whatever it names"))
        .help(format!("ask its members: `for error in {group}.exceptions:`"));
}

/// `isinstance(group, ValueError)`, which is never true.
fn check_instance_test(cx: &mut Context<'_>, site: Site) {
    if cx.library_name(site).as_deref() != Some("builtins.isinstance") {
        return;
    }
    let body = cx.body(site.body);
    let [object, class] = body.arguments(site.expr) else { return };
    let classes = body.tuple_parts(&class.value);
    let is_other = |&id: &_| {
        let resolver = cx.resolver();
        let names = |base| resolver.names_subclass(cx.module(), site.body, id, base);
        // A group is both of these, and every group class is below them.
        let is_above = matches!(
            cx.resolver().library_name(cx.module(), site.body, id).as_deref(),
            Some("builtins.BaseException" | "builtins.Exception" | "builtins.object")
        );
        !is_above && names(exception_groups::BASE) == Some(false)
    };
    if classes.is_empty() || !classes.iter().all(is_other) {
        return;
    }
    let object = Site { expr: object.value, ..site };
    let Some(group) = star_group(cx, object) else { return };
    cx.report(cx.span(site), format!("the group `{group}` is never one of its errors"))
        .label("this is always false")
        .help(format!("ask its members: `for error in {group}.exceptions:`"));
}

/// The name of what `except*` has bound, if `site` reads that.
fn star_group(cx: &Context<'_>, site: Site) -> Option<String> {
    let handler = exception_groups::handler_of(cx, site)?;
    let name = handler.name.filter(|_| handler.is_star)?;
    Some(cx.facts().outline.text(name).to_owned())
}

/// The classes that `except*` names.
fn caught(cx: &Context<'_>) -> Vec<Site> {
    let facts = cx.facts();
    let mut found = Vec::new();
    for id in facts.body_ids() {
        let body = facts.body(id);
        for stmt in body.stmt_ids() {
            let StmtKind::Try(block) = &body.stmt(stmt).kind else { continue };
            let stars = block.handlers.iter().filter(|handler| handler.is_star);
            let types = stars.flat_map(|handler| body.list(handler.types));
            found.extend(types.map(|&expr| Site { body: id, expr }));
        }
    }
    found.retain(|&site| cx.is_readable(site));
    found
}
