//! Every key of the config, in one table: the reader, `asynclint config`, the schema and the
//! documents are made from it.

use asynclint_lints::THROUGH_HELPERS;

use super::kind::{KINDS, Kind, LIBRARIES, VERSIONS, kinds};
use super::options::Options;
use super::reader::{Entry, Reader};
use super::target::TargetVersion;
use super::{Config, DEFAULT_MAX_CHAIN, DEFAULT_MAX_FILE_SIZE, catalog, show, values};

/// A key of the config.
pub struct Key {
    /// Its name in its table.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value where the key is absent, as TOML or in words; empty where there is none.
    pub default: fn() -> String,
    /// What it is for: one sentence without full stop, lower case.
    pub doc: &'static str,
    /// Its value in a config, as TOML; empty where it has none. A table shows its keys.
    pub show: fn(&Config) -> String,
    /// Enters its value into the options.
    pub(super) read: fn(&mut Reader<'_>, &Entry<'_>, &mut Options),
}

/// Most bytes that `max-file-size` can allow.
const MOST_BYTES: u64 = u32::MAX as u64;

/// The keys outside any table, sorted.
pub static TOP: &[Key] = &[
    Key {
        name: "baseline",
        kind: Kind::Path,
        default: String::new,
        doc: "file of known findings, which are not reported",
        show: |config| {
            config.baseline.as_deref().map_or_else(String::new, |file| show::path(config, file))
        },
        read: |reader, entry, options| {
            options.baseline = reader.string(entry, "a path", "baseline.json").map(Into::into);
        },
    },
    Key {
        name: "blocking",
        kind: Kind::Table(BLOCKING),
        default: String::new,
        doc: "settings of the lints about blocking calls",
        show: |_| String::new(),
        read: |reader, entry, options| reader.keys_of(entry, BLOCKING, options),
    },
    Key {
        name: "catalog",
        kind: Kind::Catalog,
        default: String::new,
        doc: "what libraries do, in the shape of the catalogue's own files",
        show: |config| config.catalog.as_deref().map_or_else(String::new, show::catalog),
        read: |reader, entry, options| options.catalog = catalog::read(reader, entry),
    },
    Key {
        name: "decorators",
        kind: Kind::Table(DECORATORS),
        default: String::new,
        doc: "what is known of decorators",
        show: |_| String::new(),
        read: |reader, entry, options| reader.keys_of(entry, DECORATORS, options),
    },
    Key {
        name: "exclude",
        kind: Kind::Globs,
        default: || "the usual folders".to_owned(),
        doc: "files and folders to leave out",
        show: |config| show::list(config.exclude.texts()),
        read: |reader, entry, options| options.exclude = values::globs(reader, entry),
    },
    Key {
        name: "extend",
        kind: Kind::Path,
        default: String::new,
        doc: "a config whose keys hold where this one lacks them",
        show: |_| String::new(),
        read: |reader, entry, options| options.extend = values::extend(reader, entry),
    },
    Key {
        name: "extend-exclude",
        kind: Kind::Globs,
        default: String::new,
        doc: "more files and folders to leave out",
        show: |config| show::list(config.extend_exclude.texts()),
        read: |reader, entry, options| options.extend_exclude = values::globs(reader, entry),
    },
    Key {
        name: "extend-safe-fixes",
        kind: Kind::Lints,
        default: String::new,
        doc: "lints whose unsafe fixes count as safe",
        show: |config| show::selectors(&config.fixes.extend_safe),
        read: |reader, entry, options| {
            options.extend_safe_fixes = values::selectors(reader, entry);
        },
    },
    Key {
        name: "extend-select",
        kind: Kind::Lints,
        default: String::new,
        doc: "more lints to run",
        show: |config| show::selectors(&config.selection.extend_select),
        read: |reader, entry, options| options.extend_select = values::selectors(reader, entry),
    },
    Key {
        name: "extend-unsafe-fixes",
        kind: Kind::Lints,
        default: String::new,
        doc: "lints whose safe fixes count as unsafe",
        show: |config| show::selectors(&config.fixes.extend_unsafe),
        read: |reader, entry, options| {
            options.extend_unsafe_fixes = values::selectors(reader, entry);
        },
    },
    Key {
        name: "ignore",
        kind: Kind::Lints,
        default: String::new,
        doc: "lints not to run",
        show: |config| show::selectors(&config.selection.ignore),
        read: |reader, entry, options| options.ignore = values::selectors(reader, entry),
    },
    Key {
        name: "library",
        kind: Kind::OneOf(LIBRARIES),
        default: || "the one that the file imports, else `\"asyncio\"`".to_owned(),
        doc: "the async library that advice is for",
        show: |config| {
            config.library.map_or_else(String::new, |library| show::text(library.as_str()))
        },
        read: |reader, entry, options| options.library = values::library(reader, entry),
    },
    Key {
        name: "lints",
        kind: Kind::Levels,
        default: || "the level of each lint".to_owned(),
        doc: "levels of lints and groups",
        show: |_| String::new(),
        read: values::levels,
    },
    Key {
        name: "max-file-size",
        kind: Kind::Integer { what: "number of bytes", from: 1, to: MOST_BYTES },
        default: || format!("`{DEFAULT_MAX_FILE_SIZE}`"),
        doc: "larger files are not read",
        show: |config| config.max_file_size.to_string(),
        read: |reader, entry, options| {
            options.max_file_size = reader.integer(entry, "a number of bytes", 1..=MOST_BYTES);
        },
    },
    Key {
        name: "per-file-ignores",
        kind: Kind::LintsByGlob,
        default: String::new,
        doc: "lints that are off in the files of a glob",
        show: |config| config.per_file_ignores.to_string(),
        read: |reader, entry, options| {
            options.per_file_ignores = Some(values::per_file_ignores(reader, entry));
        },
    },
    Key {
        name: "respect-gitignore",
        kind: Kind::Boolean,
        default: || "`true`".to_owned(),
        doc: "leave out what `.gitignore` and `.ignore` name",
        show: |config| config.respect_gitignore.to_string(),
        read: |reader, entry, options| options.respect_gitignore = reader.boolean(entry),
    },
    Key {
        name: "respect-noqa",
        kind: Kind::Boolean,
        default: || "`true`".to_owned(),
        doc: "let `# noqa` and the comments of type checkers silence findings",
        show: |config| config.respect_noqa.to_string(),
        read: |reader, entry, options| options.respect_noqa = reader.boolean(entry),
    },
    Key {
        name: "select",
        kind: Kind::Lints,
        default: || "the lints that are not off by default".to_owned(),
        doc: "the lints that may run",
        show: |config| config.selection.select.as_deref().map_or_else(String::new, show::selectors),
        read: |reader, entry, options| options.select = values::selectors(reader, entry),
    },
    Key {
        name: "src",
        kind: Kind::Paths,
        default: || "`[\".\", \"src\"]`".to_owned(),
        doc: "folders from which absolute imports reach modules",
        show: |config| show::paths(config, &config.src),
        read: |reader, entry, options| options.src = values::folders(reader, entry),
    },
    Key {
        name: "target-version",
        kind: Kind::OneOf(VERSIONS),
        default: || format!("what the project says, else `\"{}\"`", TargetVersion::default()),
        doc: "the oldest Python that the code must run on",
        show: |config| show::text(&config.target_version.to_string()),
        read: |reader, entry, options| {
            options.target_version = values::target_version(reader, entry);
        },
    },
    Key {
        name: "tasks",
        kind: Kind::Table(TASKS),
        default: String::new,
        doc: "settings of the lints about tasks",
        show: |_| String::new(),
        read: |reader, entry, options| reader.keys_of(entry, TASKS, options),
    },
    Key {
        name: "unsafe-fixes",
        kind: Kind::Boolean,
        default: || "`false`".to_owned(),
        doc: "let `--fix` make unsafe fixes as well",
        show: |config| config.fixes.with_unsafe.to_string(),
        read: |reader, entry, options| {
            options.unsafe_fixes = reader.boolean(entry);
        },
    },
];

