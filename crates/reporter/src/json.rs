//! JSON, version 1: an array with one object for each diagnostic, one a line.
//!
//! Rows and columns count from 1, columns in characters (Unicode code points); ends are exclusive.
//! Byte ranges count from 0 in the file's text decoded to UTF-8, without byte order mark. Paths
//! have forward slashes; bytes of a path that are not UTF-8 are spelled `\xff`. Fields may be
//! added within a version; none is removed, renamed or given another meaning.

use std::borrow::Cow;
use std::io;

use asynclint_diagnostics::{Applicability, Diagnostic, FileId, Fix, Label, path_text};
use asynclint_parser::{SourceFile, Span};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::{Sources, escape};

#[derive(Serialize)]
struct Entry<'a> {
    lint: &'a str,
    level: &'a str,
    message: &'a str,
    path: Cow<'a, str>,
    location: Location,
    end_location: Location,
    byte_range: ByteRange,
    /// The primary label's own message.
    label: &'a str,
    labels: Vec<Place<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
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
    fn of(diagnostic: &'a Diagnostic, sources: &'a dyn Sources) -> Self {
        let primary = Place::of(&diagnostic.primary, sources);
        let places = |labels: &'a [Label]| labels.iter().map(|l| Place::of(l, sources)).collect();
        let fix = diagnostic.fix.as_ref();
        Self {
            lint: diagnostic.lint,
            level: diagnostic.level.as_str(),
            message: &diagnostic.message,
            path: primary.path,
            location: primary.location,
            end_location: primary.end_location,
            byte_range: primary.byte_range,
            label: primary.message,
            labels: places(&diagnostic.secondary),
            notes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
            fix: fix.map(|fix| FixEntry::of(fix, diagnostic.primary.file, sources)),
            chain: places(&diagnostic.chain),
        }
    }
}

impl<'a> Place<'a> {
    fn of(label: &'a Label, sources: &'a dyn Sources) -> Self {
        let file = sources.get(label.file);
        Self {
            path: path_text(file.path()),
            location: Location::of(file, label.span.start),
            end_location: Location::of(file, label.span.end),
            byte_range: ByteRange::of(label.span),
            message: &label.message,
        }
    }
}

impl<'a> FixEntry<'a> {
    fn of(fix: &'a Fix, file: FileId, sources: &dyn Sources) -> Self {
        let file = sources.get(file);
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

/// Compact, with hostile characters as `\u001b` even where JSON would take them raw.
struct Careful;

impl Formatter for Careful {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(escape::is_hostile) {
            out.write_all(&rest.as_bytes()[..at])?;
            let mut tail = rest[at..].chars();
            for unit in tail.next().into_iter().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = tail.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// The object of one diagnostic.
pub(crate) fn render(diagnostic: &Diagnostic, sources: &dyn Sources) -> String {
    let mut out = Vec::new();
    let written = Entry::of(diagnostic, sources)
        .serialize(&mut Serializer::with_formatter(&mut out, Careful))
        .map(|()| String::from_utf8(out));
    match written {
        Ok(Ok(text)) => text,
        // Structs of strings and numbers always serialise, and the serialiser writes UTF-8.
        Ok(Err(_)) | Err(_) => unreachable!("plain data did not become JSON"),
    }
}

/// The array of all objects, with a final line end.
pub(crate) fn array(objects: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut out = String::from("[");
    for (n, object) in objects.into_iter().enumerate() {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        out.push_str(object.as_ref());
    }
    out.push_str(if out.len() > 1 { "\n]\n" } else { "]\n" });
    out
}
