//! Where files stand as modules.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use asynclint_project::Place;
use rustc_hash::FxHashMap;

use crate::config::{Config, ConfigResult, below, is_project_root};
use crate::notebook::is_notebook;

/// Looks at folders, each once.
#[derive(Default)]
pub(super) struct Places {
    /// By folder, whose text takes less time to hash than its parts.
    packages: FxHashMap<OsString, bool>,
    projects: FxHashMap<PathBuf, bool>,
}

/// What the files in a folder have in common.
pub(super) struct ModuleFolder {
    pub(super) path: PathBuf,
    pub(super) config: ConfigResult,
    root: Arc<Path>,
    other_roots: Arc<[Arc<Path>]>,
}

impl ModuleFolder {
    /// Where a file of the folder stands.
    pub(super) fn place(&self, file: &Path) -> Place {
        let name: &Path = file.file_name().unwrap_or_default().as_ref();
        // No import leads to a notebook.
        let stem = if is_notebook(name) { name.file_name() } else { name.file_stem() };
        let stem = stem.unwrap_or_default();
        let is_package = stem == "__init__";
        let path = if is_package { self.path.clone() } else { self.path.join(stem) };
        let is_stub = name.extension().is_some_and(|extension| extension == "pyi");
        let (root, other_roots) = (Arc::clone(&self.root), Arc::clone(&self.other_roots));
        Place { path, is_package, root, other_roots, is_stub }
    }
}

impl Places {
    /// Notes the packages that files of `found` make.
    pub(super) fn enter<'f>(&mut self, found: impl Iterator<Item = &'f Path>) {
        let is_init = |file: &&Path| {
            file.file_name().is_some_and(|name| name == "__init__.py" || name == "__init__.pyi")
        };
        let packages = found.filter(is_init).filter_map(Path::parent);
        self.packages.extend(packages.map(|folder| (folder.into(), true)));
    }

    /// What files in `folder` have in common: the first folder at or above it that is no package,
    /// and further ones from which imports may reach what is in it: those that their config names,
    /// those `beside` it, and one from which they reach the packages around. `last` is what was
    /// found before.
    pub(super) fn folder(
        &mut self,
        folder: &Path,
        config: ConfigResult,
        beside: &[PathBuf],
        last: Option<ModuleFolder>,
    ) -> ModuleFolder {
        let root = self.import_root(folder).to_owned();
        // A folder without an `__init__` in a package belongs to that package all the same.
        let outer = self.outermost_root(&root);
        let named = config.iter().flat_map(|config| &config.src).chain(beside).chain(&outer);
        let others = named.filter(|&other| *other != root && below(folder, other).is_some());
        let other_roots = others.map(|other| Arc::from(other.as_path())).collect();
        // In one place for all that stand below it.
        let shared = last.map(|last| last.root).filter(|last| **last == *root);
        let root = shared.unwrap_or_else(|| root.into());
        ModuleFolder { path: folder.to_owned(), config, root, other_roots }
    }

    /// The first folder at or above `folder` that is no package.
    fn import_root<'a>(&mut self, folder: &'a Path) -> &'a Path {
        folder.ancestors().find(|at| !self.is_package(at)).unwrap_or(folder)
    }

    /// The folder from which imports reach the outermost package around `root`, itself a folder
    /// that is no package. Folders without an `__init__` between the two belong to it as well.
    fn outermost_root(&mut self, root: &Path) -> Option<PathBuf> {
        let around = root.ancestors().skip(1).find(|at| self.is_package(at))?;
        let next = self.import_root(around).to_owned();
        self.outermost_root(&next).or(Some(next))
    }

    pub(super) fn is_package(&mut self, folder: &Path) -> bool {
        if let Some(&known) = self.packages.get(folder.as_os_str()) {
            return known;
        }
        let is_package =
            folder.join("__init__.py").is_file() || folder.join("__init__.pyi").is_file();
        self.packages.insert(folder.into(), is_package);
        is_package
    }

    /// The folder whose files are all known when `file` is checked: that of its config or project,
    /// else of the package it is in, if it is in any.
    pub(super) fn project_root(&mut self, file: &Path, config: Option<&Config>) -> Option<PathBuf> {
        let folder = file.parent().unwrap_or(file);
        if let Some(config) = config
            && folder.starts_with(&config.root)
            && self.claims(config)
        {
            return Some(config.root.clone());
        }
        let inner = self.import_root(folder).to_owned();
        let outer = self.outermost_root(&inner).unwrap_or(inner);
        let outermost = folder.ancestors().take_while(|at| *at != outer).last()?;
        Some(outermost.to_owned())
    }

    /// Whether the root of the config is that of a project, not only a folder that somebody is in.
    pub(super) fn claims(&mut self, config: &Config) -> bool {
        config.path.is_some() || self.is_project(&config.root)
    }

    fn is_project(&mut self, folder: &Path) -> bool {
        if let Some(&known) = self.projects.get(folder) {
            return known;
        }
        let is_project = is_project_root(folder);
        self.projects.insert(folder.to_owned(), is_project);
        is_project
    }
}
