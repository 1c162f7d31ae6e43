//! The command line as users meet it: every file of `tests/cases` and `tests/robustness` is one
//! folder of files and the runs over it; `harness/case.rs` says what it may hold. `CASE=part-of-a-name cargo test -p
//! asynclint --test cli` takes some of them.

mod harness;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::case::Case;
use harness::tree::Tree;

/// The files of `tests/cases` and `tests/robustness`, sorted.
fn files() -> Vec<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |name| std::fs::read_dir(tests.join(name)).expect("the cases are a folder");
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut files: Vec<_> = ["cases", "robustness"]
        .into_iter()
        .flat_map(read)
        .map(|entry| entry.expect("it is read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    files.sort();
    files
}

/// What differs from what the case in `file` says.
fn differences(file: &Path) -> Vec<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let case = Case::read(file);
    if !case.can_run_here() {
        return Vec::new();
    }
    let tree = Tree::lay_out(&case.files);
    let mut results = Vec::new();
    let mut wrong = Vec::new();
    for (number, run) in (1..).zip(&case.run) {
        let before = tree.snapshot();
        let result = harness::run::run(run, &tree);
        let mut differs = harness::expect::differences(run, &result, &results, &tree);
        differs.extend(harness::expect::changes(run, &before, &tree));
        if run.known_wrong.is_some() {
            let repaired = differs.is_empty();
            differs.clear();
            if repaired {
                differs.push("does what it should now: take `known-wrong` out".to_owned());
            }
        }
        let args = run.args.join(" ");
        wrong.extend(differs.into_iter().map(|d| format!("{name}, run {number}: {args}\n{d}")));
        results.push(result);
    }
    wrong
}

#[test]
fn every_case_does_what_it_says() {
    let (files, next, wrong) = (files(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differences = differences(file);
                    wrong.lock().expect("no thread panicked").extend(differences);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no thread panicked");
    wrong.sort();
    assert!(!files.is_empty(), "no such case");
    assert!(wrong.is_empty(), "{} differences:\n\n{}", wrong.len(), wrong.join("\n"));
}
