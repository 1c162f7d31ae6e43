//! Comments that silence findings: ours, and those of the tools whose codes we know.

mod bracketed;
mod directive;
mod layout;
mod noqa;
mod reader;
mod report;
mod table;

use asynclint_parser::Span;

pub(crate) use report::Judge;
pub use table::Suppressions;

/// One comment that silences, or the part of a comment that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Whose syntax it has.
    pub tool: Tool,
    /// What it reaches.
    pub scope: Scope,
    /// The whole comment, in which other things may stand.
    pub comment: Span,
    /// Our part of it, from its `#` to its last name or bracket.
    pub span: Span,
    /// Why, in the words of the user; empty where none are given. Only ours has them.
    pub reason: Span,
    /// What it silences; one blanket item for a bare `# noqa`.
    pub names: Vec<Name>,
}

/// A name in a suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// The lints that it stands for, as indices; empty where it is unknown.
    pub lints: Box<[usize]>,
    /// Whether it stands for every lint, as a bare `# noqa` does.
    pub is_blanket: bool,
    /// How many findings it has silenced.
    pub uses: u32,
}

/// Whose syntax a suppression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `# asynclint: ignore[...]`, `# asynclint: file-ignore[...]`.
    Ours,
    /// `# noqa`, `# flake8: noqa`, `# ruff: noqa`.
    Noqa,
    /// `# ruff: ignore[...]`, `file-ignore`, `disable` and `enable`.
    Ruff,
    /// `# type: ignore[...]`, `# pyright: ignore[...]` and their like.
    TypeChecker,
}

/// What a suppression reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Findings on its line, and, if it is ours, in the statement that begins or ends there.
    Line(u32),
    /// Findings on `line`, the next one with code, and, where a statement begins there, in that.
    Next {
        /// The line, 1-based.
        line: u32,
        /// Whether a statement begins there.
        statement: bool,
    },
    /// Findings on these lines.
    Lines {
        /// The first, 1-based.
        first: u32,
        /// The last.
        last: u32,
    },
    /// The whole file.
    File,
    /// Nothing: no code follows.
    Nothing,
}

/// Which name of which suppression silenced a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuppressionId {
    /// Index into [`Suppressions::all`].
    pub suppression: u32,
    /// Index into [`Suppression::names`].
    pub name: u32,
}

/// A comment that is meant to silence something and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where it stands.
    pub span: Span,
    /// Why it does not work.
    pub problem: Problem,
}

/// Why a suppression does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// `# asynclint: ignore` without a bracket.
    NoNames,
    /// `# asynclint: ignore[]`.
    EmptyNames,
    /// `# asynclint: ignore[missing-await`.
    Unclosed,
    /// `# asynclint: silence[...]`.
    UnknownWord,
    /// `file-ignore` after code.
    NotOwnLine,
    /// `# noqa: missing-await`, which flake8 takes for a bare `# noqa` and ruff for nothing.
    LintInNoqa,
}

impl Problem {
    /// What is wrong; lower case, no full stop.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NoNames => "this comment names no lint and silences nothing",
            Self::EmptyNames => "the brackets name no lint and silence nothing",
            Self::Unclosed => "the bracket is never closed",
            Self::UnknownWord => "this is neither `ignore` nor `file-ignore`",
            Self::NotOwnLine => "`file-ignore` must stand on a line of its own",
            Self::LintInNoqa => "names of lints do not work in `noqa`, which takes codes only",
        }
    }

    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::NoNames | Self::EmptyNames => {
                "name what to silence: `# asynclint: ignore[missing-await]`"
            }
            Self::Unclosed => "write `]` after the last name",
            Self::UnknownWord | Self::LintInNoqa => "write `# asynclint: ignore[missing-await]`",
            Self::NotOwnLine => "move it to the top of the file",
        }
    }
}

#[cfg(test)]
mod tests;
