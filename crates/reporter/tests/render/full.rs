//! How diagnostics look in full. Each picture was compared with what rustc draws.

use crate::scene::{Files, missing_await, span};
use asynclint_diagnostics::{Applicability, Diagnostic, Edit, Fix, Level};
use asynclint_parser::Span;
use asynclint_reporter::{Format, Options, render};
use insta::assert_snapshot;

#[test]
fn simple() {
    let files = Files::one("async def main():\n    fetch()\n");
    let found = missing_await(files.label(0, "fetch()", "the coroutine is dropped here"));
    assert_snapshot!(files.full(&found));
}

#[test]
fn nothing() {
    assert_eq!(Files::one("").render(&[], Format::FULL), "");
}

#[test]
fn a_fix_shows_what_it_changes() {
    let text = "import time\n\nasync def main():\n    fetch(\n        1,\n    )\n";
    let files = Files::one(text);
    let at = |part: &str| files.label(0, part, "").span;
    let edit = |span, content: &str| Edit { span, content: content.to_owned() };
    let found = |applicability| Diagnostic {
        help: Some("await it".to_owned()),
        fix: Some(Fix {
            title: "add `await`".to_owned(),
            edits: vec![
                edit(Span::empty(0), "import \x1basyncio\n"),
                edit(Span::empty(at("fetch").start), "await "),
                edit(at("1"), "[2]"),
            ],
            applicability,
            applies: false,
        }),
        ..missing_await(files.label(0, "fetch", "dropped"))
    };
    let all = [Applicability::Safe, Applicability::Unsafe, Applicability::DisplayOnly].map(found);
    assert_snapshot!(files.render(&all, Format::FULL));
}

#[test]
fn several_with_empty_lines_between() {
    let files = Files::one("async def main():\n    fetch()\n    time.sleep(1)\n");
    let note = Diagnostic {
        lint: "blocking-sleep",
        level: Level::Note,
        message: "time.sleep blocks the event loop".to_owned(),
        ..missing_await(files.label(0, "time.sleep(1)", ""))
    };
    let warning =
        Diagnostic { level: Level::Warning, ..missing_await(files.label(0, "fetch", "")) };
    assert_snapshot!(files.render(&[warning, note], Format::FULL));
}

