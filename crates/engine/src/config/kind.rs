//! What the values of keys are.

use asynclint_catalog::BlockKind;
use asynclint_lints::Library;

use super::keys::Key;
use super::target::TargetVersion;

/// What the value of a key is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer {
        /// What it counts.
        what: &'static str,
        /// The least.
        from: u64,
        /// The most.
        to: u64,
    },
    /// One of these strings.
    OneOf(fn() -> Vec<String>),
    /// A list of these strings.
    ListOf(fn() -> Vec<String>),
    /// The path of a file.
    Path,
    /// A list of paths of folders.
    Paths,
    /// A list of globs.
    Globs,
    /// A list of what selects lints.
    Lints,
    /// A list of names of functions.
    Functions,
    /// A table from lints and groups to levels.
    Levels,
    /// A table from globs to lists of what selects lints.
    LintsByGlob,
    /// A table from names of functions to what to use instead.
    Replacements,
    /// What libraries do.
    Catalog,
    /// A table of keys.
    Table(&'static [Key]),
}

/// The names of the async libraries.
pub(super) const LIBRARIES: fn() -> Vec<String> =
    || Library::ALL.iter().map(|library| library.as_str().to_owned()).collect();

/// The Python versions that can be targets.
pub(super) const VERSIONS: fn() -> Vec<String> =
    || TargetVersion::all().map(|version| version.to_string()).collect();

/// The kinds of blocking calls.
pub(super) const KINDS: fn() -> Vec<String> =
    || kinds(BlockKind::ALL).into_iter().map(str::to_owned).collect();

/// The names of kinds of blocking calls.
pub(super) fn kinds(kinds: &[BlockKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

impl Kind {
    /// The kind in words, for people; code in backticks.
    pub fn words(self) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Integer { what, .. } => what.to_owned(),
            Self::OneOf(values) => {
                let values: Vec<_> =
                    values().iter().map(|value| format!("`\"{value}\"`")).collect();
                match values.as_slice() {
                    [first, .., last] if values.len() > 4 => format!("{first} to {last}"),
                    [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
                    [] => String::new(),
                }
            }
            Self::ListOf(values) => {
                let values: Vec<_> = values().iter().map(|v| format!("`\"{v}\"`")).collect();
                format!("list of {}", values.join(", "))
            }
            Self::Path => "path".to_owned(),
            Self::Paths => "list of folders".to_owned(),
            Self::Globs => "list of globs".to_owned(),
            Self::Lints => "list of lints".to_owned(),
            Self::Functions => "list of names of functions".to_owned(),
            Self::Levels => "table of levels".to_owned(),
            Self::LintsByGlob => "table of lists of lints".to_owned(),
            Self::Replacements => "table of replacements".to_owned(),
            Self::Catalog => "table with `files`, and the tables of such a file".to_owned(),
            Self::Table(keys) => {
                let names: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
                format!("table with {}", names.join(", "))
            }
        }
    }
}
