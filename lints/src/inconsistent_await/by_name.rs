//! Calls of methods that the project defines as coroutine functions only, on objects of which
//! nothing is known.

use asynclint_project::{Callee, Habit, Reason};
use asynclint_semantic::{ExprKind, Usage};

use crate::bound::Bound;
use crate::misuse::keeps;
use crate::{Context, Site};

/// A name of one word is shared with too many classes of libraries.
const MIN_LENGTH: usize = 8;

/// A call of such a method, with what the project does elsewhere.
pub(super) fn habit(cx: &Context<'_>, site: Site) -> Option<Habit> {
    let body = cx.body(site.body);
    let ExprKind::Attribute { name, .. } = body.kind(body.callee(site.expr)?) else { return None };
    let name = cx.facts().outline.text(name);
    // What wraps the method of another object has its name.
    let function = cx.function_of(site)?;
    if cx.resolver().project().function_name(cx.reference(function)) == name {
        return None;
    }
    let is_own = name.trim_matches('_').contains('_') && name.len() >= MIN_LENGTH;
    let is_likely = is_own && may_be_own(&cx.callee(site));
    if !is_likely && !is_left_to_others(cx, site) {
        return None;
    }
    let method = cx.resolver().project().method_habit(cx.module(), name)?;
    let habit = Habit { calls: method.calls, example: method.example };
    super::is_nearly_all(habit.calls).then_some(habit)
}

/// Whether the object is of a class of the project that leaves the method to classes below it, as a
/// mixin does.
fn is_left_to_others(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let receiver = body.callee(site.expr).and_then(|callee| match body.kind(callee) {
        ExprKind::Attribute { value, .. } => Some(value),
        _ => None,
    });
    matches!(cx.callee(site), Callee::Unknown(Reason::UnknownAttribute))
        && receiver.is_some_and(|id| cx.resolver().is_of_open_class(cx.module(), site.body, id))
}

/// Whether the object may be one of the project's: nothing says that it is a library's.
fn may_be_own(callee: &Callee) -> bool {
    matches!(
        callee,
        Callee::Unknown(
            Reason::UnannotatedParameter
                | Reason::Element
                | Reason::Expression
                | Reason::TypeVariable(_)
                | Reason::UnknownReturn
        )
    )
}

/// Whether the local that the value is bound to is used as a value, and in no other way.
pub(super) fn is_bound_as_value(cx: &Context<'_>, site: Site) -> bool {
    let Some(bound) = Bound::by(cx, site) else { return false };
    let is_value = |&read: &Site| match cx.usage(read) {
        Usage::Object => {
            let body = cx.body(read.body);
            let attribute = body.expr(read.expr).parent;
            let called = attribute.and_then(|id| body.expr(id).parent);
            !called.is_some_and(|id| matches!(body.kind(id), ExprKind::Call { .. }))
        }
        usage => usage.is_of_value(),
    };
    let is_kept = |read: Site| {
        let body = cx.body(read.body);
        let taker = body.expr(read.expr).parent.and_then(|call| body.called_name(call));
        taker.is_some_and(|name| keeps(cx.facts().outline.text(name)))
    };
    let may_be_awaited = |&read: &Site| match cx.usage(read) {
        Usage::Passed => is_kept(read),
        usage => matches!(
            usage,
            Usage::Awaited
                | Usage::AsyncEntered
                | Usage::AsyncIterated
                | Usage::Collected
                | Usage::Entered
                | Usage::Returned
                | Usage::Stored
                | Usage::Yielded
        ),
    };
    bound.reads.iter().any(is_value) && !bound.reads.iter().any(may_be_awaited)
}
