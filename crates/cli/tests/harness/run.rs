//! One call of the program.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::case::{Run, bytes};
use super::tree::{Tree, os_string};

/// What a call left behind.
pub(crate) struct Outcome {
    /// The exit code; `None` where a signal or the clock ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Calls the program in `tree`.
pub(crate) fn run(run: &Run, tree: &Tree) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.args(run.args.iter().map(|arg| os_string(bytes(arg))));
    command.current_dir(tree.path().join(&run.folder));
    command.env_clear().env("HOME", tree.path());
    for name in ["PATH", "SystemRoot"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    // What a case writes is compared; those about the cache switch it on.
    command.env("ASYNCLINT_NO_CACHE", "1");
    command.envs(&run.env);
    command.stdin(match &run.stdin {
        Some(file) => Stdio::from(File::open(tree.path().join(file)).expect("standard input")),
        None => Stdio::null(),
    });
    command.stdout(match &run.stdout_to {
        Some(file) => Stdio::from(File::create(file).expect("a file for standard output")),
        None => Stdio::piped(),
    });
    command.stderr(Stdio::piped());

    let mut child = command.spawn().expect("the program starts");
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let lines = run.reads;
    let stdout = thread::spawn(move || stdout.map_or(String::new(), |pipe| read(pipe, lines)));
    let stderr = thread::spawn(move || stderr.map_or(String::new(), |pipe| read(pipe, None)));
    let started = Instant::now();
    let status = loop {
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => break Some(status),
            None if started.elapsed() > Duration::from_secs(run.seconds) => {
                child.kill().expect("the program can be stopped");
                child.wait().expect("the program has stopped");
                break None;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    Outcome {
        exit: status.and_then(|status| status.code()),
        stdout: stdout.join().expect("standard output is read"),
        stderr: stderr.join().expect("standard error is read"),
    }
}

/// All of `pipe`, or its first `lines`, after which it is closed.
fn read(pipe: impl Read, lines: Option<usize>) -> String {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    match lines {
        None => drop(pipe.read_to_end(&mut bytes)),
        Some(lines) => (0..lines).for_each(|_| drop(pipe.read_until(b'\n', &mut bytes))),
    }
    String::from_utf8(bytes).expect("output is UTF-8")
}
