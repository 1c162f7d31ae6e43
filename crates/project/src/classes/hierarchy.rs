//! Which classes inherit from which, over the whole project.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use asynclint_semantic::{Binding, BindingKind, ClassId, ScopeKind};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::Project;
use crate::calls::gives::Gives;
use crate::classes::mro::{Ancestor, MOST_ANCESTORS};
use crate::modules::parts::{Part, Parts};
use crate::modules::unread::Word;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, ModuleId};

/// For every class what the classes below it override.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// By class and hash of the name: the classes below that bind the name in their body. Empty for
    /// a project that is only partly read.
    overriding: FxHashMap<(ClassRef, u64), Overriding>,
    /// What [`Project::overrides`] has found where the project is only partly read.
    found: Parts<(ClassRef, u64), Overrides>,
    /// The direct bases of each class of the project.
    above: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// The reverse.
    below: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// All that lie below a class, as far as somebody has asked: a base may have thousands.
    all_below: Parts<ClassRef, Vec<ClassRef>>,
    /// The classes that another class of the project inherits from directly.
    inherited: FxHashSet<ClassRef>,
    /// Empty unless somebody wants to keep them.
    pub(crate) bases: Vec<Bases>,
}

/// The classes that bind one name of a class above them, in the order of modules.
#[derive(Debug, Default)]
struct Overriding {
    classes: Vec<ClassRef>,
    overrides: OnceLock<Overrides>,
}

/// What the classes below a class bind to one of its names.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// What their methods give, each once, as far as the definition alone says it: most overrides
    /// are one `def` without decorators, and a method may have thousands of them.
    pub(crate) plain: Vec<Gives>,
    /// The classes of which more has to be asked, in the order of modules.
    pub(crate) others: Vec<ClassRef>,
}

impl Overrides {
    fn of(resolver: &Resolver<'_>, classes: &[ClassRef], name: &str) -> Self {
        let mut found = Self::default();
        for &class in classes {
            match plain_method(resolver, class, name) {
                Some(gives) if found.plain.contains(&gives) => {}
                Some(gives) => found.plain.push(gives),
                None => found.others.push(class),
            }
        }
        found
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.others.is_empty()
    }
}

/// What the method gives that a class binds to the name by one `def` without decorators.
fn plain_method(resolver: &Resolver<'_>, class: ClassRef, name: &str) -> Option<Gives> {
    let outline = &resolver.project.facts(class.module).outline;
    let name = outline.names.get(name)?;
    let [Binding { kind: BindingKind::Function(id), .. }] =
        outline.bindings(outline.class(class.id).scope, name)
    else {
        return None;
    };
    let function = FunctionRef { module: class.module, id: *id };
    let own = resolver.project.function(function);
    let home = resolver.project.facts(class.module).body(own.home);
    home.list(own.decorators).is_empty().then(|| resolver.bare(function))
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
    /// What the classes below `class` that bind `name` in their body bind to it.
    pub(crate) fn overrides(&self, class: ClassRef, name: &str) -> Option<Part<'_, Overrides>> {
        self.reads.note_all();
        let hierarchy = self.hierarchy();
        let key = (class, hash(name));
        let of = |classes: &[ClassRef]| Overrides::of(&Resolver::new(self), classes, name);
        let found = if self.is_partly_read() {
            hierarchy.found.part(&key, || of(&hierarchy.overriding(self, class, name)))
        } else {
            let Overriding { classes, overrides } = hierarchy.overriding.get(&key)?;
            Part::Whole(overrides.get_or_init(|| of(classes)))
        };
        (!found.is_empty()).then_some(found)
    }

    /// Whether a class below `class` binds `name` in its body, if `class` does.
    pub(crate) fn is_bound_below(&self, class: ClassRef, name: &str) -> bool {
        if !self.is_partly_read() {
            return self.overrides(class, name).is_some();
        }
        self.reads.note_all();
        self.hierarchy().bound_below(self, class, name).next().is_some()
    }

    /// The classes below `class` that bind `name` in their body, in the order of modules, if `class`
    /// does.
    pub(crate) fn overriders(&self, class: ClassRef, name: &str) -> Vec<ClassRef> {
        self.reads.note_all();
        let hierarchy = self.hierarchy();
        if self.is_partly_read() {
            return hierarchy.overriding(self, class, name);
        }
        let known = hierarchy.overriding.get(&(class, hash(name)));
        known.map_or_else(Vec::new, |known| known.classes.clone())
    }

    /// All classes of the project below `class`, in the order of modules.
    pub(crate) fn classes_below(&self, class: ClassRef) -> Vec<ClassRef> {
        self.reads.note_all();
        let hierarchy = self.hierarchy();
        if !hierarchy.inherited.contains(&class) {
            return Vec::new();
        }
        let mut below = hierarchy.all_below.part(&class, || hierarchy.below(class)).to_vec();
        below.sort_by_key(|sub| (sub.module, sub.id));
        below
    }

    /// Whether a class of the project inherits from `class`.
    pub(crate) fn has_subclass(&self, class: ClassRef) -> bool {
        self.reads.note_all();
        self.hierarchy().inherited.contains(&class)
    }
}

