//! JSON, version 1: an array with one object for each diagnostic, one a line.
//!
//! Rows and columns count from 1, columns in characters (Unicode code points); ends are exclusive.
//! Byte ranges count from 0 in the file's text decoded to UTF-8, without byte order mark. Paths
//! have forward slashes; bytes of a path that are not UTF-8 are spelled `\xff`. Fields may be
//! added within a version; none is removed, renamed or given another meaning.

use std::borrow::Cow;

use asynclint_diagnostics::{Applicability, Diagnostic, Fix, Label, path_text};
use asynclint_parser::{SourceFile, Span};
use serde::Serialize;

use super::Format;
use crate::{Report, careful};

/// An array of objects.
pub(super) const FORMAT: Format = Format { name: "json", for_people: false, render };

/// The object of one diagnostic.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    lint: &'a str,
    level: &'a str,
    message: &'a str,
    path: Cow<'a, str>,
    /// The number of the cell in a notebook, from 1; all places are in it then.
    cell: Option<u32>,
    location: Location,
    end_location: Location,
    byte_range: ByteRange,
    /// The primary label's own message.
    label: &'a str,
    labels: Vec<Place<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    url: Option<&'a str>,
    fix: Option<FixEntry<'a>>,
    chain: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Location {
    row: u32,
    column: u32,
}

#[derive(Serialize)]
struct ByteRange {
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct Place<'a> {
    path: Cow<'a, str>,
    cell: Option<u32>,
    location: Location,
    end_location: Location,
    byte_range: ByteRange,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    byte_range: ByteRange,
    location: Location,
    end_location: Location,
    content: &'a str,
}

impl Location {
    fn of(file: &SourceFile, offset: u32) -> Self {
        let position = file.position(offset);
        Self { row: position.line, column: position.column }
    }
}

impl ByteRange {
    fn of(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

impl<'a> Entry<'a> {
    pub(super) fn of(diagnostic: &'a Diagnostic, report: &'a Report<'_>) -> Self {
        let primary = Place::of(&diagnostic.primary, report);
        let places = |labels: &'a [Label]| labels.iter().map(|l| Place::of(l, report)).collect();
        let fix = diagnostic.fix.as_ref();
        Self {
            lint: diagnostic.lint,
            level: diagnostic.level.as_str(),
            message: &diagnostic.message,
            path: primary.path,
            cell: primary.cell,
            location: primary.location,
            end_location: primary.end_location,
            byte_range: primary.byte_range,
            label: primary.message,
            labels: places(&diagnostic.secondary),
            notes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
            url: report.rule(diagnostic.lint).map(|rule| &*rule.url),
            fix: fix.map(|fix| FixEntry::of(fix, report.file(&diagnostic.primary))),
            chain: places(&diagnostic.chain),
        }
    }
}

impl<'a> Place<'a> {
    fn of(label: &'a Label, report: &'a Report<'_>) -> Self {
        let file = report.file(label);
        Self {
            path: path_text(file.path()),
            cell: file.cell(),
            location: Location::of(file, label.span.start),
            end_location: Location::of(file, label.span.end),
            byte_range: ByteRange::of(label.span),
            message: &label.message,
        }
    }
}

impl<'a> FixEntry<'a> {
    fn of(fix: &'a Fix, file: &SourceFile) -> Self {
        let edits = fix.edits.iter().map(|edit| EditEntry {
            byte_range: ByteRange::of(edit.span),
            location: Location::of(file, edit.span.start),
            end_location: Location::of(file, edit.span.end),
            content: &edit.content,
        });
        let applicability = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::DisplayOnly => "display-only",
        };
        Self { title: &fix.title, applicability, edits: edits.collect() }
    }
}

fn render(report: &Report<'_>, _: bool) -> String {
    careful::array(report.diagnostics.iter().map(|found| Entry::of(found, report)))
}
