//! Names to values.

pub(crate) mod flow;
pub(crate) mod locals;
mod named;
mod narrow;
pub(crate) mod unpacking;

use std::rc::Rc;

use asynclint_catalog::Shade;
use asynclint_semantic::{
    Binding, BindingKind, BodyId, ExprId, ExprKind, FunctionId, MODULE_SCOPE, Name, ScopeId,
    ScopeKind, StmtKind,
};

use crate::classes::mro::Ancestor;
use crate::names::flow::{MOST_BINDINGS, Reader};
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{ClassRef, FunctionRef, ModuleId, Reason, Type, Variable};
use crate::values::containers::container;

impl Resolver<'_> {
    /// What a name means where the expression `at` reads it.
    pub(crate) fn name(&self, module: ModuleId, body: BodyId, at: ExprId, name: Name) -> Type {
        let facts = self.project.facts(module);
        let outline = &facts.outline;
        let scope = facts.body(body).expr(at).scope;
        let Some(found) = outline.lookup(scope, name) else {
            return self.unbound(module, outline.text(name));
        };
        let bindings = self.reaching(module, found, name, Some(Reader { body, expr: at }));
        let value = self.bound(module, found, &bindings);
        if !may_be_narrowed(&value) {
            return value;
        }
        match self.narrowed(module, body, at, found, name) {
            Some(narrowed) if self.is_narrower(&narrowed, &value) => narrowed,
            _ => value,
        }
    }

    /// Whether `isinstance` tells more with one type than what is known already.
    fn is_narrower(&self, narrowed: &Type, known: &Type) -> bool {
        match (known, narrowed) {
            (Type::Instance(class), Type::Instance(below)) => {
                self.mro(*below).contains(&Ancestor::Project(*class))
            }
            (Type::Instance(_), _) => false,
            _ => true,
        }
    }

    /// What a name of `scope` means to code outside it.
    pub(crate) fn scope_name(&self, module: ModuleId, scope: ScopeId, name: Name) -> Type {
        self.ask(Question::Scope(module, scope, name), || {
            let bindings = self.reaching(module, scope, name, None);
            self.bound(module, scope, &bindings)
        })
    }

    fn unbound(&self, module: ModuleId, name: &str) -> Type {
        self.star_member(module, name)
            .unwrap_or_else(|| Type::External(format!("builtins.{name}").into()))
    }

    fn bound(&self, module: ModuleId, scope: ScopeId, bindings: &[&Binding]) -> Type {
        let Some(last) = bindings.last() else {
            return Type::Unknown(Reason::UnboundName);
        };
        if bindings.len() > MOST_BINDINGS {
            return Type::Unknown(Reason::OpaqueBinding);
        }
        // What is imported by name is hardly meant to be replaced by what a star import brings.
        if scope == MODULE_SCOPE && !matches!(last.kind, BindingKind::Import(_)) {
            let name = self.project.facts(module).outline.text(last.name);
            if self.star_hides(module, name, last.at) {
                return Type::Unknown(Reason::StarImport);
            }
        }
        let of = |binding: &&Binding| self.binding(module, scope, binding);
        let (stand_ins, told): (Vec<&Binding>, Vec<&Binding>) =
            bindings.iter().partition(|binding| self.stands_in(module, binding, bindings));
        let of_each = told.iter().map(of).collect();
        let known = if self.is_parameter_replaced(module, &told) {
            self.given_or_made(of_each)
        } else {
            Type::join(of_each)
        };
        let names_class = |part: &Type| match part {
            Type::Class(_) => true,
            Type::External(name) => self.project.catalog().class(name).is_some(),
            _ => false,
        };
        // A function may be another one while the program runs.
        if stand_ins.is_empty() || known.parts().iter().all(names_class) {
            return known;
        }
        Type::join(bindings.iter().map(of).collect())
    }

    /// Whether a binding is only there because the program never sees another: the one in the `else`
    /// of an `if TYPE_CHECKING:` that has the other.
    fn stands_in(&self, module: ModuleId, binding: &Binding, all: &[&Binding]) -> bool {
        let facts = self.project.facts(module);
        let Some(stmt) = binding.stmt.filter(|_| all.len() > 1) else { return false };
        let body = facts.body(binding.body);
        body.enclosing(stmt).any(|outer| match body.stmt(outer).kind {
            StmtKind::If { test, body: then, orelse } => {
                let is_told = |other: &&Binding| {
                    let other_stmt = other.stmt.filter(|_| other.body == binding.body);
                    other_stmt.is_some_and(|it| body.block_holds(then, it))
                };
                body.last_name(test).is_some_and(|it| facts.outline.text(it) == "TYPE_CHECKING")
                    && body.block_holds(orelse, stmt)
                    && all.iter().any(is_told)
            }
            _ => false,
        })
    }

    fn binding(&self, module: ModuleId, scope: ScopeId, binding: &Binding) -> Type {
        let here = |id| ExprRef { module, body: binding.body, id };
        match &binding.kind {
            BindingKind::Import(import) => self.import(module, import),
            BindingKind::Function(id) => Type::Function(FunctionRef { module, id: *id }),
            BindingKind::Class(id) => Type::Class(ClassRef::new(module, *id)),
            BindingKind::Parameter(index) => {
                match self.project.facts(module).outline.scope(scope).kind {
                    ScopeKind::Function(function) => self.parameter(module, function, *index),
                    _ => Type::Unknown(Reason::OpaqueBinding),
                }
            }
            BindingKind::Assigned(value) => self.value(here(*value)),
            BindingKind::Annotated { value: Some(value), .. } if self.is_mock(here(*value)) => {
                Type::Unknown(Reason::Replaced)
            }
            BindingKind::Annotated { annotation, value: Some(value) }
                if self.says_no_type(here(*annotation)) =>
            {
                self.value(here(*value))
            }
            BindingKind::Annotated { annotation, value } => {
                let declared = self.annotation(here(*annotation));
                // Whoever makes an object of a class may fill its fields with something else.
                let kind = self.project.facts(module).outline.scope(scope).kind;
                let is_field = matches!(kind, ScopeKind::Class(_));
                match (declared, value) {
                    (declared, Some(value)) if declared.is_anything() && !is_field => {
                        self.value(here(*value))
                    }
                    // An alias or a value of a type that is not understood: look at the value.
                    (Type::Unknown(_), Some(value)) => {
                        let made = self.value(here(*value));
                        self.unless_called_plainly(made, here(*annotation))
                    }
                    (declared, value) => self.unless_belied(declared, value.map(here)),
                }
            }
            BindingKind::Entered { manager, is_async } => self.entered(here(*manager), *is_async),
            BindingKind::Item { iterable, is_async: false } => self.item(here(*iterable)),
            BindingKind::Item { iterable, .. } => self.async_item(here(*iterable)),
            BindingKind::Unpacked(part) => self.part(module, binding.body, *part),
            BindingKind::Opaque | BindingKind::Caught | BindingKind::Deleted => {
                Type::Unknown(Reason::OpaqueBinding)
            }
        }
    }

    /// `X: TypeAlias = ...`, `x: Final = ...`: the value tells.
    fn says_no_type(&self, annotation: ExprRef) -> bool {
        let Type::External(name) = self.value(annotation) else { return false };
        matches!(&*name, "typing.TypeAlias" | "typing.Final" | "typing.ClassVar")
    }

    /// `task: Callable[..., Any] = Task()`: who calls it gets what the annotation says, which is not
    /// known here. A function is what it is.
    fn unless_called_plainly(&self, made: Type, annotation: ExprRef) -> Type {
        let body = self.project.facts(annotation.module).body(annotation.body);
        let head = match body.kind(annotation.id) {
            ExprKind::Subscript { value, .. } => value,
            _ => annotation.id,
        };
        let is_object = matches!(made, Type::Instance(_) | Type::ExternalInstance(_));
        match self.value(ExprRef { id: head, ..annotation }) {
            Type::External(name) if is_object && name.ends_with(".Callable") => {
                Type::Unknown(Reason::UnknownAnnotation)
            }
            _ => made,
        }
    }

    /// What an annotation says, and the class that made the value as well where that is no such thing:
    /// `x: Client = AsyncClient()`. What fits a protocol need not derive from it: then both hold.
    pub(crate) fn unless_belied(&self, declared: Type, value: Option<ExprRef>) -> Type {
        let (Type::Instance(wanted), Some(value)) = (&declared, value) else { return declared };
        let wanted = *wanted;
        let body = self.project.facts(value.module).body(value.body);
        if !matches!(body.kind(value.id), ExprKind::Call { .. }) {
            return declared;
        }
        let made = match self.value(value) {
            Type::Instance(made) if made != wanted => made,
            _ => return declared,
        };
        let order = self.mro(made);
        let may_be = |ancestor: &Ancestor| match ancestor {
            Ancestor::Project(class) => *class == wanted,
            Ancestor::Library(_) => false,
            Ancestor::Unknown => true,
        };
        if order.iter().any(may_be) {
            return declared;
        }
        Type::join(vec![declared, Type::Instance(made)])
    }

    /// `x: Mailer = Mock()` is no `Mailer`.
    pub(crate) fn is_mock(&self, at: ExprRef) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let Some(callee) = body.callee(at.id) else { return false };
        match self.value(ExprRef { id: callee, ..at }) {
            Type::External(name) => name.starts_with("unittest.mock.") || name.starts_with("mock."),
            _ => false,
        }
    }

    fn parameter(&self, module: ModuleId, function: FunctionId, index: u32) -> Type {
        let outline = &self.project.facts(module).outline;
        let function_ref = FunctionRef { module, id: function };
        let function = outline.function(function);
        let parameter = &function.parameters[index as usize];
        if index == 0
            && let Some(class) = function.class
            && self.project.facts(module).gets_receiver(function)
        {
            let class = ClassRef::new(module, class);
            let name = self.project.function_name(function_ref);
            if matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__") {
                return Type::Class(class);
            }
            let decorators = self.project.facts(module).body(function.home);
            let decorated = decorators
                .list(function.decorators)
                .iter()
                .map(|&id| self.value(ExprRef { module, body: function.home, id }));
            let mut receiver = Type::Instance(class);
            for decorator in decorated {
                match decorator {
                    Type::External(name) if &*name == "builtins.classmethod" => {
                        receiver = Type::Class(class);
                    }
                    Type::External(name) if &*name == "builtins.staticmethod" => {
                        return self.annotated_parameter(
                            module,
                            function.home,
                            parameter.annotation,
                        );
                    }
                    _ => {}
                }
            }
            return receiver;
        }
        if parameter.kind != asynclint_semantic::ParameterKind::Plain
            && parameter.kind != asynclint_semantic::ParameterKind::KeywordOnly
        {
            return Type::Unknown(Reason::Element);
        }
        match parameter.annotation {
            Some(_) => {
                let home = self.project.facts(module).body(function.home);
                let is_lambda = |id| matches!(home.kind(id), ExprKind::Lambda(_));
                match self.annotated_parameter(module, function.home, parameter.annotation) {
                    // A lambda is a plain function, whatever the annotation says of others.
                    Type::Callable(..) if parameter.default.is_some_and(is_lambda) => {
                        Type::Unknown(Reason::Disagreement)
                    }
                    annotated @ Type::ExternalInstance(_) => {
                        self.checked_by_dependency(function_ref, index as usize, annotated)
                    }
                    annotated if parameter.default.is_some() => annotated,
                    annotated => self.checked_by_fixture(function_ref, index as usize, annotated),
                }
            }
            None => self.given_to(function_ref, index as usize),
        }
    }

    fn annotated_parameter(
        &self,
        module: ModuleId,
        home: BodyId,
        annotation: Option<ExprId>,
    ) -> Type {
        match annotation {
            Some(id) => self.annotation(ExprRef { module, body: home, id }),
            None => Type::Unknown(Reason::UnannotatedParameter),
        }
    }

    /// The type of an object that an annotation describes.
    pub(crate) fn annotation(&self, at: ExprRef) -> Type {
        self.ask(Question::Annotation(at), || self.annotation_unasked(at))
    }

    fn annotation_unasked(&self, at: ExprRef) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::None => Type::None,
            ExprKind::Str(Some(text)) => {
                let text = self.project.facts(at.module).outline.text(text);
                self.string_annotation(at, text)
            }
            ExprKind::Binary { left, right } => {
                Type::join(vec![self.annotation(there(left)), self.annotation(there(right))])
            }
            ExprKind::Subscript { value, index } => {
                let arguments = body.subscript_parts(index);
                let head = self.value(there(value));
                if let (Type::External(name), [_, returned]) = (&head, arguments)
                    && name.ends_with(".Callable")
                {
                    return self.callable(there(*returned));
                }
                if let Type::Class(class) = head {
                    let arguments = class.arguments.or(Some(at));
                    return Type::Instance(ClassRef { arguments, ..class });
                }
                let is_open =
                    arguments.last().is_some_and(|&id| body.kind(id) == ExprKind::Ellipsis);
                let argument = |index: usize| self.annotation(there(arguments[index]));
                self.generic(
                    &head,
                    &Arguments { count: arguments.len(), is_open, argument: &argument },
                )
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let scope = body.expr(at.id).scope;
                self.described(&self.value(at), at.module, scope)
            }
            _ => Type::Unknown(Reason::UnknownAnnotation),
        }
    }

    /// What the name of a type is without its arguments: `Queue` of `Queue[int]`.
    pub(crate) fn head_of(&self, alias: ExprRef) -> Type {
        match self.project.facts(alias.module).body(alias.body).kind(alias.id) {
            ExprKind::Subscript { value, .. } => match self.value(ExprRef { id: value, ..alias }) {
                Type::Alias(inner) => self.head_of(inner),
                head => head,
            },
            _ => Type::Unknown(Reason::Expression),
        }
    }

    /// What `Callable[..., returned]` describes. Only a coroutine or awaitable by itself counts:
    /// beside others it may be told apart when it comes.
    pub(crate) fn callable(&self, returned: ExprRef) -> Type {
        let body = self.project.facts(returned.module).body(returned.body);
        let head = match body.kind(returned.id) {
            ExprKind::Subscript { value, .. } => ExprRef { id: value, ..returned },
            _ => returned,
        };
        let Type::External(name) = self.value(head) else {
            return Type::Unknown(Reason::UnknownAnnotation);
        };
        let shade = match name.rsplit('.').next() {
            Some("Coroutine") => Shade::Coroutine,
            Some("Awaitable") => Shade::LazyAwaitable,
            _ => return Type::Unknown(Reason::UnknownAnnotation),
        };
        match self.annotation(returned) {
            Type::Pending(_, result) => Type::Callable(shade, result),
            _ => Type::Callable(shade, Rc::new(Type::Unknown(Reason::UnknownAnnotation))),
        }
    }

    /// What `head[arguments]` describes.
    fn generic(&self, head: &Type, arguments: &Arguments<'_>) -> Type {
        let name = match head {
            Type::External(name) => &**name,
            Type::Class(class) => return Type::Instance(*class),
            Type::Alias(alias) => return self.annotation(*alias),
            _ => return Type::Unknown(Reason::UnknownAnnotation),
        };
        let word = name.rsplit('.').next().unwrap_or(name);
        let argument = arguments.argument;
        let first = || (arguments.count > 0).then(|| argument(0));
        let unknown = Type::Unknown(Reason::UnknownAnnotation);
        match word {
            "Optional" | "Annotated" | "ClassVar" | "Final" | "Required" | "NotRequired" => {
                first().unwrap_or(unknown)
            }
            // What awaiting it gives; whether it is a coroutine, an annotation does not prove.
            "Awaitable" | "Coroutine" => {
                let result = arguments.count.checked_sub(1).map_or(unknown, argument);
                Type::Pending(Shade::LazyAwaitable, Rc::new(result))
            }
            "Union" => Type::join((0..arguments.count).map(argument).collect()),
            "type" | "Type" => match first() {
                Some(Type::Instance(class)) => Type::Class(class),
                Some(Type::ExternalInstance(class)) => Type::External(class),
                _ => unknown,
            },
            _ => {
                let types: Vec<_> = (0..arguments.count).map(argument).collect();
                container(name, &types, arguments.is_open).unwrap_or_else(|| {
                    let is_known = self.project.catalog().class(name).is_some();
                    if is_known && !self.varies(name) {
                        Type::ExternalInstance(name.into())
                    } else {
                        unknown
                    }
                })
            }
        }
    }

    /// The object that a class in an annotation describes.
    fn described(&self, value: &Type, module: ModuleId, scope: ScopeId) -> Type {
        value.map(|part| match part {
            Type::Class(class) => Type::Instance(*class),
            Type::External(name) => match &**name {
                "typing.Self" => self
                    .class_of_code(module, scope)
                    .map_or(Type::Unknown(Reason::UnknownAnnotation), Type::Instance),
                // Nothing binds the parameters of `class C[T]`.
                name if name.starts_with("builtins.")
                    && self.project.catalog().get(name).is_none() =>
                {
                    let outline = &self.project.facts(module).outline;
                    let name = name.strip_prefix("builtins.").and_then(|it| outline.names.get(it));
                    name.map_or(Type::Unknown(Reason::UnknownAnnotation), |name| {
                        Variable { module, name }.unknown()
                    })
                }
                // These say nothing of the type: what is assigned does.
                "typing.ClassVar" | "typing.Final" => Type::Unknown(Reason::UnknownAnnotation),
                name if self.varies(name) => Type::Unknown(Reason::UnknownAnnotation),
                name => Type::external_instance(name),
            },
            Type::Unknown(Reason::TypeVariable(_)) => part.clone(),
            Type::Alias(alias) => self.annotation(*alias),
            Type::None | Type::Callable(..) => part.clone(),
            _ => Type::Unknown(Reason::UnknownAnnotation),
        })
    }

    /// Whether objects of a library's class differ by an argument that made them, as the sessions do
    /// that a `sessionmaker` makes: its name says nothing of them.
    fn varies(&self, class: &str) -> bool {
        self.project.catalog().call(class).is_some_and(|call| call.varies_with.is_some())
    }

    /// A quoted annotation: dotted names, `None`, `|`, and `name[arguments]` of these.
    fn string_annotation(&self, at: ExprRef, text: &str) -> Type {
        let members = split_at_top(text, '|').into_iter().map(|member| {
            let Some((head, arguments)) =
                member.strip_suffix(']').and_then(|member| member.split_once('['))
            else {
                return match member {
                    "None" => Type::None,
                    name => self.dotted(at, name),
                };
            };
            let arguments = split_at_top(arguments, ',');
            let is_open = arguments.last() == Some(&"...");
            let argument = |index: usize| self.string_annotation(at, arguments[index]);
            let count = arguments.len();
            self.generic(
                &self.dotted_name(at, head.trim()),
                &Arguments { count, is_open, argument: &argument },
            )
        });
        Type::join(members.collect())
    }

    fn dotted(&self, at: ExprRef, text: &str) -> Type {
        let scope = self.project.facts(at.module).body(at.body).expr(at.id).scope;
        self.described(&self.dotted_name(at, text), at.module, scope)
    }

    /// What names and dots in a string stand for.
    fn dotted_name(&self, at: ExprRef, text: &str) -> Type {
        let outline = &self.project.facts(at.module).outline;
        let scope = self.project.facts(at.module).body(at.body).expr(at.id).scope;
        let mut value: Option<Type> = None;
        for part in text.split('.') {
            value = Some(match value {
                None => match outline.names.get(part) {
                    Some(name) => match outline.lookup(scope, name) {
                        Some(found) => self.scope_name(at.module, found, name),
                        None => self.unbound(at.module, part),
                    },
                    None => self.unbound(at.module, part),
                },
                Some(value) => self.attribute(&value, part, Some(at.module)),
            });
        }
        value.unwrap_or(Type::Unknown(Reason::UnknownAnnotation))
    }
}

/// Whether a value may turn out to be of a narrower type than this.
fn may_be_narrowed(value: &Type) -> bool {
    match value {
        Type::Unknown(_) | Type::Union(_) | Type::Instance(_) => true,
        value => value.is_anything(),
    }
}

/// The arguments of a generic class in an annotation.
struct Arguments<'a> {
    count: usize,
    /// Whether the last one is `...`.
    is_open: bool,
    /// What the one in a 0-based place describes.
    argument: &'a dyn Fn(usize) -> Type,
}

/// The parts between the separators that stand in no brackets.
fn split_at_top(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    });
    parts.map(str::trim).collect()
}
