//! Which of many fixes can be made together.

use asynclint_diagnostics::{Edit, Fix};
use asynclint_parser::Span;

/// Fixes that do not get into each other's way.
#[derive(Clone, Debug, Default)]
pub struct Chosen<'a> {
    /// Which of the fixes; ascending.
    pub fixes: Vec<usize>,
    /// Their edits, sorted, each once.
    pub edits: Vec<&'a Edit>,
}

/// The fixes that are made in one go: of two that touch each other the earlier one in `fixes`, and
/// the other one has to be asked for again in the text that comes out. Whole lines that several
/// fixes put into the same place, such as an import, are put there once; so is a change that two
/// fixes agree on.
pub fn choose<'a>(fixes: &[&'a Fix]) -> Chosen<'a> {
    let mut chosen = Chosen::default();
    let mut taken: Vec<Span> = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        let is_agreed = chosen.fixes.iter().any(|&other| fixes[other].edits == fix.edits);
        let Some(extent) = extent(fix) else { continue };
        let is_free = !taken.iter().any(|&other| touch(other, extent))
            && lines(fix)
                .all(|line| chosen.edits.iter().all(|other| is_same_or_apart(line, other)))
            && chosen.edits.iter().all(|other| !is_line(other) || !touch(other.span, extent));
        if is_agreed || is_free {
            chosen.fixes.push(index);
        }
        if is_free && !is_agreed {
            taken.push(extent);
            for edit in &fix.edits {
                if !chosen.edits.contains(&edit) {
                    chosen.edits.push(edit);
                }
            }
        }
    }
    chosen.edits.sort_by_key(|edit| edit.span);
    chosen
}

/// Whether an edit puts in whole lines, which do not care what else is done in the file.
fn is_line(edit: &Edit) -> bool {
    edit.span.start == edit.span.end && edit.content.ends_with('\n')
}

fn lines(fix: &Fix) -> impl Iterator<Item = &Edit> {
    fix.edits.iter().filter(|edit| is_line(edit))
}

/// From the first to the last byte that a fix is about, whole lines aside. `None` if it does
/// nothing.
fn extent(fix: &Fix) -> Option<Span> {
    let spans = || fix.edits.iter().filter(|edit| !is_line(edit)).map(|edit| edit.span);
    let first = spans().map(|span| span.start).min().or(fix.edits.first().map(|e| e.span.start))?;
    let last = spans().map(|span| span.end).max().unwrap_or(first);
    Some(Span::new(first, last))
}

/// Whether two ranges overlap or meet: what is put in between them could be for either.
fn touch(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn is_same_or_apart(line: &Edit, other: &Edit) -> bool {
    *line == *other || !touch(line.span, other.span)
}

#[cfg(test)]
mod tests {
    use asynclint_diagnostics::Applicability;

    use super::*;
    use crate::apply;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edit = |&(start, end, content): &(u32, u32, &str)| Edit {
            span: Span::new(start, end),
            content: content.to_owned(),
        };
        Fix {
            title: String::new(),
            edits: edits.iter().map(edit).collect(),
            applicability: Applicability::Safe,
            applies: true,
        }
    }

    fn applied(text: &str, fixes: &[Fix]) -> (Vec<usize>, String) {
        let chosen = choose(&fixes.iter().collect::<Vec<_>>());
        let text = apply(text, &chosen.edits);
        (chosen.fixes, text)
    }

    #[test]
    fn one_import_serves_many() {
        let fixes =
            [fix(&[(0, 0, "import x\n"), (2, 3, "X")]), fix(&[(0, 0, "import x\n"), (6, 7, "X")])];
        assert_eq!(applied("a b c d", &fixes), (vec![0, 1], "import x\na X c X".to_owned()));
    }

    #[test]
    fn another_line_in_the_same_place_waits() {
        let fixes =
            [fix(&[(0, 0, "import x\n"), (2, 3, "X")]), fix(&[(0, 0, "import y\n"), (6, 7, "Y")])];
        assert_eq!(applied("a b c d", &fixes), (vec![0], "import x\na X c d".to_owned()));
    }

    #[test]
    fn a_fix_within_another_waits() {
        let fixes = [fix(&[(0, 0, "("), (7, 7, ")")]), fix(&[(2, 3, "B")])];
        assert_eq!(applied("a b c d", &fixes), (vec![0], "(a b c d)".to_owned()));
        let fixes = [fix(&[(0, 0, "("), (3, 3, ")")]), fix(&[(0, 0, "("), (7, 7, ")")])];
        assert_eq!(applied("a b c d", &fixes), (vec![0], "(a b) c d".to_owned()));
    }

    #[test]
    fn what_two_agree_on_is_done_once() {
        let fixes = [fix(&[(0, 0, "await ")]), fix(&[(0, 0, "await ")])];
        assert_eq!(applied("a", &fixes), (vec![0, 1], "await a".to_owned()));
    }
}
