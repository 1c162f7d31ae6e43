//! Expressions to values, and calls to what they call.

pub(crate) mod containers;
pub(crate) mod elements;
mod fallback;
mod type_variables;
mod walked;

use std::rc::Rc;

use asynclint_catalog::{Callable, Shade};
use asynclint_semantic::{Argument, ComprehensionKind, ExprId, ExprKind, List, ScopeKind};

use crate::calls::gives::Gives;
use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type, Variable};
use crate::values::fallback::asks_for;

/// A tuple of more places than this is a table, and nobody unpacks it.
const MAX_PLACES: usize = 8;

/// A chain of more calls than this is not followed to where it begins.
const MAX_CHAIN: usize = 12;

impl Resolver<'_> {
    /// What the expression evaluates to.
    pub(crate) fn value(&self, at: ExprRef) -> Type {
        self.ask(Question::Value(at), || self.value_unasked(at))
    }

    fn value_unasked(&self, at: ExprRef) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::Name(name) => self.name(at.module, at.body, at.id, name),
            ExprKind::Attribute { value, name } => {
                let object = self.value(there(value));
                let name = self.project.facts(at.module).outline.text(name);
                match (&object, self.attribute(&object, name, Some(at.module))) {
                    // `cls` may be a class below.
                    (Type::Class(_), Type::Function(function) | Type::Method(function))
                        if self.is_receiver(there(value))
                            && !self.overrides_agree(name, function) =>
                    {
                        Type::Unknown(Reason::OverridesDisagree)
                    }
                    (Type::Instance(class), Type::Unknown(Reason::UnknownAttribute))
                        if self.is_receiver(there(value)) =>
                    {
                        self.had_below(*class, name, at.module)
                    }
                    (Type::Instance(class), Type::Unknown(Reason::UnknownAttribute)) => {
                        self.method_had_below(*class, name, at)
                    }
                    (Type::Instance(class), Type::Container(_, element))
                        if matches!(element.as_ref(), Type::Instance(_))
                            && self.is_receiver(there(value))
                            && self.is_filled_below(*class, name) =>
                    {
                        Type::Unknown(Reason::Disagreement)
                    }
                    (_, found) => found,
                }
            }
            ExprKind::Call { callee, .. } => {
                self.taken(at, callee).unwrap_or_else(|| self.result(at, callee))
            }
            ExprKind::Await(value) => self.awaited_value(there(value)),
            ExprKind::Conditional { test, branches } => {
                let branches = body.list(branches);
                let of_each = branches.iter().map(|&id| self.value(there(id))).collect();
                let is_asked_for = |&id: &ExprId| match body.kind(id) {
                    ExprKind::Name(name) => asks_for(body, test, name),
                    _ => false,
                };
                // `client if client else Client()`
                if branches.iter().any(is_asked_for) {
                    self.given_or_made(of_each)
                } else {
                    Type::join(of_each)
                }
            }
            ExprKind::Bool { is_and, left, right } => {
                let (given, other) = (self.value(there(left)), self.value(there(right)));
                // `client or Client()`
                if !is_and && matches!(body.kind(left), ExprKind::Name(_)) {
                    self.given_or_made(vec![given, other])
                } else {
                    Type::join(vec![given, other])
                }
            }
            ExprKind::Named { value, .. } => self.value(there(value)),
            ExprKind::Binary { left, right } => self.operation(at, left, right),
            ExprKind::Subscript { value, index } => self.indexed(at, value, index),
            ExprKind::None => Type::None,
            ExprKind::Str(_) | ExprKind::Format(_) => Type::external_instance("builtins.str"),
            ExprKind::Number(_) => Type::external_instance("builtins.int"),
            ExprKind::Boolean(_) | ExprKind::Not(_) => Type::external_instance("builtins.bool"),
            ExprKind::List(_) => Type::external_instance("builtins.list"),
            ExprKind::Dict(_) => Type::external_instance("builtins.dict"),
            ExprKind::Set(_) => Type::external_instance("builtins.set"),
            ExprKind::Tuple(list) => {
                let places = body.list(list);
                let is_starred = |&id: &ExprId| matches!(body.kind(id), ExprKind::Starred(_));
                if places.len() > MAX_PLACES || places.iter().any(is_starred) {
                    return Type::external_instance("builtins.tuple");
                }
                Type::Tuple(places.iter().map(|&id| self.value(there(id))).collect())
            }
            ExprKind::Comprehension(_) => match body.comprehension(at.id).map(|made| made.kind) {
                Some(ComprehensionKind::List) => Type::external_instance("builtins.list"),
                Some(ComprehensionKind::Set) => Type::external_instance("builtins.set"),
                Some(ComprehensionKind::Dict) => Type::external_instance("builtins.dict"),
                _ => Type::Unknown(Reason::Expression),
            },
            _ => Type::Unknown(Reason::Expression),
        }
    }

    /// `A | B` as the name of a type, and `path / part`, which is all that a path can be used for.
    fn operation(&self, at: ExprRef, left: ExprId, right: ExprId) -> Type {
        match self.value(ExprRef { id: left, ..at }) {
            left @ (Type::Class(_)
            | Type::Alias(_)
            | Type::Callable(..)
            | Type::None
            | Type::Union(_)) => {
                Type::join(vec![left, self.type_named(ExprRef { id: right, ..at })])
            }
            Type::ExternalInstance(class) if class.starts_with("pathlib.") => {
                Type::ExternalInstance(class)
            }
            _ => Type::Unknown(Reason::Expression),
        }
    }

    /// The name of a type with its arguments, such as `Union[A, B]`, or an item of a container.
    fn indexed(&self, at: ExprRef, head: ExprId, index: List) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let name = match self.value(ExprRef { id: head, ..at }) {
            Type::External(name) => name,
            alias @ Type::Alias(_) => return alias,
            Type::Class(class)
                if self.is_made_as_usual(class)
                    && self.derives_from(class, "enum.Enum") == Some(false) =>
            {
                return Type::Class(ClassRef { arguments: class.arguments.or(Some(at)), ..class });
            }
            _ => return self.subscript(at, head, body.list(index)),
        };
        let is_union = matches!(&*name, "typing.Union" | "typing.Optional");
        if !is_union && !name.ends_with(".Callable") {
            let is_enum = || self.project.catalog().is_subclass(&name, "enum.Enum");
            return match self.project.catalog().class(&name) {
                Some(_) if !is_enum() => Type::Alias(at),
                _ if is_of_typing(&name) => Type::Alias(at),
                _ => self.subscript(at, head, body.list(index)),
            };
        }
        let there = |id| ExprRef { id, ..at };
        match body.subscript_parts(index) {
            // The alias of a type stands for it.
            &[_, returned] if !is_union => self.callable(there(returned)),
            _ if !is_union => Type::Unknown(Reason::UnknownAnnotation),
            members => Type::join(members.iter().map(|&id| self.type_named(there(id))).collect()),
        }
    }

    /// A class, or several, as the member of a union type.
    fn type_named(&self, at: ExprRef) -> Type {
        let value = self.value(at);
        let is_type = |part: &Type| {
            matches!(part, Type::Class(_) | Type::Alias(_) | Type::Callable(..) | Type::None)
        };
        if value.parts().iter().all(is_type) {
            value
        } else {
            Type::Unknown(Reason::UnknownAnnotation)
        }
    }

    /// What the call `id` of `body` calls.
    pub fn callee(&self, module: ModuleId, body: asynclint_semantic::BodyId, id: ExprId) -> Callee {
        let Some(callee) = self.project.facts(module).body(body).callee(id) else {
            return Callee::Unknown(Reason::Expression);
        };
        self.callee_of(&self.value(ExprRef { module, body, id: callee }))
    }

    pub(crate) fn callee_of(&self, value: &Type) -> Callee {
        match value {
            Type::Function(function) | Type::Method(function) => Callee::Known(*function),
            // `async def __new__`: calling the class gives its coroutine.
            Type::Class(class) => {
                self.async_new(*class).map_or(Callee::Class(*class), Callee::Known)
            }
            Type::External(name) => Callee::External(name.clone()),
            Type::Callable(shade, _) => Callee::Declared(*shade),
            // `Queue[int]()`
            Type::Alias(alias) => self.callee_of(&self.head_of(*alias)),
            // An object that is called runs its `__call__`.
            Type::Instance(_) => match self.attribute(value, "__call__", None) {
                Type::Method(function) => Callee::Known(function),
                _ => Callee::Unknown(Reason::Expression),
            },
            Type::ExternalInstance(class)
                if self.project.catalog().member(class, "__call__").is_some() =>
            {
                Callee::External(format!("{class}.__call__").into())
            }
            Type::Union(parts) => {
                let callees: Vec<_> = parts.iter().map(|part| self.callee_of(part)).collect();
                let agree = callees.iter().all(|one| {
                    matches!(one, Callee::Known(_) | Callee::External(_))
                        && self.gives(one) == self.gives(&callees[0])
                });
                // Only what they give is agreed upon; what they block on is not.
                if agree && self.gives(&callees[0]) == Gives::Coroutine {
                    callees.into_iter().next().unwrap_or(Callee::Unknown(Reason::Disagreement))
                } else {
                    Callee::Unknown(Reason::Disagreement)
                }
            }
            Type::Unknown(reason) => Callee::Unknown(*reason),
            _ => Callee::Unknown(Reason::Expression),
        }
    }

    /// What a call evaluates to.
    fn result(&self, at: ExprRef, callee: ExprId) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let value = self.value(ExprRef { id: callee, ..at });
        let object = || match body.kind(callee) {
            ExprKind::Attribute { value: object, .. } => self.value(ExprRef { id: object, ..at }),
            _ => Type::Unknown(Reason::Expression),
        };
        value.map(|value| match self.callee_of(value) {
            Callee::Class(class) => Type::Instance(class),
            Callee::Known(function) => {
                let signature = self.overload(at, function).unwrap_or(function);
                let result = self.of_receiver(function, self.called(signature), object);
                self.of_generic(function, self.of_arguments(at, function, result), object)
            }
            Callee::External(name) => self.library_result(at, &name),
            Callee::Declared(_) => match value {
                Type::Callable(shade, result) => Type::Pending(*shade, Rc::clone(result)),
                _ => Type::Unknown(Reason::UnknownReturn),
            },
            Callee::Unknown(reason) => Type::Unknown(reason),
        })
    }

    /// What calling `function` evaluates to.
    pub(crate) fn called(&self, function: FunctionRef) -> Type {
        let pending = |shade| Type::Pending(shade, Rc::new(self.returns(function)));
        match self.gives(&Callee::Known(function)) {
            Gives::Coroutine => pending(Shade::Coroutine),
            Gives::AsyncManager => pending(Shade::AsyncManager),
            Gives::Plain if self.decorated(function).makes_managers => {
                Type::Manager(Rc::new(self.returns(function)))
            }
            Gives::Plain if self.project.function(function).is_generator => {
                Type::Unknown(Reason::UnknownReturn)
            }
            Gives::Plain => self.returns(function),
            Gives::Unknown(reason) => Type::Unknown(reason),
            _ => Type::Unknown(Reason::UnknownReturn),
        }
    }

    fn library_result(&self, at: ExprRef, name: &str) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let argument = |index: usize| body.arguments(at.id).get(index).map(|a| a.value);
        match name {
            "builtins.super" => {
                let scope = body.expr(at.id).scope;
                let class = self.class_of_code(at.module, scope);
                return class.map_or(Type::Unknown(Reason::Expression), Type::Super);
            }
            "builtins.type" if body.arguments(at.id).len() == 1 => {
                let object = argument(0).map(|id| self.value(ExprRef { id, ..at }));
                return match object {
                    Some(Type::Instance(class)) => Type::Class(class),
                    Some(Type::ExternalInstance(class)) => Type::External(class),
                    _ => Type::Unknown(Reason::Expression),
                };
            }
            "builtins.getattr" => return self.got(at),
            "functools.partial" => {
                if let Some(Type::Function(function) | Type::Method(function)) =
                    argument(0).map(|id| self.value(ExprRef { id, ..at }))
                    && self.gives(&Callee::Known(function)) == Gives::Coroutine
                {
                    return Type::Callable(Shade::Coroutine, Rc::new(self.returns(function)));
                }
            }
            "asyncio.Future.result" | "asyncio.Task.result" => {
                if let Some(callee) = body.callee(at.id)
                    && let ExprKind::Attribute { value, .. } = body.kind(callee)
                {
                    return self.awaited_value(ExprRef { id: value, ..at });
                }
            }
            "typing.TypeVar" => {
                return match argument(0).map(|id| body.kind(id)) {
                    Some(ExprKind::Str(Some(name))) => {
                        Variable { module: at.module, name }.unknown()
                    }
                    _ => Type::Unknown(Reason::UnknownAnnotation),
                };
            }
            "typing.cast" => {
                return argument(0).map_or(Type::Unknown(Reason::UnknownReturn), |id| {
                    self.annotation(ExprRef { id, ..at })
                });
            }
            _ => {}
        }
        let Some(call) = self.project.catalog().call(name) else {
            return Type::Unknown(Reason::UnknownLibrary);
        };
        if self.is_varied(at, call) {
            return Type::Unknown(Reason::UnknownReturn);
        }
        let own = call.returns.as_deref().filter(|class| *class == "Self");
        let own = own.and_then(|_| self.object_of_call(at));
        let returned = call
            .returns
            .as_deref()
            .filter(|class| *class != "Self")
            .filter(|_| {
                call.given.as_ref().is_none_or(|argument| self.passes_argument(at, argument))
            })
            .map(|class| self.by_name(at, call, class))
            .or_else(|| own.map(Type::Instance))
            .or_else(|| self.outcome(at, call))
            .unwrap_or(Type::Unknown(Reason::UnknownReturn));
        match call.shade {
            shade @ (Shade::Coroutine | Shade::LazyAwaitable) => {
                Type::Pending(shade, Rc::new(returned))
            }
            _ => returned,
        }
    }

    /// The object that a call gives of a library's class, or of a class of the project below it that
    /// the call names.
    fn by_name(&self, at: ExprRef, call: &Callable, class: &str) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let first = body.arguments(at.id).first().map(|it| body.kind(it.value));
        let named = match first.filter(|_| call.names_class) {
            Some(ExprKind::Str(Some(name))) => {
                self.named_below(self.project.facts(at.module).outline.text(name), class)
            }
            _ => None,
        };
        named.unwrap_or_else(|| Type::external_instance(class))
    }

    /// What awaiting the value of an expression gives.
    pub(crate) fn awaited_value(&self, at: ExprRef) -> Type {
        self.value(at).map(|awaited| match awaited {
            Type::Pending(Shade::Coroutine | Shade::LazyAwaitable, result) => (**result).clone(),
            Type::ExternalInstance(class) => self.awaited(class, at),
            Type::Unknown(reason) => Type::Unknown(*reason),
            _ => Type::Unknown(Reason::UnknownReturn),
        })
    }

    /// What awaiting an object of a library's class gives.
    fn awaited(&self, class: &str, at: ExprRef) -> Type {
        let unknown = Type::Unknown(Reason::UnknownReturn);
        match self.project.catalog().awaits(class) {
            None => self.awaited_task(at),
            Some("Self") => self.start_of_chain(at).map_or(unknown, Type::Instance),
            Some("[Self]") => self.start_of_chain(at).map_or(unknown, |class| {
                Type::Container("builtins.list".into(), Rc::new(Type::Instance(class)))
            }),
            Some(given) => Type::external_instance(given),
        }
    }

    /// The class of the project that a method is called on, or whose object it is called on.
    fn object_of_call(&self, call: ExprRef) -> Option<ClassRef> {
        let body = self.project.facts(call.module).body(call.body);
        let ExprKind::Attribute { value, .. } = body.kind(body.callee(call.id)?) else {
            return None;
        };
        match self.value(ExprRef { id: value, ..call }) {
            Type::Class(class) | Type::Instance(class) => Some(class),
            _ => None,
        }
    }

    /// The class on which a chain of calls begins: `User` of `User.filter(...).first()`.
    fn start_of_chain(&self, mut at: ExprRef) -> Option<ClassRef> {
        let body = self.project.facts(at.module).body(at.body);
        for _ in 0..MAX_CHAIN {
            if let Some(class) = self.object_of_call(at) {
                return Some(class);
            }
            let ExprKind::Attribute { value, .. } = body.kind(body.callee(at.id)?) else {
                return None;
            };
            at.id = value;
        }
        None
    }

    /// What `getattr(object, "name")` and `getattr(object, "name", default)` evaluate to.
    fn got(&self, at: ExprRef) -> Type {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        let there = |argument: &Argument| ExprRef { id: argument.value, ..at };
        let (object, name, default) = match body.arguments(at.id) {
            [object, name] => (object, name, None),
            [object, name, default] => (object, name, Some(default)),
            _ => return Type::Unknown(Reason::Expression),
        };
        let ExprKind::Str(Some(name)) = body.kind(name.value) else {
            return Type::Unknown(Reason::Expression);
        };
        let object = self.value(there(object));
        let found = self.attribute(&object, facts.outline.text(name), Some(at.module));
        let default = default.map(|default| self.value(there(default)));
        Type::join(std::iter::once(found).chain(default).collect())
    }

    /// The class whose method the code of `scope` belongs to.
    pub(crate) fn class_of_code(
        &self,
        module: ModuleId,
        scope: asynclint_semantic::ScopeId,
    ) -> Option<ClassRef> {
        let outline = &self.project.facts(module).outline;
        let mut at = Some(scope);
        while let Some(scope) = at {
            if let ScopeKind::Class(id) = outline.scope(scope).kind {
                return Some(ClassRef::new(module, id));
            }
            at = outline.scope(scope).parent;
        }
        None
    }

    /// What `with manager as x` or `async with manager as x` binds to `x`.
    pub(crate) fn entered(&self, manager: ExprRef, is_async: bool) -> Type {
        let method = if is_async { "__aenter__" } else { "__enter__" };
        let body = self.project.facts(manager.module).body(manager.body);
        let mut value = self.value(manager);
        // `async with client.get(url) as response` and `async with await connect() as c`.
        if let (Type::Pending(Shade::LazyAwaitable, entered), ExprKind::Call { .. }) =
            (&value, body.kind(manager.id))
        {
            return (**entered).clone();
        }
        if let Type::Pending(Shade::AsyncManager, entered) = value {
            value = (*entered).clone();
            return value;
        }
        if let Some(object) = self.closed_by(manager) {
            return self.value(ExprRef { id: object, ..manager });
        }
        value.map(|value| match value {
            Type::Manager(entered) if !is_async => (**entered).clone(),
            Type::ExternalInstance(class) => match self.project.catalog().enters(class) {
                Some(entered) => Type::external_instance(entered),
                None => Type::Unknown(Reason::UnknownReturn),
            },
            Type::Instance(_) => match self.attribute(value, method, None) {
                Type::Method(function) => {
                    let called =
                        self.of_receiver(function, self.called(function), || value.clone());
                    match called {
                        Type::Pending(Shade::Coroutine, entered) => (*entered).clone(),
                        entered => entered,
                    }
                }
                // The object behind the name may be any other.
                replaced @ Type::Unknown(Reason::Replaced) => replaced,
                Type::External(_) | Type::Unknown(Reason::UnknownAttribute) => {
                    self.entered_above(value)
                }
                _ => Type::Unknown(Reason::UnknownReturn),
            },
            _ => Type::Unknown(Reason::UnknownReturn),
        })
    }

    /// What entering an object gives whose class has the way in from a library's class above it: that
    /// mostly gives the object itself, which is then no other than the object of the class below.
    fn entered_above(&self, value: &Type) -> Type {
        let Type::Instance(class) = value else { return Type::Unknown(Reason::UnknownReturn) };
        let order = self.mro(*class);
        let catalog = self.project.catalog();
        let above = order.iter().find_map(|ancestor| match ancestor {
            Ancestor::Library(name) => catalog.enters(name).map(|entered| (name, entered)),
            _ => None,
        });
        match above {
            _ if order.contains(&Ancestor::Unknown) => Type::Unknown(Reason::UnknownBase),
            Some((name, entered)) if &**name == entered => value.clone(),
            Some((_, entered)) => Type::external_instance(entered),
            None => Type::Unknown(Reason::UnknownReturn),
        }
    }
}

/// Whether the name is of what annotations are made of.
fn is_of_typing(name: &str) -> bool {
    ["typing.", "collections.abc."].iter().any(|it| name.starts_with(it))
}
