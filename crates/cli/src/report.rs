//! What a run found, on the streams that want it.

use std::path::Path;

use asynclint_diagnostics::FileId;
use asynclint_engine::discovery::repository;
use asynclint_engine::{Failure, Outcome, SourceTable};
use asynclint_lints::LINTS;
use asynclint_parser::SourceFile;
use asynclint_reporter::{
    self as reporter, Counts, Format, Options, Report, Rule, Sources, Unchecked,
};

use crate::args::OutputArguments;
use crate::known::Knowledge;
use crate::next_step::next_step;
use crate::output::{self, CLEAN, FAILED, FINDINGS};
use crate::output_file;

/// Shows what was found and gives the exit code.
pub(crate) fn report(
    outcome: &Outcome,
    known: &Knowledge,
    format: Format,
    arguments: &OutputArguments,
    here: &Path,
) -> u8 {
    complain(outcome, arguments.is_quiet());
    complain_of_known(known, arguments.is_quiet());
    let color = output::stdout_wants_color(arguments.color);
    let findings = findings(outcome, format, arguments, color, here);
    let counted = reporter::summary(Counts::of(&outcome.diagnostics));
    let summary = summary(outcome, known, format, arguments, &counted, false);
    let written = deliver(findings, &summary, format, arguments, output::print);
    let is_done = written == CLEAN && outcome.failures.is_empty() && known.failures.is_empty();
    code(is_done, is_bad(outcome, arguments))
}

/// The findings as they are to be shown; `color` says whether where they go to has it.
pub(crate) fn findings(
    outcome: &Outcome,
    format: Format,
    arguments: &OutputArguments,
    color: bool,
    here: &Path,
) -> String {
    let color = match arguments.file() {
        // Nobody's terminal.
        Some(_) => output::file_wants_color(arguments.color),
        None => color,
    };
    let report = Report {
        diagnostics: &outcome.diagnostics,
        sources: &Table(&outcome.sources),
        unchecked: outcome.failures.iter().map(unchecked).collect(),
        rules: rules(),
        root: repository(here),
    };
    let options = Options { format, color };
    if arguments.statistics {
        reporter::statistics(&report, &options)
    } else {
        report.render(&options)
    }
}

/// What follows the findings: the line `counted`, what could be fixed of them, and what to do next.
/// Nobody may read "All checks passed!" where something was not checked, or nothing was. Where files
/// were changed (`has_changed`) the line says so instead.
pub(crate) fn summary(
    outcome: &Outcome,
    known: &Knowledge,
    format: Format,
    arguments: &OutputArguments,
    counted: &str,
    has_changed: bool,
) -> String {
    let Outcome { diagnostics, failures, files, .. } = outcome;
    let has_passed = *files > 0 && failures.is_empty();
    let has_summary = has_changed || has_passed || !diagnostics.is_empty();
    if !has_summary || arguments.is_quiet() {
        return String::new();
    }
    let hint = reporter::hint(diagnostics).map(|hint| hint + "\n").unwrap_or_default();
    // Short formats are for those who know their way.
    let is_first = format.as_str() == Format::FULL.as_str() && !arguments.statistics;
    let next =
        if is_first { next_step(diagnostics, !known.summary.is_empty()) } else { String::new() };
    format!("{counted}\n{hint}{}{next}", known.summary)
}

/// Gives the findings to the file that takes them, if there is one, and the rest to `print`.
pub(crate) fn deliver(
    findings: String,
    summary: &str,
    format: Format,
    arguments: &OutputArguments,
    print: impl Fn(&str) -> u8,
) -> u8 {
    match arguments.file() {
        Some(file) => output_file::write(file, &findings).max(print(summary)),
        None if arguments.silent => CLEAN,
        None if format.is_for_people() => print(&(findings + summary)),
        None => print(&findings),
    }
}

/// Whether there is something that the exit code has to tell of.
pub(crate) fn is_bad(outcome: &Outcome, arguments: &OutputArguments) -> bool {
    let least = arguments.fail_on.level();
    !arguments.exit_zero && outcome.diagnostics.iter().any(|found| found.level >= least)
}

/// The exit code of a run that did what it was asked to, or did not, and that found something, or
/// did not.
pub(crate) fn code(is_done: bool, has_findings: bool) -> u8 {
    match (is_done, has_findings) {
        (false, _) => FAILED,
        (true, true) => FINDINGS,
        (true, false) => CLEAN,
    }
}

/// Tells of comments that could not be written, and of baselines that are old.
pub(crate) fn complain_of_known(known: &Knowledge, is_quiet: bool) {
    for Failure { path, message } in &known.failures {
        output::complain(&format!("error: cannot change `{}`: {message}\n", reporter::path(path)));
    }
    if !is_quiet {
        output::complain(&known.hints);
    }
}

/// Tells of what was not checked.
pub(crate) fn complain(outcome: &Outcome, is_quiet: bool) {
    let Outcome { failures, skipped, files, .. } = outcome;
    for Failure { path, message } in failures {
        output::complain(&format!("error: cannot check `{}`: {message}\n", reporter::path(path)));
    }
    if is_quiet {
        return;
    }
    for Failure { path, message } in skipped {
        let path = reporter::path(path);
        output::complain(&format!("warning: skipped `{path}`: {message}\n"));
    }
    if *files == 0 && failures.is_empty() && skipped.is_empty() {
        output::complain("warning: no Python files found under the given path(s)\n");
    }
}

fn unchecked(Failure { path, message }: &Failure) -> Unchecked<'_> {
    Unchecked { path, message }
}

/// What a report may tell of our lints.
fn rules() -> Vec<Rule<'static>> {
    let rule = |lint: &&'static asynclint_lints::Lint| Rule {
        name: lint.name,
        summary: lint.summary,
        page: lint.page,
        group: lint.group.as_str(),
        level: lint.level,
        aliases: lint.aliases,
        url: lint.url(),
    };
    LINTS.iter().map(rule).collect()
}

/// The sources of a run, for the reporter.
struct Table<'a>(&'a SourceTable);

impl Sources for Table<'_> {
    fn get(&self, file: FileId) -> &SourceFile {
        self.0.get(file).unwrap_or_else(|| unreachable!("the engine keeps what labels point into"))
    }
}
