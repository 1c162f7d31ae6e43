//! Facts linked: what a name, an attribute or a call refers to, without a type checker.
//!
//! A [`Project`] is immutable. A [`Resolver`] answers questions about it and remembers its answers;
//! each checked file has a resolver of its own, so that no answer depends on what was asked before
//! for another file.

mod added;
mod blocking;
mod constructions;
mod containers;
mod decorators;
mod elements;
mod fixtures;
mod flow;
mod generators;
mod gives;
mod habits;
mod handed;
mod hierarchy;
mod implied;
mod imports;
mod installed;
mod locals;
mod locks;
mod loops;
mod members;
mod modules;
mod named;
mod names;
mod narrow;
mod parameters;
mod plain;
mod protocols;
mod queries;
mod resolver;
mod results;
mod scopes;
mod testing;
mod threads;
mod types;
mod uses;
mod values;
mod waits;
mod why;

pub use added::{Added, Sink};
pub use blocking::{Chain, End, Hop};
pub use gives::Gives;
pub use habits::{Counts, Habit};
pub use handed::Handed;
pub use installed::Installed;
pub use locals::Local;
pub use locks::{Hold, Inversion, Lock, LockId, ObjectPlace, Taken, Taking};
pub use modules::Place;
pub use parameters::{LOOK_AT_TYPES, WantsValue, is_of_coroutines};
pub use plain::Plain;
pub use protocols::{Manner, Object, Origin};
pub use queries::Started;
pub use resolver::Resolver;
pub use results::NoFunction;
pub use scopes::{Guard, Guarded};
pub use testing::{AsyncMarks, is_async_mark};
pub use threads::InThread;
pub use types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type};
pub use uses::Use;
pub use why::Step;

use std::sync::OnceLock;

use asynclint_catalog::Catalog;
use asynclint_semantic::{Class, Facts, Function, MODULE_SCOPE};

use constructions::Constructions;
use habits::Habits;
use hierarchy::Hierarchy;
use installed::Packages;
use modules::ModuleMap;
use threads::Threads;
use uses::Uses;

/// Packages that let an event loop run within another.
const NESTING: &[&str] = &["nest_asyncio", "nest_asyncio2", "nested_asyncio"];

/// A file of the project, or of an installed package.
#[derive(Debug)]
pub struct Module {
    /// Where it stands.
    pub place: Place,
    /// What it holds.
    pub facts: Facts,
}

/// All files that are known, linked by name.
pub struct Project<'c> {
    modules: Vec<Module>,
    map: ModuleMap,
    packages: Packages,
    catalog: &'c Catalog,
    added: Added,
    hierarchy: OnceLock<Hierarchy>,
    remakes: OnceLock<bool>,
    threads: OnceLock<Threads>,
    uses: OnceLock<Uses>,
    inversions: OnceLock<Vec<Inversion>>,
    marks: OnceLock<AsyncMarks>,
    nests: OnceLock<bool>,
    habits: OnceLock<Habits>,
    constructions: OnceLock<Constructions>,
}

impl<'c> Project<'c> {
    /// Links `modules`. What they import from elsewhere is looked up in `installed` and in the
    /// catalogue.
    pub fn new(
        modules: Vec<Module>,
        catalog: &'c Catalog,
        installed: Option<Box<dyn Installed>>,
    ) -> Self {
        let map = ModuleMap::of(&modules);
        let packages = Packages::new(installed, modules.len() as u32);
        Self {
            modules,
            map,
            packages,
            catalog,
            added: Added::default(),
            hierarchy: OnceLock::new(),
            remakes: OnceLock::new(),
            threads: OnceLock::new(),
            uses: OnceLock::new(),
            inversions: OnceLock::new(),
            marks: OnceLock::new(),
            nests: OnceLock::new(),
            habits: OnceLock::new(),
            constructions: OnceLock::new(),
        }
    }

    /// The same project with what a config adds.
    pub fn with(self, added: Added) -> Self {
        Self { added, ..self }
    }

    /// What a config adds to what can be read from code.
    pub fn added(&self) -> &Added {
        &self.added
    }

    /// The modules back, to link them anew with some of them changed.
    pub fn into_modules(self) -> Vec<Module> {
        self.modules
    }

    /// Finds out which classes inherit from which, before many threads ask at once.
    pub fn link(&self) {
        self.hierarchy();
    }

