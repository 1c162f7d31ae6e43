//! How diagnostics look one a line.

use crate::scene::{Files, missing_await};
use asynclint_diagnostics::{Applicability, Diagnostic, Edit, Fix, Level};
use asynclint_parser::Span;
use asynclint_reporter::{Format, Options, render};
use insta::assert_snapshot;

fn fix(applicability: Applicability) -> Fix {
    let edits = vec![Edit { span: Span::empty(0), content: "await ".to_owned() }];
    Fix {
        title: "await it".to_owned(),
        edits,
        applicability,
        applies: applicability == Applicability::Safe,
    }
}

#[test]
fn one_line_each() {
    let files = Files::of(&[
        ("app/main.py", "s = '🎈'; fetch()\n"),
        ("app/helpers.py", "\ndef load():\n    return get()\n"),
        ("evil\x1b[2J\n.py", "x = 1\n"),
    ]);
    let found = || missing_await(files.label(0, "fetch()", "dropped"));
    let diagnostics = [
        found(),
        Diagnostic { level: Level::Warning, fix: Some(fix(Applicability::Safe)), ..found() },
        Diagnostic { level: Level::Note, fix: Some(fix(Applicability::Unsafe)), ..found() },
        Diagnostic { fix: Some(fix(Applicability::DisplayOnly)), ..found() },
        Diagnostic {
            chain: vec![files.label(1, "get()", "calls `get`"), files.label(2, "x", "blocks")],
            ..found()
        },
        Diagnostic {
            message: "two\nlines \x1b[31m".to_owned(),
            ..missing_await(files.label(2, "x", ""))
        },
    ];
    let plain = files.render(&diagnostics, Format::CONCISE);
    let color = render(&diagnostics, &files, &Options { format: Format::CONCISE, color: true });
    assert_eq!(plain.lines().count(), diagnostics.len());
    assert_snapshot!(plain + "\n" + &color.replace('\x1b', "␛"));
}

#[test]
fn nothing() {
    assert_eq!(Files::one("").render(&[], Format::CONCISE), "");
}
