//! Coroutines that are kept where their results were meant.

use asynclint_semantic::{ExprKind, Usage};

use super::passed::taker_of;
use super::{Kind, Made, Misuse, keeps};
use crate::{Context, Site};

impl Made {
    /// What is kept in an attribute that is declared as something else, and that nothing in the file
    /// awaits: `self.socket = session.ws_connect(url)` where it says `socket: Socket`.
    pub(super) fn stored(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        if self.kind == Kind::Future {
            return None;
        }
        if self.is_among_values(cx, site) {
            return Some(self.instead_of_result("this keeps").into());
        }
        let Some((name, wants)) =
            cx.resolver().attribute_wants_value(cx.module(), site.body, site.expr, self.barred(cx))
        else {
            return self.asked_elsewhere(cx, site);
        };
        let mut attributes = cx.sites(|kind| matches!(kind, ExprKind::Attribute { .. }));
        let is_awaited = attributes.any(|read| {
            cx.body(read.body).last_name(read.expr) == Some(name)
                && (cx.usage(read) == Usage::Awaited || is_handed_to_runner(cx, read))
        });
        (!is_awaited).then(|| Misuse {
            why: self.instead_of_result("this keeps"),
            evidence: Some((
                wants.module,
                wants.span,
                "the attribute is declared as no awaitable".to_owned(),
            )),
        })
    }

    /// Whether a coroutine is put into a container of what nobody awaits, as its annotation says.
    pub(super) fn is_among_values(self, cx: &Context<'_>, site: Site) -> bool {
        self.kind == Kind::Coroutine
            && cx.resolver().is_put_among_values(cx.module(), site.body, site.expr)
    }

    /// What is kept in an attribute that the class asks for what no coroutine has.
    pub(super) fn asked_elsewhere(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        if self.kind != Kind::Coroutine {
            return None;
        }
        let span = cx.resolver().kept_as_value(cx.module(), site.body, site.expr, keeps)?;
        let note = "the attribute is used as the result here".to_owned();
        Some(Misuse {
            why: self.instead_of_result("this keeps"),
            evidence: Some((cx.module(), span, note)),
        })
    }

    /// What is kept in a global that the module asks for what no coroutine has.
    pub(super) fn bound(self, cx: &Context<'_>, site: Site) -> Option<Misuse> {
        if self.kind != Kind::Coroutine || site != self.call {
            return None;
        }
        let resolver = cx.resolver();
        let span = resolver.global_kept_as_value(cx.module(), site.body, site.expr, keeps)?;
        let note = "the global is used as the result here".to_owned();
        Some(Misuse {
            why: self.instead_of_result("this keeps"),
            evidence: Some((cx.module(), span, note)),
        })
    }
}

/// Whether what runs or keeps coroutines is given the value: `asyncio.run(self.serving)`.
fn is_handed_to_runner(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let taker = taker_of(body, read.expr).filter(|_| cx.usage(read) == Usage::Passed);
    taker.and_then(|(call, _)| cx.last_name(read.body, body.callee(call)?)).is_some_and(keeps)
}
