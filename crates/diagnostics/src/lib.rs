//! What a finding is: plain data, made by lints and the engine, shown by the reporter.

mod fingerprint;
mod root;

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

pub use fingerprint::{Fingerprint, fingerprints};
pub use root::{Root, path_text};

/// How serious a lint is. Ordered: `Off < Note < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The lint does not run. No diagnostic carries this level.
    Off,
    /// Shown; does not make the exit code 1.
    Note,
    /// Shown; makes the exit code 1.
    Warning,
    /// Shown; makes the exit code 1.
    Error,
}

impl Level {
    /// The word used in config files and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of that name, if there is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::Note, Self::Warning, Self::Error].into_iter().find(|l| l.as_str() == word)
    }
}

/// A file of the run: an index into the table of sources that the engine hands to the reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A place and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The file of the place.
    pub file: FileId,
    /// Bytes of that file's decoded text.
    pub span: Span,
    /// What the reader should see there; lower case, no full stop; may be empty.
    pub message: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the lint, or of an engine condition such as `invalid-syntax`.
    pub lint: &'static str,
    /// Never [`Level::Off`].
    pub level: Level,
    /// What is wrong; lower case, no full stop, makes sense alone.
    pub message: String,
    /// Where it is wrong; its message says why.
    pub primary: Label,
    /// Evidence elsewhere, such as the definition that makes a call a coroutine.
    pub secondary: Vec<Label>,
    /// The way from the primary place to the cause, hop by hop; shown like `secondary`.
    pub chain: Vec<Label>,
    /// Further facts, each a sentence.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// How to do it automatically.
    pub fix: Option<Fix>,
}

/// Whether a fix may be applied without a person reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Applicability {
    /// A correct program behaves as before.
    Safe,
    /// What runs may change.
    Unsafe,
    /// For reading only.
    DisplayOnly,
}

/// A change of the file that the diagnostic's primary label lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What the change does, in the imperative.
    pub title: String,
    /// Replacements, sorted by span, never overlapping.
    pub edits: Vec<Edit>,
    /// Who may apply it.
    pub applicability: Applicability,
    /// Whether `--fix` makes the change with the settings of this run. The engine decides it; a
    /// lint leaves it `false`.
    pub applies: bool,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The bytes replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub content: String,
}
