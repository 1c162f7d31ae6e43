//! The findings about suppressions themselves: those that are not needed and those that cannot
//! work.

use asynclint_diagnostics::{Applicability, Diagnostic, Edit, FileId, Fix, Label, Level};
use asynclint_lints::{Group, Lint};
use asynclint_parser::{SourceFile, Span};

use super::{Malformed, Name, Scope, Suppression, Suppressions, Tool};
use crate::selection::{Levels, Selector, nearest};

/// The lint about suppressions that silence nothing.
pub(crate) const UNUSED: &str = "unused-suppression";

/// The lint about suppressions that cannot work.
pub(crate) const UNKNOWN: &str = "unknown-suppression";

/// What is known of the run when its suppressions are judged.
pub(crate) struct Judge<'a> {
    /// The file.
    pub(crate) source: &'a SourceFile,
    /// Its number.
    pub(crate) file: FileId,
    /// The table of lints.
    pub(crate) lints: &'a [&'static Lint],
    /// The levels of this run in this file.
    pub(crate) levels: &'a Levels,
    /// Those that the config gives it, whatever the command line says.
    pub(crate) configured: &'a Levels,
    /// Whether all code of the file was checked.
    pub(crate) is_whole: bool,
    /// Whether what runs in a statement, or in the file, may be known better elsewhere.
    pub(crate) is_uncertain: &'a dyn Fn(Option<Span>) -> bool,
}

