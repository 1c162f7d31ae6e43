//! GitHub's workflow commands, which become annotations of the lines of a pull request:
//! `::error title=asynclint (lint),file=P,line=L,col=C,endLine=L,endColumn=E::message`.
//!
//! GitHub counts a path from the top of the repository. It takes columns only where both ends lie
//! in one line. An annotation is all that its reader sees, so the way to the cause and the advice
//! follow the message on lines of their own.

use asynclint_diagnostics::{Diagnostic, Level};

use super::Format;
use crate::{Report, escape};

/// Annotations of GitHub Actions.
pub(super) const FORMAT: Format = Format { name: "github", for_people: false, render };

fn render(report: &Report<'_>, _: bool) -> String {
    report.diagnostics.iter().map(|found| command(found, report)).collect()
}

fn command<'a>(found: &'a Diagnostic, report: &Report<'a>) -> String {
    let kind = match found.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Off => "notice",
    };
    let (start, end) = report.positions(&found.primary);
    let (row, last) = (start.line, end.line);
    let place = if row == last {
        format!("line={row},col={},endLine={last},endColumn={}", start.column, end.column)
    } else {
        format!("line={row},endLine={last}")
    };
    let title = property(&format!("asynclint ({})", found.lint));
    let file = property(&report.path(&found.primary));
    let message: Vec<_> = lines(found, report).iter().map(|line| data(line)).collect();
    format!("::{kind} title={title},file={file},{place}::{}\n", message.join("%0A"))
}

/// The message, the way to the cause, and what to do.
fn lines<'a>(found: &'a Diagnostic, report: &Report<'a>) -> Vec<String> {
    let mut lines = vec![report.message(found).into_owned()];
    for hop in &found.chain {
        let path = report.path(hop);
        let place = report.cell(hop).unwrap_or_else(|| report.positions(hop).0.line.to_string());
        lines.push(format!("{path}:{place}: {}", hop.message));
    }
    lines.extend(found.help.iter().map(|help| format!("help: {help}")));
    lines
}

/// Text after the second `::`. Line ends in it are spelled out as anywhere else.
fn data(text: &str) -> String {
    escape::line(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
