//! What one source of configuration says, before defaults.

use std::path::{Path, PathBuf};

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;
use asynclint_lints::{Group, Library, Lint};
use asynclint_parser::Span;
use asynclint_project::Sink;

use super::catalog::Own;
use super::errors::ConfigErrors;
use super::extend::{self, Form};
use super::target::TargetVersion;
use crate::selection::Selector;

/// The settings that one file, header or command line gives; what it leaves open is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `target-version`.
    pub target_version: Option<TargetVersion>,
    /// `library`.
    pub library: Option<Library>,
    /// `exclude`, all of them valid globs.
    pub exclude: Option<Vec<String>>,
    /// `extend-exclude`, all of them valid globs.
    pub extend_exclude: Option<Vec<String>>,
    /// `select`.
    pub select: Option<Vec<Selector>>,
    /// `extend-select`.
    pub extend_select: Option<Vec<Selector>>,
    /// `ignore`.
    pub ignore: Option<Vec<Selector>>,
    /// Lints in `[lints]`, by index.
    pub lint_levels: Vec<(usize, Level)>,
    /// Groups in `[lints]`.
    pub group_levels: Vec<(Group, Level)>,
    /// `[per-file-ignores]`.
    pub per_file_ignores: Option<Vec<PerFileIgnore>>,
    /// `respect-gitignore`.
    pub respect_gitignore: Option<bool>,
    /// `respect-noqa`.
    pub respect_noqa: Option<bool>,
    /// `max-file-size`.
    pub max_file_size: Option<u64>,
    /// `extend`, until the config that it names has been read.
    pub extend: Option<Extend>,
    /// `src`, folders.
    pub src: Option<Vec<String>>,
    /// `baseline`, a path.
    pub baseline: Option<PathBuf>,
    /// `[catalog]`, with all that is known beside it.
    pub catalog: Option<Own>,
    /// `[decorators] preserving`.
    pub preserving: Option<Vec<String>>,
    /// `[blocking] sinks`.
    pub sinks: Option<Vec<Sink>>,
    /// `[blocking] through-helpers`.
    pub through_helpers: Option<Vec<BlockKind>>,
    /// `unsafe-fixes`.
    pub unsafe_fixes: Option<bool>,
    /// `extend-safe-fixes`.
    pub extend_safe_fixes: Option<Vec<Selector>>,
    /// `extend-unsafe-fixes`.
    pub extend_unsafe_fixes: Option<Vec<Selector>>,
    /// `[blocking] max-chain`.
    pub max_chain: Option<usize>,
    /// `[tasks] keeps-reference`.
    pub keeps_reference: Option<Vec<String>>,
}

/// A config that another builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extend {
    /// As it was written.
    pub path: String,
    /// Where it was written.
    pub span: Span,
}

/// One row of `[per-file-ignores]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerFileIgnore {
    /// A valid glob, without the `!` of a negated one.
    pub glob: String,
    /// The folder that the glob counts from, where it is not that of the config.
    pub root: Option<PathBuf>,
    /// Whether the row is about the files that the glob does not match.
    pub negated: bool,
    /// The lints that are off there.
    pub lints: Vec<Selector>,
}

impl Options {
    /// What `text` says in the syntax of `asynclint.toml`; `name` is how errors call it. A config
    /// that it extends is read from disk; its path counts from the folder of `name`.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every mistake in `text`.
    pub fn parse(
        name: impl AsRef<Path>,
        text: &str,
        lints: &[&'static Lint],
    ) -> Result<Self, ConfigErrors> {
        extend::parse(name.as_ref(), text, Form::Whole, lints).map(Option::unwrap_or_default)
    }

    /// What `text` says under `[tool.asynclint]`; `None` where it has no such table.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every mistake in that table, or in the TOML.
    pub fn parse_pyproject(
        name: impl AsRef<Path>,
        text: &str,
        lints: &[&'static Lint],
    ) -> Result<Option<Self>, ConfigErrors> {
        extend::parse(name.as_ref(), text, Form::Table, lints)
    }

    /// These settings, and those of `lower` where these leave something open. Levels of single
    /// lints and groups are put together, so that one can be changed without the others, and so are
    /// the lists whose keys begin with `extend`.
    pub fn over(self, mut lower: Self) -> Self {
        lower.lint_levels.extend(self.lint_levels);
        lower.group_levels.extend(self.group_levels);
        Self {
            target_version: self.target_version.or(lower.target_version),
            library: self.library.or(lower.library),
            exclude: self.exclude.or(lower.exclude),
            extend_exclude: joined(self.extend_exclude, lower.extend_exclude),
            select: self.select.or(lower.select),
            extend_select: joined(self.extend_select, lower.extend_select),
            ignore: self.ignore.or(lower.ignore),
            lint_levels: lower.lint_levels,
            group_levels: lower.group_levels,
            per_file_ignores: self.per_file_ignores.or(lower.per_file_ignores),
            respect_gitignore: self.respect_gitignore.or(lower.respect_gitignore),
            respect_noqa: self.respect_noqa.or(lower.respect_noqa),
            unsafe_fixes: self.unsafe_fixes.or(lower.unsafe_fixes),
            extend_safe_fixes: self.extend_safe_fixes.or(lower.extend_safe_fixes),
            extend_unsafe_fixes: self.extend_unsafe_fixes.or(lower.extend_unsafe_fixes),
            max_file_size: self.max_file_size.or(lower.max_file_size),
            extend: None,
            src: self.src.or(lower.src),
            catalog: self.catalog.or(lower.catalog),
            preserving: self.preserving.or(lower.preserving),
            sinks: self.sinks.or(lower.sinks),
            through_helpers: self.through_helpers.or(lower.through_helpers),
            baseline: self.baseline.or(lower.baseline),
            max_chain: self.max_chain.or(lower.max_chain),
            keeps_reference: self.keeps_reference.or(lower.keeps_reference),
        }
    }
}

/// Both lists, that of the lower settings first.
fn joined<T>(upper: Option<Vec<T>>, lower: Option<Vec<T>>) -> Option<Vec<T>> {
    match (lower, upper) {
        (Some(mut lower), Some(upper)) => {
            lower.extend(upper);
            Some(lower)
        }
        (lower, upper) => upper.or(lower),
    }
}
