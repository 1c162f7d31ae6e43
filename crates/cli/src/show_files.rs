//! `asynclint check --show-files`

use std::fmt::Write;

use asynclint_engine::Request;
use asynclint_engine::discovery::{discover, leaves_out};
use asynclint_reporter as reporter;

use crate::output::{self, CLEAN, FAILED};
use crate::refusal::Refusal;
use crate::settings::Input;

/// Shows which files would be checked, one a line.
pub(crate) fn show(input: &Input<'_>, request: &Request<'_>) -> Result<u8, Refusal> {
    let paths = match input {
        Input::Paths(paths) => paths,
        Input::Stdin(path) if leaves_out(path, request.configs, &request.discovery) => {
            return Ok(CLEAN);
        }
        Input::Stdin(path) => return Ok(output::print(&format!("{}\n", reporter::path(path)))),
    };
    let found = discover(paths, request.configs, &request.discovery);
    if !found.config_errors.is_empty() {
        return Err(Refusal::Configs(found.config_errors));
    }
    for error in &found.errors {
        output::complain(&format!("error: {error}\n"));
    }
    let mut text = String::new();
    for file in &found.files {
        let _ = writeln!(text, "{}", reporter::path(file));
    }
    let printed = output::print(&text);
    Ok(if found.errors.is_empty() { printed } else { FAILED })
}
