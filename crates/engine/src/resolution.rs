//! How much of a project could be resolved, and how single calls were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use asynclint_diagnostics::FileId;
use asynclint_parser::{Position, Span};
use asynclint_project::{ModuleId, Project, Reason, Resolver};
use asynclint_semantic::{BodyId, ExprId, ExprKind};

/// What became of the calls that checked code awaits.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// `await f(...)` in all.
    pub awaited: usize,
    /// Those whose callee is known to give something that can be awaited.
    pub awaitable: usize,
    /// Those whose callee is known to give something that cannot: the code is wrong, or we are.
    pub contradictions: Vec<(FileId, Span)>,
    /// The others, by the reason why it is not known.
    pub unknown: BTreeMap<&'static str, usize>,
}

impl Resolution {
    /// Adds what was found in another file.
    pub(crate) fn add(&mut self, other: Self) {
        self.awaited += other.awaited;
        self.awaitable += other.awaitable;
        self.contradictions.extend(other.contradictions);
        for (reason, count) in other.unknown {
            *self.unknown.entry(reason).or_default() += count;
        }
    }

    /// Looks at every awaited call of a module.
    pub(crate) fn of(project: &Project<'_>, module: ModuleId) -> Self {
        let resolver = Resolver::new(project);
        let facts = project.facts(module);
        let mut found = Self::default();
        for body in facts.body_ids() {
            let code = facts.body(body);
            for id in code.expr_ids() {
                let ExprKind::Await(call) = code.kind(id) else { continue };
                if code.callee(call).is_none() {
                    continue;
                }
                found.awaited += 1;
                match resolver.is_awaitable(module, body, call) {
                    Ok(true) => found.awaitable += 1,
                    Ok(false) => {
                        found.contradictions.push((FileId(module.0), code.span(call)));
                    }
                    Err(reason) => *found.unknown.entry(Reason::as_str(reason)).or_default() += 1,
                }
            }
        }
        found
    }
}

/// A place in a file: 1-based line, and column in characters if one is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceInFile {
    /// The file.
    pub path: PathBuf,
    /// Its line.
    pub line: u32,
    /// The column, if only one call is meant.
    pub column: Option<u32>,
}

impl PlaceInFile {
    /// Reads `FILE:LINE` or `FILE:LINE:COLUMN`; `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|&number| number > 0);
        let (rest, last) = text.rsplit_once(':')?;
        let last = number(last)?;
        let (path, line, column) = match rest.rsplit_once(':') {
            Some((path, line)) => match number(line) {
                Some(line) => (path, line, Some(last)),
                None => (rest, last, None),
            },
            None => (rest, last, None),
        };
        (!path.is_empty()).then(|| Self { path: Path::new(path).to_owned(), line, column })
    }
}

/// How a call was resolved.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Where the call begins.
    pub position: Position,
    /// The expressions that lead to what it calls, innermost first, and the call itself.
    pub steps: Vec<ExplainedStep>,
}

/// One of the expressions.
#[derive(Clone, Debug)]
pub struct ExplainedStep {
    /// As the file has it.
    pub text: String,
    /// What it evaluates to.
    pub what: String,
    /// Where that is defined.
    pub defined: Option<(PathBuf, Position)>,
}

/// The calls of a module that begin in a line, in the order of the text.
pub(crate) fn calls_at(
    project: &Project<'_>,
    module: ModuleId,
    wanted: impl Fn(u32) -> bool,
) -> Vec<(BodyId, ExprId)> {
    let facts = project.facts(module);
    let mut calls: Vec<_> = facts
        .body_ids()
        .flat_map(|body| facts.body(body).expr_ids().map(move |id| (body, id)))
        .filter(|&(body, id)| {
            let code = facts.body(body);
            code.callee(id).is_some() && wanted(code.span(id).start)
        })
        .collect();
    calls.sort_by_key(|&(body, id)| facts.body(body).span(id));
    calls
}
