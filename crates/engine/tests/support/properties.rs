//! What must hold for any bytes, whoever made them up. Each property panics where it does not.

use std::path::Path;

use asynclint_diagnostics::FileId;
use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::selection::{ALL, CommandLine, Selector};
use asynclint_engine::{Failure, Outcome, Request, SourceTable, check_text, fix_text};
use asynclint_lints::LINTS;
use asynclint_parser::{Limits, SourceFile, Span, parse};
use asynclint_reporter::{Format, Sources, render};
use asynclint_semantic::lower;

/// A property and its name.
pub(crate) type Property = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const PROPERTIES: &[Property] = &[
    ("parse", facts_lie_in_the_text),
    ("check", findings_can_be_shown),
    ("config", configs_are_read),
    ("suppressions", suppressions_are_read),
    ("fix", fixes_come_to_an_end),
];

/// Panics unless the property of that name holds for `bytes`.
#[allow(dead_code, reason = "for crates/dev/fuzz, where each property is a program")]
pub(crate) fn hold(name: &str, bytes: &[u8]) {
    let property = PROPERTIES.iter().find(|property| property.0 == name);
    property.expect("it is one of them").1(bytes);
}

/// Decoding, parsing and lowering: spans lie in the text, between characters.
fn facts_lie_in_the_text(bytes: &[u8]) {
    let Ok(source) = SourceFile::decode("a.py", bytes.to_vec()) else { return };
    let text = source.text();
    let Ok(parsed) = parse(text, &Limits::default()) else { return };
    let is_inside = |span: Span| text.get(span.range()).is_some();
    assert!(parsed.tree.root().descendants().all(|node| is_inside(node.span())));
    let facts = lower(parsed);
    assert!(facts.comments.iter().all(|&comment| is_inside(comment)));
    assert!(facts.errors.iter().all(|error| is_inside(error.span)));
    for body in &facts.bodies {
        assert!(body.expr_ids().all(|id| is_inside(body.span(id))));
        assert!(body.stmt_ids().all(|id| is_inside(body.stmt_span(id))));
    }
    let statements = facts.statements();
    for at in (0..text.len() as u32).step_by(7) {
        assert!(statements.at(at).is_none_or(is_inside));
    }
}

struct Table<'a>(&'a SourceTable);

impl Sources for Table<'_> {
    fn get(&self, file: FileId) -> &SourceFile {
        self.0.get(file).expect("the source is kept")
    }
}

/// Calls `run` with a request for every lint, and for unsafe fixes.
fn with_request<T>(run: impl FnOnce(&Request<'_>) -> T) -> T {
    let options = Options::parse("fuzz", "unsafe-fixes = true", LINTS);
    let options = options.unwrap_or_else(|errors| panic!("{errors}"));
    let configs = ConfigFinder::rooted("/no/such/folder", LINTS, options);
    let all = Selector::parse(ALL, LINTS).expect("it selects every lint");
    let selection = CommandLine { extend_select: vec![all], ..CommandLine::default() };
    run(&Request { threads: 1, ..Request::new(&configs, &selection) })
}

fn no_bug_of_ours(failures: &[Failure]) {
    let is_ours = |failure: &&Failure| failure.message.contains("internal error");
    assert!(failures.iter().find(is_ours).is_none(), "{failures:?}");
}

/// The whole check, shown in every format, with nothing in it that a terminal obeys.
fn findings_can_be_shown(bytes: &[u8]) {
    let path = Path::new("/no/such/folder/a.py");
    let outcome: Outcome = with_request(|request| check_text(path, bytes.to_vec(), request))
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    no_bug_of_ours(&outcome.failures);
    for &format in Format::ALL {
        let options = asynclint_reporter::Options { format, color: false };
        let shown = render(&outcome.diagnostics, &Table(&outcome.sources), &options);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    }
}

/// A config is read or refused with places in it.
fn configs_are_read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(errors) = Options::parse("asynclint.toml", &text, LINTS) {
        assert!(!errors.to_string().is_empty());
    }
}

/// The bytes as comments that are for us, at every kind of place.
fn suppressions_are_read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace(['\n', '\r', '\0'], " ");
    let module = format!(
        "# asynclint: {text}\nimport time  # noqa: {text}\nasync def f():\n    time.sleep(1)  # \
         asynclint: ignore[{text}\n    # asynclint: {text}\n    time.sleep(1)  # type: {text}\n"
    );
    findings_can_be_shown(module.as_bytes());
}

/// What is fixed is Python, and a second time there is nothing to do.
fn fixes_come_to_an_end(bytes: &[u8]) {
    let (path, here) = (Path::new("/no/such/folder/a.py"), Path::new("/"));
    let fix = |bytes: Vec<u8>| {
        let fixing = with_request(|request| fix_text(path, bytes, request, here));
        fixing.unwrap_or_else(|errors| panic!("{errors:?}"))
    };
    let first = fix(bytes.to_vec());
    no_bug_of_ours(&first.failures);
    no_bug_of_ours(&first.outcome.failures);
    let Some(fixed) = first.fixed.first() else { return };
    let source = SourceFile::decode("a.py", fixed.after.clone()).expect("it is decoded");
    let parsed = parse(source.text(), &Limits::default()).expect("it is parsed");
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let second = fix(fixed.after.clone());
    assert!(second.fixed.is_empty(), "{}", String::from_utf8_lossy(&second.fixed[0].after));
}
