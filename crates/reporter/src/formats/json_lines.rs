//! The objects of the JSON format, each on a line of its own: a stream instead of an array.

use super::Format;
use super::json::Entry;
use crate::{Report, careful};

/// One object a line.
pub(super) const FORMAT: Format = Format { name: "json-lines", for_people: false, render };

fn render(report: &Report<'_>, _: bool) -> String {
    let line = |found| careful::json(&Entry::of(found, report)) + "\n";
    report.diagnostics.iter().map(line).collect()
}
