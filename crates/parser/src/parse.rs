//! Text to [`SyntaxTree`], with a deadline and the policy for files with errors.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::check;
use crate::clock;
use crate::grow::{Grown, TooDeep, grow};
use crate::kind::Kind;
use crate::rewrite::{self, Rewrite};
use crate::span::Span;
use crate::tree::{Entry, SyntaxTree};

/// What one file may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for one parse, in which the machine does nothing else for others: on a busy one it may
    /// last longer. The engine looks at the clock now and then and can overshoot.
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

/// Words that a statement with a block begins with.
const OPENS_BLOCK: &[&str] = &[
    "async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "match",
    "try", "while", "with",
];

/// Times that a file is read again for `or` and `&` in annotations: the grammar may show one at a
/// time.
const MOST_OPERATORS: usize = 4;

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
    let (mut grown, mut input) = without_aliases(text, input, limits)?;
    if grown.faulty()
        && let Some(Rewrite { text: plain, comments }) =
            rewrite::blank_comments_below_decorators(&input)
    {
        let (retried, plain) = without_aliases(text, Cow::Owned(plain), limits)?;
        if !retried.faulty() || retried.faults.len() < grown.faults.len() {
            (grown, input) = (retried, plain);
            lost_comments.extend(comments);
        }
    }
    if grown.is_broken()
        && let Some(plain) = rewrite::blank_newer_syntax(&input)
    {
        let retried = without_aliases(text, Cow::Owned(plain), limits)?;
        if !retried.0.is_broken() || grown.faulty() {
            (grown, input) = retried;
        }
    }
    if grown.faulty()
        && let Some((retried, plain)) = with_joined_types(text, &grown, &input, limits)?
    {
        input = Cow::Owned(plain);
        if !retried.faulty() {
            grown = retried;
        }
    }
    if grown.faulty()
        && let Some(Rewrite { text: joined, comments }) = rewrite::simplified(&input)
    {
        let (retried, _) = without_aliases(text, Cow::Owned(joined), limits)?;
        if !retried.faulty() {
            grown = retried;
            lost_comments.extend(comments);
        }
    }
    Ok(finish(grown, lost_comments))
}

/// The tree of `input` without the `or` and `&` of types in annotations, and that text; `None`
/// where nothing looks like one.
fn with_joined_types<'s>(
    text: &'s str,
    grown: &Grown<'s>,
    input: &str,
    limits: &Limits,
) -> Result<Option<(Grown<'s>, String)>, ParseError> {
    let spans = |grown: &Grown<'_>| grown.faults.iter().map(|f| f.span).collect::<Vec<_>>();
    let mut faults = spans(grown);
    let mut last: Option<(Grown<'s>, String)> = None;
    for _ in 0..MOST_OPERATORS {
        let read = last.as_ref().map_or(input, |(_, read)| read);
        let Some(types) = rewrite::join_types(read, faults.iter().copied()) else { break };
        let retried = attempt(text, &types, limits)?;
        faults = spans(&retried);
        last = Some((retried, types));
    }
    Ok(last)
}

/// The tree of `input`, and the text that it was read from: another one where a call of `type` was
/// taken for a type alias.
fn without_aliases<'s, 'i>(
    text: &'s str,
    input: Cow<'i, str>,
    limits: &Limits,
) -> Result<(Grown<'s>, Cow<'i, str>), ParseError> {
    let grown = attempt(text, &input, limits)?;
    match rewrite::rename_called_type(&grown.tree, &input) {
        Some(renamed) => Ok((attempt(text, &renamed, limits)?, Cow::Owned(renamed))),
        None => Ok((grown, input)),
    }
}

fn attempt<'s>(text: &'s str, input: &str, limits: &Limits) -> Result<Grown<'s>, ParseError> {
    let (started, busy) = (Instant::now(), clock::busy());
    let mut progress = |_: &tree_sitter::ParseState| {
        // The second clock is the slower one to read.
        if started.elapsed() > limits.deadline
            && clock::busy().saturating_sub(busy) > limits.deadline
        {
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
    errors.sort_by_key(|error| error.span);
    if !errors.is_empty() {
        grown.tree.mark_torn_functions(&errors);
        grown.tree.mark_cut_functions(&errors);
    }
    if let (Some(first), Some(open)) = (errors.first(), rewrite::unclosed_string(grown.tree.text)) {
        grown.tree.mark_rest_broken(first.span.start.min(open));
    }
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

/// A text, line by line. A line is given by where it starts.
struct Lines<'s>(&'s str);

impl Lines<'_> {
    fn start(&self, at: u32) -> u32 {
        self.0[..at as usize].rfind('\n').map_or(0, |end| end as u32 + 1)
    }

    fn next(&self, line: u32) -> Option<u32> {
        self.0[line as usize..].find('\n').map(|end| line + end as u32 + 1)
    }

    fn text(&self, line: u32) -> &str {
        self.0[line as usize..].split('\n').next().unwrap_or_default()
    }

    fn has_code(&self, line: u32) -> bool {
        let text = self.text(line).trim_start();
        !text.is_empty() && !text.starts_with('#')
    }

    /// Characters before the first that is no white space.
    fn depth(&self, line: u32) -> usize {
        let text = self.text(line);
        text.len() - text.trim_start().len()
    }

    /// The last line with code before `line`.
    fn code_before(&self, line: u32) -> u32 {
        let mut at = line;
        while at > 0 {
            at = self.start(at - 1);
            if self.has_code(at) {
                break;
            }
        }
        at
    }

    /// How deep the code behind `line` stands, if `line` does not open a block for it.
    fn depth_of_next(&self, line: u32) -> usize {
        let first = self.text(line).trim_start();
        let word = first.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if first.starts_with('@') || OPENS_BLOCK.contains(&word) {
            return 0;
        }
        let mut next = self.next(line);
        while let Some(line) = next {
            if self.has_code(line) {
                return self.depth(line);
            }
            next = self.next(line);
        }
        0
    }
}

