//! Calls that a function makes only if it is given an argument that it need not be given.

use asynclint_semantic::{Comparison, ExprId, ExprKind, StmtKind};

use super::Chain;
use crate::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, Type};

/// A parameter that decides whether a function makes a call, and what it must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switch {
    /// Its index among the parameters of the function.
    index: usize,
    /// The values with which the call is not made.
    off: Off,
}

/// Values of a parameter that turn a call off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    /// `None` and `False`: the call stands under `if parameter:`.
    False,
    /// `True`: it stands under `if not parameter:`.
    True,
    /// `None`: it stands under `if parameter is not None:`.
    None,
}

impl Off {
    fn takes(self, literal: ExprKind) -> bool {
        match literal {
            ExprKind::None => matches!(self, Self::False | Self::None),
            ExprKind::Boolean(value) => match self {
                Self::False => !value,
                Self::True => value,
                Self::None => false,
            },
            _ => false,
        }
    }
}

impl Resolver<'_> {
    /// Whether `call`, which calls `function`, gives all that the first step of a way from there
    /// hangs on.
    pub fn goes_way(
        &self,
        call: (crate::ModuleId, asynclint_semantic::BodyId, ExprId),
        function: FunctionRef,
        chain: &Chain,
    ) -> bool {
        let (module, body, id) = call;
        self.turns_on(ExprRef { module, body, id }, function, &chain.switches)
    }

    /// Whether `call`, which calls `function`, gives each of the parameters a value that may be
    /// true.
    pub(super) fn turns_on(
        &self,
        call: ExprRef,
        function: FunctionRef,
        switches: &[Switch],
    ) -> bool {
        switches.iter().all(|&switch| self.leaves_on(call, function, switch))
    }

    fn leaves_on(&self, call: ExprRef, function: FunctionRef, switch: Switch) -> bool {
        let code = self.project.facts(call.module).body(call.body);
        let callee = code.callee(call.id).map(|id| self.value(ExprRef { id, ..call }));
        let bound = match callee {
            Some(Type::Function(_)) => 0,
            Some(Type::Method(_) | Type::Class(_)) => 1,
            // It is not known how the arguments fall.
            _ => return true,
        };
        match self.passed(call, function, switch.index, bound) {
            Passed::Value(value) => !switch.off.takes(code.kind(value)),
            Passed::Nothing => {
                let own = self.project.function(function);
                let home = self.project.facts(function.module).body(own.home);
                let default = own.parameters[switch.index].default;
                !default.is_some_and(|id| switch.off.takes(home.kind(id)))
            }
            Passed::Unknown => true,
        }
    }

    /// The parameters that a call in the code of `function` hangs on: it stands under
    /// `if parameter:` or the like, and nothing else binds the parameter.
    pub(super) fn switches(&self, function: FunctionRef, call: ExprId) -> Vec<Switch> {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        let stmt = body.expr(call).stmt;
        let mut found = Vec::new();
        for outer in body.enclosing(stmt) {
            let StmtKind::If { test, body: then, .. } = body.stmt(outer).kind else { continue };
            if !body.block_holds(then, stmt) {
                continue;
            }
            let mut open = vec![test];
            while let Some(id) = open.pop() {
                let (asked, off) = match body.kind(id) {
                    ExprKind::Bool { is_and: true, left, right } => {
                        open.extend([right, left]);
                        continue;
                    }
                    ExprKind::Not(asked) => (asked, Off::True),
                    ExprKind::Compare { operator: Comparison::IsNot, operands } => {
                        match body.list(operands) {
                            [asked, none] if body.kind(*none) == ExprKind::None => {
                                (*asked, Off::None)
                            }
                            _ => continue,
                        }
                    }
                    _ => (id, Off::False),
                };
                let ExprKind::Name(name) = body.kind(asked) else { continue };
                let index = own.parameters.iter().position(|parameter| parameter.name == name);
                let is_switch = |_: &usize| facts.outline.bindings(own.scope, name).len() == 1;
                found.extend(index.filter(is_switch).map(|index| Switch { index, off }));
            }
        }
        found
    }
}
