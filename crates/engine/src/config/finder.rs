//! The config of each file: the closest one at or above it, read once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use asynclint_lints::Lint;
use rustc_hash::FxHashMap;

use super::errors::ConfigErrors;
use super::extend::{self, Form};
use super::options::Options;
use super::{Config, files, requires_python};

/// A config, or what is wrong with it. Files of one config share it.
pub type ConfigResult = Result<Arc<Config>, Arc<ConfigErrors>>;

/// Finds the config of files. Shared by threads.
pub struct ConfigFinder<'a> {
    lints: &'a [&'static Lint],
    overrides: Options,
    /// The config of every file, where files do not choose it.
    fixed: Option<ConfigResult>,
    /// The root of what no project claims, and no config file counts.
    isolated: Option<PathBuf>,
    memo: Mutex<Memo>,
}

#[derive(Default)]
struct Memo {
    /// What is known of each folder that was looked into, and of all above it; by folder, whose text
    /// takes less time to hash than its parts.
    folders: FxHashMap<OsString, Around>,
    /// The defaults for each project root without a config.
    roots: FxHashMap<PathBuf, Arc<Config>>,
}

/// What stands in a folder or, closest to it, above.
#[derive(Clone, Default)]
struct Around {
    /// Whether nothing in the folder itself is about a project, or how it is checked.
    is_plain: bool,
    config: Option<ConfigResult>,
    /// The root of the project, looked for only where there is no config.
    root: Option<Arc<Path>>,
}

