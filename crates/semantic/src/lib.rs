//! One file lowered to owned facts: what it defines and what its code does. No tree-sitter, no
//! paths, no other file: the same text gives the same facts.

pub mod body;
pub mod exits;
mod facts;
mod lower;
mod names;
pub mod outline;

pub use body::{
    Argument, ArgumentKind, Block, Body, BodyId, Case, Clause, Comprehension, ComprehensionKind,
    Expr, ExprId, ExprKind, Handler, List, MODULE, Stmt, StmtId, StmtKind, Try, Usage, WithItem,
};
pub use facts::Facts;
pub use lower::lower;
pub use names::{Name, Names};
pub use outline::{
    AttributeWrite, Binding, BindingKind, Class, ClassId, Function, FunctionId, Import,
    MODULE_SCOPE, Outline, Parameter, ParameterKind, Scope, ScopeId, ScopeKind,
};
