//! The findings in one file of a project, without those that are suppressed.

use asynclint_diagnostics::{Diagnostic, FileId, Label, Level};
use asynclint_lints::{Context, LINTS, Settings};
use asynclint_parser::{SourceFile, Span, SyntaxError};
use asynclint_project::{ModuleId, Project, Resolver};
use asynclint_semantic::Facts;

use crate::config::Config;
use crate::selection::Levels;
use crate::suppressions::Suppressions;

/// The name under which text that is not Python is reported; no lint.
pub const INVALID_SYNTAX: &str = "invalid-syntax";

/// What the lints find in `module`, before suppressions. A stub holds no code that runs.
pub(crate) fn findings(
    project: &Project<'_>,
    module: ModuleId,
    settings: &Settings,
    levels: &Levels,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let facts = project.facts(module);
    found.extend(syntax_diagnostic(facts, FileId(module.0)));
    if project.module(module).place.is_stub {
        return found;
    }
    let resolver = Resolver::new(project);
    for index in levels.on() {
        let Some(&lint) = LINTS.get(index) else { continue };
        Context::run(lint, levels.get(index), &resolver, module, settings, &mut found);
    }
    found.sort_by(|a, b| {
        (a.primary.span, a.lint, &a.message).cmp(&(b.primary.span, b.lint, &b.message))
    });
    found
}

/// Takes out what comments in `source` suppress.
pub(crate) fn suppress(
    source: &SourceFile,
    facts: &Facts,
    config: &Config,
    found: &mut Vec<Diagnostic>,
) {
    if found.is_empty() || facts.comments.is_empty() {
        return;
    }
    let statement = |at| facts.statement_at(at).unwrap_or(Span::empty(at));
    let mut suppressions =
        Suppressions::read(source, &facts.comments, &statement, LINTS, config.respect_noqa);
    found.retain(|diagnostic| {
        suppressions.is_suppressed(diagnostic.lint, diagnostic.primary.span).is_none()
    });
}

/// One diagnostic for all syntax errors of a file, at the first of them.
fn syntax_diagnostic(facts: &Facts, file: FileId) -> Option<Diagnostic> {
    let SyntaxError { span, message } = facts.errors.first()?;
    let broken = facts.outline.functions.iter().filter(|f| f.is_broken && f.name.is_some()).count();
    let skipped = match broken {
        0 => "code outside functions was not checked".to_owned(),
        1 => "one function and the code outside functions were not checked".to_owned(),
        n => format!("{n} functions and the code outside functions were not checked"),
    };
    Some(Diagnostic {
        lint: INVALID_SYNTAX,
        level: Level::Error,
        message: message.clone(),
        primary: Label { file, span: *span, message: "Python cannot read this".to_owned() },
        secondary: Vec::new(),
        chain: Vec::new(),
        notes: vec![skipped],
        help: None,
        fix: None,
    })
}
