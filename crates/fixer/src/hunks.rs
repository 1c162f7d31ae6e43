//! The lines that a fix changes, for people to read.

use asynclint_diagnostics::{Edit, Fix};
use asynclint_parser::SourceFile;

use crate::apply;

/// Neighbouring lines before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Number of the first line, from 1.
    pub line: u32,
    /// The lines as they are; empty where lines are put in before `line`.
    pub before: Vec<String>,
    /// The lines as they become.
    pub after: Vec<String>,
}

/// What `fix` changes in `source`, from top to bottom.
pub fn hunks(source: &SourceFile, fix: &Fix) -> Vec<Hunk> {
    let lines = source.lines();
    let mut groups: Vec<(u32, u32, Vec<&Edit>)> = Vec::new();
    for edit in &fix.edits {
        let first = lines.line(edit.span.start);
        let last = lines.line(edit.span.end);
        match groups.last_mut() {
            // A line that is put in right before others is shown with them.
            Some((_, end, edits)) if first <= *end => {
                *end = last.max(*end);
                edits.push(edit);
            }
            _ => groups.push((first, last, vec![edit])),
        }
    }
    groups.into_iter().map(|(first, last, edits)| hunk(source, first, last, &edits)).collect()
}

fn hunk(source: &SourceFile, first: u32, last: u32, edits: &[&Edit]) -> Hunk {
    let lines = source.lines();
    let (start, end) = (lines.start(first), lines.span(source.text(), last).end);
    let shifted: Vec<Edit> = edits
        .iter()
        .map(|edit| {
            let mut edit = (*edit).clone();
            edit.span.start -= start;
            edit.span.end = edit.span.end.min(end.max(edit.span.start + start)) - start;
            edit
        })
        .collect();
    let before = &source.text()[start as usize..end as usize];
    let after = apply(before, &shifted.iter().collect::<Vec<_>>());
    // The range ends before a line end, so that an empty last line is a line as well.
    let split = |text: &str| -> Vec<String> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        text.split('\n').map(str::to_owned).collect()
    };
    let (mut before, mut after) = (split(before), split(&after));
    let mut line = first;
    // Only what differs: the line behind one that is put in stays as it is.
    while !before.is_empty() && before.first() == after.first() {
        before.remove(0);
        after.remove(0);
        line += 1;
    }
    while !before.is_empty() && before.last() == after.last() {
        before.pop();
        after.pop();
    }
    Hunk { line, before, after }
}

#[cfg(test)]
mod tests {
    use asynclint_diagnostics::Applicability;
    use asynclint_parser::Span;

    use super::*;

    fn shown(text: &str, edits: &[(u32, u32, &str)]) -> Vec<(u32, Vec<String>, Vec<String>)> {
        let edit = |&(start, end, content): &(u32, u32, &str)| Edit {
            span: Span::new(start, end),
            content: content.to_owned(),
        };
        let fix = Fix {
            title: String::new(),
            edits: edits.iter().map(edit).collect(),
            applicability: Applicability::Safe,
            applies: true,
        };
        let source = SourceFile::from_text("x.py", text);
        hunks(&source, &fix).into_iter().map(|h| (h.line, h.before, h.after)).collect()
    }

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn only_changed_lines_are_shown() {
        let found = shown("import a\n\nx\ny\n", &[(9, 9, "import b\n"), (12, 13, "Y")]);
        assert_eq!(
            found,
            [(2, lines(&[]), lines(&["import b"])), (4, lines(&["y"]), lines(&["Y"]))]
        );
    }

    #[test]
    fn a_last_line_without_end() {
        assert_eq!(shown("x", &[(1, 1, "\ny")]), [(2, lines(&[]), lines(&["y"]))]);
        assert_eq!(shown("x\r\n", &[(0, 1, "y")]), [(1, lines(&["x"]), lines(&["y"]))]);
    }

    #[test]
    fn an_empty_line_that_goes() {
        assert_eq!(shown("x\n\ny", &[(1, 2, "")]), [(2, lines(&[""]), lines(&[]))]);
    }
}
