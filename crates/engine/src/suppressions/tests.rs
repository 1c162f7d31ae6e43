use asynclint_parser::{SourceFile, Span};

use super::{Name, Problem, Scope, Suppressions, Tool};
use crate::selection::test_lints::{LINTS, names};

/// Comments and logical lines of `text`, which has strings in double quotes only.
fn scan(text: &str) -> (Vec<Span>, Vec<Span>) {
    let (mut comments, mut statements) = (Vec::new(), Vec::new());
    let (mut depth, mut quoted, mut at) = (0, false, 0);
    let mut start: Option<usize> = None;
    let mut end = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'#' && !quoted {
            let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
            comments.push(Span::new(at as u32, line_end as u32));
            at = line_end;
            continue;
        }
        match byte {
            b'"' => quoted = !quoted,
            b'(' | b'[' if !quoted => depth += 1,
            b')' | b']' if !quoted => depth -= 1,
            b'\n' if depth == 0 && !quoted => {
                statements.extend(start.take().map(|start| Span::new(start as u32, end as u32)));
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            start.get_or_insert(at);
            end = at + 1;
        }
        at += 1;
    }
    statements.extend(start.map(|start| Span::new(start as u32, end as u32)));
    (comments, statements)
}

fn with<T>(text: &str, respect_noqa: bool, then: impl FnOnce(&mut Suppressions<'_>) -> T) -> T {
    let source = SourceFile::from_text("x.py", text);
    let (comments, statements) = scan(text);
    let statement = |offset: u32| {
        let around = statements.iter().find(|span| span.start <= offset && offset < span.end);
        around.copied().unwrap_or(Span::empty(offset))
    };
    then(&mut Suppressions::read(&source, &comments, &statement, LINTS, respect_noqa))
}

/// Which of the calls `sleep(n)` in `text` are silenced for `lint`.
fn silenced_for(lint: &str, text: &str, respect_noqa: bool) -> Vec<u32> {
    with(text, respect_noqa, |table| {
        let calls = text.match_indices("sleep(").filter_map(|(at, _)| {
            let length = text[at..].find(')')? + 1;
            let number: u32 = text[at + 6..at + length - 1].trim().parse().ok()?;
            let span = Span::new(at as u32, (at + length) as u32);
            table.is_suppressed(lint, span).map(|_| number)
        });
        calls.collect()
    })
}

fn silenced(text: &str) -> Vec<u32> {
    silenced_for("blocking-sleep", text, true)
}

fn problems(text: &str) -> Vec<(String, Problem)> {
    with(text, true, |table| {
        let shown =
            table.malformed().iter().map(|bad| (text[bad.span.range()].to_owned(), bad.problem));
        shown.collect()
    })
}

#[test]
fn at_the_end_of_the_line() {
    let text = "sleep(1)  # asynclint: ignore[blocking-sleep] it is a test
sleep(2)
sleep(3)  # asynclint: ignore[missing-await, blocking-sleep]
sleep(4)  # asynclint: ignore[blocking]
sleep(5)  # asynclint: ignore[ASYNC251]
sleep(6)  # asynclint:ignore [ blocking-sleep , ]reason
sleep(7)  # type: ignore  # asynclint: ignore[blocking-sleep]
sleep(8)  #asynclint : ignore[blocking-sleep]
";
    assert_eq!(silenced(text), [1, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn other_names_do_not_silence() {
    let text = "sleep(1)  # asynclint: ignore[missing-await]
sleep(2)  # asynclint: ignore[tasks]
sleep(3)  # asynclint: ignore[ASYNC2]
sleep(4)  # asynclint: ignore[ALL]
sleep(5)  # asynclint: ignore[Blocking-Sleep]
sleep(6)  # asynclint: ignore[async251]
sleep(7)  # asynclint: ignore[blocking-sleepy]
sleep(8)  # asynclint: IGNORE[blocking-sleep]
sleep(9)  # see asynclint: ignore[blocking-sleep]
sleep(10)  # notasynclint: ignore[blocking-sleep]
";
    assert_eq!(silenced(text), [0; 0]);
}

#[test]
fn text_in_strings_is_no_comment() {
    let text = "sleep(1); x = \"# asynclint: ignore[blocking-sleep]\"\nsleep(2); y = \"# noqa\"\n";
    assert_eq!(silenced(text), [0; 0]);
}

#[test]
fn a_statement_of_several_lines_begins_and_ends_somewhere() {
    let text = "first(  # asynclint: ignore[blocking-sleep]
    sleep(1),
    2,
)
last(
    sleep(2),
    2,
)  # asynclint: ignore[blocking-sleep]
middle(
    sleep(3),  # asynclint: ignore[blocking-sleep]
    sleep(4),
    2,  # asynclint: ignore[blocking-sleep]
    sleep(
        5
    ),  # asynclint: ignore[blocking-sleep]
)
";
    assert_eq!(silenced(text), [1, 2, 3, 5]);
}

#[test]
fn on_its_own_line_for_the_next_statement() {
    let text = "# asynclint: ignore[blocking-sleep] all of it
call(
    1,
    sleep(1),
)
sleep(2)

# asynclint: ignore[blocking-sleep]

# and now for something else
    # asynclint: ignore[missing-await]
sleep(3)
sleep(4)
if x:
    y = 1
    # asynclint: ignore[blocking-sleep]
sleep(5)
# asynclint: ignore[blocking-sleep]
";
    assert_eq!(silenced(text), [1, 3, 5]);
}

#[test]
fn on_its_own_line_within_a_statement_for_the_next_line() {
    let text = "call(
    # asynclint: ignore[blocking-sleep]
    sleep(1),
    sleep(2),
)
call(sleep(3),
    # asynclint: ignore[blocking-sleep]
)
";
    assert_eq!(silenced(text), [1]);
}

#[test]
fn a_header_is_not_its_body() {
    let text = "async def f():  # asynclint: ignore[blocking-sleep]
    sleep(1)
# asynclint: ignore[blocking-sleep]
async def g(a=sleep(2)):
    sleep(3)
";
    assert_eq!(silenced(text), [2]);
}

#[test]
fn for_the_whole_file() {
    for comment in [
        "# asynclint: file-ignore[blocking-sleep] generated",
        "    # asynclint: file-ignore[blocking]",
        "# asynclint: file-ignore[ASYNC251, missing-await]",
        "# flake8: noqa",
        "# flake8: NOQA  # really",
        "# ruff: noqa",
        "#ruff:noqa",
        "# ruff : NoQA why",
        "# made by a tool # ruff: noqa",
        "    # flake8: noqa: F401, ASYNC251",
        "# ruff: file-ignore[ASYNC251]",
    ] {
        let text = format!("sleep(1)\nif x:\n    sleep(2)\n{comment}\nsleep(3)\n");
        assert_eq!(silenced(&text), [1, 2, 3], "{comment}");
        assert_eq!(problems(&text), []);
    }
}

#[test]
fn not_for_the_whole_file() {
    for comment in [
        "# asynclint: file-ignore[missing-await]",
        "# flake8: noqa: F401",
        "# FLAKE8: noqa",
        "# flake8=noqa",
        "# ruff: noqa: async251",
        "# ruff: noqa: reason",
        "    # ruff: file-ignore[ASYNC251]",
        "x = 1  # flake8: noqa",
        "x = 1  # ruff: noqa: ASYNC251",
        "x = 1  # asynclint: file-ignore[blocking-sleep]",
        "# noqa",
        "# type: ignore[ASYNC251]",
    ] {
        let text = format!("sleep(1)\n{comment}\nsleep(2)\n");
        assert_eq!(silenced(&text), [0; 0], "{comment}");
    }
}

/// Each line was tried with ruff 0.17.5.
#[test]
fn noqa_is_read_as_ruff_reads_it() {
    let text = "sleep(1)  # noqa: async251
sleep(2)  # NOQA : ASYNC251
sleep(3)  # noqa:ASYNC251
sleep(4)  # noqa ASYNC105
sleep(5)  # noqa: some reason
sleep(6)  # noqa: blocking-sleep
sleep(7)  # noqa: F401 ASYNC251
sleep(8)  # noqa: F401ASYNC251
sleep(9)  # noqa: F401,,ASYNC251
sleep(10)  # some text # noqa: ASYNC251 reason
sleep(11)  # some text noqa: ASYNC251
sleep(12)  # noqa:
sleep(13)  # noqa: ASYNC
sleep(14)  # noqa-foo
sleep(15)  # noqas
sleep(16)  # noqa, ASYNC251
sleep(17)  # noqa: reason ASYNC251
sleep(18)  # noqa: F401 because of ASYNC251
sleep(19)  # noqa: F401, bad, ASYNC251
sleep(20)  # noqa: ASYNC2511
sleep(21)  # noqa # ASYNC
sleep(22)  # noqaASYNC251
sleep(23)  #noqa:ASYNC251
sleep(24)  # noqa
sleep(25)  # no qa
sleep(26)  # noqa: ASYNC251x
";
    assert_eq!(silenced(text), [2, 3, 4, 7, 8, 9, 10, 21, 23, 24]);
    assert_eq!(silenced_for("blocking-sleep", text, false), [0; 0]);
}

#[test]
fn noqa_of_other_codes_is_not_ours() {
    let text = "sleep(1)  # noqa: E501\nsleep(2)  # noqa: ASYNC210\n";
    assert_eq!(silenced(text), [0; 0]);
    with(text, true, |table| {
        assert_eq!(table.all().len(), 1);
        assert_eq!(names(&table.all()[0].names[0].lints), ["blocking-http"]);
    });
}

#[test]
fn noqa_stands_where_the_finding_or_the_statement_ends() {
    let text = "call(  # noqa
    sleep(1),
    sleep(2),  # noqa: ASYNC251
    sleep(
        3
    ),  # noqa
)
call(
    sleep(4),
)  # noqa: ASYNC251
# noqa
sleep(5)
";
    assert_eq!(silenced(text), [2, 4]);
}

#[test]
fn codes_of_type_checkers() {
    let text = "sleep(1)  # type: ignore[unused-coroutine]
sleep(2)  # type: ignore[misc, unused-coroutine]  # why
sleep(3)  # pyright: ignore[reportUnusedCoroutine]
sleep(4)  # type:ignore[unused-coroutine]
sleep(5)  # noqa: E501 # type: ignore[unused-coroutine]
sleep(6)  # pyrefly: ignore[unused-coroutine]
sleep(10)  # type: ignore
sleep(11)  # type: ignore[misc]
sleep(12)  # type: ignore[unused]
sleep(13)  # pyright: ignore
sleep(14)  # type: int
sleep(15)  # type: ignored[unused-coroutine]
sleep(16)  # pyright: ignore[reportunusedcoroutine]
";
    assert_eq!(silenced_for("missing-await", text, true), [1, 2, 3, 4, 5, 6]);
    assert_eq!(silenced_for("missing-await", text, false), [0; 0]);
    assert_eq!(silenced(text), [0; 0]);
}

#[test]
fn comments_of_ruff() {
    let text = "sleep(1)  # ruff: ignore[ASYNC251]
# ruff: ignore[F401, ASYNC251]
call(
    sleep(2))
sleep(3)  # RUFF: IGNORE[ASYNC251]
sleep(4)  # ruff: ignore[ASYNC2]
sleep(5)  # ruff: ignore
sleep(6)  # ruff: ignore[blocking-sleep]
";
    assert_eq!(silenced(text), [1, 2]);
    assert_eq!(problems(text), []);
}

#[test]
fn ranges_of_ruff() {
    let text = "sleep(1)
# ruff: disable[ASYNC251]
sleep(2)
if x:
    # ruff: enable[ASYNC251]
    sleep(3)
# ruff: enable[F401, ASYNC251]
sleep(4)
# ruff: enable[ASYNC251]
sleep(5)
def f():
    # ruff: disable[ASYNC251]
    sleep(6)
    call(
sleep(7))
    x = \"
\"
    sleep(8)

# a comment
sleep(9)
def g():
    # ruff: enable[ASYNC251]
    pass
y = 1  # ruff: disable[ASYNC251]
sleep(10)
# ruff: disable[ASYNC251]
sleep(11)
";
    assert_eq!(silenced(text), [2, 3, 4, 6, 7, 8, 11]);
}

#[test]
fn what_does_not_work_is_told() {
    let text = "sleep(1)  # asynclint: ignore
sleep(2)  # asynclint: ignore because
sleep(3)  # asynclint: ignore[]
sleep(4)  # asynclint: ignore[ , ]
sleep(5)  # asynclint: ignore[blocking-sleep
sleep(6)  # asynclint: noqa
sleep(7)  # asynclint: file-ignore[blocking-sleep]
sleep(8)  # noqa: missing-await, blocking-sleep
sleep(9)  # asynclint: ignore[a # b]
";
    assert_eq!(silenced(text), [0; 0]);
    let expected = [
        ("# asynclint: ignore", Problem::NoNames),
        ("# asynclint: ignore", Problem::NoNames),
        ("# asynclint: ignore[]", Problem::EmptyNames),
        ("# asynclint: ignore[ , ]", Problem::EmptyNames),
        ("# asynclint: ignore[blocking-sleep", Problem::Unclosed),
        ("# asynclint: noqa", Problem::UnknownWord),
        ("# asynclint: file-ignore[blocking-sleep]", Problem::NotOwnLine),
        ("# noqa: missing-await", Problem::LintInNoqa),
        ("# asynclint: ignore[a ", Problem::Unclosed),
    ];
    assert_eq!(problems(text), expected.map(|(text, problem)| (text.to_owned(), problem)));
    for (_, problem) in expected {
        assert!(!problem.message().ends_with('.') && !problem.help().is_empty());
    }
}

#[test]
fn parts_of_a_comment_have_places() {
    let text =
        "é = sleep(1)  # x # asynclint: ignore[blocking-sleep, nope] for now  # noqa: E501\n";
    with(text, true, |table| {
        let [suppression] = table.all() else { panic!("one suppression") };
        assert_eq!((suppression.tool, suppression.scope), (Tool::Ours, Scope::Line(1)));
        let shown = |span: Span| &text[span.range()];
        assert_eq!(shown(suppression.span), "# asynclint: ignore[blocking-sleep, nope]");
        assert_eq!(shown(suppression.reason), "for now");
        assert!(shown(suppression.comment).starts_with("# x #"));
        let [known, unknown] = &suppression.names[..] else { panic!("two names") };
        assert_eq!(
            (shown(known.span), names(&known.lints)),
            ("blocking-sleep", vec!["blocking-sleep"])
        );
        assert_eq!((shown(unknown.span), unknown.lints.is_empty()), ("nope", true));
    });
}

#[test]
fn uses_are_counted() {
    let text = "# asynclint: file-ignore[tasks, blocking]
sleep(1); sleep(2)  # asynclint: ignore[missing-await, blocking-sleep]  # noqa
sleep(3)
";
    with(text, true, |table| {
        let at = |number: &str| {
            let start = text.find(&format!("sleep({number})")).unwrap() as u32;
            Span::new(start, start + 8)
        };
        let first = table.is_suppressed("blocking-sleep", at("1")).unwrap();
        assert_eq!((first.suppression, first.name), (1, 1));
        assert_eq!(table.is_suppressed("blocking-sleep", at("2")), Some(first));
        let file = table.is_suppressed("blocking-sleep", at("3")).unwrap();
        assert_eq!((file.suppression, file.name), (0, 1));
        let bare = table.is_suppressed("swallowed-cancellation", at("1")).unwrap();
        assert_eq!((bare.suppression, bare.name), (2, 0));
        assert_eq!(table.is_suppressed("swallowed-cancellation", at("3")), None);
        let uses: Vec<Vec<u32>> = table
            .all()
            .iter()
            .map(|suppression| suppression.names.iter().map(|name: &Name| name.uses).collect())
            .collect();
        assert_eq!(uses, [vec![0, 3], vec![0, 2], vec![3]]);
    });
}

#[test]
fn what_is_no_lint_cannot_be_silenced() {
    let text = "sleep(1)  # noqa\n# flake8: noqa\n";
    assert_eq!(silenced_for("invalid-syntax", text, true), [0; 0]);
}

#[test]
fn windows_line_ends_change_nothing() {
    let text = "sleep(1)  # noqa\r\n# asynclint: ignore[blocking-sleep]\r\n\r\nsleep(2)\r\nsleep(3)  # asynclint: ignore[blocking-sleep]\r\nsleep(4)  # asynclint: ignore\r\n";
    assert_eq!(silenced(text), [1, 2, 3]);
    assert_eq!(problems(text), [("# asynclint: ignore".to_owned(), Problem::NoNames)]);
}

#[test]
fn long_runs_of_comments_are_quick() {
    let ours = "# asynclint: ignore[blocking-sleep]\n".repeat(20_000);
    let ranges = "# ruff: disable[ASYNC251]\n".repeat(20_000);
    let start = std::time::Instant::now();
    assert_eq!(silenced(&format!("{ours}sleep(1)\nsleep(2)\n")), [1]);
    assert_eq!(silenced(&format!("{ranges}sleep(1)\nsleep(2)\n")), [1, 2]);
    assert_eq!(silenced(&format!("sleep(1)\n{ours}")), [0; 0]);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn no_comment_makes_it_panic() {
    let words =
        ["#", " ", "noqa", ":", "asynclint", "ignore", "[", "]", ",", "é", "ASYNC251", "x", "ruff"];
    for a in words {
        for b in words {
            for c in words {
                for d in words {
                    let text = format!("sleep(1) # {a}{b}{c}{d}");
                    silenced(&text);
                    silenced(&format!("#{a}{b}{c}{d}{a}{b}"));
                }
            }
        }
    }
}