impl Judge<'_> {
    /// What is to be said of `suppressions`, after all other findings have been put to them.
    pub(crate) fn findings(&self, suppressions: &Suppressions<'_>) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        // Where quotes are lost, what looks like a comment may stand in a string.
        if !self.is_whole {
            return found;
        }
        if let Some(level) = self.level(UNKNOWN) {
            let malformed = suppressions.malformed().iter();
            found.extend(malformed.map(|malformed| self.malformed(malformed, level)));
            let ours = suppressions.all().iter().filter(|one| one.tool == Tool::Ours);
            let names = ours.flat_map(|suppression| suppression.names.iter());
            let unknown = names.filter(|name| name.lints.is_empty() && !self.is_group(name));
            found.extend(unknown.map(|name| self.unknown(name, level)));
        }
        if let Some(level) = self.level(UNUSED) {
            let ours = suppressions.all().iter().filter(|one| one.tool == Tool::Ours);
            found.extend(ours.filter_map(|one| self.unused(suppressions, one, level)));
        }
        found
    }

    fn level(&self, name: &str) -> Option<Level> {
        let index = self.lints.iter().position(|lint| lint.name == name)?;
        Some(self.levels.get(index)).filter(|&level| level != Level::Off)
    }

    /// Whether the name is a group, which may have no lints yet.
    fn is_group(&self, name: &Name) -> bool {
        let text = self.source.slice(name.span);
        Group::ALL.iter().any(|group| group.as_str() == text)
    }

    fn malformed(&self, malformed: &Malformed, level: Level) -> Diagnostic {
        let problem = malformed.problem;
        let message = problem.message().to_owned();
        self.diagnostic(UNKNOWN, level, malformed.span, message, problem.help().to_owned())
    }

    fn unknown(&self, name: &Name, level: Level) -> Diagnostic {
        let text = self.source.slice(name.span);
        let message = format!("unknown lint `{text}` in a suppression");
        let help = match Selector::parse(text, self.lints) {
            // What selects many lints elsewhere is too much for one comment.
            Ok(_) => "name each lint, its group, or a whole code".to_owned(),
            Err(unknown) => unknown.help(),
        };
        let mut diagnostic = self.diagnostic(UNKNOWN, level, name.span, message, help);
        let lints = self.lints.iter().map(|lint| lint.name);
        let codes = self.lints.iter().flat_map(|lint| lint.aliases.iter().copied());
        // A name that is far from all others may come from another version: it stays.
        if let Some(near) = nearest(text, lints.chain(codes)) {
            diagnostic.fix = Some(Fix {
                title: format!("write `{near}`"),
                edits: vec![Edit { span: name.span, content: near.to_owned() }],
                applicability: Applicability::Safe,
                applies: false,
            });
        }
        diagnostic
    }

    fn unused(
        &self,
        suppressions: &Suppressions<'_>,
        suppression: &Suppression,
        level: Level,
    ) -> Option<Diagnostic> {
        let unused: Vec<&Name> =
            suppression.names.iter().filter(|name| self.is_unused(name)).collect();
        let first = unused.first()?;
        if (self.is_uncertain)(suppressions.reach(suppression)) {
            return None;
        }
        let all = unused.len() == suppression.names.len();
        let names: Vec<_> =
            unused.iter().map(|name| format!("`{}`", self.source.slice(name.span))).collect();
        let message = match names.as_slice() {
            [rest @ .., last] if !rest.is_empty() => {
                format!("unused suppression of {} and {last}", rest.join(", "))
            }
            names => format!("unused suppression of {}", names.concat()),
        };
        let place = match suppression.scope {
            Scope::File => "nothing of the kind is found in this file",
            Scope::Nothing => "no code follows",
            Scope::Next { .. } => "nothing of the kind is found in the next statement",
            _ => "nothing of the kind is found in this statement",
        };
        let span = if all { suppression.span } else { first.span };
        let title = if all { "remove it" } else { "remove the name" };
        let mut diagnostic = self.diagnostic(UNUSED, level, span, message, title.to_owned());
        place.clone_into(&mut diagnostic.primary.message);
        let edit = if all { self.without(suppression) } else { self.thinned(suppression) };
        diagnostic.fix = Some(Fix {
            title: title.to_owned(),
            edits: vec![edit],
            applicability: Applicability::Safe,
            applies: false,
        });
        Some(diagnostic)
    }

    /// Whether nothing was silenced under the name although its lints ran. The lint about unused
    /// suppressions itself has not run yet.
    fn is_unused(&self, name: &Name) -> bool {
        let runs = |&index: &usize| self.levels.is_on(index);
        let is_wanted = |index: &&usize| self.configured.is_on(**index);
        name.uses == 0
            && name.lints.iter().any(runs)
            && name.lints.iter().filter(is_wanted).all(runs)
            && !name.lints.iter().any(|&index| [UNUSED, UNKNOWN].contains(&self.lints[index].name))
    }

    /// Takes the whole suppression out: with its line, if it has that to itself.
    fn without(&self, suppression: &Suppression) -> Edit {
        let text = self.source.text();
        let comment = suppression.comment;
        let end = suppression.span.end.max(suppression.reason.end);
        let rest = &text[end as usize..comment.end as usize];
        let blank = (rest.len() - rest.trim_start().len()) as u32;
        let remove = |span| Edit { span, content: String::new() };
        if !rest.trim().is_empty() {
            return remove(Span::new(suppression.span.start, end + blank));
        }
        let lines = self.source.lines();
        let line = lines.line(comment.start);
        let start = lines.start(line);
        let before = text[start as usize..suppression.span.start as usize].trim_end();
        if !before.is_empty() {
            // Of a line that ends in `\r\n` the comment has the `\r`.
            let line_end = lines.span(text, line).end;
            return remove(Span::new(start + before.len() as u32, line_end));
        }
        let next = if line < lines.len() { lines.start(line + 1) } else { text.len() as u32 };
        remove(Span::new(start, next))
    }

    /// Leaves the names that are needed.
    fn thinned(&self, suppression: &Suppression) -> Edit {
        let kept = suppression.names.iter().filter(|name| !self.is_unused(name));
        let kept: Vec<_> = kept.map(|name| self.source.slice(name.span)).collect();
        let starts = suppression.names.iter().map(|name| name.span.start);
        let ends = suppression.names.iter().map(|name| name.span.end);
        let span = Span::new(starts.min().unwrap_or(0), ends.max().unwrap_or(0));
        Edit { span, content: kept.join(", ") }
    }

    fn diagnostic(
        &self,
        lint: &'static str,
        level: Level,
        span: Span,
        message: String,
        help: String,
    ) -> Diagnostic {
        Diagnostic {
            lint,
            level,
            message,
            primary: Label { file: self.file, span, message: "this silences nothing".to_owned() },
            secondary: Vec::new(),
            chain: Vec::new(),
            notes: Vec::new(),
            help: Some(help),
            fix: None,
        }
    }
}
