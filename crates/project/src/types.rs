//! What an expression can evaluate to, as far as resolving calls needs it.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use asynclint_catalog::Shade;
use asynclint_semantic::{ClassId, FunctionId, Name};

use crate::resolver::ExprRef;

/// Possible values that are told apart: each use of a name asks all of them, and no annotation that
/// a person wrote comes near.
const MOST_PARTS: usize = 64;

/// A module of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A function of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionRef {
    /// Its module.
    pub module: ModuleId,
    /// Its place there.
    pub id: FunctionId,
}

/// A class of the project. It is one class whatever its type variables stand for, and compares so.
#[derive(Clone, Copy, Debug)]
pub struct ClassRef {
    /// Its module.
    pub module: ModuleId,
    /// Its place there.
    pub id: ClassId,
    /// Where the code says what its type variables stand for: `Repository[User]`.
    pub(crate) arguments: Option<ExprRef>,
}

impl ClassRef {
    /// The class, of whose type variables nothing is known.
    pub const fn new(module: ModuleId, id: ClassId) -> Self {
        Self { module, id, arguments: None }
    }

    /// The class without what its type variables stand for.
    pub(crate) const fn plain(self) -> Self {
        Self::new(self.module, self.id)
    }

    const fn place(self) -> (ModuleId, ClassId) {
        (self.module, self.id)
    }
}

impl PartialEq for ClassRef {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for ClassRef {}

impl PartialOrd for ClassRef {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ClassRef {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl Hash for ClassRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place().hash(state);
    }
}

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A module of the project.
    Module(ModuleId),
    /// A function, not yet bound to an object.
    Function(FunctionRef),
    /// A function bound to an object or class.
    Method(FunctionRef),
    /// A class of the project.
    Class(ClassRef),
    /// An object of a class of the project.
    Instance(ClassRef),
    /// `super()` in a class of the project.
    Super(ClassRef),
    /// A name of a library: a function, a class, a method or a module.
    External(Rc<str>),
    /// An object of a library's class.
    ExternalInstance(Rc<str>),
    /// A list, set or dict of a library's class, and what is in it: of a dict its values.
    Container(Rc<str>, Rc<Type>),
    /// A tuple, and what is in each of its places.
    Tuple(Rc<[Type]>),
    /// An awaitable, and what awaiting it gives.
    Pending(Shade, Rc<Type>),
    /// A function of which only an annotation tells what calling it gives: an awaitable of this
    /// shade, and what awaiting that gives.
    Callable(Shade, Rc<Type>),
    /// The name of a type with its arguments, such as `list[int]`, as a value.
    Alias(ExprRef),
    /// What a generator behind `contextlib.contextmanager` gives, and what entering it binds.
    Manager(Rc<Type>),
    /// `None`.
    None,
    /// One of several.
    Union(Rc<[Type]>),
    /// Not known.
    Unknown(Reason),
}

/// A type variable, by the name that it has in one of the modules: `T = TypeVar("T")`, `class C[T]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    pub(crate) module: ModuleId,
    pub(crate) name: Name,
}

impl Variable {
    /// The type of what it stands for, where nothing says that.
    pub(crate) const fn unknown(self) -> Type {
        Type::Unknown(Reason::TypeVariable(self))
    }
}

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A parameter without an annotation.
    UnannotatedParameter,
    /// The name is bound in a way that is not followed.
    OpaqueBinding,
    /// No scope binds the name, and a star import may.
    StarImport,
    /// No scope binds the name.
    UnboundName,
    /// The class has no such attribute, or it is made at run time.
    UnknownAttribute,
    /// An attribute and a method share the name.
    AttributeAndMethod,
    /// A base class is not known.
    UnknownBase,
    /// A subclass overrides the method with another colour.
    OverridesDisagree,
    /// The attribute is replaced from outside the class.
    Replaced,
    /// A decorator is not understood.
    UnknownDecorator,
    /// The possible values disagree.
    Disagreement,
    /// Nothing is known of the library.
    UnknownLibrary,
    /// An element of a container.
    Element,
    /// What the call returns is not known.
    UnknownReturn,
    /// The annotation is not understood.
    UnknownAnnotation,
    /// A type variable, for which nothing says what it stands for.
    TypeVariable(Variable),
    /// The definition goes in a circle.
    Circular,
    /// A kind of expression that is not followed.
    Expression,
    /// The file does not parse here.
    SyntaxError,
}

impl Reason {
    /// The reason in words: lower case, no full stop.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnannotatedParameter => "the parameter has no annotation",
            Self::OpaqueBinding => "the name is bound in a way that is not followed",
            Self::StarImport => "the name may come from a star import",
            Self::UnboundName => "nothing in the file binds the name",
            Self::UnknownAttribute => "the class has no such attribute that is known",
            Self::AttributeAndMethod => "an attribute and a method share the name",
            Self::UnknownBase => "a base class is not known",
            Self::OverridesDisagree => "a subclass overrides it with another colour",
            Self::Replaced => "the attribute is replaced from outside the class",
            Self::UnknownDecorator => "a decorator is not understood",
            Self::Disagreement => "the possible values disagree",
            Self::UnknownLibrary => "nothing is known of the library",
            Self::Element => "it is an element of a container",
            Self::UnknownReturn => "what the call returns is not known",
            Self::UnknownAnnotation => "the annotation is not understood",
            Self::TypeVariable(_) => "it is a type variable",
            Self::Circular => "the definition goes in a circle",
            Self::Expression => "this kind of expression is not followed",
            Self::SyntaxError => "the definition could not be read",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a call calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A function of the project.
    Known(FunctionRef),
    /// A class of the project: the call makes an object.
    Class(ClassRef),
    /// A function, method or class of a library, by its qualified name.
    External(Rc<str>),
    /// A function of which an annotation tells what calling it gives.
    Declared(Shade),
    /// Not known, and why. Unknown never fires a lint.
    Unknown(Reason),
}