/// The keys of `[blocking]`.
static BLOCKING: &[Key] = &[
    Key {
        name: "max-chain",
        kind: Kind::Integer { what: "number of helpers", from: 0, to: 100 },
        default: || format!("`{DEFAULT_MAX_CHAIN}`"),
        doc: "helpers between a coroutine and the call that blocks, at most",
        show: |config| config.blocking.max_chain.to_string(),
        read: |reader, entry, options| {
            let helpers = reader.integer(entry, "a number of helpers", 0..=100);
            options.max_chain = helpers.map(|helpers| helpers as usize);
        },
    },
    Key {
        name: "sinks",
        kind: Kind::Replacements,
        default: String::new,
        doc: "functions that block, and what to use instead",
        show: |config| show::sinks(&config.added.sinks),
        read: |reader, entry, options| options.sinks = Some(values::sinks(reader, entry)),
    },
    Key {
        name: "through-helpers",
        kind: Kind::ListOf(KINDS),
        default: || format!("`{}`", show::list(&kinds(THROUGH_HELPERS))),
        doc: "the kinds of blocking calls that are followed through helpers",
        show: |config| show::list(&kinds(&config.blocking.through_helpers)),
        read: |reader, entry, options| options.through_helpers = values::kinds(reader, entry),
    },
];

/// The keys of `[decorators]`.
static DECORATORS: &[Key] = &[Key {
    name: "preserving",
    kind: Kind::Functions,
    default: String::new,
    doc: "decorators that return what they decorate, or what is called alike",
    show: |config| show::list(&config.added.preserving),
    read: |reader, entry, options| options.preserving = values::functions(reader, entry),
}];

/// The keys of `[tasks]`.
static TASKS: &[Key] = &[Key {
    name: "keeps-reference",
    kind: Kind::Functions,
    default: String::new,
    doc: "functions that keep the tasks they start",
    show: |config| show::list(&config.keeps_reference),
    read: |reader, entry, options| options.keeps_reference = values::functions(reader, entry),
}];

/// The key of that name outside any table.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    TOP.iter().find(|key| key.name == name)
}

/// The one of `names` that `given` was probably meant to be.
pub fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    crate::selection::nearest(given, names)
}

/// Every key with its dotted name, each table before the keys in it.
pub fn all() -> Vec<(String, &'static Key)> {
    let mut all = Vec::new();
    for key in TOP {
        all.push((key.name.to_owned(), key));
        if let Kind::Table(keys) = key.kind {
            all.extend(keys.iter().map(|own| (format!("{}.{}", key.name, own.name), own)));
        }
    }
    all
}
