//! From comments to suppressions.

use asynclint_lints::Lint;
use asynclint_parser::Span;

use super::directive::{self, Broken, Directive, Found, Reach};
use super::layout::Layout;
use super::{Malformed, Name, Problem, Scope, Suppression, Tool};
use crate::selection::Selector;

/// Codes that say more than the lint of that name: what ruff called so before 0.5, and `ASYNC240`,
/// which is about walking folders as well.
const MEANT_AS_WELL: &[(&str, &[&str])] = &[
    ("ASYNC100", &["ASYNC210"]),
    ("ASYNC101", &["ASYNC220", "ASYNC221", "ASYNC230", "ASYNC251"]),
    ("ASYNC102", &["ASYNC220", "ASYNC221"]),
    ("ASYNC240", &["ASYNC230"]),
];

/// Collects the suppressions of one file.
pub(super) struct Reader<'a> {
    layout: Layout<'a>,
    lints: &'a [&'static Lint],
    respect_noqa: bool,
    /// The last line that was asked for what follows it, and the code that does: a file may be
    /// all comments, and each should not read on to its end.
    following: Option<(u32, Option<u32>)>,
    /// The last line and indent that were asked for the end of their block, and that end.
    block: Option<(u32, u32, u32)>,
    /// The ranges that `# ruff: disable` has opened.
    open: Vec<Open<'a>>,
    pub(super) all: Vec<Suppression>,
    pub(super) malformed: Vec<Malformed>,
}

