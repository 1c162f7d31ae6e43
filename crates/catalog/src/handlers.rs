//! Functions that a library calls: what it hands to their parameters.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::shape::RawHandlers;

/// How a library comes by a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// By a decorator, or by what is called to make one.
    Decorator,
    /// As a method that a class below one of the library's defines.
    Override,
    /// As an argument of a call.
    Argument,
    /// By its name, at the top of a module that imports the library.
    Module,
}

/// Functions that a library calls with the same objects.
#[derive(Debug)]
pub struct Handlers {
    given: Box<[Box<str>]>,
    named: FxHashMap<Box<str>, Box<[Box<str>]>>,
    chained: FxHashSet<Box<str>>,
}

impl Handlers {
    /// The classes of the positional arguments, `self` not counted, that a function of the name is
    /// called with.
    pub fn given(&self, function: &str) -> Option<&[Box<str>]> {
        let given = self.named.get(function).unwrap_or(&self.given);
        (!given.is_empty()).then_some(given)
    }

    /// Whether what the decorator made has a decorator of its own under the name, for functions that
    /// are called with the same: `@group.command()`.
    pub fn chains(&self, attribute: &str) -> bool {
        self.chained.contains(attribute)
    }
}

/// The handlers that one library file tells of.
#[derive(Debug, Default)]
pub(crate) struct AllHandlers {
    all: Vec<Handlers>,
    by_name: FxHashMap<Box<str>, Vec<(Registration, usize)>>,
}

impl AllHandlers {
    pub(crate) fn add(&mut self, raw: RawHandlers) {
        let next = self.all.len();
        let ways = [
            (Registration::Decorator, raw.decorators),
            (Registration::Override, raw.overrides),
            (Registration::Argument, raw.arguments),
            (Registration::Module, raw.modules),
        ];
        for (way, names) in ways {
            for name in names {
                self.by_name.entry(name).or_default().push((way, next));
            }
        }
        self.all.push(Handlers {
            given: raw.given.into(),
            named: raw.named.0.into_iter().map(|(name, given)| (name, given.into())).collect(),
            chained: raw.chained.into_iter().collect(),
        });
    }

    pub(crate) fn under(
        &self,
        way: Registration,
        qualified: &str,
    ) -> impl Iterator<Item = &Handlers> {
        let found = self.by_name.get(qualified).into_iter().flatten();
        found.filter(move |(known, _)| *known == way).map(|&(_, index)| &self.all[index])
    }

    /// The top-level modules of what finds functions by their names.
    pub(crate) fn finders(&self) -> impl Iterator<Item = &str> {
        let finds = |ways: &[(Registration, usize)]| {
            ways.iter().any(|(way, _)| *way == Registration::Module)
        };
        let mut names: Vec<&str> =
            self.by_name.iter().filter(|(_, ways)| finds(ways)).map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// Every name by which a library comes by functions, with the way.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = (Registration, &str)> {
        let ways = self.by_name.iter();
        ways.flat_map(|(name, ways)| ways.iter().map(|&(way, _)| (way, &**name)))
    }

    /// Every class that is given.
    #[cfg(test)]
    pub(crate) fn classes(&self) -> impl Iterator<Item = &str> {
        let given = self.all.iter().flat_map(|it| it.named.values().chain([&it.given]));
        given.flat_map(|classes| classes.iter().map(|class| &**class))
    }
}
