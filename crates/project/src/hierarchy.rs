//! Which classes inherit from which, over the whole project.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use asynclint_semantic::{ClassId, ScopeKind};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::Project;
use crate::members::{Ancestor, MOST_ANCESTORS};
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, ModuleId};
use crate::unread::Word;

/// For every class what the classes below it override.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// By class and hash of the name: the classes below that bind the name in their body. Empty for
    /// a project that is only partly read.
    overriding: FxHashMap<(ClassRef, u64), Vec<ClassRef>>,
    /// The direct bases of each class of the project.
    above: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// The reverse, where the project is only partly read.
    below: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// Empty unless somebody wants to keep them.
    pub(crate) bases: Vec<Bases>,
}

/// What the classes of one module inherit from directly.
#[derive(Debug)]
pub struct Bases {
    /// Each class with each of its bases that is a class of the project, in the order of the text.
    pub classes: Vec<(ClassId, ClassRef)>,
    /// The modules of the project that had to be read to know it, sorted; `None` for all of them.
    pub read: Option<Vec<ModuleId>>,
}

impl Project<'_> {
    /// The classes below `class` that bind `name` in their body, in the order of modules.
    pub(crate) fn overriding(&self, class: ClassRef, name: &str) -> Cow<'_, [ClassRef]> {
        self.reads.note_all();
        let hierarchy = self.hierarchy();
        if self.is_partly_read() {
            return hierarchy.find_overriding(self, class, name).into();
        }
        hierarchy.overriding.get(&(class, hash(name))).map_or(&[][..], Vec::as_slice).into()
    }
}

impl Hierarchy {
    pub(crate) fn of(project: &Project<'_>) -> Self {
        let mut above: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
        let mut below: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
        let mut bases = Vec::new();
        for module in project.module_ids() {
            let known = project.unread.as_ref().and_then(|unread| unread.bases(module));
            let (classes, read) = match known {
                Some(known) => (known, None),
                None => project.reads.during(|| {
                    let resolver = Resolver::new(project);
                    // The bases of a class must not hang on the overrides below it.
                    resolver.linking.set(true);
                    direct_bases(&resolver, module)
                }),
            };
            for &(id, base) in &classes {
                let class = ClassRef { module, id };
                above.entry(class).or_default().push(base);
                if project.is_partly_read() {
                    below.entry(base).or_default().push(class);
                }
            }
            if project.reads.is_on() {
                bases.push(Bases { classes, read });
            }
        }
        if project.is_partly_read() {
            return Self { above, below, bases, ..Self::default() };
        }
        let mut hierarchy = Self { bases, ..Self::default() };
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

    /// As [`Project::overriding`], where only the classes below are read.
    fn find_overriding(&self, project: &Project<'_>, class: ClassRef, name: &str) -> Vec<ClassRef> {
        let below = self.below(class);
        if below.is_empty() || !binds(project, class, name) {
            return Vec::new();
        }
        let bound_in = project.holding(&[Word::member(name)]);
        let is_bound = |sub: &ClassRef| {
            bound_in.binary_search(&sub.module).is_ok()
                && binds(project, *sub, name)
                && ancestors(&self.above, *sub).contains(&class)
        };
        let mut found: Vec<ClassRef> = below.into_iter().filter(is_bound).collect();
        found.sort_by_key(|sub| {
            (sub.module, project.class(*sub).scope)
        });
        found
    }

    /// Every class below `class`.
    fn below(&self, class: ClassRef) -> FxHashSet<ClassRef> {
        let mut found = FxHashSet::default();
        let mut open = vec![class];
        while let Some(at) = open.pop() {
            let next = self.below.get(&at).into_iter().flatten().copied();
            open.extend(next.filter(|&it| it != class && found.insert(it)));
        }
        found
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
fn direct_bases(resolver: &Resolver<'_>, module: ModuleId) -> Vec<(ClassId, ClassRef)> {
    let facts = resolver.project.facts(module);
    let mut found = Vec::new();
    for scope in &facts.outline.scopes {
        let ScopeKind::Class(id) = scope.kind else { continue };
        let own = facts.outline.class(id);
        for &base in facts.body(own.home).list(own.bases) {
            let at = ExprRef { module, body: own.home, id: base };
            if let Ancestor::Project(base) = resolver.base(at)
                && !resolver.project.is_installed(base.module)
            {
                found.push((id, base));
            }
        }
    }
    found
}

/// Whether the body of the class binds the name.
fn binds(project: &Project<'_>, class: ClassRef, name: &str) -> bool {
    let outline = &project.facts(class.module).outline;
    let scope = outline.class(class.id).scope;
    outline.names.get(name).is_some_and(|name| !outline.bindings(scope, name).is_empty())
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
