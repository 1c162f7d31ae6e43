//! Lowered expressions.

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

use crate::ids::{ExprId, List, StmtId};
use crate::names::Name;
use crate::outline::{FunctionId, ScopeId};

/// What becomes of the value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Usage {
    /// Whether what is used so is taken for a value: a coroutine has no truth of its own, nothing to
    /// compare, count or format, and no items.
    pub const fn is_of_value(self) -> bool {
        matches!(
            self,
            Self::Tested
                | Self::Compared
                | Self::Operand
                | Self::Formatted
                | Self::Subscripted
                | Self::Iterated
        )
    }
}

/// An expression.
#[derive(Clone, Copy, Debug)]
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

/// The arguments of one call; see [`Body::arguments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arguments(pub(crate) u32);

/// What an expression is.
#[allow(missing_docs, reason = "the summary of a variant shows its parts as code")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// A name.
    Name(Name),
    /// `value.name`.
    Attribute { value: ExprId, name: Name },
    /// A call; see [`Body::arguments`].
    Call { callee: ExprId, arguments: Arguments },
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
    /// A comparison, or a chain of them.
    Compare { operator: Comparison, operands: List },
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

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `left is right`.
    Is,
    /// `left is not right`.
    IsNot,
    /// `left in right`.
    In,
    /// `left not in right`.
    NotIn,
    /// `left == right`.
    Equal,
    /// `left < right`.
    Less,
    /// `left >= right`.
    NotLess,
    /// Anything else, and every chain of more than one operator.
    Other,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// What is passed; for unpackings what is unpacked.
    pub value: ExprId,
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// Its element; key and value for a dict.
    pub elements: List,
    /// Its `for` clauses.
    pub clauses: Box<[Clause]>,
}

/// One `for` of a comprehension with the `if`s behind it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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
