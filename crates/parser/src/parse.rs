//! Text to [`SyntaxTree`], with a deadline and the policy for files with errors.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::check;
use crate::grow::{Grown, TooDeep, grow};
use crate::kind::Kind;
use crate::rewrite::{self, Rewrite};
use crate::span::Span;
use crate::tree::SyntaxTree;

/// What one file may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for one parse. The engine looks at the clock now and then and can overshoot.
    pub deadline: Duration,
    /// Levels of nesting; CPython's own compiler gives up at a similar depth.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), max_depth: 2_000 }
    }
}

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// The deadline passed.
    #[error("not parsed within {} seconds", .0.as_secs())]
    Timeout(Duration),
    /// Deeper than [`Limits::max_depth`].
    #[error("nested more than {0} levels deep")]
    TooDeep(usize),
}

/// A place at which the text is not Python.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What was expected or is wrong; lower case, no full stop.
    pub message: String,
}

/// A parsed file.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// The tree; broken nodes are marked.
    pub tree: SyntaxTree<'s>,
    /// Every comment, from `#` to the end of its line, in order.
    pub comments: Vec<Span>,
    /// Empty for valid Python; else the places in order of the text.
    pub errors: Vec<SyntaxError>,
}

pub(crate) fn language() -> tree_sitter::Language {
    tree_sitter_python::LANGUAGE.into()
}

thread_local! {
    static PARSER: RefCell<tree_sitter::Parser> = RefCell::new(new_parser());
}

fn new_parser() -> tree_sitter::Parser {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&language())
        .unwrap_or_else(|error| unreachable!("the linked grammar fits the linked engine: {error}"));
    parser
}

/// Parses `text`.
///
/// # Errors
/// [`ParseError`] when a limit is reached. Text that is not Python is no error: see
/// [`Parsed::errors`].
pub fn parse<'s>(text: &'s str, limits: &Limits) -> Result<Parsed<'s>, ParseError> {
    let blanked = rewrite::blank_comment_runs(text);
    let mut input: Cow<'_, str> = Cow::Borrowed(text);
    let mut lost_comments = Vec::new();
    if let Some(Rewrite { text, comments }) = blanked {
        (input, lost_comments) = (Cow::Owned(text), comments);
    }
    if let Some(realigned) = rewrite::realign_fields(&input) {
        input = Cow::Owned(realigned);
    }
    let mut grown = attempt(text, &input, limits)?;
    if let Some(renamed) = rewrite::rename_called_type(&grown.tree) {
        // A blanked run stays blanked: only names differ between the two texts.
        let renamed = match rewrite::blank_comment_runs(&renamed.text) {
            Some(both) => both.text,
            None => renamed.text,
        };
        let renamed = rewrite::realign_fields(&renamed).unwrap_or(renamed);
        grown = attempt(text, &renamed, limits)?;
        input = Cow::Owned(renamed);
    }
    if grown.is_broken()
        && let Some(plain) = rewrite::blank_type_defaults(&input)
    {
        let retried = attempt(text, &plain, limits)?;
        if !retried.is_broken() || grown.faulty() {
            (grown, input) = (retried, Cow::Owned(plain));
        }
    }
    if grown.faulty()
        && let Some(Rewrite { text: joined, comments }) = rewrite::simplified(&input)
    {
        let retried = attempt(text, &joined, limits)?;
        if !retried.faulty() {
            grown = retried;
            lost_comments.extend(comments);
        }
    }
    Ok(finish(grown, lost_comments))
}

