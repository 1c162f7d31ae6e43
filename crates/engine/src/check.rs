//! The run: every file checked in parallel, the findings in one order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use asynclint_diagnostics::{Diagnostic, FileId};
use asynclint_lints::LINTS;
use asynclint_parser::SourceFile;
use rayon::prelude::*;

use crate::config::{ConfigErrors, ConfigFinder};
use crate::discovery::{DiscoveryOptions, discover};
use crate::file::{self, Checked};
use crate::selection::{CommandLine, Levels};
use crate::sources::SourceTable;

/// Stack of a worker: enough for the deepest tree that the parser lets through.
const STACK: usize = 64 << 20;

/// What to check and how.
pub struct Request<'a> {
    /// Finds the config of each file.
    pub configs: &'a ConfigFinder<'a>,
    /// What the command line says about lints.
    pub selection: &'a CommandLine,
    /// What the command line says about files.
    pub discovery: DiscoveryOptions,
    /// Threads to use; 0 leaves it to rayon (`RAYON_NUM_THREADS`, else one a core).
    pub threads: usize,
}

/// A file that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// As the user named it or as it was found.
    pub path: PathBuf,
    /// Why; lower case, no full stop, without the path.
    pub message: String,
}

/// What a run gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by path, place and lint.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that the diagnostics point into.
    pub sources: SourceTable,
    /// What could not be checked, sorted by path.
    pub failures: Vec<Failure>,
    /// Files that were left out although they were named, and why.
    pub skipped: Vec<Failure>,
    /// Files that were checked.
    pub files: usize,
}

/// Checks the Python files that `paths` stand for.
///
/// # Errors
/// The configs with mistakes: nothing is checked then.
pub fn check_paths(
    paths: &[PathBuf],
    request: &Request<'_>,
) -> Result<Outcome, Vec<Arc<ConfigErrors>>> {
    let found = discover(paths, request.configs, &request.discovery);
    if !found.config_errors.is_empty() {
        return Err(found.config_errors);
    }
    let mut outcome = Outcome::default();
    outcome.failures.extend(
        found.errors.into_iter().map(|error| Failure { path: error.path, message: error.message }),
    );
    let (notebooks, files): (Vec<_>, Vec<_>) = found.files.into_iter().partition(|path| {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ipynb"))
    });
    outcome.skipped = notebooks
        .into_iter()
        .map(|path| Failure { path, message: "notebooks are not checked".to_owned() })
        .collect();
    let results = in_pool(request.threads, || {
        let work = |(index, path): (usize, &PathBuf)| {
            let id = FileId(index as u32);
            guarded(path, || {
                let config = request.configs.for_file(path).map_err(Problem::Config)?;
                let source = file::read(path, &config).map_err(Problem::File)?;
                let levels = Levels::resolve(LINTS, &config, request.selection);
                let levels = levels.for_file(&config, path);
                file::check(source, id, &config, &levels).map_err(Problem::File)
            })
        };
        files.par_iter().enumerate().map(work).collect::<Vec<_>>()
    });
    let mut config_errors = Vec::new();
    for (index, (path, result)) in files.iter().zip(results).enumerate() {
        match result {
            Ok(checked) => outcome.add(FileId(index as u32), checked),
            Err(Problem::File(message)) => {
                outcome.failures.push(Failure { path: path.clone(), message });
            }
            Err(Problem::Config(errors)) => config_errors.push(errors),
        }
    }
    if !config_errors.is_empty() {
        config_errors.dedup_by(|a, b| Arc::ptr_eq(a, b));
        return Err(config_errors);
    }
    outcome.failures.sort();
    Ok(outcome)
}

/// Checks text that stands for the file at `path`, as an editor hands it over.
///
/// # Errors
/// The config of that file, if it has mistakes.
pub fn check_text(
    path: &Path,
    bytes: Vec<u8>,
    request: &Request<'_>,
) -> Result<Outcome, Vec<Arc<ConfigErrors>>> {
    let result = in_pool(request.threads, || {
        guarded(path, || {
            let config = request.configs.for_file(path).map_err(Problem::Config)?;
            let source = SourceFile::decode(path, bytes)
                .map_err(|error| Problem::File(error.to_string()))?;
            let levels = Levels::resolve(LINTS, &config, request.selection);
            let levels = levels.for_file(&config, path);
            file::check(source, FileId(0), &config, &levels).map_err(Problem::File)
        })
    });
    let mut outcome = Outcome::default();
    match result {
        Ok(checked) => outcome.add(FileId(0), checked),
        Err(Problem::File(message)) => {
            outcome.failures.push(Failure { path: path.to_owned(), message });
        }
        Err(Problem::Config(errors)) => return Err(vec![errors]),
    }
    Ok(outcome)
}

/// Why a file was not checked.
enum Problem {
    File(String),
    Config(Arc<ConfigErrors>),
}

impl Outcome {
    fn add(&mut self, id: FileId, checked: Checked) {
        self.files += 1;
        let mut diagnostics = checked.diagnostics;
        let Some(source) = checked.source else { return };
        diagnostics.sort_by(|a, b| {
            (a.primary.span, a.lint, &a.message).cmp(&(b.primary.span, b.lint, &b.message))
        });
        self.sources.insert(id, source);
        self.diagnostics.extend(diagnostics);
    }
}

/// Keeps a bug of ours with one file from ending the run.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let path = path.display();
        Err(Problem::File(format!("internal error; please report it with the file `{path}`")))
    })
}

/// Runs `work` on threads with stacks that are deep enough.
fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK);
    match builder.build() {
        Ok(pool) => pool.install(work),
        // No threads to be had: the calling one does it all.
        Err(_) => work(),
    }
}
