//! The folder that a case lays out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::case::{Entry, Part, Special, bytes};

/// Everything in a folder: each path with what is in the file, or what it is else.
pub(crate) type Snapshot = BTreeMap<PathBuf, Vec<u8>>;

/// A folder that goes when the case is done.
pub(crate) struct Tree {
    folder: tempfile::TempDir,
    /// What has permissions of its own, which may keep the folder from going.
    guarded: Vec<PathBuf>,
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.guarded.iter().for_each(|path| set_mode(path, 0o700));
    }
}

impl Tree {
    /// Lays out `files`.
    pub(crate) fn lay_out(files: &BTreeMap<String, Entry>) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the files");
        let mut tree = Self { folder, guarded: Vec::new() };
        for (name, entry) in files {
            let path = tree.path().join(os_string(bytes(name)));
            let parent = path.parent().expect("a path in the folder");
            fs::create_dir_all(parent).expect("folders of the case");
            match entry {
                Entry::Text(text) => write(&path, text.as_bytes()),
                Entry::Special(special) => make(&path, special),
            }
            if let Entry::Special(Special { mode: Some(mode), .. }) = entry {
                set_mode(&path, *mode);
                tree.guarded.push(path);
            }
        }
        tree
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Everything in it, to be compared with what is in it later.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut found = Snapshot::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            // A folder without permissions has nothing to compare.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (path, kind) = (entry.path(), entry.file_type().expect("a kind of file"));
                let content = if kind.is_file() {
                    fs::read(&path).unwrap_or_default()
                } else {
                    format!("{kind:?}").into_bytes()
                };
                if kind.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, content);
            }
        }
        found
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn make(path: &Path, special: &Special) {
    if let Some(text) = &special.bytes {
        write(path, &bytes(text));
    }
    if let Some(parts) = &special.parts {
        let text: String = parts
            .iter()
            .map(|part| match part {
                Part::Once(text) => text.clone(),
                Part::Times(text, times) => text.repeat(*times),
            })
            .collect();
        write(path, text.as_bytes());
    }
    if let Some((line, times)) = &special.counted {
        let lines = (0..*times)
            .map(|n| line.replace("{n}", &n.to_string()).replace("{n+1}", &(n + 1).to_string()));
        let lines: String = lines.collect();
        write(path, format!("{}{lines}{}", special.start, special.end).as_bytes());
    }
    if let Some((line, times)) = &special.nested {
        let lines = (0..*times).map(|depth| " ".repeat(depth) + line);
        let lines: String = lines.collect();
        write(path, format!("{lines}{}pass\n", " ".repeat(*times)).as_bytes());
    }
    if let Some(length) = special.random {
        let mut state: u64 = 0x2545_F491_4F6C_DD1D;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        write(path, &std::iter::repeat_with(&mut next).take(length).collect::<Vec<_>>());
    }
    if special.folder {
        fs::create_dir_all(path).expect("a folder of the case");
    }
    make_on_unix(path, special);
}

#[cfg(unix)]
fn make_on_unix(path: &Path, special: &Special) {
    if let Some(target) = &special.link {
        std::os::unix::fs::symlink(target, path).expect("a link of the case");
    }
    if special.fifo {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.is_ok_and(|status| status.success()), "a pipe of the case");
    }
}

/// Gives `path` the permissions `mode`.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, permissions).expect("permissions of the case");
}

/// Gives `path` the permissions `mode`.
#[cfg(not(unix))]
pub(crate) fn set_mode(_: &Path, _: u32) {
    panic!("the case needs unix and does not say so");
}

#[cfg(not(unix))]
fn make_on_unix(_: &Path, special: &Special) {
    let plain = special.link.is_none() && !special.fifo;
    assert!(plain, "the case needs unix and does not say so");
}

/// A file name or an argument of these bytes.
#[cfg(unix)]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// A file name or an argument of these bytes.
#[cfg(not(unix))]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8(bytes).expect("names are UTF-8 here").into()
}
