//! Files replaced whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::inside::is_inside;
use crate::load::reason;
use crate::reading;

/// Replaces the file at `path`, or the one that it is a link to, if it still holds `before`. The
/// new bytes are on disk before they take the place of the old ones, so that whatever happens
/// leaves one or the other.
///
/// A link is written through to a file below `root`, that of the project, or below the working
/// directory. Where else it leads, whoever made it may not be whoever may write there.
///
/// # Errors
/// One line that says why the file was left as it is; lower case, without its path.
pub(crate) fn write(path: &Path, root: &Path, before: &[u8], after: &[u8]) -> Result<(), String> {
    let here = std::env::current_dir().unwrap_or_default();
    if path.is_symlink() && path.exists() && !is_inside(path, &[root, &here]) {
        return Err("it is a link to a file outside the project".to_owned());
    }
    let path = path.canonicalize().map_err(|error| reason(&error))?;
    if !still_holds(&path, before, after)? {
        // Under another name it was written already.
        return Ok(());
    }
    let own = fs::metadata(&path).map_err(|error| reason(&error))?;
    // The folder may allow what the file does not.
    if own.permissions().readonly() {
        return Err("the file is read-only".to_owned());
    }
    let folder = path.parent().unwrap_or(&path);
    let cannot = |error: &std::io::Error| format!("cannot write it: {}", reason(error));
    let mut file =
        Builder::new().prefix(".asynclint-").tempfile_in(folder).map_err(|error| cannot(&error))?;
    file.write_all(after)
        .and_then(|()| keep_owner(&file, &own))
        .and_then(|()| file.as_file().set_permissions(own.permissions()))
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| cannot(&error))?;
    // Bringing the bytes to the disk takes a while, in which somebody may have saved the file.
    if still_holds(&path, before, after)? {
        file.persist(&path).map_err(|error| cannot(&error.error))?;
    }
    Ok(())
}

/// Whether the file holds `before`; not if it holds `after` already.
fn still_holds(path: &Path, before: &[u8], after: &[u8]) -> Result<bool, String> {
    let most = before.len().max(after.len()) as u64;
    match reading::bytes(path, most) {
        Ok(now) if now == after => Ok(false),
        Ok(now) if now == before => Ok(true),
        Err(error) if error.kind() != ErrorKind::FileTooLarge => Err(reason(&error)),
        _ => Err("the file changed while it was being checked".to_owned()),
    }
}

#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, own: &fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let new = file.as_file().metadata()?;
    if (new.uid(), new.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    fchown(file.as_file(), Some(own.uid()), Some(own.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &fs::Metadata) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("it is read");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_changed_is_left_alone() {
        let folder = folder();
        let path = folder.path().join("a.py");
        fs::write(&path, "theirs").expect("it is written");
        let refused = write(&path, folder.path(), b"before", b"after").expect_err("it changed");
        assert_eq!(refused, "the file changed while it was being checked");
        assert_eq!(fs::read(&path).expect("it is there"), b"theirs");
        fs::remove_file(&path).expect("it goes");
        assert_eq!(
            write(&path, folder.path(), b"before", b"after").expect_err("gone"),
            "no such file"
        );
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links_and_modes_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = folder();
        let (path, link) = (folder.path().join("a.py"), folder.path().join("b.py"));
        fs::write(&path, "before").expect("it is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).expect("its mode");
        symlink("a.py", &link).expect("a link");
        assert_eq!(write(&link, folder.path(), b"before", b"after"), Ok(()));
        assert_eq!(fs::read(&path).expect("it is there"), b"after");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o7777, 0o751);
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(names(folder.path()), ["a.py", "b.py"]);
        // The same file under its other name.
        assert_eq!(write(&path, folder.path(), b"before", b"after"), Ok(()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_project_is_not_written_through() {
        let [folder, project] = [(); 2].map(|()| folder());
        let (path, link) = (folder.path().join("a.py"), project.path().join("a.py"));
        fs::write(&path, "before").expect("it is written");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let refused = write(&link, project.path(), b"before", b"after").expect_err("it leads out");
        assert_eq!(refused, "it is a link to a file outside the project");
        assert_eq!(fs::read(&path).expect("it is there"), b"before");
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = folder();
        let path = folder.path().join("a.py");
        fs::write(&path, "before").expect("it is written");
        let mut mode = fs::metadata(&path).expect("it is there").permissions();
        mode.set_readonly(true);
        fs::set_permissions(&path, mode).expect("its mode");
        let refused =
            write(&path, folder.path(), b"before", b"after").expect_err("it is read-only");
        assert_eq!(refused, "the file is read-only");
        assert_eq!(fs::read(&path).expect("it is there"), b"before");
        assert_eq!(names(folder.path()), ["a.py"]);
    }
}
