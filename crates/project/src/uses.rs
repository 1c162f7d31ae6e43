//! Every place of the project that names a coroutine function.

use std::path::Path;
use std::sync::Arc;

use asynclint_semantic::{BindingKind, BodyId, ExprId, ExprKind, Facts, Name, Names, ScopeKind};
use rustc_hash::FxHashMap;

use crate::modules::unread::{Word, last};
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, ModuleId, Type};
use crate::{Place, Project};

/// A place that names a function: a name or an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its module.
    pub module: ModuleId,
    /// Its body there.
    pub body: BodyId,
    /// The name or attribute.
    pub expr: ExprId,
    /// Whether it is known to name the function; else only the name is the same.
    pub is_sure: bool,
}

/// What has the name of a coroutine function, by that name.
#[derive(Debug, Default)]
struct Named {
    /// The functions of any colour and class bodies that bind it.
    definitions: Count,
    /// Names and attributes, in the order of modules and bodies.
    uses: Vec<Use>,
    /// The strings that say the name, by itself or at the end of a dotted path.
    said: Count,
    /// The imports that bind it to another name, or hand it on without using it.
    handed_on: Count,
}

/// How often something is so, by the root of the module: a name may stand in very many places, and
/// each function of that name asks.
#[derive(Debug, Default)]
struct Count {
    all: u32,
    below: FxHashMap<u32, u32>,
}

impl Count {
    fn add(&mut self, root: u32) {
        self.all += 1;
        *self.below.entry(root).or_default() += 1;
    }

    /// How often below the root, if there is one, else anywhere.
    fn of(&self, root: Option<u32>) -> u32 {
        root.map_or(self.all, |root| self.below.get(&root).copied().unwrap_or_default())
    }
}

/// Where the names of coroutine functions stand, over the whole project.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    names: FxHashMap<Box<str>, u32>,
    named: Vec<Named>,
    roots: FxHashMap<Arc<Path>, u32>,
}

impl Uses {
    /// Of all names, or of one.
    pub(crate) fn of(project: &Project<'_>, only: Option<&str>) -> Self {
        let modules = project.modules_for(only);
        let mut uses = Self::default();
        for &module in &modules {
            let outline = &project.facts(module).outline;
            let coroutines = outline.functions.iter().filter(|function| function.is_async);
            for name in coroutines.filter_map(|function| function.name) {
                if only.is_some_and(|only| only != outline.text(name)) {
                    continue;
                }
                let next = uses.named.len() as u32;
                if let std::collections::hash_map::Entry::Vacant(new) =
                    uses.names.entry(outline.text(name).into())
                {
                    new.insert(next);
                    uses.named.push(Named::default());
                }
            }
        }
        for id in modules {
            uses.add(id, &project.module(id).place, project.facts(id));
        }
        uses
    }

    fn add(&mut self, id: ModuleId, place: &Place, facts: &Facts) {
        let outline = &facts.outline;
        let here = self.named_in(&outline.names);
        if here.is_empty() {
            return;
        }
        let next = self.roots.len() as u32;
        let root = *self.roots.entry(place.root.clone()).or_insert(next);
        for name in definitions(facts) {
            if let Some(&index) = here.get(&name) {
                self.named[index as usize].definitions.add(root);
            }
        }
        let mut imported: Vec<(u32, bool)> = Vec::new();
        for scope in &outline.scopes {
            for binding in &scope.bindings {
                let BindingKind::Import(import) = &binding.kind else { continue };
                let Some(member) = import.member else { continue };
                let Some(&index) = here.get(&member) else { continue };
                imported.push((index, binding.name != member));
            }
        }
        for body in facts.body_ids() {
            let code = facts.body(body);
            for expr in code.expr_ids() {
                match code.kind(expr) {
                    ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                        if let Some(&index) = here.get(&name) {
                            let site = Use { module: id, body, expr, is_sure: false };
                            self.named[index as usize].uses.push(site);
                        }
                    }
                    ExprKind::Str(Some(text)) => {
                        if let Some(index) = self.named_by(outline.text(text)) {
                            self.named[index as usize].said.add(root);
                        }
                    }
                    _ => {}
                }
            }
        }
        for (index, is_renamed) in imported {
            let named = &mut self.named[index as usize];
            // The uses of this module come last.
            if is_renamed || named.uses.last().is_none_or(|last| last.module != id) {
                named.handed_on.add(root);
            }
        }
    }

    /// The names of a file that are names of coroutine functions.
    fn named_in(&self, names: &Names) -> FxHashMap<Name, u32> {
        let known = names.iter().filter_map(|name| {
            let index = self.named_by(names.text(name))?;
            Some((name, index))
        });
        known.collect()
    }

    /// The coroutine functions that a text names: `refresh`, `shop.tasks.refresh`,
    /// `shop.tasks:refresh`.
    fn named_by(&self, text: &str) -> Option<u32> {
        self.names.get(last(text)).copied()
    }

    /// The number of a root; of one that holds no names, one at which nothing is counted.
    fn root(&self, root: &Path) -> u32 {
        self.roots.get(root).copied().unwrap_or(u32::MAX)
    }

    fn get(&self, name: &str) -> Option<&Named> {
        let index = *self.names.get(name)?;
        Some(&self.named[index as usize])
    }
}

