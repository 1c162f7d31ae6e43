//! How often each lint was found.

use asynclint_diagnostics::{Applicability, Diagnostic, Edit, Fix, Level};
use asynclint_parser::Span;
use asynclint_reporter::{Format, Options, Report, Rule, statistics};
use insta::assert_snapshot;

use crate::scene::{Files, missing_await};

fn found(files: &Files) -> Vec<Diagnostic> {
    let found = missing_await(files.label(0, "x", ""));
    let fix = Fix {
        title: "await it".to_owned(),
        edits: vec![Edit { span: Span::empty(0), content: "await ".to_owned() }],
        applicability: Applicability::Unsafe,
        applies: true,
    };
    let fixable = Diagnostic { fix: Some(fix), ..found.clone() };
    let of = |lint| Diagnostic { lint, ..found.clone() };
    let mut all = vec![of("one-more"), of("dangling-task"), fixable, found.clone()];
    all.extend(std::iter::repeat_n(of("invalid-syntax"), 10));
    all
}

fn report<'a>(found: &'a [Diagnostic], files: &'a Files) -> Report<'a> {
    let rule = Rule {
        name: "missing-await",
        summary: "a coroutine is never awaited",
        page: "",
        group: "coroutines",
        level: Level::Error,
        aliases: &[],
        url: "https://example.org/missing-await".to_owned(),
    };
    Report { rules: vec![rule], ..Report::new(found, files) }
}

#[test]
fn the_most_frequent_first() {
    let files = Files::one("x\n");
    let found = found(&files);
    let shown = |format, color| statistics(&report(&found, &files), &Options { format, color });
    let colored = shown(Format::FULL, true).replace('\x1b', "␛");
    assert_snapshot!([shown(Format::FULL, false), colored, shown(Format::JSON, true)].join("\n"));
}

#[test]
fn nothing() {
    let files = Files::one("");
    let shown = |format| statistics(&Report::new(&[], &files), &Options { format, color: false });
    assert_eq!(shown(Format::FULL), "");
    assert_eq!(shown(Format::JSON), "[]\n");
}
