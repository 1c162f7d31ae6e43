//! Modules of installed packages, read when an import first leads to them.
//!
//! They get their numbers in the order in which they are met, which depends on the threads: no
//! answer and no order of output may depend on these numbers.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::Module;
use crate::types::ModuleId;

/// Where installed packages are.
pub trait Installed: Send + Sync {
    /// Finds and reads the module of that dotted name; `None` if there is none, or none that can
    /// be read. Its place counts from the folder in which the package was found.
    fn read(&self, name: &str) -> Option<Module>;
}

type Slot = Arc<OnceLock<Option<ModuleId>>>;

/// The modules of installed packages that were needed so far.
pub(crate) struct Packages {
    installed: Option<Box<dyn Installed>>,
    /// The number of the first of them: those of the project come before.
    first: u32,
    modules: boxcar::Vec<(String, Module)>,
    slots: Mutex<FxHashMap<String, Slot>>,
}

impl Packages {
    pub(crate) fn new(installed: Option<Box<dyn Installed>>, first: u32) -> Self {
        let modules = boxcar::Vec::new();
        Self { installed, first, modules, slots: Mutex::default() }
    }

    /// The module of that name, which is read once, however many threads ask.
    pub(crate) fn module(&self, name: &str) -> Option<ModuleId> {
        let installed = self.installed.as_deref()?;
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            match slots.get(name) {
                Some(slot) => Arc::clone(slot),
                None => Arc::clone(slots.entry(name.to_owned()).or_default()),
            }
        };
        *slot.get_or_init(|| {
            let module = installed.read(name)?;
            let index = self.modules.push((name.to_owned(), module));
            Some(ModuleId(self.first + index as u32))
        })
    }

    pub(crate) fn get(&self, id: ModuleId) -> &Module {
        &self.entry(id).1
    }

    /// The dotted name of a module.
    pub(crate) fn name(&self, id: ModuleId) -> &str {
        &self.entry(id).0
    }

    fn entry(&self, id: ModuleId) -> &(String, Module) {
        &self.modules[(id.0 - self.first) as usize]
    }

    /// The name that a relative import with `level` dots in the module `importer` means.
    pub(crate) fn relative(&self, importer: ModuleId, level: u32, name: &str) -> Option<String> {
        let (own, module) = self.entry(importer);
        let mut package = own.as_str();
        let up = if module.place.is_package { level.checked_sub(1)? } else { level };
        for _ in 0..up {
            package = package.rsplit_once('.').map_or("", |(package, _)| package);
        }
        match (package, name) {
            ("", _) => None,
            (package, "") => Some(package.to_owned()),
            (package, name) => Some(format!("{package}.{name}")),
        }
    }
}
