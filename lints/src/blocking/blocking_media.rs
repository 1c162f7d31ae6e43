//! `blocking-media`

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;

use crate::{Context, Fixes, Group, Lint, blocking};

/// Drawing or converting documents, charts, sound and films in a coroutine.
pub(crate) static BLOCKING_MEDIA: Lint = Lint {
    name: "blocking-media",
    summary: "drawing or converting a document, chart or film stops the event loop",
    group: Group::Blocking,
    page: include_str!("blocking_media.md"),
    level: Level::Warning,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    blocking::check(cx, BlockKind::Media);
}
