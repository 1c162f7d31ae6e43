//! Shortening of long lines, so that a label in a line of megabytes costs and shows no more than
//! one in a line of fifty characters.

use std::ops::Range;

/// Lines of up to this many characters are shown whole.
const WHOLE: usize = 200;
/// Bytes shown before a label begins, after it begins, before it ends and after it ends.
const BEFORE: usize = 40;
const AFTER_START: usize = 80;
const BEFORE_END: usize = 20;
const AFTER_END: usize = 40;
/// A gap of fewer bytes is not worth an ellipsis.
const GAP: usize = 20;

/// The last place at or before `at` that splits no character of `text`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The parts of `line` (bytes of `text`) that are shown, in order and apart: all of it when it is
/// short, else what surrounds `labels`.
pub(crate) fn pieces(
    text: &str,
    line: &Range<usize>,
    labels: &[Range<usize>],
) -> Vec<Range<usize>> {
    let body = &text[line.clone()];
    // Fewer bytes means fewer characters; the walk is short however long the line is.
    if body.len() <= WHOLE || body.chars().nth(WHOLE).is_none() {
        return vec![line.clone()];
    }
    let near = |start: usize, end: usize| {
        let start = floor(text, start.max(line.start));
        let end = floor(text, end.min(line.end));
        if end + GAP >= line.end { start..line.end } else { start..end }
    };
    let mut parts: Vec<Range<usize>> = labels
        .iter()
        .flat_map(|label| {
            let start = label.start.saturating_sub(BEFORE)..label.start + AFTER_START;
            let end = label.end.saturating_sub(BEFORE_END)..label.end + AFTER_END;
            [near(start.start, start.end), near(end.start, end.end)]
        })
        .collect();
    if parts.is_empty() {
        parts.push(near(line.start, line.start + BEFORE + AFTER_START));
    }
    parts.sort_by_key(|part| part.start);
    if parts[0].start <= line.start + GAP {
        parts[0].start = line.start;
    }
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end + GAP => last.end = last.end.max(part.end),
            _ => joined.push(part),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, labels: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let labels: Vec<_> = labels.iter().map(|&(start, end)| start..end).collect();
        pieces(text, &(0..text.len()), &labels).into_iter().map(|p| (p.start, p.end)).collect()
    }

    #[test]
    fn short_lines_stay_whole() {
        assert_eq!(cut(&"é".repeat(200), &[(10, 12)]), [(0, 400)]);
    }

    #[test]
    fn long_lines_keep_what_surrounds_the_labels() {
        let text = "x".repeat(5_000);
        assert_eq!(cut(&text, &[]), [(0, 120)]);
        assert_eq!(cut(&text, &[(50, 55)]), [(0, 130)]);
        assert_eq!(cut(&text, &[(2_000, 2_010)]), [(1_960, 2_080)]);
        assert_eq!(cut(&text, &[(100, 3_000)]), [(60, 180), (2_980, 3_040)]);
        assert_eq!(cut(&text, &[(4_990, 5_000)]), [(4_950, 5_000)]);
        assert_eq!(cut(&text, &[(10, 20), (4_000, 4_001)]), [(0, 90), (3_960, 4_080)]);
    }

    #[test]
    fn characters_are_not_split() {
        let text = "字".repeat(1_000);
        let whole = |at| text.is_char_boundary(at);
        assert!(
            cut(&text, &[(1_500, 1_503)]).iter().all(|&(start, end)| whole(start) && whole(end))
        );
    }
}
