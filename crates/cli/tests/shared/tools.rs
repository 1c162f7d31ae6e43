//! Programs of others that tests run: found on the path, or else laid out below target/ from their
//! registry. Nothing is installed on the machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of others.
pub(crate) struct Program {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The folder that stands for `/` where it was laid out below target/.
    pub(crate) root: Option<PathBuf>,
}

impl Program {
    /// A call of it, with an empty environment but for the path.
    pub(crate) fn command(&self) -> Command {
        let own = Path::new(env!("CARGO_BIN_EXE_asynclint")).parent().expect("a folder");
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = [own.to_owned()].into_iter().chain(std::env::split_paths(&others));
        let mut command = Command::new(&self.path);
        command.env_clear().env("PATH", std::env::join_paths(folders).expect("a path"));
        command.env("LC_ALL", "C.UTF-8");
        if let Some(root) = &self.root {
            command.env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"));
        }
        command
    }
}

/// One of the programs `names`, or where none is on the path, that of the Debian package `package`.
/// Where neither is to be had this says so and gives `None`: the test is skipped then.
pub(crate) fn debian(names: &[&str], package: &str) -> Option<Program> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = |folders: &[PathBuf]| {
        let paths = names.iter().flat_map(|name| folders.iter().map(move |at| at.join(name)));
        paths.into_iter().find(|path| path.is_file())
    };
    if let Some(path) = found(&folders) {
        return Some(Program { path, root: None });
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debian").join(package);
    if !root.is_dir()
        && let Err(reason) = lay_out(package, &root)
    {
        skip(package, &reason);
        return None;
    }
    let path = found(&[root.join("usr/bin")]).expect("the package has the program");
    Some(Program { path, root: Some(root) })
}

/// Unpacks a Debian package and what it needs into `root`, all or nothing.
fn lay_out(package: &str, root: &Path) -> Result<(), String> {
    let parent = root.parent().expect("a folder of folders");
    std::fs::create_dir_all(parent).expect("a folder below target");
    let draft = tempfile::tempdir_in(parent).expect("a folder in it");
    let script = "set -e
        names() { apt-get install -s --no-install-recommends \"$1\" | awk '/^Inst/ {print $2}'; }
        list=$(names \"$1\") && test -n \"$list\" || { apt-get update; list=$(names \"$1\"); }
        apt-get download $list
        for file in *.deb; do dpkg -x \"$file\" root; rm \"$file\"; done";
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", script, "sh", package]).current_dir(&draft).output();
    match shell {
        Ok(output) if output.status.success() => {
            // Another run may have been faster.
            drop(std::fs::rename(draft.path().join("root"), root));
            Ok(())
        }
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Says that a test is not run, past the test runner, which swallows what tests print.
pub(crate) fn skip(what: &str, reason: &str) {
    let text = format!("\nSKIPPED 1 test: no {what} here: {reason}\n");
    std::io::stderr().write_all(text.as_bytes()).expect("standard error");
}
