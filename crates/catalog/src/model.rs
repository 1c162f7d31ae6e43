//! The words in which the catalogue speaks: what a name is, what a call of it gives.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::Deserialize;

/// What the value of a call is, as far as running it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shade {
    /// A coroutine: nothing runs until it is awaited or scheduled.
    Coroutine,
    /// An object that is no coroutine and still runs only when awaited or entered.
    LazyAwaitable,
    /// An awaitable that is already running: a task, a future, a gathering of them.
    Started,
    /// An object meant for `async with`.
    AsyncManager,
    /// Anything else.
    Plain,
}

/// The way in which a call keeps its thread waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// Waits for the clock.
    Sleep,
    /// Speaks HTTP.
    Http,
    /// Speaks to a database.
    Db,
    /// Speaks to a database by Django's models, which refuse to where an event loop runs.
    Orm,
    /// Waits for a child process.
    Subprocess,
    /// Uses a socket or looks up a name.
    Network,
    /// Reads or writes a file.
    FileIo,
    /// Asks the file system about a file.
    FileMetadata,
    /// Waits for another thread.
    Lock,
    /// Waits for the user.
    Input,
    /// Computes for as long as what it is given wants.
    Cpu,
    /// Hashes a password, which is slow on purpose.
    PasswordHash,
    /// Runs a model of machine learning.
    Inference,
    /// Loads a model of machine learning, or fetches it first.
    ModelLoad,
    /// Starts a child process without waiting for it.
    ProcessStart,
    /// Does what the user has configured; no library file says so.
    #[serde(skip)]
    Configured,
}

impl BlockKind {
    /// Every kind that a library file can tell of.
    pub const ALL: &[Self] = &[
        Self::Cpu,
        Self::Db,
        Self::FileIo,
        Self::FileMetadata,
        Self::Http,
        Self::Inference,
        Self::Input,
        Self::Lock,
        Self::ModelLoad,
        Self::Network,
        Self::Orm,
        Self::PasswordHash,
        Self::ProcessStart,
        Self::Sleep,
        Self::Subprocess,
    ];

    /// The name of the kind in configuration and in library files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Http => "http",
            Self::Db => "db",
            Self::Orm => "orm",
            Self::Subprocess => "subprocess",
            Self::Network => "network",
            Self::FileIo => "file-io",
            Self::FileMetadata => "file-metadata",
            Self::Lock => "lock",
            Self::Input => "input",
            Self::Cpu => "cpu",
            Self::PasswordHash => "password-hash",
            Self::Inference => "inference",
            Self::ModelLoad => "model-load",
            Self::ProcessStart => "process-start",
            Self::Configured => "configured",
        }
    }
}

impl fmt::Display for BlockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What awaiting a call waits for, where that is neither other code of the program nor an answer
/// within a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The clock, for the seconds of its first argument.
    Clock,
    /// The clock, until the moment of its first argument.
    Moment,
    /// Nothing: only cancellation ends it.
    Forever,
    /// The next turn of the event loop.
    Turn,
    /// The other end of a connection, however long that takes.
    Peer,
}

/// What a manager makes of the block it guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// A block that can be cancelled by itself.
    Cancel,
    /// A block that is cancelled when its time is up.
    Timeout,
    /// A block that waits for the tasks started in it, and cancels them when it fails.
    Tasks,
    /// Nothing that would have to be undone.
    Nothing,
}

impl Scope {
    /// Whether cancellation is bound to the block: entering and leaving must be properly nested in
    /// one task.
    pub const fn cancels(self) -> bool {
        matches!(self, Self::Cancel | Self::Timeout | Self::Tasks)
    }
}

/// What holding a lock keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockKind {
    /// Everybody, its holder included: who takes it twice waits for itself.
    Exclusive,
    /// Everybody but its holder, which is a thread or process and not a task.
    Reentrant,
    /// Everybody once a number of holders is reached.
    Counted,
}

/// A release of Python, or of the library where the library is not part of Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The `3` of 3.11.
    pub major: u16,
    /// The `11` of 3.11.
    pub minor: u16,
}

