//! Writing a suppression for every finding, so that a run over the same files finds nothing.

use std::collections::{BTreeMap, BTreeSet};

use asynclint_diagnostics::{Diagnostic, FileId};
use asynclint_lints::LINTS;
use asynclint_parser::{Kind, Limits, Node, SourceFile, Span, Stored, parse};
use asynclint_semantic::{Facts, lower};

use crate::check::in_pool;
use crate::config::Config;
use crate::file::INVALID_SYNTAX;
use crate::load;
use crate::outcome::{Failure, Outcome};
use crate::request::Request;
use crate::suppressions::{Scope, Suppressions, Tool};
use crate::write;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Findings that are silenced from now on.
    pub findings: usize,
    /// Files that were changed.
    pub files: usize,
    /// Files that were left as they are, and why; sorted by path.
    pub failures: Vec<Failure>,
}

/// Writes a comment for each finding of `outcome` that a comment can silence, and takes it out of
/// the outcome. `reason` stands behind the bracket of a new comment; it has one line and no `#`.
pub fn add_ignores(outcome: &mut Outcome, request: &Request<'_>, reason: &str) -> Added {
    let mut by_file: BTreeMap<FileId, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in outcome.diagnostics.iter().filter(|finding| finding.lint != INVALID_SYNTAX) {
        by_file.entry(finding.primary.file).or_default().push(finding);
    }
    let mut added = Added::default();
    let mut silenced: BTreeSet<FileId> = BTreeSet::new();
    for (file, findings) in by_file {
        let Some(source) = outcome.sources.get(file) else { continue };
        let Ok(config) = request.configs.for_file(source.path()) else { continue };
        match in_pool(request.threads, || silence(source, &findings, reason, &config)) {
            Ok(()) => {
                added.findings += findings.len();
                added.files += 1;
                silenced.insert(file);
            }
            Err(message) => {
                added.failures.push(Failure { path: source.path().to_owned(), message });
            }
        }
    }
    added.failures.sort();
    outcome.diagnostics.retain(|finding| {
        finding.lint == INVALID_SYNTAX || !silenced.contains(&finding.primary.file)
    });
    added
}

/// Silences `findings` in one file.
fn silence(
    source: &SourceFile,
    findings: &[&Diagnostic],
    reason: &str,
    config: &Config,
) -> Result<(), String> {
    if source.cell().is_some() {
        return Err("comments are not written into notebooks".to_owned());
    }
    let before = load::bytes(source.path(), config.max_file_size)?;
    let stored = Stored::decode(&before).map_err(|error| error.to_string())?;
    let stored = stored.ok_or("its encoding would not give the same bytes again")?;
    let file = SourceFile::decode(source.path(), before.clone());
    if file.map_err(|error| error.to_string())?.text() != source.text() {
        return Err("the file changed while it was being checked".to_owned());
    }
    let insertions = Plan::of(source)?.insertions(findings, reason)?;
    let mut text = String::with_capacity(stored.text().len() + 64 * insertions.len());
    let mut copied = 0;
    for (&at, insertion) in &insertions {
        text.push_str(&stored.text()[copied..at as usize]);
        text.push_str(insertion);
        copied = at as usize;
    }
    text.push_str(&stored.text()[copied..]);
    let after = stored.with_text(text).encode();
    let after = after.ok_or("its encoding has no bytes for the reason")?;
    check(source, findings, &insertions, after.clone())?;
    write::write(source.path(), &config.root, &before, &after)
}

/// Makes sure that the new text is silent where it should be, before anything is written.
fn check(
    source: &SourceFile,
    findings: &[&Diagnostic],
    insertions: &BTreeMap<u32, String>,
    after: Vec<u8>,
) -> Result<(), String> {
    let new = SourceFile::decode(source.path(), after).map_err(|error| error.to_string())?;
    let facts = facts(&new)?;
    let statements = facts.statements();
    let statement = |at| statements.at(at).unwrap_or(Span::empty(at));
    let mut suppressions = Suppressions::read(&new, &facts.comments, &statement, LINTS, false);
    for finding in findings {
        let span = finding.primary.span;
        let moved: usize = insertions.range(..=span.start).map(|(_, text)| text.len()).sum();
        if suppressions.is_suppressed(finding.lint, span.shifted(moved as u32)).is_none() {
            let line = source.position(span.start).line;
            return Err(format!("found no place for a comment about line {line}"));
        }
    }
    Ok(())
}

