//! `asynclint`: arguments in, findings out, and an exit code that CI can trust.

mod args;
mod check;
mod clean;
mod completions;
mod config;
mod explain;
mod fixing;
mod known;
mod lints;
mod next_step;
mod output;
mod output_file;
mod refusal;
mod report;
mod settings;
mod show_files;
mod show_settings;
mod verbose;
mod why;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, ColorChoice, Command};
use output::FAILED;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 0: clean. 1: findings. 2: the job could not be done, and wrong arguments.
fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return ExitCode::from(answered(&answer)),
    };
    let status = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain { lint, color } => explain::run(&lint, color),
        Command::Lints { output_format } => lints::run(output_format),
        Command::Config { key, output_format } => config::run(key.as_deref(), output_format),
        Command::Completions { shell } => completions::run(shell),
        Command::Clean { cache_dir } => clean::run(cache_dir.as_deref()),
        Command::Version => output::print(&format!("asynclint {}\n", env!("CARGO_PKG_VERSION"))),
    };
    ExitCode::from(status)
}

/// Shows clap's `answer` to the arguments: help, the version, or what is wrong with them. Gives the
/// exit code. Streams, colours and failures are as for all else that is shown.
fn answered(answer: &clap::Error) -> u8 {
    let text = answer.render();
    let shown = |color: bool| if color { text.ansi().to_string() } else { text.to_string() };
    if answer.use_stderr() {
        output::complain(&shown(output::stderr_wants_color(ColorChoice::Auto)));
        FAILED
    } else {
        output::print(&shown(output::stdout_wants_color(ColorChoice::Auto)))
    }
}