impl SyntaxTree<'_> {
    /// Marks functions as broken whose `async` or decorators went to an error before them, or the class
    /// around them: they are indented and stand in nothing, or behind the error in another function.
    fn mark_torn_functions(&mut self, errors: &[SyntaxError]) {
        let text = self.text;
        let lines = Lines(text);
        let is_torn = |span: Span| {
            let before = text[..span.start as usize].trim_ascii_end();
            before.ends_with("async") && text[span.range()].starts_with("def")
        };
        let is_undecorated = |span: Span| {
            let own = lines.start(span.start);
            let above = lines.code_before(own);
            let ended = errors.partition_point(|error| error.span.end <= above);
            above < own
                && (lines.text(above).trim_start().starts_with('@')
                    || ((lines.next(above) == Some(own) || lines.depth(above) < lines.depth(own))
                        && errors.get(ended).is_some_and(|error| error.span.start < own)))
        };
        let is_stray = |entries: &[Entry], span: Span, parent: u32| {
            let mut outer = parent;
            while outer > 0
                && matches!(
                    entries[outer as usize].kind,
                    Kind::Block | Kind::DecoratedDefinition | Kind::Error
                )
            {
                outer = entries[outer as usize].parent;
            }
            let around = entries[outer as usize];
            let ended = errors.partition_point(|error| error.span.start < span.start);
            let error = ended.checked_sub(1).map(|last| errors[last].span.start);
            match around.kind {
                Kind::FunctionDefinition => error.is_some_and(|at| at > around.span.start),
                _ => outer == 0 && lines.depth(lines.start(span.start)) > 0,
            }
        };
        for at in 0..self.entries.len() {
            let Entry { kind, span, parent, .. } = self.entries[at];
            if kind == Kind::FunctionDefinition {
                let is_decorated = self.entries[parent as usize].kind == Kind::DecoratedDefinition;
                self.entries[at].broken |= is_torn(span)
                    || (!is_decorated && is_undecorated(span))
                    || is_stray(&self.entries, span, parent);
            }
        }
    }

    /// Marks functions as broken that end right before an error, where what follows stands further
    /// right than their `def`: it may be theirs.
    fn mark_cut_functions(&mut self, errors: &[SyntaxError]) {
        let lines = Lines(self.text);
        let is_function = |entry: &&mut Entry| entry.kind == Kind::FunctionDefinition;
        let mut functions: Vec<&mut Entry> = self.entries.iter_mut().filter(is_function).collect();
        functions.sort_by_key(|entry| entry.span.end);
        let mut done = 0;
        for error in errors {
            // A line may be long, and full of errors.
            if error.span.start < done {
                continue;
            }
            let line = lines.start(error.span.start);
            done = lines.next(line).unwrap_or(self.text.len() as u32);
            let before = lines.code_before(line);
            let from = functions.partition_point(|entry| entry.span.end <= before);
            let follows = lines.depth(line).max(lines.depth_of_next(line));
            for entry in &mut functions[from..] {
                if entry.span.end > line {
                    break;
                }
                entry.broken |= lines.depth(lines.start(entry.span.start)) < follows;
            }
        }
    }

    /// Marks all that is not over at `at` as broken.
    fn mark_rest_broken(&mut self, at: u32) {
        for entry in &mut self.entries {
            entry.broken |= entry.span.end > at;
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
