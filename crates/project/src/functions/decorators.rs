//! What decorators make of a function. A decorator that is not understood makes the result
//! unknown.

use asynclint_semantic::exits::{Open, exits};
use asynclint_semantic::{BindingKind, Body, BodyId, ExprId, ExprKind, Usage};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Reason, Type};

/// How an attribute that holds the function behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Method,
    Static,
    Property,
}

/// A function behind its decorators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decorated {
    pub(crate) role: Role,
    pub(crate) gives: Gives,
    /// Whether `contextlib.contextmanager` made it one that gives managers.
    pub(crate) makes_managers: bool,
    /// Whether its results are kept, so that its code runs once for the same arguments.
    pub(crate) is_cached: bool,
}

impl Decorated {
    /// A function that gives this by itself.
    const fn bare(gives: Gives) -> Self {
        Self { role: Role::Method, gives, makes_managers: false, is_cached: false }
    }
}

/// Library decorators whose attributes, called or not, return what they decorate.
const PRESERVING_PREFIXES: &[&str] = &["pytest.mark."];

/// Of a function with more decorators nothing is known: each of them may ask what those below leave.
const MOST_DECORATORS: usize = 100;

const PROPERTIES: &[&str] = &[
    "abc.abstractproperty",
    "builtins.property",
    "functools.cached_property",
    "propcache.api.cached_property",
    "propcache.cached_property",
];

/// What a decorator does to the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Preserves,
    Gives(Gives),
    Unknown,
}

impl Effect {
    fn on(self, decorated: &mut Decorated) {
        match self {
            Self::Preserves => {}
            Self::Gives(gives) => decorated.gives = gives,
            Self::Unknown => decorated.gives = Gives::Unknown(Reason::UnknownDecorator),
        }
    }
}

/// What a decorator of the project hands back, as far as one `return` of it shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    /// The function itself, or a plain wrapper that returns what the function returns.
    Passing,
    Async,
    AsyncGenerator,
    /// A plain wrapper that does anything else.
    Sync,
    Unknown,
}

