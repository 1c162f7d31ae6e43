//! Control flow between the statements of one function.
//!
//! A statement is passed when its own expressions are evaluated: those of a compound statement are
//! in its first line. An exception is taken to lead from any statement of a guarded block that
//! calls or awaits something to each handler. What follows a `finally` is whatever some way into
//! it may have wanted, so a few of the ways are not possible; a way that is possible is never
//! missing, but for exceptions that nothing in the function catches.

use std::collections::{BTreeSet, VecDeque};

use crate::body::Body;
use crate::exits::{Exits, Oracle, exits, may_raise};
use crate::expr::ExprKind;
use crate::ids::{Block, StmtId};
use crate::stmt::{StmtKind, Try};

/// Where control can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Stmt(StmtId),
    /// The function returns.
    End,
    /// An exception leaves the function.
    Raised,
}

/// The ways through one function.
pub struct Paths<'b> {
    body: &'b Body,
    /// Index of the first statement of the function.
    first: u32,
    /// Where control can go from each statement.
    next: Vec<Vec<Place>>,
    entry: Vec<Place>,
}

/// Where control may arrive.
#[derive(Clone, Debug)]
pub struct Reached {
    first: u32,
    stmts: Vec<bool>,
    /// Whether the function may return: by `return`, or at its end.
    pub returns: bool,
    /// Whether an exception may leave the function: by `raise`, or by a call that never returns.
    pub raises: bool,
}

impl Reached {
    /// Whether control may arrive at the statement.
    pub fn has(&self, id: StmtId) -> bool {
        let index = id.index().checked_sub(self.first);
        index.and_then(|index| self.stmts.get(index as usize)).copied().unwrap_or(false)
    }
}

/// Where the statements of a block lead besides to the next one.
#[derive(Clone)]
struct Ways {
    breaks: Vec<Place>,
    continues: Vec<Place>,
    returns: Vec<Place>,
    raises: Vec<Place>,
    /// Whether something in the function sees the exceptions of the block.
    is_guarded: bool,
}

impl<'b> Paths<'b> {
    /// The ways through the statements of a function, `block` being all of them.
    pub fn of(body: &'b Body, block: Block, oracle: &dyn Oracle) -> Self {
        let mut stmts = body.stmts_in_block(block).map(StmtId::index);
        let first = stmts.next().unwrap_or(0);
        let len = stmts.last().map_or(1, |last| last + 1 - first);
        let mut paths =
            Self { body, first, next: vec![Vec::new(); len as usize], entry: Vec::new() };
        let ways = Ways {
            breaks: Vec::new(),
            continues: Vec::new(),
            returns: vec![Place::End],
            raises: vec![Place::Raised],
            is_guarded: false,
        };
        paths.entry = paths.block(block, vec![Place::End], &ways, oracle);
        paths
    }

    /// Where control may arrive from the start of the function without passing a statement that
    /// `stops`. Such a statement itself may be reached.
    pub fn from_start(&self, stops: impl Fn(StmtId) -> bool) -> Reached {
        self.reached(&self.entry, stops, None)
    }

    /// Where control may arrive behind `from` without passing a statement that `stops`. Such a
    /// statement itself may be reached, and so may `from`, in a loop.
    pub fn from(&self, from: StmtId, stops: impl Fn(StmtId) -> bool) -> Reached {
        self.reached(self.behind(from), stops, None)
    }

    /// Where control may arrive behind any of these statements.
    pub fn from_any(&self, from: impl IntoIterator<Item = StmtId>) -> Reached {
        let start: Vec<Place> = from.into_iter().flat_map(|id| self.behind(id)).copied().collect();
        self.reached(&start, |_| false, None)
    }

    /// As [`Paths::from`], of which only `wanted` is asked: no way is followed further once all of
    /// these are reached, which matters where a function binds thousands of names.
    pub fn among(
        &self,
        wanted: impl IntoIterator<Item = StmtId>,
        from: StmtId,
        stops: impl Fn(StmtId) -> bool,
    ) -> Reached {
        let wanted = wanted.into_iter().collect();
        self.reached(self.behind(from), stops, Some(wanted))
    }

