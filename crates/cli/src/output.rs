//! The streams and the environment of the process.

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Read, Write};

use crate::args::ColorChoice;
use crate::refusal::Refusal;

/// Everything went well and there is nothing to say.
pub(crate) const CLEAN: u8 = 0;
/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The job could not be done.
pub(crate) const FAILED: u8 = 2;

/// Writes `text` to standard output. Whoever closed the pipe has seen enough: that is no failure.
pub(crate) fn print(text: &(impl AsRef<[u8]> + ?Sized)) -> u8 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        Ok(()) => CLEAN,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => CLEAN,
        Err(error) => {
            complain(&format!("error: cannot write to standard output: {error}\n"));
            FAILED
        }
    }
}

/// Writes the text of files to standard output: to the last byte for programs, and so that nothing
/// in it acts on a terminal.
pub(crate) fn print_code(text: &[u8]) -> u8 {
    if stdout_is_terminal() { print(&asynclint_reporter::lines(text)) } else { print(text) }
}

/// Writes `text` to standard error. If that fails there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// All of standard input.
pub(crate) fn read_stdin() -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Refusal::usage(&format!("cannot read standard input: {error}"), "")),
    }
}

/// A variable of the environment; an empty one counts as absent.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Lines of text longer than this are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// Whether somebody reads standard output as it comes.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// How many columns text may take: `COLUMNS`, else those of the terminal, else 80.
pub(crate) fn stdout_width() -> usize {
    let columns = variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(80).min(MAX_WIDTH)
}

/// Whether standard output gets colour.
pub(crate) fn stdout_wants_color(choice: ColorChoice) -> bool {
    wants_color(choice, stdout_is_terminal())
}

/// Whether a file gets colour.
pub(crate) fn file_wants_color(choice: ColorChoice) -> bool {
    matches!(choice, ColorChoice::Always)
}

/// Whether standard error gets colour.
pub(crate) fn stderr_wants_color(choice: ColorChoice) -> bool {
    wants_color(choice, std::io::stderr().is_terminal())
}

/// The flag decides, then `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE`, then whether it is a
/// terminal that knows colours.
fn wants_color(choice: ColorChoice, is_terminal: bool) -> bool {
    let forced = |name: &str| variable(name).map(|value| value != "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if variable("NO_COLOR").is_some() => false,
        ColorChoice::Auto => forced("FORCE_COLOR")
            .or_else(|| forced("CLICOLOR_FORCE").filter(|&force| force))
            .unwrap_or_else(|| is_terminal && variable("TERM").is_none_or(|term| term != "dumb")),
    }
}
