//! Python source text to a syntax tree, with tree-sitter kept behind this crate's own types.

mod check;
mod clock;
mod correct;
mod decode;
mod grow;
mod kind;
mod parse;
mod rewrite;
mod source;
mod span;
mod stored;
mod tree;
pub mod views;

pub use decode::{DecodeError, Encoding};
pub use kind::{Field, Kind};
pub use parse::{Limits, ParseError, Parsed, SyntaxError, parse};
pub use source::SourceFile;
pub use span::{LineIndex, Position, Span};
pub use stored::Stored;
pub use tree::{Children, Node, SyntaxTree};
