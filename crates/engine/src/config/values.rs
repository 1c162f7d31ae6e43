//! How the values of keys are read.

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;
use asynclint_lints::{Group, Library};
use asynclint_project::Sink;

use super::globs::Globs;
use super::keys;
use super::options::{Extend, Options, PerFileIgnore};
use super::reader::{Entry, Reader};
use super::target::TargetVersion;
use crate::selection::{Selector, nearest};

pub(super) fn globs(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<String>> {
    reader.strings(entry, "globs", "gen", |reader, item, glob| {
        reader.check(item.span, Globs::check(glob))?;
        Some(glob.to_owned())
    })
}

pub(super) fn functions(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<String>> {
    reader.strings(entry, "names of functions", "app.tasks.spawn", |reader, item, name| {
        if name.split('.').all(is_identifier) {
            return Some(name.to_owned());
        }
        let help = "write `package.module.function`, or the call as the code has it without its \
                    brackets, such as `self.spawn`";
        let message = format!("`{name}` is no name of a function");
        reader.report(item.span, message, "", Some(help.to_owned()));
        None
    })
}

pub(super) fn selectors(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<Selector>> {
    reader.strings(entry, "lints", "missing-await", |reader, item, text| {
        match Selector::parse(text, reader.lints()) {
            Ok(selector) => Some(selector),
            Err(unknown) => {
                let help = unknown.help();
                reader.report(item.span, unknown.to_string(), "no lint, group or code", Some(help));
                None
            }
        }
    })
}

pub(super) fn library(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Library> {
    let name = reader.string(entry, "the name of a library", "asyncio")?;
    let library = Library::ALL.iter().copied().find(|library| library.as_str() == name);
    if library.is_none() {
        let known = Library::ALL.iter().map(|library| library.as_str());
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", quoted(known)),
        };
        reader.report(entry.span, format!("unknown library `{name}`"), "", Some(help));
    }
    library
}

pub(super) fn target_version(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<TargetVersion> {
    if let Some(number) = entry.number() {
        // 3.10 is the float 3.1.
        let help = format!("write it in quotes: `target-version = \"{number}\"`");
        let message = "`target-version` must be a string such as `\"3.11\"`";
        reader.report(entry.span, message, entry.kind(), Some(help));
        return None;
    }
    let text = reader.string(entry, "a version", "3.11")?;
    let version = TargetVersion::parse(text);
    if version.is_none() {
        let help = match spelt_otherwise(text) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                format!("it is one of `{}` to `{}`", TargetVersion::OLDEST, TargetVersion::NEWEST)
            }
        };
        reader.report(entry.span, format!("unknown Python version `{text}`"), "", Some(help));
    }
    version
}

/// The version that other tools write as `py311`, `py3.11`, `>=3.11` or `3.11.4`.
fn spelt_otherwise(text: &str) -> Option<TargetVersion> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let minor = digits.strip_prefix("3.").or_else(|| digits.strip_prefix('3'))?;
    TargetVersion::parse(&format!("3.{}", minor.split('.').next()?))
}

pub(super) fn levels(reader: &mut Reader<'_>, entry: &Entry<'_>, options: &mut Options) {
    for item in reader.entries(entry) {
        let name = item.key.as_ref();
        let lint = reader.lints().iter().position(|lint| lint.name == name);
        let group = Group::ALL.iter().copied().find(|group| group.as_str() == name);
        if lint.is_none() && group.is_none() {
            unknown_lint(reader, &item);
            if keys::find(name).is_some() {
                continue;
            }
        }
        let Some(level) = level(reader, &item) else { continue };
        if let Some(lint) = lint {
            options.lint_levels.push((lint, level));
        } else if let Some(group) = group {
            options.group_levels.push((group, level));
        }
    }
}

fn unknown_lint(reader: &mut Reader<'_>, item: &Entry<'_>) {
    let name = item.key.as_ref();
    let (message, help) = match Selector::parse(name, reader.lints()) {
        _ if keys::find(name).is_some() => (
            format!("unknown lint `{name}`"),
            format!("`{name}` is a key of its own, outside `[lints]`"),
        ),
        Ok(code) => {
            let meant = code.lints().iter().map(|&index| reader.lints()[index].name);
            let meant = if code.lints().len() > 3 {
                "the lints or their group".to_owned()
            } else {
                quoted(meant)
            };
            (
                format!("`[lints]` takes lints and groups, not `{name}`"),
                format!("write {meant} instead"),
            )
        }
        Err(unknown) => (unknown.to_string(), unknown.help()),
    };
    reader.report(item.key_span, message, "no lint or group", Some(help));
}

fn level(reader: &mut Reader<'_>, item: &Entry<'_>) -> Option<Level> {
    let word = reader.string(item, "a level", "warning")?;
    let level = Level::parse(word);
    if level.is_none() {
        const WORDS: [&str; 4] = ["off", "note", "warning", "error"];
        let other_word = match word.to_ascii_lowercase().as_str() {
            "warn" => Some("warning"),
            "deny" | "forbid" | "on" => Some("error"),
            "allow" | "ignore" | "none" | "disable" | "disabled" => Some("off"),
            "info" | "information" | "hint" => Some("note"),
            _ => None,
        };
        let help = match other_word.or_else(|| nearest(word, WORDS)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", quoted(WORDS)),
        };
        reader.report(item.span, format!("unknown level `{word}`"), "", Some(help));
    }
    level
}

pub(super) fn per_file_ignores(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Vec<PerFileIgnore> {
    let mut rows = Vec::new();
    for item in reader.entries(entry) {
        let (glob, negated) = match item.key.strip_prefix('!') {
            Some(glob) => (glob, true),
            None => (item.key.as_ref(), false),
        };
        let valid = reader.check(item.key_span, Globs::check(glob));
        if let (Some(()), Some(lints)) = (valid, selectors(reader, &item)) {
            rows.push(PerFileIgnore { glob: glob.to_owned(), root: None, negated, lints });
        }
    }
    rows
}

/// The config that this one builds on; it is read later, when its path is known.
pub(super) fn extend(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Extend> {
    let path = reader.string(entry, "a path", "../asynclint.toml")?.to_owned();
    Some(Extend { path, span: entry.span })
}

pub(super) fn folders(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<String>> {
    reader.strings(entry, "folders", "src", |reader, item, folder| {
        if !folder.is_empty() {
            return Some(folder.to_owned());
        }
        let help = Some("`.` is the folder of the config".to_owned());
        reader.report(item.span, "the name of a folder is empty", "", help);
        None
    })
}

/// The rows of `[blocking.sinks]`.
pub(super) fn sinks(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Vec<Sink> {
    let mut sinks = Vec::new();
    for item in reader.entries(entry) {
        let name = item.key.clone().into_owned();
        if !name.split('.').all(|part| is_identifier(&part.replace('*', "_"))) {
            let help = "write `package.module.function`, in which `*` stands for any characters";
            let message = format!("`{name}` is no name of a function");
            reader.report(item.key_span, message, "", Some(help.to_owned()));
        } else if let Some(replacement) = reader.string(&item, "what to use instead", "app.fetch") {
            sinks.push(Sink { name, replacement: replacement.to_owned() });
        }
    }
    sinks
}

pub(super) fn kinds(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<BlockKind>> {
    reader.strings(entry, "kinds", "sleep", |reader, item, word| {
        let known = BlockKind::ALL.iter().map(|kind| kind.as_str());
        let kind = BlockKind::ALL.iter().copied().find(|kind| kind.as_str() == word);
        if kind.is_none() {
            let help = match nearest(word, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the kinds are {}", quoted(known)),
            };
            reader.report(item.span, format!("unknown kind `{word}`"), "", Some(help));
        }
        kind
    })
}

fn is_identifier(part: &str) -> bool {
    !part.starts_with(|first: char| first.is_ascii_digit())
        && !part.is_empty()
        && part.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn quoted<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
