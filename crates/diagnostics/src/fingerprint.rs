//! What a finding is known by from one run to the next.

use std::collections::HashMap;
use std::fmt;

use asynclint_parser::SourceFile;
use xxhash_rust::xxh3::xxh3_128;

use crate::{Diagnostic, FileId, Root};

/// The same for the same finding when lines above it come and go; different for any two findings
/// of one run. It is shown as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint that is shown as `text`, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shown_so =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_shown_so { u128::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

/// The fingerprints of `diagnostics`, in their order, which is that of places in each file.
///
/// Each stands for the lint, the path from `root`, and the line on which the primary label begins,
/// with every run of white space as one blank and none at its ends. Where all three are the same it
/// also stands for how many such findings came before. Numbers of lines and columns, levels and
/// messages do not count.
pub fn fingerprints<'s>(
    diagnostics: &[Diagnostic],
    root: &Root,
    source: impl Fn(FileId) -> &'s SourceFile,
) -> Vec<Fingerprint> {
    let mut paths: HashMap<FileId, String> = HashMap::new();
    let mut seen: HashMap<u128, u32> = HashMap::new();
    let one = |diagnostic: &Diagnostic| {
        let place = &diagnostic.primary;
        let file = source(place.file);
        let path = paths.entry(place.file).or_insert_with(|| root.text(file.path()));
        let line = file.lines().span(file.text(), file.lines().line(place.span.start));
        let words: Vec<_> = file.slice(line).split_whitespace().collect();
        // No part of it can hold a NUL that would move the borders between them to match another's.
        let text = format!("{}\0{path}\0{}", diagnostic.lint, words.join(" "));
        let nth = seen.entry(xxh3_128(text.as_bytes())).or_default();
        *nth += 1;
        Fingerprint(xxh3_128(format!("{text}\0{nth}").as_bytes()))
    };
    diagnostics.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Label, Level};
    use asynclint_parser::Span;

    fn found(lint: &'static str, start: usize) -> Diagnostic {
        let span = Span::new(start as u32, start as u32 + 1);
        Diagnostic {
            lint,
            level: Level::Error,
            message: format!("found at {start}"),
            primary: Label { file: FileId(0), span, message: String::new() },
            secondary: Vec::new(),
            chain: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// The fingerprints of `lint` at every `!` of `text` in the file `path`.
    fn of(lint: &'static str, path: &str, text: &str) -> Vec<Fingerprint> {
        let file = SourceFile::from_text(path, text);
        let found: Vec<_> = text.match_indices('!').map(|(at, _)| found(lint, at)).collect();
        fingerprints(&found, &Root::new("/shop", "/shop"), |_| &file)
    }

    #[test]
    fn lines_may_move_and_be_indented() {
        let first = of("x", "a.py", "a = !1\n");
        assert_eq!(of("x", "a.py", "\n\n  if b:\n \t  a =\t!1  \r\n"), first);
        assert_eq!(of("x", "./b/../a.py", "a = !1"), first);
    }

    #[test]
    fn lint_path_and_line_count() {
        let all = [
            of("x", "a.py", "a = !1"),
            of("y", "a.py", "a = !1"),
            of("x", "b.py", "a = !1"),
            of("x", "a.py", "b = !1"),
            of("x", "a.py", "a =!1"),
        ];
        let mut all: Vec<_> = all.into_iter().flatten().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn equal_lines_are_counted() {
        let [one, two, three] = of("x", "a.py", "!a\n!a; !b\n")[..] else { panic!() };
        assert!(one != two && two != three && one != three);
        let [first, second, other] = of("x", "a.py", "!a\n\n !a\nb!\n")[..] else { panic!() };
        assert!(first == one && second != one && other != second);
        // What stands between two equal lines does not count.
        assert_eq!(of("x", "a.py", "!a\nc!\n!a\n")[2], second);
    }

    #[test]
    fn they_are_shown_and_read_and_never_change() {
        let [found] = of("missing-await", "app/main.py", "    fetch(!)\n")[..] else { panic!() };
        assert_eq!(found.to_string(), "ceee1e61b766db8e34fbcc5e3fd98864");
        assert_eq!(Fingerprint::parse(&found.to_string()), Some(found));
        for wrong in ["", "+0000000000000000000000000000000", &"A".repeat(32), &"0".repeat(33)] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
