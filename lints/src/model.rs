//! What a lint is, and what the project tells it.

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;

use crate::Context;

/// What a lint is about; also a selector on the command line and the folder of its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Work that never runs.
    Coroutines,
    /// The event loop stands still.
    Blocking,
    /// Tasks and structured concurrency.
    Tasks,
    /// Cancellation and timeouts.
    Cancellation,
    /// Event loops and threads.
    EventLoop,
    /// State and locks that coroutines share.
    SharedState,
    /// Code that says more than it means.
    Style,
}

impl Group {
    /// Every group, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::Coroutines,
        Self::Blocking,
        Self::Tasks,
        Self::Cancellation,
        Self::EventLoop,
        Self::SharedState,
        Self::Style,
    ];

    /// The name used in selectors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coroutines => "coroutines",
            Self::Blocking => "blocking",
            Self::Tasks => "tasks",
            Self::Cancellation => "cancellation",
            Self::EventLoop => "event-loop",
            Self::SharedState => "shared-state",
            Self::Style => "style",
        }
    }
}

/// What kind of fix a lint offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// None.
    None,
    /// One that leaves a correct program as it was.
    Safe,
    /// One that changes what runs.
    Unsafe,
}

/// A pitfall: a value, not a type.
pub struct Lint {
    /// Kebab-case name, reads as "allow x".
    pub name: &'static str,
    /// One line, lower case, no full stop.
    pub summary: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// Its page, Markdown.
    pub page: &'static str,
    /// The level where nothing is configured.
    pub level: Level,
    /// Whether it offers a fix.
    pub fix: Fixes,
    /// Codes of other tools whose selections and suppressions it honours.
    pub aliases: &'static [&'static str],
    /// Whether it can fire only in code that has `async` or `await`.
    pub coroutine_only: bool,
    /// Finds it in one module.
    pub check: fn(&mut Context<'_>),
}

impl Lint {
    /// Its module, and with another ending its page, from the root of the repository and without an
    /// ending: `lints/src/coroutines/missing_await`.
    pub fn source(&self) -> String {
        format!("lints/src/{}/{}", self.group.as_str(), self.name).replace('-', "_")
    }

    /// Where its page is published.
    pub fn url(&self) -> String {
        format!("{}/lints/{}", env!("CARGO_PKG_HOMEPAGE"), self.name)
    }
}

/// An async library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// The standard library's.
    Asyncio,
    /// anyio, on either backend.
    Anyio,
    /// trio.
    Trio,
}

impl Library {
    /// Every library.
    pub const ALL: &[Self] = &[Self::Asyncio, Self::Anyio, Self::Trio];

    /// The name that it is imported by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asyncio => "asyncio",
            Self::Anyio => "anyio",
            Self::Trio => "trio",
        }
    }
}

/// The kinds of blocking calls that are followed through helpers where nothing is configured.
pub const THROUGH_HELPERS: &[BlockKind] = &[
    BlockKind::Sleep,
    BlockKind::Http,
    BlockKind::Subprocess,
    BlockKind::Db,
    BlockKind::Orm,
    BlockKind::Network,
    BlockKind::PasswordHash,
    BlockKind::Inference,
];

/// What the project says of itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The oldest Python that the code must run on, as `(3, minor)`.
    pub target: (u8, u8),
    /// The async library, if it is configured.
    pub library: Option<Library>,
    /// Most helpers between a coroutine and a blocking call.
    pub max_chain: usize,
    /// The kinds of blocking calls that are followed through helpers; what is configured always is.
    pub through_helpers: Vec<BlockKind>,
    /// Functions that keep the tasks they start, by their qualified names or as calls write them.
    pub keeps_reference: Vec<String>,
    /// What the configuration of pytest says, where there is one.
    pub pytest: Option<Pytest>,
}

/// What the configuration of pytest says about async tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pytest {
    /// The mode of pytest-asyncio, if it is told.
    pub asyncio_mode: Option<AsyncioMode>,
    /// Whether a plugin other than pytest-asyncio, or one that is not known, may run tests that
    /// nothing marks.
    pub runs_unmarked: bool,
    /// Whether pytest-asyncio is named among what the tests need.
    pub uses_pytest_asyncio: bool,
    /// Whether the tests need a pytest-asyncio so old that it awaits plain fixtures as well.
    pub has_legacy_asyncio: bool,
}

/// The modes of pytest-asyncio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsyncioMode {
    /// Every async test and fixture is run.
    Auto,
    /// Only what is marked is run.
    Strict,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            target: (3, 10),
            library: None,
            max_chain: 4,
            through_helpers: THROUGH_HELPERS.to_vec(),
            keeps_reference: Vec::new(),
            pytest: None,
        }
    }
}