impl Hierarchy {
    pub(crate) fn of(project: &Project<'_>) -> Self {
        let mut above: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
        let mut below: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
        let mut inherited = FxHashSet::default();
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
                let class = ClassRef::new(module, id);
                above.entry(class).or_default().push(base);
                inherited.insert(base);
                below.entry(base).or_default().push(class);
            }
            if project.reads.is_on() {
                bases.push(Bases { classes, read });
            }
        }
        if project.is_partly_read() {
            return Self { above, below, inherited, bases, ..Self::default() };
        }
        let mut hierarchy = Self { below, inherited, bases, ..Self::default() };
        for module in project.module_ids() {
            let outline = &project.facts(module).outline;
            for scope in &outline.scopes {
                let ScopeKind::Class(id) = scope.kind else { continue };
                let class = ClassRef::new(module, id);
                let mut names: Vec<u64> =
                    scope.bindings.iter().map(|b| hash(outline.text(b.name))).collect();
                names.dedup();
                if names.is_empty() {
                    continue;
                }
                for ancestor in ancestors(&above, class) {
                    for &name in &names {
                        hierarchy
                            .overriding
                            .entry((ancestor, name))
                            .or_default()
                            .classes
                            .push(class);
                    }
                }
            }
        }
        hierarchy.keep_what_is_defined(project);
        hierarchy
    }

    /// The classes below `class` that bind `name` in their body, in the order of modules. Of a
    /// project that is only partly read, only these are read.
    fn overriding(&self, project: &Project<'_>, class: ClassRef, name: &str) -> Vec<ClassRef> {
        let mut found: Vec<ClassRef> = self.bound_below(project, class, name).collect();
        found.sort_by_key(|sub| (sub.module, project.class(*sub).scope));
        found
    }

    /// The same, each read when it is its turn.
    fn bound_below<'p>(
        &'p self,
        project: &'p Project<'_>,
        class: ClassRef,
        name: &'p str,
    ) -> impl Iterator<Item = ClassRef> + 'p {
        let is_bound = self.below.contains_key(&class) && project.class_binds(class, name);
        let below = is_bound.then(|| self.all_below.part(&class, || self.below(class)));
        let bound_in =
            below.as_ref().map_or_else(Vec::new, |_| project.holding(&[Word::member(name)]));
        let mut at = 0;
        let below = std::iter::from_fn(move || {
            at += 1;
            below.as_ref()?.get(at - 1).copied()
        });
        below.filter(move |sub| {
            bound_in.binary_search(&sub.module).is_ok()
                && project.class_binds(*sub, name)
                && ancestors(&self.above, *sub).contains(&class)
        })
    }

    /// Every class below `class`.
    fn below(&self, class: ClassRef) -> Vec<ClassRef> {
        let mut seen = FxHashSet::from_iter([class]);
        let mut found = vec![class];
        let mut at = 0;
        while let Some(above) = found.get(at) {
            let next = self.below.get(above).into_iter().flatten().copied();
            let next: Vec<ClassRef> = next.filter(|&it| seen.insert(it)).collect();
            found.extend(next);
            at += 1;
        }
        found.split_off(1)
    }

    /// Only names that the class itself binds can be overridden.
    fn keep_what_is_defined(&mut self, project: &Project<'_>) {
        let mut defined: FxHashSet<(ClassRef, u64)> = FxHashSet::default();
        for module in project.module_ids() {
            let outline = &project.facts(module).outline;
            for scope in &outline.scopes {
                if let ScopeKind::Class(id) = scope.kind {
                    let class = ClassRef::new(module, id);
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
    FxBuildHasher.hash_one(name)
}
