//! Where the file of a cache lies, and making the folder for it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use xxhash_rust::xxh3::xxh3_64;

use super::Caching;
use super::stamp::inode;

/// The folder at the root of a project.
pub(super) const NAME: &str = ".asynclint_cache";

/// The file in it.
pub(super) const FILE: &str = "facts";

/// The file beside it that has what a walk found.
pub(super) const WALK: &str = "walk";

/// Tells backups that they need not keep the folder.
pub(super) const TAG: &str = "CACHEDIR.TAG";

const TAG_TEXT: &str = "\
Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag that asynclint has made.
# It is described at https://bford.info/cachedir/
";

/// What files in work are called first.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// A folder that holds caches.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// What has the facts of files.
    pub(super) file: PathBuf,
    /// What has their names.
    pub(super) walk: PathBuf,
    /// Whether it belongs to the project, as whatever else is checked out with it does.
    pub(super) is_beside: bool,
}

impl Folder {
    /// The folder and file for the project at `root`.
    pub(super) fn of(caching: &Caching, root: &Path) -> Option<Self> {
        match caching {
            Caching::Off => None,
            Caching::Beside => {
                let path = root.join(NAME);
                let (file, walk) = (path.join(FILE), path.join(WALK));
                Some(Self { path, file, walk, is_beside: true })
            }
            Caching::In(path) => {
                let path = crate::config::absolute(path);
                let own = xxh3_64(root.as_os_str().as_encoded_bytes());
                let [file, walk] = [FILE, WALK].map(|it| path.join(format!("{own:016x}.{it}")));
                Some(Self { path, file, walk, is_beside: false })
            }
        }
    }

    /// Opens a file of the cache, if it is a plain one in a plain folder: a link that came with
    /// the project may lead anywhere.
    pub(super) fn open(&self, file: &Path) -> Option<File> {
        self.is_plain().then_some(())?;
        let seen = fs::symlink_metadata(file).ok().filter(fs::Metadata::is_file)?;
        let file = File::open(file).ok()?;
        (inode(&file.metadata().ok()?) == inode(&seen)).then_some(file)
    }

    /// A new file in the folder, under a name that nobody reads.
    pub(super) fn unfinished(&self) -> io::Result<NamedTempFile> {
        self.make()?;
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.path)
    }

    /// Makes the folder, with what tells others to leave it out.
    fn make(&self) -> io::Result<()> {
        match fs::create_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) if !self.is_beside => fs::create_dir_all(&self.path)?,
            made => made?,
        }
        if !self.is_plain() {
            return Err(io::Error::other("its folder is none of ours"));
        }
        self.place(TAG, TAG_TEXT)?;
        self.place(".gitignore", "*\n")
    }

    /// Whether the folder is one. What the user names may be a link.
    fn is_plain(&self) -> bool {
        !self.is_beside || fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_dir())
    }

    /// Writes a file that is not there yet; never through a link.
    fn place(&self, name: &str, text: &str) -> io::Result<()> {
        match OpenOptions::new().write(true).create_new(true).open(self.path.join(name)) {
            Ok(mut file) => file.write_all(text.as_bytes()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }
}