impl<'a> ConfigFinder<'a> {
    /// Finds the closest config of each file; `overrides` come from the command line and are
    /// stronger than all of them.
    pub fn new(lints: &'a [&'static Lint], overrides: Options) -> Self {
        Self { lints, overrides, fixed: None, isolated: None, memo: Mutex::default() }
    }

    /// Looks for no config and no project: the defaults and `overrides` hold for every file below
    /// `root`.
    pub fn rooted(
        root: impl Into<PathBuf>,
        lints: &'a [&'static Lint],
        overrides: Options,
    ) -> Self {
        let fixed = Ok(Arc::new(Config::from_options(root, &overrides)));
        Self { fixed: Some(fixed), ..Self::new(lints, overrides) }
    }

    /// Looks for no config: the defaults and `overrides` hold for every file. `root` is that of
    /// files outside of any project.
    pub fn isolated(
        root: impl Into<PathBuf>,
        lints: &'a [&'static Lint],
        overrides: Options,
    ) -> Self {
        Self { isolated: Some(root.into()), ..Self::new(lints, overrides) }
    }

    /// Takes the config at `path` for every file. Its globs are relative to `root`, the working
    /// directory of whoever named it.
    pub fn with_file(
        path: &Path,
        root: impl Into<PathBuf>,
        lints: &'a [&'static Lint],
        overrides: Options,
    ) -> Self {
        let finder = Self::new(lints, overrides);
        let options = extend::read_file(path, lints).map(Option::unwrap_or_default);
        let fixed = finder.build(options, root.into(), Some(path)).map_err(Arc::new);
        Self { fixed: Some(fixed.map(Arc::new)), ..finder }
    }

    /// What the command line says, which is stronger than every config.
    pub(crate) fn overrides(&self) -> &Options {
        &self.overrides
    }

    /// The config of `file`.
    ///
    /// # Errors
    /// [`ConfigErrors`] where the closest config has mistakes.
    pub fn for_file(&self, file: &Path) -> ConfigResult {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let file = files::absolute(file);
        self.at(file.parent().unwrap_or(&file))
    }

    /// As [`ConfigFinder::for_file`], which is asked once for files of one folder that follow each
    /// other.
    pub(crate) fn by_folder(&self) -> impl FnMut(&Path) -> ConfigResult + '_ {
        let mut last: Option<(PathBuf, ConfigResult)> = None;
        move |file| {
            let folder = file.parent().unwrap_or(file);
            if let Some((known, found)) = &last
                && known.as_os_str() == folder.as_os_str()
            {
                return found.clone();
            }
            let found = self.for_file(file);
            last = Some((folder.to_owned(), found.clone()));
            found
        }
    }

    /// The config of the files in `folder`.
    ///
    /// # Errors
    /// [`ConfigErrors`] where the closest config has mistakes.
    pub fn for_folder(&self, folder: &Path) -> ConfigResult {
        match &self.fixed {
            Some(fixed) => fixed.clone(),
            None => self.at(&files::absolute(folder)),
        }
    }

    /// Notes of an absolute folder that nothing in it is [about a project](files::is_about_project).
    pub(crate) fn enter_plain(&self, folder: &Path) {
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fixed.is_none() && !memo.folders.contains_key(folder.as_os_str()) {
            let around = folder.parent().map(|above| self.around(above, &mut memo));
            let around = Around { is_plain: true, ..around.unwrap_or_default() };
            memo.folders.insert(folder.into(), around);
        }
    }

    /// Whether [`ConfigFinder::enter_plain`] was told of the folder.
    pub(crate) fn is_plain(&self, folder: &Path) -> bool {
        let memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        memo.folders.get(folder.as_os_str()).is_some_and(|around| around.is_plain)
    }

    fn at(&self, folder: &Path) -> ConfigResult {
        // Held while a config is read, so that none is read twice.
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        let around = self.around(folder, &mut memo);
        if let Some(config) = around.config {
            return config;
        }
        // Code that no project claims shares one config, wherever it lies.
        let here =
            || self.isolated.clone().unwrap_or_else(|| std::env::current_dir().unwrap_or_default());
        let root = around.root.map_or_else(here, |root| root.to_path_buf());
        if let Some(known) = memo.roots.get(&root) {
            return Ok(Arc::clone(known));
        }
        let config = Arc::new(match &self.isolated {
            Some(_) => Config::from_options(root.clone(), &self.overrides),
            None => complete(self.overrides.clone(), root.clone(), None),
        });
        memo.roots.insert(root, Arc::clone(&config));
        Ok(config)
    }

    fn around(&self, folder: &Path, memo: &mut Memo) -> Around {
        let unknown: Vec<&Path> = folder
            .ancestors()
            .take_while(|at| !memo.folders.contains_key(at.as_os_str()))
            .collect();
        let known = folder.ancestors().nth(unknown.len());
        let mut around = known.map(|at| memo.folders[at.as_os_str()].clone()).unwrap_or_default();
        for at in unknown.into_iter().rev() {
            around.is_plain = false;
            if self.isolated.is_none()
                && let Some(config) = self.own(at)
            {
                around.config = Some(config);
            }
            if around.config.is_none() && files::is_project_root(at) {
                around.root = Some(at.into());
            }
            memo.folders.insert(at.into(), around.clone());
        }
        around
    }

    /// The config that stands in `folder` itself.
    fn own(&self, folder: &Path) -> Option<ConfigResult> {
        for name in files::NAMES {
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            let options = match extend::read_linked(&path) {
                Ok(text) if name == files::PYPROJECT && !names_us(&text) => continue,
                Ok(text) => {
                    match extend::parse(&path, &text, Form::of(&path), self.lints).transpose() {
                        Some(options) => options,
                        None => continue,
                    }
                }
                Err(error) if name == files::PYPROJECT && !names_us(error.source.text()) => {
                    continue;
                }
                Err(error) => Err(error),
            };
            let config = self.build(options, folder.to_owned(), Some(&path));
            return Some(config.map(Arc::new).map_err(Arc::new));
        }
        None
    }

    fn build(
        &self,
        options: Result<Options, ConfigErrors>,
        root: PathBuf,
        path: Option<&Path>,
    ) -> Result<Config, ConfigErrors> {
        Ok(complete(self.overrides.clone().over(options?), root, path))
    }
}

/// The settings of `options`, with the target version that the project at `root` may give.
fn complete(mut options: Options, root: PathBuf, path: Option<&Path>) -> Config {
    options.target_version = options.target_version.or_else(|| requires_python::of_project(&root));
    Config { path: path.map(Path::to_owned), ..Config::from_options(root, &options) }
}

/// Whether a `pyproject.toml` speaks of us; what is wrong in others is not ours to complain about.
fn names_us(text: &str) -> bool {
    text.contains("asynclint")
}

#[cfg(test)]
#[path = "finder_tests.rs"]
mod tests;
