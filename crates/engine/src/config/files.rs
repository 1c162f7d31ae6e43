//! Finding and reading the files that configuration stands in.

use std::ffi::OsStr;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use super::pytest;

/// Names of config files, strongest first.
pub(super) const NAMES: [&str; 3] = [".asynclint.toml", "asynclint.toml", PYPROJECT];

/// The file in which `[tool.asynclint]` is ours.
pub(super) const PYPROJECT: &str = "pyproject.toml";

/// What shows that a folder is the root of a project.
const MARKERS: [&str; 4] = [PYPROJECT, "setup.cfg", SETUP, ".git"];

const SETUP: &str = "setup.py";

/// `path` from the root of the file system, without `.` and `..`, links left as they are.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !path.components().any(|component| component == Component::ParentDir) {
        return path;
    }
    // What `..` means after a link is known to the file system only.
    if let (Some(parent), Some(name)) = (path.parent(), path.file_name())
        && let Ok(parent) = parent.canonicalize()
    {
        return parent.join(name);
    }
    path.canonicalize().unwrap_or_else(|_| without_parents(&path))
}

/// What is left of `path` below `root`, as [`Path::strip_prefix`] gives it, sooner: thousands of
/// paths are asked, and nearly all begin with the text of their root.
pub(crate) fn below<'p>(path: &'p Path, root: &Path) -> Option<&'p Path> {
    let rest = || path.to_str()?.strip_prefix(root.to_str()?)?.strip_prefix(MAIN_SEPARATOR);
    match rest() {
        Some(rest) if !rest.is_empty() && !rest.starts_with(MAIN_SEPARATOR) => Some(rest.as_ref()),
        _ => path.strip_prefix(root).ok(),
    }
}

fn without_parents(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        if component == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(component);
        }
    }
    plain
}

/// Whether a project seems to begin at `folder`. The `setup.py` of a package is one of its modules.
pub(crate) fn is_project_root(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    let is_module = |name: &str| name == SETUP && has("__init__.py");
    MARKERS.iter().any(|marker| has(marker) && !is_module(marker))
}

/// Whether what has this name says where a project begins, or may be a config: ours or that of
/// pytest.
pub(crate) fn is_about_project(name: &OsStr) -> bool {
    NAMES.iter().chain(&MARKERS).any(|&known| name == known) || pytest::may_hold(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_what_a_path_is_without_its_root() {
        for (path, root) in [
            ("/a/b/c.py", "/a"),
            ("/a/b/c.py", "/a/b/"),
            ("/a/b/c.py", "/a/b/c.py"),
            ("/a/b/c.py", "/a/b/c"),
            ("/a//b", "/a"),
            ("/a/b", "/"),
            ("a/b", "a"),
            ("a/b", ""),
            ("a/b", "/a"),
        ] {
            let (path, root) = (Path::new(path), Path::new(root));
            assert_eq!(below(path, root), path.strip_prefix(root).ok(), "{path:?} {root:?}");
        }
    }

    #[test]
    fn absolute_paths_have_no_dots() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(absolute(Path::new(".")), here);
        assert_eq!(absolute(Path::new("./a.py")), here.join("a.py"));
        assert_eq!(absolute(Path::new("../a.py")), here.parent().unwrap().join("a.py"));
        assert_eq!(absolute(Path::new("..")), here.parent().unwrap());
        assert_eq!(absolute(Path::new("/no/such/../a.py")), Path::new("/no/a.py"));
    }
}
