//! One line each as pylint's parseable output has it: `path:row: [lint] message`.

use asynclint_diagnostics::Diagnostic;

use super::Format;
use crate::{Report, escape};

/// As pylint's parseable output.
pub(super) const FORMAT: Format = Format { name: "pylint", for_people: false, render };

fn render(report: &Report<'_>, _: bool) -> String {
    report.diagnostics.iter().map(|found| one(found, report)).collect()
}

fn one(found: &Diagnostic, report: &Report<'_>) -> String {
    let path = escape::file(report.file(&found.primary));
    let row = report.file(&found.primary).position(found.primary.span.start).line;
    format!("{path}:{row}: [{}] {}\n", found.lint, escape::line(&found.message))
}
