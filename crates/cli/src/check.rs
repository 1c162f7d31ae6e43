//! `asynclint check`

use std::path::Path;

use asynclint_engine::{Request, check_paths, check_text};

use crate::args::CheckArguments;
use crate::output::{self, FAILED};
use crate::refusal::Refusal;
use crate::settings::{self, Input};
use crate::{fixing, known, report, show_files, show_settings, verbose, why};

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
    let configs = settings::configs(arguments, here)?;
    let request = Request {
        discovery: settings::discovery(&arguments.files, here)?,
        counts_calls: arguments.output.verbose,
        python: settings::python(&arguments.files)?,
        caching: settings::caching(&arguments.cache),
        ..Request::new(&configs, &selection)
    };
    if let Some(place) = &arguments.why {
        return why::explain(place, &request);
    }
    if arguments.config.show_settings {
        return show_settings::show(&input, &request, here);
    }
    if arguments.files.show_files {
        return show_files::show(&input, &request);
    }
    if fixing::is_wanted(&arguments.fixing) {
        return fixing::run(input, &request, format, arguments, here);
    }
    let reason = known::reason(&arguments.known, &input)?;
    let mut outcome = match input {
        Input::Paths(paths) => check_paths(&paths, &request),
        Input::Stdin(name) => check_text(name, output::read_stdin()?, &request),
    }
    .map_err(Refusal::Configs)?;
    let known = known::apply(&mut outcome, &request, &arguments.known, reason, here)?;
    let code = report::report(&outcome, &known, format, &arguments.output, here);
    if arguments.output.verbose {
        output::complain(&verbose::text(&outcome));
    }
    Ok(code)
}
