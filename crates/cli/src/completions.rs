//! `asynclint completions`.

use std::fmt::Write;

use asynclint_lints::LINTS;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command, CommandFactory};
use clap_complete::{Shell, generate};

use crate::args::Arguments;
use crate::output;

/// Writes the script for `shell`. Gives the exit code.
pub(crate) fn run(shell: Shell) -> u8 {
    let mut command = with_lints(Arguments::command());
    let mut script = Vec::new();
    generate(shell, &mut command, "asynclint", &mut script);
    if shell == Shell::Fish {
        script.extend(fish_words(&command).into_bytes());
    }
    output::print(&script)
}

/// What `clap_complete` leaves out for fish: the values of arguments that are no flags.
fn fish_words(command: &Command) -> String {
    let mut lines = String::new();
    for sub in command.get_subcommands() {
        for argument in sub.get_positionals() {
            let values = argument.get_possible_values();
            let values: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
            if !values.is_empty() {
                let (name, values) = (sub.get_name(), values.join(" "));
                let used = format!("__fish_asynclint_using_subcommand {name}");
                let _ = writeln!(lines, "complete -c asynclint -n \"{used}\" -f -a \"{values}\"");
            }
        }
    }
    lines
}

/// `command` with the names of the lints wherever some are asked for. The parser itself takes more
/// than them there: lists, groups, and codes of other tools.
fn with_lints(command: Command) -> Command {
    let lints =
        |arg: Arg| arg.value_parser(PossibleValuesParser::new(LINTS.iter().map(|l| l.name)));
    command.mut_subcommand("explain", |explain| explain.mut_arg("lint", lints)).mut_subcommand(
        "check",
        |check| {
            ["select", "extend_select", "ignore"]
                .into_iter()
                .fold(check, |check, flag| check.mut_arg(flag, lints))
        },
    )
}
