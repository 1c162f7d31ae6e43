//! reviewdog's diagnostic format. Its columns count bytes of UTF-8, and a suggestion is one
//! replacement, which a reviewer applies with one click.

use asynclint_diagnostics::{Applicability, Diagnostic, Fix, Label, Level, path_text};
use asynclint_parser::{SourceFile, Span};
use serde::Serialize;

use super::Format;
use crate::{Report, careful};

/// What reviewdog reads.
pub(super) const FORMAT: Format = Format { name: "rdjson", for_people: false, render };

#[derive(Serialize)]
struct Result<'a> {
    source: Source<'static>,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

impl Place {
    fn of(file: &SourceFile, offset: u32) -> Self {
        if file.cell().is_some() {
            return Self { line: 1, column: 1 };
        }
        let line = file.position(offset).line;
        Self { line, column: offset - file.lines().start(line) + 1 }
    }
}

impl Range {
    fn of(file: &SourceFile, span: Span) -> Self {
        Self { start: Place::of(file, span.start), end: Place::of(file, span.end.max(span.start)) }
    }
}

impl Location {
    fn of(label: &Label, report: &Report<'_>) -> Self {
        let file = report.file(label);
        Self { path: path_text(file.path()).into_owned(), range: Range::of(file, label.span) }
    }
}

impl Suggestion {
    /// All edits as one, with what stands between them: a part of a fix may break the code.
    fn of(fix: &Fix, file: &SourceFile) -> Option<Self> {
        let (first, last) = (fix.edits.first()?, fix.edits.last()?);
        let mut text = String::new();
        let mut done = first.span.start;
        for edit in &fix.edits {
            text.push_str(file.slice(Span::new(done, edit.span.start)));
            text.push_str(&edit.content);
            done = edit.span.end;
        }
        Some(Self { range: Range::of(file, Span::new(first.span.start, last.span.end)), text })
    }
}

fn render(report: &Report<'_>, _: bool) -> String {
    let source = Source { name: "asynclint", url: env!("CARGO_PKG_HOMEPAGE") };
    let diagnostics = report.diagnostics.iter().map(|found| entry(found, report)).collect();
    careful::json(&Result { source, diagnostics }) + "\n"
}

fn entry<'a>(found: &'a Diagnostic, report: &'a Report<'a>) -> Entry<'a> {
    let mut message = report.message(found).into_owned();
    message.extend(found.notes.iter().map(|note| format!("\n\nnote: {note}")));
    message.extend(found.help.iter().map(|help| format!("\n\nhelp: {help}")));
    let others = found.secondary.iter().chain(&found.chain);
    let fix = found.fix.as_ref().filter(|fix| fix.applicability != Applicability::DisplayOnly);
    Entry {
        message,
        location: Location::of(&found.primary, report),
        severity: match found.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Note | Level::Off => "INFO",
        },
        code: Code { value: found.lint, url: report.rule(found.lint).map(|rule| &*rule.url) },
        suggestions: fix
            .and_then(|fix| Suggestion::of(fix, report.file(&found.primary)))
            .into_iter()
            .collect(),
        related_locations: others
            .map(|label| Related { message: &label.message, location: Location::of(label, report) })
            .collect(),
    }
}
