//! Every format over the same findings: what they look like, and that their readers take them.

use std::path::Path;

use asynclint_diagnostics::{Applicability, Diagnostic, Edit, Fix, Label, Level, Root};
use asynclint_parser::Span;
use asynclint_reporter::{Format, Options, Report, Rule, Unchecked, render};
use insta::assert_snapshot;
use serde_json::Value;

use crate::scene::{Files, missing_await, span};
use crate::schemas;

const MAIN: &str = "async def main():\n    s = 'ü🎈'; fetch(\n        1,\n    )\n    a = read()\n\
                    \x20   b = read()\n    a = read()\n";
const NET: &str = "import time\n\ndef read():\n    return wait()\n";
const HELP: &str = "def wait():\n    time.sleep(100)\n";

/// Files of a project in `/shop`, seen from `/shop/src`, and one outside of it.
fn files() -> Files {
    Files::of(&[
        ("app/main.py", MAIN),
        ("my net/größe 字.py", NET),
        ("../lib/100%,a:b;[c].py", HELP),
        ("/usr/lib/evil\x1b[2J\n.py", "x = 1\n"),
    ])
}

fn edit(label: &Label, at: u32, content: &str) -> Edit {
    Edit { span: Span::empty(label.span.start + at), content: content.to_owned() }
}

fn found(files: &Files) -> Vec<Diagnostic> {
    let lines = files.label(0, "fetch(\n        1,\n    )", "over lines");
    let fix = Fix {
        title: "add `await` and a bracket".to_owned(),
        edits: vec![
            edit(&lines, 0, "await ("),
            edit(&lines, lines.span.end - lines.span.start, ")"),
        ],
        applicability: Applicability::Unsafe,
        applies: true,
    };
    let reads: Vec<_> =
        MAIN.match_indices("read()").map(|(at, _)| span(0, at..at + 6, "")).collect();
    let for_reading =
        Fix { applicability: Applicability::DisplayOnly, applies: false, ..fix.clone() };
    let blocking = |primary: &Label| Diagnostic {
        lint: "blocking-sleep",
        level: Level::Warning,
        message: "`time.sleep` blocks, through `read`".to_owned(),
        chain: vec![
            files.label(1, "wait()", "`read` calls `wait`"),
            files.label(2, "time.sleep(100)", "`wait` calls `time.sleep`"),
        ],
        ..missing_await(primary.clone())
    };
    vec![
        Diagnostic {
            secondary: vec![files.label(1, "read", "defined here"), files.label(0, "main", "")],
            notes: vec!["a note".to_owned(), "100 % of it,\nin two lines".to_owned()],
            help: Some("add `await`".to_owned()),
            fix: Some(fix),
            ..missing_await(lines)
        },
        Diagnostic { fix: Some(for_reading), ..blocking(&reads[0]) },
        blocking(&reads[1]),
        Diagnostic { level: Level::Note, ..blocking(&reads[2]) },
        Diagnostic {
            message: "100%: <b>\"it's\" & more</b>; [x],\r\nsecond line \x1b[31m\u{202e}\0"
                .to_owned(),
            ..missing_await(files.label(2, "wait", "here: 100%"))
        },
        Diagnostic {
            lint: "invalid-syntax",
            message: "expected `)`".to_owned(),
            ..missing_await(span(3, 6..6, "Python cannot read this"))
        },
    ]
}

fn report<'a>(found: &'a [Diagnostic], files: &'a Files) -> Report<'a> {
    let rule = |name, summary, aliases| Rule {
        name,
        summary,
        page: "# heading\n\nWhat it is.\n\n## Example\n\n```python\nx = 1\n```\n",
        group: "coroutines",
        level: Level::Error,
        aliases,
        url: format!("https://example.org/lints/{name}"),
    };
    Report {
        unchecked: vec![Unchecked {
            path: Path::new("gone & \"away\".py"),
            message: "no such file or folder",
        }],
        rules: vec![
            rule("blocking-sleep", "`time.sleep` blocks the event loop", &["ASYNC251"]),
            rule("missing-await", "a coroutine is never awaited", &[]),
            rule("not-found", "not found", &[]),
        ],
        root: Root::new("/shop", "/shop/src"),
        ..Report::new(found, files)
    }
}

fn shown(format: Format, found: &[Diagnostic], files: &Files) -> String {
    report(found, files).render(&Options { format, color: false })
}

fn named(name: &str) -> Format {
    Format::parse(name).expect("a format")
}

/// JSON as people can compare it.
fn pretty(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("{value:#}").replace('\u{202e}', "\\u202e"),
        Err(_) => text.to_owned(),
    }
}

#[cfg(unix)]
#[test]
fn everything_in_every_format() {
    let files = files();
    for &format in Format::ALL {
        assert_snapshot!(
            format!("everything_{}", format.as_str()),
            pretty(&shown(format, &found(&files), &files))
        );
    }
}

#[test]
fn nothing_in_every_format() {
    let files = files();
    let nothing = |&format: &Format| {
        let text = render(&[], &files, &Options { format, color: true });
        let errors = schemas::errors(format.as_str(), &text);
        assert!(errors.is_empty(), "{errors:#?}\n{text}");
        format!("{}:\n{text}", format.as_str())
    };
    assert_snapshot!(Format::ALL.iter().map(nothing).collect::<Vec<_>>().join("\n"));
}

