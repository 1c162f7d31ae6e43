//! Suppressions over the statements that real Python has.

use std::path::Path;

use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::selection::CommandLine;
use asynclint_engine::suppressions::Suppressions;
use asynclint_engine::{Request, check_text};
use asynclint_lints::LINTS;
use asynclint_parser::{Limits, SourceFile, Span, parse};
use asynclint_semantic::lower;

/// Which `sleep(n)` in `text` are silenced for `blocking-sleep`.
fn silenced(text: &str) -> Vec<u32> {
    let source = SourceFile::from_text("x.py", text);
    let facts = lower(parse(source.text(), &Limits::default()).unwrap());
    let statements = facts.statements();
    let statement = |at| statements.at(at).unwrap_or(Span::empty(at));
    let mut table = Suppressions::read(&source, &facts.comments, &statement, LINTS, true);
    let calls = text.match_indices("sleep(").filter_map(|(at, _)| {
        let end = at + text[at..].find(')')? + 1;
        let number = text[at + "sleep(".len()..end - 1].trim().parse().ok()?;
        let span = Span::new(at as u32, end as u32);
        table.is_suppressed("blocking-sleep", span).map(|_| number)
    });
    calls.collect()
}

#[test]
fn simple_statements() {
    let text = r##"
async def f():
    sleep(1)  # asynclint: ignore[blocking-sleep]
    x = call(  # asynclint: ignore[blocking-sleep]
        """# noqa""",
        sleep(3),
    )
    y = """
    # asynclint: ignore[blocking-sleep]
    """
    sleep(4)
    # asynclint: ignore[blocking-sleep]
    return (
        sleep(5)
    )
    await x; sleep(6)  # noqa: ASYNC251
    z = 1 + \
        sleep(7) + \
        2  # noqa
"##;
    assert_eq!(silenced(text), [1, 3, 5, 6, 7]);
}

#[test]
fn headers_of_compound_statements() {
    let text = "
async def f(a=sleep(1)):  # asynclint: ignore[blocking-sleep]
    if sleep(2):  # asynclint: ignore[blocking-sleep]
        sleep(3)
    elif sleep(4):
        sleep(5)
    # asynclint: ignore[blocking-sleep]
    else:
        sleep(6)
    # asynclint: ignore[blocking-sleep]
    for x in (
        sleep(7)
    ):
        sleep(8)
    async with (
        sleep(9) as a,
        sleep(10) as b,
    ):  # asynclint: ignore[blocking-sleep]
        sleep(11)
    try:
        sleep(12)
    except sleep(13):  # asynclint: ignore[blocking-sleep]
        sleep(14)
    match sleep(15):  # asynclint: ignore[blocking-sleep]
        case 1:
            sleep(16)
";
    assert_eq!(silenced(text), [1, 2, 7, 9, 10, 13, 15]);
}

#[test]
fn decorated_definitions() {
    let text = "
# asynclint: ignore[blocking-sleep]
@decorated(
    sleep(1)
)
async def f(
    a=sleep(2),
):
    sleep(3)


@decorated
async def g(
    a=sleep(4),
):  # asynclint: ignore[blocking-sleep]
    sleep(5)


class C(sleep(6)):  # asynclint: ignore[blocking-sleep]
    # asynclint: ignore[blocking-sleep]
    @property
    async def h(self, a=sleep(7)):
        sleep(8)
";
    assert_eq!(silenced(text), [1, 2, 4, 6, 7]);
}

#[test]
fn ranges_end_with_their_block() {
    let text = "
async def f():
    # ruff: disable[ASYNC251]
    sleep(1)
    if x:
        y = call(
sleep(2))
        y = '''
text'''
        sleep(3)

async def g():
    sleep(4)
";
    assert_eq!(silenced(text), [1, 2, 3]);
}

#[test]
fn a_whole_file() {
    let text = "import x\n\n\nasync def f():\n    # flake8: noqa\n    sleep(1)\n";
    assert_eq!(silenced(text), [1]);
}

/// `text` with what is offered against its suppressions done.
fn mended(text: &str) -> String {
    let configs = ConfigFinder::rooted("/", LINTS, Options::default());
    let selection = CommandLine::default();
    let request = Request { threads: 1, ..Request::new(&configs, &selection) };
    let outcome = check_text(Path::new("x.py"), text.into(), &request);
    let found = outcome.unwrap_or_else(|errors| panic!("{errors:?}")).diagnostics;
    let about_them = found.into_iter().filter(|found| found.lint.ends_with("-suppression"));
    let mut mended = text.to_owned();
    for edit in about_them.rev().filter_map(|found| found.fix).flat_map(|fix| fix.edits) {
        mended.replace_range(edit.span.range(), &edit.content);
    }
    mended
}

#[test]
fn fixes_take_out_our_part_only() {
    let cases = [
        ("x = 1  # asynclint: ignore[missing-await]", "x = 1"),
        ("x = 1  # asynclint: ignore[missing-await] why\n", "x = 1\n"),
        ("x = 1  # asynclint: ignore[missing-await]  \r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        ("x = 1  # asynclint: ignore[missing-await]  # noqa: E501\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # one # asynclint: ignore[missing-await] why\n", "x = 1  # one\n"),
        ("x = 1  # one # asynclint: ignore[missing-await] # two\n", "x = 1  # one # two\n"),
        ("# asynclint: ignore[missing-await]\nx = 1\n", "x = 1\n"),
        ("x = 1\r\n\r\n  # asynclint: ignore[missing-await]\r\n", "x = 1\r\n\r\n"),
        (
            "# asynclint: ignore[missing-await] # noqa\nx = 1\n",
            "# asynclint: ignore[missing-await] # noqa\nx = 1\n",
        ),
        ("# asynclint: ignore[missing-await] # fmt: skip\nx = 1\n", "# fmt: skip\nx = 1\n"),
        ("x = 'é'  # asynclint: ignore[missing-await] é\n", "x = 'é'\n"),
        (
            "# asynclint: file-ignore[missing-await,  dangling-task , blocking-slep] why\n",
            "# asynclint: file-ignore[blocking-sleep] why\n",
        ),
    ];
    for (before, after) in cases {
        // A name that is put in may be one that is not needed either.
        let once = mended(before);
        let steps = if before.contains("slep") { mended(&once) } else { once.clone() };
        assert!(steps == after || once == after, "{before:?} becomes {once:?}, then {steps:?}");
    }
}
