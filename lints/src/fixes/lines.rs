//! Lines and indentation.

use asynclint_diagnostics::Edit;
use asynclint_parser::{SourceFile, Span};
use asynclint_semantic::{BodyId, StmtId};

use crate::Context;

/// The blanks before the statement, if it is the first of its line.
pub(super) fn indent(source: &SourceFile, span: Span) -> Option<&str> {
    let start = source.lines().start(source.lines().line(span.start));
    let before = source.slice(Span::new(start, span.start));
    before.chars().all(|c| matches!(c, ' ' | '\t')).then_some(before)
}

/// Where the line begins on which the statement begins, if it is the first of that line.
pub(super) fn line_before(source: &SourceFile, span: Span) -> Option<u32> {
    indent(source, span).map(|indent| span.start - indent.len() as u32)
}

/// Whether nothing but a comment stands behind the statement in its last line.
pub(super) fn ends_line(source: &SourceFile, span: Span) -> bool {
    let line = source.lines().span(source.text(), source.lines().line(span.end));
    let rest = Span::new(span.end.min(line.end), line.end);
    let rest = source.slice(rest).trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// The edit that puts `content`, one or more lines without the last line end, below the last line
/// of the statement, if that line ends with it.
pub(super) fn below(source: &SourceFile, span: Span, content: &str) -> Option<Edit> {
    if !ends_line(source, span) {
        return None;
    }
    let line = source.lines().line(span.end);
    Some(if line < source.lines().len() {
        let at = source.lines().start(line + 1);
        Edit { span: Span::empty(at), content: format!("{content}\n") }
    } else {
        let at = source.text().len() as u32;
        Edit { span: Span::empty(at), content: format!("\n{content}") }
    })
}

/// The bytes of a statement without the blanks and line ends behind it.
pub(super) fn statement(cx: &Context<'_>, source: &SourceFile, body: BodyId, stmt: StmtId) -> Span {
    let span = cx.body(body).stmt_span(stmt);
    let text = source.slice(span).trim_end();
    Span::new(span.start, span.start + text.len() as u32)
}

/// The words that begin the lines above blocks; what closes a bracket may end one as well.
const OPENING: &[&str] = &[
    "async", "class", "def", "elif", "else", "except", "finally", "for", "if", "match", "try",
    "while", "with",
];

/// One step of indentation, as far as the file shows it: that of its first indented line.
pub(super) fn step(source: &SourceFile) -> &str {
    let blanks = |line: &'_ str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut before = "";
    for line in source.text().lines().filter(|line| !line.trim().is_empty()) {
        // A line behind a colon begins a block; others may continue what is above them, or stand in
        // the text of a docstring.
        let first = before.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let is_opening = first.is_empty() || OPENING.contains(&first);
        if before.trim_end().ends_with(':') && is_opening && blanks(before) == 0 && blanks(line) > 0
        {
            return &line[..blanks(line)];
        }
        before = line;
    }
    "    "
}
