//! What the walk over a whole project found, kept with what shows that the next one would find the
//! same.
//!
//! A walk hangs on the names in its folders, on the files that say what is left out, and on
//! settings. A folder whose times are as they were has the same names; any other is listed. Where
//! one name more or less is such that a walk looks at it, all is walked anew.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::gitignore::gitconfig_excludes_path;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::folder::Folder;
use super::sealed::{self, HEADER};
use super::stamp::Stamp;
use super::{Caching, SETTLED};
use crate::config::{Config, ConfigFinder, is_about_project};
use crate::discovery::{READ_BY_WALK, is_editor_lock, is_python};

/// Fewer folders are walked as soon as anything is read of them.
const MANY: usize = 64;

/// After so many folders have other times, theirs are kept.
const WORTH_KEEPING: usize = 16;

/// Where the walk over a project is kept.
pub(crate) struct KeptWalk<'a> {
    place: Folder,
    folder: &'a Path,
    respects_gitignore: bool,
    /// Of what is known before anything is read.
    settings: String,
}

/// What is stored.
#[derive(Serialize, Deserialize)]
struct Walked<'a> {
    /// Of all settings that the walk hangs on.
    settings: u128,
    /// The files that say what is left out.
    rulings: Vec<(PathBuf, Ruling)>,
    /// Sorted, so that each stands behind those around it.
    #[serde(borrow)]
    folders: Vec<WalkedFolder<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WalkedFolder<'a> {
    /// From the folder that was walked.
    path: &'a str,
    stamp: Stamp,
    /// A hash of what is in it, as far as walks look at it.
    entries: u64,
    /// Whether nothing in it says where a project is, or how it is checked.
    is_plain: bool,
    /// The names of what was found.
    files: Vec<&'a str>,
}

/// What stands where the rules of a walk may.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
enum Ruling {
    Nothing,
    Folder,
    File(Stamp),
}

impl Ruling {
    /// `None` for what a walk reads in another way.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Some(Self::Folder),
            // A checkout whose repository is elsewhere, with more to read there.
            Ok(found) if found.is_file() && !path.ends_with(".git") => {
                Some(Self::File(Stamp::of(&found)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Self::Nothing),
            _ => None,
        }
    }
}

/// A folder as it is.
struct Listing {
    stamp: Stamp,
    entries: u64,
    is_plain: bool,
    has_rules: bool,
}

impl Listing {
    fn of(folder: &Path) -> Option<Self> {
        // Before it is listed: if it changes meanwhile, the stamp is an old one.
        let stamp = stamp_of_folder(folder)?;
        let mut names = Vec::new();
        let (mut is_plain, mut has_rules) = (true, false);
        for entry in fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            let (name, kind) = (entry.file_name(), entry.file_type().ok()?);
            let is_about_project = is_about_project(&name);
            let is_rule = READ_BY_WALK.iter().any(|&it| name == it);
            is_plain &= !is_about_project;
            has_rules |= is_rule;
            let is_file = is_python(name.as_ref()) && !is_editor_lock(&name, kind);
            if kind.is_dir() || is_file || is_about_project || is_rule {
                let kind = [kind.is_dir(), kind.is_file(), kind.is_symlink()];
                names.push((name, kind.map(u8::from)));
            }
        }
        names.sort_unstable();
        let mut hash = Xxh3::new();
        for (name, kind) in names {
            hash.update(name.as_encoded_bytes());
            // No name holds it.
            hash.update(b"/");
            hash.update(&kind);
        }
        Some(Self { stamp, entries: hash.digest(), is_plain, has_rules })
    }
}

/// That a link took its place is seen in the folder around it.
fn stamp_of_folder(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().filter(fs::Metadata::is_dir).map(|it| Stamp::of(&it))
}

impl<'a> KeptWalk<'a> {
    /// Where the walk over the absolute `folder` is kept; `None` if it is none over all of the
    /// project, whose config is `config`. `options` is what else the walk hangs on.
    pub(crate) fn of(
        caching: &Caching,
        folder: &'a Path,
        config: &Config,
        options: &impl std::fmt::Debug,
        respects_gitignore: bool,
    ) -> Option<Self> {
        let place = Folder::of(caching, folder).filter(|_| config.root == folder)?;
        // Rules that hold everywhere count from here.
        let here = std::env::current_dir().ok()?;
        let global = gitconfig_excludes_path();
        let settings = format!("{:?}", (folder, here, global, options, respects_gitignore));
        Some(Self { place, folder, respects_gitignore, settings })
    }

    /// What a walk would find, below the folder as it was `named`; `None` if it has to be walked.
    /// What is learnt of folders on the way is told to `configs`.
    pub(crate) fn take(&self, configs: &ConfigFinder<'_>, named: &Path) -> Option<Vec<PathBuf>> {
        let file = self.place.open(&self.place.walk)?;
        let (_, bytes) = sealed::index(&file, self.place.is_beside)?;
        let mut walked: Walked<'_> = postcard::from_bytes(&bytes).ok()?;
        let is_same = |(path, known): &(PathBuf, Ruling)| Ruling::of(path).as_ref() == Some(known);
        walked.rulings.par_iter().all(is_same).then_some(())?;
        let now = SystemTime::now();
        let folders = &mut walked.folders;
        let stamps: Option<Vec<Stamp>> =
            folders.par_iter().map(|it| it.stamp_at(&self.at(it.path), now)).collect();
        let mut changed = 0;
        for (folder, stamp) in folders.iter_mut().zip(stamps?) {
            changed += usize::from(folder.stamp != stamp);
            folder.stamp = stamp;
        }
        (self.settings(configs, &walked.folders)? == walked.settings).then_some(())?;
        let mut files = Vec::new();
        for folder in &walked.folders {
            let at = joined(named, folder.path);
            files.extend(folder.files.iter().map(|name| at.join(name)));
        }
        if changed >= WORTH_KEEPING {
            // What cannot be kept is walked again.
            let _ = self.write(&walked);
        }
        Some(files)
    }