fn attempt<'s>(text: &'s str, input: &str, limits: &Limits) -> Result<Grown<'s>, ParseError> {
    let started = Instant::now();
    let mut progress = |_: &tree_sitter::ParseState| {
        if started.elapsed() > limits.deadline {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let tree = PARSER.with_borrow_mut(|parser| {
        let bytes = input.as_bytes();
        let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
        let options = tree_sitter::ParseOptions::new().progress_callback(&mut progress);
        let tree = parser.parse_with_options(&mut read, None, Some(options));
        if tree.is_none() {
            // Else the next file would resume this one.
            parser.reset();
        }
        tree
    });
    let tree = tree.ok_or(ParseError::Timeout(limits.deadline))?;
    grow(text, &tree, limits.max_depth).map_err(|TooDeep| ParseError::TooDeep(limits.max_depth))
}

impl Grown<'_> {
    fn is_broken(&self) -> bool {
        self.tree.entries.first().is_some_and(|root| root.broken)
    }

    /// Whether something outside type parameters could not be read.
    fn faulty(&self) -> bool {
        self.is_broken()
            && (self.faults.is_empty() || self.faults.iter().any(|f| !f.in_type_parameters))
    }
}

fn finish(mut grown: Grown<'_>, lost_comments: Vec<Span>) -> Parsed<'_> {
    let faulty = grown.faulty();
    if !faulty {
        grown.tree.entries.iter_mut().for_each(|entry| entry.broken = false);
    }
    grown.tree.correct();
    let mut errors = if faulty { grown.errors() } else { Vec::new() };
    let checked = check::check(&grown.tree, &grown.comments);
    for error in &checked {
        grown.tree.mark_broken(error.span);
    }
    errors.extend(checked);
    if !errors.is_empty() {
        grown.tree.mark_torn_functions();
    }
    errors.sort_by_key(|error| error.span);
    let mut comments = grown.comments;
    if !lost_comments.is_empty() {
        comments.extend(lost_comments.into_iter().filter(|&c| !grown.tree.is_in_string(c)));
        comments.sort_unstable();
        comments.dedup();
    }
    Parsed { tree: grown.tree, comments, errors }
}

impl Grown<'_> {
    fn errors(&self) -> Vec<SyntaxError> {
        let mut errors: Vec<SyntaxError> = self
            .faults
            .iter()
            .filter(|fault| !fault.in_type_parameters)
            .map(|fault| {
                let message = match &fault.missing {
                    Some(token) if !token.starts_with('_') => format!("expected `{token}`"),
                    _ => "invalid syntax".to_owned(),
                };
                SyntaxError { span: fault.span, message }
            })
            .collect();
        if errors.is_empty() {
            // The engine knows of an error and shows no node for it: the deepest broken one.
            let deepest = self.tree.entries.iter().rev().find(|entry| entry.broken);
            let span = deepest.map_or(Span::empty(0), |entry| entry.span);
            errors.push(SyntaxError { span, message: "invalid syntax".to_owned() });
        }
        errors
    }
}

impl SyntaxTree<'_> {
    /// Marks functions as broken whose `async` went to an error before them.
    fn mark_torn_functions(&mut self) {
        let text = self.text;
        let is_torn = |span: Span| {
            let before = text[..span.start as usize].trim_ascii_end();
            before.ends_with("async") && text[span.range()].starts_with("def")
        };
        for entry in &mut self.entries {
            entry.broken |= entry.kind == Kind::FunctionDefinition && is_torn(entry.span);
        }
    }

    /// Marks every node around `span` as broken.
    fn mark_broken(&mut self, span: Span) {
        let after = self.entries.partition_point(|entry| entry.span.start <= span.start);
        let mut at = after.saturating_sub(1);
        loop {
            let Some(entry) = self.entries.get_mut(at) else { return };
            entry.broken |= entry.span.contains(span);
            if at == 0 {
                return;
            }
            at = entry.parent as usize;
        }
    }

    pub(crate) fn is_in_string(&self, span: Span) -> bool {
        let before = self.entries.partition_point(|entry| entry.span.start <= span.start);
        let last = before.checked_sub(1);
        let up = |&at: &usize| (at > 0).then(|| self.entries[at].parent as usize);
        std::iter::successors(last, up)
            .map(|at| &self.entries[at])
            .take_while(|entry| entry.kind != Kind::Block)
            .any(|entry| entry.kind == Kind::String && entry.span.contains(span))
    }
}

#[cfg(test)]
mod tests;
