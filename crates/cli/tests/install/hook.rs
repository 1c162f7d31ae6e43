//! The hook of `.pre-commit-hooks.yaml`, as pre-commit runs it when something is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::{Outcome, call, run, succeed};
use crate::source::{BUILD, children, commit_all, repository, root, wheel};
use crate::workshop::{build_fast, empty_folder, place, tool};

const SLEEPS: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";
const WAITS: &str = "import asyncio\n\n\nasync def main():\n    await asyncio.sleep(1)\n";

/// What `.pre-commit-config.yaml` says, with `more` below the hook.
fn config(source: &Path, rev: &str, more: &str) -> String {
    let source = source.display();
    format!(
        "repos:\n  - repo: '{source}'\n    rev: {rev}\n    hooks:\n      - id: asynclint\n{more}"
    )
}

/// Lets pre-commit install the hook from the repository, once for the same files.
fn install_hook() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let (source, commit) = repository();
        let (folder, done) = (place("project"), place("hook.txt"));
        if fs::read_to_string(&done).is_ok_and(|done| done == *commit) {
            return;
        }
        let _guard = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        forget_own_crates();
        // This project stays, so that pre-commit knows which environment is in use.
        empty_folder("project");
        succeed(call("git", &folder).args(["init", "-q"]));
        fs::write(folder.join(".pre-commit-config.yaml"), config(source, commit, ""))
            .expect("a config");
        succeed(tool("pre-commit", &folder).arg("install-hooks"));
        succeed(tool("pre-commit", &folder).arg("gc"));
        fs::write(&done, commit).expect("a note of what is installed");
    });
}

/// Takes our own crates out of what was built: pre-commit clones to another folder each time, for
/// which Cargo would keep them all once more.
fn forget_own_crates() {
    for folder in ["deps", ".fingerprint", "incremental"] {
        for path in children(&place("cargo").join("debug").join(folder)) {
            if !path.file_name().is_some_and(|name| name.to_string_lossy().contains("asynclint")) {
                continue;
            }
            let gone =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            gone.expect("what was built goes");
        }
    }
}

/// A project whose commits the hook checks.
struct Project {
    folder: PathBuf,
}

impl Project {
    /// A new one of this name, whose config has `more` below the hook.
    fn new(name: &str, more: &str) -> Self {
        install_hook();
        let (source, commit) = repository();
        Self::with_config(name, &config(source, commit, more))
    }

    /// One with this config of pre-commit.
    fn with_config(name: &str, config: &str) -> Self {
        let project = Self { folder: empty_folder(name) };
        succeed(project.git().args(["init", "-q", "-b", "main"]));
        project.write(".pre-commit-config.yaml", config);
        succeed(tool("pre-commit", &project.folder).arg("install"));
        project
    }

    fn git(&self) -> Command {
        let mut git = call("git", &self.folder);
        git.env("PRE_COMMIT_HOME", place("pre-commit"));
        build_fast(&mut git);
        git
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a file")
    }

    /// Adds every file and commits.
    fn commit(&self) -> Outcome {
        succeed(self.git().args(["add", "-A"]));
        run(self.git().args(["commit", "-q", "-m", "Work"]))
    }

    /// Commits without the hook.
    fn commit_unchecked(&self) {
        succeed(self.git().args(["add", "-A"]));
        succeed(self.git().args(["commit", "-q", "--no-verify", "-m", "Before"]));
    }

    /// How many commits there are.
    fn commits(&self) -> usize {
        let log = run(self.git().args(["rev-list", "--all"])).output;
        log.lines().count()
    }
}

/// Checks that the commit was stopped by the hook, which showed all of `texts`.
#[track_caller]
fn assert_blocked(outcome: &Outcome, texts: &[&str]) {
    assert_eq!(outcome.exit, Some(1), "{}", outcome.output);
    for text in texts {
        assert!(outcome.output.contains(text), "{text:?} is not in\n{}", outcome.output);
    }
}

#[test]
fn the_manifest_is_one() {
    let manifest = root().join(".pre-commit-hooks.yaml");
    succeed(tool("pre-commit", &root()).arg("validate-manifest").arg(manifest));
}

