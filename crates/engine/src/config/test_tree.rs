//! Folders of files for the tests of this crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is gone when the test is over.
pub(crate) struct Tree(PathBuf);

impl Tree {
    /// A new folder with these files in it, each a path and its text. It is the top of a
    /// repository, so that what stands above it does not matter.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("asynclint-{}-{count}", std::process::id());
        let tree = Self(std::env::temp_dir().canonicalize().unwrap().join(name));
        fs::create_dir_all(tree.path(".git")).unwrap();
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// The path of `name` in this folder; of the folder itself for an empty name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.clone() } else { self.0.join(name) }
    }

    /// Writes a file, and the folders that it stands in.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes `link` point to `target`.
    #[cfg(unix)]
    pub(crate) fn link(&self, target: &str, link: &str) {
        std::os::unix::fs::symlink(target, self.path(link)).unwrap();
    }

    /// `path` as it is called in this folder.
    pub(crate) fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.0).unwrap_or(path).to_string_lossy().into_owned()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
