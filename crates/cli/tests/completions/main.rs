//! `asynclint completions`: the real shells read the script, and complete what is typed when tab is
//! pressed.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is typed before tab, and what is run then; first what every shell completes.
const TYPED: &[(&str, &str)] = &[
    ("asynclint chec", "check"),
    ("asynclint check --output-fo", "check --output-format"),
    ("asynclint check --output-format s", "check --output-format sarif"),
    ("asynclint check --select blocking-sl", "check --select blocking-sleep"),
    ("asynclint explain cancelled-err", "explain cancelled-error-not-raised"),
    ("asynclint completions z", "completions zsh"),
    // Names of files, as everywhere.
    ("asynclint check only-", "check only-file.py"),
];

/// A shell: how it is started, how it reads the script, and a function in it.
struct Shell {
    name: &'static str,
    args: &'static [&'static str],
    setup: &'static str,
    show: fn(&str) -> String,
    /// How many of [`TYPED`] it completes.
    completes: usize,
}

/// A function of a POSIX shell that shows what it is called with.
fn function(name: &str) -> String {
    // Written so that the line itself is not what `tab.py` looks for.
    format!("{name}() {{ printf 'ran%s%s>\\n' '<' \"$*\"; }}")
}

const SHELLS: &[Shell] = &[
    Shell {
        name: "bash",
        args: &["--norc", "--noprofile", "-i"],
        setup: "eval \"$(asynclint completions bash)\"",
        show: function,
        completes: TYPED.len(),
    },
    Shell {
        name: "zsh",
        args: &["-f", "-i"],
        setup: "autoload -Uz compinit && compinit -u; eval \"$(asynclint completions zsh)\"",
        show: function,
        completes: TYPED.len(),
    },
    Shell {
        name: "fish",
        args: &["--no-config", "-i"],
        setup: "asynclint completions fish | source",
        show: |name| format!("function {name}; printf 'ran%s%s>\\n' '<' \"$argv\"; end"),
        completes: TYPED.len(),
    },
    Shell {
        name: "elvish",
        args: &["-norc"],
        setup: "eval (asynclint completions elvish | slurp)",
        show: |name| {
            format!("fn {name} {{|@a| print 'ran'; print '<'; print (echo $@a); print '>' }}")
        },
        completes: 2,
    },
];

/// A call in an empty environment that finds the program.
fn call(program: &str, folder: &Path) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_asynclint")).parent().expect("a folder");
    let path = std::env::var("PATH").expect("a path");
    let mut command = Command::new(program);
    command.env_clear().env("PATH", format!("{}:{path}", own.display()));
    command.env("HOME", folder).env("TERM", "xterm").env("LC_ALL", "C.UTF-8").current_dir(folder);
    command
}

/// Whether there is such a program. If not, those who run the tests are to know.
fn is_here(name: &str, folder: &Path) -> bool {
    let is_here = call(name, folder).arg("--version").stdin(Stdio::null()).output().is_ok();
    if !is_here {
        let note = format!("\nNOT TESTED: there is no {name} here to try its completions in\n");
        // Not by the macro, whose output the test harness keeps to itself.
        drop(std::io::stderr().write_all(note.as_bytes()));
    }
    is_here
}

#[test]
fn shells_complete_commands_flags_and_values() {
    for shell in SHELLS {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        fs::write(folder.join("only-file.py"), "").expect("a file");
        if shell.name != "bash" && !is_here(shell.name, folder) {
            continue;
        }
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/completions/tab.py");
        let mut tab = call("python3", folder);
        tab.arg(driver).arg(shell.name).args(shell.args);
        let mut tab = tab
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3");
        let functions = ["asynclint", "probe"].map(shell.show).join("; ");
        let lines: Vec<_> = TYPED[..shell.completes].iter().map(|(typed, _)| *typed).collect();
        let input = format!("{}; {functions}\n{}\n", shell.setup, lines.join("\n"));
        let mut stdin = tab.stdin.take().expect("a pipe");
        stdin.write_all(input.as_bytes()).expect("it reads");
        drop(stdin);
        let output = tab.wait_with_output().expect("it ends");
        let shown = String::from_utf8_lossy(&output.stdout);
        let ran: Vec<_> = shown.lines().map(str::trim).collect();
        let expected: Vec<_> = TYPED[..shell.completes].iter().map(|(_, ran)| *ran).collect();
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert_eq!(ran, expected, "{}: {trouble}", shell.name);
    }
}

#[test]
fn the_page_says_what_the_shells_are_given() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/installing.md");
    let page = fs::read_to_string(page).expect("the page").replace("\\|", "|");
    for Shell { name, setup, .. } in SHELLS {
        let row = page.lines().find(|line| line.starts_with(&format!("| {name} |")));
        let line = row.and_then(|row| row.rsplit('`').nth(1)).expect("a line to write");
        assert!(setup.ends_with(line), "{name} is tested with {setup}");
    }
}

#[test]
fn powershell_gets_every_command_and_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = |args: &[&str]| {
        let output = call("asynclint", folder.path()).args(args).output().expect("the program");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let script = written(&["completions", "powershell"]);
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName 'asynclint'"));
    let help = written(&["check", "--help"]);
    let flags = help.split_whitespace().filter(|word| word.starts_with("--"));
    for flag in flags.map(|word| word.trim_end_matches([',', '[', '.'])) {
        let flag = flag.split(['[', '=']).next().unwrap_or_default();
        let is_word =
            flag.len() > 2 && flag[2..].chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(!is_word || script.contains(&format!("'{flag}'")), "no {flag}");
    }
}
