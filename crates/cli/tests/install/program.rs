//! Programs that are run, and what they leave behind.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit code; `None` where a signal ended it.
    pub(crate) exit: Option<i32>,
    /// Standard output, then standard error.
    pub(crate) output: String,
}

impl Outcome {
    /// Whether it ended with 0.
    pub(crate) fn is_success(&self) -> bool {
        self.exit == Some(0)
    }
}

/// A call of `program` in `folder` that reads no configuration of the user and asks nothing.
pub(crate) fn call(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    // Set where the tests run in a hook of git, and then of another repository.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    // Commits are the same whoever makes them, and whenever.
    command.env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "asynclint");
        command.env(format!("GIT_{role}_EMAIL"), "asynclint@example.org");
        command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00+0000");
    }
    // Neither the settings of the tests nor those of the user change what asynclint says.
    for name in ["ASYNCLINT_CONFIG", "ASYNCLINT_OUTPUT_FORMAT", "VIRTUAL_ENV", "CONDA_PREFIX"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    command
}

/// Runs `command` to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let output = command.output().unwrap_or_else(|error| {
        panic!("cannot run {}, which these tests need: {error}", command.get_program().display())
    });
    let text = [output.stdout, output.stderr].concat();
    Outcome { exit: output.status.code(), output: String::from_utf8_lossy(&text).replace('\r', "") }
}

/// Runs `command`, which is to succeed, and gives its output.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> String {
    let outcome = run(command);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    assert!(
        outcome.is_success(),
        "`{}` failed with {:?} (if it fetches something: is PyPI within reach?)\n{}",
        words.join(" "),
        outcome.exit,
        outcome.output
    );
    outcome.output
}
