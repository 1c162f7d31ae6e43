//! Configs that build on others.

use std::io;
use std::path::{Path, PathBuf};

use asynclint_lints::Lint;
use asynclint_parser::{SourceFile, Span};

use super::errors::ConfigErrors;
use super::files;
use super::options::{Extend, Options};
use super::reader::{self, Reader};
use crate::reading;

/// Where the keys stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// At the top.
    Whole,
    /// In `[tool.asynclint]`.
    Table,
}

impl Form {
    /// That of the file at `path`.
    pub(super) fn of(path: &Path) -> Self {
        let is_pyproject = path.file_name().is_some_and(|name| name == files::PYPROJECT);
        if is_pyproject { Self::Table } else { Self::Whole }
    }
}

/// What the config at `path` says, with all that it extends; `None` for a `pyproject.toml` without
/// our table.
pub(super) fn read_file(
    path: &Path,
    lints: &[&'static Lint],
) -> Result<Option<Options>, ConfigErrors> {
    let text = read(path)?;
    parse(path, &text, Form::of(path), lints)
}

/// As [`read_file`], for a text that stands at `path`.
pub(super) fn parse(
    path: &Path,
    text: &str,
    form: Form,
    lints: &[&'static Lint],
) -> Result<Option<Options>, ConfigErrors> {
    parse_below(path, text, form, lints, &mut Vec::new())
}

/// `open` are the configs that lead here.
fn parse_below(
    path: &Path,
    text: &str,
    form: Form,
    lints: &[&'static Lint],
    open: &mut Vec<PathBuf>,
) -> Result<Option<Options>, ConfigErrors> {
    let reader = Reader::new(SourceFile::from_text(path, text), lints);
    let options = match form {
        Form::Whole => Some(reader.read()?),
        Form::Table => reader.read_pyproject()?,
    };
    let Some(mut options) = options else { return Ok(None) };
    let Some(Extend { path: base, span }) = options.extend.take() else { return Ok(Some(options)) };
    let refuse = |message: String, label: &str, help: Option<String>| {
        let source = SourceFile::from_text(path, text);
        let diagnostics = vec![reader::diagnostic(span, message, label.to_owned(), help)];
        Err(ConfigErrors { source, diagnostics })
    };
    let own = files::absolute(path);
    open.push(own);
    let base_path = path.parent().unwrap_or(Path::new("")).join(&base);
    if open.contains(&files::absolute(&base_path)) {
        let label =
            if open.len() == 1 { "this is the file itself" } else { "this leads back here" };
        return refuse(format!("`{base}` extends itself"), label, None);
    }
    let base_text = match read_linked(&base_path) {
        Ok(text) => text,
        Err(errors) if errors.source.text().is_empty() => {
            let reason = errors.diagnostics[0].message.rsplit(": ").next().unwrap_or_default();
            let help = Some("the path counts from the folder of this config".to_owned());
            return refuse(format!("cannot read `{base}`"), reason, help);
        }
        Err(errors) => return Err(errors),
    };
    match parse_below(&base_path, &base_text, Form::of(&base_path), lints, open)? {
        Some(base) => Ok(Some(options.over(base))),
        None => refuse(format!("`{base}` has no `[tool.asynclint]`"), "nothing to extend", None),
    }
}

/// As [`read`], for a config that a project names or holds: it is TOML by its name, whatever links
/// lead to it. Of other files nothing is read, as mistakes are shown with their lines.
pub(super) fn read_linked(path: &Path) -> Result<String, ConfigErrors> {
    match path.canonicalize() {
        Ok(real) if real.extension().is_none_or(|extension| extension != "toml") => {
            Err(refuse(path, "", "cannot read this config: this is no TOML file".to_owned()))
        }
        _ => read(path),
    }
}

fn refuse(path: &Path, text: &str, message: String) -> ConfigErrors {
    let at = Span::empty(text.len() as u32);
    let diagnostics = vec![reader::diagnostic(at, message, String::new(), None)];
    ConfigErrors { source: SourceFile::from_text(path, text), diagnostics }
}

/// The text of a config, without byte order mark.
pub(super) fn read(path: &Path) -> Result<String, ConfigErrors> {
    let refuse = |text: &str, message: String| refuse(path, text, message);
    let bytes = reading::settings(path).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            _ => error.to_string(),
        };
        refuse("", format!("cannot read this config: {reason}"))
    })?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        refuse(&text, format!("not valid UTF-8 at byte {valid}"))
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
