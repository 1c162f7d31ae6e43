//! Lowered code: the statements and expressions of one outermost function, or of a module.
//!
//! Expressions stand in the array after everything below them, and statements before everything
//! in them, so that what lies in a statement is a range of ids.

use asynclint_parser::Span;

use crate::names::Name;
use crate::outline::{ClassId, FunctionId, ScopeId};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    )*};
}

ids! {
    /// A body of a file; 0 is the module's own code.
    BodyId,
    /// An expression of one body.
    ExprId,
    /// A statement of one body.
    StmtId,
}

/// The module's own body.
pub const MODULE: BodyId = BodyId(0);

/// A run of expressions in [`Body`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// A run of statements in [`Body`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl List {
    /// Whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// How many it holds.
    pub const fn len(self) -> usize {
        self.len as usize
    }

    pub(crate) const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

impl Block {
    /// Whether it holds nothing, as an absent `else` does.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// What becomes of the value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Nothing: an expression statement, `_ = x`, an element of a discarded list, the branch of a
    /// discarded conditional.
    Discarded,
    /// Operand of `await`.
    Awaited,
    /// Bound to one plain name.
    Bound,
    /// Stored in an attribute, a subscript or several targets.
    Stored,
    /// Element of a display or comprehension that is used itself.
    Collected,
    /// Operand of `return`, or the body of a lambda.
    Returned,
    /// Operand of `yield`.
    Yielded,
    /// Argument of a call.
    Passed,
    /// Asked for its truth: condition, `not x`, the left operand of `and` and `or`.
    Tested,
    /// Compared with anything but `is`.
    Compared,
    /// Compared with `is` or `is not`.
    Identified,
    /// Operand of arithmetic.
    Operand,
    /// In an f-string.
    Formatted,
    /// The object of an attribute.
    Object,
    /// The object of a subscript.
    Subscripted,
    /// Index or slice of a subscript.
    Index,
    /// What is called.
    Called,
    /// Iterated by `for`.
    Iterated,
    /// Iterated by `async for`.
    AsyncIterated,
    /// Entered by `with`.
    Entered,
    /// Entered by `async with`.
    AsyncEntered,
    /// Unpacked by `*` or `**`.
    Unpacked,
    /// Raised, or the cause of what is raised.
    Raised,
    /// Assigned to, deleted or bound.
    Target,
    /// What an `except` clause catches.
    Caught,
    /// Decorator, base class or default value.
    Defined,
    /// Annotation or type parameter.
    Annotation,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// What becomes of its value.
    pub usage: Usage,
    /// The expression around it, if it is not the statement's own.
    pub parent: Option<ExprId>,
    /// The statement that it stands in.
    pub stmt: StmtId,
    /// The scope in which its names are looked up.
    pub scope: ScopeId,
    /// First expression below it; those up to its own id lie below.
    pub(crate) first: u32,
    pub(crate) span: Span,
}

/// What an expression is.
#[allow(missing_docs, reason = "the summary of a variant shows its parts as code")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// A name.
    Name(Name),
    /// `value.name`.
    Attribute { value: ExprId, name: Name },
    /// A call; see [`Body::arguments`].
    Call { callee: ExprId, arguments: u32, count: u32 },
    /// `await x`.
    Await(ExprId),
    /// `yield` or `yield x`.
    Yield(Option<ExprId>),
    /// `yield from x`.
    YieldFrom(ExprId),
    /// A lambda; its body is a function's.
    Lambda(FunctionId),
    /// A comprehension; see [`Body::comprehension`].
    Comprehension(u32),
    /// `value[index]`.
    Subscript { value: ExprId, index: List },
    /// `a and b and c`, `a or b or c`, flattened one level: left and right.
    Bool { is_and: bool, left: ExprId, right: ExprId },
    /// `not x`.
    Not(ExprId),
    /// A chain of comparisons: its operands.
    Compare(List),
    /// `left op right`.
    Binary { left: ExprId, right: ExprId },
    /// `-x`, `+x`, `~x`.
    Unary(ExprId),
    /// `body if test else orelse`.
    Conditional { test: ExprId, branches: List },
    /// A tuple with or without parentheses.
    Tuple(List),
    /// A list display.
    List(List),
    /// A set display.
    Set(List),
    /// A dict display: keys and values in turn, `**x` as one unpacking.
    Dict(List),
    /// `name := value`.
    Named { target: ExprId, value: ExprId },
    /// `*x` or `**x`.
    Starred(ExprId),
    /// An f-string or t-string: what stands in its braces.
    Format(List),
    /// A string or bytes; its content where it is plain and short.
    Str(Option<Name>),
    /// A number, as written.
    Number(Name),
    /// `None`.
    None,
    /// `True` or `False`.
    Boolean(bool),
    /// `...`.
    Ellipsis,
    /// Anything else, such as a slice: what lies below.
    Other(List),
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// By position.
    Positional,
    /// By name.
    Keyword(Name),
    /// `*x`.
    Unpacked,
    /// `**x`.
    UnpackedMapping,
}

