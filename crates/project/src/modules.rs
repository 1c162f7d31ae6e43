//! Which file an import finds.

mod imports;
pub(crate) mod installed;
mod micropython;
pub(crate) mod parts;
mod pyodide;
pub(crate) mod reads;
mod stepped;
pub(crate) mod unread;

use std::hash::BuildHasher;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;

use crate::Module;
use crate::types::ModuleId;

/// Where a module stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The absolute path without its suffix; the folder for the `__init__` of a package.
    pub path: PathBuf,
    /// Whether it is the `__init__` of a package.
    pub is_package: bool,
    /// The folder from which absolute imports reach it: the first one above it that is no package.
    pub root: Arc<Path>,
    /// Further folders from which absolute imports may reach it, such as the project's own folder
    /// and its `src`, where packages need no `__init__`.
    pub other_roots: Arc<[Arc<Path>]>,
    /// Whether it is a stub, which stands back behind code of the same name.
    pub is_stub: bool,
}

impl Place {
    /// The dotted name that reaches it from `root`.
    fn name_from(&self, root: &Path) -> Option<String> {
        if let Some(text) = self.text_below(root) {
            return Some(text.replace(MAIN_SEPARATOR, "."));
        }
        let below = self.path.strip_prefix(root).ok()?;
        let parts: Option<Vec<_>> = below.iter().map(|part| part.to_str()).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("."))
    }

    /// Whether that is its name from `root`.
    fn is_named(&self, name: &str, root: &Path) -> bool {
        let Some(text) = self.text_below(root) else {
            return self.name_from(root).is_some_and(|own| own == name);
        };
        let dotted = |own: char| if own == MAIN_SEPARATOR { '.' } else { own };
        text.len() == name.len() && text.chars().map(dotted).eq(name.chars())
    }

    /// The path below `root`, if it begins with the text of it, as nearly all do: that takes less
    /// time to see.
    fn text_below(&self, root: &Path) -> Option<&str> {
        let text = self.path.to_str()?.strip_prefix(root.to_str()?)?.strip_prefix('/')?;
        Some(text).filter(|text| !text.is_empty() && !text.contains("//"))
    }

    /// The dotted name that absolute imports know it by.
    pub(crate) fn name(&self) -> Option<String> {
        self.name_from(&self.root)
    }

    /// The folder that `from . import x` looks in.
    pub(crate) fn folder(&self) -> &Path {
        if self.is_package { &self.path } else { self.path.parent().unwrap_or(&self.path) }
    }
}

/// Modules by name and by place. There are thousands of them, and few are ever asked for: names and
/// paths are not copied, the places are compared.
pub(crate) struct ModuleMap {
    by_name: HashTable<Named>,
    by_path: HashTable<ModuleId>,
}

/// The modules that a name may mean, each with the root that the name counts from. Nearly always
/// there is one.
struct Named {
    first: (Arc<Path>, ModuleId),
    others: Vec<(Arc<Path>, ModuleId)>,
}

impl Named {
    fn all(&self) -> impl Iterator<Item = &(Arc<Path>, ModuleId)> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn only(&self) -> Option<ModuleId> {
        self.others.is_empty().then_some(self.first.1)
    }

    fn is(&self, name: &str, modules: &[Module]) -> bool {
        let (root, id) = &self.first;
        place(modules, *id).is_named(name, root)
    }
}

fn place(modules: &[Module], id: ModuleId) -> &Place {
    &modules[id.0 as usize].place
}

