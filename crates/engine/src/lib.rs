//! From paths to findings: discovery, configuration, suppressions and the parallel run.

pub mod baseline;
pub mod config;
pub mod discovery;
pub mod selection;
pub mod suppressions;

mod add_ignore;
mod cache;
mod check;
mod environment;
mod file;
mod fix;
mod inside;
mod load;
mod members;
mod notebook;
mod outcome;
mod phases;
mod reading;
mod request;
mod resolution;
mod sources;
mod unread;
mod write;

pub use add_ignore::{Added, add_ignores};
pub use cache::{Caching, Cleaned, clean};
pub use check::{BadConfigs, check_paths, check_text, explain_calls};
pub use environment::{Environment, Python};
pub use file::INVALID_SYNTAX;
pub use fix::{FixCounts, Fixed, Fixing, NotFixed, Then, fix_paths, fix_text};
pub use outcome::{Failure, Outcome};
pub use phases::Phase;
pub use request::Request;
pub use resolution::{Explained, ExplainedStep, PlaceInFile, Resolution};
pub use sources::SourceTable;
