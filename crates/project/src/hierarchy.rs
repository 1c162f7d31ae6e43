//! Which classes inherit from which, over the whole project.

use std::hash::{Hash, Hasher};

use asynclint_semantic::ScopeKind;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::Project;
use crate::members::{Ancestor, MOST_ANCESTORS};
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, ModuleId};

/// For every class what the classes below it override.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// By class and hash of the name: the classes below that bind the name in their body.
    overriding: FxHashMap<(ClassRef, u64), Vec<ClassRef>>,
}

impl Hierarchy {
    /// The classes below `class` that bind `name` in their body, in the order of modules.
    pub(crate) fn overriding(&self, class: ClassRef, name: &str) -> &[ClassRef] {
        self.overriding.get(&(class, hash(name))).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of(project: &Project<'_>) -> Self {
        let mut above: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
        for module in project.module_ids() {
            let resolver = Resolver::new(project);
            // The bases of a class must not hang on the overrides below it.
            resolver.linking.set(true);
            for (class, base) in direct_bases(&resolver, module) {
                above.entry(class).or_default().push(base);
            }
        }
        let mut hierarchy = Self::default();
        for module in project.module_ids() {
            let outline = &project.facts(module).outline;
            for scope in &outline.scopes {
                let ScopeKind::Class(id) = scope.kind else { continue };
                let class = ClassRef { module, id };
                let mut names: Vec<u64> =
                    scope.bindings.iter().map(|b| hash(outline.text(b.name))).collect();
                names.dedup();
                if names.is_empty() {
                    continue;
                }
                for ancestor in ancestors(&above, class) {
                    for &name in &names {
                        hierarchy.overriding.entry((ancestor, name)).or_default().push(class);
                    }
                }
            }
        }
        hierarchy.keep_what_is_defined(project);
        hierarchy
    }

    /// Only names that the class itself binds can be overridden.
    fn keep_what_is_defined(&mut self, project: &Project<'_>) {
        let mut defined: FxHashSet<(ClassRef, u64)> = FxHashSet::default();
        for module in project.module_ids() {
            let outline = &project.facts(module).outline;
            for scope in &outline.scopes {
                if let ScopeKind::Class(id) = scope.kind {
                    let class = ClassRef { module, id };
                    let names = scope.bindings.iter().map(|b| hash(outline.text(b.name)));
                    defined.extend(names.map(|name| (class, name)));
                }
            }
        }
        self.overriding.retain(|key, _| defined.contains(key));
        self.overriding.shrink_to_fit();
    }
}

/// The classes of a module, each with the classes of the project that it inherits from directly.
fn direct_bases(resolver: &Resolver<'_>, module: ModuleId) -> Vec<(ClassRef, ClassRef)> {
    let facts = resolver.project.facts(module);
    let mut found = Vec::new();
    for scope in &facts.outline.scopes {
        let ScopeKind::Class(id) = scope.kind else { continue };
        let own = facts.outline.class(id);
        for &base in facts.body(own.home).list(own.bases) {
            let at = ExprRef { module, body: own.home, id: base };
            if let Ancestor::Project(base) = resolver.base(at) {
                found.push((ClassRef { module, id }, base));
            }
        }
    }
    found
}

/// The closest classes above `class`, at most [`MOST_ANCESTORS`]: nobody writes more, and all pairs
/// of a class and one above it are kept.
fn ancestors(above: &FxHashMap<ClassRef, Vec<ClassRef>>, class: ClassRef) -> Vec<ClassRef> {
    let mut seen = FxHashSet::from_iter([class]);
    let mut found: Vec<ClassRef> = Vec::new();
    let mut next = 0;
    let mut at = class;
    while found.len() < MOST_ANCESTORS {
        found.extend(above.get(&at).into_iter().flatten().filter(|base| seen.insert(**base)));
        let Some(&first) = found.get(next) else { break };
        (at, next) = (first, next + 1);
    }
    found
}

/// Names of different files are compared by their hash: two names that share 64 bits would make a
/// method look overridden, and a finding silent.
fn hash(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    hasher.finish()
}
