//! Values of keys as TOML.

use std::path::{Path, PathBuf};

use asynclint_diagnostics::path_text;
use asynclint_project::Sink;
use toml::Value;

use super::Config;
use super::catalog::Own;
use crate::selection::Selector;

pub(super) fn text(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let items: Vec<_> = texts.iter().map(|item| text(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

pub(super) fn selectors(selectors: &[Selector]) -> String {
    list(&selectors.iter().map(Selector::as_str).collect::<Vec<_>>())
}

pub(super) fn sinks(sinks: &[Sink]) -> String {
    let rows: Vec<_> = sinks
        .iter()
        .map(|sink| format!("{} = {}", text(&sink.name), text(&sink.replacement)))
        .collect();
    if rows.is_empty() { String::new() } else { format!("{{ {} }}", rows.join(", ")) }
}

/// What the user has told of libraries, as an inline table.
pub(super) fn catalog(own: &Own) -> String {
    own.table.to_string()
}

/// A path as the config would name it.
pub(super) fn path(config: &Config, path: &Path) -> String {
    text(&named(config, path))
}

pub(super) fn paths(config: &Config, paths: &[PathBuf]) -> String {
    list(&paths.iter().map(|path| named(config, path)).collect::<Vec<_>>())
}

fn named(config: &Config, path: &Path) -> String {
    match path.strip_prefix(&config.root) {
        Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Ok(below) => path_text(below).into_owned(),
        Err(_) => path_text(path).into_owned(),
    }
}
