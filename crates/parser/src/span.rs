//! Positions in a file.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes, `start..end`, 0-based, in the decoded text of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at byte `at`.
    pub const fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Whether `other` lies wholly within `self`.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The range as indices into the text.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// This range moved right by `offset` bytes.
    pub const fn shifted(self, offset: u32) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }
}

/// A place as people count it: both numbers 1-based, columns in characters (Unicode code points).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// Byte offset of each line's first byte; the first is always 0.
    starts: Box<[u32]>,
}

impl LineIndex {
    /// Indexes `text`, whose line ends are `\n` or `\r\n` (the decoder turns a lone `\r` into
    /// `\n`). Form feed, U+0085 and U+2028 end no line, as in Python's tokenizer.
    pub fn new(text: &str) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
        Self { starts: std::iter::once(0).chain(newlines.map(|at| at as u32 + 1)).collect() }
    }

    /// Number of lines; a text that ends in a newline has an empty last line.
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Never true: even an empty text has one line.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// 1-based line that holds byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// Byte offset at which the 1-based `line` begins; lines past the end give the last start.
    pub fn start(&self, line: u32) -> u32 {
        let index = (line.max(1) as usize - 1).min(self.starts.len() - 1);
        self.starts[index]
    }

    /// Bytes of the 1-based `line` in `text`, without its line end.
    pub fn span(&self, text: &str, line: u32) -> Span {
        let start = self.start(line);
        let end = if line < self.len() { self.start(line + 1) } else { text.len() as u32 };
        let body = text[start as usize..end as usize].trim_end_matches(['\n', '\r']);
        Span::new(start, start + body.len() as u32)
    }

    /// Line and column of byte `offset` of `text`. An offset inside a character counts as its
    /// start.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.start(line) as usize;
        let end = text.floor_char_boundary(offset as usize);
        Position { line, column: text[start..end.max(start)].chars().count() as u32 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a = 1\nβ = '🎈'; x\r\n\n";
        let lines = LineIndex::new(text);
        let at = text.find('x').unwrap() as u32;
        assert_eq!(lines.position(text, at), Position { line: 2, column: 10 });
        assert_eq!(lines.len(), 4);
        assert_eq!(&text[lines.span(text, 2).range()], "β = '🎈'; x");
        assert_eq!(lines.position(text, text.len() as u32), Position { line: 4, column: 1 });
    }
}
