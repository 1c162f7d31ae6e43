//! What `for` and `async for` bind where they walk over what code makes one by one: generators, and
//! objects with iterators.

use asynclint_semantic::ExprKind;

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, Reason, Type};

impl Resolver<'_> {
    /// What `async for` binds to its target.
    pub(crate) fn async_item(&self, iterable: ExprRef) -> Type {
        let body = self.project.facts(iterable.module).body(iterable.body);
        // `async for row in await rows()`
        let call = match body.kind(iterable.id) {
            ExprKind::Await(inner) => ExprRef { id: inner, ..iterable },
            _ => iterable,
        };
        self.walked_call(call).unwrap_or_else(|| {
            self.value(iterable).map(|value| match value {
                Type::Instance(_) => self.next_of(value),
                Type::ExternalInstance(class) => self.next_of_library(class),
                Type::Unknown(reason) => Type::Unknown(*reason),
                _ => Type::Unknown(Reason::Element),
            })
        })
    }

    /// What the generator gives, one by one, that a call of the project makes.
    pub(crate) fn walked_call(&self, call: ExprRef) -> Option<Type> {
        let body = self.project.facts(call.module).body(call.body);
        body.callee(call.id)?;
        match self.callee(call.module, call.body, call.id) {
            Callee::Known(function) => self.given_one_by_one(function),
            _ => None,
        }
    }

    /// What the generator of a function gives: what its annotation says, or its `yield`s.
    fn given_one_by_one(&self, function: FunctionRef) -> Option<Type> {
        let own = self.project.function(function);
        if let Some(id) = own.returns {
            return self.yielded(ExprRef { module: function.module, body: own.home, id });
        }
        // A subclass may give something else.
        let is_sure = own.is_generator
            && !own.is_broken
            && (!own.is_async || self.gives(&Callee::Known(function)) == Gives::AsyncGenerator)
            && !(own.class.is_some() && (self.linking.get() || self.is_overridden(function)));
        is_sure.then(|| self.yields(function))
    }

    /// What `__anext__` of the iterator of an object gives when awaited.
    fn next_of(&self, object: &Type) -> Type {
        let method = |object: &Type, name| match self.attribute(object, name, None) {
            Type::Method(function) => Some(function),
            _ => None,
        };
        let Some(iterator) = method(object, "__aiter__") else {
            return Type::Unknown(Reason::Element);
        };
        if let Some(element) = self.given_one_by_one(iterator) {
            return element;
        }
        match method(&self.returns(iterator), "__anext__") {
            Some(next) => self.returns(next),
            None => Type::Unknown(Reason::Element),
        }
    }

    fn next_of_library(&self, class: &str) -> Type {
        let iterator = self.library_result_of(class, "__aiter__");
        let class = iterator.library_class().unwrap_or(class);
        match self.library_result_of(class, "__anext__") {
            Type::Unknown(_) => Type::Unknown(Reason::Element),
            element => element,
        }
    }
}
