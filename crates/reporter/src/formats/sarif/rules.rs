//! The lints that were found, with all that is known of them.

use std::collections::BTreeSet;

use asynclint_diagnostics::Level;
use serde_json::{Value, json};

use crate::{Report, Rule};

/// Names of lints, sorted. A result points at its own by index.
pub(super) struct Rules(Vec<&'static str>);

impl Rules {
    /// Those that `report` has findings of.
    pub(super) fn of(report: &Report<'_>) -> Self {
        let names: BTreeSet<_> = report.diagnostics.iter().map(|found| found.lint).collect();
        Self(names.into_iter().collect())
    }

    pub(super) fn index(&self, name: &str) -> usize {
        self.0.partition_point(|known| *known < name)
    }

    pub(super) fn descriptors(&self, report: &Report<'_>) -> Vec<Value> {
        let descriptor = |name: &&str| match report.rule(name) {
            Some(rule) => known(rule),
            None => unknown(name),
        };
        self.0.iter().map(descriptor).collect()
    }
}

fn known(rule: &Rule<'_>) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": lead(rule.page).unwrap_or(rule.summary) },
        "help": { "text": rule.page, "markdown": rule.page },
        "helpUri": rule.url,
        // One that is off runs as a warning where it is selected.
        "defaultConfiguration": {
            "enabled": rule.level != Level::Off,
            "level": super::level(if rule.level == Level::Off { Level::Warning } else { rule.level }),
        },
        "properties": { "tags": ["async", rule.group], "aliases": rule.aliases },
    })
}

/// Text that is not Python, for one, is no lint and has no page; but GitHub wants all of these.
fn unknown(name: &str) -> Value {
    let words = json!({ "text": name.replace('-', " ") });
    json!({ "id": name, "shortDescription": words, "fullDescription": words, "help": words })
}

/// The paragraph below the heading.
fn lead(page: &str) -> Option<&str> {
    page.split("\n\n").map(str::trim).find(|part| !part.is_empty() && !part.starts_with('#'))
}
