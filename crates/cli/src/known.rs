//! `asynclint check --baseline`

use std::fmt::Write;
use std::path::Path;

use asynclint_diagnostics::Root;
use asynclint_engine::baseline::{self, BadBaseline, Known, Mode};
use asynclint_engine::{Outcome, Request};
use asynclint_reporter as reporter;

use crate::args::KnownArguments;
use crate::refusal::Refusal;

/// What is to be said of the baselines of a run.
pub(crate) struct Knowledge {
    /// Lines that belong to the summary.
    pub(crate) summary: String,
    /// Lines about the baselines themselves.
    pub(crate) hints: String,
}

/// Takes out of `outcome` what baselines know, or writes these anew.
pub(crate) fn apply(
    outcome: &mut Outcome,
    request: &Request<'_>,
    arguments: &KnownArguments,
    here: &Path,
) -> Result<Knowledge, Refusal> {
    let mode = if arguments.update_baseline { Mode::Update } else { Mode::Compare };
    let known = baseline::apply(outcome, request, mode, here);
    let known = known.map_err(|bad| refuse(&bad, here))?;
    if known.is_empty() && mode == Mode::Update {
        return Err(Refusal::usage(
            "`--update-baseline` has no baseline to write",
            "name it with `--baseline FILE`, or with `baseline` in the config",
        ));
    }
    let mut knowledge = Knowledge { summary: String::new(), hints: String::new() };
    for Known { path, found, stale } in known {
        let path = shown(&path, here);
        let findings = if found == 1 { "finding" } else { "findings" };
        let line = match mode {
            Mode::Update => format!("Wrote `{path}`: {found} {findings} known.\n"),
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
    Ok(knowledge)
}

fn refuse(bad: &BadBaseline, here: &Path) -> Refusal {
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
