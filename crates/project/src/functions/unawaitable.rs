//! Whether an annotation leaves room for an awaitable.

use asynclint_catalog::Shade;
use asynclint_parser::Span;
use asynclint_semantic::{BodyId, ExprId, ExprKind, FunctionId};

use crate::classes::mro::Ancestor;
use crate::functions::parameters::is_of_coroutines;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, ModuleId, Type};

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

/// Classes of libraries whose objects nobody awaits, nor those of their subclasses.
const VALUE_BASES: &[&str] = &[
    "builtins.BaseException",
    "django.db.models.Model",
    "enum.Enum",
    "msgspec.Struct",
    "pydantic.BaseModel",
    "pydantic.main.BaseModel",
    "sqlalchemy.orm.DeclarativeBase",
    "sqlmodel.SQLModel",
    "typing.Generic",
    "typing.NamedTuple",
    "typing.TypedDict",
];

/// Modules whose classes stand for whatever has their methods, or run what they are given.
const OPEN_MODULES: &[&str] = &[
    "anyio",
    "asyncio",
    "builtins",
    "collections",
    "concurrent",
    "contextlib",
    "inspect",
    "trio",
    "types",
    "typing",
];

/// Modules of the standard library whose classes stand for whatever has their methods.
const OF_MANNERS: &[&str] = &["builtins", "collections", "types", "typing"];

/// Those of them that a coroutine is not.
const NO_COROUTINES: &[&str] = &[
    "collections.abc.AsyncGenerator",
    "collections.abc.AsyncIterable",
    "collections.abc.AsyncIterator",
    "collections.abc.Iterator",
    "typing.AsyncGenerator",
    "typing.AsyncIterable",
    "typing.AsyncIterator",
    "typing.Iterator",
];

/// Words in the names of classes whose objects may be awaited, or that run what they are given.
const OF_AWAITABLES: &[&str] =
    &["Await", "Callable", "Coro", "Defer", "Func", "Future", "Job", "Promise", "Task"];

/// What an annotation is to leave no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Anything that can be awaited.
    Awaitable,
    /// A coroutine: of what library classes are, less need be known.
    Coroutine,
    /// The coroutine that a call makes. Where objects of the class are asked for that it gives, the
    /// result is meant, whatever may be known of the class.
    CoroutineOf(ModuleId, BodyId, ExprId),
}