    fn behind(&self, from: StmtId) -> &[Place] {
        let at = from.index().checked_sub(self.first);
        at.and_then(|at| self.next.get(at as usize)).map(Vec::as_slice).unwrap_or_default()
    }

    fn reached(
        &self,
        start: &[Place],
        stops: impl Fn(StmtId) -> bool,
        mut wanted: Option<BTreeSet<StmtId>>,
    ) -> Reached {
        let mut reached = Reached {
            first: self.first,
            stmts: vec![false; self.next.len()],
            returns: false,
            raises: false,
        };
        // The nearest first: what is wanted mostly lies near.
        let mut open: VecDeque<Place> = start.iter().copied().collect();
        while !wanted.as_ref().is_some_and(BTreeSet::is_empty)
            && let Some(place) = open.pop_front()
        {
            match place {
                Place::End => reached.returns = true,
                Place::Raised => reached.raises = true,
                Place::Stmt(id) => {
                    let at = (id.index() - self.first) as usize;
                    if std::mem::replace(&mut reached.stmts[at], true) {
                        continue;
                    }
                    if let Some(wanted) = &mut wanted {
                        wanted.remove(&id);
                    }
                    if !stops(id) {
                        open.extend(&self.next[at]);
                    }
                }
            }
        }
        reached
    }

    /// Enters the ways of a block and tells where it begins.
    fn block(
        &mut self,
        block: Block,
        next: Vec<Place>,
        ways: &Ways,
        oracle: &dyn Oracle,
    ) -> Vec<Place> {
        let mut next = next;
        for &id in self.body.block(block).iter().rev() {
            self.stmt(id, next, ways, oracle);
            next = vec![Place::Stmt(id)];
        }
        next
    }

    fn stmt(&mut self, id: StmtId, next: Vec<Place>, ways: &Ways, oracle: &dyn Oracle) {
        let body = self.body;
        let mut out = match &body.stmt(id).kind {
            StmtKind::Expr(value) | StmtKind::Return(Some(value))
                if oracle.never_returns(*value) =>
            {
                ways.raises.clone()
            }
            StmtKind::Return(_) => ways.returns.clone(),
            StmtKind::Raise { .. } => ways.raises.clone(),
            StmtKind::Break => ways.breaks.clone(),
            StmtKind::Continue => ways.continues.clone(),
            StmtKind::If { test, body: then, orelse } => {
                let truth = oracle.truth(*test);
                let then = self.block(*then, next.clone(), ways, oracle);
                let orelse = self.block(*orelse, next, ways, oracle);
                match truth {
                    Some(true) => then,
                    Some(false) => orelse,
                    None => [then, orelse].concat(),
                }
            }
            StmtKind::While { test, body: inner, orelse } => {
                let truth = match body.kind(*test) {
                    ExprKind::Boolean(truth) => Some(truth),
                    ExprKind::Number(_) => Some(true),
                    _ => oracle.truth(*test),
                };
                let again = vec![Place::Stmt(id)];
                let own = Ways { breaks: next.clone(), continues: again.clone(), ..ways.clone() };
                let inner = self.block(*inner, again, &own, oracle);
                let orelse = self.block(*orelse, next, ways, oracle);
                match truth {
                    Some(true) => inner,
                    Some(false) => orelse,
                    None => [inner, orelse].concat(),
                }
            }
            StmtKind::For { body: inner, orelse, .. } => {
                let again = vec![Place::Stmt(id)];
                let own = Ways { breaks: next.clone(), continues: again.clone(), ..ways.clone() };
                let inner = self.block(*inner, again, &own, oracle);
                let orelse = self.block(*orelse, next, ways, oracle);
                [inner, orelse].concat()
            }
            StmtKind::With { items, body: inner, .. } => {
                let mut own = ways.clone();
                if items.iter().any(|item| oracle.suppresses(item)) {
                    own.raises.extend(&next);
                    own.is_guarded = true;
                }
                self.block(*inner, next, &own, oracle)
            }
            StmtKind::Try(block) => self.guarded(block, next, ways, oracle),
            StmtKind::Match { cases, .. } => {
                let mut out = Vec::new();
                for case in cases {
                    out.extend(self.block(case.body, next.clone(), ways, oracle));
                }
                if !cases.iter().any(|case| case.is_wildcard) {
                    out.extend(next);
                }
                out
            }
            _ => next,
        };
        if ways.is_guarded && self.header_may_raise(id) {
            out.extend(&ways.raises);
        }
        out.dedup();
        self.next[(id.index() - self.first) as usize] = out;
    }

