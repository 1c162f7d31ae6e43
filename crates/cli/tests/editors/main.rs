//! The recipes of docs/editors.md, taken from the page and run in the real editors.

#[path = "../shared/mod.rs"]
mod shared;

mod emacs;
mod helix;
mod neovim;
mod patterns;
mod vim;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use shared::page;

/// A class in a file of its own, which a checked file can only know from the project.
const REPO: &str = "class Repo:\n    async def save(self) -> None: ...\n";
/// Nothing to find.
const CLEAN: &str = "from repo import Repo\n\n\nasync def main(repo: Repo):\n    pass\n";
/// A coroutine that is dropped, behind a letter of two bytes, and a sleep, which is a note here.
const DIRTY: &str = "import time\nfrom repo import Repo\n\n\nasync def main(repo: Repo):\n    \
                     x = \"ü\"; repo.save()\n    time.sleep(1)\n";

/// The one block of code in `language` below the heading `editor`.
fn recipe(editor: &str, language: &str) -> String {
    let page = page::read("docs/editors.md");
    let blocks = page::blocks(page::section(&page, editor), language);
    assert_eq!(blocks.len(), 1, "{editor}: {language}");
    blocks[0].to_owned()
}

/// A project with a blank in its path, and a home for the editor beside it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(app: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a folder") };
        desk.put("my project/repo.py", REPO);
        desk.put("my project/app.py", app);
        desk.put("my project/asynclint.toml", "lints.blocking-sleep = 'note'\n");
        desk.put("home/.keep", "");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    }

    fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn project(&self) -> PathBuf {
        self.path("my project")
    }
}

/// Runs an editor to its end, which must come within two minutes and be a good one.
fn run(command: &mut Command, home: &Path) {
    command.env("HOME", home).stdin(std::process::Stdio::null());
    let stderr = tempfile::NamedTempFile::new().expect("a file for what it says");
    command.stderr(stderr.reopen().expect("that file")).stdout(std::process::Stdio::null());
    let mut child = command.spawn().expect("the editor starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the editor can be waited for") {
            break Some(status);
        }
        if started.elapsed() > Duration::from_mins(2) {
            child.kill().expect("the editor can be stopped");
            child.wait().expect("the editor has stopped");
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let said = std::fs::read_to_string(stderr.path()).unwrap_or_default();
    assert!(status.is_some_and(|status| status.success()), "{status:?}\n{said}");
}
