//! Standard output and standard error.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::args::ColorChoice;

/// Everything went well and there is nothing to say.
pub(crate) const CLEAN: u8 = 0;
/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The job could not be done.
pub(crate) const FAILED: u8 = 2;

/// Writes `text` to standard output. Whoever closed the pipe has seen enough: that is no failure.
pub(crate) fn print(text: &str) -> u8 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => CLEAN,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => CLEAN,
        Err(error) => {
            complain(&format!("error: cannot write to standard output: {error}\n"));
            FAILED
        }
    }
}

/// Writes `text` to standard error. If that fails there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// Whether standard output gets colour: the flag, then `NO_COLOR`, `FORCE_COLOR` and
/// `CLICOLOR_FORCE`, then whether it is a terminal.
pub(crate) fn wants_color(choice: ColorChoice) -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let forced = |name: &str| set(name).map(|value| value != "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR").is_some() => false,
        ColorChoice::Auto => forced("FORCE_COLOR")
            .or_else(|| forced("CLICOLOR_FORCE").filter(|&force| force))
            .unwrap_or_else(|| std::io::stdout().is_terminal()),
    }
}
