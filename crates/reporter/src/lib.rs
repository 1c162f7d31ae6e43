//! Diagnostics as text: rustc's look for people, one line each for editors, JSON for programs.
//!
//! Nothing here prints. Whatever a source, a path or a message holds, no control character of
//! theirs reaches the output as it is.

mod concise;
mod cut;
mod escape;
mod format;
mod full;
mod json;
mod mark;
mod paint;
mod style;
mod summary;
mod view;

use asynclint_diagnostics::{Diagnostic, FileId};
use asynclint_parser::SourceFile;

pub use escape::{line, path};
pub use format::Format;
pub use summary::{Counts, summary};

/// The files that diagnostics point into.
pub trait Sources {
    /// The file of that number.
    fn get(&self, file: FileId) -> &SourceFile;
}

/// How to render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which shape the output takes.
    pub format: Format,
    /// Whether to write ANSI colours; JSON never has any.
    pub color: bool,
}

/// Renders the diagnostics in the order given; the whole output without a summary.
pub fn render(diagnostics: &[Diagnostic], sources: &dyn Sources, options: &Options) -> String {
    join(diagnostics.iter().map(|d| render_one(d, sources, options)), options.format)
}

/// Renders one diagnostic: a piece for [`join`], so that threads can share the work.
///
/// In full it ends with an empty line, in concise with a line end; in JSON it is the bare object.
pub fn render_one(diagnostic: &Diagnostic, sources: &dyn Sources, options: &Options) -> String {
    match options.format {
        Format::Full => full::render(diagnostic, sources, options.color),
        Format::Concise => concise::render(diagnostic, sources, options.color),
        Format::Json => json::render(diagnostic, sources),
    }
}

/// Puts pieces of [`render_one`] together to what [`render`] gives.
pub fn join(pieces: impl IntoIterator<Item = impl AsRef<str>>, format: Format) -> String {
    match format {
        Format::Full | Format::Concise => pieces.into_iter().fold(String::new(), |mut out, p| {
            out.push_str(p.as_ref());
            out
        }),
        Format::Json => json::array(pieces),
    }
}
