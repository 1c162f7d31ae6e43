//! Why nothing was checked.

use std::path::Path;
use std::sync::Arc;

use asynclint_diagnostics::FileId;
use asynclint_engine::config::ConfigErrors;
use asynclint_parser::SourceFile;
use asynclint_reporter::{self as reporter, Format, Options, Sources};

/// What kept the job from being begun.
pub(crate) enum Refusal {
    /// The command line asks for what cannot be done; as it is to be shown.
    Usage(String),
    /// Configs with mistakes.
    Configs(Vec<Arc<ConfigErrors>>),
}

impl Refusal {
    /// A mistake on the command line, with the way out.
    pub(crate) fn usage(message: &str, help: &str) -> Self {
        Self::Usage(error(message, help))
    }

    /// As it is shown to people who work in the folder `here`.
    pub(crate) fn render(&self, here: &Path, color: bool) -> String {
        match self {
            Self::Usage(text) => text.clone(),
            Self::Configs(configs) => {
                configs.iter().map(|errors| config(errors, here, color)).collect()
            }
        }
    }
}

/// One mistake on the command line, with a line end; `help` may be empty.
pub(crate) fn error(message: &str, help: &str) -> String {
    // Whatever was on the command line, a terminal must not obey it.
    let message = reporter::line(message);
    let help = if help.is_empty() { String::new() } else { format!("  = help: {help}\n") };
    format!("error: {message}\n{help}")
}

/// Every mistake of one config at its place, or why it could not be read.
fn config(errors: &ConfigErrors, here: &Path, color: bool) -> String {
    let (path, text) = (errors.source.path(), errors.source.text());
    let path = path.strip_prefix(here).unwrap_or(path);
    if let ([only], "") = (errors.diagnostics.as_slice(), text) {
        return format!("error: {}\n --> {}\n", only.message, reporter::path(path));
    }
    let source = Only(SourceFile::from_text(path, text));
    reporter::render(&errors.diagnostics, &source, &Options { format: Format::FULL, color })
}

/// One source, for the reporter.
struct Only(SourceFile);

impl Sources for Only {
    fn get(&self, _: FileId) -> &SourceFile {
        &self.0
    }
}
