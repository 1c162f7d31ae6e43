//! Functions that calls take in order to call them themselves.

use std::rc::Rc;

use asynclint_catalog::{Argument, BlockKind, Shade};
use asynclint_semantic::{ArgumentKind, BodyId, ExprId, ExprKind};

use crate::gives::Gives;
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

/// A function that is handed to a library, which calls it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The qualified name of what takes the function.
    pub taker: Rc<str>,
    /// The function.
    pub function: ExprId,
    /// Whether it is called in another thread or process.
    pub in_thread: bool,
    /// Whether what it returns comes out of the call again.
    pub comes_back: bool,
}

impl Resolver<'_> {
    /// The argument of a call that is a function for the library to call as a plain one.
    pub fn handed(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        callee: &Callee,
    ) -> Option<Handed> {
        let Callee::External(taker) = callee else { return None };
        let catalog = self.project.catalog();
        let known = catalog.call(taker)?;
        let in_thread = known.runs_in_thread.is_some();
        let slot = known.runs_in_thread.as_ref().or(known.calls.as_ref())?;
        Some(Handed {
            taker: catalog.canonical(taker).into(),
            function: self.argument_in(slot, module, body, call)?,
            in_thread,
            comes_back: known.hands_back,
        })
    }

    /// The argument of a call for the parameter `slot`.
    fn argument_in(
        &self,
        slot: &Argument,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
    ) -> Option<ExprId> {
        let facts = self.project.facts(module);
        let arguments = facts.body(body).arguments(call);
        let by_place = slot.position.and_then(|place| {
            let place = usize::from(place);
            let before = arguments.get(..=place)?;
            let placed = before.iter().all(|it| it.kind == ArgumentKind::Positional);
            placed.then(|| before[place].value)
        });
        by_place.or_else(|| {
            let name = facts.outline.names.get(slot.keyword.as_deref()?)?;
            facts.body(body).keyword(call, name)
        })
    }

    /// What calling the value of an expression would call. `partial(f, 1)` calls `f`.
    pub fn callee_of_value(&self, module: ModuleId, body: BodyId, id: ExprId) -> Callee {
        let at = ExprRef { module, body, id };
        let code = self.project.facts(module).body(body);
        let wrapped = code.callee(id).and_then(|callee| {
            let wrapper = self.value(ExprRef { id: callee, ..at });
            let is_partial =
                matches!(wrapper, Type::External(name) if &*name == "functools.partial");
            let first = code.arguments(id).first()?;
            (is_partial && first.kind == ArgumentKind::Positional).then_some(first.value)
        });
        match wrapped {
            Some(function) => self.callee_of_value(module, body, function),
            None => self.callee_of(&self.value(at)),
        }
    }

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
            Type::ExternalInstance(class) => DATA.contains(&&**class).then_some(NoFunction::Data),
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
        let own = self.project.function(function);
        own.returns.is_none()
            && own.name.is_some()
            && !own.is_generator
            && !own.is_broken
            && self.returned(function).is_empty()
            && !self.is_stub(function)
            && !self.is_overridden(function)
    }

    /// Whether the code of a function asks, of anything, if it is a coroutine function or can be
    /// awaited: then it knows of both colours, and what is called where hangs on the answer.
    pub fn asks_for_colour(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let asks = |&call: &ExprId| match body.callee(call).map(|callee| body.kind(callee)) {
            Some(ExprKind::Name(name) | ExprKind::Attribute { name, .. }) => matches!(
                facts.outline.text(name),
                "isawaitable"
                    | "iscoroutine"
                    | "iscoroutinefunction"
                    | "is_coroutine_function"
                    | "is_async_callable"
            ),
            _ => false,
        };
        self.calls_in(function).iter().any(asks)
    }
}
