//! What somebody may want to do next, in the first minutes.

use std::collections::BTreeMap;

use asynclint_diagnostics::Diagnostic;
use asynclint_lints::LINTS;

/// More findings than anybody reads one by one.
const MANY: usize = 100;

/// Leads to the page of the lint that was found most often, and where there are very many findings
/// and none of them are `known` yet, to what helps with those. Empty, or with a line end.
pub(crate) fn next_step(diagnostics: &[Diagnostic], has_baseline: bool) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for found in diagnostics {
        *counts.entry(found.lint).or_default() += 1;
    }
    // Syntax errors have no page.
    counts.retain(|name, _| LINTS.iter().any(|lint| lint.name == *name));
    let most = counts.values().copied().max();
    let Some((lint, _)) = counts.iter().find(|(_, count)| Some(**count) == most) else {
        return String::new();
    };
    let mut text = format!("For more information, try `asynclint explain {lint}`.\n");
    if diagnostics.len() > MANY && !has_baseline {
        text.push_str(
            "For an overview, try `--statistics`; to see only what is new from now on, \
             `--baseline FILE --update-baseline`.\n",
        );
    }
    text
}
