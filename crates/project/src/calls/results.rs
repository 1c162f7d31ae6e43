//! What calls and functions are sure to give, and not to give.

use asynclint_catalog::{BlockKind, Shade};
use asynclint_semantic::{BodyId, ExprId, StmtKind};

use crate::calls::gives::Gives;
use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type};

/// What a call gives that cannot be called in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFunction {
    /// `None`.
    None,
    /// A coroutine that nothing runs yet.
    Coroutine,
    /// A task or future.
    Started,
    /// An object of a class of the project that has no `__call__`.
    Object(ClassRef),
    /// Data.
    Data,
}

/// The types of data.
const DATA: &[&str] = &[
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.range",
    "builtins.set",
    "builtins.str",
    "builtins.tuple",
];

/// Calls that block in these ways give data.
const GIVE_DATA: &[BlockKind] = &[
    BlockKind::FileMetadata,
    BlockKind::Http,
    BlockKind::Input,
    BlockKind::Sleep,
    BlockKind::Subprocess,
];

impl Resolver<'_> {
    /// What a call gives, if that is sure to be nothing that can be called.
    pub fn no_function(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<NoFunction> {
        let at = ExprRef { module, body, id: call };
        let callee = self.callee(module, body, call);
        match &callee {
            Callee::External(name) => {
                let known = self.project.catalog().call(name)?;
                if known.runs_loop {
                    return self.result_of_run(at);
                }
                if known.blocks.is_some_and(|kind| GIVE_DATA.contains(&kind)) {
                    return Some(NoFunction::Data);
                }
            }
            Callee::Known(function) if self.returns_nothing(*function) => {
                return match self.gives(&callee) {
                    Gives::Plain => Some(NoFunction::None),
                    Gives::Coroutine => Some(NoFunction::Coroutine),
                    _ => None,
                };
            }
            _ => {}
        }
        if self.gives(&callee) == Gives::Started {
            return Some(NoFunction::Started);
        }
        self.not_callable(&self.value(at))
    }

    fn not_callable(&self, value: &Type) -> Option<NoFunction> {
        match value {
            Type::None => Some(NoFunction::None),
            Type::Pending(Shade::Coroutine, _) => Some(NoFunction::Coroutine),
            Type::ExternalInstance(_) | Type::Container(..) | Type::Tuple(_) => {
                let is_data = value.library_class().is_some_and(|class| DATA.contains(&class));
                is_data.then_some(NoFunction::Data)
            }
            Type::Instance(class) => {
                let has_no_call = self.attribute(value, "__call__", None)
                    == Type::Unknown(Reason::UnknownAttribute);
                has_no_call.then_some(NoFunction::Object(*class))
            }
            _ => None,
        }
    }

    /// What `asyncio.run(f())` gives: what `f` returns.
    fn result_of_run(&self, at: ExprRef) -> Option<NoFunction> {
        let code = self.project.facts(at.module).body(at.body);
        let run = code.arguments(at.id).first()?.value;
        let Type::Pending(Shade::Coroutine, result) = self.value(ExprRef { id: run, ..at }) else {
            return None;
        };
        match self.callee(at.module, at.body, run) {
            Callee::Known(function) if self.returns_nothing(function) => Some(NoFunction::None),
            _ => self.not_callable(&result),
        }
    }

    /// Whether the function, once it has run, gives `None` without saying so.
    fn returns_nothing(&self, function: FunctionRef) -> bool {
        self.project.function(function).returns.is_none() && self.only_ends(function)
    }

    /// Whether the function has code and leaves by its end alone, and no subclass overrides it.
    fn only_ends(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let raises_last = body
            .block(own.block)
            .last()
            .is_some_and(|&last| matches!(body.stmt(last).kind, StmtKind::Raise { .. }));
        own.name.is_some()
            && !own.is_generator
            && !own.is_broken
            && !raises_last
            && self.returned(function).is_empty()
            && !self.is_stub(function)
            && !self.is_overridden(function)
    }

    /// Whether a plain function is sure to return nothing that can be awaited.
    pub fn returns_no_awaitable(&self, function: FunctionRef) -> bool {
        !self.is_overridden(function) && self.never_gives_awaitable(function)
    }

    /// Whether the value of an expression is sure to be nothing that can be awaited.
    pub fn is_not_awaitable(&self, module: ModuleId, body: BodyId, id: ExprId) -> bool {
        self.is_no_awaitable(&self.value(ExprRef { module, body, id }))
    }

    /// Whether the expression evaluates to an object of a class of the project that has `__await__`.
    pub fn is_awaitable_object(&self, module: ModuleId, body: BodyId, id: ExprId) -> bool {
        let value = self.value(ExprRef { module, body, id });
        value.parts().iter().all(|part| match part {
            Type::Instance(class) => {
                matches!(self.look_up(&self.mro(*class), "__await__"), Ok(Type::Function(_)))
            }
            _ => false,
        })
    }

    /// Whether the expression evaluates to an object of a class of the project that others inherit
    /// from, and of which all that is above it is known.
    pub fn is_of_open_class(&self, module: ModuleId, body: BodyId, id: ExprId) -> bool {
        match self.value(ExprRef { module, body, id }) {
            Type::Instance(class) => {
                self.project.has_subclass(class) && !self.mro(class).contains(&Ancestor::Unknown)
            }
            _ => false,
        }
    }
}
