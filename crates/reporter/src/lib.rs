//! Diagnostics as text: rustc's look for people, one line each for editors, and what programs and
//! servers read.
//!
//! Nothing here prints. Whatever a source, a path or a message holds, no control character of
//! theirs reaches the output as it is.

mod careful;
mod cut;
mod escape;
mod fixing;
mod formats;
mod mark;
mod page;
mod paint;
mod report;
mod statistics;
mod style;
mod summary;
mod view;

use asynclint_diagnostics::Diagnostic;

pub use escape::{line, lines, path};
pub use fixing::{hint, list, only_fixes, summary_with_fixes};
pub use formats::Format;
pub use page::page;
pub use report::{Report, Rule, Sources, Unchecked};
pub use statistics::{has_statistics, statistics};
pub use summary::{Counts, summary};

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Which shape the output takes.
    pub format: Format,
    /// Whether to write ANSI colours; formats for programs never have any.
    pub color: bool,
}

/// Renders the diagnostics in the order given, with nothing else to tell; the whole output without
/// a summary.
pub fn render(diagnostics: &[Diagnostic], sources: &dyn Sources, options: &Options) -> String {
    Report::new(diagnostics, sources).render(options)
}
