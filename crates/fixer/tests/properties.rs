//! What holds for any text and any fixes.

use asynclint_diagnostics::{Applicability, Edit, Fix};
use asynclint_fixer::{Chosen, apply, choose, hunks, unified};
use asynclint_parser::{SourceFile, Span};
use proptest::collection::vec;
use proptest::prelude::*;

/// A text of short lines.
fn text() -> impl Strategy<Value = String> {
    vec("[a-c é]{0,4}", 1..8).prop_map(|lines| lines.join("\n"))
}

/// Fixes for a text, as places between 0 and 1 with contents.
fn plans() -> impl Strategy<Value = Vec<Vec<(f64, f64, String)>>> {
    let edit = (0.0..1.0, 0.0..0.3, prop_oneof!["[xy]{0,2}", Just("line\n".to_owned())]);
    vec(vec(edit, 1..4), 0..6)
}

/// The fixes that `plans` stand for in `text`: sorted edits that do not overlap, as lints make them.
fn fixes(text: &str, plans: &[Vec<(f64, f64, String)>]) -> Vec<Fix> {
    let place = |share: f64| {
        #[expect(clippy::cast_sign_loss, reason = "shares are positive")]
        #[expect(clippy::cast_precision_loss, reason = "texts are short")]
        let at = (share.min(1.0) * text.len() as f64) as usize;
        text.floor_char_boundary(at) as u32
    };
    let fix = |plan: &Vec<(f64, f64, String)>| {
        let mut edits: Vec<Edit> = plan
            .iter()
            .map(|(start, length, content)| {
                let (start, end) = (place(*start), place(start + length));
                let end = if content.ends_with('\n') { start } else { end };
                Edit { span: Span::new(start, end), content: content.clone() }
            })
            .collect();
        edits.sort_by_key(|edit| edit.span);
        edits.dedup_by(|later, earlier| later.span.start <= earlier.span.end);
        let (title, applicability) = (String::new(), Applicability::Safe);
        Fix { title, edits, applicability, applies: true }
    };
    plans.iter().map(fix).collect()
}

fn chosen(fixes: &[Fix]) -> Chosen<'_> {
    choose(&fixes.iter().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn chosen_edits_leave_the_rest_as_it_was(text in text(), plans in plans()) {
        let fixes = fixes(&text, &plans);
        let chosen = chosen(&fixes);
        for pair in chosen.edits.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
        }
        let kept: usize = chosen.edits.iter().map(|edit| edit.span.range().len()).sum();
        let added: usize = chosen.edits.iter().map(|edit| edit.content.len()).sum();
        let after = apply(&text, &chosen.edits);
        prop_assert_eq!(after.len(), text.len() - kept + added);
        let first = chosen.edits.first().map_or(text.len(), |edit| edit.span.start as usize);
        prop_assert_eq!(&after[..first], &text[..first]);
        let last = chosen.edits.last().map_or(0, |edit| edit.span.end as usize);
        prop_assert!(after.ends_with(&text[last..]));
        // The first fix always wins.
        prop_assert!(fixes.is_empty() || fixes[0].edits.is_empty() || chosen.fixes.contains(&0));
    }

    #[test]
    fn line_ends_change_nothing(text in text(), plans in plans()) {
        let fixes = fixes(&text, &plans);
        let after = apply(&text, &chosen(&fixes).edits);
        let stored = text.replace('\n', "\r\n");
        // The same places, each moved by the line ends before it.
        let moved = |at: u32| at + text[..at as usize].matches('\n').count() as u32;
        let twins: Vec<Fix> = fixes
            .iter()
            .map(|fix| {
                let mut fix = fix.clone();
                for edit in &mut fix.edits {
                    edit.span = Span::new(moved(edit.span.start), moved(edit.span.end));
                }
                fix
            })
            .collect();
        let twin = apply(&stored, &chosen(&twins).edits);
        // Without a line end there is nothing to tell how lines end.
        if text.contains('\n') {
            prop_assert_eq!(twin, after.replace('\n', "\r\n"));
        }
    }

    #[test]
    fn hunks_show_what_changes(text in text(), plans in plans()) {
        let source = SourceFile::from_text("x.py", text.as_str());
        for fix in fixes(&text, &plans) {
            let after = apply(&text, &fix.edits.iter().collect::<Vec<_>>());
            let shown = hunks(&source, &fix);
            let lines: Vec<&str> = text.split('\n').collect();
            for hunk in &shown {
                for (line, number) in hunk.before.iter().zip(hunk.line as usize..) {
                    prop_assert_eq!(lines[number - 1], line);
                }
            }
            let says_something = shown.iter().any(|hunk| hunk.before != hunk.after);
            prop_assert!(says_something || after == text);
        }
    }

    #[test]
    fn a_diff_says_how_often_lines_change(before in text(), after in text()) {
        let diff = unified("x.py".as_ref(), before.as_bytes(), after.as_bytes());
        let diff = String::from_utf8(diff).expect("it is UTF-8");
        prop_assert_eq!(diff.is_empty(), before == after);
        let count = |sign: char| diff.lines().skip(2).filter(|line| line.starts_with(sign)).count();
        let lines = |text: &str| text.split_inclusive('\n').count();
        prop_assert_eq!(lines(&before) + count('+'), lines(&after) + count('-'));
    }
}
