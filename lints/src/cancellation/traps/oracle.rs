//! Conditions and raises under the assumption that a cancellation is being handled.

use asynclint_project::{Callee, FunctionRef, ModuleId};
use asynclint_semantic::exits::{Open, Oracle, exits};
use asynclint_semantic::{Body, BodyId, Comparison, ExprId, ExprKind, Handler, Name, WithItem};

use super::place::values;
use super::{catch_of, names, suppressed};
use crate::{Context, Site};

/// A cancellation is being handled in `body`, bound to `name`.
pub(super) struct Cancellation<'c, 'a> {
    pub(super) cx: &'c Context<'a>,
    pub(super) body: BodyId,
    pub(super) name: Option<Name>,
}

impl Cancellation<'_, '_> {
    fn kind(&self, id: ExprId) -> ExprKind {
        self.cx.body(self.body).kind(id)
    }

    /// Whether the expression is the exception itself.
    fn is_exception(&self, id: ExprId) -> bool {
        match self.kind(id) {
            ExprKind::Name(name) => Some(name) == self.name,
            // `sys.exc_info()[1]`
            ExprKind::Subscript { value, .. } => self.asks_for_exception(value),
            _ => self.asks_for_exception(id),
        }
    }

    /// Whether the expression is the exception, or holds it as `sys.exc_info()` does.
    pub(super) fn gives_exception(&self, id: ExprId) -> bool {
        matches!(self.kind(id), ExprKind::Name(name) if Some(name) == self.name)
            || self.asks_for_exception(id)
    }

    fn asks_for_exception(&self, id: ExprId) -> bool {
        let is_call = matches!(self.kind(id), ExprKind::Call { .. });
        let name = || self.cx.library_name(Site { body: self.body, expr: id });
        is_call && matches!(name().as_deref(), Some("sys.exc_info" | "sys.exception"))
    }

    /// `e is other`: a cancellation that has just arrived is nothing that was there before.
    fn is_other(&self, operands: &[ExprId]) -> bool {
        let names_other = |id: ExprId| {
            let kind = self.kind(id);
            !self.is_exception(id)
                && matches!(kind, ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::None)
        };
        match *operands {
            [left, right] => {
                (self.is_exception(left) && names_other(right))
                    || (self.is_exception(right) && names_other(left))
            }
            _ => false,
        }
    }

    /// `isinstance(e, classes)` for a cancellation `e`.
    fn is_instance(&self, classes: ExprId) -> Option<bool> {
        if let ExprKind::Tuple(list) = self.kind(classes) {
            let all = self.cx.body(self.body).list(list);
            let answers: Vec<_> = all.iter().map(|&class| self.is_instance(class)).collect();
            return match () {
                () if answers.contains(&Some(true)) => Some(true),
                () if answers.contains(&None) => None,
                () => Some(false),
            };
        }
        let site = Site { body: self.body, expr: classes };
        if names(self.cx, site).is_some() {
            return Some(true);
        }
        // Cancellation has no other bases. A class that is not known could be an alias of it only
        // under a telling name.
        let name = self.cx.last_name(self.body, classes)?;
        let is_alias = name.to_ascii_lowercase().contains("cancel") || name == "BaseException";
        (!is_alias).then_some(false)
    }
}

/// The truth of `not`, `and` and `or` by the truth of their sides.
pub(super) fn connected(
    body: &Body,
    test: ExprId,
    truth: &dyn Fn(ExprId) -> Option<bool>,
) -> Option<bool> {
    match body.kind(test) {
        ExprKind::Not(inner) => truth(inner).map(|truth| !truth),
        ExprKind::Boolean(truth) => Some(truth),
        ExprKind::Bool { is_and, left, right } => {
            let sides = [truth(left), truth(right)];
            let decides = Some(!is_and);
            if sides.contains(&decides) {
                decides
            } else if sides.contains(&None) {
                None
            } else {
                Some(is_and)
            }
        }
        _ => None,
    }
}

