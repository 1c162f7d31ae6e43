//! Labels as they can be drawn.

use std::ops::Range;

use asynclint_diagnostics::{Diagnostic, FileId, Label};
use asynclint_parser::SourceFile;

use crate::Sources;
use crate::cut::floor;

/// A label whose place is known to lie in its file, on characters, and not in a line end.
#[derive(Clone, Debug)]
pub(crate) struct Mark<'a> {
    pub(crate) file: FileId,
    pub(crate) primary: bool,
    pub(crate) message: &'a str,
    /// Bytes of the file's text.
    pub(crate) bytes: Range<usize>,
    /// 1-based line of the first byte.
    pub(crate) first: u32,
    /// 1-based line of the last byte; only a primary mark has more than one line.
    pub(crate) last: u32,
}

impl<'a> Mark<'a> {
    fn new(label: &'a Label, source: &SourceFile, primary: bool) -> Self {
        let (text, lines) = (source.text(), source.lines());
        let start = floor(text, label.span.start as usize);
        let end = floor(text, label.span.end as usize).max(start);
        let first = lines.line(start as u32);
        let line = lines.span(text, first).range();
        let start = start.min(line.end);
        let mut bytes = start..end;
        let mut last = first;
        if end > line.end {
            // A statement's span may hold its line end and blank lines that follow.
            let body = text[start..end].trim_end().len();
            bytes.end = start + body;
            last = lines.line(bytes.end as u32).max(first);
            // More than one bracket of lines is hard to read, so only the primary label has one.
            if !primary || last == first {
                last = first;
                bytes.end = bytes.end.min(line.end).max(start);
            }
        }
        Self { file: label.file, primary, message: &label.message, bytes, first, last }
    }

    pub(crate) fn is_multiline(&self) -> bool {
        self.first != self.last
    }
}

/// All labels of `diagnostic`, the primary one first, each once.
pub(crate) fn marks<'a>(diagnostic: &'a Diagnostic, sources: &dyn Sources) -> Vec<Mark<'a>> {
    let primary = &diagnostic.primary;
    let mut marks = vec![Mark::new(primary, sources.get(primary.file), true)];
    let others: Vec<&Label> = diagnostic.secondary.iter().chain(&diagnostic.chain).collect();
    for (n, label) in others.iter().enumerate() {
        // A chain often begins or ends where a label stands already.
        if *label != primary && !others[..n].contains(label) {
            marks.push(Mark::new(label, sources.get(label.file), false));
        }
    }
    marks
}
