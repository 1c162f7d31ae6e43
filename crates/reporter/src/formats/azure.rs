//! Azure Pipelines' logging commands:
//! `##vso[task.logissue type=error;sourcepath=P;linenumber=L;columnnumber=C;code=lint;]message`.

use asynclint_diagnostics::{Diagnostic, Level};
use asynclint_parser::Position;

use super::Format;
use crate::{Report, escape};

/// Issues of Azure Pipelines.
pub(super) const FORMAT: Format = Format { name: "azure", for_people: false, render };

fn render(report: &Report<'_>, _: bool) -> String {
    report.diagnostics.iter().map(|found| command(found, report)).collect()
}

fn command<'a>(found: &'a Diagnostic, report: &Report<'a>) -> String {
    // There is nothing below a warning.
    let kind = if found.level == Level::Error { "error" } else { "warning" };
    let path = property(&report.path(&found.primary));
    let Position { line, column } = report.positions(&found.primary).0;
    let (lint, message) = (found.lint, data(&report.message(found)));
    let place = format!("sourcepath={path};linenumber={line};columnnumber={column}");
    format!("##vso[task.logissue type={kind};{place};code={lint};]{message}\n")
}

/// Text after the bracket. Line ends in it are spelled out as anywhere else.
fn data(text: &str) -> String {
    escape::line(text).replace('%', "%AZP25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}
