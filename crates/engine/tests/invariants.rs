//! What holds for every fixture, whatever lint it is about: nothing of how a file is stored or how
//! the run is made changes what is found, and no text, however broken, breaks the run.

mod support;

use std::fmt::Write;
use std::path::PathBuf;

use asynclint_diagnostics::Diagnostic;
use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::selection::{ALL, CommandLine, Selector};
use asynclint_engine::{INVALID_SYNTAX, Outcome, Request, check_paths};
use asynclint_lints::LINTS;
use asynclint_parser::{Limits, Position, parse};
use asynclint_reporter::{Format, render};
use asynclint_semantic::lower;
use support::{Case, Marker, Table, cases, check, check_bytes, line, markers, root};

/// A finding, as far as a user can tell two apart: start, end, lint, message.
type Seen = (Position, Position, &'static str, String);

fn seen(outcome: &Outcome) -> Vec<Seen> {
    outcome.diagnostics.iter().map(|finding| seen_one(outcome, finding)).collect()
}

fn seen_one(outcome: &Outcome, finding: &Diagnostic) -> Seen {
    let source = outcome.sources.get(finding.primary.file).expect("the source is kept");
    let span = finding.primary.span;
    (source.position(span.start), source.position(span.end), finding.lint, finding.message.clone())
}

/// All that is shown of a run, with what could not be checked.
fn shown(outcome: &Outcome, format: Format) -> String {
    let options = asynclint_reporter::Options { format, color: false };
    let mut text = render(&outcome.diagnostics, &Table(&outcome.sources), &options);
    for failure in &outcome.failures {
        let _ = writeln!(text, "{}: {}", failure.path.display(), failure.message);
    }
    text
}

/// Fails with the names of the cases for which `holds` does not.
fn for_every_case(rule: &str, holds: impl Fn(&Case) -> bool) {
    let cases = cases();
    let broken: Vec<_> = cases.iter().filter(|case| !holds(case)).map(|case| &case.name).collect();
    assert!(broken.is_empty(), "{rule} does not hold for {broken:#?}");
}

/// The fixtures as files, in a given order, on a given number of threads, under every lint.
fn run(paths: &[PathBuf], threads: usize) -> Outcome {
    let options = Options::parse("test", "target-version = \"3.11\"\n", LINTS);
    let options = options.unwrap_or_else(|errors| panic!("{errors}"));
    let configs = ConfigFinder::rooted(root(), LINTS, options);
    let all = Selector::parse(ALL, LINTS).expect("it selects every lint");
    let selection = CommandLine { extend_select: vec![all], ..CommandLine::default() };
    let request = Request { threads, ..Request::new(&configs, &selection) };
    check_paths(paths, &request).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn threads_and_the_order_of_paths_change_nothing() {
    let folder = root().join("fixtures");
    let one = run(std::slice::from_ref(&folder), 1);
    assert!(one.files >= cases().len(), "only {} fixtures were found", one.files);
    assert!(one.failures.is_empty(), "{:?}", one.failures);
    assert!(one.diagnostics.len() > LINTS.len());
    for threads in [2, 8] {
        let many = run(std::slice::from_ref(&folder), threads);
        assert_eq!(one.diagnostics, many.diagnostics, "with {threads} threads");
        assert_eq!(shown(&one, Format::JSON), shown(&many, Format::JSON), "{threads} threads");
    }
    let mut paths: Vec<_> = cases().iter().map(|case| folder.join(&case.name)).collect();
    let sorted = run(&paths, 2);
    // A fixed shuffle: every seventh path, round and round.
    let count = paths.len();
    let shuffled: Vec<_> = (0..7).flat_map(|from| (from..count).step_by(7)).collect();
    paths = shuffled.into_iter().map(|index| paths[index].clone()).collect();
    assert_eq!(shown(&sorted, Format::JSON), shown(&run(&paths, 2), Format::JSON));
}

/// Neighbours are read for what they define, whoever was named.
#[test]
fn a_named_file_is_found_as_in_the_whole_run() {
    let folder = root().join("fixtures");
    let whole = run(std::slice::from_ref(&folder), 2);
    for case in cases().iter().step_by(9) {
        let path = folder.join(&case.name);
        let is_own = |finding: &&Diagnostic| {
            whole.sources.get(finding.primary.file).is_some_and(|source| source.path() == path)
        };
        let part: Vec<_> =
            whole.diagnostics.iter().filter(is_own).map(|it| seen_one(&whole, it)).collect();
        assert_eq!(part, seen(&run(std::slice::from_ref(&path), 2)), "{}", case.name);
    }
}

#[test]
fn line_ends_change_nothing() {
    for (name, end) in [("CRLF", "\r\n"), ("CR", "\r")] {
        for_every_case(&format!("what is shown is the same with {name}"), |case| {
            let twin = check(case, &case.text.replace('\n', end));
            let own = check(case, &case.text);
            seen(&own) == seen(&twin) && shown(&own, Format::FULL) == shown(&twin, Format::FULL)
        });
    }
    for_every_case("what is shown is the same without the last line end", |case| {
        let own = shown(&check(case, &case.text), Format::FULL);
        own == shown(&check(case, case.text.trim_end()), Format::FULL)
    });
}

#[test]
fn a_byte_order_mark_moves_nothing() {
    let marked = |case: &Case| check_bytes(case, format!("\u{feff}{}", case.text).into_bytes());
    for_every_case("what is shown is the same with a byte order mark", |case| {
        let (own, twin) = (check(case, &case.text), marked(case));
        seen(&own) == seen(&twin) && shown(&own, Format::FULL) == shown(&twin, Format::FULL)
    });
    let text = "import asyncio; asyncio.sleep(1)\n".to_owned();
    let first_line = Case { name: "first_line.py".to_owned(), lint: LINTS[0].name, text };
    let found = seen(&marked(&first_line));
    let starts: Vec<_> = found.iter().map(|it| (it.0.line, it.0.column)).collect();
    assert_eq!(starts, [(1, 17)]);
}

/// `text` with `letter` behind the name of every function that it defines, wherever that stands.
fn with_letter(text: &str, letter: char) -> String {
    let defined: Vec<&str> = text
        .split("def ")
        .skip(1)
        .map(|rest| rest.split(|c: char| !is_of_name(c)).next().unwrap_or_default())
        .filter(|name| !name.is_empty() && !name.starts_with("__"))
        .collect();
    let mut out = String::new();
    for word in text.split_inclusive(|c| !is_of_name(c)) {
        let name = word.trim_end_matches(|c| !is_of_name(c));
        out.push_str(name);
        if defined.contains(&name) {
            out.push(letter);
        }
        out.push_str(&word[name.len()..]);
    }
    out
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn encodings_change_nothing() {
    // What Python calls the encoding, a letter, and how the encoding stores it.
    let encodings: [(&str, char, &[u8]); 4] = [
        ("latin-1", 'é', b"\xE9"),
        ("cp1252", 'ÿ', b"\xFF"),
        ("shift_jis", 'テ', b"\x83\x65"),
        ("gbk", '中', b"\xD6\xD0"),
    ];
    for (name, letter, stored) in encodings {
        let found = std::cell::Cell::new(0);
        for_every_case(&format!("{name} finds what UTF-8 finds"), |case| {
            let text = with_letter(&case.text, letter);
            let utf8 = seen(&check(case, &format!("# coding: utf-8\n{text}")));
            let mut bytes = format!("# coding: {name}\n").into_bytes();
            for (index, part) in text.split(letter).enumerate() {
                bytes.extend(if index > 0 { stored } else { &[] });
                bytes.extend(part.as_bytes());
            }
            found.set(found.get() + utf8.iter().filter(|it| it.3.contains(letter)).count());
            utf8 == seen(&check_bytes(case, bytes))
        });
        assert!(found.get() > 50, "only {} messages of {name} have its letter", found.get());
    }
}

/// Bytes between two prefixes: a prime, so that they fall on every column.
const STEP: usize = 17;

#[test]
fn no_truncated_text_breaks_the_run() {
    for_every_case("every prefix is checked", |case| {
        (0..case.text.len()).step_by(STEP).all(|length| {
            let outcome = check(case, &case.text[..length]);
            // Labels outside of the text would show here.
            drop(shown(&outcome, Format::FULL));
            outcome.failures.is_empty()
        })
    });
}

#[test]
fn without_async_and_await_no_coroutine_is_found() {
    let mut unreadable = Vec::new();
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let text = case
            .text
            .replace("async def", "def")
            .replace("async with", "with")
            .replace("async for", "for")
            .replace("await ", "");
        let outcome = check(case, &text);
        if outcome.diagnostics.iter().any(|finding| finding.lint == INVALID_SYNTAX) {
            unreadable.push(&case.name);
            continue;
        }
        for finding in &outcome.diagnostics {
            let lint = LINTS.iter().find(|lint| lint.name == finding.lint);
            if lint.is_some_and(|lint| lint.coroutine_only) {
                let (at, message) = (line(&outcome, finding), &finding.message);
                wrong.push(format!("{}:{at}: [{}] {message}", case.name, finding.lint));
            }
        }
    }
    assert!(wrong.is_empty(), "found in plain functions:\n{}", wrong.join("\n"));
    assert!(unreadable.len() * 20 < cases.len(), "not Python any more: {unreadable:#?}");
}

#[test]
fn a_suppression_silences_its_finding_and_no_other() {
    let mut wrong = Vec::new();
    for case in cases() {
        let before = check(&case, &case.text);
        let facts = lower(parse(&case.text, &Limits::default()).expect("a fixture is parsed"));
        let mut marked = markers(&case.text);
        marked.retain(|(_, _, marker)| *marker != Marker::KnownMiss);
        marked.dedup_by(|a, b| (a.0, &a.1) == (b.0, &b.1));
        for (number, lint, _) in marked {
            let comment = format!("  # asynclint: ignore[{lint}]");
            let mut lines: Vec<_> = case.text.lines().map(str::to_owned).collect();
            lines[number as usize - 1].push_str(&comment);
            let after = seen(&check(&case, &lines.join("\n")));
            let silenced = |finding: &&Diagnostic| {
                finding.lint == lint && {
                    let source = before.sources.get(finding.primary.file).expect("it is kept");
                    let at = finding.primary.span.start;
                    // The comment is about its statement, of which it may be the first line.
                    let start = facts.statements().at(at).map_or(at, |statement| statement.start);
                    [at, start].iter().any(|&at| source.lines().line(at) == number)
                }
            };
            let others = before.diagnostics.iter().filter(|finding| !silenced(finding));
            let expected: Vec<_> = others.map(|finding| seen_one(&before, finding)).collect();
            if expected.len() == before.diagnostics.len() {
                wrong.push(format!("{}:{number}: [{lint}] is not found to begin with", case.name));
            }
            if after != expected {
                wrong.push(format!(
                    "{}:{number}: ignore[{lint}] leaves {after:#?}, not {expected:#?}",
                    case.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
