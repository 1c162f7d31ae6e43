//! What a run found, on the streams that want it.

use std::path::Path;

use asynclint_diagnostics::{FileId, Level};
use asynclint_engine::discovery::repository;
use asynclint_engine::{Failure, Outcome, SourceTable};
use asynclint_lints::LINTS;
use asynclint_parser::SourceFile;
use asynclint_reporter::{
    self as reporter, Counts, Format, Options, Report, Rule, Sources, Unchecked,
};

use crate::args::OutputArguments;
use crate::known::Knowledge;
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
    for Failure { path, message } in &known.failures {
        output::complain(&format!("error: cannot change `{}`: {message}\n", reporter::path(path)));
    }
    let Outcome { diagnostics, failures, files, .. } = outcome;
    let color = match arguments.file() {
        // Nobody's terminal.
        Some(_) => output::file_wants_color(arguments.color),
        None => output::stdout_wants_color(arguments.color),
    };
    let report = Report {
        diagnostics,
        sources: &Table(&outcome.sources),
        unchecked: failures.iter().map(unchecked).collect(),
        rules: rules(),
        root: repository(here),
    };
    let options = Options { format, color };
    let findings = if arguments.statistics {
        reporter::statistics(&report, &options)
    } else {
        report.render(&options)
    };
    // Nobody may read "All checks passed!" where something was not checked, or nothing was.
    let has_summary = !diagnostics.is_empty() || (*files > 0 && failures.is_empty());
    let summary = if has_summary && !arguments.is_quiet() {
        reporter::summary(Counts::of(diagnostics)) + "\n" + &known.summary
    } else {
        String::new()
    };
    if !arguments.is_quiet() {
        output::complain(&known.hints);
    }

    let written = match arguments.file() {
        Some(file) => output_file::write(file, &findings).max(output::print(&summary)),
        None if arguments.silent => CLEAN,
        None if format.is_for_people() => output::print(&(findings + &summary)),
        None => output::print(&findings),
    };
    let is_bad = |level: Level| level >= arguments.fail_on.level();
    if written != CLEAN || !failures.is_empty() || !known.failures.is_empty() {
        FAILED
    } else if !arguments.exit_zero && diagnostics.iter().any(|found| is_bad(found.level)) {
        FINDINGS
    } else {
        CLEAN
    }
}

/// Tells of what was not checked.
fn complain(outcome: &Outcome, is_quiet: bool) {
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
