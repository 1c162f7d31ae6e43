//! GitLab's code quality report: an array of what Code Climate calls issues, of which GitLab reads
//! these fields. Paths count from the top of the repository.

use std::borrow::Cow;

use asynclint_diagnostics::{Diagnostic, Fingerprint, Level, fingerprints};
use asynclint_parser::Position;
use serde::Serialize;

use super::Format;
use crate::{Report, careful};

/// A code quality report of GitLab.
pub(super) const FORMAT: Format = Format { name: "gitlab", for_people: false, render };

#[derive(Serialize)]
struct Issue<'a> {
    check_name: &'a str,
    description: Cow<'a, str>,
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
}

impl From<Position> for Place {
    fn from(Position { line, column }: Position) -> Self {
        Self { line, column }
    }
}

fn render(report: &Report<'_>, _: bool) -> String {
    let fingerprints = fingerprints(report.diagnostics, &report.root, |id| report.sources.get(id));
    let issues = report.diagnostics.iter().zip(fingerprints);
    careful::array(issues.map(|(found, fingerprint)| issue(found, fingerprint, report)))
}

fn issue<'a>(found: &'a Diagnostic, fingerprint: Fingerprint, report: &Report<'a>) -> Issue<'a> {
    let (begin, end) = report.positions(&found.primary);
    Issue {
        check_name: found.lint,
        description: report.message(found),
        severity: match found.level {
            Level::Error => "major",
            Level::Warning => "minor",
            Level::Note | Level::Off => "info",
        },
        fingerprint: fingerprint.to_string(),
        location: Location {
            path: report.path(&found.primary),
            positions: Positions { begin: begin.into(), end: end.into() },
        },
    }
}
