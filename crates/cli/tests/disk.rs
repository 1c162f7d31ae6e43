//! Disks that are full, and runs that end while they write: nothing is lost, nothing half-written.
//! A limit on the size of files stands for the disk: what goes beyond it is refused (or ends the
//! run, where nobody ignores the signal), with part of it written.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_asynclint");

/// Refused from the second half kilobyte on.
const REFUSES: &str = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";

/// As [`REFUSES`], and the first byte too many ends the run.
const ENDS: &str = "ulimit -c 0; ulimit -f 1; exec \"$0\" \"$@\"";

const FIX: &[&str] = &["--fix", "--unsafe-fixes", "--no-cache"];

/// A module with something to fix, longer than the limit.
fn long(call: &str) -> String {
    let filling = "# filling\n".repeat(2000);
    format!("import asyncio\n\n\nasync def main():\n    {call}\n{filling}")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["one.py", "other.py"] {
        std::fs::write(folder.path().join(name), long("asyncio.sleep(1)")).expect("a file in it");
    }
    std::fs::write(folder.path().join("short.py"), "async def f(): pass\nf()\n").expect("a file");
    folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is read").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["check", "--output-format", "concise"]).args(args).current_dir(folder);
    for name in ["ASYNCLINT_NO_CACHE", "ASYNCLINT_CACHE_DIR", "ASYNCLINT_OUTPUT_FORMAT"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program on what `script` makes of the disk.
fn on_disk(script: &str, folder: &Path, args: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    let inner = command(folder, args);
    shell.args(["-c", script, PROGRAM]).args(inner.get_args()).current_dir(folder);
    shell.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    for (name, _) in inner.get_envs().filter(|(_, value)| value.is_none()) {
        shell.env_remove(name);
    }
    shell.stdin(Stdio::null()).output().expect("a shell")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("it is read")
}

#[test]
fn a_full_disk_leaves_files_as_they_were() {
    let folder = folder();
    let before = names(folder.path());
    let run = on_disk(REFUSES, folder.path(), FIX);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    for name in ["one.py", "other.py"] {
        assert_eq!(read(folder.path(), name), long("asyncio.sleep(1)"));
        let said = format!("error: cannot fix `{name}`: cannot write it: ");
        assert!(text(&run.stderr).contains(&said), "{}", text(&run.stderr));
        assert!(text(&run.stdout).contains(&format!("{name}:5:5: error[missing-await]")));
    }
    assert_eq!(names(folder.path()), before, "nothing is left behind");
    // Where there is room again, all is done.
    let run = command(folder.path(), FIX).output().expect("it runs");
    assert_eq!(read(folder.path(), "one.py"), long("await asyncio.sleep(1)"));
    assert!(text(&run.stdout).contains("(2 fixed, 1 remaining)"), "{}", text(&run.stdout));
}

#[test]
fn a_run_that_ends_while_it_writes_leaves_files_whole() {
    let folder = folder();
    let run = on_disk(ENDS, folder.path(), FIX);
    assert_eq!(run.status.code(), None, "the signal ended it: {}", text(&run.stderr));
    for name in ["one.py", "other.py"] {
        assert_eq!(read(folder.path(), name), long("asyncio.sleep(1)"));
    }
}

#[test]
fn a_baseline_and_a_report_are_written_whole_or_not_at_all() {
    let folder = folder();
    let calls: String = (0..50).map(|_| "f()\n").collect();
    std::fs::write(folder.path().join("calls.py"), format!("async def f(): pass\n{calls}"))
        .expect("a file");
    for (name, args) in [
        ("known.json", &["--no-cache", "--baseline", "known.json", "--update-baseline"][..]),
        ("report.txt", &["--no-cache", "-o", "report.txt"]),
    ] {
        std::fs::write(folder.path().join(name), "{\"version\":1,\"findings\":[]}")
            .expect("a file");
        let (before, old) = (names(folder.path()), read(folder.path(), name));
        let run = on_disk(REFUSES, folder.path(), args);
        assert_eq!(run.status.code(), Some(2), "{name}: {}", text(&run.stderr));
        assert_eq!(read(folder.path(), name), old, "{}", text(&run.stderr));
        assert_eq!(names(folder.path()), before, "nothing is left behind");
    }
}

#[test]
fn a_full_disk_costs_the_cache_and_no_finding() {
    let folder = folder();
    let expected = command(folder.path(), &["--no-cache"]).output().expect("it runs");
    for script in [REFUSES, ENDS] {
        let run = on_disk(script, folder.path(), &[]);
        if script == REFUSES {
            assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
            assert_eq!(
                (text(&run.stdout), text(&run.stderr)),
                (text(&expected.stdout), String::new())
            );
            let run = on_disk(script, folder.path(), &["-v"]);
            assert!(text(&run.stderr).contains("warning: cannot keep what was read: "));
        } else {
            assert_eq!(run.status.code(), None, "the signal ended it: {}", text(&run.stderr));
        }
        // What is left of the cache misleads nobody, and the one after it is whole.
        for _ in 0..2 {
            let run = command(folder.path(), &[]).output().expect("it runs");
            assert_eq!(text(&run.stdout), text(&expected.stdout));
        }
        std::fs::remove_dir_all(folder.path().join(".asynclint_cache")).expect("there is a cache");
    }
}

#[test]
fn runs_that_are_killed_or_meet_spoil_no_cache() {
    const FILES: usize = 60;
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..FILES {
        let path = folder.path().join(format!("f{number:03}.py"));
        std::fs::write(path, long("asyncio.sleep(1)")).expect("a file in it");
    }
    let expected = command(folder.path(), &["--no-cache"]).output().expect("it runs");
    assert_eq!(text(&expected.stdout).lines().count(), FILES + 2);
    let start = |args| -> Child { command(folder.path(), args).spawn().expect("it starts") };
    let cache = folder.path().join(".asynclint_cache");
    let whole = Instant::now();
    start(&[]).wait_with_output().expect("it ends");
    let whole = whole.elapsed();
    assert!(cache.exists());
    let mut states = BTreeSet::new();
    for part in 1..=12 {
        std::fs::remove_dir_all(&cache).unwrap_or_default();
        let mut child = start(&[]);
        // The last one may take as long as it likes: other work can make every run slower than the
        // one that was timed.
        if part < 12 {
            sleep(whole * part / 11);
            // It may be done already.
            drop(child.kill());
        }
        child.wait().expect("it ends");
        states.insert(cache.join("facts").exists());
        let run = command(folder.path(), &[]).output().expect("it runs");
        assert_eq!(text(&run.stdout), text(&expected.stdout), "killed after {part}/11");
        sleep(Duration::from_millis(1));
    }
    assert_eq!(states.len(), 2, "it was always killed in the same state: {states:?}");
    for _ in 0..3 {
        std::fs::remove_dir_all(&cache).unwrap_or_default();
        for child in [start(&[]), start(&[]), start(&[])] {
            let run = child.wait_with_output().expect("it ends");
            assert_eq!(text(&run.stdout), text(&expected.stdout));
        }
    }
}
