//! `asynclint check --show-settings`

use std::fmt::Write;
use std::path::Path;

use asynclint_engine::Request;
use asynclint_engine::config::keys;
use asynclint_engine::selection::Levels;
use asynclint_lints::LINTS;
use asynclint_reporter as reporter;

use crate::output;
use crate::refusal::Refusal;
use crate::settings::Input;

/// Shows what holds for each path, as a config that says it all.
pub(crate) fn show(input: &Input<'_>, request: &Request<'_>, here: &Path) -> Result<u8, Refusal> {
    let paths: Vec<&Path> = match input {
        Input::Paths(paths) => paths.iter().map(|path| &**path).collect(),
        Input::Stdin(path) => vec![*path],
    };
    let mut shown = Vec::new();
    for path in paths {
        shown.push(settings(path, request, here)?);
    }
    Ok(output::print(&shown.join("\n")))
}

fn settings(path: &Path, request: &Request<'_>, here: &Path) -> Result<String, Refusal> {
    let config = if path.is_dir() {
        request.configs.for_folder(path)
    } else {
        request.configs.for_file(path)
    };
    let config = config.map_err(|errors| Refusal::Configs(vec![errors]))?;
    let mut text = format!("# settings for `{}`", reporter::path(path));
    match &config.path {
        Some(from) => {
            let from = from.strip_prefix(here).unwrap_or(from);
            let _ = writeln!(text, ", from `{}`", reporter::path(from));
        }
        None => text.push_str(", which has no config\n"),
    }
    for (name, key) in keys::all() {
        let value = (key.show)(&config);
        if !value.is_empty() {
            let _ = writeln!(text, "{name} = {}", reporter::line(&value));
        }
    }
    let levels = Levels::resolve(LINTS, &config, request.selection);
    let levels = levels.for_file(&config, path);
    for (index, lint) in LINTS.iter().enumerate() {
        let _ = writeln!(text, "lints.{} = \"{}\"", lint.name, levels.get(index).as_str());
    }
    Ok(text)
}