    pub(crate) fn hierarchy(&self) -> &Hierarchy {
        self.hierarchy.get_or_init(|| Hierarchy::of(self))
    }

    /// Found out when a lint first asks: most runs never do.
    pub(crate) fn threads(&self) -> &Threads {
        self.threads.get_or_init(|| Threads::of(self))
    }

    pub(crate) fn uses(&self) -> &Uses {
        self.uses.get_or_init(|| Uses::of(self))
    }

    pub(crate) fn constructions(&self) -> &Constructions {
        self.constructions.get_or_init(|| Constructions::of(self))
    }

    /// Whether some code of the project looks for coroutine functions among attributes and sets
    /// these anew under computed names: then methods that are `async def` may be called as plain
    /// ones outside coroutines.
    pub fn remakes_coroutine_functions(&self) -> bool {
        *self.remakes.get_or_init(|| {
            self.modules.iter().any(|module| {
                let outline = &module.facts.outline;
                let asks = outline.names.get("iscoroutinefunction").is_some();
                asks && !outline.dynamic_writes.is_empty()
            })
        })
    }

    /// The locks that the project takes in both orders, in the order of modules and text.
    pub fn lock_inversions(&self) -> &[Inversion] {
        self.inversions.get_or_init(|| Inversion::all(self))
    }

    /// Whether loops may run within loops where the code of `module` runs: it uses a package that
    /// makes asyncio do so, or any module of the project imports one at its top.
    pub fn nests_event_loops(&self, module: ModuleId) -> bool {
        let at_top = |module: &Module| {
            let outline = &module.facts.outline;
            let names = NESTING.iter().filter_map(|name| outline.names.get(name));
            names.into_iter().any(|name| !outline.bindings(MODULE_SCOPE, name).is_empty())
        };
        let names = &self.facts(module).outline.names;
        NESTING.iter().any(|name| names.get(name).is_some())
            || *self.nests.get_or_init(|| self.modules.iter().any(at_top))
    }

    /// The module `id`.
    pub fn module(&self, id: ModuleId) -> &Module {
        self.modules.get(id.0 as usize).unwrap_or_else(|| self.packages.get(id))
    }

    /// Whether the module belongs to an installed package.
    pub fn is_installed(&self, id: ModuleId) -> bool {
        id.0 as usize >= self.modules.len()
    }

    /// The facts of the module `id`.
    pub fn facts(&self, id: ModuleId) -> &Facts {
        &self.module(id).facts
    }

    /// Every module of the project itself.
    pub fn module_ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len() as u32).map(ModuleId)
    }

    /// What is known of libraries.
    pub fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    /// The function that a reference names.
    pub fn function(&self, function: FunctionRef) -> &Function {
        self.facts(function.module).outline.function(function.id)
    }

    /// The class that a reference names.
    pub fn class(&self, class: ClassRef) -> &Class {
        self.facts(class.module).outline.class(class.id)
    }

    /// The name of a function as its file spells it; `<lambda>` for a lambda.
    pub fn function_name(&self, function: FunctionRef) -> &str {
        let outline = &self.facts(function.module).outline;
        outline.function(function.id).name.map_or("<lambda>", |name| outline.text(name))
    }

    /// The dotted name by which absolute imports reach a function; a method stands behind its
    /// class. `None` for what is nested in a function.
    pub fn qualified_name(&self, function: FunctionRef) -> Option<String> {
        let module = self.module(function.module);
        let own = self.function(function);
        let outline = &module.facts.outline;
        let home = own.class.map_or(own.home_scope, |class| outline.class(class).home_scope);
        let class = own.class.map(|class| outline.text(outline.class(class).name));
        let parts = [Some(module.place.name()?), class.map(str::to_owned)];
        let name = self.function_name(function).to_owned();
        let parts: Vec<_> = parts.into_iter().flatten().chain([name]).collect();
        (home == MODULE_SCOPE && own.name.is_some()).then(|| parts.join("."))
    }

    /// The class whose body defines a function.
    pub fn class_of(&self, function: FunctionRef) -> Option<ClassRef> {
        let id = self.function(function).class?;
        Some(ClassRef { module: function.module, id })
    }

    /// The name of a class.
    pub fn class_name(&self, class: ClassRef) -> &str {
        let outline = &self.facts(class.module).outline;
        outline.text(outline.class(class.id).name)
    }
}
