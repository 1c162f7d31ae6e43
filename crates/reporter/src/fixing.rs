//! What is said of fixes: the change itself below a finding, and the lines behind the last one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use asynclint_diagnostics::{Applicability, Diagnostic, Fix};
use asynclint_fixer::hunks;

use crate::summary::counted;
use crate::{Counts, Sources, escape, summary};

/// Lines of a change that are shown; the rest is for the diff of the whole file.
const MAX_LINES: usize = 16;

/// Characters of a line that are shown.
const MAX_WIDTH: usize = 160;

/// The change that a fix makes, as a note of several lines: numbered, without the indentation that
/// all its lines share.
pub(crate) fn note(diagnostic: &Diagnostic, fix: &Fix, sources: &dyn Sources) -> String {
    let source = sources.get(diagnostic.primary.file);
    let word = match fix.applicability {
        Applicability::Safe => "fix",
        Applicability::Unsafe => "unsafe fix",
        Applicability::DisplayOnly => "by hand",
    };
    let mut out = format!("{word}: {}", escape::line(&fix.title));
    let hunks = hunks(source, fix);
    let last = hunks.iter().map(|h| h.line as usize + h.before.len().max(h.after.len())).max();
    let width = last.unwrap_or_default().to_string().len();
    let lines = hunks.iter().flat_map(|hunk| {
        let all = || hunk.before.iter().chain(&hunk.after).filter(|line| !line.trim().is_empty());
        let blanks = |line: &String| line.len() - line.trim_start_matches([' ', '\t']).len();
        let shared = all().map(blanks).min().unwrap_or_default();
        let numbered = move |sign: char, lines: &'_ [String]| -> Vec<String> {
            let shown = lines.iter().map(|line| line.get(shared..).unwrap_or_default());
            shown
                .zip(hunk.line..)
                .map(|(line, number)| format!("{number:>width$} {sign} {}", cut(line)))
                .collect()
        };
        [numbered('-', &hunk.before), numbered('+', &hunk.after)].concat()
    });
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(MAX_LINES) {
        let _ = write!(out, "\n    {}", line.trim_end());
    }
    if lines.len() > MAX_LINES {
        let _ = write!(out, "\n    and {} more lines", lines.len() - MAX_LINES);
    }
    out
}

/// A line as it may be shown, at most so long.
fn cut(line: &str) -> String {
    let mut shown = escape::line(&line.replace('\t', "    ")).into_owned();
    if let Some((at, _)) = shown.char_indices().nth(MAX_WIDTH) {
        shown.truncate(at);
        shown.push_str("...");
    }
    shown
}

/// `Found 3 errors (2 fixed, 1 remaining).`, or as [`summary`] where nothing was fixed.
pub fn summary_with_fixes(fixed: Counts, remaining: Counts) -> String {
    if fixed.all() == 0 {
        return summary(remaining);
    }
    let found = summary(fixed.and(remaining));
    let found = found.trim_end_matches('.');
    format!("{found} ({} fixed, {} remaining).", fixed.all(), remaining.all())
}

/// How many of the findings `--fix` would mend, and how many more unsafe fixes there are.
fn fixable(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let fixes = || diagnostics.iter().filter_map(|found| found.fix.as_ref());
    let hidden = |fix: &&Fix| !fix.applies && fix.applicability == Applicability::Unsafe;
    (fixes().filter(|fix| fix.applies).count(), fixes().filter(hidden).count())
}

/// What `--fix` could do about the findings, if anything.
pub fn hint(diagnostics: &[Diagnostic]) -> Option<String> {
    let (fixable, hidden) = fixable(diagnostics);
    let hidden = (hidden > 0).then(|| {
        let fixes = plural(hidden, "unsafe fix", "es");
        format!("{hidden} {fixes} available with `--fix --unsafe-fixes`")
    });
    match (fixable, hidden) {
        (0, None) => None,
        (0, Some(hidden)) => Some(format!("{hidden}.")),
        (n, None) => Some(format!("[*] {n} fixable with `--fix`.")),
        (n, Some(hidden)) => Some(format!("[*] {n} fixable with `--fix` ({hidden}).")),
    }
}

/// What a run says that only fixes: `done` and `undone` begin the sentence, such as `Fixed` and `No
/// errors fixed`. Nothing where there was nothing to fix.
pub fn only_fixes(
    fixed: Counts,
    left: &[Diagnostic],
    (done, undone): (&str, &str),
) -> Option<String> {
    let (_, hidden) = fixable(left);
    let available = |word: &str| {
        format!(" ({hidden}{word} {} available with `--unsafe-fixes`)", plural(hidden, "fix", "es"))
    };
    match (fixed.all(), hidden) {
        (0, 0) => None,
        (0, _) => Some(format!("{undone}{}.", available(""))),
        (_, 0) => Some(format!("{done} {}.", counted(fixed))),
        _ => Some(format!("{done} {}{}.", counted(fixed), available(" additional"))),
    }
}

/// The list of `--show-fixes`: of each file how many findings of which lint were fixed, `all`
/// together.
pub fn list<'a>(
    all: Counts,
    files: impl IntoIterator<Item = (&'a Path, BTreeMap<&'a str, usize>)>,
) -> String {
    let mut out = String::new();
    for (path, counts) in files {
        let _ = writeln!(out, "- {}:", escape::path(path));
        for (lint, count) in counts {
            let _ = writeln!(out, "    {count} \u{d7} {lint}");
        }
    }
    match all.all() {
        0 => String::new(),
        _ => format!("Fixed {}:\n{out}", counted(all)),
    }
}

fn plural(count: usize, word: &str, end: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(errors: usize) -> Counts {
        Counts { errors, ..Counts::default() }
    }

    #[test]
    fn the_summary_counts_what_was_there() {
        assert_eq!(summary_with_fixes(errors(0), errors(0)), "All checks passed!");
        assert_eq!(summary_with_fixes(errors(0), errors(2)), "Found 2 errors.");
        assert_eq!(
            summary_with_fixes(errors(2), errors(1)),
            "Found 3 errors (2 fixed, 1 remaining)."
        );
        let notes = Counts { notes: 1, ..Counts::default() };
        assert_eq!(
            summary_with_fixes(notes, errors(1)),
            "Found 1 error and 1 note (1 fixed, 1 remaining)."
        );
    }

    #[test]
    fn a_run_that_only_fixes_says_so() {
        let words = ("Would fix", "No errors would be fixed");
        assert_eq!(only_fixes(errors(0), &[], words), None);
        assert_eq!(only_fixes(errors(1), &[], words).as_deref(), Some("Would fix 1 error."));
        let mixed = Counts { warnings: 2, notes: 1, ..Counts::default() };
        assert_eq!(
            only_fixes(mixed, &[], words).as_deref(),
            Some("Would fix 2 warnings and 1 note.")
        );
    }
}
