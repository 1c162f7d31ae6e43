//! The JSON that programs read.

use crate::scene::{Files, missing_await, span};
use asynclint_diagnostics::{Applicability, Diagnostic, Edit, Fix};
use asynclint_parser::Span;
use asynclint_reporter::Format;
use insta::assert_snapshot;
use serde_json::Value;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn nothing() {
    assert_eq!(Files::one("").render(&[], Format::JSON), "[]\n");
}

#[test]
fn every_field() {
    let files = Files::of(&[
        ("app/main.py", "async def main():\n    s = '🎈'; fetch(\n    )\n"),
        ("app/net.py", "async def fetch(): ...\n"),
    ]);
    let start = files.label(0, "fetch(", "").span.start;
    let edit = Edit { span: Span::empty(start), content: "await ".to_owned() };
    let found = Diagnostic {
        secondary: vec![files.label(1, "fetch", "defined here")],
        chain: vec![files.label(1, "...", "does nothing")],
        notes: vec!["a note".to_owned(), "two\nlines".to_owned()],
        help: Some("await it".to_owned()),
        fix: Some(Fix {
            title: "add `await`".to_owned(),
            edits: vec![edit],
            applicability: Applicability::Unsafe,
            applies: false,
        }),
        ..missing_await(span(0, start as usize..start as usize + 12, "dropped"))
    };
    let bare = missing_await(files.label(0, "main", ""));
    let text = files.render(&[found, bare], Format::JSON);
    assert_eq!(parsed(&text).as_array().map(Vec::len), Some(2));
    assert_snapshot!(text);
}

#[test]
fn hostile_characters_are_escaped_and_not_lost() {
    let hostile = "a\x1b[31m\x07\x7f\u{9b}\u{202e}\u{2066}\u{2028}\u{e0041}\"\\\n字🎈";
    let files = Files::of(&[(hostile, "x\n")]);
    let found = Diagnostic {
        message: hostile.to_owned(),
        notes: vec![hostile.to_owned()],
        ..missing_await(files.label(0, "x", hostile))
    };
    let text = files.render(&[found], Format::JSON);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{2028}', '\u{e0041}']));
    let value = parsed(&text);
    if cfg!(not(windows)) {
        assert_eq!(value[0]["path"], hostile);
    }
    assert_eq!(value[0]["message"], hostile);
    assert_eq!(value[0]["notes"][0], hostile);
    assert_eq!(value[0]["label"], hostile);
}