#[test]
fn a_finding_blocks_the_commit_and_its_repair_lets_it_pass() {
    let project = Project::new("blocked", "");
    project.write("app.py", SLEEPS);
    assert_blocked(
        &project.commit(),
        &[
            "Failed",
            "error[blocking-sleep]: `time.sleep` blocks the event loop in coroutine `main`",
            " --> app.py:5:5",
            "Found 1 error.",
        ],
    );
    assert_eq!(project.commits(), 0);
    project.write("app.py", WAITS);
    let outcome = project.commit();
    assert!(outcome.is_success(), "{}", outcome.output);
    assert!(outcome.output.contains("Passed"), "{}", outcome.output);
    assert_eq!(project.commits(), 1);
}

#[test]
fn files_that_are_no_python_do_not_call_the_hook() {
    let project = Project::new("other-files", "");
    project.write("README.md", "# Nothing\n");
    let outcome = project.commit();
    assert!(outcome.is_success(), "{}", outcome.output);
    assert!(outcome.output.contains("(no files to check)Skipped"), "{}", outcome.output);
}

#[test]
fn excluded_files_pass_though_pre_commit_names_them() {
    let project = Project::new("excluded", "");
    project.write("asynclint.toml", "extend-exclude = ['generated']\n");
    project.write("generated/app.py", SLEEPS);
    project.write("app.py", WAITS);
    let outcome = project.commit();
    assert!(outcome.is_success(), "{}", outcome.output);
    assert_eq!(project.commits(), 1);
}

#[test]
fn fixes_are_made_and_the_commit_waits_for_them() {
    let project = Project::new("fixed", "        args: [--fix, --unsafe-fixes]\n");
    project.write("app.py", SLEEPS);
    let outcome = project.commit();
    assert_blocked(&outcome, &["files were modified by this hook", "1 fixed"]);
    assert_eq!(project.commits(), 0);
    assert!(project.read("app.py").contains("    await asyncio.sleep(1)\n"));
    let outcome = project.commit();
    assert!(outcome.is_success(), "{}", outcome.output);
    assert_eq!(project.commits(), 1);
}

#[test]
fn evidence_in_files_that_are_not_committed_counts() {
    let project = Project::new("partial", "");
    project.write("shop/__init__.py", "");
    project.write("shop/retry.py", "import time\n\n\ndef pause():\n    time.sleep(1)\n");
    project.write("shop/store.py", "class Store:\n    async def save(self):\n        pass\n");
    project.commit_unchecked();
    project.write(
        "shop/orders.py",
        "from shop.retry import pause\nfrom shop.store import Store\n\n\n\
         async def place(store: Store):\n    pause()\n    store.save()\n",
    );
    let outcome = project.commit();
    assert_blocked(
        &outcome,
        &[
            "error[blocking-sleep]: ",
            " --> shop/orders.py:6:5",
            "shop/retry.py:5:5",
            "error[missing-await]: ",
            " --> shop/orders.py:7:",
            "shop/store.py:2:15",
            "Found 2 errors.",
        ],
    );
    assert_eq!(project.commits(), 1);
}

/// The repository of docs/pre-commit.md, whose only content is that it depends on the wheel.
#[test]
fn a_mirror_installs_the_wheel() {
    let page = fs::read_to_string(root().join("docs/pre-commit.md")).expect("the page");
    let (_, rest) = page.split_once("```toml\n").expect("the page shows the package");
    let (package, _) = rest.split_once("```").expect("the package ends");
    let source = empty_folder("mirror");
    fs::write(source.join("pyproject.toml"), package).expect("a file");
    let hooks = ".pre-commit-hooks.yaml";
    fs::copy(root().join(hooks), source.join(hooks)).expect("a file");
    commit_all(&source);
    succeed(call("git", &source).args(["tag", "v0.1.0"]));

    for (number, block) in (1..).zip(page.split("```yaml\n").skip(1)) {
        let (example, _) = block.split_once("```").expect("the example ends");
        let repository = example.split("repo: ").nth(1).and_then(|rest| rest.lines().next());
        let here = format!("'{}'", source.display());
        let config = example.replace(repository.expect("an address"), &here);
        let project = Project::with_config(&format!("mirrored-{number}"), &config);
        project.write("app.py", SLEEPS);
        let mut git = project.git();
        git.env("PIP_FIND_LINKS", wheel()).env("PRE_COMMIT_HOME", source.join(".cache"));
        succeed(project.git().args(["add", "-A"]));
        let outcome = run(git.args(["commit", "-q", "-m", "Work"]));
        let text = if number == 1 { "error[blocking-sleep]: " } else { "1 fixed" };
        assert_blocked(&outcome, &[text]);
    }
}
