//! Typed views over the nodes whose parts have names.

use crate::kind::{Field, Kind};
use crate::tree::Node;

macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $($kind:ident)|+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'t>(pub Node<'t>);

        impl<'t> $name<'t> {
            /// The view of `node`, if it is one.
            pub fn cast(node: Node<'t>) -> Option<Self> {
                matches!(node.kind(), $(Kind::$kind)|+).then_some(Self(node))
            }
        }
    };
}

view! {
    /// `def` and `async def`, without decorators.
    FunctionDef, FunctionDefinition
}
view! {
    /// `class`, without decorators.
    ClassDef, ClassDefinition
}
view! {
    /// A call.
    Call, Call
}
view! {
    /// `try` with its clauses.
    Try, TryStatement
}
view! {
    /// One `except` or `except*` clause.
    ExceptClause, ExceptClause
}
view! {
    /// `with` and `async with`.
    With, WithStatement
}
view! {
    /// `for` and `async for`.
    For, ForStatement
}

/// Whether the statement or clause begins with `async`.
pub fn is_async(node: Node<'_>) -> bool {
    node.children().next().is_some_and(|first| first.kind() == Kind::AsyncKeyword)
}

impl<'t> FunctionDef<'t> {
    /// The name.
    pub fn name(self) -> Option<Node<'t>> {
        self.0.field(Field::Name)
    }
    /// The parameter list.
    pub fn parameters(self) -> Option<Node<'t>> {
        self.0.field(Field::Parameters)
    }
    /// The annotation after `->`.
    pub fn return_type(self) -> Option<Node<'t>> {
        self.0.field(Field::ReturnType)
    }
    /// The block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.field(Field::Body)
    }
}

impl<'t> ClassDef<'t> {
    /// The name.
    pub fn name(self) -> Option<Node<'t>> {
        self.0.field(Field::Name)
    }
    /// Bases and keywords.
    pub fn superclasses(self) -> Option<Node<'t>> {
        self.0.field(Field::Superclasses)
    }
    /// The block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.field(Field::Body)
    }
}

impl<'t> Call<'t> {
    /// What is called.
    pub fn function(self) -> Option<Node<'t>> {
        self.0.field(Field::Function)
    }
    /// The argument list, or a lone generator expression.
    pub fn arguments(self) -> Option<Node<'t>> {
        self.0.field(Field::Arguments)
    }
}

impl<'t> Try<'t> {
    /// The guarded block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.field(Field::Body)
    }
    /// The handlers.
    pub fn handlers(self) -> impl Iterator<Item = ExceptClause<'t>> {
        self.0.children().filter_map(ExceptClause::cast)
    }
    /// The block of `else`.
    pub fn orelse(self) -> Option<Node<'t>> {
        self.0.child(Kind::ElseClause)?.field(Field::Body)
    }
    /// The block of `finally`.
    pub fn finalbody(self) -> Option<Node<'t>> {
        self.0.child(Kind::FinallyClause)?.child(Kind::Block)
    }
}

impl<'t> ExceptClause<'t> {
    /// Whether it is `except*`.
    pub fn is_star(self) -> bool {
        self.0.child(Kind::Star).is_some()
    }
    /// What it catches, one node for each expression of an unparenthesised list.
    pub fn values(self) -> impl Iterator<Item = Node<'t>> {
        self.0.fields(Field::Value)
    }
    /// The block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.child(Kind::Block)
    }
}

impl<'t> With<'t> {
    /// The context managers. `with (a as b):` hides its one item in parentheses, and the grammar
    /// takes `with (a as b,):` for a tuple.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        let clause = self.0.child(Kind::WithClause);
        clause
            .into_iter()
            .flat_map(Node::children)
            .filter(|node| node.kind() == Kind::WithItem)
            .filter_map(|item| item.field(Field::Value))
            .flat_map(|value| match value.kind() {
                Kind::Tuple => value.children().filter(|it| it.kind() != Kind::Comment).collect(),
                _ => vec![value],
            })
    }
    /// The block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.field(Field::Body)
    }
}

impl<'t> For<'t> {
    /// What each item is bound to.
    pub fn target(self) -> Option<Node<'t>> {
        self.0.field(Field::Left)
    }
    /// What is iterated.
    pub fn iterable(self) -> Option<Node<'t>> {
        self.0.field(Field::Right)
    }
    /// The block.
    pub fn body(self) -> Option<Node<'t>> {
        self.0.field(Field::Body)
    }
}