    /// Keeps what a walk found that `began` then and met no mistake: the files and the folders that
    /// it looked into, each from the folder that was walked.
    pub(crate) fn keep(
        &self,
        began: SystemTime,
        folders: &[PathBuf],
        files: &[PathBuf],
        configs: &ConfigFinder<'_>,
    ) {
        if folders.len() >= MANY
            && let Some(walked) = self.walked(began, folders, files, configs)
        {
            // What cannot be kept is walked again.
            let _ = self.write(&walked);
        }
    }

    fn walked<'f>(
        &self,
        began: SystemTime,
        folders: &'f [PathBuf],
        files: &'f [PathBuf],
        configs: &ConfigFinder<'_>,
    ) -> Option<Walked<'f>> {
        // What changed shortly before the walk, or since, may not be what the walk has seen.
        let is_settled = |stamp: Stamp| stamp.is_settled_at(began, SETTLED);
        let listing = |path: &'f PathBuf| {
            let listing = Listing::of(&self.at(path))?;
            is_settled(listing.stamp).then_some((path.as_path(), listing))
        };
        let listings: Option<Vec<_>> = folders.par_iter().map(listing).collect();
        let mut listings = listings?;
        listings.sort_unstable_by(|(a, _), (b, _)| a.as_os_str().cmp(b.as_os_str()));
        let mut found: FxHashMap<&Path, Vec<&str>> = FxHashMap::default();
        for file in files {
            found.entry(file.parent()?).or_default().push(file.file_name()?.to_str()?);
        }
        let mut rulings = Vec::new();
        if self.respects_gitignore {
            let inside = listings.iter().filter(|(_, listing)| listing.has_rules);
            let inside = inside.map(|(path, _)| self.at(path));
            let above = self.folder.ancestors().skip(1).map(Path::to_owned);
            let files = inside.chain(above).flat_map(|folder| {
                READ_BY_WALK.into_iter().chain([".git/info/exclude"]).map(move |it| folder.join(it))
            });
            for path in files.chain(gitconfig_excludes_path()) {
                let ruling = Ruling::of(&path)?;
                if let Ruling::File(stamp) = ruling {
                    is_settled(stamp).then_some(())?;
                }
                rulings.push((path, ruling));
            }
        }
        let folder = |(path, listing): (&'f Path, Listing)| {
            let mut files = found.remove(path).unwrap_or_default();
            files.sort_unstable();
            let Listing { stamp, entries, is_plain, .. } = listing;
            Some(WalkedFolder { path: path.to_str()?, stamp, entries, is_plain, files })
        };
        let folders: Option<Vec<_>> = listings.into_iter().map(folder).collect();
        let folders = folders?;
        found.is_empty().then_some(())?;
        Some(Walked { settings: self.settings(configs, &folders)?, rulings, folders })
    }

    /// A hash of the settings that a walk over these folders hangs on.
    fn settings(&self, configs: &ConfigFinder<'_>, folders: &[WalkedFolder<'_>]) -> Option<u128> {
        let mut hash = Xxh3::new();
        hash.update(self.settings.as_bytes());
        for folder in folders {
            let path = self.at(folder.path);
            if folder.is_plain {
                configs.enter_plain(&path);
                continue;
            }
            let Config { root, exclude, extend_exclude, respect_gitignore, .. } =
                &*configs.for_folder(&path).ok()?;
            let settings = (&path, root, exclude, extend_exclude, respect_gitignore);
            hash.update(format!("{settings:?}").as_bytes());
        }
        Some(hash.digest128())
    }

    /// The absolute path of a folder.
    fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        joined(self.folder, path)
    }

    fn write(&self, walked: &Walked<'_>) -> io::Result<()> {
        let index = postcard::to_stdvec(walked).map_err(io::Error::other)?;
        let mut file = self.place.unfinished()?;
        file.write_all(&[0; HEADER])?;
        file.write_all(&index)?;
        sealed::seal(file, HEADER as u64, &index, &self.place.walk)
    }
}

/// `path` in `folder`; the folder itself without a separator at its end, which a config would take for
/// a part of its name.
fn joined(folder: &Path, path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    if path.as_os_str().is_empty() { folder.to_owned() } else { folder.join(path) }
}

impl WalkedFolder<'_> {
    /// The stamp to know the folder by, which is at `path`, from `now` on; `None` if there is
    /// something else in it.
    fn stamp_at(&self, path: &Path, now: SystemTime) -> Option<Stamp> {
        if stamp_of_folder(path)? == self.stamp {
            return Some(self.stamp);
        }
        let Listing { stamp, entries, .. } = Listing::of(path)?;
        let is_settled = stamp.is_settled_at(now, SETTLED);
        (entries == self.entries).then_some(if is_settled { stamp } else { self.stamp })
    }
}

#[cfg(test)]
mod tests;
