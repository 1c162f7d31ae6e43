//! `blocking-password-hash`

use asynclint_catalog::BlockKind;
use asynclint_diagnostics::Level;

use crate::{Context, Fixes, Group, Lint, blocking};

/// Hashing a password in a coroutine.
pub(crate) static BLOCKING_PASSWORD_HASH: Lint = Lint {
    name: "blocking-password-hash",
    summary: "hashing a password stops the event loop",
    group: Group::Blocking,
    page: include_str!("blocking_password_hash.md"),
    level: Level::Warning,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: true,
    check,
};

fn check(cx: &mut Context<'_>) {
    blocking::check(cx, BlockKind::PasswordHash);
}
