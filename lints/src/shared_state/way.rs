//! The code of one coroutine function in the order of the text. It is gone through once for all that
//! is asked about it, since a function may read and write shared state thousands of times.

use std::cell::OnceCell;
use std::rc::Rc;

use asynclint_parser::Span;
use asynclint_semantic::{Body, FunctionId, StmtId};

use crate::Context;

/// The statements of a function, and where other tasks may run.
pub(crate) struct Way<'a> {
    /// The function.
    pub(crate) function: FunctionId,
    body: &'a Body,
    stmts: Vec<StmtId>,
    points: OnceCell<Rc<[(StmtId, Span)]>>,
}

impl<'a> Way<'a> {
    /// The way through `function`.
    pub(crate) fn through(cx: &Context<'a>, function: FunctionId) -> Self {
        let own = cx.function(function);
        let body = cx.body(own.body);
        let stmts = body.stmts_in_block(own.block).collect();
        Self { function, body, stmts, points: OnceCell::new() }
    }

    /// All statements, those of nested functions included.
    pub(crate) fn stmts(&self) -> &[StmtId] {
        &self.stmts
    }

    /// The statements that begin in `between`.
    pub(crate) fn stmts_within(&self, between: Span) -> &[StmtId] {
        let before = |at: u32| self.stmts.partition_point(|&id| self.body.stmt_span(id).start < at);
        self.stmts.get(before(between.start)..before(between.end)).unwrap_or_default()
    }

    /// The statements that begin where `stmt` ends or later.
    pub(crate) fn stmts_behind(&self, stmt: StmtId) -> &[StmtId] {
        let end = self.body.stmt_span(stmt).end;
        let before = self.stmts.partition_point(|&id| self.body.stmt_span(id).start < end);
        self.stmts.get(before..).unwrap_or_default()
    }

    /// The first place that begins in `between` where other tasks may run.
    pub(crate) fn suspends(&self, cx: &Context<'_>, between: Span) -> Option<(StmtId, Span)> {
        let own = cx.function(self.function);
        let find = || cx.resolver().await_points(cx.module(), own.body, own.block, self.function);
        let points = self.points.get_or_init(find);
        let first = points.partition_point(|(_, span)| span.start < between.start);
        points.get(first).copied().filter(|(_, span)| span.start < between.end)
    }
}
