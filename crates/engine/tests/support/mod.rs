//! What the tests over fixtures share: cases, their headers and markers, and running them.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::{Path, PathBuf};

use asynclint_diagnostics::{Diagnostic, FileId, Level};
use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::discovery::DiscoveryOptions;
use asynclint_engine::selection::{CommandLine, Selector};
use asynclint_engine::{Outcome, Request, SourceTable, check_text};
use asynclint_lints::LINTS;
use asynclint_parser::SourceFile;
use asynclint_reporter::Sources;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One text with expectations.
pub struct Case {
    /// Path below `fixtures/`, or the page it stands on.
    pub name: String,
    /// The lint it is about.
    pub lint: &'static str,
    /// The Python text.
    pub text: String,
}

/// Every case of every fixture folder, sorted.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for lint in LINTS {
        let folder = root().join("fixtures").join(lint.name);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
            .collect();
        files.sort();
        for path in files {
            let stem = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a fixture is UTF-8");
            cases.push(Case { name: format!("{}/{stem}", lint.name), lint: lint.name, text });
        }
    }
    cases
}

/// The Python examples of every page, in order.
pub fn examples() -> Vec<Case> {
    let mut cases = Vec::new();
    for lint in LINTS {
        let blocks = lint.page.split("```python\n").skip(1);
        for (index, block) in blocks.enumerate() {
            let text = block.split("```").next().unwrap_or_default().to_owned();
            let name = format!("{}.md, example {}", lint.name, index + 1);
            cases.push(Case { name, lint: lint.name, text });
        }
    }
    cases
}

/// What a marker in a comment says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Marker {
    /// `# error: [lint] "text"` and its like.
    Finding { level: &'static str, text: Option<String> },
    /// `# known-false: [lint]`
    KnownFalse,
    /// `# known-miss: [lint]`
    KnownMiss,
}

/// The markers of a text: 1-based line, lint, what it says.
pub fn markers(text: &str) -> Vec<(u32, String, Marker)> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for (word, _) in line.match_indices("# ") {
            let comment = &line[word + 2..];
            let Some((kind, rest)) = comment.split_once(": [") else { continue };
            let Some((lint, rest)) = rest.split_once(']') else { continue };
            let quoted = rest.trim_start().strip_prefix('"');
            let text = quoted.and_then(|rest| rest.split_once('"')).map(|(text, _)| text.to_owned());
            let marker = match kind {
                "error" => Marker::Finding { level: "error", text },
                "warning" => Marker::Finding { level: "warning", text },
                "note" => Marker::Finding { level: "note", text },
                "known-false" => Marker::KnownFalse,
                "known-miss" => Marker::KnownMiss,
                _ => continue,
            };
            found.push((number, lint.to_owned(), marker));
        }
    }
    found
}

/// Checks the text of a case under its header, at its lint's place in the catalogue.
pub fn check(case: &Case, text: &str) -> Outcome {
    check_bytes(case, text.as_bytes().to_vec())
}

/// As [`check`], for bytes.
pub fn check_bytes(case: &Case, bytes: Vec<u8>) -> Outcome {
    let header: String = case
        .text
        .lines()
        .take_while(|line| line.starts_with("#:"))
        .map(|line| format!("{}\n", &line[2..]))
        .collect();
    let options = Options::parse("header", &header, LINTS)
        .unwrap_or_else(|errors| panic!("{}: {errors}", case.name));
    // Notes and lints that are off run in their own folder and where the header asks.
    let mut selection = CommandLine::default();
    for lint in LINTS.iter().filter(|lint| lint.level <= Level::Note) {
        let selector = Selector::parse(lint.name, LINTS).expect("a lint selects itself");
        if lint.name == case.lint {
            selection.extend_select.push(selector);
        } else if !header.contains(lint.name) {
            selection.ignore.push(selector);
        }
    }
    let configs = ConfigFinder::isolated("/", LINTS, options);
    let discovery = DiscoveryOptions::default();
    let request = Request { configs: &configs, selection: &selection, discovery, threads: 1 };
    check_text(Path::new(&case.name), bytes, &request)
        .unwrap_or_else(|errors| panic!("{}: {errors:?}", case.name))
}

/// The line on which a finding begins, 1-based.
pub fn line(outcome: &Outcome, finding: &Diagnostic) -> u32 {
    let source = outcome.sources.get(finding.primary.file).expect("the source is kept");
    source.position(finding.primary.span.start).line
}

/// Sources for the reporter.
pub struct Table<'a>(pub &'a SourceTable);

impl Sources for Table<'_> {
    fn get(&self, file: FileId) -> &SourceFile {
        self.0.get(file).expect("the source is kept")
    }
}
