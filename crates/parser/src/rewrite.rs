//! Texts of the same length that the grammar reads better than the original. Offsets stay, and
//! names are always taken from the original.

mod newer;

use std::ops::Range;

use crate::kind::Kind;
use crate::span::Span;
use crate::tree::SyntaxTree;

pub(crate) use newer::blank_newer_syntax;

/// A rewritten text.
pub(crate) struct Rewrite {
    pub(crate) text: String,
    /// Comments of the original that the rewritten text no longer has.
    pub(crate) comments: Vec<Span>,
}

/// Full-line comments in a row from which on they are blanked.
const LONG_RUN: usize = 64;

/// Blanks long runs of full-line comments: the grammar's scanner is quadratic in them.
pub(crate) fn blank_comment_runs(text: &str) -> Option<Rewrite> {
    let mut runs: Vec<Span> = Vec::new();
    let mut run: Vec<Span> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start_matches([' ', '\t', '\x0C']);
        if code.starts_with('#') {
            let at = start + line.len() - code.len();
            run.push(Span::new(at as u32, (at + code.trim_end_matches(['\n', '\r']).len()) as u32));
        } else if !code.trim_end().is_empty() {
            if run.len() >= LONG_RUN {
                runs.append(&mut run);
            }
            run.clear();
        }
        start += line.len();
    }
    if run.len() >= LONG_RUN {
        runs.append(&mut run);
    }
    (!runs.is_empty()).then(|| Rewrite { text: blanked(text, &runs), comments: runs })
}

/// Blanks full-line comments that stand between a decorator and what it decorates and are indented
/// less than both: the grammar ends the block at them.
pub(crate) fn blank_comments_below_decorators(text: &str) -> Option<Rewrite> {
    let mut found: Vec<Span> = Vec::new();
    // How deep the decorator is indented that what follows still belongs to.
    let mut decorator: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start_matches([' ', '\t', '\x0C']);
        let depth = line.len() - code.len();
        if code.starts_with('@') {
            decorator = Some(depth);
        } else if ["async ", "class ", "def "].iter().any(|word| code.starts_with(word)) {
            decorator = None;
        } else if code.starts_with('#') && decorator.is_some_and(|above| depth < above) {
            let (from, len) = (start + depth, code.trim_end_matches(['\n', '\r']).len());
            found.push(Span::new(from as u32, (from + len) as u32));
        }
        start += line.len();
    }
    (!found.is_empty()).then(|| Rewrite { text: blanked(text, &found), comments: found })
}

/// Writes two things so that the grammar can read them. What stands in brackets or in a replacement
/// field is joined into one line: the grammar ends a block at a continuation line that is indented
/// less than the block. And stars are blanked where the grammar does not take them, as in `x, *[y]`.
pub(crate) fn simplified(text: &str) -> Option<Rewrite> {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut comments = Vec::new();
    // For each open bracket whether it holds an index.
    let mut open: Vec<bool> = Vec::new();
    let mut changed = false;
    let mut at = 0;
    while at < bytes.len() {
        let depth = open.len();
        match bytes[at] {
            b'(' | b'{' => open.push(false),
            b'[' => open.push(follows_operand(&bytes[..at])),
            b')' | b']' | b'}' => {
                open.pop();
            }
            b'#' => {
                let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
                if depth > 0 {
                    out[at..end].fill(b' ');
                    comments.push(Span::new(at as u32, end as u32));
                    changed = true;
                }
                at = end;
                continue;
            }
            b'"' | b'\'' => {
                let end = string_end(bytes, at);
                if is_formatted(bytes, at) {
                    in_fields(bytes, at..end.min(bytes.len()), |inner, _| {
                        if bytes[inner] == b'\n' {
                            out[inner] = b' ';
                            changed = true;
                        }
                    });
                }
                at = end;
                continue;
            }
            b'\n' if depth > 0 => {
                out[at] = b' ';
                changed = true;
            }
            b'\\' if depth > 0 && continues(&bytes[at..]) => out[at] = b' ',
            b'*' if is_unread_splat(bytes, at, open.last().copied()) => {
                out[at] = b' ';
                changed = true;
            }
            _ => {}
        }
        at += 1;
    }
    if !open.is_empty() || !changed {
        return None;
    }
    String::from_utf8(out).ok().map(|text| Rewrite { text, comments })
}