#[test]
fn readers_take_it() {
    let files = files();
    let found = found(&files);
    for &format in Format::ALL {
        // With and without what could not be checked, and with few and many findings.
        for number in 0..=found.len() {
            let text = shown(format, &found[..number], &files);
            let errors = schemas::errors(format.as_str(), &text);
            assert!(errors.is_empty(), "{}: {errors:#?}\n{text}", format.as_str());
        }
    }
}

fn sarif(found: &[Diagnostic], files: &Files) -> Value {
    serde_json::from_str(&shown(named("sarif"), found, files)).expect("JSON")
}

#[test]
fn results_point_at_their_rules() {
    let files = files();
    let found = found(&files);
    let log = sarif(&found, &files);
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), found.len());
    for (result, found) in results.iter().zip(&found) {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], found.lint);
        assert_eq!(result["ruleId"], found.lint);
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// GitHub refuses a rule that lacks one of these, which the schema lets pass.
#[test]
fn rules_have_what_github_wants() {
    let files = files();
    let log = sarif(&found(&files), &files);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), 3);
    for rule in rules {
        for field in ["shortDescription", "fullDescription", "help"] {
            let text = rule[field]["text"].as_str();
            assert!(text.is_some_and(|text| !text.is_empty()), "{field} of {rule}");
        }
    }
}

#[cfg(unix)]
#[test]
fn uris_count_from_the_root_or_are_absolute() {
    let files = files();
    let log = sarif(&found(&files), &files);
    let mut uris = Vec::new();
    let mut values = vec![&log];
    while let Some(value) = values.pop() {
        match value {
            Value::Object(map) => {
                uris.extend(map.get("uri").and_then(Value::as_str));
                values.extend(map.values());
            }
            Value::Array(list) => values.extend(list),
            _ => {}
        }
    }
    uris.sort_unstable();
    uris.dedup();
    let expected = [
        "file:///usr/lib/evil%1B%5B2J%0A.py",
        "lib/100%25%2Ca%3Ab%3B%5Bc%5D.py",
        "src/app/main.py",
        "src/gone%20%26%20%22away%22.py",
        "src/my%20net/gr%C3%B6%C3%9Fe%20%E5%AD%97.py",
    ];
    assert_eq!(uris, expected);
}

#[test]
fn fingerprints_are_the_same_everywhere_and_unique() {
    let files = files();
    let found = found(&files);
    let gitlab: Value =
        serde_json::from_str(&shown(named("gitlab"), &found, &files)).expect("JSON");
    let gitlab: Vec<_> = (0..found.len()).map(|n| gitlab[n]["fingerprint"].clone()).collect();
    let log = sarif(&found, &files);
    let sarif =
        |n: usize| log["runs"][0]["results"][n]["partialFingerprints"]["asynclint/v1"].clone();
    let sarif: Vec<_> = (0..found.len()).map(sarif).collect();
    assert_eq!(gitlab, sarif);
    let mut texts: Vec<_> = gitlab.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), found.len());
}

/// `a𐐀b` in reviewdog's own description: columns 1, 2 and 6.
#[test]
fn columns_of_reviewdog_are_bytes() {
    let files = Files::one("a𐐀b\n");
    let found = [missing_await(files.label(0, "b", ""))];
    let text = shown(named("rdjson"), &found, &files);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let range = &value["diagnostics"][0]["location"]["range"];
    assert_eq!((&range["start"]["column"], &range["end"]["column"]), (&6.into(), &7.into()));
}

#[test]
fn a_suggestion_is_the_whole_fix() {
    let files = files();
    let text = shown(named("rdjson"), &found(&files)[..2], &files);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let suggestions = value["diagnostics"][0]["suggestions"].as_array().expect("suggestions");
    assert_eq!(suggestions.len(), 1);
    assert_eq!(suggestions[0]["text"], "await (fetch(\n        1,\n    ))");
    // One that is only for reading is none.
    assert!(value["diagnostics"][1].get("suggestions").is_none());
}

/// What the runners undo, they must get back as it was.
#[test]
fn commands_are_read_back() {
    let files = Files::of(&[("a b/100%,c:d;e].py", "x = 1\n")]);
    let found = [Diagnostic {
        message: "50 % of %0A, : ; ]".to_owned(),
        ..missing_await(files.label(0, "x", ""))
    }];
    let replace = |text: &str, table: &[(&str, &str)]| {
        table.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let text = shown(named("github"), &found, &files);
    let (properties, data) = text
        .trim_end()
        .strip_prefix("::error ")
        .and_then(|t| t.split_once("::"))
        .expect("a command");
    let data = replace(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]);
    assert_eq!(data, found[0].message);
    let of =
        |name: &str| properties.split(',').find_map(|p| p.strip_prefix(name)).expect("a property");
    let file = replace(of("file="), &[("%3A", ":"), ("%2C", ","), ("%25", "%")]);
    assert_eq!(file, "src/a b/100%,c:d;e].py");

    let text = shown(named("azure"), &found, &files);
    let (properties, data) = text
        .trim_end()
        .strip_prefix("##vso[task.logissue ")
        .and_then(|t| t.split_once(']'))
        .expect("a command");
    assert_eq!(replace(data, &[("%AZP25", "%")]), found[0].message);
    let path = properties.split(';').find_map(|p| p.strip_prefix("sourcepath=")).expect("a path");
    let path = replace(path, &[("%3B", ";"), ("%5D", "]"), ("%AZP25", "%")]);
    assert_eq!(path, "src/a b/100%,c:d;e].py");
}