    fn guarded(
        &mut self,
        block: &Try,
        next: Vec<Place>,
        ways: &Ways,
        oracle: &dyn Oracle,
    ) -> Vec<Place> {
        // What leaves the statement passes its `finally` first.
        let (next, outer) = if self.body.block(block.finalbody).is_empty() {
            (next, ways.clone())
        } else {
            let wanted = self.wanted(block, next, ways, oracle);
            let last = self.block(block.finalbody, wanted, ways, oracle);
            let outer = Ways {
                breaks: last.clone(),
                continues: last.clone(),
                returns: last.clone(),
                raises: last.clone(),
                is_guarded: true,
            };
            (last, outer)
        };
        let mut raises = Vec::new();
        for handler in &block.handlers {
            raises.extend(self.block(handler.body, next.clone(), &outer, oracle));
        }
        if !block.handlers.iter().any(|handler| handler.is_bare) {
            raises.extend(&outer.raises);
        }
        let after = self.block(block.orelse, next, &outer, oracle);
        let guarded = Ways { raises, is_guarded: true, ..outer };
        self.block(block.body, after, &guarded, oracle)
    }

    /// Where the ways into the `finally` of a statement want to go.
    fn wanted(
        &self,
        block: &Try,
        next: Vec<Place>,
        ways: &Ways,
        oracle: &dyn Oracle,
    ) -> Vec<Place> {
        let mut out = Vec::new();
        let mut inside = exits(self.body, block.body, oracle);
        if inside.falls {
            let orelse = exits(self.body, block.orelse, oracle);
            inside = Exits { falls: false, ..inside }.or(orelse);
        }
        let handlers = block.handlers.iter().map(|handler| exits(self.body, handler.body, oracle));
        let all: Vec<Exits> = std::iter::once(inside).chain(handlers).collect();
        let some = |way: fn(&Exits) -> bool| all.iter().any(way);
        if some(|exits| exits.falls) {
            out.extend(next);
        }
        if some(|exits| exits.returns) {
            out.extend(&ways.returns);
        }
        if some(|exits| exits.breaks) {
            out.extend(&ways.breaks);
        }
        if some(|exits| exits.continues) {
            out.extend(&ways.continues);
        }
        let is_caught = block.handlers.iter().any(|handler| handler.is_bare);
        let from_handlers = all.iter().skip(1).any(|exits| exits.raises || exits.reraises);
        if from_handlers || !is_caught && may_raise(self.body, block.body) {
            out.extend(&ways.raises);
        }
        out
    }