impl Type {
    /// One type for several possible values. `None` beside others is left out: calling it or its
    /// attributes raises, so it says nothing of what a call gives.
    pub(crate) fn join(mut types: Vec<Self>) -> Self {
        if let Some(unknown) = types.iter().find(|t| matches!(t, Self::Unknown(_))) {
            return unknown.clone();
        }
        let mut flat: Vec<Self> = Vec::with_capacity(types.len());
        for one in types.drain(..) {
            let parts = match one {
                Self::Union(parts) => parts.to_vec(),
                one => vec![one],
            };
            for part in parts {
                match flat.iter_mut().find(|known| **known == part) {
                    Some(known) => known.generalize(&part),
                    None if part != Self::None => flat.push(part),
                    None => {}
                }
            }
            if flat.len() > MOST_PARTS {
                return Self::Unknown(Reason::Disagreement);
            }
        }
        match flat.len() {
            0 => Self::None,
            1 => flat.swap_remove(0),
            _ => Self::Union(flat.into()),
        }
    }

    /// Forgets what the type variables of a class stand for where `other`, of the same class, says
    /// something else.
    fn generalize(&mut self, other: &Self) {
        if let (Self::Instance(own) | Self::Class(own), Self::Instance(other) | Self::Class(other)) =
            (self, other)
            && own.arguments != other.arguments
        {
            own.arguments = None;
        }
    }

    /// The class of a library's object.
    pub(crate) fn library_class(&self) -> Option<&str> {
        match self {
            Self::ExternalInstance(class) | Self::Container(class, _) => Some(class),
            Self::Tuple(_) => Some("builtins.tuple"),
            _ => None,
        }
    }

    /// Whether an annotation that says this says nothing: `x: Any`.
    pub(crate) fn is_anything(&self) -> bool {
        matches!(self, Self::ExternalInstance(class)
            if matches!(&**class, "typing.Any" | "builtins.object"))
    }

    /// Every possible value.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Union(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether this stands for what a type variable stands for.
    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Unknown(Reason::TypeVariable(_)))
    }

    /// Whether `is_it` holds for the type or for one of its parts: what awaiting or entering gives,
    /// what is in a container, one of several.
    pub(crate) fn holds(&self, is_it: &dyn Fn(&Self) -> bool) -> bool {
        is_it(self)
            || match self {
                Self::Pending(_, inner)
                | Self::Callable(_, inner)
                | Self::Container(_, inner)
                | Self::Manager(inner) => inner.holds(is_it),
                Self::Tuple(parts) | Self::Union(parts) => {
                    parts.iter().any(|part| part.holds(is_it))
                }
                _ => false,
            }
    }

    /// The type with `other` in the place of the parts for which `is_it` holds.
    pub(crate) fn replaced(&self, is_it: &dyn Fn(&Self) -> bool, other: &Self) -> Self {
        self.changed(&|part| is_it(part).then(|| other.clone()))
    }

    /// The type with what `stands_for` says in the place of its type variables.
    pub(crate) fn each_variable(&self, stands_for: &dyn Fn(Variable) -> Self) -> Self {
        self.changed(&|part| match part {
            Self::Unknown(Reason::TypeVariable(variable)) => Some(stands_for(*variable)),
            _ => None,
        })
    }

    /// The type with what `other` gives in the place of the parts for which it gives something.
    fn changed(&self, other: &dyn Fn(&Self) -> Option<Self>) -> Self {
        if let Some(other) = other(self) {
            return other;
        }
        let inner = |inner: &Self| Rc::new(inner.changed(other));
        match self {
            Self::Pending(shade, awaited) => Self::Pending(*shade, inner(awaited)),
            Self::Callable(shade, awaited) => Self::Callable(*shade, inner(awaited)),
            Self::Container(name, element) => Self::Container(name.clone(), inner(element)),
            Self::Manager(entered) => Self::Manager(inner(entered)),
            Self::Tuple(parts) => {
                Self::Tuple(parts.iter().map(|part| part.changed(other)).collect())
            }
            Self::Union(parts) => {
                Self::join(parts.iter().map(|part| part.changed(other)).collect())
            }
            known => known.clone(),
        }
    }

    /// Applies `f` to every possible value.
    pub(crate) fn map(&self, f: impl FnMut(&Self) -> Self) -> Self {
        Self::join(self.parts().iter().map(f).collect())
    }

    /// The type of a library's object, by the catalogue's word for it: a class, `None`, or what a
    /// tuple holds: `(asyncio.StreamReader, asyncio.StreamWriter)`.
    pub(crate) fn external_instance(class: &str) -> Self {
        let places = class.strip_prefix('(').and_then(|places| places.strip_suffix(')'));
        match places {
            Some(places) => Self::Tuple(places.split(", ").map(Self::external_instance).collect()),
            None if class == "None" => Self::None,
            None => Self::ExternalInstance(class.into()),
        }
    }
}
