//! Plain functions that a call gives to a coroutine function of the project, which calls them.

use asynclint_semantic::{BodyId, ExprId, ExprKind};

use crate::calls::gives::Gives;
use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

impl Resolver<'_> {
    /// The lambdas and functions without parameters that a call hands to a coroutine function of the
    /// project which does nothing with them but call them, such as `retry(lambda: get(url))`: they
    /// run where that runs. Each with the argument.
    pub fn called_in_coroutine(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Vec<(ExprId, FunctionRef)> {
        let Callee::Known(taker) = *callee else { return Vec::new() };
        let own = self.project.function(taker);
        let is_followed = own.is_async
            && self.gives(callee) == Gives::Coroutine
            && !self.project.is_installed(taker.module)
            && !self.is_overridden(taker);
        if !is_followed {
            return Vec::new();
        }
        let code = self.project.facts(module).body(body);
        let is_called = |argument: ExprId| {
            let (other, parameter) = self.parameter_for(module, body, call, argument)?;
            (other == taker && self.only_calls(taker, parameter.name)).then_some(())
        };
        let handed = code.arguments(call).iter().filter_map(|argument| {
            let function = self.function_named(module, body, argument.value)?;
            let given = self.project.function(function);
            let is_lambda = matches!(code.kind(argument.value), ExprKind::Lambda(_));
            let runs = (is_lambda || given.parameters.is_empty() && given.decorators.is_empty())
                && !given.is_async
                && !given.is_generator
                && !self.project.is_installed(function.module);
            is_called(argument.value).filter(|()| runs)?;
            Some((argument.value, function))
        });
        handed.collect()
    }
}
