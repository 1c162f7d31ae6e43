//! Reading files and lowering them to facts.

use std::hash::BuildHasher;
use std::path::Path;

use asynclint_lints::LINTS;
use asynclint_parser::{Limits, SourceFile, parse};
use asynclint_semantic::{Facts, lower};
use rustc_hash::FxBuildHasher;

use crate::notebook;
use crate::reading;

/// A file as it was when it was read. The text is not kept: a project holds thousands.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) facts: Facts,
    pub(crate) about: About,
}

/// What is known of a text besides its facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Tells whether the text is still the same when it is read again.
    pub(crate) stamp: u64,
    /// Whether a comment speaks of us, so that there may be something to say of it.
    pub(crate) names_us: bool,
    /// Of the bytes of the file; 0 where nothing is kept of it.
    pub(crate) hash: u128,
}

/// Reads and lowers a file of at most `limit` bytes.
///
/// # Errors
/// One line that says why the file cannot be checked; lower case, without its path.
pub(crate) fn load(path: &Path, limit: u64) -> Result<Loaded, String> {
    lowered(&read(path, limit)?)
}

/// Lowers a text.
///
/// # Errors
/// As [`load`].
pub(crate) fn lowered(source: &SourceFile) -> Result<Loaded, String> {
    let parsed = parse(source.text(), &Limits::default()).map_err(|error| error.to_string())?;
    let facts = lower(parsed);
    let names_us = facts.comments.iter().any(|&comment| names_us(source.slice(comment)));
    Ok(Loaded { facts, about: About { stamp: stamp(source), names_us, hash: 0 } })
}

/// Whether a comment has our name, or that of a lint where only codes belong.
fn names_us(comment: &str) -> bool {
    let is_noqa = || memchr::memmem::find(comment.as_bytes(), b"noqa").is_some();
    let has = |name: &str| memchr::memmem::find(comment.as_bytes(), name.as_bytes()).is_some();
    has("asynclint") || (is_noqa() && LINTS.iter().any(|lint| has(lint.name)))
}

/// Reads a file, if it is not larger than the limit.
///
/// # Errors
/// As [`load`].
pub(crate) fn read(path: &Path, limit: u64) -> Result<SourceFile, String> {
    decode(path, bytes(path, limit)?)
}

/// The text that `bytes` are: that of the file at `path`, or the code of a notebook.
///
/// # Errors
/// As [`load`].
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<SourceFile, String> {
    if notebook::is_notebook(path) {
        return notebook::decode(path, &bytes);
    }
    SourceFile::decode(path, bytes).map_err(|error| error.to_string())
}

/// The bytes of a file, if they are not more than the limit.
///
/// # Errors
/// As [`load`].
pub(crate) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let file = std::fs::metadata(path).map_err(|error| reason(&error))?;
    within(file.len(), limit)?;
    reading::bytes(path, limit).map_err(|error| reason(&error))
}

/// Refuses a text of `size` bytes that is over the limit.
///
/// # Errors
/// As [`load`].
pub(crate) fn within(size: u64, limit: u64) -> Result<(), String> {
    if size <= limit {
        return Ok(());
    }
    Err(format!("{size} bytes are more than the limit of {limit}; `max-file-size` raises it"))
}

/// Reads a file once more, to show parts of it.
///
/// # Errors
/// As [`load`], and when the text is not what was read before.
pub(crate) fn read_again(path: &Path, limit: u64, loaded: u64) -> Result<SourceFile, String> {
    let source = read(path, limit)?;
    if stamp(&source) == loaded {
        Ok(source)
    } else {
        Err("the file changed while it was being checked".to_owned())
    }
}

/// Reads the bytes of a file that was loaded before, to change it.
///
/// # Errors
/// As [`read_again`].
pub(crate) fn bytes_again(path: &Path, limit: u64, loaded: u64) -> Result<Vec<u8>, String> {
    let bytes = bytes(path, limit)?;
    let source = decode(path, bytes.clone())?;
    if stamp(&source) == loaded {
        Ok(bytes)
    } else {
        Err("the file changed while it was being checked".to_owned())
    }
}

/// A hash of the text.
pub(crate) fn stamp(source: &SourceFile) -> u64 {
    FxBuildHasher.hash_one(source.text())
}

pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
