//! Edits applied to text. Nothing here reads or writes a file, or knows why an edit is made.

mod apply;
mod choose;
mod hunks;
mod unified;

pub use apply::apply;
pub use choose::{Chosen, choose};
pub use hunks::{Hunk, hunks};
pub use unified::unified;
