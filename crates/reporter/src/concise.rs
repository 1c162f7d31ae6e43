//! One line each: `path:row:col: error[lint] message`, as vim's errorformat and problem matchers
//! want it. `[*]` follows the bracket where a fix exists; each hop of a chain adds `[path:row]`.

use std::fmt::Write as _;

use asynclint_diagnostics::{Applicability, Diagnostic};
use asynclint_parser::Position;

use crate::style::{self, Style};
use crate::{Sources, escape};

/// One diagnostic with its line end.
pub(crate) fn render(diagnostic: &Diagnostic, sources: &dyn Sources, color: bool) -> String {
    let file = sources.get(diagnostic.primary.file);
    let Position { line, column } = file.position(diagnostic.primary.span.start);
    let mut out = String::new();
    let parts = [
        (Style::Strong, &*escape::path(file.path())),
        (Style::Plain, &format!(":{line}:{column}: ")),
        (
            Style::Level(diagnostic.level),
            &format!("{}[{}]", diagnostic.level.as_str(), diagnostic.lint),
        ),
    ];
    style::push(&mut out, &parts, color);
    if diagnostic.fix.as_ref().is_some_and(|fix| fix.applicability != Applicability::DisplayOnly) {
        out.push_str(" [*]");
    }
    out.push(' ');
    out.push_str(&escape::line(&diagnostic.message));
    for hop in &diagnostic.chain {
        let file = sources.get(hop.file);
        let row = file.position(hop.span.start).line;
        // Writing to a string cannot fail.
        let _ = write!(out, " [{}:{row}]", escape::path(file.path()));
    }
    out.push('\n');
    out
}
