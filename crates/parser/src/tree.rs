//! The syntax tree: one flat array in the order of the text, so that a walk is a loop and the
//! depth of a file costs no stack.

use crate::kind::{Field, Kind};
use crate::span::Span;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) field: Field,
    /// The node or something below it is not well-formed.
    pub(crate) broken: bool,
    pub(crate) span: Span,
    pub(crate) parent: u32,
    /// Index one past the last descendant.
    pub(crate) end: u32,
}

/// The tree of one file. Index 0 is the module.
#[derive(Debug)]
pub struct SyntaxTree<'s> {
    pub(crate) text: &'s str,
    pub(crate) entries: Vec<Entry>,
}

impl<'s> SyntaxTree<'s> {
    /// The module node.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }

    /// The text that was parsed.
    pub fn text(&self) -> &'s str {
        self.text
    }
}

/// A node of a [`SyntaxTree`].
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t SyntaxTree<'t>,
    index: u32,
}

impl<'t> Node<'t> {
    fn entry(self) -> &'t Entry {
        &self.tree.entries[self.index as usize]
    }

    /// Position of the node in the order of the text; unique in its tree.
    pub fn index(self) -> u32 {
        self.index
    }

    /// What the node is.
    pub fn kind(self) -> Kind {
        self.entry().kind
    }

    /// The part it plays in its parent.
    pub fn field_in_parent(self) -> Field {
        self.entry().field
    }

    /// Its bytes in the text.
    pub fn span(self) -> Span {
        self.entry().span
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        &self.tree.text[self.span().range()]
    }

    /// The whole text that was parsed.
    pub fn file_text(self) -> &'t str {
        self.tree.text
    }

    /// Whether it or something below it is not well-formed.
    pub fn is_broken(self) -> bool {
        self.entry().broken
    }

    /// The node it stands in.
    pub fn parent(self) -> Option<Node<'t>> {
        (self.index != 0).then(|| Node { tree: self.tree, index: self.entry().parent })
    }

    /// The nodes right below it, in order; comments are left out.
    pub fn children(self) -> Children<'t> {
        Children { tree: self.tree, next: self.index + 1, end: self.entry().end }
    }

    /// Every node below it, in order.
    pub fn descendants(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        (self.index + 1..self.entry().end).map(move |index| Node { tree, index })
    }

    /// The first child that plays the part `field`.
    pub fn field(self, field: Field) -> Option<Node<'t>> {
        self.children().find(|child| child.field_in_parent() == field)
    }

    /// The children that play the part `field`.
    pub fn fields(self, field: Field) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(move |child| child.field_in_parent() == field)
    }

    /// The first child of `kind`.
    pub fn child(self, kind: Kind) -> Option<Node<'t>> {
        self.children().find(|child| child.kind() == kind)
    }

    /// The expression inside any parentheses around this one.
    pub fn unparenthesized(self) -> Node<'t> {
        let mut node = self;
        while node.kind() == Kind::ParenthesizedExpression {
            match node.children().next() {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.span())
    }
}

/// The children of a node.
#[derive(Clone)]
pub struct Children<'t> {
    tree: &'t SyntaxTree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, index: self.next };
        self.next = node.entry().end;
        Some(node)
    }
}