impl Version {
    /// The release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl From<(u8, u8)> for Version {
    fn from((major, minor): (u8, u8)) -> Self {
        Self::new(major.into(), minor.into())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The async stand-in for a blocking call, by async library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacements {
    /// The stand-in in a program on asyncio.
    pub asyncio: Option<Box<str>>,
    /// The stand-in in a program on anyio.
    pub anyio: Option<Box<str>>,
    /// The stand-in in a program on trio.
    pub trio: Option<Box<str>>,
}

/// Names one parameter of a call, by place, by keyword, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its place among the positional arguments, `self` not counted.
    pub position: Option<u8>,
    /// The keyword it can be given by.
    pub keyword: Option<Box<str>>,
}

/// How long an object that is made with a loop stays with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindsLoop {
    /// In every release.
    Always,
    /// In releases before this one, since which it takes the loop that first waits for it.
    Before(Version),
}

impl BindsLoop {
    /// Whether it is so in a release of Python.
    pub fn holds_in(self, version: Version) -> bool {
        match self {
            Self::Always => true,
            Self::Before(since) => version < since,
        }
    }
}

/// What a call can be given that came to be deprecated or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// What is given.
    pub given: Given,
    /// The release that deprecated it.
    pub deprecated: Version,
    /// The first release without it.
    pub removed: Option<Version>,
}

/// What a call is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// An argument by this keyword.
    Keyword(Box<str>),
    /// Coroutines among the awaitables of its first argument.
    Coroutines,
}

/// What calling a function, a method or a class does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked by name")]
pub struct Callable {
    /// What the call gives.
    pub shade: Shade,
    /// The qualified class of the result, `None` where the library files do not say. For a
    /// coroutine and a lazy awaitable it is what awaiting (or entering) gives, for everything
    /// else the object itself. The class `"None"` stands for Python's `None`; beside another
    /// class it is left out. `"Self"` stands for the class of the project that has the method from
    /// the library, or whose object has it.
    pub returns: Option<Box<str>>,
    /// How the call blocks its thread.
    pub blocks: Option<BlockKind>,
    /// What to call instead in async code.
    pub replacement: Replacements,
    /// The call never returns: it raises or ends the process.
    pub raises_always: bool,
    /// The argument without which the call neither blocks nor gives what `returns` says.
    pub given: Option<Argument>,
    /// The argument that is a function to be run in another thread or process.
    pub runs_in_thread: Option<Argument>,
    /// What [`Callable::runs_in_thread`] names runs in another process, with memory of its own.
    pub other_process: bool,
    /// Only the thread of the event loop may call it.
    pub thread_unsafe: bool,
    /// The argument that is a plain function to be called on the event loop or in place: a
    /// coroutine function given here is never awaited, unless it [takes both](Self::calls_either).
    pub calls: Option<Argument>,
    /// It is called some time after the call has returned.
    pub calls_later: bool,
    /// It may be a coroutine function as well, whose coroutine is awaited then.
    pub calls_either: bool,
    /// What that function, or the one that runs in a thread, returns comes out of the call: as its
    /// value, or as what is awaited or iterated.
    pub hands_back: bool,
    /// It gives an object of the class of the project whose name it is given, if that inherits from
    /// the class that it returns.
    pub names_class: bool,
    /// The arguments behind that function, and those with names, are passed to it.
    pub passes_arguments: bool,
    /// Whose result comes out of the call, as its value or as what is awaited.
    pub result_of: Option<ResultOf>,
    /// It is a decorator, or makes one when called, that keeps what the function returned and
    /// gives it again.
    pub caches: bool,
    /// The call runs an event loop until it is done: it fails where a loop runs already.
    pub runs_loop: bool,
    /// The call makes an event loop of its own and closes it in the end.
    pub makes_loop: bool,
    /// What the call makes belongs to the loop that is there when it is made.
    pub binds_loop: Option<BindsLoop>,
    /// The task that the call starts is kept alive, and its errors raised, by the receiver.
    pub kept: bool,
    /// What awaiting it waits for.
    pub waits: Option<Wait>,
    /// Awaiting it does its work even where a cancellation is pending.
    pub shielded: bool,
    /// The keyword that sets a limit to that, and has a default.
    pub limit: Option<Box<str>>,
    /// The keyword that changes what it returns: with it that is not known.
    pub varies_with: Option<Box<str>>,
    /// The function that modules give the library to await. A project where it is a plain one is
    /// written for another release, in which this call gives something else.
    pub unless_plain: Option<Box<str>>,
    /// The release that brought it; none if it is older than the releases the file covers.
    pub since: Option<Version>,
    /// The release that deprecated it.
    pub deprecated: Option<Version>,
    /// The first release without it.
    pub removed: Option<Version>,
    /// What to write where it is deprecated or removed.
    pub instead: Option<Box<str>>,
    /// The release of Python since which the standard library has the same.
    pub superseded: Option<Version>,
    /// What it does not take any more, or soon will not.
    pub outdated: Vec<Outdated>,
}

