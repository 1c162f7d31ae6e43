//! Where locks are held.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use asynclint_parser::Span;
use asynclint_semantic::{Body, ExprId, ExprKind, Name, StmtId, StmtKind, Usage};

use super::Lock;
use crate::blocking::is_same;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// A lock while it is held by the code of one function.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The lock.
    pub lock: Lock,
    /// The expression that names it.
    pub named: ExprId,
    /// The code that runs with it.
    pub region: Span,
}

impl Hold {
    /// Whether the lock is held where `span` begins.
    pub fn covers(&self, span: Span) -> bool {
        (self.region.start..self.region.end).contains(&span.start)
    }
}

impl Resolver<'_> {
    /// The locks that the code of `function` takes, in the order of the text: by `with`, or by
    /// `acquire()` with a `release()` further down. What is taken without waiting is left out.
    pub fn holds(&self, function: FunctionRef) -> Rc<[Hold]> {
        if let Some(known) = self.holds.borrow().get(&function) {
            return known.clone();
        }
        // Whoever asks again meanwhile has found a context manager that enters itself.
        self.holds.borrow_mut().insert(function, [].into());
        // Looked for once, and only where a lock is taken: a function may take thousands.
        let all = OnceCell::new();
        let releases = || all.get_or_init(|| self.releases(function)).as_slice();
        let mut found = self.entered_locks(function, releases);
        found.extend(self.acquired_locks(function, releases));
        found.sort_by_key(|hold| hold.region.start);
        let found: Rc<[Hold]> = found.into();
        self.holds.borrow_mut().insert(function, found.clone());
        found
    }

    /// Whether a lock may be held where the statement runs: one that is known, or a context manager
    /// of which nobody knows what it is.
    pub fn may_hold_lock(&self, function: FunctionRef, stmt: StmtId) -> bool {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let is_unknown = |outer: StmtId| match &body.stmt(outer).kind {
            StmtKind::With { items, .. } => items.iter().any(|item| {
                let at = ExprRef { module: function.module, body: own.body, id: item.manager };
                !matches!(self.value(at), Type::ExternalInstance(_) | Type::Pending(..))
            }),
            _ => false,
        };
        let span = body.stmt_span(stmt);
        self.holds(function).iter().any(|hold| hold.covers(span))
            || body.enclosing(stmt).any(is_unknown)
    }

    /// Whether code of the same file may call the function, or one of its name, with a lock held.
    pub fn may_be_called_with_lock(&self, function: FunctionRef) -> bool {
        let Some(name) = self.project.function(function).name else { return false };
        let module = function.module;
        if let Some((last, names)) = &*self.with_lock.borrow()
            && *last == module
        {
            return names.contains(&name);
        }
        let names = self.called_with_lock(module);
        let is_called = names.contains(&name);
        *self.with_lock.borrow_mut() = Some((module, names));
        is_called
    }

    /// The names by which code of the module calls something with a lock held. All are found at
    /// once: a module may have thousands of functions that are asked about.
    fn called_with_lock(&self, module: ModuleId) -> BTreeSet<Name> {
        let facts = self.project.facts(module);
        let mut names = BTreeSet::new();
        for body in facts.body_ids().map(|id| facts.body(id)) {
            for call in body.expr_ids() {
                let expr = body.expr(call);
                if let Some(name) = body.called_name(call)
                    && !names.contains(&name)
                    && let Some(id) = facts.outline.function_of(expr.scope)
                    && self.may_hold_lock(FunctionRef { module, id }, expr.stmt)
                {
                    names.insert(name);
                }
            }
        }
        names
    }

    fn entered_locks<'r>(
        &self,
        function: FunctionRef,
        releases: impl Fn() -> &'r [Release],
    ) -> Vec<Hold> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let mut found = Vec::new();
        for id in body.stmts_in_block(own.block) {
            let StmtKind::With { items, is_async, .. } = &body.stmt(id).kind else { continue };
            if facts.outline.function_of(body.stmt(id).scope) != Some(function.id) {
                continue;
            }
            for item in items {
                let at = ExprRef { module: function.module, body: own.body, id: item.manager };
                for lock in self.entered_by(at, *is_async) {
                    let region = Span::new(body.span(item.manager).end, body.stmt_span(id).end);
                    // `release()` in the block: what follows runs without the lock.
                    let end = released(releases(), body, item.manager, region);
                    let region = Span::new(region.start, end.unwrap_or(region.end));
                    found.push(Hold { lock, named: item.manager, region });
                }
            }
        }
        found
    }

    /// The locks that entering `manager` takes: the manager itself, or what a context manager of
    /// the project holds where it yields.
    fn entered_by(&self, manager: ExprRef, is_async: bool) -> Vec<Lock> {
        let code = self.project.facts(manager.module).body(manager.body);
        let itself = || {
            let lock = self.lock(manager.module, manager.body, manager.id);
            lock.filter(|lock| lock.is_async == is_async).into_iter().collect()
        };
        let ExprKind::Call { .. } = code.kind(manager.id) else { return itself() };
        // Nobody else has the lock that `with Lock():` makes.
        let callee = self.callee(manager.module, manager.body, manager.id);
        let Callee::Known(function) = callee else { return Vec::new() };
        let own = self.project.function(function);
        if !own.is_generator {
            return itself();
        }
        if own.is_async != is_async
            || self.is_overridden(function)
            || self.project.is_installed(function.module)
        {
            return Vec::new();
        }
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        // Where another `yield` stands outside, as for a task that has the lock already, nobody
        // knows whether it was taken.
        let yields = |hold: &Hold| {
            let mut all = body.exprs_in_block(own.block).filter(|&id| {
                matches!(body.kind(id), ExprKind::Yield(_))
                    && facts.outline.function_of(body.expr(id).scope) == Some(function.id)
            });
            let mut any = false;
            all.all(|id| {
                any = true;
                hold.covers(body.span(id))
            }) && any
        };
        let holds = self.holds(function);
        let held = holds.iter().filter(|hold| hold.lock.is_async == is_async && yields(hold));
        let translated = held.map(|hold| {
            let place = hold.lock.place.as_ref();
            let place = place.and_then(|place| self.place_for_caller(place, function, manager));
            Lock { place, ..hold.lock.clone() }
        });
        translated.collect()
    }

    fn acquired_locks<'r>(
        &self,
        function: FunctionRef,
        releases: impl Fn() -> &'r [Release],
    ) -> Vec<Hold> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        if facts.outline.names.get("acquire").is_none() {
            return Vec::new();
        }
        let body = facts.body(own.body);
        let whole = facts.outline.function(function.id).span;
        let mut found = Vec::new();
        for call in self.calls_in(function) {
            let Some(named) = method_of(self, function.module, body, call, "acquire") else {
                continue;
            };
            let expr = body.expr(call);
            let is_statement = match expr.usage {
                Usage::Discarded => true,
                Usage::Awaited => {
                    expr.parent.is_some_and(|await_| body.expr(await_).usage == Usage::Discarded)
                }
                _ => false,
            };
            let Some(lock) =
                is_statement.then(|| self.lock(function.module, own.body, named)).flatten()
            else {
                continue;
            };
            let never_waits = body
                .arguments(call)
                .iter()
                .any(|argument| matches!(body.kind(argument.value), ExprKind::Boolean(false)));
            if never_waits || lock.is_async != (expr.usage == Usage::Awaited) {
                continue;
            }
            let rest = Span::new(body.span(call).end, whole.end);
            if let Some(end) = released(releases(), body, named, rest) {
                found.push(Hold { lock, named, region: Span::new(rest.start, end) });
            }
        }
        found
    }

    /// Every `release()` in the code of the function, in the order of the text.
    fn releases(&self, function: FunctionRef) -> Vec<Release> {
        let facts = self.project.facts(function.module);
        if facts.outline.names.get("release").is_none() {
            return Vec::new();
        }
        let body = facts.body(self.project.function(function).body);
        let calls = self.calls_in(function).into_iter();
        let releases = calls.filter_map(|call| {
            let object = method_of(self, function.module, body, call, "release")?;
            Some(Release { at: body.span(call).start, object })
        });
        releases.collect()
    }
}

/// A call of `release()`.
struct Release {
    /// Where it begins.
    at: u32,
    /// What is released.
    object: ExprId,
}

/// Where `region` first calls `release()` of the lock that `named` names.
fn released(releases: &[Release], body: &Body, named: ExprId, region: Span) -> Option<u32> {
    let from = releases.partition_point(|release| release.at < region.start);
    let inside = releases[from..].iter().take_while(|release| release.at < region.end);
    let mut same = inside.filter(|release| is_same(body, release.object, named));
    same.next().map(|release| release.at)
}

/// The object whose method of that name the call calls.
fn method_of(
    resolver: &Resolver<'_>,
    module: ModuleId,
    body: &Body,
    call: ExprId,
    method: &str,
) -> Option<ExprId> {
    match body.kind(body.callee(call)?) {
        ExprKind::Attribute { value, name } => {
            let outline = &resolver.project.facts(module).outline;
            (outline.text(name) == method).then_some(value)
        }
        _ => None,
    }
}
