//! Which files belong to the project of what is checked, and where each stands as a module.

use std::path::{Path, PathBuf};

use asynclint_project::Place;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{Config, ConfigFinder, absolute, is_project_root};
use crate::discovery::{DiscoveryOptions, discover};
use crate::notebook::is_notebook;

/// A file of the project.
pub(crate) struct Member {
    /// As it was found.
    pub(crate) path: PathBuf,
    /// Where it stands as a module.
    pub(crate) place: Place,
    /// Whether its findings are wanted.
    pub(crate) is_checked: bool,
}

/// The files that are checked, then their neighbours: all other files of their projects, read for
/// what they define. `walked` are the paths that the checked files were found from.
pub(crate) fn members(
    checked: &[PathBuf],
    walked: &[PathBuf],
    configs: &ConfigFinder<'_>,
    options: &DiscoveryOptions,
) -> Vec<Member> {
    let mut places = Places::default();
    let mut known: FxHashSet<PathBuf> = FxHashSet::default();
    let mut roots: Vec<PathBuf> = Vec::new();
    // Where a config says that modules are, outside of its own project.
    let mut outside: Vec<PathBuf> = Vec::new();
    for path in checked {
        let file = absolute(path);
        let config = configs.for_file(&file).ok();
        let root = places.project_root(&file, config.as_deref());
        let own = config.as_deref().filter(|config| file.starts_with(&config.root));
        for (config, source) in own.iter().flat_map(|it| it.src.iter().map(move |at| (it, at))) {
            if !source.starts_with(&config.root) && !outside.contains(source) && source.is_dir() {
                outside.push(source.clone());
            }
        }
        if !roots.contains(&root) {
            roots.push(root);
        }
        known.insert(file);
    }
    let mut member = |path: PathBuf, is_checked| {
        let file = absolute(&path);
        let config = configs.for_file(&file).ok();
        Member { path, place: places.of(&file, config.as_deref(), &outside), is_checked }
    };
    let mut members: Vec<Member> = checked.iter().map(|path| member(path.clone(), true)).collect();
    roots.extend(outside.iter().cloned());
    roots.sort();
    roots.dedup();
    // All that lies below a folder that was walked is checked, if both are walked alike.
    let respects = |folder: &Path| configs.for_folder(folder).ok().map(|it| it.respect_gitignore);
    let walked: Vec<PathBuf> =
        walked.iter().map(|path| absolute(path)).filter(|path| path.is_dir()).collect();
    roots.retain(|root| {
        let covers = |at: &PathBuf| root.starts_with(at) && respects(at) == respects(root);
        !walked.iter().any(covers)
    });
    let mut neighbours = discover(&roots, configs, options).files;
    neighbours.retain(|path| known.insert(absolute(path)));
    // Roots are absolute; labels in neighbours are shown as paths from here, like all others.
    let here = std::env::current_dir().unwrap_or_default();
    members.extend(neighbours.into_iter().map(|path| {
        let near = path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path);
        member(near, false)
    }));
    members
}

/// Looks at folders, each once.
#[derive(Default)]
struct Places {
    packages: FxHashMap<PathBuf, bool>,
    projects: FxHashMap<PathBuf, bool>,
}

impl Places {
    /// Where `file` stands, with the folders of sources of its own config and those `beside` it.
    fn of(&mut self, file: &Path, config: Option<&Config>, beside: &[PathBuf]) -> Place {
        let folder = file.parent().unwrap_or(file);
        // No import leads to a notebook.
        let name = if is_notebook(file) { file.file_name() } else { file.file_stem() };
        let stem = name.unwrap_or_default();
        let is_package = stem == "__init__";
        let path = if is_package { folder.to_owned() } else { folder.join(stem) };
        let root = self.import_root(folder).to_owned();
        // A folder without an `__init__` in a package belongs to that package all the same.
        let outer = self.outermost_root(&root).filter(|outer| *outer != root);
        let other_roots = config
            .into_iter()
            .flat_map(|config| &config.src)
            .chain(beside)
            .cloned()
            .chain(outer)
            .filter(|other| *other != root && path.starts_with(other))
            .collect();
        let is_stub = file.extension().is_some_and(|extension| extension == "pyi");
        Place { path, is_package, root, other_roots, is_stub }
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

    fn is_package(&mut self, folder: &Path) -> bool {
        if let Some(&known) = self.packages.get(folder) {
            return known;
        }
        let is_package =
            folder.join("__init__.py").is_file() || folder.join("__init__.pyi").is_file();
        self.packages.insert(folder.to_owned(), is_package);
        is_package
    }

    /// The folder whose files are known when `file` is checked: that of its config or project,
    /// else of the package it is in, else its own.
    fn project_root(&mut self, file: &Path, config: Option<&Config>) -> PathBuf {
        let folder = file.parent().unwrap_or(file);
        if let Some(config) = config
            && folder.starts_with(&config.root)
            && (config.path.is_some() || self.is_project(&config.root))
        {
            return config.root.clone();
        }
        let outermost =
            folder.ancestors().take_while(|at| self.is_package(at)).last().unwrap_or(folder);
        outermost.to_owned()
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
