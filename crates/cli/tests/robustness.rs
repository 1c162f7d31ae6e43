//! What takes more than one process to show: files that change, runs that are killed, runs that
//! meet; and that every row of the table of bad inputs has its test. The other rows are the files
//! of `tests/robustness`, named after their numbers, which `cli.rs` runs.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

const OLD: &str = "import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n";
const NEW: &str = "import asyncio\n\n\nasync def main():\n    await asyncio.sleep(1)\n";

/// Rows that are tested below.
const HERE: [u32; 2] = [39, 46];

#[test]
fn every_row_has_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/robustness");
    let entries = std::fs::read_dir(folder).expect("the rows are a folder").flatten();
    let row = |name: &str| name.split('_').next().and_then(|number| number.parse::<u32>().ok());
    let mut rows: BTreeSet<u32> = entries
        .map(|entry| row(&entry.file_name().to_string_lossy()).expect("a row has a number"))
        .collect();
    rows.extend(HERE);
    assert_eq!(rows, (1..=48).collect());
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A folder with `count` files to fix.
fn folder_of(count: usize) -> tempfile::TempDir {
    let folder = folder();
    restore(folder.path(), count);
    folder
}

fn restore(folder: &Path, count: usize) {
    for number in 0..count {
        std::fs::write(folder.join(format!("f{number:03}.py")), OLD).expect("a file in it");
    }
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.args(["check", "--fix", "--unsafe-fixes", "--output-format", "concise"]);
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn end(child: Child) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = [stdout, stderr].map(|it| String::from_utf8(it).expect("output is UTF-8"));
    (status.code(), text.concat())
}

/// How many of the files have their fix; each has it whole or not at all.
fn fixed(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("the folder is read").flatten();
    let files = entries.filter(|it| it.path().extension().is_some_and(|it| it == "py"));
    let is_fixed = |path: &Path| match std::fs::read_to_string(path).expect("it is read").as_str() {
        NEW => true,
        OLD => false,
        other => panic!("{} is neither old nor new: {other:?}", path.display()),
    };
    files.filter(|file| is_fixed(&file.path())).count()
}

/// A text that takes a while to check, so that things can happen meanwhile.
fn slow() -> String {
    "x = [a.b(c) for d in e if f]\n".repeat(10_000)
}

/// Changes a file while it is being checked; whatever the moment, nothing of the change is lost.
fn meddle(change: impl Fn(&Path), after: impl Fn(&Path), wanted: &str) {
    let mut seen = Vec::new();
    for wait in [20, 50, 100, 200, 400, 800, 1600, 3200] {
        let folder = folder_of(1);
        std::fs::write(folder.path().join("slow.py"), slow()).expect("a file in it");
        let child = start(folder.path());
        sleep(Duration::from_millis(wait));
        let file = folder.path().join("f000.py");
        change(&file);
        let (code, text) = end(child);
        assert!(!text.contains("panicked") && !text.contains("internal error"), "{text}");
        after(&file);
        if text.contains(wanted) {
            assert_eq!(code, Some(2), "{text}");
            return;
        }
        seen.push(text);
    }
    panic!("never refused: {seen:#?}");
}

#[test]
fn row_39_a_file_that_changes_is_not_overwritten() {
    const THEIRS: &str = "theirs = 1\n";
    meddle(
        |file| std::fs::write(file, THEIRS).expect("it is written"),
        |file| assert_eq!(std::fs::read_to_string(file).expect("it is read"), THEIRS),
        ": the file changed while it was being checked\n",
    );
}

#[test]
fn row_39_a_file_that_vanishes_does_not_come_back() {
    meddle(
        |file| std::fs::remove_file(file).expect("it is removed"),
        |file| assert!(!file.exists()),
        "`f000.py`: no such file\n",
    );
}

#[test]
fn row_46_a_run_that_is_killed_leaves_each_file_whole() {
    const FILES: usize = 40;
    let folder = folder_of(FILES);
    let whole = std::time::Instant::now();
    assert_eq!(end(start(folder.path())).0, Some(0));
    let whole = whole.elapsed();
    assert_eq!(fixed(folder.path()), FILES);
    let mut parts = BTreeSet::new();
    for part in 1..=30 {
        restore(folder.path(), FILES);
        let mut child = start(folder.path());
        sleep(whole * part / 25);
        // It may be done already.
        drop(child.kill());
        child.wait().expect("it ends");
        parts.insert(fixed(folder.path()));
    }
    assert!(parts.len() > 1, "it was always killed in the same state: {parts:?}");
    // What a killed run left behind disturbs no later one.
    assert_eq!(end(start(folder.path())).0, Some(0));
    assert_eq!(fixed(folder.path()), FILES);
}

#[test]
fn row_46_runs_that_meet_fix_each_file_once() {
    const FILES: usize = 40;
    let folder = folder_of(FILES);
    for _ in 0..5 {
        restore(folder.path(), FILES);
        let both = [start(folder.path()), start(folder.path()), start(folder.path())].map(end);
        for (code, text) in both {
            let refused = "the file changed while it was being checked";
            let is_right = code == Some(0) || (code == Some(2) && text.contains(refused));
            assert!(is_right, "exit code {code:?}:\n{text}");
        }
        assert_eq!(fixed(folder.path()), FILES);
    }
}
