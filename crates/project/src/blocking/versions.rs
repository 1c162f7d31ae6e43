//! Conditions that ask for the release of Python.

use asynclint_semantic::{Body, Comparison, ExprId, ExprKind, Facts, List};

/// The oldest release that can be a target: what is there for older ones is run by nobody.
const OLDEST: [u64; 2] = [3, 8];

/// What `sys.version_info >= (3, 5, 3)` and `sys.version_info < (3, 5, 3)` come to on every release
/// from the oldest on, if on all of them it is the same.
pub(super) fn settled(
    facts: &Facts,
    body: &Body,
    operator: Comparison,
    operands: List,
) -> Option<bool> {
    let is_newer = match operator {
        Comparison::NotLess => true,
        Comparison::Less => false,
        _ => return None,
    };
    let &[asked, release] = body.list(operands) else { return None };
    let release = release_of(facts, body, release)?;
    // `sys.version_info[:2]`
    let asked = match body.kind(asked) {
        ExprKind::Subscript { value, .. } => value,
        _ => asked,
    };
    let asks = body.last_name(asked).is_some_and(|name| facts.outline.text(name) == "version_info");
    (asks && release.as_slice() <= OLDEST.as_slice()).then_some(is_newer)
}

/// The release that a tuple of numbers names.
fn release_of(facts: &Facts, body: &Body, id: ExprId) -> Option<Vec<u64>> {
    let ExprKind::Tuple(parts) = body.kind(id) else { return None };
    body.list(parts).iter().map(|&id| facts.whole_number(body, id)).collect()
}