impl ModuleMap {
    pub(crate) fn of(modules: &[Module]) -> Self {
        let count = modules.len();
        let mut by_name = HashTable::with_capacity(count);
        let mut by_path = HashTable::with_capacity(count);
        let path = |id: ModuleId| place(modules, id).path.as_os_str();
        let name_hash = |named: &Named| {
            let (root, id) = &named.first;
            place(modules, *id).name_from(root).map_or(0, |name| FxBuildHasher.hash_one(&*name))
        };
        let (stubs, code): (Vec<_>, Vec<_>) = modules
            .iter()
            .enumerate()
            .map(|(index, module)| (ModuleId(index as u32), &module.place))
            .partition(|(_, place)| place.is_stub);
        for (id, place) in code.into_iter().chain(stubs) {
            let own = place.path.as_os_str();
            let path_hash = |&known: &ModuleId| FxBuildHasher.hash_one(path(known));
            match by_path.entry(path_hash(&id), |&known| path(known) == own, path_hash) {
                Entry::Occupied(_) => continue,
                Entry::Vacant(free) => free.insert(id),
            };
            let roots = std::iter::once(&place.root).chain(&*place.other_roots);
            for root in roots {
                let Some(name) = place.name_from(root) else { continue };
                let is_same = |named: &Named| named.is(&name, modules);
                match by_name.entry(FxBuildHasher.hash_one(&*name), is_same, name_hash) {
                    Entry::Occupied(mut named) => {
                        if !named.get().all().any(|&(_, known)| known == id) {
                            named.get_mut().others.push((Arc::clone(root), id));
                        }
                    }
                    Entry::Vacant(free) => {
                        free.insert(Named { first: (Arc::clone(root), id), others: Vec::new() });
                    }
                }
            }
        }
        Self { by_name, by_path }
    }

    fn named(&self, modules: &[Module], name: &str) -> Option<&Named> {
        self.by_name.find(FxBuildHasher.hash_one(name), |named| named.is(name, modules))
    }

    /// The module that `import name` finds from `importer`: one of the same root, else the only one
    /// of that name. A single file beside other code is found only by its neighbours.
    pub(crate) fn absolute(
        &self,
        modules: &[Module],
        importer: ModuleId,
        name: &str,
    ) -> Option<ModuleId> {
        let named = self.named(modules, name)?;
        let own = &modules[importer.0 as usize].place;
        let near =
            named.all().find(|(root, _)| *root == own.root || own.other_roots.contains(root));
        if let Some(&(_, id)) = near {
            return Some(id);
        }
        let only = named.only()?;
        let is_reachable = name.contains('.') || modules[only.0 as usize].place.is_package;
        is_reachable.then_some(only)
    }

    /// The only module of that name.
    pub(crate) fn only(&self, modules: &[Module], name: &str) -> Option<ModuleId> {
        self.named(modules, name)?.only()
    }

    /// The module that a relative import with `level` dots finds from `importer`; with no name the
    /// package itself.
    pub(crate) fn relative(
        &self,
        modules: &[Module],
        importer: ModuleId,
        level: u32,
        name: &str,
    ) -> Option<ModuleId> {
        self.at(modules, &relative_path(&modules[importer.0 as usize].place, level, name)?)
    }

    /// The module that stands at a path without its suffix.
    pub(crate) fn at(&self, modules: &[Module], path: &Path) -> Option<ModuleId> {
        let text = path.as_os_str();
        let is_same = |&id: &ModuleId| place(modules, id).path.as_os_str() == text;
        self.by_path.find(FxBuildHasher.hash_one(text), is_same).copied()
    }

    /// The module `name` in the package `package`.
    pub(crate) fn below(
        &self,
        modules: &[Module],
        package: ModuleId,
        name: &str,
    ) -> Option<ModuleId> {
        let place = &modules[package.0 as usize].place;
        if !place.is_package {
            return None;
        }
        self.at(modules, &place.path.join(name))
    }
}

fn relative_path(importer: &Place, level: u32, name: &str) -> Option<PathBuf> {
    let mut folder = importer.folder();
    for _ in 1..level {
        folder = folder.parent()?;
    }
    let parts = name.split('.').filter(|part| !part.is_empty());
    Some(parts.fold(folder.to_owned(), |path, part| path.join(part)))
}
