//! What libraries do, as data with sources: which calls give coroutines, what they return, and
//! which of them block. One TOML file a library, in `libraries/`.
//!
//! A file is read when a name under its top-level module is first asked for, so that starting up
//! costs nothing; after that a question is one hash look-up and allocates nothing.

mod handlers;
mod model;
mod read;
mod shape;
mod shelf;
mod unmaintained;

pub use handlers::{Handlers, Registration};
pub use model::{
    Argument, BindsLoop, BlockKind, Callable, Class, Given, LockKind, Outdated, Replacements,
    ResultOf, Scope, Shade, Symbol, Version, Wait,
};
pub use unmaintained::Unmaintained;

use rustc_hash::FxHashSet;
use serde::de::Error;

use read::{Entry, Library};
use shelf::Shelf;

/// The last names of all that `runs-in-thread` stands beside in the files, and of the methods
/// that it lists. A test keeps this true.
const CONCERN_THREADS: &[&str] = &[
    "BaseProcess",
    "Process",
    "Thread",
    "Timer",
    "add_job",
    "apply",
    "apply_async",
    "callInThread",
    "cpu_bound",
    "deferToThread",
    "deferToThreadPool",
    "dispatch",
    "imap",
    "imap_unordered",
    "io_bound",
    "map",
    "map_async",
    "on_any_event",
    "on_closed",
    "on_closed_no_write",
    "on_created",
    "on_deleted",
    "on_modified",
    "on_moved",
    "on_opened",
    "play",
    "run",
    "run_in_executor",
    "run_in_thread",
    "run_in_threadpool",
    "run_sync",
    "starmap",
    "starmap_async",
    "start_thread_soon",
    "submit",
    "to_thread",
];

/// The knowledge: what comes with the tool, and in front of it what the user has added.
#[derive(Debug, Default)]
pub struct Catalog {
    own: Vec<Library>,
}

/// The libraries whose files tell of functions that they find by their names. A test keeps this
/// true.
const FINDERS: &[&str] = &["discord", "disnake", "homeassistant", "nextcord", "redbot"];

