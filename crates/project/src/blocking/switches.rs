//! Calls that a function makes only if it is given an argument that it need not be given.

use asynclint_semantic::{ExprId, ExprKind, StmtKind};

use super::Chain;
use crate::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, Type};

/// The parameters of a function, by index, without which it does not make a call.
pub(super) type Switches = Vec<usize>;

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
        switches: &[usize],
    ) -> bool {
        switches.iter().all(|&index| self.gives_parameter(call, function, index))
    }

    fn gives_parameter(&self, call: ExprRef, function: FunctionRef, index: usize) -> bool {
        let code = self.project.facts(call.module).body(call.body);
        let callee = code.callee(call.id).map(|id| self.value(ExprRef { id, ..call }));
        let bound = match callee {
            Some(Type::Function(_)) => 0,
            Some(Type::Method(_) | Type::Class(_)) => 1,
            // It is not known how the arguments fall.
            _ => return true,
        };
        match self.passed(call, function, index, bound) {
            Passed::Value(value) => !is_false(code.kind(value)),
            Passed::Nothing => false,
            Passed::Unknown => true,
        }
    }

    /// The parameters that a call in the code of `function` hangs on: it stands under
    /// `if parameter:`, and the parameter is false unless it is given.
    pub(super) fn switches(&self, function: FunctionRef, call: ExprId) -> Switches {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let (body, home) = (facts.body(own.body), facts.body(own.home));
        let stmt = body.expr(call).stmt;
        let mut found = Switches::new();
        for outer in body.enclosing(stmt) {
            let StmtKind::If { test, body: then, .. } = body.stmt(outer).kind else { continue };
            if !body.block_holds(then, stmt) {
                continue;
            }
            let mut open = vec![test];
            while let Some(id) = open.pop() {
                let name = match body.kind(id) {
                    ExprKind::Bool { is_and: true, left, right } => {
                        open.extend([right, left]);
                        continue;
                    }
                    ExprKind::Name(name) => name,
                    _ => continue,
                };
                let index = own.parameters.iter().position(|parameter| parameter.name == name);
                let is_off = |index: &usize| {
                    let default = own.parameters[*index].default;
                    default.is_some_and(|id| is_false(home.kind(id)))
                        && facts.outline.bindings(own.scope, name).len() == 1
                };
                found.extend(index.filter(is_off));
            }
        }
        found
    }
}

/// Whether a literal is false.
fn is_false(kind: ExprKind) -> bool {
    matches!(kind, ExprKind::None | ExprKind::Boolean(false))
}
