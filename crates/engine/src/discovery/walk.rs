//! The files below a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Found, Rules, is_python, reason};
use crate::config::Config;

/// All Python files below `folder`, whose absolute path is `absolute`. Links to folders are not
/// followed, so that no walk is endless.
pub(super) fn walk(folder: &Path, absolute: &Path, rules: &Rules<'_>, found: &mut Found) -> Found {
    let config = rules.config(absolute, found);
    let respect_gitignore = rules
        .options
        .respect_gitignore
        .unwrap_or_else(|| config.is_none_or(|config| config.respect_gitignore));
    let walker = WalkBuilder::new(folder)
        .standard_filters(respect_gitignore)
        // A checkout without its `.git`, as in a container, has the same files.
        .require_git(false)
        .hidden(false)
        .follow_links(false)
        .build_parallel();
    let canonical = folder.canonicalize().unwrap_or_else(|_| absolute.to_owned());
    let all = Mutex::new(Found::default());
    walker.run(|| {
        let mut visitor = Visitor {
            folder,
            absolute,
            canonical: &canonical,
            rules,
            last: None,
            found: Gathered { here: Found::default(), all: &all },
        };
        Box::new(move |entry| visitor.visit(entry))
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One thread of a walk.
struct Visitor<'a> {
    folder: &'a Path,
    absolute: &'a Path,
    canonical: &'a Path,
    rules: &'a Rules<'a>,
    /// The folder whose config was asked for last, and that config.
    last: Option<(PathBuf, Option<Arc<Config>>)>,
    found: Gathered<'a>,
}

/// What one thread has found, handed over when the thread is done.
struct Gathered<'a> {
    here: Found,
    all: &'a Mutex<Found>,
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        let here = std::mem::take(&mut self.here);
        self.all.lock().unwrap_or_else(PoisonError::into_inner).add(here);
    }
}

impl Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = path_of(&error).unwrap_or(self.folder);
                let message = error.io_error().map_or_else(|| error.to_string(), reason);
                self.found.here.error(path, message);
                return WalkState::Continue;
            }
        };
        let Some(kind) = entry.file_type().filter(|_| entry.depth() > 0) else {
            return WalkState::Continue;
        };
        if kind.is_dir() {
            return if self.excluded(entry.path(), true) {
                WalkState::Skip
            } else {
                WalkState::Continue
            };
        }
        let candidate = kind.is_file() || kind.is_symlink();
        if candidate && is_python(entry.path()) && !is_editor_lock(&entry) {
            self.take(entry.path(), kind.is_symlink());
        }
        WalkState::Continue
    }

    fn take(&mut self, path: &Path, is_link: bool) {
        if self.excluded(path, false) {
            return;
        }
        if is_link {
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_file() => {}
                Ok(_) => return,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return self.found.here.error(shown(path), "the link leads nowhere");
                }
                Err(error) => return self.found.here.error(shown(path), reason(&error)),
            }
        }
        let identity = self.canonical.join(self.below(path));
        self.found.here.file(identity, path);
    }

    fn excluded(&mut self, path: &Path, is_folder: bool) -> bool {
        let absolute = self.absolute.join(self.below(path));
        let parent = absolute.parent().unwrap_or(&absolute);
        if self.last.as_ref().is_none_or(|(folder, _)| folder != parent) {
            let config = self.rules.config(parent, &mut self.found.here);
            self.last = Some((parent.to_owned(), config));
        }
        let config = self.last.as_ref().and_then(|(_, config)| config.as_deref());
        self.rules.excluded(config, |globs| globs.matches(&absolute, is_folder))
    }

    fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.folder).unwrap_or(path)
    }
}

/// Emacs marks a file that is being edited by a link `.#name` to nowhere.
fn is_editor_lock(entry: &DirEntry) -> bool {
    entry.path_is_symlink() && entry.file_name().as_encoded_bytes().starts_with(b".#")
}

fn shown(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}
