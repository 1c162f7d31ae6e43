//! The folder that outlives a run of the tests, and the tools in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::{call, succeed};

/// What is taken from PyPI.
const TOOLS: &[&str] = &["check-jsonschema==0.39.0", "maturin==1.16.0", "pre-commit==4.7.0"];

/// The folder, which belongs to this process until it ends.
struct Workshop {
    folder: PathBuf,
    /// Held, so that two runs do not meet.
    _lock: File,
}

fn workshop() -> &'static Workshop {
    static WORKSHOP: OnceLock<Workshop> = OnceLock::new();
    WORKSHOP.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("install");
        fs::create_dir_all(&folder).expect("a folder for what is fetched");
        let lock = File::create(folder.join("lock")).expect("a file to lock");
        lock.lock().expect("the folder is free");
        Workshop { folder, _lock: lock }
    })
}

/// A path in the folder that outlives a run.
pub(crate) fn place(name: &str) -> PathBuf {
    workshop().folder.join(name)
}

/// An empty folder of this name.
pub(crate) fn empty_folder(name: &str) -> PathBuf {
    let folder = place(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("what an earlier run left goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The program `name` of the Python environment in `folder`.
pub(crate) fn program(folder: &Path, name: &str) -> PathBuf {
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    folder.join(programs).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// An empty Python environment of this name.
pub(crate) fn environment(name: &str) -> PathBuf {
    let folder = empty_folder(name);
    let python = if cfg!(windows) { "python" } else { "python3" };
    succeed(call(python, &folder).args(["-m", "venv", "."]));
    folder
}

/// The environment with [`TOOLS`].
fn tools() -> &'static Path {
    static TOOLS_FOLDER: OnceLock<PathBuf> = OnceLock::new();
    TOOLS_FOLDER.get_or_init(|| {
        let (folder, list) = (place("tools"), TOOLS.join("\n"));
        // Written when all is there.
        let done = place("tools.txt");
        if fs::read_to_string(&done).is_ok_and(|done| done == list) {
            return folder;
        }
        environment("tools");
        succeed(call(program(&folder, "pip"), &folder).args(["install", "-q"]).args(TOOLS));
        fs::write(&done, list).expect("a list of tools");
        folder
    })
}

/// A call of one of [`TOOLS`] in `folder`. What it builds is built as fast as can be.
pub(crate) fn tool(name: &str, folder: &Path) -> Command {
    let mut command = call(program(tools(), name), folder);
    build_fast(&mut command);
    command.env("PRE_COMMIT_HOME", place("pre-commit"));
    command
}

/// Lets whatever `command` builds be built without optimisation, and share what is built already.
pub(crate) fn build_fast(command: &mut Command) {
    command.env("CARGO_TARGET_DIR", place("cargo")).env("MATURIN_PEP517_ARGS", "--profile dev");
    for (name, value) in [("OPT_LEVEL", "0"), ("DEBUG", "0"), ("INCREMENTAL", "false")] {
        command.env(format!("CARGO_PROFILE_DEV_{name}"), value);
    }
}
