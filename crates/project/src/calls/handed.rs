//! Functions that calls take in order to call them themselves.

use std::rc::Rc;

use asynclint_catalog::{Argument, Callable};
use asynclint_semantic::{ArgumentKind, BodyId, ExprId};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// A function that is handed to a library, which calls it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The qualified name of what takes the function.
    pub taker: Rc<str>,
    /// The function.
    pub function: ExprId,
    /// Whether it is called in another thread or process.
    pub in_thread: bool,
    /// Whether it may be a coroutine function, whose coroutine is awaited.
    pub may_be_async: bool,
    /// Whether what it returns comes out of the call again.
    pub comes_back: bool,
}

impl Resolver<'_> {
    /// The argument of a call that is a function for the library to call.
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
        Some(Handed {
            taker: catalog.canonical(taker).into(),
            function: self.function_for(known, ExprRef { module, body, id: call })?,
            in_thread: known.runs_in_thread.is_some(),
            may_be_async: known.calls_either,
            comes_back: known.hands_back,
        })
    }

    /// The argument of a call that is the function which what it calls takes.
    pub(crate) fn function_for(&self, taker: &Callable, call: ExprRef) -> Option<ExprId> {
        let slot = taker.runs_in_thread.as_ref().or(taker.calls.as_ref())?;
        self.argument_in(slot, call)
    }

    /// The argument of a call for the parameter `slot`.
    pub(crate) fn argument_in(&self, slot: &Argument, call: ExprRef) -> Option<ExprId> {
        let facts = self.project.facts(call.module);
        let body = facts.body(call.body);
        let arguments = body.arguments(call.id);
        let by_place = slot.position.and_then(|place| {
            let place = usize::from(place);
            let before = arguments.get(..=place)?;
            let placed = before.iter().all(|it| it.kind == ArgumentKind::Positional);
            placed.then(|| before[place].value)
        });
        by_place.or_else(|| {
            let name = facts.outline.names.get(slot.keyword.as_deref()?)?;
            body.keyword(call.id, name)
        })
    }

    /// What calling the value of an expression would call. `partial(f, 1)` calls `f`.
    pub fn callee_of_value(&self, module: ModuleId, body: BodyId, id: ExprId) -> Callee {
        let at = ExprRef { module, body, id };
        match self.wrapped(at) {
            Some(function) => self.callee_of_value(module, body, function),
            None => self.callee_of(&self.value(at)),
        }
    }

    /// The function in `functools.partial(function, ...)`.
    pub(crate) fn wrapped(&self, at: ExprRef) -> Option<ExprId> {
        let body = self.project.facts(at.module).body(at.body);
        let wrapper = self.value(ExprRef { id: body.callee(at.id)?, ..at });
        let is_partial = matches!(wrapper, Type::External(name) if &*name == "functools.partial");
        let first = body.arguments(at.id).first()?;
        (is_partial && first.kind == ArgumentKind::Positional).then_some(first.value)
    }

    /// What a call of a library's function calls with this argument: `print` and `text` in
    /// `to_thread(print, text)` and `partial(print, text)`.
    pub fn passed_to(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
    ) -> Option<Callee> {
        let (_, callee, first) = self.taker(ExprRef { module, body, id: call })?;
        let arguments = self.project.facts(module).body(body).arguments(call);
        let behind = arguments.get(first..).unwrap_or_default();
        (first > 0 && behind.iter().any(|it| it.value == argument)).then_some(callee)
    }

    /// Whether the code of a function asks, of anything, if it is a coroutine function or can be
    /// awaited: then it knows of both colours, and what is called where hangs on the answer.
    pub fn asks_for_colour(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let calls = self.calls_in(function);
        let mut called = calls.iter().filter_map(|&call| body.called_name(call));
        called.any(|name| asks_for_colour(facts.outline.text(name)))
    }
}

/// Whether a function of that name tells whether something is a coroutine function, or can be
/// awaited.
pub fn asks_for_colour(name: &str) -> bool {
    matches!(
        name,
        "isawaitable"
            | "iscoroutine"
            | "iscoroutinefunction"
            | "is_coroutine_function"
            | "is_async_callable"
    )
}
