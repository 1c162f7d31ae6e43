//! What a comment asks for, before it is known where it stands.

use super::{Problem, Tool, bracketed, noqa};

/// A part of a comment that asks for silence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive<'t> {
    pub(super) tool: Tool,
    pub(super) reach: Reach,
    /// What to silence; everything where there are none.
    pub(super) words: Vec<Word<'t>>,
    /// From its `#` to its last name or bracket.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// How far a directive wants to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its line only.
    Line,
    /// Its line and the statement around it, or the next statement.
    Statement,
    /// The whole file.
    File,
    /// From here on.
    Disable,
    /// Up to here.
    Enable,
}

/// A name or a code, with its place in the comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
}

/// A directive that does not work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) problem: Problem,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A directive, or why it does not work.
pub(super) type Found<'t> = Result<Directive<'t>, Broken>;

/// Every directive of `comment`. Each begins at a `#`, of which a comment may have several.
pub(super) fn directives<'t>(comment: &'t str, is_lint: &dyn Fn(&str) -> bool) -> Vec<Found<'t>> {
    let hashes = comment.match_indices('#').map(|(at, _)| at);
    hashes
        .filter_map(|start| {
            let mut cursor = Cursor { text: comment, start, at: start + 1 };
            cursor.spaces();
            bracketed::read(cursor).or_else(|| noqa::read(cursor, is_lint))
        })
        .collect()
}

/// A place in a comment.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    /// The `#` that the directive begins at.
    pub(super) start: usize,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    /// What is still to be read.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// What was read since `start`.
    pub(super) fn since(&self, start: usize) -> Word<'t> {
        Word { text: &self.text[start..self.at], start }
    }

    /// Passes white space.
    pub(super) fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Passes `text`, if it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.at += text.len();
        }
        here
    }

    /// Passes `word` in any case, if it is next.
    pub(super) fn eat_ignoring_case(&mut self, word: &str) -> bool {
        let here =
            self.rest().get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word));
        if here {
            self.at += word.len();
        }
        here
    }

    /// Passes `name` and the colon after it, if they are next.
    pub(super) fn eat_prefix(&mut self, name: &str) -> bool {
        let mut ahead = *self;
        let here = ahead.eat(name) && {
            ahead.spaces();
            ahead.eat(":")
        };
        if here {
            ahead.spaces();
            *self = ahead;
        }
        here
    }

    /// Passes characters for as long as `take` wants them.
    pub(super) fn word(&mut self, take: impl Fn(char) -> bool) -> Word<'t> {
        let length = self.rest().find(|c: char| !take(c)).unwrap_or(self.rest().len());
        let word = Word { text: &self.rest()[..length], start: self.at };
        self.at += length;
        word
    }
}
