//! What no awaitable is good for; shared by the lints about awaitables that are used before they are
//! awaited.

use asynclint_parser::Span;
use asynclint_project::{Barred, Callee, Gives, ModuleId, is_of_coroutines};
use asynclint_semantic::{ExprKind, StmtKind, Usage};

use passed::is_sent;
use returned::route;

use crate::coroutines::records::value_beside;
use crate::{Context, Site};

mod kept;
mod passed;
mod returned;

pub(crate) use passed::{keeps_by_name, refuses_awaitables};

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

/// A use of a value that shows that the result of an awaitable was meant.
pub(crate) struct Misuse {
    /// Why the awaitable is of no use there.
    pub(crate) why: String,
    /// What shows that something else is meant: where, and what it says.
    pub(crate) evidence: Option<(ModuleId, Span, String)>,
}

impl From<String> for Misuse {
    fn from(why: String) -> Self {
        Self { why, evidence: None }
    }
}

/// A call that gives an awaitable.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    call: Site,
    pub(crate) kind: Kind,
}

/// What sort of awaitable it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Coroutine,
    /// An object that runs when awaited and may have attributes of its own.
    Lazy,
    /// A task or future, which runs already and may be kept for later.
    Future,
}

impl Kind {
    /// The word for it, and the word with its article.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Coroutine => ("coroutine", "a coroutine"),
            Self::Lazy => ("awaitable", "an awaitable"),
            Self::Future => ("future", "a future"),
        }
    }
}

impl Made {
    /// The call of `callee`, if it is known to give an awaitable.
    pub(crate) fn by(cx: &Context<'_>, call: Site, callee: &Callee) -> Option<Self> {
        let kind = match cx.gives_in_the_end(callee) {
            Gives::Coroutine => Kind::Coroutine,
            Gives::LazyAwaitable => Kind::Lazy,
            Gives::Started => Kind::Future,
            _ => return None,
        };
        if let Callee::External(name) = callee
            && cx.catalog().runs_outside_coroutines(name)
            && !cx.in_coroutine(call)
        {
            return None;
        }
        Some(Self { call, kind })
    }

    /// What reading a property that is a coroutine function gives.
    pub(crate) const fn by_property(read: Site) -> Self {
        Self { call: read, kind: Kind::Coroutine }
    }

    /// What an annotation must leave no room for.
    pub(crate) fn barred(self, cx: &Context<'_>) -> Barred {
        match self.kind {
            Kind::Coroutine => Barred::CoroutineOf(cx.module(), self.call.body, self.call.expr),
            Kind::Lazy | Kind::Future => Barred::Awaitable,
        }
    }

    /// What is done with the awaitable at `site`, the call or a place that reads the name it is
    /// bound to, that no such awaitable is good for.
    pub(crate) fn misuse(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        let (_, one) = self.kind.words();
        let usage = cx.usage(site);
        let is_doubtful = match self.kind {
            Kind::Coroutine => false,
            // It may be shown to see what it is.
            Kind::Lazy => usage == Usage::Formatted,
            Kind::Future => matches!(usage, Usage::Formatted | Usage::Compared),
        };
        if is_doubtful {
            return None;
        }
        let why = match usage {
            Usage::Tested => return self.tested(cx, site),
            // A name may hold something else as well.
            Usage::Identified if self.kind == Kind::Coroutine && site == self.call => {
                let other = compared_constant(cx, site)?;
                format!("a coroutine is never `{other}`")
            }
            Usage::Compared => format!("{one} equals nothing but itself"),
            Usage::Operand => format!("{one} is no operand"),
            Usage::Formatted => self.instead_of_result("this shows"),
            Usage::Subscripted => format!("{one} has no items"),
            Usage::Index if self.kind == Kind::Coroutine && is_looked_up(cx, site) => {
                format!("{one} is the key of nothing")
            }
            Usage::Unpacked if self.kind == Kind::Coroutine => format!("{one} cannot be unpacked"),
            Usage::Called if self.kind == Kind::Coroutine => format!("{one} cannot be called"),
            Usage::Raised if self.kind == Kind::Coroutine => format!("{one} cannot be raised"),
            // Coroutines of old are run by `yield from`.
            Usage::Iterated if !is_delegated(cx, site) && !is_generator_here(cx) => {
                format!("{one} cannot be iterated")
            }
            Usage::Object if self.lacks_attribute(cx, site) => {
                format!("{one} has no such attribute")
            }
            Usage::Stored if is_unpacked(cx, site) => format!("{one} cannot be unpacked"),
            Usage::Stored => return self.stored(cx, site),
            Usage::Passed => return self.passed(cx, site),
            Usage::Bound => return self.bound(cx, site),
            Usage::Returned => return self.returned(cx, site),
            Usage::Collected => return self.collected(cx, site),
            _ => return None,
        };
        Some(why.into())
    }

    /// Why it is of no use where `who` wants the result, such as "this returns".
    fn instead_of_result(self, who: &str) -> String {
        format!("{who} the {} object, not its result", self.kind.words().0)
    }

