//! Python source text to a syntax tree, with tree-sitter kept behind this crate's own types.

pub mod decode;
mod source;
mod span;

pub use decode::{DecodeError, Encoding};
pub use source::SourceFile;
pub use span::{LineIndex, Position, Span};
