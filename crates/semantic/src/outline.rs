//! What a file defines: functions, classes, imports and the names of every scope.

use std::cmp::Reverse;

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

use crate::ids::{Block, BodyId, ExprId, List, StmtId};
use crate::names::{Name, Names};

/// A function or lambda of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// A class of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassId(pub u32);

/// A scope of a file; 0 is the module's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScopeId(pub u32);

/// The module's scope.
pub const MODULE_SCOPE: ScopeId = ScopeId(0);

/// A function or lambda.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked by name")]
pub struct Function {
    /// Its name; absent for a lambda.
    pub name: Option<Name>,
    /// Bytes of the name, or of the whole lambda.
    pub name_span: Span,
    /// Bytes from `def` or `async` to the end.
    pub span: Span,
    /// Whether it is `async def`.
    pub is_async: bool,
    /// Whether it yields.
    pub is_generator: bool,
    /// The class whose body defines it.
    pub class: Option<ClassId>,
    /// The scope of its parameters and locals.
    pub scope: ScopeId,
    /// The scope that it is defined in.
    pub home_scope: ScopeId,
    /// The body that holds its code.
    pub body: BodyId,
    /// Its statements; a lambda has one `return`.
    pub block: Block,
    /// The body that holds decorators, annotations and defaults.
    pub home: BodyId,
    /// The statement that defines it, in `home`.
    pub stmt: StmtId,
    /// Its decorators, in `home`.
    pub decorators: List,
    /// Its parameters.
    pub parameters: Box<[Parameter]>,
    /// The annotation after `->`, in `home`.
    pub returns: Option<ExprId>,
    /// It could not be read whole: nothing in it may be judged.
    pub is_broken: bool,
    /// Whether an `if`, `try` or the like decides if it is defined.
    pub is_conditional: bool,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// By position or name.
    Plain,
    /// By name only.
    KeywordOnly,
    /// `*args`.
    Variadic,
    /// `**kwargs`.
    VariadicKeyword,
}

/// A parameter.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// Its annotation, in the function's home.
    pub annotation: Option<ExprId>,
    /// Its default, in the function's home.
    pub default: Option<ExprId>,
}

/// A class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: Name,
    /// Bytes of the name.
    pub name_span: Span,
    /// The scope of its body.
    pub scope: ScopeId,
    /// The scope that it is defined in.
    pub home_scope: ScopeId,
    /// The body that holds its code, bases and decorators.
    pub home: BodyId,
    /// Its statements.
    pub block: Block,
    /// Its bases, in `home`.
    pub bases: List,
    /// Its keywords, such as `metaclass`, in `home`.
    pub keywords: Box<[(Name, ExprId)]>,
    /// Its decorators, in `home`.
    pub decorators: List,
    /// Whether it could not be read whole.
    pub is_broken: bool,
}

/// What an import statement binds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Leading dots of a relative import.
    pub level: u32,
    /// The dotted module; empty for `from . import x`.
    pub module: Name,
    /// The name taken from the module; absent for `import a.b`.
    pub member: Option<Name>,
    /// Whether `import a.b` binds `a` (no `as`).
    pub binds_root: bool,
}

/// How a name comes to be bound.
#[allow(missing_docs, reason = "the summary of a variant shows its parts as code")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum BindingKind {
    /// By an import.
    Import(Import),
    /// By `def`.
    Function(FunctionId),
    /// By `class`.
    Class(ClassId),
    /// As the parameter with this index.
    Parameter(u32),
    /// By `name = value`, also as one of several targets, by `name := value` or `type name = value`.
    Assigned(ExprId),
    /// By `name: annotation`, with or without a value.
    Annotated { annotation: ExprId, value: Option<ExprId> },
    /// By `with manager as name`.
    Entered { manager: ExprId, is_async: bool },
    /// By `except types as name`.
    Caught,
    /// By `for`, also in a comprehension: an item of `iterable`.
    Item { iterable: ExprId, is_async: bool },
    /// As a part of what is unpacked: `a, b = pair`, `for key, value in pairs`.
    Unpacked(Part),
    /// In a way that is not followed: `*rest`, `+=`, `match`.
    Opaque,
    /// `del name`.
    Deleted,
}

impl BindingKind {
    /// The iterable that the name, or what it is unpacked from, is an item of.
    pub fn iterable(&self) -> Option<ExprId> {
        match self {
            Self::Item { iterable, .. }
            | Self::Unpacked(Part { whole: Whole::Item { iterable, .. }, .. }) => Some(*iterable),
            _ => None,
        }
    }
}

