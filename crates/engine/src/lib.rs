//! From paths to findings: discovery, configuration, suppressions and the parallel run.

pub mod config;
pub mod discovery;
pub mod selection;
pub mod suppressions;

mod check;
mod environment;
mod file;
mod load;
mod members;
mod sources;

pub use check::{BadConfigs, Failure, Outcome, Request, check_paths, check_text};
pub use environment::{Environment, Python};
pub use file::INVALID_SYNTAX;
pub use sources::SourceTable;
