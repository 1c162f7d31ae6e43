//! What there is to show.

use std::borrow::Cow;
use std::path::Path;

use asynclint_diagnostics::{Diagnostic, FileId, Label, Level, Root};
use asynclint_parser::{Position, SourceFile};

use crate::Options;

/// The files that diagnostics point into.
pub trait Sources {
    /// The file of that number.
    fn get(&self, file: FileId) -> &SourceFile;
}

/// What a run has to say.
pub struct Report<'a> {
    /// In the order in which they are shown.
    pub diagnostics: &'a [Diagnostic],
    /// The files that the diagnostics point into.
    pub sources: &'a dyn Sources,
    /// What could not be checked. Formats that a server keeps say so; people are told elsewhere.
    pub unchecked: Vec<Unchecked<'a>>,
    /// What is known of lints. One that is not among them is shown all the same.
    pub rules: Vec<Rule<'a>>,
    /// What paths count from in formats for servers.
    pub root: Root,
}

/// A file that could not be checked.
#[derive(Clone, Copy, Debug)]
pub struct Unchecked<'a> {
    /// As the user named it or as it was found.
    pub path: &'a Path,
    /// Why; lower case, no full stop.
    pub message: &'a str,
}

/// What a report may tell of a lint.
#[derive(Clone, Debug)]
pub struct Rule<'a> {
    /// Its name.
    pub name: &'a str,
    /// One line, lower case, no full stop.
    pub summary: &'a str,
    /// Its page, Markdown, which begins with the name as its heading.
    pub page: &'a str,
    /// The group it belongs to.
    pub group: &'a str,
    /// Its level where nothing is configured.
    pub level: Level,
    /// Codes of other tools for it.
    pub aliases: &'a [&'a str],
    /// Where its page is published.
    pub url: String,
}

impl<'a> Report<'a> {
    /// Diagnostics without anything else to tell; paths count from where they count.
    pub fn new(diagnostics: &'a [Diagnostic], sources: &'a dyn Sources) -> Self {
        let (unchecked, rules, root) = (Vec::new(), Vec::new(), Root::default());
        Self { diagnostics, sources, unchecked, rules, root }
    }

    /// The whole output, without a summary.
    pub fn render(&self, options: &Options) -> String {
        (options.format.render)(self, options.color)
    }

    /// What is known of the lint of that name.
    pub(crate) fn rule(&self, name: &str) -> Option<&Rule<'a>> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The file of `label`.
    pub(crate) fn file(&self, label: &Label) -> &'a SourceFile {
        self.sources.get(label.file)
    }

    /// Where `label` begins and ends in the file that a server knows, the end exclusive. Places in
    /// a notebook are places in a cell, of which a server that knows lines has never heard: they
    /// all become its first byte, and [`Report::message`] says where they are.
    pub(crate) fn positions(&self, label: &Label) -> (Position, Position) {
        let file = self.file(label);
        if file.cell().is_some() {
            let first = Position { line: 1, column: 1 };
            return (first, first);
        }
        (file.position(label.span.start), file.position(label.span.end.max(label.span.start)))
    }

    /// The message, behind the place in the notebook if it is about one.
    pub(crate) fn message(&self, found: &'a Diagnostic) -> Cow<'a, str> {
        match self.cell(&found.primary) {
            Some(cell) => Cow::Owned(format!("{cell}: {}", found.message)),
            None => Cow::Borrowed(&found.message),
        }
    }

    /// Where `label` begins in a notebook, as words: `cell 3:2:5`.
    pub(crate) fn cell(&self, label: &Label) -> Option<String> {
        let file = self.file(label);
        let Position { line, column } = file.position(label.span.start);
        file.cell().map(|cell| format!("cell {cell}:{line}:{column}"))
    }

    /// The path of `label` from the root.
    pub(crate) fn path(&self, label: &Label) -> String {
        self.root.text(self.file(label).path())
    }
}
