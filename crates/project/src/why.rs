//! How a call was resolved, in words, for whoever doubts a finding or misses one.

use asynclint_parser::Span;
use asynclint_semantic::{BodyId, ExprId, ExprKind};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ModuleId, Reason, Type};

/// What one expression on the way to a callee evaluates to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the expression in its file.
    pub span: Span,
    /// What it evaluates to; lower case, no full stop.
    pub what: String,
    /// Where that is defined, if some file was read that defines it.
    pub defined: Option<(ModuleId, Span)>,
}

impl Resolver<'_> {
    /// The expressions that lead to what the call `call` calls, innermost first, and the call.
    pub fn steps(&self, module: ModuleId, body: BodyId, call: ExprId) -> Vec<Step> {
        let code = self.project.facts(module).body(body);
        let mut way = Vec::new();
        let mut next = code.callee(call);
        while let Some(id) = next {
            way.push(id);
            next = match code.kind(id) {
                ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                    Some(value)
                }
                ExprKind::Call { callee, .. } => Some(callee),
                ExprKind::Await(value) => Some(value),
                _ => None,
            };
        }
        let value_of = |id| self.value(ExprRef { module, body, id });
        let step = |id, value: &Type| {
            let what = self.in_words(value);
            Step { span: code.span(id), what, defined: self.definition_of(value) }
        };
        let mut steps: Vec<Step> =
            way.into_iter().rev().map(|id| step(id, &value_of(id))).collect();
        let gives = self.gives(&self.callee(module, body, call));
        let what = match gives {
            Gives::Plain | Gives::Unknown(_) => self.in_words(&value_of(call)),
            Gives::Started => "something that runs already, such as a task".to_owned(),
            Gives::AsyncGenerator => "an async generator".to_owned(),
            Gives::Coroutine | Gives::LazyAwaitable | Gives::AsyncManager => {
                let kind = match gives {
                    Gives::Coroutine => "a coroutine",
                    Gives::LazyAwaitable => "an awaitable that runs when awaited",
                    _ => "an async context manager",
                };
                match value_of(call) {
                    Type::Pending(_, result) => {
                        format!("{kind}; its result: {}", self.in_words(&result))
                    }
                    _ => kind.to_owned(),
                }
            }
        };
        steps.push(Step { span: code.span(call), what, defined: None });
        steps
    }

    fn in_words(&self, value: &Type) -> String {
        let project = self.project;
        match value {
            Type::Module(_) => "a module".to_owned(),
            Type::Function(function) => {
                format!("the function `{}`", project.function_name(*function))
            }
            Type::Method(function) => format!("the method `{}`", project.function_name(*function)),
            Type::Class(class) => format!("the class `{}`", project.class_name(*class)),
            Type::Instance(class) => format!("an object of `{}`", project.class_name(*class)),
            Type::Super(class) => format!("`super()` of `{}`", project.class_name(*class)),
            Type::External(name) => {
                let catalog = project.catalog();
                let known = catalog.get(name).is_some() || catalog.call(name).is_some();
                let source =
                    if known { "as the catalogue knows it" } else { "of which nothing is known" };
                format!("`{name}`, {source}")
            }
            Type::ExternalInstance(class) => format!("an object of `{class}`"),
            Type::Container(class, element) => format!("`{class}` of: {}", self.in_words(element)),
            Type::Callable(_, result) => {
                format!("a function that gives an awaitable; its result: {}", self.in_words(result))
            }
            Type::Alias(_) => "the name of a type".to_owned(),
            Type::Manager(entered) => {
                format!("a context manager; it enters: {}", self.in_words(entered))
            }
            Type::Tuple(places) => {
                let places: Vec<_> = places.iter().map(|place| self.in_words(place)).collect();
                format!("a tuple of: {}", places.join("; "))
            }
            Type::Pending(_, result) => {
                format!("an awaitable; its result: {}", self.in_words(result))
            }
            Type::None => "`None`".to_owned(),
            Type::Union(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.in_words(part)).collect();
                parts.join(", or ")
            }
            Type::Unknown(reason) => format!("not known: {reason}"),
        }
    }

    fn definition_of(&self, value: &Type) -> Option<(ModuleId, Span)> {
        match value {
            Type::Function(function) | Type::Method(function) => {
                Some((function.module, self.project.function(*function).name_span))
            }
            Type::Class(class) | Type::Instance(class) | Type::Super(class) => {
                Some((class.module, self.project.class(*class).name_span))
            }
            Type::Module(module) => Some((*module, Span::empty(0))),
            _ => None,
        }
    }

    /// Whether what the call gives can be awaited: `Ok` if that is known.
    ///
    /// # Errors
    /// The reason why it is not known.
    pub fn is_awaitable(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
    ) -> Result<bool, Reason> {
        let callee = self.callee(module, body, call);
        match self.gives(&callee) {
            Gives::Coroutine | Gives::LazyAwaitable | Gives::Started => return Ok(true),
            // Some managers do with `await` what they do when they are entered.
            Gives::AsyncManager => return Ok(self.gives_awaitable_manager(&callee)),
            Gives::AsyncGenerator => return Ok(false),
            Gives::Unknown(reason) => return Err(reason),
            Gives::Plain => {}
        }
        if let Callee::External(name) = &callee
            && self.project.catalog().any_base(name, |class| class.awaitable)
        {
            return Ok(true);
        }
        let value = self.value(ExprRef { module, body, id: call });
        let parts: Result<Vec<bool>, Reason> =
            value.parts().iter().map(|part| self.can_be_awaited(part)).collect();
        Ok(parts?.contains(&true))
    }

    fn gives_awaitable_manager(&self, callee: &Callee) -> bool {
        let Callee::External(name) = callee else { return false };
        let catalog = self.project.catalog();
        let made = catalog.call(name).and_then(|call| call.returns.as_deref());
        made.is_some_and(|made| catalog.any_base(made, |class| class.awaitable))
    }

    fn can_be_awaited(&self, value: &Type) -> Result<bool, Reason> {
        match value {
            Type::Pending(..) => Ok(true),
            Type::Unknown(reason) => Err(*reason),
            // The catalogue need not tell all of a class.
            Type::ExternalInstance(class) => {
                if self.project.catalog().any_base(class, |class| class.awaitable) {
                    Ok(true)
                } else if class.starts_with("builtins.") {
                    Ok(false)
                } else {
                    Err(Reason::UnknownReturn)
                }
            }
            Type::Instance(_) => match self.attribute(value, "__await__", None) {
                Type::Unknown(Reason::UnknownAttribute) => Ok(false),
                Type::Unknown(reason) => Err(reason),
                _ => Ok(true),
            },
            Type::External(_) => Err(Reason::UnknownLibrary),
            _ => Ok(false),
        }
    }
}
