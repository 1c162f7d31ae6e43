//! What codespan writes, turned into rustc's look line by line.
//!
//! codespan says what each piece of a line is before it writes it. That tells reliably, with and
//! without colours, which line is which, so that the differences from rustc can be made good.

use std::io;

use asynclint_diagnostics::Level;
use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::{Chars, WriteStyle};

use crate::style::{self, Style};

const ARROW: &str = "-->";
const OTHER_FILE: &str = ":::";
const BREAK: &str = ".";
const ELLIPSIS: &str = "...";
/// A noncharacter: never in shown text, since those are replaced.
const CORNER: &str = "\u{FDD0}";

/// rustc's characters, and marks where codespan's one character must become two different ones.
pub(crate) fn chars() -> Chars {
    Chars {
        multi_top_left: '\u{FDD0}',
        multi_top: '_',
        multi_bottom_left: '|',
        multi_bottom: '_',
        multi_secondary_caret_start: '-',
        multi_secondary_caret_end: '-',
        ..Chars::ascii()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    Header,
    Message,
    Number,
    Border,
    Bullet,
    Primary,
    Secondary,
}

/// A writer for codespan that gathers the finished text.
pub(crate) struct Paint {
    out: String,
    color: bool,
    level: Level,
    /// Columns that bars of a label over several lines take in the first file.
    bars: usize,
    files: usize,
    line: String,
    /// Where in the line each role begins.
    roles: Vec<(usize, Role)>,
}

impl Paint {
    pub(crate) fn new(level: Level, multiline: bool, color: bool) -> Self {
        let bars = if multiline { 2 } else { 0 };
        Self {
            out: String::with_capacity(512),
            color,
            level,
            bars,
            files: 0,
            line: String::with_capacity(128),
            roles: Vec::with_capacity(16),
        }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn begin(&mut self, role: Role) {
        self.roles.push((self.line.len(), role));
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let segments = segments(&line, &self.roles);
        let mut parts: Vec<(Style, &str)> = Vec::with_capacity(segments.len() + 2);
        let border = segments.iter().position(|&(_, role, _)| role == Role::Border);
        let numbered = segments.iter().any(|&(_, role, _)| role == Role::Number);
        for (n, &(at, role, text)) in segments.iter().enumerate() {
            let style = self.style(role);
            match role {
                // codespan's arrow stands one column too far right, and rustc has another one
                // for files after the first.
                Role::Plain if border == Some(n + 1) && segments[n + 1].2 == ARROW => {
                    parts.push((style, text.strip_suffix(' ').unwrap_or(text)));
                }
                Role::Border if text == ARROW => {
                    self.files += 1;
                    parts.push((style, if self.files == 1 { ARROW } else { OTHER_FILE }));
                }
                Role::Border if text == BREAK => {
                    parts.clear();
                    parts.push((style, ELLIPSIS));
                    // What follows stays in its column.
                    parts.push((Style::Plain, blanks((at + 1).saturating_sub(ELLIPSIS.len()))));
                }
                Role::Primary | Role::Secondary if text == CORNER && numbered => {
                    parts.push((style, "/"));
                }
                Role::Primary | Role::Secondary if text == CORNER => {
                    parts.push((Style::Plain, " "));
                }
                // rustc leaves the source itself without colour.
                Role::Primary | Role::Secondary
                    if numbered && self.is_source(&segments, border, at) =>
                {
                    parts.push((Style::Plain, text));
                }
                Role::Plain if n > 0 && segments[n - 1].1 == Role::Bullet => {
                    let (word, rest) = text.split_at(text.find(':').unwrap_or(0));
                    let (blank, word) = word.split_at(word.len().min(1));
                    parts.extend([(style, blank), (Style::Strong, word), (style, rest)]);
                }
                _ => parts.push((style, text)),
            }
        }
        while parts.pop_if(|(_, text)| text.trim_end().is_empty()).is_some() {}
        if let Some((_, text)) = parts.last_mut() {
            *text = text.trim_end();
        }
        style::push(&mut self.out, &parts, self.color);
        self.out.push('\n');
        self.line = line;
        self.line.clear();
        self.roles.clear();
    }

    fn is_source(
        &self,
        segments: &[(usize, Role, &str)],
        border: Option<usize>,
        at: usize,
    ) -> bool {
        let bars = if self.files > 1 { 0 } else { self.bars };
        border.is_some_and(|n| at > segments[n].0 + bars + 1)
    }

    fn style(&self, role: Role) -> Style {
        match role {
            Role::Plain => Style::Plain,
            Role::Message => Style::Strong,
            Role::Header | Role::Primary => Style::Level(self.level),
            Role::Number | Role::Border | Role::Bullet | Role::Secondary => Style::Quiet,
        }
    }
}

/// The pieces of a line that are not empty, with where they begin.
fn segments<'a>(line: &'a str, roles: &[(usize, Role)]) -> Vec<(usize, Role, &'a str)> {
    let starts = std::iter::once((0, Role::Plain)).chain(roles.iter().copied());
    let ends = roles.iter().map(|&(at, _)| at).chain([line.len()]);
    starts
        .zip(ends)
        .filter(|((start, _), end)| start < end)
        .map(|((start, role), end)| (start, role, &line[start..end]))
        .collect()
}

fn blanks(count: usize) -> &'static str {
    const BLANKS: &str = "                ";
    &BLANKS[..count.min(BLANKS.len())]
}

impl io::Write for Paint {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // codespan writes blanks, carets and source one character at a time.
        if let [byte @ b' '..=b'~'] = bytes {
            self.line.push(char::from(*byte));
            return Ok(1);
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut lines = text.split('\n');
        self.line.push_str(lines.next().unwrap_or_default());
        for line in lines {
            self.end_line();
            self.line.push_str(line);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Paint {
    fn set_header(&mut self, _: Severity) -> io::Result<()> {
        self.begin(Role::Header);
        Ok(())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.begin(Role::Message);
        Ok(())
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.begin(Role::Number);
        Ok(())
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.begin(Role::Bullet);
        Ok(())
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.begin(Role::Border);
        Ok(())
    }

    fn set_label(&mut self, _: Severity, style: LabelStyle) -> io::Result<()> {
        self.begin(match style {
            LabelStyle::Primary => Role::Primary,
            LabelStyle::Secondary => Role::Secondary,
        });
        Ok(())
    }

    fn reset(&mut self) -> io::Result<()> {
        self.begin(Role::Plain);
        Ok(())
    }
}
