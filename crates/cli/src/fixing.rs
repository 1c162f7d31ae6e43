//! `asynclint check --fix`

use std::collections::BTreeMap;
use std::path::Path;

use asynclint_engine::baseline::Mode;
use asynclint_engine::{Failure, Fixed, Fixing, NotFixed, Request, Then, fix_paths, fix_text};
use asynclint_reporter::{self as reporter, Counts, Format};

use crate::args::{CheckArguments, FixArguments};
use crate::known::{self, Knowledge};
use crate::output::{self, CLEAN};
use crate::refusal::Refusal;
use crate::settings::Input;
use crate::{report, verbose};

/// Whether the arguments ask for fixes.
pub(crate) fn is_wanted(arguments: &FixArguments) -> bool {
    arguments.fix || arguments.fix_only || arguments.diff
}

/// Checks what is given and fixes it, or shows how. Of standard input the fixed source is the
/// output, and everything else goes to standard error.
pub(crate) fn run(
    input: Input<'_>,
    request: &Request<'_>,
    format: Format,
    arguments: &CheckArguments,
    here: &Path,
) -> Result<u8, Refusal> {
    let flags = &arguments.fixing;
    let (fixing, source) = match input {
        Input::Paths(paths) => {
            let then = if flags.diff { Then::Show } else { Then::Write };
            (fix_paths(&paths, request, then, here).map_err(|it| refuse(it, here))?, None)
        }
        Input::Stdin(name) => {
            let bytes = output::read_stdin()?;
            let fixing =
                fix_text(name, bytes.clone(), request, here).map_err(|it| refuse(it, here))?;
            // Whatever went wrong, who wrote the text gets it back.
            let after = fixing.fixed.first().map_or(bytes, |fixed| fixed.after.clone());
            (fixing, Some(after))
        }
    };
    let Fixing { outcome, known, fixed, failures } = &fixing;
    let known = known::tell(known, Mode::Compare, here);
    report::complain(outcome, arguments.output.is_quiet());
    report::complain_of_known(&known, arguments.output.is_quiet());
    for Failure { path, message } in failures {
        output::complain(&format!("error: cannot fix `{}`: {message}\n", reporter::path(path)));
    }

    // What standard output is for, and where everything else goes.
    let (mut printed, complains) = match &source {
        _ if flags.diff => (output::print_code(&diff(fixed, here)), true),
        Some(source) => (output::print_code(source), true),
        None => (CLEAN, false),
    };
    let print = |text: &str| {
        if complains {
            output::complain(text);
            return CLEAN;
        }
        output::print(text)
    };
    if flags.diff || flags.fix_only {
        printed = printed.max(print(&only_fixes(&fixing, arguments)));
    } else {
        let color = if complains {
            output::stderr_wants_color(arguments.output.color)
        } else {
            output::stdout_wants_color(arguments.output.color)
        };
        let findings = report::findings(outcome, format, &arguments.output, color, here);
        let summary = summary(&fixing, &known, format, arguments);
        let written = report::deliver(findings, &summary, format, &arguments.output, print);
        printed = printed.max(written);
    }
    if arguments.output.verbose {
        output::complain(&verbose::text(outcome));
    }
    let is_done = printed == CLEAN && outcome.failures.is_empty() && failures.is_empty();
    let has_findings = match flags {
        _ if arguments.output.exit_zero => false,
        FixArguments { diff: true, .. } => !fixed.is_empty(),
        _ if flags.exit_non_zero_on_fix && !fixed.is_empty() => true,
        FixArguments { fix_only: true, .. } => false,
        _ => report::is_bad(outcome, &arguments.output),
    };
    Ok(report::code(is_done, has_findings))
}

/// The refusal for what kept the fixes from being made.
fn refuse(not_fixed: NotFixed, here: &Path) -> Refusal {
    match not_fixed {
        NotFixed::Configs(configs) => Refusal::Configs(configs),
        NotFixed::Baseline(bad) => known::refuse(&bad, here),
    }
}

/// What follows the findings that are left.
fn summary(
    fixing: &Fixing,
    known: &Knowledge,
    format: Format,
    arguments: &CheckArguments,
) -> String {
    let Fixing { outcome, fixed, .. } = fixing;
    let counted = reporter::summary_with_fixes(counts(fixed), Counts::of(&outcome.diagnostics));
    list(fixed, arguments)
        + &report::summary(outcome, known, format, &arguments.output, &counted, !fixed.is_empty())
}

/// All that is said where findings are not shown.
fn only_fixes(fixing: &Fixing, arguments: &CheckArguments) -> String {
    if arguments.output.is_quiet() {
        return String::new();
    }
    let words = if arguments.fixing.diff {
        ("Would fix", "No errors would be fixed")
    } else {
        ("Fixed", "No errors fixed")
    };
    let said = reporter::only_fixes(counts(&fixing.fixed), &fixing.outcome.diagnostics, words);
    list(&fixing.fixed, arguments) + &said.map(|said| said + "\n").unwrap_or_default()
}

fn counts(fixed: &[Fixed]) -> Counts {
    let mut counts = Counts::default();
    for (&(_, level), &count) in fixed.iter().flat_map(|file| &file.counts) {
        counts.add(level, count);
    }
    counts
}

/// What was fixed in which file, with an empty line behind it, where it is asked for.
fn list(fixed: &[Fixed], arguments: &CheckArguments) -> String {
    let FixArguments { show_fixes, diff, .. } = arguments.fixing;
    if !show_fixes || diff || fixed.is_empty() || arguments.output.is_quiet() {
        return String::new();
    }
    let listed = reporter::list(
        counts(fixed),
        fixed.iter().map(|file| {
            let mut lints = BTreeMap::new();
            for (&(lint, _), count) in &file.counts {
                *lints.entry(lint).or_default() += count;
            }
            (&*file.path, lints)
        }),
    );
    listed + "\n"
}

/// What would change, as paths from the working directory.
fn diff(fixed: &[Fixed], here: &Path) -> Vec<u8> {
    let of_file = |file: &Fixed| {
        let path = file.path.strip_prefix(here).unwrap_or(&file.path);
        let path = path.strip_prefix(Path::new(".")).unwrap_or(path);
        asynclint_fixer::unified(path, &file.before, &file.after)
    };
    fixed.iter().flat_map(of_file).collect()
}
