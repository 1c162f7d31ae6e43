//! What reading an attribute runs: properties and their setters, `__getattr__`.

use std::rc::Rc;

use asynclint_catalog::Shade;
use asynclint_semantic::{BindingKind, BodyId, ExprId, ExprKind};

use crate::classes::mro::Mro;
use crate::functions::decorators::Role;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, ModuleId, Reason, Type};

impl Resolver<'_> {
    /// The coroutine function behind an attribute of an object, if reading it calls one: a property
    /// that is an `async def`.
    pub fn async_property(
        &self,
        module: ModuleId,
        body: BodyId,
        id: ExprId,
    ) -> Option<FunctionRef> {
        let facts = self.project.facts(module);
        let ExprKind::Attribute { value, name } = facts.body(body).kind(id) else { return None };
        let at = ExprRef { module, body, id };
        let Type::Instance(class) = self.value(ExprRef { id: value, ..at }) else { return None };
        let found = self.look_up(&self.mro(class), facts.outline.text(name)).ok()?;
        let Type::Function(function) = found else { return None };
        let is_read = self.decorated(function).role == Role::Property
            && matches!(self.value(at), Type::Pending(Shade::Coroutine, _));
        is_read.then(|| self.getter(function)).filter(|&it| self.project.function(it).is_async)
    }

    /// What `__getattr__` of a class in `order` gives for a name that nothing else defines.
    pub(crate) fn computed(&self, order: &Mro) -> Type {
        match self.look_up(order, "__getattr__") {
            Ok(Type::Function(getter)) => self.called(getter),
            _ => Type::Unknown(Reason::UnknownAttribute),
        }
    }

    /// A function of a class as an attribute of an object.
    pub(crate) fn bind(&self, value: Type) -> Type {
        let Type::Function(function) = value else { return value };
        match self.decorated(function).role {
            Role::Static => Type::Function(function),
            Role::Method => Type::Method(function),
            Role::Property => {
                let function = self.getter(function);
                let own = self.project.function(function);
                match (own.is_async, own.is_generator) {
                    (true, false) => {
                        Type::Pending(Shade::Coroutine, Rc::new(self.returns(function)))
                    }
                    // The generator itself, of which the annotation may name the element.
                    (true, true) => Type::Unknown(Reason::UnknownReturn),
                    (false, _) => self.returns(function),
                }
            }
        }
    }

    /// Whether the function is the setter of a property.
    pub(crate) fn has_setter(&self, function: FunctionRef) -> bool {
        self.decorated(function).role == Role::Property && self.getter(function) != function
    }

    /// The function that reads the property of which `function` may be the setter.
    fn getter(&self, function: FunctionRef) -> FunctionRef {
        let own = self.project.function(function);
        let (Some(name), Some(class)) = (own.name, own.class) else { return function };
        let outline = &self.project.facts(function.module).outline;
        let bindings = outline.bindings(outline.class(class).scope, name);
        let first = bindings.first().map(|binding| &binding.kind);
        match first {
            Some(&BindingKind::Function(id)) => FunctionRef { module: function.module, id },
            _ => function,
        }
    }
}
