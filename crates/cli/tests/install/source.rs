//! The source as users get it: a repository to clone, and the archive that is published.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use crate::program::{call, succeed};
use crate::workshop::{empty_folder, place, tool};

/// Held while something is built.
pub(crate) static BUILD: Mutex<()> = Mutex::new(());

/// The top of the repository that is tested.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the crate lies in the repository")
}

/// The files below the root that git has or would add, with forward slashes.
fn files() -> Vec<String> {
    let list = succeed(call("git", &root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    let mut files: Vec<_> = list.split_terminator('\0').map(str::to_owned).collect();
    // One that was deleted is listed until that is committed.
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    files
}

/// A repository whose only commit has the files of the working copy, and that commit. Same files,
/// same commit, so that pre-commit knows it again.
pub(crate) fn repository() -> &'static (PathBuf, String) {
    static REPOSITORY: OnceLock<(PathBuf, String)> = OnceLock::new();
    REPOSITORY.get_or_init(|| {
        let folder = empty_folder("repository");
        for file in files() {
            let to = folder.join(&file);
            fs::create_dir_all(to.parent().expect("a folder above")).expect("folders");
            fs::copy(root().join(&file), &to).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
        let commit = commit_all(&folder);
        (folder, commit)
    })
}

/// Makes `folder` a repository and commits what is in it. Gives the commit.
pub(crate) fn commit_all(folder: &Path) -> String {
    succeed(call("git", folder).args(["init", "-q", "-b", "main"]));
    // What is ignored here was committed in spite of that.
    succeed(call("git", folder).args(["add", "-A", "-f"]));
    succeed(call("git", folder).args(["commit", "-q", "-m", "All files"]));
    succeed(call("git", folder).args(["rev-parse", "HEAD"])).trim().to_owned()
}

/// The archive that maturin makes for PyPI, unpacked. The folder is the same for every run, and a
/// file that is as before is not touched, so that Cargo builds anew only what changed.
pub(crate) fn archive() -> &'static Path {
    static ARCHIVE: OnceLock<PathBuf> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let packed = empty_folder("packed");
        let to = packed.to_string_lossy().into_owned();
        succeed(tool("maturin", &repository().0).args(["sdist", "--out", &to]));
        let archives = children(&packed);
        let [archive] = &archives[..] else { panic!("not one archive: {archives:?}") };
        succeed(call("tar", &packed).arg("-xzf").arg(archive));
        let unpacked = archive.to_string_lossy().replace(".tar.gz", "");
        let folder = place("archive");
        mirror(Path::new(&unpacked), &folder);
        folder
    })
}

/// Makes `to` like `from`, and leaves alone what is so already.
fn mirror(from: &Path, to: &Path) {
    if !from.is_dir() {
        let text = fs::read(from).expect("a file");
        if fs::read(to).ok().as_ref() != Some(&text) {
            fs::write(to, text).expect("a file is written");
        }
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for path in children(from) {
        mirror(&path, &to.join(path.file_name().expect("a name")));
    }
    for path in children(to) {
        if !from.join(path.file_name().expect("a name")).exists() {
            let gone =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            gone.expect("what is no longer there goes");
        }
    }
}

/// The paths in `folder`, sorted.
pub(crate) fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The wheel that pip builds from the archive, in a folder of its own.
pub(crate) fn wheel() -> &'static Path {
    static WHEEL: OnceLock<PathBuf> = OnceLock::new();
    WHEEL.get_or_init(|| {
        let source = archive();
        let _guard = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = empty_folder("wheel");
        let mut pip = tool("pip", source);
        succeed(pip.args(["wheel", "-q", "--no-deps", "--wheel-dir"]).arg(&folder).arg("."));
        let wheels = children(&folder);
        assert_eq!(wheels.len(), 1, "{wheels:?}");
        folder
    })
}
