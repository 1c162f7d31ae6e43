//! One line each: `path:row:col: error[lint] message`, as vim's errorformat and problem matchers
//! want it. `[*]` follows the bracket where `--fix` would mend it; each hop of a chain adds `[path:row]`.

use std::fmt::Write as _;

use asynclint_diagnostics::Diagnostic;
use asynclint_parser::Position;

use super::Format;
use crate::style::{self, Style};
use crate::{Report, Sources, escape};

/// One line each.
pub(super) const FORMAT: Format = Format { name: "concise", for_people: true, render };

fn render(report: &Report<'_>, color: bool) -> String {
    report.diagnostics.iter().map(|found| one(found, report.sources, color)).collect()
}

/// One diagnostic with its line end.
pub(super) fn one(diagnostic: &Diagnostic, sources: &dyn Sources, color: bool) -> String {
    let file = sources.get(diagnostic.primary.file);
    let Position { line, column } = file.position(diagnostic.primary.span.start);
    let mut out = String::new();
    let parts =
        [(Style::Strong, &*escape::file(file)), (Style::Plain, &format!(":{line}:{column}: "))];
    style::push(&mut out, &parts, color);
    push_finding(&mut out, diagnostic, sources, color);
    out
}

/// Appends what follows the place: level, lint, message and the places of the chain, with a line
/// end.
pub(super) fn push_finding(
    out: &mut String,
    diagnostic: &Diagnostic,
    sources: &dyn Sources,
    color: bool,
) {
    let name = format!("{}[{}]", diagnostic.level.as_str(), diagnostic.lint);
    style::push(out, &[(Style::Level(diagnostic.level), &name)], color);
    if diagnostic.fix.as_ref().is_some_and(|fix| fix.applies) {
        out.push_str(" [*]");
    }
    out.push(' ');
    out.push_str(&escape::line(&diagnostic.message));
    for hop in &diagnostic.chain {
        let file = sources.get(hop.file);
        let row = file.position(hop.span.start).line;
        // Writing to a string cannot fail.
        let _ = write!(out, " [{}:{row}]", escape::file(file));
    }
    out.push('\n');
}
