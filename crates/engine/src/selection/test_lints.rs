//! A small table of lints for the tests of this crate.

use asynclint_diagnostics::Level;
use asynclint_lints::{Context, Fixes, Group, Lint};

/// Sorted by name, as the real table is.
pub(crate) static LINTS: &[&Lint] = &[
    &lint("blocking-http", Group::Blocking, Level::Error, &["ASYNC210", "ASYNC211"]),
    &lint("blocking-metadata", Group::Blocking, Level::Off, &["ASYNC240"]),
    &lint("blocking-sleep", Group::Blocking, Level::Error, &["ASYNC251", "S7488"]),
    &lint(
        "cancelled-error-not-raised",
        Group::Cancellation,
        Level::Warning,
        &["ASYNC103", "S7497"],
    ),
    &lint("dangling-task", Group::Tasks, Level::Error, &["RUF006", "ASYNC300"]),
    &lint("gather-without-taskgroup", Group::Tasks, Level::Note, &[]),
    &lint(
        "missing-await",
        Group::Coroutines,
        Level::Error,
        &["ASYNC105", "unused-coroutine", "reportUnusedCoroutine"],
    ),
    &lint("swallowed-cancellation", Group::Cancellation, Level::Error, &["S7497"]),
];

const fn lint(
    name: &'static str,
    group: Group,
    level: Level,
    aliases: &'static [&'static str],
) -> Lint {
    Lint {
        name,
        summary: "",
        group,
        page: "",
        level,
        fix: Fixes::None,
        aliases,
        coroutine_only: true,
        check: nothing,
    }
}

fn nothing(_: &mut Context<'_>) {}

/// Where the lint of that name stands in [`LINTS`].
pub(crate) fn index(name: &str) -> usize {
    LINTS.iter().position(|lint| lint.name == name).unwrap()
}

/// The names of the lints at `indices`.
pub(crate) fn names(indices: &[usize]) -> Vec<&'static str> {
    indices.iter().map(|&index| LINTS[index].name).collect()
}
