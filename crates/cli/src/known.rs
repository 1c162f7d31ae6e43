//! `asynclint check --baseline` and `--add-ignore`

use std::fmt::Write;
use std::path::Path;

use asynclint_diagnostics::Root;
use asynclint_engine::baseline::{self, BadBaseline, Known, Mode};
use asynclint_engine::{Added, Failure, Outcome, Request, add_ignores};
use asynclint_reporter as reporter;

use crate::args::KnownArguments;
use crate::refusal::Refusal;
use crate::settings::Input;

/// What is to be said of the baselines of a run, and of the comments that it wrote.
#[derive(Default)]
pub(crate) struct Knowledge {
    /// Lines that belong to the summary.
    pub(crate) summary: String,
    /// Lines about the baselines themselves.
    pub(crate) hints: String,
    /// Files that could not be changed.
    pub(crate) failures: Vec<Failure>,
}

/// The reason behind `--add-ignore`, if that is given and can work.
pub(crate) fn reason<'a>(
    arguments: &'a KnownArguments,
    input: &Input<'_>,
) -> Result<Option<&'a str>, Refusal> {
    let Some(reason) = arguments.add_ignore.as_deref().map(str::trim) else { return Ok(None) };
    if let Input::Stdin(_) = input {
        return Err(Refusal::usage("`--add-ignore` cannot write to standard input", ""));
    }
    if reason.contains(|c: char| c == '#' || c.is_control()) {
        return Err(Refusal::usage(
            "the reason of `--add-ignore` must be one line without `#`",
            "it becomes part of a comment",
        ));
    }
    Ok(Some(reason))
}

/// Takes out of `outcome` what baselines know, or writes these anew.
pub(crate) fn apply(
    outcome: &mut Outcome,
    request: &Request<'_>,
    arguments: &KnownArguments,
    reason: Option<&str>,
    here: &Path,
) -> Result<Knowledge, Refusal> {
    let mode = if arguments.update_baseline { Mode::Update } else { Mode::Compare };
    let known = baseline::apply(outcome, request, mode, here);
    let known = known.map_err(|bad| refuse(&bad, here))?;
    if known.is_empty() && mode.writes() {
        return Err(Refusal::usage(
            "`--update-baseline` has no baseline to write",
            "name it with `--baseline FILE`, or with `baseline` in the config",
        ));
    }
    let mut knowledge = tell(&known, mode, here);
    if let Some(reason) = reason {
        let Added { findings, files, failures } = add_ignores(outcome, request, reason);
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (findings_s, files_s) = (plural(findings), plural(files));
        let _ = writeln!(
            knowledge.summary,
            "Silenced {findings} finding{findings_s} in {files} file{files_s}."
        );
        knowledge.failures = failures;
    }
    Ok(knowledge)
}

/// What is to be said of baselines.
pub(crate) fn tell(known: &[Known], mode: Mode, here: &Path) -> Knowledge {
    let mut knowledge = Knowledge::default();
    for &Known { ref path, found, stale } in known {
        let path = shown(path, here);
        let findings = if found == 1 { "finding" } else { "findings" };
        let line = match mode {
            Mode::Update => {
                format!("Wrote `{path}`: {found} {findings} known.\n")
            }
            Mode::Compare if found > 0 => {
                format!("Left out {found} {findings} known in `{path}`.\n")
            }
            Mode::Compare => String::new(),
        };
        knowledge.summary.push_str(&line);
        if stale > 0 {
            let entries = if stale == 1 { "entry is" } else { "entries are" };
            let _ = writeln!(
                knowledge.hints,
                "hint: {stale} {entries} no longer found in `{path}`\n  = help: \
                 `--update-baseline` takes them out"
            );
        }
    }
    knowledge
}

/// Why nothing was done about a baseline.
pub(crate) fn refuse(bad: &BadBaseline, here: &Path) -> Refusal {
    let path = shown(&bad.path, here);
    let place = bad.line.map_or_else(String::new, |line| format!(":{line}"));
    let help =
        if bad.help.is_empty() { String::new() } else { format!("  = help: {}\n", bad.help) };
    Refusal::Usage(format!("error: {}\n --> {path}{place}\n{help}", reporter::line(&bad.message)))
}

/// A path as somebody in the folder `here` would write it.
fn shown(path: &Path, here: &Path) -> String {
    reporter::path(&Root::climbing(here, here).relative(path)).into_owned()
}
