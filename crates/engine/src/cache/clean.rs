//! Taking caches away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::folder::{FILE, NAME, TAG, UNFINISHED, WALK};
use crate::outcome::Failure;

/// What was taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The folders that held caches, sorted.
    pub folders: Vec<PathBuf>,
    /// What could not be taken away, and why.
    pub failures: Vec<Failure>,
}

/// Takes away the caches at and below `folder`, that of the project around it at `root`, and those
/// in the folder that the user has `named` for caches. Nothing that is not of a cache is touched.
pub fn clean(folder: &Path, root: &Path, named: Option<&Path>) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()))
        .build();
    let below = walk.flatten().map(ignore::DirEntry::into_path);
    let mut folders: Vec<PathBuf> =
        below.filter(|path| path.file_name().is_some_and(|name| name == NAME)).collect();
    folders.push(root.join(NAME));
    folders.sort();
    folders.dedup();
    // A link is none of ours.
    folders.retain(|path| fs::symlink_metadata(path).is_ok_and(|it| it.is_dir()));
    folders.extend(named.filter(|path| path.is_dir()).map(Path::to_owned));
    for path in folders {
        match empty(&path) {
            Ok(0) => {}
            Ok(_) => cleaned.folders.push(path),
            Err(error) => {
                cleaned.failures.push(Failure { path, message: crate::load::reason(&error) });
            }
        }
    }
    cleaned
}

/// Takes away what is ours in a folder, and the folder if nothing else is in it. How many files
/// went.
fn empty(folder: &Path) -> io::Result<usize> {
    let own = folder.join(TAG);
    let mut count = 0;
    // Only what we made has our tag.
    if !fs::read_to_string(&own).is_ok_and(|tag| tag.contains("asynclint")) {
        return Ok(count);
    }
    let mut names: Vec<_> =
        fs::read_dir(folder)?.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    let is_cache = |name: &str| {
        let ends = |it: &str| name == it || name.ends_with(&format!(".{it}"));
        ends(FILE) || ends(WALK) || name.starts_with(UNFINISHED)
    };
    let is_alone = names
        .iter()
        .filter_map(|name| name.to_str())
        .all(|name| is_cache(name) || [TAG, ".gitignore"].contains(&name));
    for name in names.iter().filter_map(|name| name.to_str()) {
        if is_cache(name) {
            fs::remove_file(folder.join(name))?;
            count += 1;
        }
    }
    if is_alone {
        for name in [TAG, ".gitignore"] {
            match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => count += 1,
            }
        }
        fs::remove_dir(folder)?;
    }
    Ok(count)
}
