//! `asynclint check`

use std::path::Path;

use asynclint_diagnostics::{FileId, Level};
use asynclint_engine::{Failure, Outcome, Request, SourceTable, check_paths, check_text};
use asynclint_parser::SourceFile;
use asynclint_reporter::{self as reporter, Counts, Format, Sources};

use crate::args::{CheckArguments, OutputArguments};
use crate::output::{self, CLEAN, FAILED, FINDINGS};
use crate::refusal::Refusal;
use crate::settings::{self, Input};
use crate::{verbose, why};

/// Checks what the arguments name and says how it went.
pub(crate) fn run(arguments: &CheckArguments) -> u8 {
    let here = std::env::current_dir().unwrap_or_default();
    check(arguments, &here).unwrap_or_else(|refusal| {
        let color = output::stderr_wants_color(arguments.output.color);
        output::complain(&refusal.render(&here, color));
        FAILED
    })
}

fn check(arguments: &CheckArguments, here: &Path) -> Result<u8, Refusal> {
    let format = settings::format(&arguments.output)?;
    let input = settings::input(arguments)?;
    let selection = settings::selection(&arguments.selection)?;
    let discovery = settings::discovery(&arguments.files, here)?;
    let configs = settings::configs(&arguments.config, &arguments.selection, here)?;
    let python = settings::python(&arguments.files)?;
    let counts_calls = arguments.output.verbose;
    let request = Request {
        configs: &configs,
        selection: &selection,
        discovery,
        counts_calls,
        python,
        threads: 0,
    };
    if let Some(place) = &arguments.why {
        return why::explain(place, &request);
    }
    let outcome = match input {
        Input::Paths(paths) => check_paths(&paths, &request),
        Input::Stdin(name) => check_text(name, output::read_stdin()?, &request),
    };
    let outcome = outcome.map_err(Refusal::Configs)?;
    let code = report(format, &outcome, &arguments.output);
    if arguments.output.verbose {
        output::complain(&verbose::text(&outcome));
    }
    Ok(code)
}

fn report(format: Format, outcome: &Outcome, arguments: &OutputArguments) -> u8 {
    let Outcome { diagnostics, failures, skipped, files, .. } = outcome;
    for Failure { path, message } in failures {
        output::complain(&format!("error: cannot check `{}`: {message}\n", reporter::path(path)));
    }
    if !arguments.quiet {
        for Failure { path, message } in skipped {
            let path = reporter::path(path);
            output::complain(&format!("warning: skipped `{path}`: {message}\n"));
        }
        if *files == 0 && failures.is_empty() && skipped.is_empty() {
            output::complain("warning: no Python files found under the given path(s)\n");
        }
    }

    let color = output::stdout_wants_color(arguments.color);
    let options = reporter::Options { format, color };
    let mut text = reporter::render(diagnostics, &Table(&outcome.sources), &options);
    // Nobody may read "All checks passed!" where something was not checked, or nothing was.
    let has_summary = !diagnostics.is_empty() || (*files > 0 && failures.is_empty());
    if has_summary && format != Format::Json && !arguments.quiet {
        text.push_str(&reporter::summary(Counts::of(diagnostics)));
        text.push('\n');
    }

    let printed = output::print(&text);
    if printed != CLEAN || !failures.is_empty() {
        FAILED
    } else if !arguments.exit_zero && diagnostics.iter().any(|found| found.level > Level::Note) {
        FINDINGS
    } else {
        CLEAN
    }
}

/// The sources of a run, for the reporter.
struct Table<'a>(&'a SourceTable);

impl Sources for Table<'_> {
    fn get(&self, file: FileId) -> &SourceFile {
        self.0.get(file).unwrap_or_else(|| unreachable!("the engine keeps what labels point into"))
    }
}
