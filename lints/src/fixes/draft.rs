//! A fix that is being put together.

use asynclint_diagnostics::{Applicability, Edit, Fix};
use asynclint_parser::Span;

/// The edits of a fix, in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    edits: Vec<Edit>,
}

impl Draft {
    /// Puts `content` in at byte `at`; of several at one place the first comes first.
    pub(crate) fn insert(mut self, at: u32, content: impl Into<String>) -> Self {
        self.edits.push(Edit { span: Span::empty(at), content: content.into() });
        self
    }

    /// Puts `content` into the place of `span`.
    pub(crate) fn replace(mut self, span: Span, content: impl Into<String>) -> Self {
        self.edits.push(Edit { span, content: content.into() });
        self
    }

    /// Adds an edit where there is one.
    pub(crate) fn with(mut self, edit: Option<Edit>) -> Self {
        self.edits.extend(edit);
        self
    }

    /// Adds the edits of `other`.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.edits.extend(other.edits);
        self
    }

    /// The fix, for a change in what runs; `title` says in the imperative what it does.
    pub(crate) fn unsafe_fix(self, title: impl Into<String>) -> Fix {
        self.finish(title, Applicability::Unsafe)
    }

    /// The fix, for a change after which a correct program behaves as before.
    pub(crate) fn safe_fix(self, title: impl Into<String>) -> Fix {
        self.finish(title, Applicability::Safe)
    }

    fn finish(mut self, title: impl Into<String>, applicability: Applicability) -> Fix {
        self.edits.retain(|edit| edit.span.start < edit.span.end || !edit.content.is_empty());
        self.edits.sort_by_key(|edit| edit.span);
        Fix { title: title.into(), edits: self.edits, applicability, applies: false }
    }
}
