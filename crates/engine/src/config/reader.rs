//! Reading a config so that every mistake in it is found, and shown at its place.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use asynclint_diagnostics::{Diagnostic, FileId, Label, Level};
use asynclint_lints::Lint;
use asynclint_parser::{SourceFile, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::{ConfigErrors, INVALID_CONFIG};
use super::globs::BadGlob;
use super::keys::{self, Key};
use super::options::Options;
use crate::selection::{Selector, nearest};

/// Collects the settings and the mistakes of one text.
pub(super) struct Reader<'a> {
    source: SourceFile,
    lints: &'a [&'static Lint],
    diagnostics: Vec<Diagnostic>,
}

/// A key with its value, or an item of a list under the key of the list.
#[derive(Clone)]
pub(super) struct Entry<'t> {
    /// The key.
    pub(super) key: Cow<'t, str>,
    /// Where the key stands.
    pub(super) key_span: Span,
    /// Where the value stands.
    pub(super) span: Span,
    value: &'t DeValue<'t>,
}

impl<'t> Entry<'t> {
    /// The value as a number, as it is written.
    pub(super) fn number(&self) -> Option<&str> {
        match self.value {
            DeValue::Float(float) => Some(float.as_str()),
            DeValue::Integer(integer) => Some(integer.as_str()),
            _ => None,
        }
    }

    /// The value, without its place.
    pub(super) fn to_value(&self) -> Option<toml::Value> {
        let spanned = Spanned::new(self.span.range(), self.value.clone());
        serde::Deserialize::deserialize(toml::de::ValueDeserializer::from(spanned)).ok()
    }

    /// What kind of value it is, for labels.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            DeValue::String(_) => "this is a string",
            DeValue::Integer(_) => "this is an integer",
            DeValue::Float(_) => "this is a float",
            DeValue::Boolean(_) => "this is a boolean",
            DeValue::Datetime(_) => "this is a date",
            DeValue::Array(_) => "this is a list",
            DeValue::Table(_) => "this is a table",
        }
    }

    fn item(&self, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self { span: span(&value.span()), value: value.get_ref(), ..self.clone() }
    }
}

