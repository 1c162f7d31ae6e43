//! The JSON schema of the config, for editors and for those who write configs by program.

use std::collections::BTreeSet;

use asynclint_diagnostics::Level;
use asynclint_lints::{Group, Lint};
use serde_json::{Map, Value, json};

use super::catalog::{LISTS, LISTS_OF_TABLES, TABLES};
use super::keys::{Key, TOP};
use super::kind::Kind;
use crate::selection::ALL;

/// The schema of `asynclint.toml`, and of `[tool.asynclint]` in `pyproject.toml`, for a program
/// that has `lints`.
pub fn schema(lints: &[&'static Lint]) -> Value {
    let names = |lints: &[&'static Lint]| -> Vec<&str> {
        let groups = Group::ALL.iter().map(|group| group.as_str());
        lints.iter().map(|lint| lint.name).chain(groups).collect()
    };
    let levels: Map<String, Value> = names(lints)
        .iter()
        .map(|&name| (name.to_owned(), json!({ "$ref": "#/$defs/level" })))
        .collect();
    let codes: BTreeSet<&str> =
        lints.iter().flat_map(|lint| lint.aliases.iter().copied()).collect();
    let selectors: Vec<&str> = names(lints).into_iter().chain(codes).chain([ALL]).collect();
    let prefix = format!("^({})[0-9]*$", code_letters(lints).join("|"));
    let words = [Level::Off, Level::Note, Level::Warning, Level::Error].map(Level::as_str);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "asynclint",
        "description": "The config of asynclint: `asynclint.toml`, or `[tool.asynclint]` in `pyproject.toml`",
        "type": "object",
        "additionalProperties": false,
        "properties": properties(TOP),
        "$defs": {
            "level": {
                "enum": words,
            },
            "levels": {
                "type": "object",
                "additionalProperties": false,
                "properties": levels,
            },
            "lints": {
                "type": "array",
                "items": {
                    "description": "a lint, a group, a code of another tool, the beginning of such codes, or ALL",
                    "anyOf": [{ "enum": selectors }, { "type": "string", "pattern": prefix }],
                },
            },
        },
    })
}

/// The words that codes begin with, which alone stand for all codes with them.
fn code_letters(lints: &[&'static Lint]) -> Vec<String> {
    let codes = lints.iter().flat_map(|lint| lint.aliases.iter());
    let letters = codes.filter_map(|code| {
        let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_code = letters.len() < code.len() && letters.bytes().all(|b| b.is_ascii_uppercase());
        is_code.then(|| letters.to_owned())
    });
    let letters: BTreeSet<String> = letters.filter(|letters| !letters.is_empty()).collect();
    letters.into_iter().collect()
}

fn properties(keys: &'static [Key]) -> Value {
    let one = |key: &Key| {
        let mut value = of(key.kind);
        value["description"] = json!(key.doc);
        let default = (key.default)();
        if let Some(default) = default.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'))
            && let Ok(default) = serde_json::from_str::<Value>(default)
        {
            value["default"] = default;
        }
        (key.name.to_owned(), value)
    };
    Value::Object(keys.iter().map(one).collect())
}

fn of(kind: Kind) -> Value {
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { from, to, .. } => {
            json!({ "type": "integer", "minimum": from, "maximum": to })
        }
        Kind::OneOf(values) => json!({ "enum": values() }),
        Kind::ListOf(values) => json!({ "type": "array", "items": { "enum": values() } }),
        Kind::Replacements => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Kind::Catalog => json!({
            "type": "object",
            "additionalProperties": false,
            "properties": catalog(),
        }),
        Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::Paths | Kind::Globs => {
            json!({ "type": "array", "items": { "type": "string", "minLength": 1 } })
        }
        Kind::Functions => json!({
            "type": "array",
            "items": { "type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$" },
        }),
        Kind::Lints => json!({ "$ref": "#/$defs/lints" }),
        Kind::Levels => json!({ "$ref": "#/$defs/levels" }),
        Kind::LintsByGlob => json!({
            "type": "object",
            "additionalProperties": { "$ref": "#/$defs/lints" },
        }),
        Kind::Table(keys) => json!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties(keys),
        }),
    }
}

/// The tables of a library file; what is in them is read by the catalogue alone.
fn catalog() -> Value {
    let table = || json!({ "type": "object" });
    let mut tables = Map::new();
    for &name in TABLES {
        tables.insert(name.to_owned(), table());
    }
    let strings = json!({ "type": "array", "items": { "type": "string", "minLength": 1 } });
    for &name in LISTS {
        tables.insert(name.to_owned(), strings.clone());
    }
    for &name in LISTS_OF_TABLES {
        tables.insert(name.to_owned(), json!({ "type": "array", "items": { "type": "object" } }));
    }
    tables.insert("files".to_owned(), strings);
    Value::Object(tables)
}
