//! Where comments stand among the lines and statements of a file.

use asynclint_parser::{SourceFile, Span};

/// The lines and statements of one file.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) statement: &'a dyn Fn(u32) -> Span,
}

impl Layout<'_> {
    /// The 1-based line of a byte.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.source.lines().line(offset)
    }

    /// The line on which `span` ends.
    pub(super) fn last_line(&self, span: Span) -> u32 {
        self.line(if span.end > span.start { span.end - 1 } else { span.start })
    }

    /// The column of a byte, in bytes from 0.
    pub(super) fn indent(&self, offset: u32) -> u32 {
        offset - self.source.lines().start(self.line(offset))
    }

    /// Whether nothing stands before `comment` on its line.
    pub(super) fn has_own_line(&self, comment: Span) -> bool {
        let start = self.source.lines().start(self.line(comment.start));
        self.source.slice(Span::new(start, comment.start)).trim().is_empty()
    }

    /// The first byte of code on the lines after `line`.
    pub(super) fn code_after(&self, line: u32) -> Option<u32> {
        ((line + 1)..=self.source.lines().len()).find_map(|line| self.code(line))
    }

    /// The last line after `line` before a statement that is indented less than `indent`.
    pub(super) fn end_of_block(&self, line: u32, indent: u32) -> u32 {
        let outside = |&line: &u32| {
            // Lines inside brackets and strings are indented at will.
            self.code(line)
                .is_some_and(|code| self.indent(code) < indent && self.begins_statement(code))
        };
        let count = self.source.lines().len();
        ((line + 1)..=count).find(outside).map_or(count, |line| line - 1)
    }

    /// Whether the statement of the byte `code` begins on its line.
    pub(super) fn begins_statement(&self, code: u32) -> bool {
        self.line((self.statement)(code).start) == self.line(code)
    }

    /// The first byte of code on `line`; `None` for blank lines and those of comments.
    pub(super) fn code(&self, line: u32) -> Option<u32> {
        let span = self.source.lines().span(self.source.text(), line);
        let code = self.source.slice(span).trim_start();
        let blank = code.is_empty() || code.starts_with('#');
        (!blank).then(|| span.end - code.len() as u32)
    }
}