/// Whether a backslash at the start of `rest` joins two lines.
fn continues(rest: &[u8]) -> bool {
    rest.starts_with(b"\\\n") || rest.starts_with(b"\\\r\n")
}

/// Words behind which a bracket begins a list.
const BEFORE_LISTS: &[&[u8]] = &[
    b"and", b"assert", b"await", b"case", b"del", b"elif", b"else", b"for", b"from", b"if", b"in",
    b"is", b"lambda", b"match", b"not", b"or", b"print", b"raise", b"return", b"while", b"with",
    b"yield",
];

/// Whether what ends here can be indexed, so that a bracket behind it holds an index.
fn follows_operand(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 128..);
    let letters = before.iter().rev().take_while(is_letter).count();
    let word = &before[before.len() - letters..];
    match before.last() {
        Some(b']' | b')') => true,
        Some(_) => letters > 0 && !BEFORE_LISTS.contains(&word),
        None => false,
    }
}

/// Whether the star at `at` unpacks what the grammar does not take after one: in a tuple without
/// brackets and in an index all that does not begin with a name, in other brackets the default of a
/// type parameter. `bracket` is the innermost one that is open, and whether it holds an index.
fn is_unread_splat(bytes: &[u8], at: usize, bracket: Option<bool>) -> bool {
    let before = bytes[..at].trim_ascii_end();
    let mut after = bytes[at + 1..].trim_ascii_start();
    while continues(after) {
        after = after[1..].trim_ascii_start();
    }
    let is_index = bracket == Some(true) && matches!(before.last(), Some(b'[' | b','));
    if bracket.is_some() && !is_index {
        return before.ends_with(b"=") && !after.starts_with(b"*");
    }
    let is_await = after.strip_prefix(b"await").is_some_and(|rest| {
        rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'\\'))
    });
    let letters = after.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_text = letters <= 2 && matches!(after.get(letters), Some(b'"' | b'\''));
    let is_unread =
        is_await || is_text || matches!(after, [b'[' | b'(' | b'{' | b'-' | b'+' | b'~', ..]);
    let is_first = [&b","[..], b"=", b"return", b"yield", b" in"];
    is_unread && (is_index || is_first.iter().any(|word| before.ends_with(word)))
}

/// Writes `|` for each `or` and `&` behind a subscript in `faults`, at which the grammar stops: it
/// reads `Union[str, bytes]` in an annotation as a type, and knows no other operators of types, and
/// no slices in their brackets.
pub(crate) fn join_types(text: &str, faults: impl Iterator<Item = Span>) -> Option<String> {
    let mut out: Option<String> = None;
    for fault in faults {
        let (start, end) = (fault.start as usize, fault.end as usize);
        let fault = &text[start..end];
        for (operator, bar) in [("or", "| "), ("&", "|")] {
            for (at, _) in fault.match_indices(operator) {
                let (before, after) = (&text[..start + at], &text[start + at + operator.len()..]);
                let ends_word =
                    after.starts_with(|c: char| c.is_whitespace() || matches!(c, '(' | '\\'));
                if (operator == "&" || ends_word) && before.trim_end().ends_with(']') {
                    out.get_or_insert_with(|| text.to_owned())
                        .replace_range(before.len()..before.len() + operator.len(), bar);
                }
            }
        }
        for range in slices(text, start..end) {
            let types = format!("0{}", " ".repeat(range.len() - 1));
            out.get_or_insert_with(|| text.to_owned()).replace_range(range, &types);
        }
    }
    out
}

/// What stands in the brackets of an annotation that are full of slices, as in `double[:, ::1]`.
fn slices(text: &str, fault: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    text[fault.clone()].match_indices('[').filter_map(move |(open, _)| {
        let from = fault.start + open + 1;
        let is_slice = |c: &char| c.is_ascii_digit() || matches!(c, ':' | ',' | ' ');
        let len = text[from..].chars().take_while(is_slice).count();
        let inside = &text[from..from + len];
        (inside.contains(':') && text[from + len..].starts_with(']')).then_some(from..from + len)
    })
}

