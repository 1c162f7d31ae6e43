//! The library files that come with the tool, each read when a name of it is first asked for.

use std::sync::{LazyLock, OnceLock};

use rustc_hash::FxHashMap;

use crate::read::Library;

/// One library file under the top-level module whose names it tells.
pub(crate) struct Shelf {
    pub(crate) root: &'static str,
    pub(crate) text: &'static str,
    library: OnceLock<Library>,
}

macro_rules! shelves {
    ($($root:literal),+ $(,)?) => {
        /// Sorted by root.
        pub(crate) static SHELVES: [Shelf; [$($root),+].len()] = [$(Shelf {
            root: $root,
            text: include_str!(concat!("../libraries/", $root, ".toml")),
            library: OnceLock::new(),
        }),+];
    };
}

shelves![
    "aioboto3",
    "aiobotocore",
    "aiofiles",
    "aiogram",
    "aiohttp",
    "aiokafka",
    "aiomysql",
    "aioredis",
    "anyio",
    "argon2",
    "async_timeout",
    "asyncio",
    "asyncpg",
    "atexit",
    "bcrypt",
    "boto3",
    "botocore",
    "builtins",
    "bz2",
    "cachetools",
    "click",
    "cmd",
    "code",
    "codecs",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "dbm",
    "discord",
    "django",
    "exceptiongroup",
    "fastapi",
    "filecmp",
    "ftplib",
    "functools",
    "getpass",
    "glob",
    "grpc",
    "gzip",
    "hashlib",
    "http",
    "httpx",
    "imaplib",
    "io",
    "itertools",
    "json",
    "kafka",
    "linecache",
    "logging",
    "lzma",
    "marshal",
    "motor",
    "multiprocessing",
    "netrc",
    "nntplib",
    "ntpath",
    "numpy",
    "os",
    "pandas",
    "paramiko",
    "pathlib",
    "peewee",
    "pickle",
    "playwright",
    "plistlib",
    "poplib",
    "posixpath",
    "propcache",
    "psycopg",
    "psycopg2",
    "psycopg_pool",
    "pty",
    "pymongo",
    "pymysql",
    "pytest",
    "pytest_asyncio",
    "queue",
    "redis",
    "requests",
    "sched",
    "select",
    "selectors",
    "shelve",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "socketserver",
    "sqlalchemy",
    "sqlite3",
    "ssl",
    "starlette",
    "subprocess",
    "sys",
    "tarfile",
    "telegram",
    "telnetlib",
    "tempfile",
    "threading",
    "time",
    "tokenize",
    "tomllib",
    "tornado",
    "tortoise",
    "trio",
    "twisted",
    "typing",
    "unittest",
    "urllib",
    "urllib3",
    "watchdog",
    "weakref",
    "websockets",
    "wsgiref",
    "xmlrpc",
    "zipfile",
    "zlib",
];

impl Shelf {
    /// The shelf for a top-level module.
    pub(crate) fn of(root: &str) -> Option<&'static Self> {
        static BY_ROOT: LazyLock<FxHashMap<&str, &Shelf>> =
            LazyLock::new(|| SHELVES.iter().map(|shelf| (shelf.root, shelf)).collect());
        BY_ROOT.get(root).copied()
    }

    pub(crate) fn library(&self) -> &Library {
        self.library.get_or_init(|| {
            Library::read(self.text)
                .unwrap_or_else(|error| panic!("libraries/{}.toml: {error}", self.root))
        })
    }
}
