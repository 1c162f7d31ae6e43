//! The pitfalls: one module, one page and one fixture folder each.

mod blocking;
mod cancellation;
mod context;
mod model;

mod blocking_sleep;
mod cancelled_error_not_raised;
mod dangling_task;
mod gather_without_taskgroup;
mod missing_await;
mod swallowed_cancellation;

pub use context::{Context, Report, Site};
pub use model::{Fixes, Group, Library, Lint, Settings};

/// Every lint, sorted by name.
pub static LINTS: &[&Lint] = &[
    &blocking_sleep::BLOCKING_SLEEP,
    &cancelled_error_not_raised::CANCELLED_ERROR_NOT_RAISED,
    &dangling_task::DANGLING_TASK,
    &gather_without_taskgroup::GATHER_WITHOUT_TASKGROUP,
    &missing_await::MISSING_AWAIT,
    &swallowed_cancellation::SWALLOWED_CANCELLATION,
];
