//! The findings of each file below its path, the places in a column.

use std::fmt::Write as _;

use asynclint_parser::Position;

use super::{Format, concise};
use crate::style::{self, Style};
use crate::{Report, escape};

/// Below each file's path, one line each.
pub(super) const FORMAT: Format = Format { name: "grouped", for_people: true, render };

fn render(report: &Report<'_>, color: bool) -> String {
    let mut out = String::new();
    for group in report.diagnostics.chunk_by(|a, b| a.primary.file == b.primary.file) {
        let file = report.file(&group[0].primary);
        style::push(&mut out, &[(Style::Strong, &*escape::file(file))], color);
        out.push_str(":\n");
        let place = |Position { line, column }| format!("{line}:{column}");
        let places: Vec<_> =
            group.iter().map(|found| place(file.position(found.primary.span.start))).collect();
        let width = places.iter().map(String::len).max().unwrap_or_default();
        for (found, place) in group.iter().zip(&places) {
            // Writing to a string cannot fail.
            let _ = write!(out, "  {place:width$}  ");
            concise::push_finding(&mut out, found, report.sources, color);
        }
        out.push('\n');
    }
    out
}
