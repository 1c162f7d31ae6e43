//! `asynclint`: arguments in, findings out, and an exit code that CI can trust.

mod args;
mod check;
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

use args::{Arguments, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 0: clean. 1: findings. 2: the job could not be done; clap exits so for wrong arguments, too.
fn main() -> ExitCode {
    let status = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain { lint, color } => explain::run(&lint, color),
        Command::Lints { output_format } => lints::run(output_format),
        Command::Config { key, output_format } => config::run(key.as_deref(), output_format),
        Command::Version => output::print(&format!("asynclint {}\n", env!("CARGO_PKG_VERSION"))),
    };
    ExitCode::from(status)
}
