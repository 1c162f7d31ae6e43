//! What is wrong with a config.

use std::fmt;

use asynclint_diagnostics::Diagnostic;
use asynclint_parser::SourceFile;

/// The name under which mistakes in a config are reported; no lint.
pub const INVALID_CONFIG: &str = "invalid-config";

/// Every mistake in one config.
#[derive(Clone, Debug)]
pub struct ConfigErrors {
    /// The file with the mistakes, or what was given on the command line.
    pub source: SourceFile,
    /// The mistakes in the order of their places, at least one. All labels lie in `source`,
    /// which is `FileId(0)` here.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for ConfigErrors {
    /// One line a mistake, for those who cannot render labels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.diagnostics.iter().enumerate() {
            let place = self.source.position(diagnostic.primary.span.start);
            let newline = if at == 0 { "" } else { "\n" };
            write!(
                f,
                "{newline}{}:{}:{}: error[{}]: {}",
                self.source.path().display(),
                place.line,
                place.column,
                diagnostic.lint,
                diagnostic.message
            )?;
            if let Some(help) = &diagnostic.help {
                write!(f, "; {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