/// A range of lines that `# ruff: enable` may end.
struct Open<'a> {
    suppression: usize,
    indent: u32,
    codes: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layout: Layout<'a>, lints: &'a [&'static Lint], respect_noqa: bool) -> Self {
        Self {
            layout,
            lints,
            respect_noqa,
            following: None,
            block: None,
            open: Vec::new(),
            all: Vec::new(),
            malformed: Vec::new(),
        }
    }

    /// Reads one comment.
    pub(super) fn comment(&mut self, comment: Span) {
        let text = self.layout.source.slice(comment);
        let lints = self.lints;
        let is_lint = |name: &str| lints.iter().any(|lint| lint.name == name);
        for found in directive::directives(text, &is_lint) {
            self.directive(comment, found);
        }
    }

    fn directive(&mut self, comment: Span, found: Found<'a>) {
        let directive = match found {
            Ok(directive) => directive,
            Err(Broken { problem: Problem::LintInNoqa, .. }) if !self.respect_noqa => return,
            Err(broken) => {
                let span = within(comment, broken.start, broken.end);
                return self.malformed.push(Malformed { span, problem: broken.problem });
            }
        };
        if directive.tool != Tool::Ours && !self.respect_noqa {
            return;
        }
        let span = within(comment, directive.start, directive.end);
        let scope = match self.scope(comment, &directive) {
            Ok(Some(scope)) => scope,
            Ok(None) => return,
            Err(problem) => return self.malformed.push(Malformed { span, problem }),
        };
        let names = self.names(comment, &directive);
        if names.is_empty() {
            return;
        }
        if directive.reach == Reach::Disable {
            let indent = self.layout.indent(comment.start);
            let codes = directive.words.iter().map(|word| word.text).collect();
            self.open.push(Open { suppression: self.all.len(), indent, codes });
        }
        let reason = match directive.tool {
            Tool::Ours => self.reason(comment, span.end),
            _ => Span::empty(span.end),
        };
        self.all.push(Suppression { tool: directive.tool, scope, comment, span, reason, names });
    }

    /// The names that concern us: all that stand in our own comments, known or not, and what the
    /// codes of other tools mean here.
    fn names(&self, comment: Span, directive: &Directive<'_>) -> Vec<Name> {
        if directive.words.is_empty() {
            let span = within(comment, directive.start, directive.end);
            return vec![Name { span, lints: Box::default(), is_blanket: true, uses: 0 }];
        }
        let ours = directive.tool == Tool::Ours;
        let names = directive.words.iter().map(|word| {
            let span = within(comment, word.start, word.start + word.text.len());
            let lints = if ours {
                Selector::exact(word.text, self.lints).lints().into()
            } else {
                self.with_code(word.text)
            };
            Name { span, lints, is_blanket: false, uses: 0 }
        });
        names.filter(|name| ours || !name.lints.is_empty()).collect()
    }

    fn with_code(&self, code: &str) -> Box<[usize]> {
        let meant = MEANT_AS_WELL.iter().find(|(of, _)| *of == code).map_or(&[][..], |it| it.1);
        let having = |&index: &usize| {
            let aliases = self.lints[index].aliases;
            aliases.contains(&code) || aliases.iter().any(|alias| meant.contains(alias))
        };
        (0..self.lints.len()).filter(having).collect()
    }

    /// What `directive` reaches; `None` if it is to be passed over.
    fn scope(
        &mut self,
        comment: Span,
        directive: &Directive<'_>,
    ) -> Result<Option<Scope>, Problem> {
        let line = self.layout.line(comment.start);
        let own_line = self.layout.has_own_line(comment);
        Ok(match (directive.reach, directive.tool) {
            (Reach::Statement, _) if own_line => Some(self.next(line)),
            (Reach::Line | Reach::Statement, _) => Some(Scope::Line(line)),
            (Reach::File, Tool::Ours) if !own_line => return Err(Problem::NotOwnLine),
            (Reach::File, _) if !own_line => None,
            // Ruff wants this one outside of all blocks.
            (Reach::File, Tool::Ruff) if self.layout.indent(comment.start) > 0 => None,
            (Reach::File, _) => Some(Scope::File),
            (Reach::Disable, _) if own_line => {
                let last = self.end_of_block(line, self.layout.indent(comment.start));
                Some(Scope::Lines { first: line, last })
            }
            (Reach::Enable, _) if own_line => {
                self.enable(comment, directive);
                None
            }
            (Reach::Disable | Reach::Enable, _) => None,
        })
    }

    /// What an own-line comment on `line` is about.
    fn next(&mut self, line: u32) -> Scope {
        let code = match self.following {
            Some((from, code))
                if from <= line && code.is_none_or(|code| line < self.layout.line(code)) =>
            {
                code
            }
            _ => self.layout.code_after(line),
        };
        self.following = Some((line, code));
        code.map_or(Scope::Nothing, |code| Scope::Next {
            line: self.layout.line(code),
            statement: self.layout.begins_statement(code),
        })
    }

    fn end_of_block(&mut self, line: u32, indent: u32) -> u32 {
        let end = match self.block {
            Some((from, same, end)) if from <= line && line <= end && same == indent => end,
            _ => self.layout.end_of_block(line, indent),
        };
        self.block = Some((line, indent, end));
        end
    }

    /// Ends the last range that was opened in the same column with the same codes.
    fn enable(&mut self, comment: Span, directive: &Directive<'_>) {
        let indent = self.layout.indent(comment.start);
        let line = self.layout.line(comment.start);
        let codes = || directive.words.iter().map(|word| word.text);
        let same =
            |open: &Open<'_>| open.indent == indent && open.codes.iter().copied().eq(codes());
        let Some(at) = self.open.iter().rposition(same) else { return };
        let open = self.open.remove(at);
        if let Scope::Lines { last, .. } = &mut self.all[open.suppression].scope {
            *last = line.min(*last);
        }
    }

    /// The words after the bracket, up to the next `#`.
    fn reason(&self, comment: Span, from: u32) -> Span {
        let rest = self.layout.source.slice(Span::new(from, comment.end));
        let words = rest.split('#').next().unwrap_or_default();
        let start = from + (words.len() - words.trim_start().len()) as u32;
        Span::new(start, start + words.trim().len() as u32)
    }
}

/// A part of `comment` as bytes of the file.
fn within(comment: Span, start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32).shifted(comment.start)
}