/// The names of a file's functions, and those that a class body binds to something else: an import
/// in a class body hands on what it names.
fn definitions(facts: &Facts) -> impl Iterator<Item = Name> {
    let outline = &facts.outline;
    let functions = outline.functions.iter().filter_map(|function| function.name);
    let classes = outline.scopes.iter().filter(|it| matches!(it.kind, ScopeKind::Class(_)));
    let bound = classes.flat_map(|scope| &scope.bindings).filter(|binding| {
        !matches!(binding.kind, BindingKind::Import(_) | BindingKind::Function(_))
    });
    functions.chain(bound.map(|binding| binding.name))
}

impl Resolver<'_> {
    /// Every place of the project that names the coroutine function, sure or not. `None` where
    /// that cannot be told: something else has the same name, a string says it, or a module
    /// imports it under another name or hands it on.
    pub fn uses(&self, function: FunctionRef) -> Option<Vec<Use>> {
        let name = self.project.function_name(function);
        // Thousands of files may have a word that very many functions are called by.
        if self.project.is_partly_read() && self.is_defined_again(function, name) {
            return None;
        }
        let uses = self.project.uses(name);
        let named = uses.get(name)?;
        let root = self.known_below(function).map(|root| uses.root(root));
        let is_only = named.definitions.of(root) == 1;
        if is_only && named.said.of(root) == 0 { self.open_uses(function) } else { None }
    }

    /// Whether something else has the name of the function where code can get at the function.
    fn is_defined_again(&self, function: FunctionRef, name: &str) -> bool {
        let modules = self.project.holding(&[Word::function(name), Word::member(name)]);
        let of_name =
            modules.into_iter().filter(|&it| self.knows_of(it, function)).flat_map(|it| {
                let facts = self.project.facts(it);
                let own = facts.outline.names.get(name);
                definitions(facts).filter(move |&defined| Some(defined) == own)
            });
        of_name.take(2).count() == 2
    }

    /// As [`Resolver::uses`], where others may have the same name and strings may say it.
    pub fn open_uses(&self, function: FunctionRef) -> Option<Vec<Use>> {
        self.few_open_uses(function, usize::MAX)
    }

    /// As [`Resolver::open_uses`]; `None` as well where the name stands in more places than `most`.
    pub(crate) fn few_open_uses(&self, function: FunctionRef, most: usize) -> Option<Vec<Use>> {
        let name = self.project.function_name(function);
        let uses = self.project.uses(name);
        let named = uses.get(name)?;
        let root = self.known_below(function).map(|root| uses.root(root));
        if named.handed_on.of(root) > 0 || named.uses.len() > most {
            return None;
        }
        let sites = named.uses.iter();
        Some(sites.filter_map(|&site| self.naming(site, function)).collect())
    }

    /// Where code can get at the function without importing it by its place: a file that stands in
    /// no package is known to its neighbours only. `None` for everywhere.
    fn known_below(&self, function: FunctionRef) -> Option<&Path> {
        let own = &self.project.module(function.module).place;
        let is_in_package = own.is_package || own.path.parent() != Some(&own.root);
        (!is_in_package).then_some(&*own.root)
    }

    fn knows_of(&self, module: ModuleId, function: FunctionRef) -> bool {
        let root = self.known_below(function);
        root.is_none_or(|root| *self.project.module(module).place.root == *root)
    }

    /// The place, if it may name the function: anything else is known not to.
    fn naming(&self, site: Use, function: FunctionRef) -> Option<Use> {
        let facts = self.project.facts(site.module);
        let body = facts.body(site.body);
        let scope = body.expr(site.expr).scope;
        let value = self.value(ExprRef { module: site.module, body: site.body, id: site.expr });
        let is_it = |part: &Type| match part {
            Type::Function(known) | Type::Method(known) => *known == function,
            _ => false,
        };
        let may_be = |part: &Type| match part {
            Type::Unknown(_) => match body.kind(site.expr) {
                // A variable or parameter of that name is something else.
                ExprKind::Name(name) => facts.outline.lookup(scope, name).is_some_and(|scope| {
                    facts.outline.bindings(scope, name).iter().any(|binding| {
                        matches!(binding.kind, BindingKind::Function(_) | BindingKind::Import(_))
                    })
                }),
                _ => true,
            },
            _ => false,
        };
        let is_sure = value.parts().iter().any(is_it);
        let may_be = || self.knows_of(site.module, function) && value.parts().iter().any(may_be);
        (is_sure || may_be()).then_some(Use { is_sure, ..site })
    }

    /// Whether a method is the first of its name: its class and those above it are all read, none
    /// is a library's, and none above binds the name. A function is none that overrides.
    pub fn overrides_nothing(&self, function: FunctionRef) -> bool {
        let Some(class) = self.project.class_of(function) else { return true };
        let name = self.project.function_name(function);
        self.own_ancestors(class).is_some_and(|ancestors| {
            let mut above = ancestors.into_iter().filter(|&above| above != class);
            above.all(|above| !self.project.class_binds(above, name))
        })
    }

    /// Whether a method is there for code that cannot be read: its class, or one above it, is made
    /// for others to fill in, or stands in a file that asks for attributes under computed names.
    pub fn may_be_called_from_outside(&self, method: FunctionRef) -> bool {
        let Some(class) = self.project.class_of(method) else { return false };
        self.known_ancestors(class).is_none_or(|ancestors| {
            ancestors
                .into_iter()
                .any(|above| self.is_abstract(above) || self.computes_names(above.module))
        })
    }

    /// `class C(ABC)`, `metaclass=ABCMeta`, or an abstract method.
    fn is_abstract(&self, class: ClassRef) -> bool {
        let facts = self.project.facts(class.module);
        let own = self.project.class(class);
        let body = facts.body(own.home);
        let is_named = |id: ExprId, word: &str| {
            body.last_name(id).is_some_and(|name| facts.outline.text(name).contains(word))
        };
        let bases = body.list(own.bases).iter().copied();
        let mut above = bases.chain(own.keywords.iter().map(|&(_, value)| value));
        let mut methods =
            facts.outline.functions.iter().filter(|function| function.class == Some(class.id));
        above.any(|id| is_named(id, "ABC") || is_named(id, "Protocol"))
            || methods.any(|method| {
                let decorators = facts.body(method.home).list(method.decorators);
                decorators.iter().any(|&id| is_named(id, "abstract"))
            })
    }

    /// Whether the file calls `getattr` with a name that only the running program knows.
    fn computes_names(&self, module: ModuleId) -> bool {
        let facts = self.project.facts(module);
        let Some(getattr) = facts.outline.names.get("getattr") else { return false };
        facts.bodies.iter().any(|body| {
            body.expr_ids().any(|call| {
                let is_getattr =
                    body.callee(call).is_some_and(|id| body.kind(id) == ExprKind::Name(getattr));
                let name = body.arguments(call).get(1).map(|argument| body.kind(argument.value));
                is_getattr && name.is_some_and(|name| !matches!(name, ExprKind::Str(Some(_))))
            })
        })
    }
}