/// What is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whole {
    /// The value of an assignment.
    Value(ExprId),
    /// What `with manager as (a, b)` enters.
    Entered {
        /// The manager.
        manager: ExprId,
        /// Whether it is `async with`.
        is_async: bool,
    },
    /// An item, by `for`.
    Item {
        /// What is iterated.
        iterable: ExprId,
        /// Whether it is `async for`.
        is_async: bool,
    },
}

impl Whole {
    /// The expression that it comes from.
    pub const fn origin(self) -> ExprId {
        match self {
            Self::Value(id)
            | Self::Entered { manager: id, .. }
            | Self::Item { iterable: id, .. } => id,
        }
    }
}

/// A part of what is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// All of it.
    pub whole: Whole,
    /// The way from there, a byte for each nesting, the last step in the lowest: the 1-based place
    /// in the pattern.
    path: u32,
}

impl Part {
    /// All of what is unpacked, before the first step.
    pub(crate) const fn all(whole: Whole) -> Self {
        Self { whole, path: 0 }
    }

    /// The part in the 0-based place `index` of this one; `None` for what is nested too deep or
    /// stands too far back.
    pub(crate) fn step(self, index: usize) -> Option<Self> {
        let place = u8::try_from(index + 1).ok().filter(|_| self.path >> 24 == 0)?;
        Some(Self { path: self.path << 8 | u32::from(place), ..self })
    }

    /// The 0-based places in the nested patterns, outermost first.
    pub fn places(self) -> impl Iterator<Item = usize> {
        let bytes = self.path.to_be_bytes().into_iter();
        bytes.filter(|&place| place > 0).map(|place| usize::from(place) - 1)
    }
}

/// One place that binds a name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// How.
    pub kind: BindingKind,
    /// The body that the expressions of `kind` belong to.
    pub body: BodyId,
    /// The statement in that body, absent for parameters.
    pub stmt: Option<StmtId>,
    /// Byte of the file.
    pub at: u32,
    /// Bound by a function that declares the name `global` or `nonlocal`.
    pub from_inside: bool,
}

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScopeKind {
    /// The module.
    Module,
    /// A class body.
    Class(ClassId),
    /// A function or lambda.
    Function(FunctionId),
    /// A comprehension.
    Comprehension,
}

/// The names bound in one scope.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// What it belongs to.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// Sorted by name, then in the order of the text.
    pub bindings: Vec<Binding>,
    /// Names that `global` and `nonlocal` say are bound elsewhere; few scopes have any.
    pub(crate) elsewhere: Vec<Elsewhere>,
}

/// A name that is bound in a scope further out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Elsewhere {
    pub(crate) name: Name,
    /// By `global`, else by `nonlocal`.
    pub(crate) is_global: bool,
}

impl Scope {
    /// Whether the scope declares the name `global`.
    pub(crate) fn is_global(&self, name: Name) -> bool {
        self.elsewhere.iter().any(|it| it.name == name && it.is_global)
    }

    /// Whether the scope declares the name `nonlocal`.
    pub(crate) fn is_nonlocal(&self, name: Name) -> bool {
        self.elsewhere.iter().any(|it| it.name == name && !it.is_global)
    }
}

/// A write to an attribute.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AttributeWrite {
    /// The class, if the object is the first parameter of one of its methods.
    pub class: Option<ClassId>,
    /// The object whose attribute is written, in `body`.
    pub object: Option<ExprId>,
    /// The attribute.
    pub name: Name,
    /// What is written, if it is one plain assignment.
    pub value: Option<ExprId>,
    /// What is written, if it is a part of what is unpacked.
    pub part: Option<Part>,
    /// The annotation of `self.x: T`.
    pub annotation: Option<ExprId>,
    /// The body that holds both.
    pub body: BodyId,
    /// The function that writes; absent at module or class level.
    pub function: Option<FunctionId>,
}

/// What other modules can see of a file, and the names of all its scopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outline {
    /// The identifiers.
    pub names: Names,
    /// Functions and lambdas in the order of the text.
    pub functions: Vec<Function>,
    /// Classes in the order of the text.
    pub classes: Vec<Class>,
    /// Scopes; the module's comes first.
    pub scopes: Vec<Scope>,
    /// Modules that are imported whole, `from m import *`, and where (byte of the file).
    pub star_imports: Vec<(Import, u32)>,
    /// Writes to attributes, `setattr(x, "name", value)` and the like included.
    pub attribute_writes: Vec<AttributeWrite>,
    /// Objects whose attributes are written under names that only the running program knows:
    /// the first argument of `setattr(x, name, value)`.
    pub dynamic_writes: Vec<(BodyId, ExprId)>,
    /// Whether comments divide the text into the cells of a notebook: `# %%`.
    pub has_cells: bool,
    /// Bytes of the statements that stand behind `return`, `raise` and the like in the same block, in
    /// the order of the text, none within another: they never run.
    pub dead: Vec<Span>,
}

