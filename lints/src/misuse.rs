//! What no coroutine is good for; shared by the lints about coroutines that are used before they
//! are awaited.

use asynclint_parser::Span;
use asynclint_project::{Callee, ModuleId, is_of_coroutines};
use asynclint_semantic::{ExprKind, StmtKind, Usage};

use crate::{Context, Site};

/// Words in the names of functions that take coroutines to run them, and of variables that hold
/// coroutines on purpose.
const KEEPERS: &[&str] = &[
    "add",
    "append",
    "await",
    "awaitable",
    "background",
    "coro",
    "coroutine",
    "defer",
    "enqueue",
    "ensure",
    "executor",
    "extend",
    "fut",
    "future",
    "gather",
    "insert",
    "job",
    "later",
    "loop",
    "pending",
    "push",
    "put",
    "run",
    "schedule",
    "spawn",
    "start",
    "submit",
    "task",
    "timeout",
    "wait",
    "work",
    "wrap",
];

/// A use of a value that shows that the result of a coroutine was meant.
pub(crate) struct Misuse {
    /// Why a coroutine is of no use there.
    pub(crate) why: String,
    /// What shows that something else is meant: where, and what it says.
    pub(crate) evidence: Option<(ModuleId, Span, String)>,
}

impl From<&str> for Misuse {
    fn from(why: &str) -> Self {
        Self { why: why.to_owned(), evidence: None }
    }
}

/// What is done with the value of the expression that no coroutine is good for.
pub(crate) fn misuse(cx: &Context<'_>, site: Site) -> Option<Misuse> {
    let body = cx.body(site.body);
    Some(match cx.usage(site) {
        Usage::Tested => return tested(cx, site),
        Usage::Compared => "a coroutine equals nothing but itself".into(),
        Usage::Operand => "a coroutine is no operand".into(),
        Usage::Formatted => "this shows the coroutine object, not its result".into(),
        Usage::Subscripted => "a coroutine has no items".into(),
        // Coroutines of old are run by `yield from`.
        Usage::Iterated if is_delegated(cx, site) => return None,
        Usage::Iterated => "a coroutine cannot be iterated".into(),
        Usage::Object => {
            let attribute = body.expr(site.expr).parent?;
            let ExprKind::Attribute { name, .. } = body.kind(attribute) else { return None };
            let name = cx.facts().outline.text(name);
            if is_of_coroutines(name) {
                return None;
            }
            "a coroutine has no such attribute".into()
        }
        Usage::Stored if is_unpacked(cx, site) => "a coroutine cannot be unpacked".into(),
        Usage::Passed => return passed(cx, site),
        _ => return None,
    })
}

/// A condition, or the left side of `or`, whose value goes on to whoever takes the right side.
fn tested(cx: &Context<'_>, site: Site) -> Option<Misuse> {
    let body = cx.body(site.body);
    let outer = body.expr(site.expr).parent.map(|expr| Site { expr, ..site });
    match outer.map(|outer| (outer, body.kind(outer.expr))) {
        Some((outer, ExprKind::Bool { is_and: false, left, .. })) if left == site.expr => {
            misuse(cx, outer)
        }
        _ => Some("a coroutine is always true".into()),
    }
}

fn is_delegated(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let outer = body.expr(site.expr).parent.map(|outer| body.kind(outer));
    matches!(outer, Some(ExprKind::YieldFrom(_)))
}

/// Whether the value is bound to several targets in one pattern.
fn is_unpacked(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    match body.stmt(body.expr(site.expr).stmt).kind {
        StmtKind::Assign { targets, value } if value == site.expr => {
            body.list(targets).iter().any(|&id| matches!(body.kind(id), ExprKind::Tuple(_)))
        }
        _ => false,
    }
}

/// An argument for something that looks at its value.
fn passed(cx: &Context<'_>, site: Site) -> Option<Misuse> {
    let body = cx.body(site.body);
    let call = body.expr(site.expr).parent?;
    let taker = Site { expr: call, ..site };
    match cx.callee(taker) {
        Callee::External(name) if cx.catalog().uses_values(&name) => {
            let name = name.strip_prefix("builtins.").unwrap_or(&name).to_owned();
            Some(format!("`{name}` gets the coroutine object, not its result").as_str().into())
        }
        Callee::External(_) | Callee::Unknown(_) => None,
        _ => {
            let wants = cx.resolver().wants_value(cx.module(), site.body, call, site.expr)?;
            let why = format!("`{}` gets the coroutine object, not its result", cx.written(taker));
            let note = if wants.is_annotation {
                "the parameter wants no awaitable"
            } else {
                "the parameter is used as a value here"
            };
            Some(Misuse { why, evidence: Some((wants.module, wants.span, note.to_owned())) })
        }
    }
}

/// Whether what has this name keeps or runs coroutines.
pub(crate) fn keeps(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split('_').any(|word| {
        KEEPERS.contains(&word) || word.strip_suffix('s').is_some_and(|one| KEEPERS.contains(&one))
    })
}