    /// A condition, or the left side of `or`, whose value goes on to whoever takes the right side.
    fn tested(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        let body = cx.body(site.body);
        let outer = body.expr(site.expr).parent.map(|expr| Site { expr, ..site });
        match outer.map(|outer| (outer, body.kind(outer.expr))) {
            Some((outer, ExprKind::Bool { is_and: false, left, .. })) if left == site.expr => {
                self.misuse(cx, outer)
            }
            _ => Some(format!("{} is always true", self.kind.words().1).into()),
        }
    }

    /// Whether an attribute is read that the awaitable has not.
    fn lacks_attribute(self, cx: &Context<'_>, site: Site) -> bool {
        let body = cx.body(site.body);
        let Some(attribute) = body.expr(site.expr).parent else { return false };
        let ExprKind::Attribute { name, .. } = body.kind(attribute) else { return false };
        let name = cx.facts().outline.text(name);
        // `await channel.send(...)`: what a coroutine's own `send` gives is nothing to await.
        let call = body.expr(attribute).parent.filter(|&id| body.callee(id) == Some(attribute));
        let is_awaited = call.is_some_and(|expr| cx.usage(Site { expr, ..site }) == Usage::Awaited);
        if self.kind == Kind::Coroutine {
            return is_awaited || !is_of_coroutines(name);
        }
        let Site { body, expr } = self.call;
        cx.usage(Site { expr: attribute, ..site }) != Usage::Target
            && cx.resolver().is_of_result(cx.module(), body, expr, name)
    }

    /// An element of what is made into text or bytes as a whole: `json.dumps({"user": load()})`.
    fn collected(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        if let Some(misuse) = self.returned_in_tuple(cx, site) {
            return Some(misuse);
        }
        if self.kind == Kind::Coroutine
            && site == self.call
            && let Some(beside) = value_beside(cx, site)
        {
            let note = "what stands beside it is no awaitable".to_owned();
            let why = self.instead_of_result("this keeps");
            return Some(Misuse { why, evidence: Some((cx.module(), cx.span(beside), note)) });
        }
        let body = cx.body(site.body);
        let is_display =
            |kind| matches!(kind, ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Tuple(_));
        let mut whole = site;
        while cx.usage(whole) == Usage::Collected {
            let outer = body.expr(whole.expr).parent.filter(|&id| is_display(body.kind(id)))?;
            whole = Site { expr: outer, ..site };
        }
        match cx.usage(whole) {
            Usage::Passed => {
                let taker = Site { expr: body.expr(whole.expr).parent?, ..site };
                if is_sent(cx, taker, whole.expr) {
                    return Some(self.instead_of_result("the request gets").into());
                }
                let Callee::External(name) = cx.callee(taker) else { return None };
                // Lists of coroutines may be counted, copied and walked.
                let is_text = cx.catalog().uses_values(&name) && !name.starts_with("builtins.");
                is_text.then(|| self.instead_of_result(&format!("`{name}` gets")).into())
            }
            Usage::Returned => {
                let function = cx.function_of(site).filter(|&id| cx.function(id).is_async)?;
                let (span, note) = route(cx, function)?;
                let why = self.instead_of_result("this is");
                Some(Misuse { why, evidence: Some((cx.module(), span, note.to_owned())) })
            }
            _ => None,
        }
    }
}

/// Whether the index of a subscript is there to read what stands under it.
fn is_looked_up(cx: &Context<'_>, index: Site) -> bool {
    let subscript = cx.body(index.body).expr(index.expr).parent;
    subscript.is_some_and(|expr| {
        matches!(cx.body(index.body).kind(expr), ExprKind::Subscript { .. })
            && !matches!(cx.usage(Site { expr, ..index }), Usage::Target | Usage::Annotation)
    })
}

/// Whether coroutines are generators, as those of `MicroPython` are.
fn is_generator_here(cx: &Context<'_>) -> bool {
    cx.resolver().project().is_for_micropython(cx.module())
}

fn is_delegated(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let outer = body.expr(site.expr).parent.map(|outer| body.kind(outer));
    matches!(outer, Some(ExprKind::YieldFrom(_)))
}

/// The constant that the value is compared with by identity: `found is None`.
pub(crate) fn compared_constant(cx: &Context<'_>, site: Site) -> Option<&'static str> {
    let body = cx.body(site.body);
    let ExprKind::Compare { operands, .. } = body.kind(body.expr(site.expr).parent?) else {
        return None;
    };
    body.list(operands).iter().find_map(|&id| match body.kind(id) {
        ExprKind::None => Some("None"),
        ExprKind::Boolean(true) => Some("True"),
        ExprKind::Boolean(false) => Some("False"),
        _ => None,
    })
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

/// Whether what has this name keeps or runs coroutines.
pub(crate) fn keeps(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split('_').any(|word| {
        KEEPERS.contains(&word) || word.strip_suffix('s').is_some_and(|one| KEEPERS.contains(&one))
    })
}
