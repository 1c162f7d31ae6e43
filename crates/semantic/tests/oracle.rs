//! The lowered facts of real code equal what CPython's own parser sees: functions, awaits,
//! `async for`, `async with`, calls, and names that are read and bound, in number and position.
//!
//! `ASYNCLINT_ORACLE_PATHS` names further trees, separated as in `PATH`; `ASYNCLINT_GENERATED=20000`
//! says how many files `generate.py` makes up, and `ASYNCLINT_GENERATED_SEED` where chance begins.

#![allow(clippy::print_stdout, reason = "figures for whoever runs it with --nocapture")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint_parser::{Limits, SourceFile, Span, parse};
use asynclint_semantic::{Body, ExprKind, Facts, StmtKind, Usage, lower};

type Nodes = BTreeMap<(String, u32, u32), u32>;

fn python_files(root: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            // The parser's own bad examples, and packages that are no part of the library.
            let skipped = ["site-packages", "lib2to3", "test_lib2to3", "bad_coding"];
            if !skipped.iter().any(|name| path.ends_with(name)) {
                python_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

fn lowered(source: &SourceFile, facts: &Facts) -> Nodes {
    let mut nodes = Nodes::new();
    let mut add = |kind: &str, at: Option<u32>| {
        let place = at.map_or((0, 0), |at| {
            let line = source.lines().line(at);
            (line, at - source.lines().start(line))
        });
        *nodes.entry((kind.to_owned(), place.0, place.1)).or_default() += 1;
    };
    for id in facts.outline.function_ids() {
        let function = facts.outline.function(id);
        if function.name.is_some() {
            let kind = if function.is_async { "async-def" } else { "def" };
            add(kind, Some(function.span.start));
        }
    }
    let strings = strings_with_fields(facts);
    for body in &facts.bodies {
        for id in body.expr_ids() {
            let start = body.span(id).start;
            let before = strings.partition_point(|string| string.start < start);
            let in_string = before.checked_sub(1).is_some_and(|last| start < strings[last].end);
            let at = (!in_string).then_some(start);
            match body.kind(id) {
                ExprKind::Await(_) => add("await", at),
                ExprKind::Call { .. } => add("call", at),
                ExprKind::Name(_) => {
                    let is_target = body.expr(id).usage == Usage::Target;
                    add(if is_target { "target" } else { "read" }, at);
                }
                ExprKind::Comprehension(_) => {
                    let clauses = body.comprehension(id).map_or(&[][..], |c| &c.clauses);
                    clauses.iter().filter(|c| c.is_async).for_each(|_| add("async-clause", None));
                }
                _ => {}
            }
        }
        for id in body.stmt_ids() {
            match body.stmt(id).kind {
                StmtKind::For { is_async: true, .. } => {
                    add("async-for", Some(body.stmt_span(id).start));
                }
                StmtKind::With { is_async: true, .. } => {
                    add("async-with", Some(body.stmt_span(id).start));
                }
                _ => {}
            }
        }
    }
    nodes
}

/// The f-strings of a file that stand in no other, in the order of the text.
fn strings_with_fields(facts: &Facts) -> Vec<Span> {
    let of_body = |body: &Body| {
        let strings = body.expr_ids().filter(|&id| matches!(body.kind(id), ExprKind::Format(_)));
        strings.map(|id| body.span(id)).collect::<Vec<_>>()
    };
    let mut found: Vec<Span> = facts.bodies.iter().flat_map(of_body).collect();
    found.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    found.dedup_by(|inner, outer| outer.contains(*inner));
    found
}

/// What a comparison showed.
#[derive(Default)]
struct Comparison {
    /// Files that both read.
    compared: usize,
    /// Nodes in them, by kind.
    nodes: BTreeMap<String, u32>,
    /// Files that this CPython refuses.
    refused: usize,
    /// Files that are read differently: the path and what is different.
    differing: Vec<String>,
}

impl Comparison {
    fn of(files: &[PathBuf]) -> Self {
        let text = nodes_by_cpython(files);
        let mut comparison = Self::default();
        // Deep trees of the standard library's own stress tests want more stack than a test has.
        let worker = std::thread::Builder::new().stack_size(64 << 20);
        std::thread::scope(|scope| {
            let work = || comparison.read(&text);
            let handle = worker.spawn_scoped(scope, work).expect("a thread starts");
            handle.join().expect("no panic");
        });
        let Self { compared, nodes, refused, .. } = &comparison;
        println!("{compared} files compared, {refused} refused by this CPython; in them {nodes:?}");
        comparison
    }

    fn read(&mut self, text: &str) {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(path) = line.strip_prefix("# ") else {
                self.refused += 1;
                continue;
            };
            let mut expected = Nodes::new();
            while let Some(node) = lines.next_if(|line| !line.starts_with(['#', '!'])) {
                let mut parts = node.split(' ');
                let kind = parts.next().unwrap_or_default().to_owned();
                let mut number = || parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
                *expected.entry((kind, number(), number())).or_default() += 1;
            }
            if let Err(difference) = self.compare(path, &expected) {
                self.differing.push(format!("{path}: {difference}"));
            }
        }
    }

    fn compare(&mut self, path: &str, expected: &Nodes) -> Result<(), String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let source = SourceFile::decode(path, bytes).map_err(|error| error.to_string())?;
        let parsed = parse(source.text(), &Limits::default()).map_err(|error| error.to_string())?;
        let first = parsed.errors.first().map(|error| {
            let at = source.position(error.span.start);
            format!("{}:{} {}", at.line, at.column, error.message)
        });
        let found = lowered(&source, &lower(parsed));
        self.compared += 1;
        for ((kind, ..), count) in expected {
            *self.nodes.entry(kind.clone()).or_default() += count;
        }
        if found != *expected {
            let missing: Vec<_> =
                expected.iter().filter(|(k, n)| found.get(*k) != Some(n)).take(3).collect();
            let extra: Vec<_> =
                found.iter().filter(|(k, n)| expected.get(*k) != Some(n)).take(3).collect();
            return Err(format!("{first:?} missing {missing:?} extra {extra:?}"));
        }
        first.map_or(Ok(()), Err)
    }
}

