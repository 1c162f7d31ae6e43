//! `asynclint clean`

use std::path::Path;

use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::{Cleaned, Failure, clean};
use asynclint_lints::LINTS;
use asynclint_reporter as reporter;

use crate::output::{self, FAILED};
use crate::settings;

/// Takes away the caches at and below the working directory, that of the project around it, and
/// those in the folder that is named for caches.
pub(crate) fn run(cache_dir: Option<&Path>) -> u8 {
    let here = std::env::current_dir().unwrap_or_default();
    let configs = ConfigFinder::new(LINTS, Options::default());
    // A config with mistakes has kept every run from beginning.
    let root = configs.for_folder(&here).map_or_else(|_| here.clone(), |it| it.root.clone());
    let Cleaned { folders, failures } =
        clean(&here, &root, settings::cache_folder(cache_dir).as_deref());
    let shown = |path: &Path| reporter::path(path.strip_prefix(&here).unwrap_or(path)).to_string();
    for Failure { path, message } in &failures {
        output::complain(&format!("error: cannot clean `{}`: {message}\n", shown(path)));
    }
    let mut told: Vec<String> =
        folders.iter().map(|folder| format!("cleaned `{}`\n", shown(folder))).collect();
    if told.is_empty() {
        told.push("nothing to clean\n".to_owned());
    }
    let printed = output::print(&told.concat());
    if failures.is_empty() { printed } else { FAILED }
}