impl Resolver<'_> {
    /// Where a coroutine function says that it returns something that is no awaitable.
    pub fn promises_value(
        &self,
        module: ModuleId,
        function: FunctionId,
        barred: Barred,
    ) -> Option<Span> {
        let own = self.project.facts(module).outline.function(function);
        let id = own.returns?;
        let at = ExprRef { module, body: own.home, id };
        let span = self.project.facts(module).body(own.home).span(id);
        self.is_value_type(at, barred).then_some(span)
    }

    /// Whether the expression, as an annotation, describes a type that no awaitable is of.
    pub fn describes_value(&self, module: ModuleId, body: BodyId, id: ExprId) -> bool {
        self.is_value_type(ExprRef { module, body, id }, Barred::Awaitable)
    }

    /// Whether no awaitable is of the type that an annotation describes.
    pub(crate) fn is_value_type(&self, at: ExprRef, barred: Barred) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::None => true,
            ExprKind::Binary { left, right } => {
                self.is_value_type(there(left), barred) && self.is_value_type(there(right), barred)
            }
            ExprKind::Subscript { value, index } => {
                let members = body.subscript_parts(index);
                match self.value(there(value)) {
                    Type::External(name) => match &*name {
                        "typing.Union" | "typing.Optional" => {
                            members.iter().all(|&id| self.is_value_type(there(id), barred))
                        }
                        "typing.Literal" => true,
                        "typing.Annotated" | "typing.Final" | "typing.NotRequired"
                        | "typing.ReadOnly" | "typing.Required" => {
                            members.first().is_some_and(|&id| self.is_value_type(there(id), barred))
                        }
                        name => self.is_value(&Type::ExternalInstance(name.into()), barred),
                    },
                    Type::Class(class) => self.is_value(&Type::Instance(class), barred),
                    _ => false,
                }
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.value(at) {
                _ if self.is_given_by(&self.annotation(at), barred) => true,
                // The catalogue need not know a class of the list.
                Type::External(name) => self.is_value(&Type::ExternalInstance(name), barred),
                _ => self.is_value(&self.annotation(at), barred),
            },
            ExprKind::Str(Some(_)) => self.is_value(&self.annotation(at), barred),
            _ => false,
        }
    }

    /// Whether objects of the type are known not to be what is barred.
    pub(crate) fn is_value(&self, value: &Type, barred: Barred) -> bool {
        value.parts().iter().all(|part| match part {
            Type::None => true,
            part if self.is_given_by(part, barred) => true,
            Type::Instance(class) => {
                let may_be_it = match barred {
                    Barred::Awaitable => self.may_be_awaitable(*class),
                    _ => self.may_be_coroutine(*class),
                };
                !may_be_it && matches!(self.attribute(part, "__await__", None), Type::Unknown(_))
            }
            Type::Class(_) => barred != Barred::Awaitable,
            part => part.library_class().is_some_and(|class| {
                VALUES.contains(&class)
                    || match barred {
                        Barred::Awaitable => self.is_plain_class(class, OPEN_MODULES),
                        _ => self.is_no_coroutine(class),
                    }
            }),
        })
    }

    /// Whether the type is that of an object which the barred coroutine gives.
    fn is_given_by(&self, part: &Type, barred: Barred) -> bool {
        let is_object = match part {
            Type::Instance(_) => true,
            Type::ExternalInstance(name) => {
                !OPEN_MODULES.contains(&name.split('.').next().unwrap_or_default())
                    && !OF_AWAITABLES.iter().any(|word| name.contains(word))
            }
            _ => false,
        };
        let Barred::CoroutineOf(module, body, id) = barred else { return false };
        is_object
            && matches!(
                self.value(ExprRef { module, body, id }),
                Type::Pending(Shade::Coroutine, result) if result.parts().contains(part)
            )
    }

    /// Whether an object of the class may be awaited.
    fn may_be_awaitable(&self, class: ClassRef) -> bool {
        self.mro(class).iter().any(|ancestor| match ancestor {
            Ancestor::Project(class) => self.is_protocol(*class),
            // Whatever a library's class brings, it need not be told in full.
            Ancestor::Library(name) => {
                let catalog = self.project.catalog();
                !VALUE_BASES.iter().any(|base| catalog.is_subclass(name, base))
            }
            Ancestor::Unknown => true,
        })
    }

    /// Whether a coroutine may be of the class: it is an object of Python's own class, and of no
    /// other but those that stand for whatever has their methods.
    fn may_be_coroutine(&self, class: ClassRef) -> bool {
        let may_be_named = |name: &str| OF_AWAITABLES.iter().any(|word| name.contains(word));
        let is_open = may_be_named(self.project.class_name(class))
            || self.mro(class).iter().any(|ancestor| match ancestor {
                Ancestor::Library(name) => {
                    let catalog = self.project.catalog();
                    let module = name.split('.').next().unwrap_or_default();
                    OF_MANNERS.contains(&module)
                        && !VALUES.contains(&&**name)
                        && !VALUE_BASES.iter().any(|base| catalog.is_subclass(name, base))
                }
                // What its bases are need not be known: what they are called is.
                Ancestor::Project(above) => {
                    let facts = self.project.facts(above.module);
                    let own = self.project.class(*above);
                    let home = facts.body(own.home);
                    home.list(own.bases).iter().flat_map(|&id| home.exprs_below(id)).any(|id| {
                        home.last_name(id).is_some_and(|it| may_be_named(facts.outline.text(it)))
                    })
                }
                Ancestor::Unknown => false,
            });
        is_open || self.is_protocol(class) && !self.asks_for_more(class)
    }

    /// Whether a protocol asks for what no coroutine has.
    fn asks_for_more(&self, protocol: ClassRef) -> bool {
        let outline = &self.project.facts(protocol.module).outline;
        let scope = outline.scope(self.project.class(protocol).scope);
        scope.bindings.iter().any(|binding| !is_of_coroutines(outline.text(binding.name)))
    }

    /// Whether no coroutine is of a library's class.
    fn is_no_coroutine(&self, class: &str) -> bool {
        NO_COROUTINES.contains(&class)
            || self.project.catalog().is_subclass(class, "builtins.BaseException")
            || self.is_plain_class(class, OF_MANNERS)
    }

    /// Whether the catalogue knows a library's class, and that nobody can await its objects.
    fn is_plain_class(&self, class: &str, open: &[&str]) -> bool {
        let catalog = self.project.catalog();
        let module = class.split('.').next().unwrap_or_default();
        catalog.class(class).is_some()
            && !open.contains(&module)
            && !catalog.any_base(class, |class| class.awaitable)
    }

    /// What shows that what a coroutine function returns as an element of a tuple is to be no
    /// awaitable: `-> tuple[str, int]`.
    pub fn promises_element(
        &self,
        module: ModuleId,
        function: FunctionId,
        place: usize,
        of: usize,
        barred: Barred,
    ) -> Option<Span> {
        let own = self.project.facts(module).outline.function(function);
        let at = ExprRef { module, body: own.home, id: own.returns? };
        let body = self.project.facts(module).body(own.home);
        let mut tuples = body.exprs_below(at.id).filter_map(|id| match body.kind(id) {
            ExprKind::Subscript { value, index } => {
                let named = self.value(ExprRef { id: value, ..at });
                matches!(named, Type::External(name)
                    if matches!(&*name, "builtins.tuple" | "typing.Tuple"))
                .then(|| body.subscript_parts(index))
            }
            _ => None,
        });
        // One of several may be meant, or one within another.
        let (only, None) = (tuples.next()?, tuples.next()) else { return None };
        let element = only.get(place).filter(|_| only.len() == of)?;
        let is_value = self.is_value_type(ExprRef { id: *element, ..at }, barred);
        is_value.then(|| body.span(*element))
    }

    /// Whether the class stands for whatever has its methods.
    pub(crate) fn is_protocol(&self, class: ClassRef) -> bool {
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
