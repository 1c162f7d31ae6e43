//! `asynclint check`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use asynclint_diagnostics::{FileId, Level};
use asynclint_engine::config::{ConfigErrors, ConfigFinder, Globs, Options};
use asynclint_engine::discovery::DiscoveryOptions;
use asynclint_engine::selection::{CommandLine, Selector, UnknownSelector};
use asynclint_engine::{Failure, Outcome, Request, SourceTable, check_paths, check_text};
use asynclint_lints::LINTS;
use asynclint_parser::SourceFile;
use asynclint_reporter::{self as reporter, Counts, Format, Sources};

use crate::args::{CheckArguments, ConfigArguments, FileArguments, SelectionArguments};
use crate::output::{self, CLEAN, FAILED, FINDINGS};

/// Checks what the arguments name and says how it went.
pub(crate) fn run(arguments: &CheckArguments) -> u8 {
    let selection = match selection(&arguments.selection) {
        Ok(selection) => selection,
        Err(unknown) => {
            for error in unknown {
                output::complain(&format!("error: {error}\n  = help: {}\n", error.help()));
            }
            return FAILED;
        }
    };
    let here = std::env::current_dir().unwrap_or_default();
    let discovery = match discovery(&arguments.files, &here) {
        Ok(discovery) => discovery,
        Err(message) => {
            output::complain(&format!("error: {message}\n"));
            return FAILED;
        }
    };
    let configs = match configs(&arguments.config, &arguments.selection, here) {
        Ok(configs) => configs,
        Err(errors) => return bad_config(&[Arc::new(errors)]),
    };
    let request = Request { configs: &configs, selection: &selection, discovery, threads: 0 };
    let outcome = if arguments.paths == [PathBuf::from("-")] {
        let name = arguments.files.stdin_filename.clone().unwrap_or_else(|| "<stdin>".into());
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
            output::complain(&format!("error: cannot read standard input: {error}\n"));
            return FAILED;
        }
        check_text(&name, bytes, &request)
    } else {
        check_paths(&arguments.paths, &request)
    };
    match outcome {
        Ok(outcome) => report(arguments, &outcome),
        Err(errors) => bad_config(&errors),
    }
}

fn report(arguments: &CheckArguments, outcome: &Outcome) -> u8 {
    let format = arguments.output.output_format;
    let options =
        reporter::Options { format, color: output::wants_color(arguments.output.color) };
    let mut text = reporter::render(&outcome.diagnostics, &Table(&outcome.sources), &options);
    let counts = Counts::of(&outcome.diagnostics);
    let nothing = outcome.files == 0 && outcome.failures.is_empty() && outcome.skipped.is_empty();
    if format != Format::Json && !arguments.output.quiet && outcome.failures.is_empty() && !nothing {
        text.push_str(&reporter::summary(counts));
        text.push('\n');
    } else if format != Format::Json && !arguments.output.quiet && !outcome.diagnostics.is_empty() {
        text.push_str(&reporter::summary(counts));
        text.push('\n');
    }
    for Failure { path, message } in &outcome.failures {
        output::complain(&format!("error: cannot check `{}`: {message}\n", reporter::path(path)));
    }
    for Failure { path, message } in &outcome.skipped {
        output::complain(&format!("warning: skipped `{}`: {message}\n", reporter::path(path)));
    }
    if nothing {
        output::complain("warning: no Python files found under the given path(s)\n");
    }
    let printed = output::print(&text);
    let fails = outcome.diagnostics.iter().any(|found| found.level >= Level::Warning);
    match () {
        () if printed != CLEAN || !outcome.failures.is_empty() => FAILED,
        () if fails && !arguments.output.exit_zero => FINDINGS,
        () => CLEAN,
    }
}

fn selection(arguments: &SelectionArguments) -> Result<CommandLine, Vec<UnknownSelector>> {
    let list = |text: &Option<String>| match text {
        Some(text) => Selector::parse_list(text, LINTS).map(Some),
        None => Ok(None),
    };
    Ok(CommandLine {
        select: list(&arguments.select)?,
        extend_select: list(&arguments.extend_select)?.unwrap_or_default(),
        ignore: list(&arguments.ignore)?.unwrap_or_default(),
    })
}

fn discovery(arguments: &FileArguments, here: &Path) -> Result<DiscoveryOptions, String> {
    let globs = |globs: &Option<Vec<String>>| {
        let Some(globs) = globs else { return Ok(None) };
        for glob in globs {
            Globs::check(glob).map_err(|bad| bad.to_string())?;
        }
        Ok::<_, String>(Some(Globs::new(here, globs)))
    };
    Ok(DiscoveryOptions {
        exclude: globs(&arguments.exclude)?,
        extend_exclude: globs(&arguments.extend_exclude)?,
        force_exclude: arguments.force_exclude,
        respect_gitignore: arguments.no_respect_gitignore.then_some(false),
    })
}

/// Where configs come from: a file that is named, the closest one of each file, or nowhere; with
/// the settings of the command line on top.
fn configs(
    arguments: &ConfigArguments,
    selection: &SelectionArguments,
    here: PathBuf,
) -> Result<ConfigFinder<'static>, ConfigErrors> {
    let mut overrides = Options::default();
    let mut file = None;
    for text in &arguments.config {
        // As ruff does: what is a setting holds an equals sign and is no file.
        if text.contains('=') && !Path::new(text).exists() {
            overrides = Options::parse("--config", text, LINTS)?.over(overrides);
        } else {
            file = Some(PathBuf::from(text));
        }
    }
    overrides.target_version = selection.target_version.or(overrides.target_version);
    overrides.library = selection.library.or(overrides.library);
    Ok(match file {
        Some(file) => ConfigFinder::with_file(&file, here, LINTS, overrides),
        None if arguments.isolated => ConfigFinder::isolated(here, LINTS, overrides),
        None => ConfigFinder::new(LINTS, overrides),
    })
}

/// Shows what is wrong with configs; nothing is checked then.
fn bad_config(errors: &[Arc<ConfigErrors>]) -> u8 {
    for errors in errors {
        let options = reporter::Options { format: Format::Full, color: false };
        output::complain(&reporter::render(&errors.diagnostics, &Only(&errors.source), &options));
    }
    FAILED
}

/// The sources of a run, for the reporter.
struct Table<'a>(&'a SourceTable);

impl Sources for Table<'_> {
    fn get(&self, file: FileId) -> &SourceFile {
        self.0.get(file).unwrap_or_else(|| unreachable!("the engine keeps what labels point into"))
    }
}

/// One source, for the reporter.
struct Only<'a>(&'a SourceFile);

impl Sources for Only<'_> {
    fn get(&self, _: FileId) -> &SourceFile {
        self.0
    }
}