fn facts(source: &SourceFile) -> Result<Facts, String> {
    let parsed = parse(source.text(), &Limits::default()).map_err(|error| error.to_string())?;
    Ok(lower(parsed))
}

/// What has to be known of a file before comments can be put into it.
struct Plan<'a> {
    source: &'a SourceFile,
    facts: Facts,
    /// Strings that go over several lines.
    strings: Vec<Span>,
}

/// What goes into one line.
enum Place {
    /// More names, at this byte of a comment that is there.
    Extended(u32),
    /// A comment, at the end of this line.
    Line(u32),
}

impl<'a> Plan<'a> {
    fn of(source: &'a SourceFile) -> Result<Self, String> {
        let parsed = parse(source.text(), &Limits::default()).map_err(|error| error.to_string())?;
        let nodes = parsed.tree.root().descendants();
        let strings = nodes.filter(|node| node.kind() == Kind::String).map(Node::span);
        let strings = strings.filter(|&span| source.slice(span).contains('\n')).collect();
        Ok(Self { source, strings, facts: lower(parsed) })
    }

    /// What is to be put in at which byte.
    fn insertions(
        &self,
        findings: &[&Diagnostic],
        reason: &str,
    ) -> Result<BTreeMap<u32, String>, String> {
        let statements = self.facts.statements();
        let statement = |at| statements.at(at).unwrap_or(Span::empty(at));
        let comments = &self.facts.comments;
        let suppressions = Suppressions::read(self.source, comments, &statement, LINTS, false);
        let mut extended: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
        let mut lines: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
        for finding in findings {
            let span = finding.primary.span;
            match self.place(span, statement(span.start), &suppressions) {
                Some(Place::Extended(at)) => extended.entry(at).or_default().insert(finding.lint),
                Some(Place::Line(line)) => lines.entry(line).or_default().insert(finding.lint),
                None => {
                    let line = self.source.position(span.start).line;
                    return Err(format!("found no place for a comment about line {line}"));
                }
            };
        }
        let joined = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
        let mut insertions: BTreeMap<u32, String> = BTreeMap::new();
        for (at, names) in extended {
            insertions.insert(at, format!(", {}", joined(names)));
        }
        let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
        for (line, names) in lines {
            let comment = format!("  # asynclint: ignore[{}]{reason}", joined(names));
            insertions.insert(self.end(line), comment);
        }
        Ok(insertions)
    }

    /// Where a comment reaches a finding: in one of ours that is there, else at the end of the
    /// first line of its statement, else of the last.
    fn place(&self, span: Span, statement: Span, suppressions: &Suppressions<'_>) -> Option<Place> {
        let line = |at: u32| self.source.lines().line(at);
        let last = |span: Span| line(span.end.max(span.start + 1) - 1);
        let own = line(span.start);
        let lines = [line(statement.start), last(statement), own, last(span)];
        let ours = suppressions.all().iter().filter(|one| one.tool == Tool::Ours);
        let mut near = ours.filter(|one| match one.scope {
            Scope::Line(line) => lines.contains(&line),
            Scope::Next { line: next, .. } => {
                next == own || next == lines[0] || line(one.comment.start) == own
            }
            _ => false,
        });
        if let Some(name) = near.next().and_then(|one| one.names.last()) {
            return Some(Place::Extended(name.span.end));
        }
        lines.into_iter().find(|&line| self.takes_comment(line)).map(Place::Line)
    }

    /// The byte behind the last character of a line that is no blank.
    fn end(&self, line: u32) -> u32 {
        let span = self.source.lines().span(self.source.text(), line);
        span.start + self.source.slice(span).trim_end().len() as u32
    }

    /// Whether a comment can stand at the end of a line: not inside a string, nor behind a
    /// backslash that joins it with the next one.
    fn takes_comment(&self, line: u32) -> bool {
        let end = self.end(line);
        let is_joined = self.source.text()[..end as usize].ends_with('\\')
            && !self.facts.comments.iter().any(|comment| comment.start < end && end <= comment.end);
        let in_string = self.strings.iter().any(|string| string.start < end && end < string.end);
        !is_joined && !in_string
    }
}