/// An argument of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// What is passed; for unpackings what is unpacked.
    pub value: ExprId,
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[...]`
    List,
    /// `{...}`
    Set,
    /// `{k: v ...}`
    Dict,
    /// `(...)`: runs only as it is iterated.
    Generator,
}

/// A comprehension.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// Its element; key and value for a dict.
    pub elements: List,
    /// Its `for` clauses.
    pub clauses: Box<[Clause]>,
}

/// One `for` of a comprehension with the `if`s behind it.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// Whether it is `async for`.
    pub is_async: bool,
    /// What each item is bound to.
    pub target: ExprId,
    /// What is iterated.
    pub iterable: ExprId,
    /// The conditions.
    pub conditions: List,
}

/// A statement.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Copy, Debug)]
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
#[derive(Clone, Copy, Debug)]
pub struct WithItem {
    /// The manager.
    pub manager: ExprId,
    /// What it is bound to.
    pub target: Option<ExprId>,
}

/// One `case` of a `match`.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Whether it takes whatever comes (`_` or a bare name, without a guard).
    pub is_wildcard: bool,
    /// The guard.
    pub guard: Option<ExprId>,
    /// Its block.
    pub body: Block,
}

/// The code of one outermost function with all that is nested in it, or of the module.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Byte of the file at which spans begin.
    pub(crate) base: u32,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) lists: Vec<ExprId>,
    pub(crate) blocks: Vec<StmtId>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) comprehensions: Vec<Comprehension>,
    /// Scratch space of [`Body::adopt`], empty between calls.
    pub(crate) adopted: Vec<ExprId>,
}

impl Body {
    /// The expression `id`.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// What the expression `id` is.
    pub fn kind(&self, id: ExprId) -> ExprKind {
        self.expr(id).kind
    }

    /// The statement `id`.
    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }

    /// Bytes of the expression in the file.
    pub fn span(&self, id: ExprId) -> Span {
        self.expr(id).span.shifted(self.base)
    }

    /// Bytes of the statement in the file.
    pub fn stmt_span(&self, id: StmtId) -> Span {
        self.stmt(id).span.shifted(self.base)
    }

    /// Bytes of the statement up to its first block; the whole of a simple statement.
    pub fn header_span(&self, id: StmtId) -> Span {
        self.stmt(id).header.shifted(self.base)
    }

    /// Bytes of `except ...` without its block.
    pub fn handler_span(&self, handler: &Handler) -> Span {
        handler.header.shifted(self.base)
    }

    /// The expressions of `list`.
    pub fn list(&self, list: List) -> &[ExprId] {
        &self.lists[list.range()]
    }

    /// The statements of `block`.
    pub fn block(&self, block: Block) -> &[StmtId] {
        &self.blocks[block.start as usize..(block.start + block.len) as usize]
    }

    /// The arguments, if `id` is a call.
    pub fn arguments(&self, id: ExprId) -> &[Argument] {
        match self.kind(id) {
            ExprKind::Call { arguments, count, .. } => {
                &self.arguments[arguments as usize..(arguments + count) as usize]
            }
            _ => &[],
        }
    }

    /// The argument passed by the keyword `name`, if `id` is a call.
    pub fn keyword(&self, id: ExprId, name: Name) -> Option<ExprId> {
        let arguments = self.arguments(id).iter();
        arguments.filter(|a| a.kind == ArgumentKind::Keyword(name)).map(|a| a.value).next()
    }

    /// What `id` calls, if it is a call.
    pub fn callee(&self, id: ExprId) -> Option<ExprId> {
        match self.kind(id) {
            ExprKind::Call { callee, .. } => Some(callee),
            _ => None,
        }
    }

    /// The comprehension, if `id` is one.
    pub fn comprehension(&self, id: ExprId) -> Option<&Comprehension> {
        match self.kind(id) {
            ExprKind::Comprehension(index) => self.comprehensions.get(index as usize),
            _ => None,
        }
    }

    /// Every expression, in an order in which operands come before what holds them.
    pub fn expr_ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..self.exprs.len() as u32).map(ExprId)
    }

    /// Every statement in the order of the text.
    pub fn stmt_ids(&self) -> impl Iterator<Item = StmtId> + use<> {
        (0..self.stmts.len() as u32).map(StmtId)
    }

    /// `id` and every expression below it, operands first.
    pub fn exprs_below(&self, id: ExprId) -> impl Iterator<Item = ExprId> + use<> {
        (self.expr(id).first..=id.0).map(ExprId)
    }

    /// Every expression in the statement and in the statements nested in it.
    pub fn exprs_in(&self, id: StmtId) -> impl Iterator<Item = ExprId> + use<> {
        let (from, to) = self.stmt(id).exprs;
        (from..to).map(ExprId)
    }

    /// Every expression in the block.
    pub fn exprs_in_block(&self, block: Block) -> impl Iterator<Item = ExprId> + use<> {
        let range = match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => self.stmt(first).exprs.0..self.stmt(last).exprs.1,
            _ => 0..0,
        };
        range.map(ExprId)
    }

    /// The statement `id` and every statement nested in it, in the order of the text.
    pub fn stmts_in(&self, id: StmtId) -> impl Iterator<Item = StmtId> + use<> {
        (id.0..self.stmt(id).end).map(StmtId)
    }

    /// Every statement in the block and in the statements nested in it.
    pub fn stmts_in_block(&self, block: Block) -> impl Iterator<Item = StmtId> + use<> {
        let range = match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => first.0..self.stmt(last).end,
            _ => 0..0,
        };
        range.map(StmtId)
    }

    /// The statements around `id`, innermost first, up to the function or class.
    pub fn enclosing(&self, id: StmtId) -> impl Iterator<Item = StmtId> + '_ {
        std::iter::successors(self.stmt(id).parent, |&outer| self.stmt(outer).parent)
    }

    /// Whether `block` holds the statement, at any depth.
    pub fn block_holds(&self, block: Block, id: StmtId) -> bool {
        match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => first <= id && id.0 < self.stmt(last).end,
            _ => false,
        }
    }
}

impl Body {
    /// Calls `visit` with every operand of `id`, in the order of evaluation as written.
    pub fn each_operand(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match self.kind(id) {
            ExprKind::Attribute { value, .. } => visit(value),
            ExprKind::Call { callee, .. } => {
                visit(callee);
                self.arguments(id).iter().for_each(|argument| visit(argument.value));
            }
            ExprKind::Await(value)
            | ExprKind::Yield(Some(value))
            | ExprKind::YieldFrom(value)
            | ExprKind::Not(value)
            | ExprKind::Unary(value)
            | ExprKind::Starred(value) => visit(value),
            ExprKind::Comprehension(_) => {
                let Some(comprehension) = self.comprehension(id) else { return };
                for clause in &comprehension.clauses {
                    visit(clause.iterable);
                    visit(clause.target);
                    self.list(clause.conditions).iter().copied().for_each(&mut visit);
                }
                self.list(comprehension.elements).iter().copied().for_each(visit);
            }
            ExprKind::Subscript { value, index } => {
                visit(value);
                self.list(index).iter().copied().for_each(visit);
            }
            ExprKind::Bool { left, right, .. } | ExprKind::Binary { left, right } => {
                visit(left);
                visit(right);
            }
            ExprKind::Conditional { test, branches } => {
                visit(test);
                self.list(branches).iter().copied().for_each(visit);
            }
            ExprKind::Named { target, value } => {
                visit(value);
                visit(target);
            }
            ExprKind::Compare(list)
            | ExprKind::Tuple(list)
            | ExprKind::List(list)
            | ExprKind::Set(list)
            | ExprKind::Dict(list)
            | ExprKind::Format(list)
            | ExprKind::Other(list) => self.list(list).iter().copied().for_each(visit),
            ExprKind::Name(_)
            | ExprKind::Yield(None)
            | ExprKind::Lambda(_)
            | ExprKind::Str(_)
            | ExprKind::Number(_)
            | ExprKind::None
            | ExprKind::Boolean(_)
            | ExprKind::Ellipsis => {}
        }
    }

    /// Tells the operands of `id`, all of which begin at or after `first`, whose they are.
    pub(crate) fn adopt(&mut self, id: ExprId, first: u32) {
        if first == id.0 {
            return;
        }
        let mut operands = std::mem::take(&mut self.adopted);
        self.each_operand(id, |operand| operands.push(operand));
        for operand in operands.drain(..) {
            self.exprs[operand.0 as usize].parent = Some(id);
        }
        self.adopted = operands;
    }
}