impl<'a> Reader<'a> {
    /// A reader of `source`.
    pub(super) fn new(source: SourceFile, lints: &'a [&'static Lint]) -> Self {
        Self { source, lints, diagnostics: Vec::new() }
    }

    /// Where the text stands.
    pub(super) fn path(&self) -> &std::path::Path {
        self.source.path()
    }

    /// The table of lints.
    pub(super) fn lints(&self) -> &'a [&'static Lint] {
        self.lints
    }

    /// The whole text as one config.
    pub(super) fn read(mut self) -> Result<Options, ConfigErrors> {
        let mut options = Options::default();
        let text = self.source.text().to_owned();
        if let Some(document) = self.parse(&text) {
            self.keys_in(document.get_ref(), "", keys::TOP, &mut options);
        }
        self.finish(options)
    }

    /// The table `[tool.asynclint]` of the text, if there is one.
    pub(super) fn read_pyproject(mut self) -> Result<Option<Options>, ConfigErrors> {
        let mut options = Options::default();
        let text = self.source.text().to_owned();
        let document = self.parse(&text);
        let tool = document.as_ref().and_then(|document| document.get_ref().get("tool"));
        let ours = tool.and_then(|tool| tool.get_ref().as_table()?.get_key_value("asynclint"));
        if let Some((key, value)) = ours {
            let entry = entry(key, value);
            if let DeValue::Table(table) = value.get_ref() {
                self.keys_in(table, "", keys::TOP, &mut options);
            } else {
                self.report(entry.span, "`tool.asynclint` must be a table", entry.kind(), None);
            }
        }
        self.finish(ours.is_some().then_some(options))
    }

    fn finish<T>(mut self, read: T) -> Result<T, ConfigErrors> {
        if self.diagnostics.is_empty() {
            return Ok(read);
        }
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
        Err(ConfigErrors { source: self.source, diagnostics: self.diagnostics })
    }

    fn parse<'t>(&mut self, text: &'t str) -> Option<Spanned<DeTable<'t>>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(Span::empty(0), |range| span(&range));
            let word = text.get(at.range()).unwrap_or_default();
            if is_unquoted(error.message(), word) {
                let (message, meant) = match word.to_ascii_lowercase().as_str() {
                    lower @ ("true" | "false") => ("a boolean is lower case", lower.to_owned()),
                    _ => ("a string stands in quotes", format!("\"{word}\"")),
                };
                let help = Some(format!("write `{meant}`"));
                self.report(at, format!("invalid TOML: {message}"), "", help);
            } else {
                self.report(at, format!("invalid TOML: {}", error.message()), "", None);
                // What comes after a misplaced sign is read wrongly.
                break;
            }
        }
        errors.is_empty().then_some(document)
    }

    /// Reads the table `entry` with `keys`.
    pub(super) fn keys_of(&mut self, entry: &Entry<'_>, keys: &[Key], options: &mut Options) {
        match entry.value {
            DeValue::Table(table) => self.keys_in(table, &entry.key, keys, options),
            _ => self.no_table(entry),
        }
    }

    fn keys_in(&mut self, table: &DeTable<'_>, place: &str, keys: &[Key], options: &mut Options) {
        for (key, value) in table {
            let entry = entry(key, value);
            match keys.iter().find(|key| key.name == entry.key) {
                Some(key) => (key.read)(self, &entry, options),
                None => self.unknown_key(&entry, place, keys),
            }
        }
    }

    /// The entries of the table `entry`, in the order of their places.
    pub(super) fn entries<'t>(&mut self, entry: &Entry<'t>) -> Vec<Entry<'t>> {
        let DeValue::Table(table) = entry.value else {
            self.no_table(entry);
            return Vec::new();
        };
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| self::entry(key, value)).collect();
        entries.sort_by_key(|entry| entry.key_span);
        entries
    }

    /// The string `entry`, which is `what`, such as `example`.
    pub(super) fn string<'t>(
        &mut self,
        entry: &Entry<'t>,
        what: &str,
        example: &str,
    ) -> Option<&'t str> {
        let text = entry.value.as_str();
        if text.is_none() {
            let help = format!("write it in quotes: `{} = \"{example}\"`", entry.key);
            self.wrong_kind(entry, what, Some(help));
        }
        text
    }

    /// The boolean `entry`.
    pub(super) fn boolean(&mut self, entry: &Entry<'_>) -> Option<bool> {
        let value = entry.value.as_bool();
        if value.is_none() {
            let meant = match entry.value.as_str() {
                Some("true" | "True" | "yes" | "on") => Some(true),
                Some("false" | "False" | "no" | "off") => Some(false),
                _ => None,
            };
            let help =
                meant.map(|meant| format!("write `{} = {meant}`, without quotes", entry.key));
            self.wrong_kind(entry, "`true` or `false`", help);
        }
        value
    }

    /// The integer `entry`, which is `what` and lies in `range`.
    pub(super) fn integer(
        &mut self,
        entry: &Entry<'_>,
        what: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let DeValue::Integer(integer) = entry.value else {
            self.wrong_kind(entry, what, None);
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{}` is out of range", entry.key);
            let help = format!("it is {what} from {} to {}", range.start(), range.end());
            self.report(entry.span, message, "", Some(help));
        }
        number
    }

    /// The items of the list of strings `entry`, which are `what`, such as `example`; `None` where
    /// any of them is wrong.
    pub(super) fn strings<'t, T>(
        &mut self,
        entry: &Entry<'t>,
        what: &str,
        example: &str,
        mut read: impl FnMut(&mut Self, &Entry<'t>, &'t str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let DeValue::Array(array) = entry.value else {
            let example = entry.value.as_str().unwrap_or(example);
            let key = if is_bare(&entry.key) {
                entry.key.clone()
            } else {
                Cow::Owned(format!("\"{}\"", entry.key))
            };
            let help = format!("write `{key} = [\"{example}\"]`");
            self.wrong_kind(entry, &format!("a list of {what}"), Some(help));
            return None;
        };
        let mut items = Vec::new();
        for value in array {
            let item = entry.item(value);
            if let Some(text) = value.get_ref().as_str() {
                items.extend(read(self, &item, text));
            } else {
                self.wrong_kind(&item, &format!("a list of {what}"), None);
            }
        }
        (items.len() == array.len()).then_some(items)
    }

    /// Reports a bad glob at `span`.
    pub(super) fn check(&mut self, span: Span, glob: Result<(), BadGlob>) -> Option<()> {
        let Err(bad) = glob else { return Some(()) };
        self.report(span, format!("invalid glob `{}`", bad.glob), bad.reason, None);
        None
    }

    /// Reports a mistake at `span`.
    pub(super) fn report(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.diagnostics.push(diagnostic(span, message.into(), label.into(), help));
    }

    fn wrong_kind(&mut self, entry: &Entry<'_>, what: &str, help: Option<String>) {
        let message = format!("`{}` must be {what}", entry.key);
        self.report(entry.span, message, entry.kind(), help);
    }

    fn no_table(&mut self, entry: &Entry<'_>) {
        let help = Selector::parse(&entry.key, self.lints)
            .is_ok()
            .then(|| format!("the level of a group stands in `[lints]`: `lints.{}`", entry.key));
        self.wrong_kind(entry, "a table", help);
    }

    fn unknown_key(&mut self, entry: &Entry<'_>, place: &str, keys: &[Key]) {
        let key = entry.key.as_ref();
        let message = match place {
            "" => format!("unknown key `{key}`"),
            table => format!("unknown key `{key}` in `[{table}]`"),
        };
        let help = if place.is_empty() && key == "tool" {
            "only `pyproject.toml` has `[tool.asynclint]`; here its keys stand at the top"
                .to_owned()
        } else if Selector::parse(key, self.lints).is_ok() {
            format!("levels of lints stand in `[lints]`: `lints.{key}`")
        } else if let Some(near) = nearest(key, keys.iter().map(|key| key.name)) {
            format!("did you mean `{near}`?")
        } else {
            let known: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
            format!("the keys are {}", known.join(", "))
        };
        self.report(entry.key_span, message, "no such key", Some(help));
    }
}

/// A mistake in a config.
pub(super) fn diagnostic(
    span: Span,
    message: String,
    label: String,
    help: Option<String>,
) -> Diagnostic {
    Diagnostic {
        lint: INVALID_CONFIG,
        level: Level::Error,
        message,
        primary: Label { file: FileId(0), span, message: label },
        secondary: Vec::new(),
        chain: Vec::new(),
        notes: Vec::new(),
        help,
        fix: None,
    }
}

fn entry<'t>(key: &'t Spanned<Cow<'t, str>>, value: &'t Spanned<DeValue<'t>>) -> Entry<'t> {
    Entry {
        key: Cow::Borrowed(key.get_ref()),
        key_span: span(&key.span()),
        span: span(&value.span()),
        value: value.get_ref(),
    }
}

fn span(range: &Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// Whether the parser's `message` is about a bare word where a value should stand.
fn is_unquoted(message: &str, word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && is_bare(word)
        && (message.starts_with("string values") || message.starts_with("invalid "))
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
