//! Plain functions that return an awaitable which they neither run nor keep.

use asynclint_parser::Span;
use asynclint_semantic::exits::{Open, exits};
use asynclint_semantic::{ExprId, ExprKind, StmtKind};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, Reason, Type};

/// The awaitable that a plain function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedAwaitable {
    /// What its caller gets.
    pub gives: Gives,
    /// What shows it, in the file of the function: the call behind a `return`, or the annotation.
    pub span: Span,
    /// Whether it is the annotation.
    pub is_annotation: bool,
}

impl Resolver<'_> {
    /// The awaitable that a call of the plain function gives whatever happens in it: each of its
    /// `return`s makes one anew, or it says that it returns a coroutine, future or task. `None` where a subclass or a
    /// decorator may make something else of it.
    pub fn returned_awaitable(&self, function: FunctionRef) -> Option<ReturnedAwaitable> {
        if let Some(&known) = self.returned_awaitable.borrow().get(&function) {
            return known;
        }
        // Seen by whoever asks again meanwhile: functions that return one another's calls.
        self.returned_awaitable.borrow_mut().insert(function, None);
        let answer = self.returned_awaitable_unasked(function);
        self.returned_awaitable.borrow_mut().insert(function, answer);
        answer
    }

    fn returned_awaitable_unasked(&self, at: FunctionRef) -> Option<ReturnedAwaitable> {
        let own = self.project.function(at);
        let home = self.project.facts(at.module).body(own.home);
        let is_plain = !own.is_async && !own.is_generator && own.name.is_some();
        if !is_plain
            || self.linking.get()
            || !self.is_decorated_as_written(at)
            || self.gives(&Callee::Known(at)) != Gives::Plain
        {
            return None;
        }
        let is_overridden = self.is_overridden(at);
        let made = if is_overridden { None } else { self.made_at_each_return(at) };
        made.or_else(|| {
            let id = own.returns?;
            let gives =
                self.awaitable_promised(ExprRef { module: at.module, body: own.home, id })?;
            if is_overridden && !self.overrides_give(at, gives) {
                return None;
            }
            if gives == Gives::Coroutine && self.returns_decorated(at) {
                return None;
            }
            Some(ReturnedAwaitable { gives, span: home.span(id), is_annotation: true })
        })
    }

    /// Whether a plain method says that it returns a coroutine, as abstract ones do that are
    /// `async def` in the classes below.
    pub(crate) fn promises_coroutine(&self, at: FunctionRef) -> bool {
        let own = self.project.function(at);
        let annotation = own.returns.filter(|_| !own.is_async && !own.is_generator);
        annotation.is_some_and(|id| {
            let at = ExprRef { module: at.module, body: own.home, id };
            self.awaitable_promised(at) == Some(Gives::Coroutine)
        })
    }

    /// Whether the methods below give what the method promises: a coroutine function gives a
    /// coroutine, and of a plain one the annotation is believed.
    fn overrides_give(&self, at: FunctionRef, gives: Gives) -> bool {
        gives == Gives::Coroutine && self.overrides_agree(self.project.function_name(at), at)
    }

    /// What the calls behind all `return`s give, if they give the same and no way leads past them.
    fn made_at_each_return(&self, at: FunctionRef) -> Option<ReturnedAwaitable> {
        let own = self.project.function(at);
        let body = self.project.facts(at.module).body(own.body);
        let mut returned = body.stmts_in_block(own.block).filter_map(|id| {
            let stmt = body.stmt(id);
            match stmt.kind {
                StmtKind::Return(value) if stmt.scope == own.scope => Some(value),
                _ => None,
            }
        });
        let made = |id: ExprId| {
            let callee = self.callee(at.module, own.body, id);
            let gives = match (self.gives(&callee), callee) {
                (Gives::Plain, Callee::Known(other)) => self.returned_awaitable(other)?.gives,
                // An annotation does not tell a task from a coroutine.
                (_, Callee::Declared(_)) => return None,
                (gives, _) => gives,
            };
            let span = body.span(id);
            let needs_await = gives.needs_await();
            needs_await.then_some(ReturnedAwaitable { gives, span, is_annotation: false })
        };
        let called = |value: Option<ExprId>| {
            value.filter(|&id| matches!(body.kind(id), ExprKind::Call { .. })).and_then(made)
        };
        let first = called(returned.next()?)?;
        let is_same = |value| called(value).is_some_and(|other| other.gives == first.gives);
        (returned.all(is_same) && !exits(body, own.block, &Open).falls).then_some(first)
    }

    /// Whether the function hands on what a decorated one gives that is not understood: it may start
    /// the coroutine that the annotation speaks of.
    fn returns_decorated(&self, at: FunctionRef) -> bool {
        let own = self.project.function(at);
        let body = self.project.facts(at.module).body(own.body);
        body.stmts_in_block(own.block).any(|id| match body.stmt(id).kind {
            StmtKind::Return(Some(value)) => {
                let callee = self.callee(at.module, own.body, value);
                matches!(
                    self.gives(&callee),
                    Gives::Started | Gives::Unknown(Reason::UnknownDecorator)
                )
            }
            _ => false,
        })
    }

    /// What an annotation says that needs no `None` beside it, itself or under a name that is bound
    /// to that: `Coroutine[...]`, or a future or task, which runs already. `Awaitable[...]` may be
    /// either.
    fn awaitable_promised(&self, at: ExprRef) -> Option<Gives> {
        let body = self.project.facts(at.module).body(at.body);
        let head = match body.kind(at.id) {
            ExprKind::Subscript { value, .. } => value,
            ExprKind::Name(_) | ExprKind::Attribute { .. } => at.id,
            _ => return None,
        };
        let head = match self.value(ExprRef { id: head, ..at }) {
            Type::Alias(alias) => self.head_of(alias),
            head => head,
        };
        let Type::External(name) = head else { return None };
        match self.project.catalog().canonical(&name) {
            "typing.Coroutine" | "collections.abc.Coroutine" => Some(Gives::Coroutine),
            "asyncio.Future" | "asyncio.Task" => Some(Gives::Started),
            _ => None,
        }
    }
}