/// What `oracle.py` says of the files.
fn nodes_by_cpython(files: &[PathBuf]) -> String {
    let list = tempfile::NamedTempFile::new().expect("a list of files");
    let paths: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
    std::fs::write(list.path(), paths.join("\0")).expect("the list is written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle.py");
    let output = Command::new("python3").arg(script).arg(list.path()).output();
    let output = output.expect("CPython runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn facts_equal_cpython() {
    let stdlib = Command::new("python3")
        .args(["-c", "import sysconfig; print(sysconfig.get_paths()['stdlib'])"])
        .output()
        .expect("CPython 3.11 or newer is installed as python3");
    let mut roots = vec![PathBuf::from(String::from_utf8_lossy(&stdlib.stdout).trim())];
    let extra = std::env::var_os("ASYNCLINT_ORACLE_PATHS").unwrap_or_default();
    roots.extend(std::env::split_paths(&extra));
    let mut files = Vec::new();
    for root in &roots {
        python_files(root, &mut files);
    }
    files.sort();
    assert!(files.len() > 1_000, "the standard library is there");
    let comparison = Comparison::of(&files);
    let (known, unknown): (Vec<_>, Vec<_>) =
        comparison.differing.iter().partition(|line| is_known(line));
    assert!(unknown.is_empty(), "{} differ ({} known):\n{unknown:#?}", unknown.len(), known.len());
}

#[test]
fn facts_of_made_up_files_equal_cpython() {
    let number = |name: &str, otherwise: u32| {
        std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let (count, seed) = (number("ASYNCLINT_GENERATED", 300), number("ASYNCLINT_GENERATED_SEED", 0));
    let folder = tempfile::tempdir().expect("a folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generate.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(folder.path()).args([count.to_string(), seed.to_string()]);
    assert!(command.status().expect("CPython runs").success());
    let mut files = Vec::new();
    python_files(folder.path(), &mut files);
    files.sort();
    let comparison = Comparison::of(&files);
    assert_eq!(comparison.compared, count as usize, "all of it is Python");
    assert!(comparison.nodes.get("await").is_some_and(|&awaits| awaits > count));
    let differing: Vec<_> = comparison.differing.iter().take(5).collect();
    for line in &differing {
        let path = line.split(": ").next().unwrap_or_default();
        println!("{line}\n{}\n", std::fs::read_to_string(path).unwrap_or_default());
    }
    assert!(differing.is_empty(), "{} files differ", comparison.differing.len());
}

/// Files whose difference is explained.
fn is_known(line: &str) -> bool {
    let explained = [
        (
            "test_future_stmt/badsyntax_future8.py",
            "`from __future__ import *` is refused by CPython's compiler, not by its parser",
        ),
        ("test/test_print.py", "`print >> file` is the statement of Python 2 to the grammar"),
    ];
    explained.iter().any(|(path, _why)| line.contains(path))
}