/// Where the specification of a replacement field begins with `=`, as in `f"{x:=06.2f}"`, writes
/// another alignment there: the grammar takes `:=` for an assignment.
pub(crate) fn realign_fields(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b":=")?;
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n),
            b'"' | b'\'' => {
                let end = string_end(bytes, at).min(bytes.len());
                if is_formatted(bytes, at) {
                    in_fields(bytes, at..end, |inner, begins_specification| {
                        if begins_specification && inner + 1 < end && bytes[inner + 1] == b'=' {
                            out[inner + 1] = b'<';
                        }
                    });
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    String::from_utf8(out).ok().filter(|out| out != text)
}

/// Whether the quote at `at` opens a string with replacement fields.
fn is_formatted(bytes: &[u8], at: usize) -> bool {
    let letters = bytes[..at].iter().rev().take_while(|b| b.is_ascii_alphanumeric());
    letters.take(3).any(|letter| matches!(letter, b'f' | b'F' | b't' | b'T'))
}

/// Calls `visit` for each place in the string at `range` that lies in the expression of a
/// replacement field, and says whether it is the colon that ends one.
fn in_fields(bytes: &[u8], range: std::ops::Range<usize>, mut visit: impl FnMut(usize, bool)) {
    // Brackets within each replacement field that is open: a specification may hold another one.
    let mut open: Vec<u32> = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let next = bytes.get(at + 1).copied();
        match (bytes[at], open.last_mut()) {
            (b'{', None) if next == Some(b'{') => at += 1,
            (b'{', None | Some(0)) => open.push(1),
            (b'(' | b'[' | b'{', Some(depth)) => *depth += 1,
            (b'}', Some(0 | 1)) => {
                open.pop();
            }
            (b')' | b']' | b'}', Some(depth)) => *depth = depth.saturating_sub(1),
            (b':', Some(depth @ 1)) => {
                *depth = 0;
                visit(at, true);
            }
            (_, Some(1..)) => visit(at, false),
            _ => {}
        }
        at += 1;
    }
}

/// One past the string that opens at `at`; the end of the line or text if it is not closed.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let triple = bytes[at..].starts_with(&[quote; 3]);
    let mut next = at + if triple { 3 } else { 1 };
    while next < bytes.len() {
        match bytes[next] {
            b'\\' => next += 1,
            b'\n' if !triple => return next,
            b if b == quote && !triple => return next + 1,
            b if b == quote && bytes[next..].starts_with(&[quote; 3]) => return next + 3,
            _ => {}
        }
        next += 1;
    }
    // Behind the text, which is how `unclosed_string` knows.
    bytes.len() + 1
}

/// Where a string in three quotes opens that is never closed: all behind it is in the string, or
/// one of the quotes before it is lost and code and strings have changed places.
pub(crate) fn unclosed_string(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) =
        bytes.get(at..).and_then(|rest| memchr::memchr3(b'#', b'"', b'\'', rest))
    {
        let open = at + found;
        at = match bytes[open] {
            b'#' => memchr::memchr(b'\n', &bytes[open..]).map_or(bytes.len(), |n| open + n),
            quote => {
                let end = string_end(bytes, open);
                if end > bytes.len() && bytes[open..].starts_with(&[quote; 3]) {
                    return Some(open as u32);
                }
                end
            }
        };
    }
    None
}

/// Renames `type` in `input`, which `tree` was read from, where the grammar took `type(x).y = z` for
/// a type alias.
pub(crate) fn rename_called_type(tree: &SyntaxTree<'_>, input: &str) -> Option<String> {
    let mut renamed: Option<String> = None;
    for entry in tree.entries.iter().filter(|e| e.kind == Kind::TypeAliasStatement) {
        let statement = &tree.text[entry.span.range()];
        let after = statement.strip_prefix("type").unwrap_or_default().trim_start();
        if after.starts_with(['(', '[', '.']) {
            let at = entry.span.start as usize;
            renamed.get_or_insert_with(|| input.to_owned()).replace_range(at..at + 4, "typE");
        }
    }
    renamed
}

fn blanked(text: &str, spans: &[Span]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        out.push_str(&text[done..span.start as usize]);
        out.extend(std::iter::repeat_n(' ', (span.end - span.start) as usize));
        done = span.end as usize;
    }
    out.push_str(&text[done..]);
    out
}
