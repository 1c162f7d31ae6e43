//! The level of every lint, from the command line, the config and the defaults.

use std::borrow::Cow;
use std::path::Path;

use asynclint_diagnostics::Level;
use asynclint_lints::{Group, Lint};

use super::Selector;
use crate::config::Config;

/// What a config says about lints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// `select`: the lints that may run; all that are on by default where it is absent.
    pub select: Option<Vec<Selector>>,
    /// `extend-select`: more of them.
    pub extend_select: Vec<Selector>,
    /// `ignore`: lints that do not run.
    pub ignore: Vec<Selector>,
    /// Levels of single lints in `[lints]`, by index; the last of one lint holds.
    pub lint_levels: Vec<(usize, Level)>,
    /// Levels of groups in `[lints]`; the last of one group holds.
    pub group_levels: Vec<(Group, Level)>,
}

/// What the command line says about lints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// `--select`: stands in for the set of the config.
    pub select: Option<Vec<Selector>>,
    /// `--extend-select`: more lints, on top of either set.
    pub extend_select: Vec<Selector>,
    /// `--ignore`: lints that do not run, whatever else is said.
    pub ignore: Vec<Selector>,
}

/// The level of every lint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Box<[Level]>);

impl Levels {
    /// The levels that hold for the files of `config`.
    ///
    /// The command line's `ignore` is stronger than its `select`, which is stronger than all
    /// that the config says; there, `ignore` and `select` decide what runs, then the level of
    /// the lint holds, then that of its group, then its default. A lint that is selected and off
    /// by default runs as a warning.
    pub fn resolve(lints: &[&'static Lint], config: &Config, command_line: &CommandLine) -> Self {
        let of =
            |(at, lint): (usize, &&'static Lint)| level(at, lint, &config.selection, command_line);
        Self(lints.iter().enumerate().map(of).collect())
    }

    /// Every lint at its default.
    pub fn defaults(lints: &[&'static Lint]) -> Self {
        Self(lints.iter().map(|lint| lint.level).collect())
    }

    /// The level of the lint at `index` of the table; lints that the table lacks are off.
    pub fn get(&self, index: usize) -> Level {
        self.0.get(index).copied().unwrap_or(Level::Off)
    }

    /// Whether the lint at `index` runs.
    pub fn is_on(&self, index: usize) -> bool {
        self.get(index) != Level::Off
    }

    /// The indices of the lints that run, ascending.
    pub fn on(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len()).filter(|&index| self.is_on(index))
    }

    /// The levels for `file`, in which what `[per-file-ignores]` of `config` names is off.
    pub fn for_file(&self, config: &Config, file: &Path) -> Cow<'_, Self> {
        let mut levels = Cow::Borrowed(self);
        for index in config.per_file_ignores.ignored(file) {
            if self.is_on(index) {
                levels.to_mut().0[index] = Level::Off;
            }
        }
        levels
    }
}

fn level(at: usize, lint: &Lint, config: &Selection, command_line: &CommandLine) -> Level {
    let own = last(&config.lint_levels, &at);
    let configured = own.or_else(|| last(&config.group_levels, &lint.group));
    let awake = |level: Level| if level == Level::Off { Level::Warning } else { level };

    if names(&command_line.ignore, at) {
        return Level::Off;
    }
    if names(command_line.select.as_deref().unwrap_or_default(), at)
        || names(&command_line.extend_select, at)
    {
        return awake(configured.unwrap_or(lint.level));
    }
    if command_line.select.is_some() || names(&config.ignore, at) {
        return Level::Off;
    }
    let selected =
        names(config.select.as_deref().unwrap_or_default(), at) || names(&config.extend_select, at);
    match configured {
        // `[lints]` can only set the level of what `select` lets in.
        _ if config.select.is_some() && !selected => Level::Off,
        Some(level) => level,
        None if selected => awake(lint.level),
        None => lint.level,
    }
}

fn names(selectors: &[Selector], index: usize) -> bool {
    selectors.iter().any(|selector| selector.lints().binary_search(&index).is_ok())
}

fn last<K: PartialEq, V: Copy>(entries: &[(K, V)], key: &K) -> Option<V> {
    entries.iter().rev().find(|(k, _)| k == key).map(|&(_, value)| value)
}

#[cfg(test)]
#[path = "levels_tests.rs"]
mod tests;
