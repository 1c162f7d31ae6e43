//! One file's text with its path.

use std::path::{Path, PathBuf};

use crate::decode::{self, DecodeError, Decoded, Encoding};
use crate::span::{LineIndex, Position, Span};

/// A decoded file. Every offset the linter speaks of counts bytes of [`SourceFile::text`].
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: String,
    lines: LineIndex,
    encoding: Encoding,
    bom: bool,
    cell: Option<u32>,
}

impl SourceFile {
    /// Decodes `bytes` as Python source (byte order mark, PEP 263 cookie, else UTF-8).
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no Python source text.
    pub fn decode(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, DecodeError> {
        let Decoded { text, encoding, bom } = decode::decode(bytes)?;
        let lines = LineIndex::new(&text);
        Ok(Self { path: path.into(), text, lines, encoding, bom, cell: None })
    }

    /// A file from text that is already decoded.
    pub fn from_text(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = LineIndex::new(&text);
        Self { path: path.into(), text, lines, encoding: Encoding::Utf8, bom: false, cell: None }
    }

    /// The same text as the cell of that number, from 1, of the notebook at its path.
    pub fn in_cell(self, number: u32) -> Self {
        Self { cell: Some(number), ..self }
    }

    /// The number of the cell, from 1, if it is one of a notebook.
    pub fn cell(&self) -> Option<u32> {
        self.cell
    }

    /// The path as the user named it or discovery found it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The decoded text without byte order mark; a lone `\r` has become `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    /// Where the lines begin.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Line and column (1-based, characters) of byte `offset`.
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The encoding that the file is stored in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the file began with a UTF-8 byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bom
    }
}
