//! Characters that must not reach a terminal or a log as they are: a source file, a file name or
//! a quoted name could otherwise move the cursor, recolour, or reorder what people read.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use asynclint_diagnostics::path_text;
use asynclint_parser::SourceFile;

/// Whether `c` acts on the display instead of showing: control characters, line and paragraph
/// separators, bidirectional controls, invisible format characters and tags, noncharacters.
///
/// Joiners and variation selectors are not among them: names in many scripts need them.
pub(crate) fn is_hostile(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c,
        '\u{80}'..='\u{9F}'
        | '\u{AD}' | '\u{61C}' | '\u{180E}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
        | '\u{E0000}'..='\u{E007F}')
}

/// One line of a message, with hostile characters spelled `\x1b` or `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hostile) {
        let mut out = String::with_capacity(text.len() + 16);
        text.chars().for_each(|c| push(&mut out, c));
        Cow::Owned(out)
    } else {
        Cow::Borrowed(text)
    }
}

fn push(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = match c {
        _ if !is_hostile(c) => out.write_char(c),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        _ if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// A path as people may see it.
pub fn path(path: &Path) -> Cow<'_, str> {
    match path_text(path) {
        Cow::Borrowed(text) => line(text),
        Cow::Owned(text) => Cow::Owned(line(&text).into_owned()),
    }
}

/// The path of a file as people may see it, with the cell if it is one of a notebook.
pub(crate) fn file(file: &SourceFile) -> Cow<'_, str> {
    match file.cell() {
        Some(cell) => Cow::Owned(format!("{}:cell {cell}", path(file.path()))),
        None => path(file.path()),
    }
}

/// What stands for `c` in a shown source line. One column for one character, so that a caret has
/// something to point at; tabs stay, because the renderer expands them.
fn stand_in(c: char) -> Option<char> {
    match c {
        '\t' => Some(c),
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(c)),
        '\x7F' => Some('\u{2421}'),
        // Terminals disagree on the width of joined and of restyled characters; apart they agree.
        '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => None,
        _ if is_hostile(c) => Some(char::REPLACEMENT_CHARACTER),
        _ => Some(c),
    }
}

/// Appends source text as it is shown.
pub(crate) fn push_shown(out: &mut String, source: &str) {
    if source.bytes().all(is_plain) {
        out.push_str(source);
    } else {
        out.extend(source.chars().filter_map(stand_in));
    }
}

/// The lines of a file or of a diff as people may see them.
pub fn lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        push_shown(&mut out, content.strip_suffix('\r').unwrap_or(content));
        out.push_str(&line[content.len()..]);
    }
    out
}

/// Number of bytes that [`push_shown`] appends for `source`.
pub(crate) fn shown_len(source: &str) -> usize {
    if source.bytes().all(is_plain) {
        source.len()
    } else {
        source.chars().filter_map(stand_in).map(char::len_utf8).sum()
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> String {
        let mut out = String::new();
        push_shown(&mut out, source);
        assert_eq!(out.len(), shown_len(source));
        out
    }

    #[test]
    fn messages_spell_out_what_acts() {
        assert_eq!(line("plain `x` — ü 字"), "plain `x` — ü 字");
        assert_eq!(line("a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
        assert_eq!(line("tab\tcr\rlf\ndel\x7f"), "tab\\tcr\\rlf\\ndel\\x7f");
        assert_eq!(line("\u{202e}txt\u{2069}\u{9b}31m"), "\\u{202e}txt\\u{2069}\\u{9b}31m");
        assert_eq!(line("\u{e0041}\u{feff}\u{2028}"), "\\u{e0041}\\u{feff}\\u{2028}");
    }

    #[test]
    fn source_keeps_its_columns() {
        assert_eq!(shown("a\x1b[0m\x7f\tb"), "a␛[0m␡\tb");
        assert_eq!(shown("x\u{202e}y\u{9b}z\u{200b}"), "x\u{fffd}y\u{fffd}z\u{fffd}");
        assert_eq!(shown("👩\u{200d}👧 ❤\u{fe0f}"), "👩👧 ❤");
        assert_eq!(shown("e\u{301} ü 字"), "e\u{301} ü 字");
    }

    #[test]
    fn all_of_the_dangerous_ranges_are_hostile() {
        let ranges =
            ['\0'..='\x1f', '\x7f'..='\u{9f}', '\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
        assert!(ranges.into_iter().flatten().all(is_hostile));
        assert!(!" ~ü字🎈\u{200d}\u{fe0f}\u{301}\u{fffd}".chars().any(is_hostile));
    }

    #[test]
    fn paths_spell_out_what_acts() {
        assert_eq!(path(Path::new("a/b\x1b[2J.py")), "a/b\\x1b[2J.py");
    }
}
