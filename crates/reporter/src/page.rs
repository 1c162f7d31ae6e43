//! A page of Markdown for a terminal.

use asynclint_diagnostics::Level;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr;

use crate::style::{self, Style};

/// What marks a finding in the examples of pages, and how serious it is.
const MARKERS: [(&str, Level); 3] =
    [("# error: [", Level::Error), ("# warning: [", Level::Warning), ("# note: [", Level::Note)];

/// The page `markdown`, its text wrapped to `width` columns, and its code indented and as it is.
/// Links are shown as their text. Headings are bold in colour, and keep their `#` without.
pub fn page(markdown: &str, width: usize, color: bool) -> String {
    let mut screen = Screen { width, color, ..Screen::default() };
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    for (event, range) in parser.into_offset_iter() {
        if screen.verbatim == Verbatim::Table {
            if event == Event::End(TagEnd::Table) {
                screen.verbatim = Verbatim::Nothing;
            }
            continue;
        }
        screen.take(event, &markdown[range]);
    }
    screen.out
}

/// What is shown as it is written.
#[derive(Default, PartialEq, Eq)]
enum Verbatim {
    #[default]
    Nothing,
    Code,
    Table,
}

/// What is written so far, and where in the page it stands.
#[derive(Default)]
struct Screen {
    out: String,
    width: usize,
    color: bool,
    style: Style,
    /// The words of the paragraph, each of pieces in their styles.
    words: Vec<Vec<(Style, String)>>,
    /// Whether the next piece belongs to the last word.
    is_inside_word: bool,
    /// What stands before the first line of the paragraph; the others are as far from the left.
    first: String,
    /// The next number of each list around, if it has numbers.
    lists: Vec<Option<u64>>,
    verbatim: Verbatim,
}

impl Screen {
    /// Takes the next event, which stands for `source`.
    fn take(&mut self, event: Event<'_>, source: &str) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.gap();
                if !self.color {
                    self.first = "#".repeat(level as usize) + " ";
                }
                self.style = Style::Strong;
            }
            Event::Start(Tag::List(number)) => {
                self.flush();
                if self.lists.is_empty() {
                    self.gap();
                }
                self.lists.push(number);
            }
            Event::Start(Tag::Item) => {
                let depth = self.lists.len().saturating_sub(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.first = "  ".repeat(depth) + &mark;
            }
            Event::Start(Tag::Paragraph) if self.lists.is_empty() => self.gap(),
            Event::Start(Tag::CodeBlock(_)) => {
                self.flush();
                self.gap();
                self.verbatim = Verbatim::Code;
            }
            Event::Start(Tag::Table(_)) => {
                self.gap();
                self.out.push_str(source.trim_end());
                self.out.push('\n');
                self.verbatim = Verbatim::Table;
            }
            Event::Start(Tag::Strong | Tag::Emphasis) => self.style = Style::Strong,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => self.style = Style::Plain,
            Event::End(TagEnd::Heading(_)) => {
                self.flush();
                self.style = Style::Plain;
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item) => self.flush(),
            Event::End(TagEnd::List(_)) => drop(self.lists.pop()),
            Event::End(TagEnd::CodeBlock) => self.verbatim = Verbatim::Nothing,
            Event::Text(text) if self.verbatim == Verbatim::Code => {
                text.lines().for_each(|line| self.code(line));
            }
            Event::Text(text) => self.text(&text, self.style),
            Event::Code(text) => {
                let style = if self.style == Style::Plain { Style::Code } else { self.style };
                self.text(&format!("`{text}`"), style);
            }
            Event::SoftBreak | Event::HardBreak => self.is_inside_word = false,
            _ => {}
        }
    }

    /// An empty line, unless nothing stands above.
    fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn text(&mut self, text: &str, style: Style) {
        for (index, piece) in text.split(' ').enumerate() {
            if index > 0 {
                self.is_inside_word = false;
            }
            if piece.is_empty() {
                continue;
            }
            match self.words.last_mut() {
                Some(word) if self.is_inside_word => word.push((style, piece.to_owned())),
                _ => self.words.push(vec![(style, piece.to_owned())]),
            }
            self.is_inside_word = true;
        }
    }

    /// Writes the paragraph, wrapped.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        let first = std::mem::take(&mut self.first);
        self.is_inside_word = false;
        if words.is_empty() {
            self.first = first;
            return;
        }
        let indent = " ".repeat(first.width());
        let mut line: Vec<(Style, &str)> = vec![(Style::Plain, &first)];
        let mut column = first.width();
        for (index, word) in words.iter().enumerate() {
            let length: usize = word.iter().map(|(_, piece)| piece.width()).sum();
            if index > 0 && column + 1 + length > self.width {
                style::push(&mut self.out, &line, self.color);
                self.out.push('\n');
                line = vec![(Style::Plain, &indent)];
                column = indent.width();
            } else if index > 0 {
                let before = line.last().map_or(Style::Plain, |&(style, _)| style);
                let blank = if before == word[0].0 { before } else { Style::Plain };
                line.push((blank, " "));
                column += 1;
            }
            line.extend(word.iter().map(|(style, piece)| (*style, &**piece)));
            column += length;
        }
        style::push(&mut self.out, &line, self.color);
        self.out.push('\n');
    }

    /// A line of code, with the marker of a finding in the colour of its level.
    fn code(&mut self, line: &str) {
        let marker = MARKERS.iter().find_map(|(text, level)| Some((line.find(text)?, *level)));
        let (at, level) = marker.unwrap_or((line.len(), Level::Note));
        let (code, comment) = line.split_at(at);
        if !line.is_empty() {
            self.out.push_str("    ");
        }
        let parts = [(Style::Plain, code), (Style::Level(level), comment)];
        style::push(&mut self.out, &parts, self.color);
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# some-lint\n\nIt finds `a.b()` and\n*more*, see [the page](x.md).\n\n\
        ## Example\n\n```python\nf()  # error: [some-lint]\n\ng()\n```\n\n- one two three four\n\
        - five `six seven`\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| c | d |\n\nEnd.\n";

    #[test]
    fn wraps_text_and_leaves_code_as_it_is() {
        let shown = "# some-lint\n\nIt finds `a.b()`\nand more, see the\npage.\n\n## Example\n\n    \
             f()  # error: [some-lint]\n\n    g()\n\n- one two three\n  four\n- five `six\n  \
             seven`\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| c | d |\n\nEnd.\n";
        assert_eq!(page(PAGE, 17, false), shown);
    }

    #[test]
    fn colours_tell_headings_code_and_findings() {
        let shown = page(PAGE, 80, true);
        for text in [
            "\x1b[1msome-lint\x1b[0m\n\n",
            "finds \x1b[36m`a.b()`\x1b[0m and \x1b[1mmore\x1b[0m, see the page.\n",
            "    f()  \x1b[1;91m# error: [some-lint]\x1b[0m\n\n    g()\n",
            "- five \x1b[36m`six seven`\x1b[0m\n",
        ] {
            assert!(shown.contains(text), "{text:?} is not in {shown}");
        }
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        assert_eq!(page("- a incomprehensible b\n", 6, false), "- a\n  incomprehensible\n  b\n");
        assert_eq!(page("", 6, false), "");
    }
}
