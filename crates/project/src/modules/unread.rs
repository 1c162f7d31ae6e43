//! Modules whose facts are read when somebody first asks for them.
//!
//! A run over one file of a large project needs a small part of it. What concerns the whole project
//! is asked for by words: [`Unread`] knows which modules may hold a word, and these alone are read.

use std::hash::BuildHasher;

use asynclint_semantic::{ClassId, Facts, ScopeKind, StmtKind};
use rustc_hash::FxBuildHasher;

use crate::types::{ClassRef, ModuleId};
use crate::{Project, habits};

/// What is known of modules that nobody has read yet.
pub trait Unread: Send + Sync {
    /// The facts of a module.
    fn facts(&self, module: ModuleId) -> Facts;

    /// The modules that may hold a word: all that do, and a few that do not.
    fn holding(&self, word: Word) -> Vec<ModuleId>;

    /// What the classes of a module inherit from directly, if that is known of modules as they are.
    fn bases(&self, module: ModuleId) -> Option<Vec<(ClassId, ClassRef)>>;
}

/// What modules are looked up by: a name or a way to write something, as a hash. Two words that
/// share one make a module be read for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u32);

/// What a word is about.
#[derive(Hash)]
enum About<'a> {
    /// A name or short string, by what stands behind its last `.` or `:`.
    Name(&'a str),
    /// A name that the body of a class binds.
    Member(&'a str),
    /// The name of a function that is no method.
    Function(&'a str),
    /// A call as habits know it.
    Call(u64),
    /// Such a call that is awaited.
    AwaitedCall(u64),
    /// A `with` or `async with`.
    With,
}

impl Word {
    fn of(about: &About<'_>) -> Self {
        let hash = FxBuildHasher.hash_one(about);
        Self((hash ^ (hash >> 32)) as u32)
    }

    /// Of a name, or of a string that ends with it.
    pub(crate) fn name(name: &str) -> Self {
        Self::of(&About::Name(last(name)))
    }

    /// Of a name that the body of a class binds.
    pub(crate) fn member(name: &str) -> Self {
        Self::of(&About::Member(name))
    }

    /// Of the name of a function that is no method.
    pub(crate) fn function(name: &str) -> Self {
        Self::of(&About::Function(name))
    }

    /// Of a call that is written in a way.
    pub(crate) fn call(written: u64) -> Self {
        Self::of(&About::Call(written))
    }

    /// Of a call that is written in a way, and awaited.
    pub(crate) fn awaited_call(written: u64) -> Self {
        Self::of(&About::AwaitedCall(written))
    }

    /// Of the statement `with`.
    pub(crate) fn with() -> Self {
        Self::of(&About::With)
    }

    /// Every word that a file holds, sorted, each once.
    pub fn all(facts: &Facts) -> Vec<Self> {
        let outline = &facts.outline;
        let mut words: Vec<Self> =
            outline.names.all().map(|name| Self::name(outline.text(name))).collect();
        let classes = outline.scopes.iter().filter(|it| matches!(it.kind, ScopeKind::Class(_)));
        let members = classes.flat_map(|scope| &scope.bindings);
        words.extend(members.map(|binding| Self::member(outline.text(binding.name))));
        let functions = outline.functions.iter().filter(|function| function.class.is_none());
        let names = functions.filter_map(|function| function.name);
        words.extend(names.map(|name| Self::function(outline.text(name))));
        let has_with = facts.bodies.iter().any(|body| {
            body.stmt_ids().any(|id| matches!(body.stmt(id).kind, StmtKind::With { .. }))
        });
        words.extend(has_with.then(Self::with));
        habits::each_call(facts, |written, is_awaited| {
            words.push(Self::call(written));
            if is_awaited {
                words.push(Self::awaited_call(written));
            }
        });
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// What stands behind the last `.` or `:` of a name: `refresh` of `shop.tasks.refresh` and of
/// `shop.tasks:refresh`.
pub(crate) fn last(text: &str) -> &str {
    text.rsplit(['.', ':']).next().unwrap_or(text)
}

impl<'c> Project<'c> {
    /// The same project, of which `unread` knows the modules that came without facts.
    pub fn with_unread(self, unread: Box<dyn Unread + 'c>) -> Self {
        Self { unread: Some(unread), ..self }
    }

    /// Whether some modules may never be read.
    pub fn is_partly_read(&self) -> bool {
        self.unread.is_some()
    }

    /// The modules that may hold one of the words, in order.
    pub(crate) fn holding(&self, words: &[Word]) -> Vec<ModuleId> {
        self.reads.note_all();
        let Some(unread) = &self.unread else { return self.module_ids().collect() };
        let mut found: Vec<ModuleId> = words.iter().flat_map(|&it| unread.holding(it)).collect();
        found.extend(&self.given);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The modules that may have the name, in order: all that have, and others.
    pub fn modules_naming(&self, name: &str) -> Vec<ModuleId> {
        self.holding(&[Word::name(name)])
    }

    /// The modules that may have the name, or all where none is asked for.
    pub(crate) fn modules_for(&self, only: Option<&str>) -> Vec<ModuleId> {
        only.map_or_else(|| self.module_ids().collect(), |name| self.modules_naming(name))
    }
}
