//! Facts linked: what a name, an attribute or a call refers to, without a type checker.
//!
//! A [`Project`] is immutable. A [`Resolver`] answers questions about it and remembers its answers;
//! each checked file has a resolver of its own, so that no answer depends on what was asked before
//! for another file.

mod blocking;
mod decorators;
mod flow;
mod gives;
mod imports;
mod members;
mod names;
mod queries;
mod resolver;
mod types;
mod values;

pub use blocking::{Chain, Hop};
pub use gives::Gives;
pub use resolver::Resolver;
pub use types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type};

use std::sync::OnceLock;

use asynclint_catalog::Catalog;
use asynclint_semantic::{Class, Facts, Function};
use rustc_hash::FxHashMap;

/// A file of the project.
#[derive(Debug)]
pub struct Module {
    /// Dotted name by which other modules import it.
    pub name: String,
    /// Whether it is the `__init__` of a package.
    pub is_package: bool,
    /// What it holds.
    pub facts: Facts,
}

/// All files that are known, linked by name.
pub struct Project<'c> {
    modules: Vec<Module>,
    by_name: FxHashMap<String, ModuleId>,
    catalog: &'c Catalog,
    subclasses: OnceLock<members::Subclasses>,
}

impl<'c> Project<'c> {
    /// Links `modules`. Of two modules with one name the first is importable.
    pub fn new(modules: Vec<Module>, catalog: &'c Catalog) -> Self {
        let mut by_name = FxHashMap::default();
        for (index, module) in modules.iter().enumerate() {
            by_name.entry(module.name.clone()).or_insert(ModuleId(index as u32));
        }
        Self { modules, by_name, catalog, subclasses: OnceLock::new() }
    }

    /// The module `id`.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// The facts of the module `id`.
    pub fn facts(&self, id: ModuleId) -> &Facts {
        &self.module(id).facts
    }

    /// The module that `import name` would find.
    pub fn module_named(&self, name: &str) -> Option<ModuleId> {
        self.by_name.get(name).copied()
    }

    /// Every module.
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

    /// The name of a class.
    pub fn class_name(&self, class: ClassRef) -> &str {
        let outline = &self.facts(class.module).outline;
        outline.text(outline.class(class.id).name)
    }
}
