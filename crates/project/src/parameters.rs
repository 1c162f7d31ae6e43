//! Which parameter takes an argument, and whether an annotation leaves room for an awaitable.

use asynclint_parser::Span;
use asynclint_semantic::{ArgumentKind, BodyId, ExprId, ExprKind, FunctionId, ParameterKind};

use crate::members::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// Classes of the standard library whose objects nobody awaits.
const VALUES: &[&str] = &[
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.set",
    "builtins.str",
    "builtins.tuple",
    "collections.abc.Collection",
    "collections.abc.Iterable",
    "collections.abc.Mapping",
    "collections.abc.MutableMapping",
    "collections.abc.MutableSequence",
    "collections.abc.Sequence",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "decimal.Decimal",
    "pathlib.Path",
    "typing.Collection",
    "typing.Dict",
    "typing.FrozenSet",
    "typing.Iterable",
    "typing.List",
    "typing.Mapping",
    "typing.MutableMapping",
    "typing.Sequence",
    "typing.Set",
    "typing.Tuple",
    "uuid.UUID",
];

impl Resolver<'_> {
    /// Where the parameter that takes an argument of a call is annotated as something that is no
    /// awaitable.
    pub fn wants_value(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
    ) -> Option<(ModuleId, Span)> {
        let code = self.project.facts(module).body(body);
        let callee = self.value(ExprRef { module, body, id: code.callee(call)? });
        let (function, bound) = match (&callee, self.callee(module, body, call)) {
            (Type::Method(_), Callee::Known(function)) => (function, 1),
            (_, Callee::Known(function)) => (function, 0),
            (_, Callee::Class(class)) => {
                match self.attribute(&Type::Instance(class), "__init__", None) {
                    Type::Method(function) => (function, 1),
                    _ => return None,
                }
            }
            _ => return None,
        };
        // A decorator may change what is taken.
        let own = self.project.function(function);
        let home = self.project.facts(function.module).body(own.home);
        if !home.list(own.decorators).iter().all(|&id| self.keeps_parameters(function, id)) {
            return None;
        }
        let position = code.arguments(call).iter().position(|a| a.value == argument)?;
        let parameter = match code.arguments(call)[position].kind {
            ArgumentKind::Positional => {
                let before = &code.arguments(call)[..position];
                if before.iter().any(|a| a.kind != ArgumentKind::Positional) {
                    return None;
                }
                own.parameters.get(position + bound)?
            }
            ArgumentKind::Keyword(name) => {
                let text = self.project.facts(module).outline.text(name);
                let outline = &self.project.facts(function.module).outline;
                own.parameters.iter().find(|parameter| outline.text(parameter.name) == text)?
            }
            _ => return None,
        };
        let plain = matches!(parameter.kind, ParameterKind::Plain | ParameterKind::KeywordOnly);
        let id = parameter.annotation.filter(|_| plain)?;
        let at = ExprRef { module: function.module, body: own.home, id };
        self.is_value_type(at).then(|| (function.module, home.span(id)))
    }

    fn keeps_parameters(&self, function: FunctionRef, decorator: ExprId) -> bool {
        let body = self.project.function(function).home;
        match self.value(ExprRef { module: function.module, body, id: decorator }) {
            Type::External(name) => {
                matches!(&*name, "builtins.staticmethod" | "builtins.classmethod")
            }
            _ => false,
        }
    }

    /// Whether what the function returns is what its code returns: a decorator of the project may
    /// await it once more.
    pub fn returns_as_written(&self, module: ModuleId, function: FunctionId) -> bool {
        let own = self.project.facts(module).outline.function(function);
        let home = self.project.facts(module).body(own.home);
        home.list(own.decorators).iter().all(|&id| {
            let value = self.value(ExprRef { module, body: own.home, id });
            matches!(value, Type::External(_))
        })
    }

    /// Where a coroutine function says that it returns something that is no awaitable.
    pub fn promises_value(&self, module: ModuleId, function: FunctionId) -> Option<Span> {
        let own = self.project.facts(module).outline.function(function);
        let id = own.returns?;
        let at = ExprRef { module, body: own.home, id };
        let span = self.project.facts(module).body(own.home).span(id);
        self.is_value_type(at).then_some(span)
    }

    /// Whether no awaitable is of the type that an annotation describes.
    fn is_value_type(&self, at: ExprRef) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::None => true,
            ExprKind::Binary { left, right } => {
                self.is_value_type(there(left)) && self.is_value_type(there(right))
            }
            ExprKind::Subscript { value, index } => {
                let members = match body.list(index) {
                    [only] => match body.kind(*only) {
                        ExprKind::Tuple(list) => body.list(list),
                        _ => body.list(index),
                    },
                    several => several,
                };
                match self.value(there(value)) {
                    Type::External(name) => match &*name {
                        "typing.Union" | "typing.Optional" => {
                            members.iter().all(|&id| self.is_value_type(there(id)))
                        }
                        "typing.Annotated" => {
                            members.first().is_some_and(|&id| self.is_value_type(there(id)))
                        }
                        name => self.is_value(&Type::ExternalInstance(name.into())),
                    },
                    Type::Class(class) => self.is_value(&Type::Instance(class)),
                    _ => false,
                }
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.value(at) {
                // The catalogue need not know a class of the list.
                Type::External(name) => self.is_value(&Type::ExternalInstance(name)),
                _ => self.is_value(&self.annotation(at)),
            },
            ExprKind::Str(Some(_)) => self.is_value(&self.annotation(at)),
            _ => false,
        }
    }

    /// Whether objects of the type are known to be no awaitables.
    fn is_value(&self, value: &Type) -> bool {
        value.parts().iter().all(|part| match part {
            Type::None => true,
            Type::ExternalInstance(class) => VALUES.contains(&&**class),
            Type::Instance(class) => {
                let may_await = self.mro(*class).iter().any(|ancestor| match ancestor {
                    Ancestor::Project(class) => self.is_protocol(*class),
                    // Whatever a library's class brings, it need not be told in full.
                    Ancestor::Library(name) => {
                        let catalog = self.project.catalog();
                        let is_plain = ["enum.Enum", "builtins.BaseException"];
                        !is_plain.iter().any(|base| catalog.is_subclass(name, base))
                    }
                    Ancestor::Unknown => true,
                });
                let has_await = self.attribute(part, "__await__", None);
                !may_await && matches!(has_await, Type::Unknown(_))
            }
            _ => false,
        })
    }

    fn is_protocol(&self, class: crate::types::ClassRef) -> bool {
        let own = self.project.class(class);
        let body = self.project.facts(class.module).body(own.home);
        body.list(own.bases).iter().any(|&id| {
            let head = match body.kind(id) {
                ExprKind::Subscript { value, .. } => value,
                _ => id,
            };
            let at = ExprRef { module: class.module, body: own.home, id: head };
            matches!(self.value(at), Type::External(name) if &*name == "typing.Protocol")
        })
    }
}
