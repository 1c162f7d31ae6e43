//! The XML of `JUnit` as Jenkins' schema has it: a suite for each file, a failed test for each finding. A
//! note fails nothing, so its test passes and shows it as output.

use std::fmt::Write as _;

use asynclint_diagnostics::{Diagnostic, Level};

use super::{Format, full};
use crate::{Report, escape};

/// The XML of `JUnit`.
pub(super) const FORMAT: Format = Format { name: "junit", for_people: false, render };

/// A file and what its element holds.
#[derive(Default)]
struct Suite {
    name: String,
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

fn render(report: &Report<'_>, _: bool) -> String {
    let mut suites: Vec<Suite> = report
        .diagnostics
        .chunk_by(|a, b| a.primary.file == b.primary.file)
        .map(|group| suite(group, report))
        .collect();
    suites.extend(report.unchecked.iter().map(|unchecked| {
        let message = attribute(&format!("cannot check this file: {}", unchecked.message));
        let name = escape::path(unchecked.path).into_owned();
        let mut suite = Suite { name, tests: 1, errors: 1, ..Suite::default() };
        suite.case("unchecked", &format!("<error message=\"{message}\"/>"));
        suite
    }));
    if suites.is_empty() {
        // Servers take a report without tests for one that went wrong.
        let mut suite = Suite { name: "asynclint".to_owned(), tests: 1, ..Suite::default() };
        suite.case("no findings", "");
        suites.push(suite);
    }
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let (tests, failures) = (sum(|suite| suite.tests), sum(|suite| suite.failures));
    let errors = sum(|suite| suite.errors);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"asynclint\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n"
    );
    for Suite { name, cases, tests, failures, errors } in &suites {
        let name = attribute(name);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\">\n{cases}  </testsuite>"
        );
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(group: &[Diagnostic], report: &Report<'_>) -> Suite {
    let name = escape::file(report.file(&group[0].primary)).into_owned();
    let mut suite = Suite { name, tests: group.len(), ..Suite::default() };
    for found in group {
        let start = report.file(&found.primary).position(found.primary.span.start);
        let name = format!("{} at {}:{}", found.lint, start.line, start.column);
        let shown = text(full::one(found, report.sources, false).trim_end());
        let content = if found.level > Level::Note {
            suite.failures += 1;
            let (level, message) = (found.level.as_str(), attribute(&found.message));
            format!("<failure type=\"{level}\" message=\"{message}\">{shown}</failure>")
        } else {
            format!("<system-out>{shown}</system-out>")
        };
        suite.case(&name, &content);
    }
    suite
}

impl Suite {
    fn case(&mut self, name: &str, content: &str) {
        let (name, class) = (attribute(name), attribute(&self.name));
        let _ = writeln!(
            self.cases,
            "    <testcase name=\"{name}\" classname=\"{class}\">{content}</testcase>"
        );
    }
}

/// The value of an attribute, in which a line end would become a blank.
fn attribute(value: &str) -> String {
    text(&escape::line(value))
}

/// Text between tags. What XML cannot hold at all was replaced before.
fn text(shown: &str) -> String {
    let mut out = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
