//! tree-sitter's tree to ours, in one walk with an explicit stack.

use crate::kind::{Kind, TABLE};
use crate::span::Span;
use crate::tree::{Entry, SyntaxTree};

/// What one walk brings home.
pub(crate) struct Grown<'s> {
    pub(crate) tree: SyntaxTree<'s>,
    pub(crate) comments: Vec<Span>,
    /// ERROR and MISSING nodes, innermost first places, in the order of the text.
    pub(crate) faults: Vec<Fault>,
}

/// A place the grammar could not read.
pub(crate) struct Fault {
    pub(crate) span: Span,
    /// The token that is missing, where the grammar knows.
    pub(crate) missing: Option<String>,
    /// It stands in a list of type parameters, which the grammar reads without defaults (PEP 696).
    pub(crate) in_type_parameters: bool,
}

/// Deeper than the limit.
pub(crate) struct TooDeep;

struct Walk<'s> {
    grown: Grown<'s>,
    /// Entries that are still open, outermost first.
    open: Vec<u32>,
    type_parameters: u32,
}

/// Turns `tree`, parsed from a text of the same length as `text`, into a [`SyntaxTree`] of `text`.
pub(crate) fn grow<'s>(
    text: &'s str,
    tree: &tree_sitter::Tree,
    max_depth: usize,
) -> Result<Grown<'s>, TooDeep> {
    let faulty = tree.root_node().has_error();
    let entries = Vec::with_capacity(text.len() / 8 + 8);
    let grown =
        Grown { tree: SyntaxTree { text, entries }, comments: Vec::new(), faults: Vec::new() };
    let mut walk = Walk { grown, open: Vec::new(), type_parameters: 0 };
    let mut cursor = tree.walk();
    loop {
        let descend = walk.enter(&cursor, faulty);
        if descend && cursor.goto_first_child() {
            if walk.open.len() > max_depth {
                return Err(TooDeep);
            }
            continue;
        }
        if descend {
            walk.leave();
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(walk.grown);
            }
            walk.leave();
        }
    }
}

impl Walk<'_> {
    /// Records the node under the cursor; true if it was opened and its children are wanted.
    fn enter(&mut self, cursor: &tree_sitter::TreeCursor<'_>, faulty: bool) -> bool {
        let node = cursor.node();
        let kind = TABLE.kind(node.kind_id());
        let span = Span::new(node.start_byte() as u32, node.end_byte() as u32);
        let broken = faulty && node.has_error();
        if faulty && (node.is_error() || node.is_missing()) {
            self.grown.faults.push(Fault {
                span,
                missing: node.is_missing().then(|| node.kind().to_owned()),
                in_type_parameters: self.type_parameters > 0,
            });
        }
        match kind {
            Kind::Comment => {
                self.grown.comments.push(span);
                return false;
            }
            Kind::Dropped
            | Kind::LineContinuation
            | Kind::StringStart
            | Kind::StringContent
            | Kind::StringEnd => return false,
            // Only `except*` is told by its star; elsewhere the node's kind says it.
            Kind::Star if !self.is_in(Kind::ExceptClause) => return false,
            Kind::PowerOperator if !self.is_in(Kind::BinaryOperator) => return false,
            _ => {}
        }
        let entries = &mut self.grown.tree.entries;
        let index = entries.len() as u32;
        entries.push(Entry {
            kind,
            field: TABLE.field(cursor.field_id()),
            broken,
            span,
            parent: self.open.last().copied().unwrap_or(0),
            end: index + 1,
        });
        if is_leaf(kind) {
            return false;
        }
        self.type_parameters += u32::from(kind == Kind::TypeParameter);
        self.open.push(index);
        true
    }

    fn is_in(&self, kind: Kind) -> bool {
        self.open.last().is_some_and(|&open| self.grown.tree.entries[open as usize].kind == kind)
    }

    fn leave(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let entries = &mut self.grown.tree.entries;
        let end = entries.len() as u32;
        let entry = &mut entries[index as usize];
        entry.end = end;
        self.type_parameters -= u32::from(entry.kind == Kind::TypeParameter);
    }
}

fn is_leaf(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Identifier
            | Kind::Integer
            | Kind::Float
            | Kind::True
            | Kind::False
            | Kind::None
            | Kind::Ellipsis
            | Kind::PassStatement
            | Kind::BreakStatement
            | Kind::ContinueStatement
            | Kind::AsyncKeyword
            | Kind::FromKeyword
            | Kind::AndOperator
            | Kind::OrOperator
            | Kind::IsOperator
            | Kind::IsNotOperator
            | Kind::InOperator
            | Kind::NotInOperator
            | Kind::EqualOperator
            | Kind::NotEqualOperator
            | Kind::DiamondOperator
            | Kind::LessOperator
            | Kind::NotLessOperator
            | Kind::PowerOperator
            | Kind::Star
            | Kind::WildcardImport
    )
}
