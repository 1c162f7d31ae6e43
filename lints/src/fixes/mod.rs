//! How fixes are written: each lint says which one it wants, and these know how code must look so
//! that it means that. They alone quote the text of the file. Where it is not sure that the result
//! is right there is no fix.

mod awaiting;
mod calls;
mod closures;
mod draft;
mod groups;
mod handlers;
mod imports;
mod lines;
mod names;
mod tasks;
mod threads;

pub(crate) use awaiting::{add_await, gather, is_in_generator};
pub(crate) use calls::{call_instead, hand_over, rename_called};
pub(crate) use closures::bind;
pub(crate) use draft::Draft;
pub(crate) use groups::{await_only, task_group};
pub(crate) use handlers::{catch_all, catch_exception, raise_again};
pub(crate) use tasks::keep_task;
pub(crate) use threads::{in_thread, sleep};
