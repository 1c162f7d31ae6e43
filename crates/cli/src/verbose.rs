//! `asynclint check --verbose`

use std::fmt::Write;

use asynclint_engine::{Outcome, Phase, Resolution};
use asynclint_reporter as reporter;

/// How long the parts of a run took, and what was resolved.
pub(crate) fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    for Phase { name, time } in &outcome.phases {
        let _ = writeln!(text, "{name:<12}{:>8.1} ms", time.as_secs_f64() * 1e3);
    }
    if let Some(reason) = &outcome.not_kept {
        let _ = writeln!(text, "warning: {reason}");
    }
    let Outcome { files, neighbours, .. } = outcome;
    let _ = writeln!(text, "{files} files checked, {neighbours} more read for what they define");
    if let Some(resolution) = &outcome.resolution {
        resolved(&mut text, outcome, resolution);
    }
    text
}

fn resolved(text: &mut String, outcome: &Outcome, resolution: &Resolution) {
    let Resolution { awaited, awaitable, contradictions, unknown } = resolution;
    let share = |count: usize| 100.0 * as_float(count) / as_float((*awaited).max(1));
    let _ = writeln!(
        text,
        "{awaited} awaited calls: {awaitable} ({:.1} %) are known to give an awaitable, {} ({:.2} %) \
         something else",
        share(*awaitable),
        contradictions.len(),
        share(contradictions.len()),
    );
    let mut unknown: Vec<_> = unknown.iter().collect();
    unknown.sort_by_key(|&(reason, count)| (std::cmp::Reverse(*count), *reason));
    for (reason, count) in unknown {
        let _ = writeln!(text, "{count:>8} ({:.1} %) not known: {reason}", share(*count));
    }
    for (file, span) in contradictions {
        if let Some(source) = outcome.sources.get(*file) {
            let at = source.position(span.start);
            let path = reporter::path(source.path());
            let _ =
                writeln!(text, "{path}:{}:{}: this call gives no awaitable", at.line, at.column);
        }
    }
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