impl Catalog {
    /// What comes with the tool.
    pub fn builtin() -> &'static Self {
        static BUILTIN: Catalog = Catalog { own: Vec::new() };
        &BUILTIN
    }

    /// The built-in knowledge with a library text of the user's own in front of it.
    ///
    /// # Errors
    /// When the text is not TOML, or not of the shape that `libraries/README.md` describes.
    pub fn with_own(text: &str) -> Result<Self, toml::de::Error> {
        Self { own: Vec::new() }.and(text)
    }

    /// This knowledge with one more text in front of it.
    ///
    /// # Errors
    /// As [`Catalog::with_own`].
    pub fn and(mut self, text: &str) -> Result<Self, toml::de::Error> {
        let own = Library::read_in_front_of(&self, text)?;
        self.own.insert(0, own);
        match self.circle() {
            Some(class) => Err(Error::custom(format!("`{class}` inherits from itself"))),
            None => Ok(self),
        }
    }

    /// What a qualified name stands for. Aliases are followed.
    pub fn get(&self, qualified: &str) -> Option<&Symbol> {
        let mut module = None;
        for library in self.libraries(qualified) {
            match library.entries.get(qualified) {
                // A text of the user's makes modules of all that comes before a dot: what the
                // next library says may be more.
                Some(Entry::Symbol(Symbol::Module)) => module = Some(&Symbol::Module),
                Some(Entry::Symbol(symbol)) => return Some(symbol),
                Some(Entry::Alias(target)) => return self.described(target),
                None => {}
            }
        }
        module
    }

    /// The name a library's users know: `asyncio.sleep` for `asyncio.tasks.sleep`. A name that is
    /// no alias comes back as it is.
    pub fn canonical<'a>(&'a self, qualified: &'a str) -> &'a str {
        self.libraries(qualified)
            .find_map(|library| match library.entries.get(qualified) {
                Some(Entry::Alias(target)) => Some(&**target),
                _ => None,
            })
            .unwrap_or(qualified)
    }

    /// What calling the named function or class does; also the unbound form `package.Class.method`.
    pub fn call(&self, qualified: &str) -> Option<&Callable> {
        match self.get(qualified) {
            Some(Symbol::Function(callable)) => Some(callable),
            Some(Symbol::Class(class)) => Some(&class.constructor),
            Some(Symbol::Instance(_) | Symbol::Module) => None,
            None => {
                let (class, method) = qualified.rsplit_once('.')?;
                self.member(class, method)
            }
        }
    }

    /// Whether the named function or method looks at the values of its arguments, so that an
    /// awaitable among them is a mistake. A method is told under the class that has it, and asked
    /// for under that or one below.
    pub fn uses_values(&self, qualified: &str) -> bool {
        let is_told =
            |name: &str| self.libraries(name).any(|library| library.uses_values.contains(name));
        let name = self.canonical(qualified);
        is_told(name)
            || name.rsplit_once('.').is_some_and(|(class, method)| {
                self.any_base(class, |base| is_told(&format!("{}.{method}", base.name)))
            })
    }

    /// Whether the named function, as a decorator or called to make one, gives what it decorates or
    /// something that is called alike. A method is asked for under the class that has it.
    pub fn preserves(&self, qualified: &str) -> bool {
        let name = self.canonical(qualified);
        self.libraries(name).any(|library| library.preserving.contains(name))
    }

    /// Whether the named decorator, with `thread=True`, runs a coroutine function in another thread,
    /// in an event loop that is there for it alone.
    pub fn threads_if_asked(&self, qualified: &str) -> bool {
        let name = self.canonical(qualified);
        self.libraries(name).any(|library| library.threads_if_asked.contains(name))
    }

    /// Whether the coroutine functions of the library that has the name run the event loop by
    /// themselves when they are called where none runs: only in a coroutine they must be awaited.
    pub fn runs_outside_coroutines(&self, qualified: &str) -> bool {
        self.libraries(qualified).any(|library| library.runs_outside_coroutines)
    }

    /// The functions that a library calls which it got by way of `qualified`: a decorator, a class
    /// whose method they override, a call that they are given to, or its top-level module. A method
    /// is asked for under the class that has it.
    pub fn handlers(&self, way: Registration, qualified: &str) -> Vec<&Handlers> {
        let name = self.canonical(qualified);
        self.libraries(name).flat_map(|library| library.handlers.under(way, name)).collect()
    }

    /// The classes of the positional arguments that a library calls a function of the name with,
    /// which it got by way of `qualified`, as for [`Catalog::handlers`].
    pub fn given_to_handler(
        &self,
        way: Registration,
        qualified: &str,
        function: &str,
    ) -> Option<&[Box<str>]> {
        self.handlers(way, qualified).into_iter().find_map(|handlers| handlers.given(function))
    }

    /// The classes of the positional arguments, `self` not counted, that a library calls a method
    /// with which overrides its own in a class below `class`.
    pub fn given_to_override(&self, class: &str, method: &str) -> Option<&[Box<str>]> {
        self.search(class, &|class| {
            self.given_to_handler(Registration::Override, &class.name, method)
        })
    }

    /// The top-level modules of the libraries that find functions by their names. No file is read.
    pub fn finders(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().flat_map(|library| library.handlers.finders());
        FINDERS.iter().copied().chain(own)
    }

    /// The named class.
    pub fn class(&self, name: &str) -> Option<&Class> {
        match self.get(name)? {
            Symbol::Class(class) => Some(class),
            _ => None,
        }
    }

    /// A method of a class or of its bases.
    pub fn member(&self, class: &str, name: &str) -> Option<&Callable> {
        self.search(class, &|class| class.methods.get(name))
    }

    /// The qualified class of an attribute or property of a class or of its bases.
    pub fn attribute(&self, class: &str, name: &str) -> Option<&str> {
        self.search(class, &|class| class.attributes.get(name)).map(|class| &**class)
    }

    /// The place of the argument of `__init__` that objects of the class keep under `name`.
    pub fn keeps(&self, class: &str, name: &str) -> Option<usize> {
        self.search(class, &|class| class.keeps.get(name)).copied()
    }

    /// The class of what `with ... as x` or `async with ... as x` binds.
    pub fn enters(&self, class: &str) -> Option<&str> {
        self.search(class, &|class| class.enters.as_deref())
    }

    /// What awaiting an object of the class gives, in the words of [`Class::awaits`].
    pub fn awaits(&self, class: &str) -> Option<&str> {
        self.search(class, &|class| class.awaits.as_deref())
    }

    /// What a manager of the class makes of the block it guards.
    pub fn scope(&self, class: &str) -> Option<Scope> {
        self.search(class, &|class| class.scope)
    }

    /// What an object of the class keeps out while it is held, if it is a lock.
    pub fn lock(&self, class: &str) -> Option<LockKind> {
        self.search(class, &|class| class.lock)
    }

    /// Whether something holds for a class or for one of its bases:
    /// `catalog.any_base("asyncio.Task", |class| class.awaitable)`.
    pub fn any_base(&self, class: &str, holds: impl Fn(&Class) -> bool) -> bool {
        self.search(class, &|class| holds(class).then_some(())).is_some()
    }

    /// Whether one class is the other or inherits from it. Every class is an `object`.
    pub fn is_subclass(&self, class: &str, of: &str) -> bool {
        let (class, of) = (self.canonical(class), self.canonical(of));
        let named = |base: &Class| base.bases.iter().any(|name| self.canonical(name) == of);
        class == of || of == "builtins.object" || self.any_base(class, named)
    }

    /// Whether something of this name, whatever module or class it belongs to, may hand a function
    /// to another thread or run in one. Asked of every name of a project, so no file is read.
    pub fn may_concern_threads(&self, name: &str) -> bool {
        let own = || self.own.iter().any(|library| library.concerns_threads(name));
        CONCERN_THREADS.binary_search(&name).is_ok() || own()
    }

    /// Every name for which [`Catalog::may_concern_threads`] holds.
    pub fn thread_names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().flat_map(Library::thread_names);
        CONCERN_THREADS.iter().copied().chain(own)
    }

    /// The last names of what some release of a library deprecates, removes or does not take any
    /// more, the library under the top-level module `root`.
    pub fn outdated_names(&self, root: &str) -> impl Iterator<Item = &str> {
        let names = self.libraries(root).flat_map(Library::outdated_names);
        names.map(|name| &**name)
    }

    /// Whether the module is one whose names the catalogue tells.
    pub fn knows_module(&self, module: &str) -> bool {
        matches!(self.get(module), Some(Symbol::Module))
    }

    /// The libraries that may tell of a name, the user's own first.
    fn libraries<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Library> {
        let root = name.split_once('.').map_or(name, |(root, _)| root);
        self.own.iter().chain(Shelf::of(root).map(Shelf::library))
    }

    /// What a name that is no alias stands for.
    fn described(&self, name: &str) -> Option<&Symbol> {
        self.libraries(name).find_map(|library| match library.entries.get(name) {
            Some(Entry::Symbol(symbol)) => Some(symbol),
            _ => None,
        })
    }

    /// The first answer of a class or of its bases, depth first.
    fn search<'a, T>(&'a self, class: &str, ask: &impl Fn(&'a Class) -> Option<T>) -> Option<T> {
        let class = self.class(class)?;
        ask(class).or_else(|| class.bases.iter().find_map(|base| self.search(base, ask)))
    }

    /// A class that inherits from itself: walking the bases would never end.
    fn circle(&self) -> Option<&str> {
        let mut names: Vec<&str> =
            self.own.iter().flat_map(|own| own.entries.keys()).map(|name| &**name).collect();
        names.sort_unstable();
        names.into_iter().find(|name| {
            let mut seen = FxHashSet::default();
            let mut ahead: Vec<&Class> = self.class(name).into_iter().collect();
            while let Some(class) = ahead.pop() {
                for base in class.bases.iter().filter_map(|base| self.class(base)) {
                    if &*base.name == *name {
                        return true;
                    }
                    if seen.insert(&*base.name) {
                        ahead.push(base);
                    }
                }
            }
            false
        })
    }
}

#[cfg(test)]
mod tests;
