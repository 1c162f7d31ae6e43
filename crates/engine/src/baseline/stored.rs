//! The file of a baseline: JSON with one finding a line, sorted by what does not move.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use asynclint_diagnostics::Fingerprint;
use serde::Deserialize;
use serde_json::json;

use super::Mode;
use crate::reading;

/// The form of the file, which a later version of the program may change.
const VERSION: u32 = 1;

/// A baseline that is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadBaseline {
    /// Its file.
    pub path: PathBuf,
    /// The line that is wrong, where one is, 1-based.
    pub line: Option<usize>,
    /// What is wrong; lower case, no full stop, without the path.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

/// A finding that is known. Ordered as in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The file, relative to that of the baseline.
    pub(super) path: String,
    pub(super) lint: String,
    /// The line, for those who read the baseline.
    pub(super) code: String,
    pub(super) fingerprint: Fingerprint,
}

/// All that a baseline knows.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct File {
    version: u32,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    path: String,
    lint: String,
    code: String,
    fingerprint: String,
}

impl Stored {
    /// Reads the baseline at `path`. One that is to be updated need not be there yet.
    pub(super) fn read(path: &Path, mode: Mode) -> Result<Self, BadBaseline> {
        let bad = |message: String, line, help| BadBaseline {
            path: path.to_owned(),
            line,
            message,
            help,
        };
        let text = match reading::text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && mode.writes() => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(match error.kind() {
                    ErrorKind::NotFound => {
                        let message = "cannot find the baseline".to_owned();
                        bad(message, None, "`--update-baseline` writes it")
                    }
                    _ => bad(format!("cannot read the baseline: {}", reason(&error)), None, ""),
                });
            }
        };
        let anew = "restore it, or remove it and write it anew with `--update-baseline`";
        let file: File = serde_json::from_str(&text).map_err(|error| {
            // What is there instead is not shown: a config may name any file.
            let message = if error.is_data() {
                "no such findings are stored in one".to_owned()
            } else {
                error.to_string()
            };
            let message = message.split(" at line ").next().unwrap_or_default();
            bad(format!("the baseline is broken: {message}"), Some(error.line()), anew)
        })?;
        if file.version != VERSION {
            let message = format!("the baseline has version {}, not {VERSION}", file.version);
            return Err(bad(message, None, "another version of asynclint wrote it"));
        }
        let mut entries = Vec::with_capacity(file.findings.len());
        for Finding { path, lint, code, fingerprint } in file.findings {
            let Some(parsed) = Fingerprint::parse(&fingerprint) else {
                let line = text.lines().position(|line| line.contains(&fingerprint));
                let message = format!("the baseline is broken: `{fingerprint}` is no fingerprint");
                return Err(bad(message, line.map(|line| line + 1), anew));
            };
            entries.push(Entry { path, lint, code, fingerprint: parsed });
        }
        Ok(Self { entries })
    }

    /// Writes the baseline, whole or not at all. One that would not change is left alone.
    pub(super) fn write(mut self, path: &Path) -> Result<(), BadBaseline> {
        self.entries.sort();
        let text = self.text();
        if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        replace(path, &text).map_err(|error| BadBaseline {
            path: path.to_owned(),
            line: None,
            message: format!("cannot write the baseline: {}", reason(&error)),
            help: "",
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": [");
        for (index, entry) in self.entries.iter().enumerate() {
            let Entry { path, lint, code, fingerprint } = entry;
            let comma = if index == 0 { "" } else { "," };
            let (path, lint, code) = (json!(path), json!(lint), json!(code));
            let _ = write!(
                text,
                "{comma}\n{{\"path\": {path}, \"lint\": {lint}, \"code\": {code}, \
                 \"fingerprint\": \"{fingerprint}\"}}"
            );
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n]\n}\n" });
        text
    }
}

/// Puts a new file in the place of the old one, of which it keeps the permissions.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".asynclint-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(path.parent().unwrap_or(&path))?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = std::fs::metadata(&path) {
        if old.permissions().readonly() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
