//! One file: read, parsed, lowered, checked, and what is suppressed taken out.

use std::path::Path;

use asynclint_catalog::Catalog;
use asynclint_diagnostics::{Diagnostic, FileId, Label, Level};
use asynclint_lints::{Context, LINTS, Settings};
use asynclint_parser::{Limits, ParseError, SourceFile, Span, SyntaxError, parse};
use asynclint_project::{Module, ModuleId, Project, Resolver};
use asynclint_semantic::{Facts, lower};

use crate::config::Config;
use crate::selection::Levels;
use crate::suppressions::Suppressions;

/// The name under which text that is not Python is reported; no lint.
pub const INVALID_SYNTAX: &str = "invalid-syntax";

/// What checking one file gave.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Kept only where a diagnostic points into it: a run holds thousands of files.
    pub(crate) source: Option<SourceFile>,
}

/// Reads a file, if it is not larger than the limit.
///
/// # Errors
/// One line that says why the file cannot be checked; lower case, without its path.
pub(crate) fn read(path: &Path, config: &Config) -> Result<SourceFile, String> {
    let limit = config.max_file_size;
    let file = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if file.len() > limit {
        return Err(format!(
            "{} bytes are more than the limit of {limit}; `max-file-size` raises it",
            file.len()
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
    SourceFile::decode(path, bytes).map_err(|error| error.to_string())
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Checks one file by itself.
///
/// # Errors
/// One line that says why the file cannot be checked; lower case, without its path.
pub(crate) fn check(
    source: SourceFile,
    id: FileId,
    config: &Config,
    levels: &Levels,
) -> Result<Checked, String> {
    let facts = {
        let parsed = parse(source.text(), &Limits::default());
        lower(parsed.map_err(|error: ParseError| error.to_string())?)
    };
    let mut found = Vec::new();
    found.extend(syntax_diagnostic(&facts, id));
    // A stub holds no code that runs.
    let is_stub = source.path().extension().is_some_and(|extension| extension == "pyi");
    if !is_stub {
        let project = Project::new(vec![module(facts)], Catalog::builtin());
        lint(&project, id, config, levels, &mut found);
        let facts = project.facts(ModuleId(0));
        suppress(&source, facts, config, &mut found);
    }
    let source = (!found.is_empty()).then_some(source);
    Ok(Checked { diagnostics: found, source })
}

fn module(facts: Facts) -> Module {
    Module { name: "__main__".to_owned(), is_package: false, facts }
}

fn lint(
    project: &Project<'_>,
    id: FileId,
    config: &Config,
    levels: &Levels,
    found: &mut Vec<Diagnostic>,
) {
    let settings = Settings {
        target: config.target_version.pair(),
        library: config.library,
        max_chain: config.blocking.max_chain as usize,
    };
    let resolver = Resolver::new(project);
    for index in levels.on() {
        let Some(&lint) = LINTS.get(index) else { continue };
        let level = levels.get(index);
        Context::run(lint, level, &resolver, ModuleId(0), &[id], &settings, found);
    }
}

fn suppress(source: &SourceFile, facts: &Facts, config: &Config, found: &mut Vec<Diagnostic>) {
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
