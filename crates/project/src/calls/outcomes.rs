//! What comes out of calls that run what they are given: of `await wait_for(connect(), 5)`,
//! `await task` and `await to_thread(load)`.

use std::rc::Rc;

use asynclint_catalog::{Callable, ResultOf, Shade};
use asynclint_semantic::ArgumentKind;

use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{Callee, Reason, Type};

impl Resolver<'_> {
    /// What awaiting an object of a library's class gives which a call made that was given
    /// awaitables: a task, what `gather` gives.
    pub(crate) fn awaited_task(&self, at: ExprRef) -> Type {
        let unknown = Type::Unknown(Reason::UnknownReturn);
        let made = ExprRef { id: self.made_by(at.module, at.body, at.id, false), ..at };
        let Callee::External(name) = self.callee(made.module, made.body, made.id) else {
            return unknown;
        };
        let Some(call) = self.project.catalog().call(&name) else { return unknown };
        // `task = gather(task)`
        self.ask(Question::Outcome(made), || self.outcome(made, call).unwrap_or(unknown))
    }

    /// What comes out of the call of a function of a library that runs the awaitables or calls the
    /// function it is given. `None` where that is not known.
    pub(crate) fn outcome(&self, at: ExprRef, call: &Callable) -> Option<Type> {
        let found = match &call.result_of {
            Some(ResultOf::Argument(slot)) => {
                let id = self.argument_in(slot, at)?;
                self.awaited_value(ExprRef { id, ..at })
            }
            Some(ResultOf::All) => self.of_all(at),
            Some(ResultOf::Entered(slot)) => {
                let id = self.argument_in(slot, at)?;
                self.entered(ExprRef { id, ..at }, call.shade == Shade::Coroutine)
            }
            None if call.hands_back => {
                let function = self.function_for(call, at)?;
                match self.callee_of_value(at.module, at.body, function) {
                    Callee::Known(function) => self.called(function),
                    Callee::Class(class) => Type::Instance(class),
                    _ => return None,
                }
            }
            None => return None,
        };
        (!matches!(found, Type::Unknown(_))).then_some(found)
    }

    /// What awaiting the arguments gives, in a tuple; or in a list where only one is spread out.
    fn of_all(&self, at: ExprRef) -> Type {
        let body = self.body_of(at);
        let unknown = Type::Unknown(Reason::UnknownReturn);
        let arguments = body.arguments(at.id);
        // `return_exceptions=True` puts errors among the results.
        if arguments.iter().any(|argument| matches!(argument.kind, ArgumentKind::Keyword(_))) {
            return unknown;
        }
        match arguments {
            [only] if only.kind == ArgumentKind::Unpacked => {
                let elements = body.comprehension(only.value).map(|made| body.list(made.elements));
                let Some(&[id]) = elements else { return unknown };
                match self.awaited_value(ExprRef { id, ..at }) {
                    Type::Unknown(reason) => Type::Unknown(reason),
                    result => Type::Container("builtins.list".into(), Rc::new(result)),
                }
            }
            _ if arguments.iter().all(|argument| argument.kind == ArgumentKind::Positional) => {
                let results = arguments
                    .iter()
                    .map(|argument| self.awaited_value(ExprRef { id: argument.value, ..at }));
                Type::Tuple(results.collect())
            }
            _ => unknown,
        }
    }
}
