//! What awaited calls wait for.

use asynclint_catalog::{Callable, Wait};
use asynclint_semantic::{BodyId, ExprId, ExprKind};

use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

/// Functions that await each other deeper than this are not followed.
const MAX_CALLS: u8 = 5;

impl Resolver<'_> {
    /// What the catalogue says of the call, if it is one of a library's.
    pub fn library_call(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<&Callable> {
        match self.callee(module, body, call) {
            Callee::External(name) => self.project.catalog().call(&name),
            _ => None,
        }
    }

    /// What awaiting the call, or the call under an `await`, waits for.
    pub fn waits(&self, module: ModuleId, body: BodyId, id: ExprId) -> Option<Wait> {
        let call = match self.project.facts(module).body(body).kind(id) {
            ExprKind::Await(call) => call,
            _ => id,
        };
        self.library_call(module, body, call)?.waits
    }

    /// Whether awaiting the call does its work even where a cancellation is pending: a library
    /// says so, it closes something, or the function of the project awaits nothing else but in
    /// shields.
    pub fn works_when_cancelled(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.works(module, body, call, MAX_CALLS)
    }

    fn works(&self, module: ModuleId, body: BodyId, call: ExprId, calls: u8) -> bool {
        self.closes(module, body, call)
            || match self.callee(module, body, call) {
                Callee::External(name) => {
                    self.project.catalog().call(&name).is_some_and(|call| call.shielded)
                }
                Callee::Known(inner) => {
                    // A library that is checked itself.
                    let name = self.project.qualified_name(inner);
                    let known = name.and_then(|name| self.project.catalog().call(&name));
                    known.is_some_and(|call| call.shielded)
                        || (calls > 0 && self.shields_itself(inner, calls - 1))
                }
                _ => false,
            }
    }

    /// Whether the call closes something by the name that the libraries have agreed on: that must
    /// work under cancellation wherever it is called, and whoever defines it sees to that.
    fn closes(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        code.called_name(call).is_some_and(|name| {
            let name = facts.outline.text(name);
            name == "__aexit__" || name.trim_start_matches('_').starts_with("aclose")
        })
    }

    fn shields_itself(&self, function: FunctionRef, calls: u8) -> bool {
        let own = self.project.function(function);
        let module = function.module;
        let body = self.project.facts(module).body(own.body);
        let is_harmless = |id: ExprId| match body.kind(id) {
            ExprKind::Await(call) => self.works(module, own.body, call, calls),
            _ => false,
        };
        let points = self.await_points(module, own.body, own.block, function.id);
        own.is_async
            && !own.is_generator
            && !own.is_broken
            && !self.is_stub(function)
            && points.iter().all(|&(stmt, span)| {
                self.is_shielded(module, own.body, stmt)
                    || body.exprs_in(stmt).any(|id| body.span(id) == span && is_harmless(id))
            })
    }
}