impl Outline {
    /// Whether what stands there never runs, as the block is left before it.
    pub fn is_dead(&self, at: Span) -> bool {
        let before = self.dead.partition_point(|dead| dead.start <= at.start);
        before > 0 && self.dead[before - 1].contains(at)
    }

    /// Whether the body sets attributes under names that only the running program knows.
    pub fn writes_dynamically(&self, body: BodyId) -> bool {
        self.dynamic_writes.iter().any(|&(writer, _)| writer == body)
    }

    /// Gives back the room that was kept for more.
    pub(crate) fn close(&mut self) {
        self.dead.sort_by_key(|dead| (dead.start, Reverse(dead.end)));
        let mut end = 0;
        self.dead.retain(|dead| {
            let is_outermost = dead.end > end;
            end = end.max(dead.end);
            is_outermost
        });
        self.names.close();
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
        self.scopes.iter_mut().for_each(|scope| scope.bindings.shrink_to_fit());
        self.scopes.shrink_to_fit();
        self.attribute_writes.shrink_to_fit();
    }

    /// The function `id`.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The class `id`.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// The scope `id`.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// Every class.
    pub fn class_ids(&self) -> impl Iterator<Item = ClassId> + use<> {
        (0..self.classes.len() as u32).map(ClassId)
    }

    /// Every function.
    pub fn function_ids(&self) -> impl Iterator<Item = FunctionId> + use<> {
        (0..self.functions.len() as u32).map(FunctionId)
    }

    /// The text of a name.
    pub fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// The places that bind `name` in `scope` itself.
    pub fn bindings(&self, scope: ScopeId, name: Name) -> &[Binding] {
        let bindings = &self.scope(scope).bindings;
        let from = &bindings[bindings.partition_point(|b| b.name < name)..];
        // Nearly always one or none.
        let count = from.iter().take_while(|b| b.name == name).count();
        &from[..count]
    }

    /// Whether `scope` itself binds a name of this text.
    pub fn binds(&self, scope: ScopeId, name: &str) -> bool {
        self.names.get(name).is_some_and(|name| !self.bindings(scope, name).is_empty())
    }

    /// The absolute imports at the top of the module that are of the top-level module `root`.
    pub fn imports_of(&self, root: &str) -> impl Iterator<Item = &Import> {
        self.scope(MODULE_SCOPE).bindings.iter().filter_map(move |binding| match &binding.kind {
            BindingKind::Import(import) => {
                let below = self.text(import.module).strip_prefix(root);
                let is_of_root = below.is_some_and(|it| it.is_empty() || it.starts_with('.'));
                (import.level == 0 && is_of_root).then_some(import)
            }
            _ => None,
        })
    }

    /// Whether there is one.
    pub fn imports(&self, root: &str) -> bool {
        self.imports_of(root).next().is_some()
    }

    /// The scope that `name` means when read in `scope`, by Python's rules. `None`: no scope of
    /// this file binds it, so it is a builtin or comes from a star import.
    pub fn lookup(&self, scope: ScopeId, name: Name) -> Option<ScopeId> {
        let mut at = scope;
        let mut is_first = true;
        let mut skip_own = false;
        loop {
            let here = self.scope(at);
            if here.is_global(name) {
                return (!self.bindings(MODULE_SCOPE, name).is_empty()).then_some(MODULE_SCOPE);
            }
            if here.is_nonlocal(name) {
                skip_own = true;
            }
            // The names of a class body are seen by the class body alone.
            let visible = is_first || !matches!(here.kind, ScopeKind::Class(_));
            if visible && !skip_own && !self.bindings(at, name).is_empty() {
                return Some(at);
            }
            skip_own = false;
            is_first &= matches!(here.kind, ScopeKind::Comprehension);
            at = here.parent?;
        }
    }

    /// The function that code in `scope` runs in; none at module or class level.
    pub fn function_of(&self, scope: ScopeId) -> Option<FunctionId> {
        let mut at = scope;
        loop {
            let here = self.scope(at);
            match here.kind {
                ScopeKind::Function(id) => return Some(id),
                ScopeKind::Class(_) | ScopeKind::Module => return None,
                ScopeKind::Comprehension => at = here.parent?,
            }
        }
    }
}
