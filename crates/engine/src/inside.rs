//! What lies inside a project, and what only seems to.

use std::path::{Path, PathBuf};

/// Whether the file at `path` lies below one of `folders` when every link is followed. It need not
/// be there, but the folder that it is to be in.
pub(crate) fn is_inside(path: &Path, folders: &[&Path]) -> bool {
    let Some(real) = real(path) else { return false };
    folders.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)))
}

fn real(path: &Path) -> Option<PathBuf> {
    // A link to nowhere would be written through.
    if path.is_symlink() || path.exists() {
        return path.canonicalize().ok();
    }
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_and_dots_lead_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("in")).expect("a folder in it");
        std::fs::write(at("out.py"), "").expect("a file");
        std::fs::write(at("in/own.py"), "").expect("a file");
        for (target, link) in
            [("../out.py", "in/a.py"), ("own.py", "in/b.py"), ("../no.py", "in/c.py")]
        {
            std::os::unix::fs::symlink(target, at(link)).expect("a link");
        }
        let inside = ["in/own.py", "in/new.py", "in/b.py"];
        let outside = ["out.py", "in/a.py", "in/c.py", "in/../new.py", "no/../in/own.py"];
        assert!(inside.iter().all(|name| is_inside(&at(name), &[&at("in")])));
        assert!(!outside.iter().any(|name| is_inside(&at(name), &[&at("in")])));
    }
}
