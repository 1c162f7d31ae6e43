//! SARIF 2.1.0, which GitHub's code scanning and many other servers read.
//!
//! URIs count from the top of the repository; what lies elsewhere has an absolute one. A chain is a
//! code flow, the other labels are related locations. A fix that is only for reading is left out.

mod rules;
mod uri;

use asynclint_diagnostics::{
    Applicability, Diagnostic, Fingerprint, Fix, Label, Level, fingerprints,
};
use asynclint_parser::{SourceFile, Span};
use serde::Serialize;
use serde_json::{Value, json};

use super::Format;
use crate::{Report, Unchecked, careful};
use rules::Rules;

/// SARIF 2.1.0.
pub(super) const FORMAT: Format = Format { name: "sarif", for_people: false, render };

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Fingerprints of another making would get another number.
const FINGERPRINT: &str = "asynclint/v1";

/// What a run holds; its order is that of the fields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    invocations: [Value; 1],
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<Value>,
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

fn render(report: &Report<'_>, _: bool) -> String {
    let rules = Rules::of(report);
    let fingerprints = fingerprints(report.diagnostics, &report.root, |id| report.sources.get(id));
    let found = report.diagnostics.iter().zip(fingerprints);
    let run = Run {
        tool: json!({ "driver": {
            "name": "asynclint",
            "informationUri": env!("CARGO_PKG_HOMEPAGE"),
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules.descriptors(report),
        } }),
        invocations: [invocation(report)],
        column_kind: "unicodeCodePoints",
        results: found.map(|(found, print)| finding(found, print, &rules, report)).collect(),
    };
    careful::json(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }) + "\n"
}

/// Whether all could be checked, and what could not.
fn invocation(report: &Report<'_>) -> Value {
    let notification = |Unchecked { path, message }: &Unchecked<'_>| {
        json!({
            "level": "error",
            "message": { "text": format!("cannot check this file: {message}") },
            "locations": [{ "physicalLocation": { "artifactLocation": uri::of(path, report) } }],
        })
    };
    let notifications: Vec<_> = report.unchecked.iter().map(notification).collect();
    json!({
        "executionSuccessful": notifications.is_empty(),
        "toolExecutionNotifications": notifications,
    })
}

fn finding<'a>(
    found: &'a Diagnostic,
    fingerprint: Fingerprint,
    rules: &Rules,
    report: &Report<'a>,
) -> Finding {
    let place = |label: &Label| location(label, report);
    let numbered = |(id, label): (usize, &Label)| {
        let mut place = place(label);
        place["id"] = id.into();
        place
    };
    // A chain leads from the finding to its cause.
    let steps = std::iter::once(&found.primary).chain(&found.chain);
    let steps: Vec<_> = steps.map(|label| json!({ "location": place(label) })).collect();
    let flow = json!({ "threadFlows": [{ "locations": steps }] });
    let fix = found.fix.as_ref().filter(|fix| fix.applicability != Applicability::DisplayOnly);
    Finding {
        rule_id: found.lint,
        rule_index: rules.index(found.lint),
        level: level(found.level),
        message: json!({ "text": message(found, report) }),
        locations: [place(&found.primary)],
        related_locations: found.secondary.iter().enumerate().map(numbered).collect(),
        code_flows: if found.chain.is_empty() { Vec::new() } else { vec![flow] },
        partial_fingerprints: json!({ FINGERPRINT: fingerprint.to_string() }),
        fixes: fix.map(|fix| proposal(fix, &found.primary, report)).into_iter().collect(),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Off => "note",
    }
}

/// The message with what else is to be said of it, a line each.
fn message<'a>(found: &'a Diagnostic, report: &Report<'a>) -> String {
    let notes = found.notes.iter().map(|note| format!("\nnote: {note}"));
    let help = found.help.iter().map(|help| format!("\nhelp: {help}"));
    std::iter::once(report.message(found).into_owned()).chain(notes).chain(help).collect()
}

fn location(label: &Label, report: &Report<'_>) -> Value {
    let file = report.file(label);
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": uri::of(file.path(), report),
        "region": region(file, label.span),
    } });
    if !label.message.is_empty() {
        location["message"] = json!({ "text": label.message });
    }
    location
}

fn region(file: &SourceFile, span: Span) -> Value {
    if file.cell().is_some() {
        return json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 });
    }
    let (start, end) = (file.position(span.start), file.position(span.end.max(span.start)));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn proposal(fix: &Fix, place: &Label, report: &Report<'_>) -> Value {
    let file = report.file(place);
    let replacements = fix.edits.iter().map(|edit| {
        json!({
            "deletedRegion": region(file, edit.span),
            "insertedContent": { "text": edit.content },
        })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": uri::of(file.path(), report),
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    })
}
