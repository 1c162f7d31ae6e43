//! Paths that mean the same file tomorrow and on another machine.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// The folder that paths count from in what outlives the run: reports that a server keeps,
/// fingerprints, baselines. It is the repository, where there is one. The default leaves relative
/// paths relative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    folder: PathBuf,
    here: PathBuf,
    climbs: bool,
}

impl Root {
    /// Counts from `folder`, for paths that are relative to `here`. Both are absolute.
    pub fn new(folder: impl Into<PathBuf>, here: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), here: here.into(), climbs: false }
    }

    /// As [`Root::new`], and what lies elsewhere is reached by way of `..`: for a file that moves
    /// together with all that it names.
    pub fn climbing(folder: impl Into<PathBuf>, here: impl Into<PathBuf>) -> Self {
        Self { climbs: true, ..Self::new(folder, here) }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `path` below the folder, without `.` and `..`; what lies elsewhere stays absolute. The file
    /// system is not asked.
    pub fn relative(&self, path: &Path) -> PathBuf {
        let path = plain(&self.here.join(path));
        match path.strip_prefix(&self.folder) {
            Ok(below) => below.to_owned(),
            Err(_) if self.climbs => climb(&self.folder, &path),
            Err(_) => path,
        }
    }

    /// [`Root::relative`] as [`path_text`].
    pub fn text(&self, path: &Path) -> String {
        path_text(&self.relative(path)).into_owned()
    }
}

/// The way from `folder` to `path`; `path` itself where they have nothing in common.
fn climb(folder: &Path, path: &Path) -> PathBuf {
    let shared = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return path.to_owned();
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

/// A path with forward slashes as a string that is itself not made safe to show: only bytes that
/// are not UTF-8 are spelled `\xff`.
pub fn path_text(path: &Path) -> Cow<'_, str> {
    let text = match path.to_str() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(lossless(path.as_os_str().as_encoded_bytes())),
    };
    // Elsewhere a backslash is a character like any other.
    if cfg!(windows) && text.contains('\\') { Cow::Owned(text.replace('\\', "/")) } else { text }
}

fn lossless(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_stay_readable() {
        assert_eq!(lossless(b"caf\xe9/\xff\xfea.py"), "caf\\xe9/\\xff\\xfea.py");
    }

    #[cfg(windows)]
    #[test]
    fn slashes_lean_forward() {
        assert_eq!(path_text(Path::new(r"a\b.py")), "a/b.py");
    }

    #[cfg(unix)]
    #[test]
    fn paths_count_from_the_folder_whatever_they_were_called() {
        let root = Root::new("/work/shop", "/work/shop/src");
        for path in ["app.py", "./app.py", "../src/app.py", "x/../app.py", "/work/shop/src/app.py"]
        {
            assert_eq!(root.text(Path::new(path)), "src/app.py", "{path}");
        }
        assert_eq!(root.text(Path::new("../setup.py")), "setup.py");
        assert_eq!(root.text(Path::new("../../other/a.py")), "/work/other/a.py");
        assert_eq!(root.text(Path::new("../../shopping.py")), "/work/shopping.py");
        let root = Root::climbing("/work/shop/ci", "/work/shop/src");
        for (path, text) in
            [("a.py", "../src/a.py"), ("../ci/b.py", "b.py"), ("/x.py", "../../../x.py")]
        {
            assert_eq!(root.text(Path::new(path)), text);
        }
    }
}
