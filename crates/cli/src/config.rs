//! `asynclint config`

use std::fmt::Write;

use asynclint_engine::config::keys::{self, Key};
use asynclint_engine::config::schema;
use asynclint_lints::LINTS;
use serde_json::json;

use crate::args::KeyFormat;
use crate::output::{self, FAILED};
use crate::refusal;

/// A key with its dotted name.
type Named = (String, &'static Key);

/// Shows the key `wanted` with the keys below it, or all of them.
pub(crate) fn run(wanted: Option<&str>, format: KeyFormat) -> u8 {
    let all = keys::all();
    let keys: Vec<&Named> = match wanted {
        None => all.iter().collect(),
        Some(wanted) => {
            let below = format!("{wanted}.");
            all.iter().filter(|(name, _)| name == wanted || name.starts_with(&below)).collect()
        }
    };
    if let (true, Some(wanted)) = (keys.is_empty(), wanted) {
        let names = all.iter().map(|(name, _)| name.as_str());
        let help = match keys::nearest(wanted, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`asynclint config` shows every key".to_owned(),
        };
        output::complain(&refusal::error(&format!("unknown key `{wanted}`"), &help));
        return FAILED;
    }
    output::print(&match format {
        KeyFormat::Text => text(&keys),
        KeyFormat::Json => json(&keys),
        KeyFormat::Markdown => markdown(&keys),
        KeyFormat::Schema => format!("{:#}\n", schema(LINTS)),
    })
}

fn text(keys: &[&Named]) -> String {
    let mut out = String::new();
    for (name, key) in keys {
        let _ = writeln!(out, "{name}\n    {}", key.doc);
        let _ = write!(out, "    {}", key.kind.words());
        let default = (key.default)();
        if !default.is_empty() {
            let _ = write!(out, "; default: {default}");
        }
        out.push('\n');
    }
    out
}

fn json(keys: &[&Named]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(name, key)| {
            let default = Some((key.default)()).filter(|default| !default.is_empty());
            json!({
                "key": name,
                "type": key.kind.words(),
                "default": default,
                "description": key.doc,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(keys))
}

/// The table of docs/configuration.md; a test compares.
fn markdown(keys: &[&Named]) -> String {
    let mut out = String::from("| key | value | default | what it is for |\n|---|---|---|---|\n");
    for (name, key) in keys {
        let (kind, default) = (key.kind.words(), (key.default)());
        let _ = writeln!(out, "| `{name}` | {kind} | {default} | {} |", key.doc);
    }
    out
}
