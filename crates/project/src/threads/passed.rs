//! Functions that reach a thread as arguments: through functions of the project that hand on what
//! they are given, and as callbacks of what runs there.

use asynclint_catalog::Argument;
use asynclint_semantic::{
    ArgumentKind, BindingKind, ExprId, ExprKind, Name, ParameterKind, ScopeKind, Usage,
};
use rustc_hash::FxHashMap;

use super::seeds::Handed;
use crate::functions::decorators::Role;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, Type};

/// Functions of the project that hand one of their arguments to another thread.
pub(super) type Wrappers = FxHashMap<FunctionRef, Argument>;

impl Resolver<'_> {
    /// What the call hands to a function of the project that hands it to another thread.
    pub(super) fn handed_to_wrapper(&self, at: ExprRef, wrappers: &Wrappers) -> Option<Handed> {
        let Callee::Known(wrapper) = self.callee(at.module, at.body, at.id) else { return None };
        let function = self.argument_in(wrappers.get(&wrapper)?, at)?;
        Some(Handed {
            function: self.unwrapped(at, function),
            starter: self.project.function_name(wrapper).into(),
            other_process: false,
        })
    }

    /// The function whose parameter the expression is, if it does nothing else with it than to
    /// hand it on, and the parameter as callers see it.
    pub(super) fn passed_through(&self, at: ExprRef) -> Option<(FunctionRef, Argument)> {
        let facts = self.project.facts(at.module);
        let outline = &facts.outline;
        let body = facts.body(at.body);
        let ExprKind::Name(name) = body.kind(at.id) else { return None };
        let scope = outline.lookup(body.expr(at.id).scope, name)?;
        let ScopeKind::Function(id) = outline.scope(scope).kind else { return None };
        let [binding] = outline.bindings(scope, name) else { return None };
        let BindingKind::Parameter(index) = binding.kind else { return None };
        let function = FunctionRef { module: at.module, id };
        let own = self.project.function(function);
        let is_called = body.expr_ids().any(|read| {
            body.kind(read) == ExprKind::Name(name)
                && body.expr(read).usage == Usage::Called
                && outline.lookup(body.expr(read).scope, name) == Some(scope)
        });
        if is_called || own.name.is_none() {
            return None;
        }
        let is_bound = own.class.is_some() && self.decorated(function).role != Role::Static;
        let place = match own.parameters[index as usize].kind {
            ParameterKind::Plain => Some(index.checked_sub(u32::from(is_bound))?),
            ParameterKind::KeywordOnly => None,
            _ => return None,
        };
        let keyword = Some(outline.text(name).into());
        Some((function, Argument { position: place.and_then(|it| it.try_into().ok()), keyword }))
    }

    /// The functions among the arguments that the call `at` passes to `function`, which it hands
    /// over as `named`, if that does nothing else with them than to call them.
    pub(super) fn callbacks(
        &self,
        named: ExprRef,
        at: ExprRef,
        function: FunctionRef,
    ) -> Vec<(ExprId, FunctionRef)> {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        let arguments = body.arguments(at.id);
        let args = facts.outline.names.get("args").and_then(|name| body.keyword(at.id, name));
        let passed: Vec<ExprId> = match args.map(|args| body.kind(args)) {
            Some(ExprKind::Tuple(list) | ExprKind::List(list)) => body.list(list).to_vec(),
            Some(_) => Vec::new(),
            None => {
                let behind = arguments.iter().skip_while(|argument| argument.value != named.id);
                let plain = behind.skip(1).take_while(|a| a.kind == ArgumentKind::Positional);
                plain.map(|argument| argument.value).collect()
            }
        };
        let own = self.project.function(function);
        let is_method = matches!(self.value(named), Type::Method(_));
        let parameters = own.parameters.iter().skip(usize::from(is_method));
        passed
            .into_iter()
            .zip(parameters)
            .filter(|(_, parameter)| {
                parameter.kind == ParameterKind::Plain && self.only_calls(function, parameter.name)
            })
            .filter_map(|(argument, _)| {
                let callback = self.function_named(at.module, at.body, argument)?;
                (!self.project.is_installed(callback.module)).then_some((argument, callback))
            })
            .collect()
    }

    /// Whether the function calls its parameter, and does nothing else with it.
    pub(crate) fn only_calls(&self, function: FunctionRef, parameter: Name) -> bool {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        let reads: Vec<ExprId> = body
            .exprs_in_block(own.block)
            .filter(|&id| body.kind(id) == ExprKind::Name(parameter))
            .filter(|&id| facts.outline.lookup(body.expr(id).scope, parameter) == Some(own.scope))
            .collect();
        let is_call = |&id: &ExprId| {
            let expr = body.expr(id);
            expr.usage == Usage::Called
                && facts.outline.function_of(expr.scope) == Some(function.id)
        };
        !reads.is_empty() && reads.iter().all(is_call)
    }
}