impl Oracle for Cancellation<'_, '_> {
    fn truth(&self, test: ExprId) -> Option<bool> {
        match self.kind(test) {
            ExprKind::Compare { operator, operands } => {
                let is_other = self.is_other(self.cx.body(self.body).list(operands));
                match operator {
                    Comparison::Is => is_other.then_some(false),
                    Comparison::IsNot => is_other.then_some(true),
                    _ => None,
                }
            }
            ExprKind::Call { callee, .. } => {
                let is_isinstance = self.cx.last_name(self.body, callee) == Some("isinstance");
                match self.cx.body(self.body).arguments(test) {
                    [object, classes] if is_isinstance && self.is_exception(object.value) => {
                        self.is_instance(classes.value)
                    }
                    _ => None,
                }
            }
            _ => connected(self.cx.body(self.body), test, &|side| self.truth(side)),
        }
    }

    fn never_returns(&self, value: ExprId) -> bool {
        let call = match self.kind(value) {
            ExprKind::Await(inner) => inner,
            _ => value,
        };
        if !matches!(self.kind(call), ExprKind::Call { .. }) {
            return false;
        }
        match self.cx.callee(Site { body: self.body, expr: call }) {
            Callee::External(name) => {
                self.cx.catalog().call(&name).is_some_and(|call| call.raises_always)
            }
            Callee::Known(function) => always_raises(self.cx, function),
            _ => false,
        }
    }

    fn is_handled(&self, exception: ExprId) -> bool {
        let class = self.cx.body(self.body).callee(exception).unwrap_or(exception);
        if self.is_exception(exception) || self.is_exception(class) {
            return true;
        }
        // `e.with_traceback(...)` is the exception as well.
        if let ExprKind::Attribute { value, .. } = self.kind(class)
            && self.is_exception(value)
        {
            return true;
        }
        // `raise leave`, where `leave = SystemExit()`.
        let made: Vec<_> = values(self.cx, self.body, exception)
            .into_iter()
            .map(|(body, value)| (Self { cx: self.cx, body, name: None }, value))
            .filter(|(bound, value)| bound.kind(*value) != ExprKind::None)
            .collect();
        let is_leaving = |(bound, value): &(Self, ExprId)| {
            matches!(bound.kind(*value), ExprKind::Call { .. }) && bound.is_handled(*value)
        };
        if !made.is_empty() && made.iter().all(is_leaving) {
            return true;
        }
        // Leaving the process, and the answer of a request that is over, end what was cancelled.
        let name = self.cx.last_name(self.body, class).unwrap_or_default();
        // A class of the project's own that says so carries the cancellation on.
        name.contains("HTTP")
            || name.contains("Cancel")
            || matches!(name, "SystemExit" | "KeyboardInterrupt" | "GeneratorExit" | "Exit")
            || names(self.cx, Site { body: self.body, expr: class }).is_some()
    }

    fn takes(&self, handler: &Handler) -> bool {
        catch_of(self.cx, self.body, handler).is_some()
    }

    fn suppresses(&self, item: &WithItem) -> bool {
        suppressed(self.cx, Site { body: self.body, expr: item.manager }).is_some()
    }
}

/// Whether every path of the function raises.
pub(crate) fn always_raises(cx: &Context<'_>, function: FunctionRef) -> bool {
    let project = cx.resolver().project();
    let own = project.function(function);
    if own.is_generator || own.is_broken || cx.resolver().is_overridable_stub(function) {
        return false;
    }
    let module: ModuleId = function.module;
    let body = project.facts(module).body(own.body);
    !exits(body, own.block, &Leaving { cx, module, body: own.body }).without_exception()
}

/// Knows of the calls of libraries that never return, as `os._exit(1)`.
struct Leaving<'c, 'a> {
    cx: &'c Context<'a>,
    module: ModuleId,
    body: BodyId,
}

impl Oracle for Leaving<'_, '_> {
    fn truth(&self, test: ExprId) -> Option<bool> {
        Open.truth(test)
    }

    fn never_returns(&self, value: ExprId) -> bool {
        match self.cx.resolver().callee(self.module, self.body, value) {
            Callee::External(name) => {
                self.cx.catalog().call(&name).is_some_and(|call| call.raises_always)
            }
            _ => false,
        }
    }

    fn is_handled(&self, exception: ExprId) -> bool {
        Open.is_handled(exception)
    }

    fn takes(&self, handler: &Handler) -> bool {
        Open.takes(handler)
    }

    fn suppresses(&self, item: &WithItem) -> bool {
        Open.suppresses(item)
    }
}
