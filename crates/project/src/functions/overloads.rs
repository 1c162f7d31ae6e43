//! Functions with several signatures (`@overload`), of which the literals in a call choose one.

use asynclint_semantic::{
    ArgumentKind, BindingKind, ExprId, ExprKind, Function, Parameter, ParameterKind,
};

use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, Type};

impl Resolver<'_> {
    /// The signature that takes a call of `function`, where one alone does: `connect(sync=True)` of
    /// one for `sync: Literal[True]` and one for `sync: Literal[False] = False`.
    pub(crate) fn overload(&self, call: ExprRef, function: FunctionRef) -> Option<FunctionRef> {
        let own = self.project.function(function);
        let outline = &self.project.facts(function.module).outline;
        let bindings = outline.bindings(own.home_scope, own.name?);
        if bindings.len() < 2 {
            return None;
        }
        let signatures = bindings.iter().filter_map(|binding| match binding.kind {
            BindingKind::Function(id) => Some(FunctionRef { id, ..function }),
            _ => None,
        });
        let bound = self.bound_before(call)?;
        let mut chosen = None;
        for signature in signatures.filter(|&it| self.is_overload(it)) {
            if self.may_take(call, signature, bound)? {
                if chosen.is_some() {
                    return None;
                }
                chosen = Some(signature);
            }
        }
        chosen
    }

    fn is_overload(&self, at: FunctionRef) -> bool {
        let own = self.project.function(at);
        let home = self.project.facts(at.module).body(own.home);
        home.list(own.decorators).iter().any(|&id| {
            matches!(self.value(ExprRef { module: at.module, body: own.home, id }),
                Type::External(name) if &*name == "typing.overload")
        })
    }

    /// Whether the signature has a place for each argument, an argument for each place that needs
    /// one, and where it names literals one of them. `None` if that cannot be said.
    fn may_take(&self, call: ExprRef, signature: FunctionRef, bound: usize) -> Option<bool> {
        let own = self.project.function(signature);
        if self.is_given_too_much(call, signature, own, bound) {
            return Some(false);
        }
        for (index, parameter) in own.parameters.iter().enumerate().skip(bound) {
            if !matches!(parameter.kind, ParameterKind::Plain | ParameterKind::KeywordOnly) {
                continue;
            }
            let takes = match self.passed(call, signature, index, bound) {
                Passed::Unknown => return None,
                Passed::Nothing => parameter.default.is_some(),
                Passed::Value(id) => {
                    self.takes_literal(ExprRef { id, ..call }, signature, parameter)?
                }
            };
            if !takes {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether the call gives arguments that the signature has no parameter for.
    fn is_given_too_much(
        &self,
        call: ExprRef,
        at: FunctionRef,
        own: &Function,
        bound: usize,
    ) -> bool {
        let has = |wanted| own.parameters.iter().any(|parameter| parameter.kind == wanted);
        let facts = self.project.facts(call.module);
        let arguments = facts.body(call.body).arguments(call.id);
        let names = &self.project.facts(at.module).outline;
        let is_plain = |it: &&Parameter| it.kind == ParameterKind::Plain;
        let room = own.parameters.iter().filter(is_plain).count();
        let placed = arguments.iter().filter(|it| it.kind == ArgumentKind::Positional).count();
        let is_named = |argument: &ArgumentKind| match argument {
            ArgumentKind::Keyword(name) => {
                let name = facts.outline.text(*name);
                own.parameters.iter().any(|parameter| names.text(parameter.name) == name)
            }
            _ => true,
        };
        !has(ParameterKind::Variadic) && placed + bound > room
            || !has(ParameterKind::VariadicKeyword)
                && !arguments.iter().all(|argument| is_named(&argument.kind))
    }

    /// Whether the parameter takes the value, as far as literals say: `None` where it wants one and
    /// the value is none.
    fn takes_literal(
        &self,
        value: ExprRef,
        at: FunctionRef,
        parameter: &Parameter,
    ) -> Option<bool> {
        let home = self.project.facts(at.module).body(self.project.function(at).home);
        let code = self.project.facts(value.module).body(value.body);
        let Some(ExprKind::Subscript { value: head, index }) =
            parameter.annotation.map(|id| home.kind(id))
        else {
            return Some(true);
        };
        let names = &self.project.facts(at.module).outline;
        if home.last_name(head).is_none_or(|name| names.text(name) != "Literal") {
            return Some(true);
        }
        let literals = home.subscript_parts(index);
        let outline = &self.project.facts(value.module).outline;
        let given = code.kind(value.id);
        let is_it = |&id: &ExprId| match (home.kind(id), given) {
            (ExprKind::Boolean(one), ExprKind::Boolean(other)) => one == other,
            (ExprKind::None, ExprKind::None) => true,
            (ExprKind::Str(Some(one)), ExprKind::Str(Some(other))) => {
                names.text(one) == outline.text(other)
            }
            _ => false,
        };
        let is_literal =
            matches!(given, ExprKind::Boolean(_) | ExprKind::None | ExprKind::Str(Some(_)));
        is_literal.then(|| literals.iter().any(is_it))
    }
}
