//! What functions return: by their annotation, or by what their code returns and yields.

use asynclint_semantic::{BindingKind, ExprId, ExprKind, List, StmtKind};

use crate::calls::gives::Gives;
use crate::classes::mro::Ancestor;
use crate::functions::decorators::Role;
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, Reason, Type};

/// A function that returns at more places than this is not worth the look.
const MAX_RETURNS: usize = 8;

impl Resolver<'_> {
    /// What a function returns once it has run.
    pub(crate) fn returns(&self, function: FunctionRef) -> Type {
        self.ask(Question::Returns(function), || self.returns_unasked(function))
    }

    fn returns_unasked(&self, at: FunctionRef) -> Type {
        let function = self.project.function(at);
        let module = at.module;
        if let Some(id) = function.returns {
            let annotation = ExprRef { module, body: function.home, id };
            // `@staticmethod` and its like hand out the iterator itself.
            let is_entered = function.is_generator
                || function.decorators != List::default() && {
                    let decorated = self.decorated(at);
                    decorated.makes_managers || decorated.gives != self.bare(at)
                };
            return match self.yielded(annotation).filter(|_| is_entered) {
                Some(element) if self.yields_another(at, &element) => {
                    Type::Unknown(Reason::Disagreement)
                }
                Some(element) => element,
                None => self.promised(at, annotation),
            };
        }
        let is_self = |id| {
            let body = self.project.facts(module).body(function.body);
            let first = function.parameters.first().map(|parameter| parameter.name);
            matches!(body.kind(id), ExprKind::Name(name) if Some(name) == first)
        };
        // Neither a static method nor one of the class gets the object, and a name that is bound anew
        // holds something else.
        let has_receiver = || {
            let outline = &self.project.facts(module).outline;
            let first = function.parameters.first().map(|parameter| parameter.name);
            first.is_some_and(|first| outline.bindings(function.scope, first).len() == 1)
                && self.decorated(at).role != Role::Static
                && !self.is_class_method(at)
        };
        let returned = self.returned(at);
        match function.class {
            Some(id)
                if !returned.is_empty()
                    && returned.iter().copied().all(is_self)
                    && has_receiver() =>
            {
                Type::Instance(ClassRef::new(module, id))
            }
            _ => self.inferred(at, &returned),
        }
    }

    /// Whether the function of a context manager says that it yields a container and does not yield
    /// one that is known: `AsyncIterator[dict]` may be a guess at what comes out of what it yields.
    fn yields_another(&self, at: FunctionRef, promised: &Type) -> bool {
        let is_container = matches!(promised, Type::Container(..) | Type::Tuple(_))
            || matches!(promised, Type::ExternalInstance(class) if class.starts_with("builtins."));
        is_container
            && !self.linking.get()
            && self.project.function(at).is_generator
            && matches!(self.yields(at), Type::Unknown(_) | Type::Instance(_))
    }

    /// What the annotation says that a function returns, unless that is a function of coroutines and
    /// the code returns another kind as well.
    fn promised(&self, at: FunctionRef, annotation: ExprRef) -> Type {
        let promised = self.annotation(annotation);
        if matches!(promised, Type::Instance(_)) && self.returns_mock(at) {
            return Type::Unknown(Reason::Disagreement);
        }
        if let Type::Instance(class) = promised
            && self.returns_another(at, class)
        {
            return Type::Unknown(Reason::Disagreement);
        }
        if !matches!(promised, Type::Callable(..)) {
            return promised;
        }
        let body = self.project.function(at).body;
        let is_other = |id| match self.value(ExprRef { module: at.module, body, id }) {
            Type::Function(inner) => {
                matches!(self.gives(&Callee::Known(inner)), Gives::Plain | Gives::AsyncGenerator)
            }
            _ => false,
        };
        if self.returned(at).into_iter().any(is_other) {
            return Type::Unknown(Reason::Disagreement);
        }
        promised
    }

    /// Whether the function hands out a mock, whatever its annotation promises.
    fn returns_mock(&self, at: FunctionRef) -> bool {
        let facts = self.project.facts(at.module);
        let outline = &facts.outline;
        if self.linking.get() || !outline.imports("mock") && !outline.imports("unittest") {
            return false;
        }
        let own = self.project.function(at).body;
        let body = facts.body(own);
        let is_mock = |id| self.is_mock(ExprRef { module: at.module, body: own, id });
        self.returned(at).into_iter().any(|id| match body.kind(id) {
            ExprKind::Call { .. } => is_mock(id),
            ExprKind::Name(name) => {
                let scope = outline.lookup(body.expr(id).scope, name);
                scope.is_some_and(|scope| {
                    outline.bindings(scope, name).iter().any(|binding| match binding.kind {
                        BindingKind::Assigned(value) => binding.body == own && is_mock(value),
                        _ => false,
                    })
                })
            }
            _ => false,
        })
    }

    /// Whether a property hands out something else than the class that it promises: an adapter that
    /// only looks like it, and runs its coroutines by itself.
    fn returns_another(&self, at: FunctionRef, promised: ClassRef) -> bool {
        let own = self.project.function(at);
        if self.linking.get()
            || own.decorators == List::default()
            || self.decorated(at).role != Role::Property
        {
            return false;
        }
        let returned = self.returned(at);
        let is_another = |id: ExprId| {
            let value = self.value(ExprRef { module: at.module, body: own.body, id });
            value.parts().iter().any(|part| match part {
                Type::Instance(class) => {
                    let order = self.mro(*class);
                    !order.contains(&Ancestor::Unknown)
                        && !order.contains(&Ancestor::Project(promised))
                        && !self.is_protocol(promised)
                }
                _ => false,
            })
        };
        returned.len() <= MAX_RETURNS && returned.into_iter().any(is_another)
    }

    /// What a function without an annotation returns: what its `return`s say, where they agree, and
    /// of the function of a context manager its `yield`. A subclass may return something else, and
    /// what a library does is for its stubs to say.
    fn inferred(&self, at: FunctionRef, returned: &[ExprId]) -> Type {
        let function = self.project.function(at);
        let is_unsure = returned.len() > MAX_RETURNS
            || (returned.is_empty() && !function.is_generator)
            || (function.class.is_some() && (self.linking.get() || self.is_overridden(at)));
        if is_unsure {
            return Type::Unknown(Reason::UnknownReturn);
        }
        let there = |&id| ExprRef { module: at.module, body: function.body, id };
        let value = if function.is_generator {
            let decorated = self.decorated(at);
            if !decorated.makes_managers && decorated.gives != Gives::AsyncManager {
                return Type::Unknown(Reason::UnknownReturn);
            }
            self.yields(at)
        } else {
            Type::join(returned.iter().map(|id| self.value(there(id))).collect())
        };
        // Somebody else's idea of what it holds, such as an empty list.
        let is_builtin = |part: &Type| match part {
            Type::ExternalInstance(class) => class.starts_with("builtins."),
            _ => false,
        };
        match value {
            Type::Unknown(_) => Type::Unknown(Reason::UnknownReturn),
            value if value.parts().iter().any(is_builtin) => Type::Unknown(Reason::UnknownReturn),
            value => value,
        }
    }

    /// The element type of `AsyncIterator[T]` and its like, which a context manager's function
    /// has for a return annotation.
    pub(crate) fn yielded(&self, at: ExprRef) -> Option<Type> {
        let body = self.project.facts(at.module).body(at.body);
        let ExprKind::Subscript { value, index } = body.kind(at.id) else { return None };
        let Type::External(head) = self.value(ExprRef { id: value, ..at }) else { return None };
        let word = head.rsplit('.').next()?;
        let is_iterator = matches!(
            word,
            "AsyncIterator" | "AsyncGenerator" | "Iterator" | "Generator" | "AsyncIterable"
        );
        let first = *body.subscript_parts(index).first().filter(|_| is_iterator)?;
        Some(self.annotation(ExprRef { id: first, ..at }))
    }

    /// The operands of the `return` statements of a function, nested functions left out.
    pub(crate) fn returned(&self, function: FunctionRef) -> Vec<ExprId> {
        let facts = self.project.facts(function.module);
        let own = self.project.function(function);
        let body = facts.body(own.body);
        body.stmts_in_block(own.block)
            .filter(|&id| body.stmt(id).scope == own.scope)
            .filter_map(|id| match body.stmt(id).kind {
                StmtKind::Return(Some(value)) => Some(value),
                _ => None,
            })
            .collect()
    }
}
