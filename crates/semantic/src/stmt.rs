//! Lowered statements.

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

use crate::ids::{Block, ExprId, List, StmtId};
use crate::names::Name;
use crate::outline::{ClassId, FunctionId, ScopeId};
use crate::packed::Packed;

/// A statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// The statement around it within the same function or class.
    pub parent: Option<StmtId>,
    /// The scope it runs in.
    pub scope: ScopeId,
}

impl Stmt {
    /// Whether nothing behind it in its block runs: `return`, `raise`, `break` and `continue`.
    pub fn leaves_block(&self) -> bool {
        matches!(
            self.kind,
            StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue
        )
    }
}

/// What the statements of one body take in.
pub(crate) type Extents = Packed<Extent<u16>, Extent<u32>>;

/// What a statement takes in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Extent<N> {
    /// One past the last statement in it.
    pub(crate) end: N,
    /// Expressions in it, from and to.
    pub(crate) exprs: (N, N),
    /// Its bytes, from and to.
    pub(crate) bytes: (N, N),
    /// Where the first line or lines of a compound statement end, before the colon; else where all
    /// of it does.
    pub(crate) header_end: N,
}

impl Extents {
    /// What the statement `id` takes in.
    #[inline]
    pub(crate) fn of(&self, id: StmtId) -> Extent<u32> {
        match self {
            Self::Narrow(extents) => extents[id.index() as usize].wide(),
            Self::Wide(extents) => extents[id.index() as usize],
        }
    }
}

impl Extent<u16> {
    #[inline]
    fn wide(self) -> Extent<u32> {
        let pair = |(from, to): (u16, u16)| (from.into(), to.into());
        Extent {
            end: self.end.into(),
            exprs: pair(self.exprs),
            bytes: pair(self.bytes),
            header_end: self.header_end.into(),
        }
    }
}

impl Extent<u32> {
    /// The same in half the room, if every number is small.
    pub(crate) fn narrow(&self) -> Option<Extent<u16>> {
        let small = |number: u32| u16::try_from(number).ok();
        let pair = |(from, to): (u32, u32)| Some((small(from)?, small(to)?));
        Some(Extent {
            end: small(self.end)?,
            exprs: pair(self.exprs)?,
            bytes: pair(self.bytes)?,
            header_end: small(self.header_end)?,
        })
    }

    pub(crate) const fn span(&self) -> Span {
        Span::new(self.bytes.0, self.bytes.1)
    }

    pub(crate) const fn header(&self) -> Span {
        Span::new(self.bytes.0, self.header_end)
    }
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
