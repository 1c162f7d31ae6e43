//! Which files belong to the project of what is checked, and where each stands as a module.

mod places;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use asynclint_project::Place;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::cache::Caching;
use crate::config::{Config, ConfigFinder, ConfigResult, absolute, below};
use crate::discovery::{DiscoveryOptions, discover_beside, discover_with};
use places::{ModuleFolder, Places};

/// So many files that follow each other are looked at in turn, as most of them share a folder.
const NEIGHBOURING: usize = 512;

/// A file of the project.
pub(crate) struct Member {
    /// Its absolute path.
    pub(crate) file: PathBuf,
    /// As it was found, if that is not the path from `here`.
    shown: Option<PathBuf>,
    /// The working directory.
    here: Arc<Path>,
    /// Its config.
    pub(crate) config: ConfigResult,
    /// Where it stands as a module.
    pub(crate) place: Arc<Place>,
    /// Whether its findings are wanted.
    pub(crate) is_checked: bool,
    /// Whether it is what tests give to the code that they test, and nobody has named it or the
    /// folder: see [`Place::is_test_material`].
    pub(crate) is_material: bool,
}

impl Member {
    /// As it was found, or is shown.
    pub(crate) fn path(&self) -> &Path {
        let from_here = || below(&self.file, &self.here).unwrap_or(&self.file);
        self.shown.as_deref().unwrap_or_else(from_here)
    }

    /// Its config, or what is wrong with that, in full.
    pub(crate) fn config(&self) -> Result<&Arc<Config>, String> {
        self.config.as_ref().map_err(ToString::to_string)
    }
}

/// The files that are checked, and their neighbours: all other files of their projects, read for
/// what they define. In the order of their absolute paths, whichever are checked. `walked` are the
/// paths that the checked files were found from; nothing for a text that may not be on disk.
pub(crate) fn members(
    checked: &[PathBuf],
    walked: &[PathBuf],
    configs: &ConfigFinder<'_>,
    options: &DiscoveryOptions,
    caching: &Caching,
) -> Vec<Member> {
    let mut places = Places::default();
    let mut roots: Vec<PathBuf> = Vec::new();
    // Around files that belong to no project.
    let mut unclaimed: Vec<PathBuf> = Vec::new();
    // Where a config says that modules are, outside of its own project.
    let mut outside: Vec<PathBuf> = Vec::new();
    // Files of one folder follow each other.
    let mut config_of = configs.by_folder();
    let here: Arc<Path> = std::env::current_dir().unwrap_or_default().into();
    // Those that are checked as they are named.
    let mut all: Vec<(PathBuf, Option<PathBuf>)> = Vec::new();
    let mut last: Option<PathBuf> = None;
    for path in checked {
        let file = absolute(path);
        if last.as_deref() != file.parent() {
            last = file.parent().map(Path::to_owned);
            let config = config_of(&file).ok();
            let (known, root) = match places.project_root(&file, config.as_deref()) {
                Some(root) => (&mut roots, root),
                None => (&mut unclaimed, last.clone().unwrap_or_default()),
            };
            if !known.contains(&root) {
                known.push(root);
            }
            let own = config.as_deref().filter(|config| file.starts_with(&config.root));
            for (config, source) in own.iter().flat_map(|it| it.src.iter().map(move |at| (it, at)))
            {
                if !source.starts_with(&config.root) && !outside.contains(source) && source.is_dir()
                {
                    outside.push(source.clone());
                }
            }
        }
        all.push((file, Some(path.clone())));
    }
    roots.extend(outside.iter().cloned());
    roots.sort();
    roots.dedup();
    // All that lies below a folder that was walked is checked, if both are walked alike.
    let respects = |folder: &Path| configs.for_folder(folder).ok().map(|it| it.respect_gitignore);
    let arguments: Vec<PathBuf> = walked.iter().map(|path| absolute(path)).collect();
    let folders: Vec<&PathBuf> = arguments.iter().filter(|path| path.is_dir()).collect();
    let is_covered = |root: &PathBuf| {
        let covers = |at: &&PathBuf| root.starts_with(at) && respects(at) == respects(root);
        folders.iter().any(covers)
    };
    roots.retain(|root| !is_covered(root));
    unclaimed.retain(|root| !is_covered(root));
    let known: FxHashSet<&OsStr> = all.iter().map(|(file, _)| file.as_os_str()).collect();
    let mut neighbours = discover_with(&roots, configs, options, caching).files;
    neighbours.extend(discover_beside(&unclaimed, configs, options).files);
    neighbours.retain(|file| !known.contains(file.as_os_str()));
    // Roots are absolute; labels in neighbours are shown as paths from here, like all others.
    all.extend(neighbours.into_iter().map(|file| (file, None)));
    let found = all.iter().filter(|(_, named)| named.is_none() || !walked.is_empty());
    places.enter(found.map(|(file, _)| file.as_path()));
    all.sort_by(|(a, _), (b, _)| a.as_os_str().cmp(b.as_os_str()));
    // What lies beside an unclaimed file may lie in a project as well.
    all.dedup_by(|(a, _), (b, _)| a.as_os_str() == b.as_os_str());
    // Whoever names a folder that no project claims, and that is no package, means its root.
    let named = folders.iter().filter(|folder| !places.is_package(folder));
    let named: Vec<_> = named.flat_map(|folder| [folder.join("src"), (*folder).clone()]).collect();
    let beside_unclaimed: Vec<_> = outside.iter().chain(&named).cloned().collect();
    let given: FxHashSet<&OsStr> = arguments.iter().map(|at| at.as_os_str()).collect();
    let places = Mutex::new(places);
    let member = |last: &mut Option<ModuleFolder>, (file, shown): (PathBuf, Option<PathBuf>)| {
        let is_checked = shown.is_some();
        let path = file.parent().unwrap_or(&file);
        // Files of one folder follow each other.
        let folder = match last.take() {
            Some(same) if same.path.as_os_str() == path.as_os_str() => same,
            other => {
                let config = configs.for_folder(path);
                let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
                let is_claimed = config.as_deref().map_or(true, |config| places.claims(config));
                let beside = if is_claimed { &outside } else { &beside_unclaimed };
                places.folder(path, config, beside, other)
            }
        };
        let place = Arc::new(folder.place(&file));
        let named = || file.ancestors().find(|at| given.contains(at.as_os_str()));
        let is_material = is_checked && place.is_test_material(|| named().unwrap_or(&file));
        let (here, config) = (Arc::clone(&here), folder.config.clone());
        *last = Some(folder);
        Member { file, shown, here, config, place, is_checked, is_material }
    };
    all.into_par_iter().with_min_len(NEIGHBOURING).map_init(|| None, member).collect()
}
