//! Lowered statements.

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

use crate::ids::{Block, ExprId, List, StmtId};
use crate::names::Name;
use crate::outline::{ClassId, FunctionId, ScopeId};

/// A statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// The statement around it within the same function or class.
    pub parent: Option<StmtId>,
    /// The scope it runs in.
    pub scope: ScopeId,
    /// One past the last statement in it.
    pub(crate) end: u32,
    /// Expressions in it, from and to.
    pub(crate) exprs: (u32, u32),
    pub(crate) span: Span,
    /// The first line or lines of a compound statement, up to its colon; else the whole.
    pub(crate) header: Span,
}

/// What a statement is.
#[allow(missing_docs, reason = "the summary of a variant shows its parts as code")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StmtKind {
    /// An expression.
    Expr(ExprId),
    /// `a = b = value`.
    Assign { targets: List, value: ExprId },
    /// `target: annotation = value`.
    AnnAssign { target: ExprId, annotation: ExprId, value: Option<ExprId> },
    /// `target += value`.
    AugAssign { target: ExprId, value: ExprId },
    /// `return`.
    Return(Option<ExprId>),
    /// `raise`.
    Raise { exception: Option<ExprId>, cause: Option<ExprId> },
    /// `del`.
    Delete(List),
    /// `assert`.
    Assert(List),
    /// `pass`, `global`, `nonlocal`, a type alias, or what could not be read.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `if`; an `elif` is the only statement of `orelse`.
    If { test: ExprId, body: Block, orelse: Block },
    /// `while`.
    While { test: ExprId, body: Block, orelse: Block },
    /// `for`, `async for`.
    For { is_async: bool, target: ExprId, iterable: ExprId, body: Block, orelse: Block },
    /// `try`.
    Try(Box<Try>),
    /// `with`, `async with`.
    With { is_async: bool, items: Box<[WithItem]>, body: Block },
    /// `match`.
    Match { subject: List, cases: Box<[Case]> },
    /// `def` or `async def`.
    Function(FunctionId),
    /// `class`.
    Class(ClassId),
    /// An import.
    Import,
}

/// A `try` statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Try {
    /// The guarded block.
    pub body: Block,
    /// The handlers in order.
    pub handlers: Box<[Handler]>,
    /// The block of `else`.
    pub orelse: Block,
    /// The block of `finally`.
    pub finalbody: Block,
}

/// An `except` clause.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Handler {
    /// What it catches, one each; empty for a bare `except`.
    pub types: List,
    /// Whether it names nothing at all.
    pub is_bare: bool,
    /// Whether it is `except*`.
    pub is_star: bool,
    /// The name the exception is bound to.
    pub name: Option<Name>,
    /// Its block.
    pub body: Block,
    pub(crate) header: Span,
}

/// One context manager of a `with`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct WithItem {
    /// The manager.
    pub manager: ExprId,
    /// What it is bound to.
    pub target: Option<ExprId>,
}

/// One `case` of a `match`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Case {
    /// Whether it takes whatever comes (`_` or a bare name, without a guard).
    pub is_wildcard: bool,
    /// The guard.
    pub guard: Option<ExprId>,
    /// Its block.
    pub body: Block,
}
