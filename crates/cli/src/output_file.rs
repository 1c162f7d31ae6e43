//! A file that takes the findings.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use asynclint_reporter as reporter;

use crate::output::{self, CLEAN, FAILED};

/// Writes `text` to the file at `path` and gives the exit code. The folders above it are made.
pub(crate) fn write(path: &Path, text: &str) -> u8 {
    match replace(path, text) {
        Ok(()) => CLEAN,
        Err(error) => {
            output::complain(&format!("error: cannot write `{}`: {error}\n", reporter::path(path)));
            FAILED
        }
    }
}

/// Whoever reads a plain file finds the old text or the new one, and never a part of it. A link
/// stays one, and a file keeps its permissions.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let present = match fs::metadata(path) {
        Ok(present) => Some(present),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if let Some(own) = &present {
        if !own.is_file() && !own.is_dir() {
            // A pipe or a device takes it as it comes; in its place a file would be none.
            return fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
        }
        // The folder may allow what the file does not.
        if own.permissions().readonly() {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is read-only"));
        }
    }
    let path = match present {
        Some(_) => path.canonicalize()?,
        None => path.to_owned(),
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&folder)?;
    let mut file = builder().tempfile_in(folder).map_err(plain)?;
    file.write_all(text.as_bytes()).map_err(plain)?;
    if let Some(own) = present {
        file.as_file().set_permissions(own.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| plain(error.error))?;
    Ok(())
}

/// Temporary files that are as readable as any other.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".asynclint-");
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder
}

/// The error without the name of the temporary file, which nobody gave.
fn plain(error: io::Error) -> io::Error {
    error.raw_os_error().map_or(error, io::Error::from_raw_os_error)
}
