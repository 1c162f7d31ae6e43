//! Functions whose result is of the type that an argument names or has: `def inject(self, base:
//! type[T]) -> T`.

use asynclint_semantic::{ExprId, ExprKind, Name};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, Type};

impl Resolver<'_> {
    /// What a call of `function` gives that gives `result` in general, where an argument of the call
    /// says what the type variable of the result stands for.
    pub(crate) fn of_arguments(&self, call: ExprRef, function: FunctionRef, result: Type) -> Type {
        if !result.holds(&Type::is_variable) {
            return result;
        }
        let Some(variable) = self.variable_returned(function) else { return result };
        match self.given_for(call, function, variable) {
            Some(given) => result.replaced(&Type::is_variable, &given),
            None => result,
        }
    }

    /// The type variable in the annotation of what the function returns, if that names nothing else.
    fn variable_returned(&self, at: FunctionRef) -> Option<Name> {
        let own = self.project.function(at);
        let facts = self.project.facts(at.module);
        let home = facts.body(own.home);
        let mut variable = None;
        for id in home.exprs_below(own.returns?) {
            match home.kind(id) {
                ExprKind::Name(name) if facts.outline.text(name) == "Optional" => {}
                ExprKind::Name(name) if variable.is_none_or(|known| known == name) => {
                    variable = Some(name);
                }
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Str(_) => return None,
                _ => {}
            }
        }
        variable
    }

    /// What the arguments of the call say that the type variable stands for: the class that is given
    /// for `type[T]`, or the class of what is given for `T`.
    fn given_for(&self, call: ExprRef, at: FunctionRef, variable: Name) -> Option<Type> {
        let home = self.project.facts(at.module).body(self.project.function(at).home);
        let code = self.project.facts(call.module).body(call.body);
        let is_variable = |id: ExprId| home.kind(id) == ExprKind::Name(variable);
        code.arguments(call.id).iter().find_map(|argument| {
            // Of several functions that may be called another one may be asked.
            let (_, parameter) = self
                .parameter_for(call.module, call.body, call.id, argument.value)
                .filter(|&(function, _)| function == at)?;
            let annotation = parameter.annotation?;
            let value = || self.value(ExprRef { id: argument.value, ..call });
            if is_variable(annotation) {
                return match value() {
                    object @ (Type::Instance(_) | Type::ExternalInstance(_)) => Some(object),
                    _ => None,
                };
            }
            let ExprKind::Subscript { value: head, index } = home.kind(annotation) else {
                return None;
            };
            let [only] = home.list(index) else { return None };
            let of_class = home.last_name(head).is_some_and(|name| {
                let name = self.project.facts(at.module).outline.text(name);
                matches!(name, "Type" | "type")
            });
            if !of_class || !is_variable(*only) {
                return None;
            }
            match value() {
                Type::Class(class) => Some(Type::Instance(class)),
                Type::External(class) if self.project.catalog().class(&class).is_some() => {
                    Some(Type::external_instance(&class))
                }
                _ => None,
            }
        })
    }
}
