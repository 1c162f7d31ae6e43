//! The suppressions of one file.

use asynclint_lints::Lint;
use asynclint_parser::{SourceFile, Span};
use rustc_hash::FxHashMap;

use super::layout::Layout;
use super::reader::Reader;
use super::{Malformed, Scope, Suppression, SuppressionId, Tool};

/// The suppressions of one file, and how often each was used.
pub struct Suppressions<'a> {
    layout: Layout<'a>,
    lints: &'a [&'static Lint],
    all: Vec<Suppression>,
    malformed: Vec<Malformed>,
    /// Indices of those about whole files and ranges of lines.
    wide: Vec<u32>,
    /// Indices of the others by the line they are about.
    by_line: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Suppressions<'a> {
    /// Reads `comments`, the spans of the comments of `source` in order, each from its `#` to the
    /// end of its line.
    ///
    /// `statement` gives for a byte the smallest simple statement around it, or the header of the
    /// compound statement: that of a decorated definition begins at its first decorator. Without
    /// `respect_noqa` only our own comments count.
    pub fn read(
        source: &'a SourceFile,
        comments: &[Span],
        statement: &'a dyn Fn(u32) -> Span,
        lints: &'a [&'static Lint],
        respect_noqa: bool,
    ) -> Self {
        let layout = Layout { source, statement };
        let mut reader = Reader::new(layout, lints, respect_noqa);
        for &comment in comments {
            reader.comment(comment);
        }
        let Reader { all, malformed, .. } = reader;
        let mut wide = Vec::new();
        let mut by_line: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (suppression, index) in all.iter().zip(0..) {
            match suppression.scope {
                Scope::Line(line) => by_line.entry(line).or_default().push(index),
                Scope::Next { line, .. } => by_line.entry(line).or_default().push(index),
                Scope::Lines { .. } | Scope::File => wide.push(index),
                Scope::Nothing => {}
            }
            if matches!(suppression.scope, Scope::Next { .. } | Scope::Nothing) {
                // Findings about the comment itself.
                by_line.entry(layout.line(suppression.comment.start)).or_default().push(index);
            }
        }
        Self { layout, lints, all, malformed, wide, by_line }
    }

    /// The suppression that silences a finding of the lint called `lint` at `span`, if one does:
    /// of several, one about its lines rather than the file. All of them count as used.
    pub fn is_suppressed(&mut self, lint: &str, span: Span) -> Option<SuppressionId> {
        if self.all.is_empty() {
            return None;
        }
        let lint = self.lints.iter().position(|known| known.name == lint)?;
        let mut first = None;
        for suppression in self.reaching(span) {
            for (entry, name) in self.all[suppression as usize].names.iter_mut().zip(0..) {
                if entry.is_blanket || entry.lints.contains(&lint) {
                    entry.uses += 1;
                    first = first.or(Some(SuppressionId { suppression, name }));
                }
            }
        }
        first
    }

    /// Every suppression, in the order of the file.
    pub fn all(&self) -> &[Suppression] {
        &self.all
    }

    /// Comments that are meant to silence something and do not.
    pub fn malformed(&self) -> &[Malformed] {
        &self.malformed
    }

    /// The code that `suppression` is about; `None` for the whole file.
    pub(crate) fn reach(&self, suppression: &Suppression) -> Option<Span> {
        let (first, last) = match suppression.scope {
            Scope::Line(line) | Scope::Next { line, .. } => (line, line),
            Scope::Lines { first, last } => (first, last),
            Scope::File => return None,
            Scope::Nothing => return Some(Span::empty(suppression.span.end)),
        };
        let lines = self.layout.source.lines();
        let span_of = |line| lines.span(self.layout.source.text(), line);
        let mut reach = Span::new(span_of(first).start, span_of(last).end);
        if let Some(code) = self.layout.code(first) {
            let statement = (self.layout.statement)(code);
            reach.start = reach.start.min(statement.start);
            reach.end = reach.end.max(statement.end);
        }
        Some(reach)
    }

    /// The suppressions that reach `span`, those about its lines first.
    fn reaching(&self, span: Span) -> Vec<u32> {
        let mut reaching = Vec::new();
        let own = self.layout.line(span.start);
        if !self.by_line.is_empty() {
            let statement = (self.layout.statement)(span.start);
            let first = self.layout.line(statement.start);
            let last = self.layout.last_line(statement);
            let mut lines = [own, self.layout.last_line(span), first, last];
            lines.sort_unstable();
            for (at, &line) in lines.iter().enumerate() {
                if at > 0 && lines[at - 1] == line {
                    continue;
                }
                let here = self.by_line.get(&line).into_iter().flatten().copied();
                reaching.extend(here.filter(|&index| {
                    let suppression = &self.all[index as usize];
                    match (suppression.scope, suppression.tool) {
                        (Scope::Next { line: next, statement }, _) => {
                            line == own || (statement && line == next && line == first)
                        }
                        (_, Tool::Ours | Tool::Ruff) => true,
                        (_, Tool::Noqa | Tool::TypeChecker) => line == own || line == last,
                    }
                }));
            }
        }
        reaching.extend(self.wide.iter().copied().filter(|&index| {
            match self.all[index as usize].scope {
                Scope::Lines { first, last } => (first..=last).contains(&own),
                _ => true,
            }
        }));
        reaching
    }
}