#[test]
fn labels_elsewhere_in_the_file() {
    let blank = "\n".repeat(95);
    let files = Files::one(&format!(
        "async def fetch():\n    pass\n\n\nasync def main():\n    x = 1\n    fetch(x)\n{blank}fetch = 3\n"
    ));
    let found = Diagnostic {
        secondary: vec![
            files.label(0, "fetch():", "defined as a coroutine function here"),
            files.label(0, "main", "in this coroutine"),
            files.label(0, "fetch = 3", ""),
        ],
        ..missing_await(files.label(0, "fetch(x)", "the coroutine is dropped here"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn labels_on_one_line() {
    let files = Files::one("await asyncio.gather(first(), second(), third())\n");
    let found = Diagnostic {
        secondary: vec![
            files.label(0, "first()", "this one too"),
            files.label(0, "third()", "and this"),
            files.label(
                0,
                "asyncio.gather(first(), second(), third())",
                "raises at the first error",
            ),
        ],
        ..missing_await(files.label(0, "second()", "lost"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn chain_across_files() {
    let files = Files::of(&[
        ("app/main.py", "from app.helpers import load\n\nasync def main():\n    load()\n"),
        (
            "app/helpers.py",
            "\n\n\n\n\n\n\n\n\n\ndef load():\n    return _read()\n\n\ndef _read():\n    return get(URL)\n",
        ),
        ("app/net.py", "import requests\ndef get(url):\n    return requests.get(url)\n"),
    ]);
    let found = Diagnostic {
        lint: "blocking-http",
        message: "`load` blocks the event loop in coroutine `main`".to_owned(),
        chain: vec![
            files.label(1, "_read()", "which calls `_read`"),
            files.label(1, "get(URL)", "which calls `get`"),
            files.label(2, "requests.get(url)", "which waits for the network"),
        ],
        help: Some("use `httpx.AsyncClient` here".to_owned()),
        ..missing_await(files.label(0, "load()", "blocks until the answer is there"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn notes_and_help() {
    let files = Files::one("fetch()\n");
    let found = Diagnostic {
        notes: vec![
            "a coroutine does nothing until it is awaited".to_owned(),
            "two more calls in this function:\nline 7\nline 9\n".to_owned(),
        ],
        help: Some("await it:\n    await fetch()".to_owned()),
        ..missing_await(files.label(0, "fetch()", ""))
    };
    assert_snapshot!(files.full(&found));
}

const CALL: &str = "\
async def main():
    await first()
    task = client.fetch(
        url,
        retries=3,
        timeout=4,
        headers={
            'a': 'b',
        },
    )
    return 1
";

#[test]
fn several_lines_from_the_middle_of_one() {
    let files = Files::one(CALL);
    let start = CALL.find("client").unwrap_or_default();
    let end = CALL.find("    return").unwrap_or_default();
    let found = missing_await(span(0, start..end, "never awaited"));
    assert_snapshot!(files.full(&found));
}

#[test]
fn several_lines_from_the_start_of_one() {
    let files = Files::one("    client.fetch(\n        url,\n    )\n");
    let found = missing_await(span(0, 4..37, "never awaited"));
    assert_snapshot!(files.full(&found));
}

#[test]
fn several_lines_around_other_labels() {
    let files = Files::of(&[("a.py", CALL), ("b.py", "def fetch(\n    x,\n):\n    pass\n")]);
    let start = CALL.find("task").unwrap_or_default();
    let end = CALL.find("\n    return").unwrap_or_default();
    let found = Diagnostic {
        secondary: vec![
            files.label(0, "client", "this is a client"),
            files.label(0, "'a': 'b'", "a header"),
            files.label(0, "async def main():\n    await first()", "cut to its first line"),
            files.label(1, "def fetch(\n    x,\n):", "defined here"),
        ],
        ..missing_await(span(0, start..end, "never awaited"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn a_whole_function() {
    let body = "    x += 1\n".repeat(1_000);
    let text = format!("async def main():\n{body}\n\n# end\n");
    let end = text.find("# end").unwrap_or_default();
    let files = Files::one(&text);
    let found = Diagnostic {
        lint: "async-without-await",
        message: "coroutine `main` never awaits".to_owned(),
        ..missing_await(span(0, 0..end, "this function"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn tabs() {
    let files = Files::one("async def main():\n\tif x:\n\t\ty =\tfetch(\t1)\t# z\n");
    let found = Diagnostic {
        secondary: vec![files.label(0, "y =", "assigned"), files.label(0, "# z", "comment")],
        ..missing_await(files.label(0, "fetch(\t1)", "dropped"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn wide_characters() {
    let files =
        Files::one("s = '字符串 🎈 é e\u{301}'; fetch('漢字')  # ❤\u{fe0f} 👩\u{200d}👧\nx = 字\n");
    let found = Diagnostic {
        secondary: vec![
            files.label(0, "字符串", "wide"),
            files.label(0, "# ❤\u{fe0f} 👩\u{200d}👧", "joined"),
            files.label(0, "字\n", "a name"),
        ],
        ..missing_await(files.label(0, "fetch('漢字')", "dropped"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn carriage_returns() {
    let text = CALL.replace('\n', "\r\n");
    let files = Files::one(&text);
    let start = text.find("client").unwrap_or_default();
    let end = text.find("    return").unwrap_or_default();
    let crlf = files.full(&missing_await(span(0, start..end, "never awaited")));
    let twin = Files::one(CALL);
    let start = CALL.find("client").unwrap_or_default();
    let end = CALL.find("    return").unwrap_or_default();
    assert_eq!(crlf, twin.full(&missing_await(span(0, start..end, "never awaited"))));
    // A label on the line end itself, and one between its two bytes.
    let end = text.find("\r\n").unwrap_or_default();
    assert_snapshot!(
        files.full(&missing_await(span(0, end..end + 2, "line end")))
            + &files.full(&missing_await(span(0, end + 1..end + 1, "line end")))
    );
}

#[test]
fn control_characters() {
    let text = "a = '\x1b[31m\x07\x7f\u{9b}1m\x0c' + fetch('\u{202e}gnp\u{2066}')\u{200b}  # \u{2028}\u{feff}\n";
    let files = Files::of(&[("evil\x1b]0;title\x07\n/\u{202e}yp.py", text)]);
    let found = Diagnostic {
        message: "coroutine `\x1b[2J\u{202e}` is\nnever awaited".to_owned(),
        secondary: vec![files.label(0, "\u{200b}", "invisible")],
        notes: vec!["first\x1b[0m\nsecond\r\u{9b}0m".to_owned()],
        help: Some("call `\u{2067}x`".to_owned()),
        ..missing_await(files.label(0, "fetch('\u{202e}gnp\u{2066}')", "dropped\x1b[0m\nhere"))
    };
    assert_snapshot!(files.full(&found));
}

#[test]
fn a_long_line() {
    let filler = "x = 1; ".repeat(700_000);
    let files = Files::one(&format!("{filler}fetch(); {filler}late = 1; {filler}\n"));
    let long = files.label(0, "fetch()", "dropped");
    let late = files.label(0, "late", "much later");
    let all = span(0, 30..(long.span.start as usize + 100), "a long way");
    let two = Diagnostic { secondary: vec![late], ..missing_await(long) };
    let shown = files.render(&[two, missing_await(all)], Format::FULL);
    assert!(shown.len() < 2_000);
    assert_snapshot!(shown);
}

#[test]
fn long_lines_with_wide_and_control_characters() {
    let text = format!("{}\x1b{}fetch(); {}\n", "字".repeat(300), "🎈".repeat(5), "é".repeat(300));
    let files = Files::one(&text);
    assert_snapshot!(files.full(&missing_await(files.label(0, "fetch()", "dropped"))));
}

#[test]
fn the_end_of_the_file() {
    let files = Files::of(&[("a.py", "x = (\n"), ("b.py", "x = ("), ("empty.py", "")]);
    let at = |file, at| Diagnostic {
        lint: "invalid-syntax",
        message: "`(` is never closed".to_owned(),
        ..missing_await(span(file, at..at, "the file ends here"))
    };
    let past = Diagnostic {
        secondary: vec![files.label(1, "(", "opened here")],
        ..missing_await(span(1, 4_000..5_000, "past the end"))
    };
    assert_snapshot!(files.render(&[at(0, 6), at(1, 5), at(2, 0), past], Format::FULL));
}

#[test]
fn zero_width_and_blank_places() {
    let files = Files::one("if x:\n        y\n\n\nfetch()\n");
    let indent = missing_await(span(0, 6..14, "unexpected indent"));
    let before = missing_await(span(0, 6..6, "insert here"));
    let blank = missing_await(span(0, 16..18, "blank lines"));
    let inside = missing_await(span(0, 20..20, "insert here"));
    assert_snapshot!(files.render(&[indent, before, blank, inside], Format::FULL));
}

#[test]
fn the_same_place_twice() {
    let files = Files::one("async def main():\n    load()\n");
    let load = files.label(0, "load()", "blocks");
    let found = Diagnostic {
        secondary: vec![files.label(0, "main", "in this coroutine"), load.clone()],
        chain: vec![
            files.label(0, "load()", "calls `_read`"),
            files.label(0, "main", "in this coroutine"),
        ],
        ..missing_await(load)
    };
    assert_snapshot!(files.full(&found));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStringExt as _;

    let path = std::ffi::OsString::from_vec(b"caf\xe9/\xff.py".to_vec());
    let files = Files(vec![asynclint_parser::SourceFile::from_text(path, "fetch()\n")]);
    let found = missing_await(files.label(0, "fetch()", ""));
    assert!(files.full(&found).contains(" --> caf\\xe9/\\xff.py:1:1\n"));
    assert!(files.render(&[found], Format::CONCISE).starts_with("caf\\xe9/\\xff.py:1:1: "));
}

#[test]
fn colors() {
    let files = Files::of(&[("a.py", CALL), ("b.py", "def fetch():\n    pass\n")]);
    let found = |level| Diagnostic {
        level,
        secondary: vec![
            files.label(0, "main", "in this coroutine"),
            files.label(0, "client", "this is a client"),
            files.label(1, "fetch", "defined here"),
        ],
        notes: vec!["a note: with a colon".to_owned()],
        help: Some("add `await`".to_owned()),
        ..missing_await(files.label(
            0,
            &CALL[CALL.find("client").unwrap_or_default()..CALL.len() - 14],
            "dropped",
        ))
    };
    let diagnostics = [found(Level::Error), found(Level::Warning), found(Level::Note)];
    let color = render(&diagnostics, &files, &Options { format: Format::FULL, color: true });
    assert_snapshot!(color.replace('\x1b', "␛"));
}
