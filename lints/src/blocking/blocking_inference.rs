//! `blocking-inference`

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;

use crate::{Context, Fixes, Group, Lint, blocking};

/// Running or loading a model of machine learning in a coroutine.
pub(crate) static BLOCKING_INFERENCE: Lint = Lint {
    name: "blocking-inference",
    summary: "running or loading a model stops the event loop",
    group: Group::Blocking,
    page: include_str!("blocking_inference.md"),
    level: Level::Warning,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    blocking::check(cx, BlockKind::Inference);
    blocking::check(cx, BlockKind::ModelLoad);
}
