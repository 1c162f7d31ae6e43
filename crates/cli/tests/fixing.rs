//! What fixes do to files on disk, where more than the program takes part.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A file whose fix needs more than a block of any disk.
const LONG: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn asynclint(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.env("ASYNCLINT_NO_CACHE", "1");
    command.arg("check").args(args).current_dir(folder).output().expect("the program runs")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is read").flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn git_takes_the_diff_and_makes_what_fix_makes() {
    let files: [(&str, &str); 6] = [
        ("plain.py", LONG),
        ("with blank.py", LONG),
        ("caf\u{e9} \"q\".py", LONG),
        ("sub/no_end.py", "import time\nasync def main():\n    time.sleep(1)"),
        ("crlf.py", "import time\r\nasync def main():\r\n    time.sleep(1)\r\n"),
        ("cr.py", "import time\rasync def main():\r    time.sleep(1)\r"),
    ];
    let [by_git, by_us] = [folder(), folder()];
    for folder in [&by_git, &by_us] {
        std::fs::create_dir(folder.path().join("sub")).expect("a folder in it");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file in it");
        }
    }
    let diff = asynclint(by_git.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(diff.status.code(), Some(1));
    let mut git = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(&by_git)
        .env("GIT_CEILING_DIRECTORIES", by_git.path())
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    std::io::Write::write_all(&mut git.stdin.take().expect("its input"), &diff.stdout)
        .expect("it takes the diff");
    assert!(git.wait().expect("it ends").success(), "{}", String::from_utf8_lossy(&diff.stdout));

    assert_eq!(asynclint(by_us.path(), &["--fix", "--unsafe-fixes"]).status.code(), Some(0));
    for (name, before) in files {
        let [git, us] = [&by_git, &by_us].map(|it| std::fs::read(it.path().join(name)));
        let (git, us) = (git.expect("it is there"), us.expect("it is there"));
        assert_eq!(String::from_utf8_lossy(&git), String::from_utf8_lossy(&us), "{name}");
        assert_ne!(us, before.as_bytes(), "{name} is fixed");
    }
}

/// A limit on the size of files stands for a disk without room: the write fails in the same place.
#[test]
fn a_full_disk_loses_nothing() {
    let folder = folder();
    let text = format!("{LONG}{}", "# filler\n".repeat(2000));
    std::fs::write(folder.path().join("a.py"), &text).expect("a file in it");
    let program = env!("CARGO_BIN_EXE_asynclint");
    let call = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{program}' check a.py --fix --unsafe-fixes \
         --output-format concise"
    );
    let output = Command::new("sh")
        .args(["-c", &call])
        .env("ASYNCLINT_NO_CACHE", "1")
        .current_dir(&folder)
        .output();
    let output = output.expect("a shell");
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    assert_eq!(output.status.code(), Some(2), "{stdout}{stderr}");
    assert!(stderr.starts_with("error: cannot fix `a.py`: cannot write it: "), "{stderr}");
    assert!(stdout.starts_with("a.py:5:5: error[blocking-sleep] [*] "), "{stdout}");
    assert!(stdout.contains("Found 1 error.\n"), "{stdout}");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.py")).unwrap(), text);
    assert_eq!(names(folder.path()), ["a.py"]);
}

#[test]
fn a_folder_that_takes_no_file_is_told_of() {
    let folder = folder();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).expect("a folder in it");
    std::fs::write(closed.join("a.py"), LONG).expect("a file in it");
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&closed, mode(0o555)).expect("its mode");
    // No permission stops some users.
    let is_stopped = std::fs::write(closed.join("probe"), "").is_err();
    let output = asynclint(folder.path(), &["closed/a.py", "--fix", "--unsafe-fixes"]);
    std::fs::set_permissions(&closed, mode(0o755)).expect("its mode");
    let text = std::fs::read_to_string(closed.join("a.py")).expect("it is there");
    if is_stopped {
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        let expected = "error: cannot fix `closed/a.py`: cannot write it: permission denied\n";
        assert_eq!((stderr.as_str(), text.as_str()), (expected, LONG));
    } else {
        assert_eq!(output.status.code(), Some(0));
    }
}

/// A program gets every byte of a diff, and a terminal none that acts on it.
#[test]
fn a_terminal_is_not_moved_by_what_a_diff_quotes() {
    const SOURCE: &str =
        "import time\nasync def main():\n    time.sleep(\"\x1b]0;x\x07\")  # \u{202e}\n";
    let folder = folder();
    std::fs::write(folder.path().join("a.py"), SOURCE).expect("a file in it");
    let diff = asynclint(folder.path(), &["--diff", "--unsafe-fixes"]);
    let diff = String::from_utf8(diff.stdout).expect("output is UTF-8");
    assert!(diff.contains("\n-    time.sleep(\"\x1b]0;x\x07\")  # \u{202e}\n"), "{diff:?}");
    let program = env!("CARGO_BIN_EXE_asynclint");
    for args in [&["--diff"][..], &["-", "--fix", "--stdin-filename", "a.py"]] {
        let mut terminal = Command::new("python3");
        terminal.args(["-c", "import pty, sys; pty.spawn(sys.argv[1:])", "sh", "-c"]);
        terminal.args(["exec \"$0\" \"$@\" < a.py", program, "check", "--unsafe-fixes"]);
        terminal.args(args).current_dir(folder.path()).stdin(Stdio::null());
        terminal.env("ASYNCLINT_NO_CACHE", "1").env("NO_COLOR", "1");
        let shown = terminal.output().expect("CPython is installed as python3").stdout;
        let shown = String::from_utf8(shown).expect("output is UTF-8");
        assert!(shown.contains("sleep(\"␛]0;x␇\")  # \u{fffd}"), "{args:?}: {shown:?}");
        let acts = |c: char| (c.is_control() && !matches!(c, '\r' | '\n')) || c == '\u{202e}';
        assert!(!shown.chars().any(acts), "{args:?}: {shown:?}");
    }
}
