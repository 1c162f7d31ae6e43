//! What a call gives: the shade between a plain value and a coroutine.

use asynclint_catalog::{Callable, Shade, Symbol};
use asynclint_semantic::{ExprKind, Function, MODULE_SCOPE, StmtKind};

use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, Reason};

/// What the value of a call is, as far as running it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Runs when awaited.
    Coroutine,
    /// Not a coroutine, but runs only when awaited or entered.
    LazyAwaitable,
    /// Already running.
    Started,
    /// For `async with`.
    AsyncManager,
    /// Runs when iterated by `async for`.
    AsyncGenerator,
    /// Anything else.
    Plain,
    /// Not known.
    Unknown(Reason),
}

impl Gives {
    /// Whether nothing runs until the value is awaited.
    pub const fn needs_await(self) -> bool {
        matches!(self, Self::Coroutine | Self::LazyAwaitable)
    }
}

impl From<Shade> for Gives {
    fn from(shade: Shade) -> Self {
        match shade {
            Shade::Coroutine => Self::Coroutine,
            Shade::LazyAwaitable => Self::LazyAwaitable,
            Shade::Started => Self::Started,
            Shade::AsyncManager => Self::AsyncManager,
            Shade::Plain => Self::Plain,
        }
    }
}

impl Resolver<'_> {
    /// What calling `callee` gives.
    pub fn gives(&self, callee: &Callee) -> Gives {
        match callee {
            Callee::Known(function) => self.decorated(*function).gives,
            Callee::Class(_) => Gives::Plain,
            Callee::External(name) => match self.project.catalog().get(name) {
                Some(Symbol::Class(class)) if class.awaitable => Gives::Plain,
                _ => match self.project.catalog().call(name) {
                    Some(call) if self.is_of_another_release(name, call) => {
                        Gives::Unknown(Reason::UnknownLibrary)
                    }
                    Some(call) => call.shade.into(),
                    None => Gives::Unknown(Reason::UnknownLibrary),
                },
            },
            Callee::Declared(shade) => (*shade).into(),
            Callee::Unknown(reason) => Gives::Unknown(*reason),
        }
    }

    /// Whether the project is written for a release of the library in which the call gives something
    /// else: it has plain functions where this release awaits them.
    fn is_of_another_release(&self, name: &str, call: &Callable) -> bool {
        let Some(awaited) = call.unless_plain.as_deref() else { return false };
        let root = name.split('.').next().unwrap_or(name);
        self.project.modules_naming(awaited).into_iter().any(|module| {
            let outline = &self.project.facts(module).outline;
            let is_plain = |function: &Function| {
                !function.is_async
                    && function.home_scope == MODULE_SCOPE
                    && function.name.is_some_and(|name| outline.text(name) == awaited)
            };
            outline.functions.iter().any(is_plain) && self.imports(module, root)
        })
    }

    /// What the function gives without its decorators.
    pub(crate) fn bare(&self, at: FunctionRef) -> Gives {
        let function = self.project.function(at);
        // What a part that cannot be read overrides or rebinds is lost with it.
        let may_be_rebound =
            function.class.is_some() && !self.project.facts(at.module).errors.is_empty();
        if function.is_broken || may_be_rebound {
            return Gives::Unknown(Reason::SyntaxError);
        }
        match (function.is_async, function.is_generator) {
            (true, true) => Gives::AsyncGenerator,
            // `async def f() -> AsyncIterator: ...` in a protocol: the real one may be a generator.
            (true, false) if self.is_stub(at) && self.names_iterator(at) => {
                Gives::Unknown(Reason::UnknownAnnotation)
            }
            (true, false) => Gives::Coroutine,
            (false, _) => Gives::Plain,
        }
    }

    /// Whether the body is only `...`, `pass`, a docstring or `raise NotImplementedError`.
    pub(crate) fn is_stub(&self, at: FunctionRef) -> bool {
        let function = self.project.function(at);
        let body = self.project.facts(at.module).body(function.body);
        body.block(function.block).iter().all(|&id| match body.stmt(id).kind {
            StmtKind::Expr(value) => {
                matches!(body.kind(value), ExprKind::Ellipsis | ExprKind::Str(_))
            }
            StmtKind::Pass | StmtKind::Raise { .. } => true,
            _ => false,
        })
    }

    fn names_iterator(&self, at: FunctionRef) -> bool {
        let function = self.project.function(at);
        let facts = self.project.facts(at.module);
        let body = facts.body(function.home);
        let names = |id| match body.kind(id) {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                facts.outline.text(name).starts_with("Async")
            }
            ExprKind::Str(Some(text)) => facts.outline.text(text).contains("Async"),
            _ => false,
        };
        function.returns.is_some_and(|returns| body.exprs_below(returns).any(names))
    }
}