/// Which of the awaitables that a call is given it hands on the results of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultOf {
    /// One.
    Argument(Argument),
    /// Each, in the order of the arguments.
    All,
    /// What entering the one that is a manager gives.
    Entered(Argument),
}

impl Callable {
    /// A callable of which nothing is known but what it gives.
    pub const fn new(shade: Shade) -> Self {
        Self {
            shade,
            returns: None,
            blocks: None,
            replacement: Replacements { asyncio: None, anyio: None, trio: None },
            raises_always: false,
            given: None,
            runs_in_thread: None,
            other_process: false,
            thread_unsafe: false,
            calls: None,
            calls_later: false,
            calls_either: false,
            hands_back: false,
            names_class: false,
            passes_arguments: false,
            result_of: None,
            caches: false,
            runs_loop: false,
            makes_loop: false,
            binds_loop: None,
            kept: false,
            waits: None,
            shielded: false,
            varies_with: None,
            limit: None,
            unless_plain: None,
            since: None,
            deprecated: None,
            removed: None,
            instead: None,
            superseded: None,
            outdated: Vec::new(),
        }
    }
}

/// A class, with what its instances can do. What it inherits is not repeated here: ask
/// [`Catalog::member`](crate::Catalog::member) and its neighbours, which walk the bases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent protocols, each asked by name")]
pub struct Class {
    /// The qualified name.
    pub name: Box<str>,
    /// The qualified names of its bases, `object` left out.
    pub bases: Box<[Box<str>]>,
    /// Its methods.
    pub methods: FxHashMap<Box<str>, Callable>,
    /// The qualified class of each attribute and property.
    pub attributes: FxHashMap<Box<str>, Box<str>>,
    /// What calling the class does; `returns` is the class itself.
    pub constructor: Callable,
    /// It can be entered by `with`.
    pub sync_manager: bool,
    /// It can be entered by `async with`.
    pub async_manager: bool,
    /// `for` can walk it.
    pub sync_iterable: bool,
    /// `async for` can walk it.
    pub async_iterable: bool,
    /// It can be awaited.
    pub awaitable: bool,
    /// What it keeps out while it is held, if it is a lock.
    pub lock: Option<LockKind>,
    /// The class of what `with ... as x` or `async with ... as x` binds.
    pub enters: Option<Box<str>>,
    /// The class of what awaiting it gives; `Self` for an object of the class of the project on
    /// which the chain of calls that made it begins, and `[Self]` for a list of these.
    pub awaits: Option<Box<str>>,
    /// What it makes of the block it guards.
    pub scope: Option<Scope>,
    /// Methods that run in another thread, where a subclass defines them.
    pub runs_in_thread: Box<[Box<str>]>,
    /// It has the attributes that the code of the project writes, on whichever of its objects.
    pub filled_by_project: bool,
    /// The release that brought it.
    pub since: Option<Version>,
    /// The release that deprecated it.
    pub deprecated: Option<Version>,
    /// The first release without it.
    pub removed: Option<Version>,
}

/// What a qualified name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// A function.
    Function(Box<Callable>),
    /// A class.
    Class(Box<Class>),
    /// An object of the named class that a module holds.
    Instance(Box<str>),
    /// A module.
    Module,
}