impl Resolver<'_> {
    /// The function behind its decorators.
    pub(crate) fn decorated(&self, at: FunctionRef) -> Decorated {
        if let Some(&known) = self.decorated.borrow().get(&at) {
            return known;
        }
        // Seen by whoever asks again while the decorators are being read: a circle.
        let circular = Decorated::bare(Gives::Unknown(Reason::Circular));
        self.decorated.borrow_mut().insert(at, circular);
        let answer = self.decorated_unasked(at);
        self.decorated.borrow_mut().insert(at, answer);
        answer
    }

    fn decorated_unasked(&self, at: FunctionRef) -> Decorated {
        self.decorated_below(at, None)
    }

    /// What the function gives to its decorator `top`: behind those that stand below it.
    pub fn gives_to(&self, at: FunctionRef, top: ExprId) -> Gives {
        self.decorated_below(at, Some(top)).gives
    }

    fn decorated_below(&self, at: FunctionRef, top: Option<ExprId>) -> Decorated {
        let function = self.project.function(at);
        let body = self.project.facts(at.module).body(function.home);
        let mut decorated = Decorated::bare(self.bare(at));
        let decorators = body.list(function.decorators).iter().rev();
        if function.is_broken {
            return decorated;
        }
        if decorators.len() > MOST_DECORATORS {
            decorated.gives = Gives::Unknown(Reason::UnknownDecorator);
            return decorated;
        }
        for &id in decorators.take_while(|&&id| Some(id) != top) {
            let (head, is_called) = match body.kind(id) {
                ExprKind::Call { callee, .. } => (callee, true),
                _ => (id, false),
            };
            let value = self.value(ExprRef { module: at.module, body: function.home, id: head });
            if self.is_preserving(&value, (at.module, function.home), head) {
                continue;
            }
            let at = (at.module, function.home, head);
            decorated = self.behind(&value, at, is_called, decorated);
        }
        decorated
    }

    /// What the decorator `value`, which is written at `at`, leaves of a function. Where it is one of
    /// several, as for the sake of older releases, all must leave the same.
    fn behind(
        &self,
        value: &Type,
        at: (ModuleId, BodyId, ExprId),
        is_called: bool,
        mut decorated: Decorated,
    ) -> Decorated {
        match value {
            Type::External(name) => self.library_decorator(name, &mut decorated),
            Type::Function(decorator) | Type::Method(decorator) => {
                self.effect(*decorator, is_called).on(&mut decorated);
            }
            // `@Retry(3)`: an object is made, and called with the function.
            Type::Class(class) if is_called => {
                let object = Type::Instance(*class);
                let effect = match self.attribute(&object, "__call__", None) {
                    Type::Method(decorator) => self.effect(decorator, false),
                    _ => Effect::Unknown,
                };
                effect.on(&mut decorated);
            }
            Type::Union(parts) => {
                let mut all = parts.iter().map(|part| self.behind(part, at, is_called, decorated));
                let first = all.next();
                return match first {
                    Some(first) if all.all(|other| other == first) => first,
                    _ => Decorated { gives: Gives::Unknown(Reason::UnknownDecorator), ..decorated },
                };
            }
            _ if self.is_accessor(at.0, at.1, at.2) => decorated.role = Role::Property,
            _ => decorated.gives = Gives::Unknown(Reason::UnknownDecorator),
        }
        decorated
    }

    /// Whether the config says that the decorator returns what it decorates: by its qualified name,
    /// or as the code writes it.
    fn is_preserving(&self, value: &Type, at: (ModuleId, BodyId), head: ExprId) -> bool {
        let known = &self.project.added().preserving;
        if known.is_empty() {
            return false;
        }
        let qualified = match value {
            Type::External(name) => Some(self.project.catalog().canonical(name).to_owned()),
            Type::Function(function) | Type::Method(function) => {
                self.project.qualified_name(*function)
            }
            _ => None,
        };
        qualified.is_some_and(|name| known.contains(&name))
            || self.as_written(at.0, at.1, head).is_some_and(|name| known.contains(&name))
    }

    /// Names and dots as they are written.
    fn as_written(&self, module: ModuleId, body: BodyId, id: ExprId) -> Option<String> {
        let facts = self.project.facts(module);
        match facts.body(body).kind(id) {
            ExprKind::Name(name) => Some(facts.outline.text(name).to_owned()),
            ExprKind::Attribute { value, name } => {
                let object = self.as_written(module, body, value)?;
                Some(format!("{object}.{}", facts.outline.text(name)))
            }
            _ => None,
        }
    }

    fn library_decorator(&self, name: &str, decorated: &mut Decorated) {
        match name {
            "builtins.staticmethod" => decorated.role = Role::Static,
            "contextlib.asynccontextmanager" => {
                decorated.gives = match decorated.gives {
                    Gives::AsyncGenerator => Gives::AsyncManager,
                    _ => Gives::Unknown(Reason::UnknownDecorator),
                };
            }
            "contextlib.contextmanager" => {
                decorated.gives = Gives::Plain;
                decorated.makes_managers = true;
            }
            _ if PROPERTIES.contains(&name) => decorated.role = Role::Property,
            // A cache that does not await keeps the coroutine, and gives it as it is.
            _ if self.project.catalog().call(name).is_some_and(|call| call.caches) => {
                decorated.is_cached = true;
            }
            _ if self.project.catalog().preserves(name)
                || PRESERVING_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => {}
            _ => {
                let gives = self.given_by_object(name);
                decorated.gives = gives.unwrap_or(Gives::Unknown(Reason::UnknownDecorator));
            }
        }
    }

    /// What calling the function behind a library's decorator gives that makes an object of a class
    /// which is known to be called, as `sync_to_async` does.
    fn given_by_object(&self, decorator: &str) -> Option<Gives> {
        let catalog = self.project.catalog();
        let made = match catalog.class(decorator) {
            Some(_) => decorator,
            None => catalog.call(decorator)?.returns.as_deref()?,
        };
        catalog.member(made, "__call__")?;
        Some(self.gives(&Callee::External(format!("{made}.__call__").into())))
    }

    /// `@x.setter` and its like, where `x` is a property of the same class.
    fn is_accessor(&self, module: ModuleId, body: BodyId, head: ExprId) -> bool {
        let facts = self.project.facts(module);
        match facts.body(body).kind(head) {
            ExprKind::Attribute { name, .. } => {
                matches!(facts.outline.text(name), "setter" | "getter" | "deleter")
            }
            _ => false,
        }
    }

    /// What the project's own decorator does, read from what it returns.
    fn effect(&self, decorator: FunctionRef, is_called: bool) -> Effect {
        let function = self.project.function(decorator);
        let understood =
            function.decorators.is_empty() || self.decorated(decorator).gives == Gives::Plain;
        if function.is_async || function.is_generator || function.is_broken || !understood {
            return Effect::Unknown;
        }
        let returned = self.returned(decorator);
        if is_called {
            // `@retry(3)`: what it returns is the decorator.
            let inner: Vec<_> = returned
                .iter()
                .map(|&id| match self.value(self.expr_of(decorator, id)) {
                    Type::Function(inner) => self.effect(inner, false),
                    _ => Effect::Unknown,
                })
                .collect();
            return match inner.as_slice() {
                [first, rest @ ..] if rest.iter().all(|one| one == first) => *first,
                _ => Effect::Unknown,
            };
        }
        let body = self.project.facts(decorator.module).body(function.body);
        let wrappers: Vec<_> =
            branches(body, &returned).into_iter().map(|id| self.wrapper(decorator, id)).collect();
        let has = |wrapper| wrappers.contains(&wrapper);
        if wrappers.is_empty() || has(Wrapper::Unknown) {
            Effect::Unknown
        } else if wrappers.iter().all(|&one| one == Wrapper::Passing) {
            Effect::Preserves
        } else if wrappers.iter().all(|&one| one == Wrapper::Async) {
            Effect::Gives(Gives::Coroutine)
        } else if wrappers.iter().all(|&one| one == Wrapper::AsyncGenerator) {
            Effect::Gives(Gives::AsyncGenerator)
        } else if has(Wrapper::Async) && !has(Wrapper::AsyncGenerator) {
            // One wrapper for each colour: it keeps the colour of what it wraps.
            Effect::Preserves
        } else {
            Effect::Unknown
        }
    }

    /// Whether the decorator at `id` is one of the project that returns the function itself, as those
    /// do that mark or register it.
    pub(crate) fn is_identity(&self, at: FunctionRef, id: ExprId) -> bool {
        let own = self.project.function(at);
        let home = self.project.facts(at.module).body(own.home);
        let head = home.callee(id);
        let value = |id| self.value(ExprRef { module: at.module, body: own.home, id });
        let (Type::Function(decorator) | Type::Method(decorator)) = value(head.unwrap_or(id))
        else {
            return false;
        };
        let returned = self.returned(decorator);
        let mut inner = returned.iter().map(|&id| self.value(self.expr_of(decorator, id)));
        if head.is_some() {
            // `@register("name")`: what it returns is the decorator.
            !returned.is_empty()
                && inner.all(|it| matches!(it, Type::Function(it) if self.returns_argument(it)))
        } else {
            self.returns_argument(decorator)
        }
    }

    /// Whether the plain function returns the first thing that it is given, and nothing else.
    fn returns_argument(&self, decorator: FunctionRef) -> bool {
        let own = self.project.function(decorator);
        let body = self.project.facts(decorator.module).body(own.body);
        let returned = self.returned(decorator);
        !own.is_async
            && !own.is_generator
            && own.decorators.is_empty()
            && !returned.is_empty()
            && returned.iter().all(|&id| self.is_wrapped(decorator, id))
            && !exits(body, own.block, &Open).falls
    }

    /// Whether a decorator of the project hands calls of the function to somebody else, who may run
    /// them later: `create_task(func(*args))`.
    pub(crate) fn is_deferred(&self, at: FunctionRef) -> bool {
        let function = self.project.function(at);
        let home = self.project.facts(at.module).body(function.home);
        home.list(function.decorators).iter().any(|&id| {
            let (head, is_called) = (home.callee(id).unwrap_or(id), home.callee(id).is_some());
            let value = self.value(ExprRef { module: at.module, body: function.home, id: head });
            let (Type::Function(decorator) | Type::Method(decorator)) = value else { return false };
            let inner = |id: &ExprId| match self.value(self.expr_of(decorator, *id)) {
                Type::Function(inner) => Some(inner),
                _ => None,
            };
            if is_called {
                self.returned(decorator).iter().filter_map(inner).any(|it| self.hands_on(it))
            } else {
                self.hands_on(decorator)
            }
        })
    }

    fn hands_on(&self, decorator: FunctionRef) -> bool {
        let own = self.project.function(decorator);
        let body = self.project.facts(decorator.module).body(own.body);
        body.exprs_in_block(own.block).any(|id| {
            let is_call = body.callee(id).is_some_and(|callee| self.is_wrapped(decorator, callee));
            is_call && body.expr(id).usage == Usage::Passed
        })
    }

    fn expr_of(&self, function: FunctionRef, id: ExprId) -> ExprRef {
        ExprRef { module: function.module, body: self.project.function(function).body, id }
    }

    fn wrapper(&self, decorator: FunctionRef, id: ExprId) -> Wrapper {
        let at = self.expr_of(decorator, id);
        let body = self.project.facts(at.module).body(at.body);
        if self.is_wrapped(decorator, id) {
            return Wrapper::Passing;
        }
        if let ExprKind::Call { callee, .. } = body.kind(id) {
            // `wraps(f)(wrapper)`, `update_wrapper(wrapper, f)`, `cast(F, wrapper)`.
            let arguments = body.arguments(id);
            let argument = match (body.kind(callee), self.value(ExprRef { id: callee, ..at })) {
                (_, Type::External(name)) if &*name == "typing.cast" => arguments.get(1),
                (_, Type::External(name)) if &*name == "functools.update_wrapper" => {
                    arguments.first()
                }
                (ExprKind::Call { callee: outer, .. }, _) => {
                    match self.value(ExprRef { id: outer, ..at }) {
                        Type::External(name) if &*name == "functools.wraps" => arguments.first(),
                        _ => None,
                    }
                }
                _ => None,
            };
            return argument.map_or(Wrapper::Unknown, |a| self.wrapper(decorator, a.value));
        }
        let Type::Function(inner) = self.value(at) else { return Wrapper::Unknown };
        match self.decorated(inner).gives {
            Gives::Coroutine => Wrapper::Async,
            Gives::AsyncGenerator => Wrapper::AsyncGenerator,
            // Made elsewhere it cannot name what is decorated here.
            Gives::Plain if !self.shares_body(inner, decorator) => Wrapper::Unknown,
            Gives::Plain => {
                let calls = self.returned(inner);
                let calls_it =
                    |id: ExprId| body.callee(id).is_some_and(|c| self.is_wrapped(decorator, c));
                let passes = |&id: &ExprId| calls_it(id) || self.is_result(inner, id, &calls_it);
                if !calls.is_empty() && calls.iter().all(passes) {
                    Wrapper::Passing
                } else {
                    Wrapper::Sync
                }
            }
            _ => Wrapper::Unknown,
        }
    }

    /// Whether the code of both functions is kept together, as that of nested ones is.
    fn shares_body(&self, one: FunctionRef, other: FunctionRef) -> bool {
        let body = |function| self.project.function(function).body;
        one.module == other.module && body(one) == body(other)
    }

    /// Whether the expression is a local that only ever holds results of wanted calls.
    fn is_result(
        &self,
        function: FunctionRef,
        id: ExprId,
        is_wanted: &dyn Fn(ExprId) -> bool,
    ) -> bool {
        let outline = &self.project.facts(function.module).outline;
        let own = self.project.function(function);
        let ExprKind::Name(name) = self.project.facts(function.module).body(own.body).kind(id)
        else {
            return false;
        };
        let bindings = outline.bindings(own.scope, name);
        !bindings.is_empty()
            && bindings.iter().all(
                |binding| matches!(binding.kind, BindingKind::Assigned(value) if is_wanted(value)),
            )
    }

    /// Whether the expression, in the decorator or in a function nested in it, is the function
    /// that is decorated.
    fn is_wrapped(&self, decorator: FunctionRef, id: ExprId) -> bool {
        let function = self.project.function(decorator);
        let facts = self.project.facts(decorator.module);
        let body = facts.body(function.body);
        let ExprKind::Name(name) = body.kind(id) else { return false };
        let first = function.parameters.iter().find(|parameter| {
            // A method used as a decorator takes the function after `self`.
            !(function.class.is_some() && parameter.name == function.parameters[0].name)
        });
        first.is_some_and(|parameter| parameter.name == name)
            && facts.outline.lookup(body.expr(id).scope, name) == Some(function.scope)
            // Bound anew it may be anything: `f = run_in_loop(f)`.
            && facts.outline.bindings(function.scope, name).len() == 1
    }
}

/// The expressions with the branches of conditional ones instead of these.
fn branches(body: &Body, ids: &[ExprId]) -> Vec<ExprId> {
    let mut open: Vec<ExprId> = ids.iter().rev().copied().collect();
    let mut all = Vec::new();
    while let Some(id) = open.pop() {
        match body.kind(id) {
            ExprKind::Conditional { branches, .. } => {
                open.extend(body.list(branches).iter().rev());
            }
            _ => all.push(id),
        }
    }
    all
}
