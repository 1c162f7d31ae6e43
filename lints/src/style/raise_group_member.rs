//! `raise-group-member`

use asynclint_diagnostics::Level;
use asynclint_semantic::{ExprId, ExprKind, Handler, StmtKind};

use crate::style::exception_groups;
use crate::{Context, Fixes, Group, Lint, Site};

/// A member of a group is raised again, which writes over what it says of its own origin.
pub(crate) static RAISE_GROUP_MEMBER: Lint = Lint {
    name: "raise-group-member",
    summary: "raising a member of an exception group writes over its own context",
    group: Group::Style,
    page: include_str!("raise_group_member.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &["ASYNC123"],
    coroutine_only: false,
    check,
};

/// What a handler writes or reads that sees to these itself.
const ORIGIN: &[&str] = &["__cause__", "__context__", "__suppress_context__"];

/// What is raised to leave, and not to tell of an error.
const CONTROL_FLOW: &[&str] =
    &["CancelledError", "Cancelled", "GeneratorExit", "KeyboardInterrupt", "SystemExit"];

fn check(cx: &mut Context<'_>) {
    for (site, cause) in raised(cx) {
        if cx.is_in_test(site)
            || !exception_groups::is_member(cx, site)
            || sees_to_origin(cx, site)
            || is_control_flow(cx, site)
        {
            continue;
        }
        let body = cx.body(site.body);
        let label = match cause.map(|cause| body.kind(cause)) {
            None => "the group is written over its own `__context__`",
            Some(ExprKind::None) => "its own `__cause__` is dropped",
            Some(_) => "the cause is written over its own `__cause__`",
        };
        let span = body.stmt_span(body.expr(site.expr).stmt);
        cx.report(span, "a member of an exception group is raised by itself").label(label).help(
            "keep what it has: `raise error from error.__cause__ or error.__context__`, or \
                 raise an error of your own from the group",
        );
    }
}

/// The handler around a place.
fn handler<'c>(cx: &Context<'c>, site: Site) -> Option<&'c Handler> {
    let body = cx.body(site.body);
    let own = body.expr(site.expr).stmt;
    body.enclosing(own).find_map(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => {
            block.handlers.iter().find(|handler| body.block_holds(handler.body, own))
        }
        _ => None,
    })
}

/// Whether the handler takes nothing but what ends a generator, a task or the program: nobody asks
/// where that comes from.
fn is_control_flow(cx: &Context<'_>, site: Site) -> bool {
    handler(cx, site).is_some_and(|handler| {
        let types = cx.body(site.body).list(handler.types);
        !types.is_empty()
            && types.iter().all(|&class| {
                let name = cx.last_name(site.body, class);
                name.is_some_and(|name| CONTROL_FLOW.contains(&name))
            })
    })
}

/// Whether the handler does something about where the member comes from.
fn sees_to_origin(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    handler(cx, site).is_some_and(|handler| {
        body.exprs_in_block(handler.body).any(|id| match body.kind(id) {
            ExprKind::Attribute { name, .. } => ORIGIN.contains(&cx.facts().outline.text(name)),
            _ => false,
        })
    })
}

/// What the module raises, and what `from` names.
fn raised(cx: &Context<'_>) -> Vec<(Site, Option<ExprId>)> {
    let facts = cx.facts();
    let of_body = |id| {
        let body = facts.body(id);
        body.stmt_ids().filter_map(move |stmt| match body.stmt(stmt).kind {
            StmtKind::Raise { exception: Some(expr), cause } => {
                Some((Site { body: id, expr }, cause))
            }
            _ => None,
        })
    };
    let raised = facts.body_ids().flat_map(of_body);
    raised.filter(|&(site, _)| cx.is_readable(site)).collect()
}