    /// Whether evaluating the statement's own expressions may raise.
    fn header_may_raise(&self, id: StmtId) -> bool {
        let header = self.body.header_span(id);
        self.body.exprs_in(id).any(|expr| {
            matches!(
                self.body.kind(expr),
                ExprKind::Call { .. } | ExprKind::Await(_) | ExprKind::Subscript { .. }
            ) && header.contains(self.body.span(expr))
        }) || matches!(
            self.body.stmt(id).kind,
            StmtKind::For { is_async: true, .. } | StmtKind::With { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use asynclint_parser::{Limits, parse};

    use super::*;
    use crate::exits::Open;
    use crate::lower;

    /// The names of the calls that may follow `a()` without passing `stop()`, and how the function
    /// may be left: `.` for a return, `!` for an exception.
    fn after(code: &str) -> String {
        let indented = format!("    {}\n", code.replace('\n', "\n    "));
        let text = format!("def f():\n{indented}");
        let parsed = parse(&text, &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(parsed.errors, [], "{text}");
        let facts = lower(parsed);
        let function = &facts.outline.functions[0];
        let body = facts.body(function.body);
        let called = |id: StmtId| {
            let header = body.header_span(id);
            body.exprs_in(id).filter(|&expr| header.contains(body.span(expr))).find_map(|expr| {
                match body.kind(body.callee(expr)?) {
                    ExprKind::Name(name) => Some(facts.outline.text(name)),
                    _ => None,
                }
            })
        };
        let all: Vec<StmtId> = body.stmts_in_block(function.block).collect();
        let from = all.iter().copied().find(|&id| called(id) == Some("a")).expect("a call of a");
        let paths = Paths::of(body, function.block, &Open);
        let reached = paths.from(from, |id| called(id) == Some("stop"));
        let mut names: Vec<_> =
            all.iter().filter(|&&id| reached.has(id)).filter_map(|&id| called(id)).collect();
        names.sort_unstable();
        names.extend(reached.returns.then_some("."));
        names.extend(reached.raises.then_some("!"));
        names.join(" ")
    }

    #[test]
    fn statements_follow_each_other() {
        assert_eq!(after("a()\nb()"), "b .");
        assert_eq!(after("a()\nstop()\nb()"), "stop");
        assert_eq!(after("a()\nif x:\n    b()\nelse:\n    stop()\nc()"), "b c stop .");
        assert_eq!(after("a()\nif x:\n    return\nb()"), "b .");
        assert_eq!(after("a()\nraise\nb()"), "!");
        assert_eq!(after("if x:\n    a()\nelse:\n    b()\nc()"), "c .");
        assert_eq!(
            after("a()\nmatch x:\n    case 1:\n        stop()\n    case _:\n        b()"),
            "b stop ."
        );
        assert_eq!(after("a()\nmatch x:\n    case 1:\n        stop()"), "stop .");
    }

    #[test]
    fn loops_come_back() {
        assert_eq!(after("for x in y:\n    a()\n    b()\nc()"), "a b c .");
        assert_eq!(after("while x:\n    a()\n    break\nelse:\n    b()\nc()"), "c .");
        assert_eq!(after("while x:\n    a()\n    continue\n    b()\nelse:\n    c()"), "a c .");
        assert_eq!(after("while True:\n    a()\n    b()\nc()"), "a b");
        assert_eq!(after("while True:\n    a()\n    stop()\nc()"), "stop");
        assert_eq!(after("while c():\n    a()"), "a c .");
    }

    #[test]
    fn exceptions_lead_to_handlers() {
        assert_eq!(after("try:\n    a()\n    b()\nexcept E:\n    c()\nd()"), "b c d . !");
        assert_eq!(after("try:\n    a()\nexcept E:\n    c()\nelse:\n    d()\ne()"), "c d e . !");
        assert_eq!(after("try:\n    b()\nexcept E:\n    a()\nd()"), "d .");
        assert_eq!(after("try:\n    a()\nexcept:\n    return\nd()"), "d .");
        assert_eq!(after("try:\n    b()\nexcept E:\n    a()\n    raise\nd()"), "!");
        assert_eq!(
            after("try:\n    try:\n        a()\n    except E:\n        b()\nexcept:\n    c()"),
            "b c ."
        );
        assert_eq!(
            after("for x in y:\n    try:\n        a()\n    except E:\n        b()"),
            "a b . !"
        );
    }

    #[test]
    fn finally_is_passed_by_all() {
        assert_eq!(after("try:\n    a()\nfinally:\n    b()\nc()"), "b c . !");
        assert_eq!(after("try:\n    a()\n    return\nfinally:\n    b()\nc()"), "b . !");
        assert_eq!(after("try:\n    a()\nfinally:\n    stop()\nc()"), "stop");
        assert_eq!(
            after("while x:\n    try:\n        a()\n        break\n    finally:\n        b()\nc()"),
            "b c . !"
        );
        assert_eq!(after("try:\n    b()\nexcept E:\n    a()\nfinally:\n    stop()"), "stop");
    }

    #[test]
    fn the_code_of_inner_functions_is_no_way() {
        assert_eq!(after("a()\ndef g():\n    stop()\nb()"), "b .");
        assert_eq!(after("a()\nclass C:\n    stop()\nb()"), "b .");
    }
}
