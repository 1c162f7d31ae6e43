//! Jupyter notebooks: their code cells as one module, and findings by cell.
//!
//! The cells of a notebook run one after another in one module, so they are read as one text. What
//! only `IPython` understands is masked: the text keeps its length, so that places stay. At the end
//! each finding is put into a file of its cell's own.

mod magic;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use asynclint_diagnostics::{Diagnostic, FileId, Label};
use asynclint_parser::{SourceFile, Span};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::load;
use crate::outcome::Outcome;
use crate::sources::SourceTable;

/// Why a notebook of before 2015 is left out.
pub(crate) const TOO_OLD: &str = "notebooks before format 4 are not checked; `jupyter nbconvert --to notebook` writes a newer one";

/// Whether the file is a notebook, by its name.
pub(crate) fn is_notebook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ipynb"))
}

#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    worksheets: Option<IgnoredAny>,
    #[serde(default)]
    metadata: Metadata,
    nbformat: u32,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    source: Source,
}

/// The text of a cell: one, or one for each line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Text(String),
    Lines(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    kernelspec: Option<Kernel>,
    language_info: Option<Language>,
}

#[derive(Deserialize)]
struct Kernel {
    language: Option<String>,
}

#[derive(Deserialize)]
struct Language {
    name: Option<String>,
}

impl Metadata {
    /// Whether the cells are Python, as they are where nothing says otherwise.
    fn is_python(&self) -> bool {
        let own = self.language_info.as_ref().and_then(|it| it.name.as_deref());
        let language = own.or(self.kernelspec.as_ref().and_then(|it| it.language.as_deref()));
        language.is_none_or(|language| language.to_lowercase().contains("python"))
    }
}

/// A code cell.
struct Code {
    /// Its place among all cells, from 1.
    number: u32,
    /// As it was written, with a line end.
    text: String,
    /// The same without what only `IPython` understands, as long.
    masked: String,
}

/// The code cells of a notebook.
///
/// # Errors
/// One line that says why there are none.
fn cells(bytes: &[u8]) -> Result<Vec<Code>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let notebook: Notebook =
        serde_json::from_slice(bytes).map_err(|error| format!("not a notebook: {error}"))?;
    if notebook.nbformat < 4 || notebook.worksheets.is_some() {
        return Err(TOO_OLD.to_owned());
    }
    if !notebook.metadata.is_python() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (cell, number) in notebook.cells.into_iter().zip(1..) {
        if cell.cell_type != "code" {
            continue;
        }
        let text = match cell.source {
            Source::Text(text) => text,
            Source::Lines(lines) => lines.concat(),
        };
        let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if let Some(masked) = magic::masked(&text) {
            found.push(Code { number, text, masked });
        }
    }
    Ok(found)
}

/// The code of a notebook as one text.
///
/// # Errors
/// One line that says why there is none; [`TOO_OLD`] where it is to be left out.
pub(crate) fn decode(path: &Path, bytes: &[u8]) -> Result<SourceFile, String> {
    let text: String = cells(bytes)?.iter().map(|cell| cell.masked.as_str()).collect();
    Ok(SourceFile::from_text(path, text))
}

/// Whether `found`, in a notebook, is no mistake there: the top level of a cell may await, and runs
/// in an event loop.
pub(crate) fn is_usual(found: &Diagnostic, facts: &asynclint_semantic::Facts) -> bool {
    let inside = |span: Span| span.contains(found.primary.span);
    ["await-outside-async", "loop-bound-at-import"].contains(&found.lint)
        && !facts.outline.functions.iter().any(|function| inside(function.span))
}

/// Gives each cell that a label points into a file of its own.
pub(crate) fn split(outcome: &mut Outcome) {
    let notebooks: Vec<FileId> = outcome
        .sources
        .iter()
        .filter(|(_, source)| source.cell().is_none() && is_notebook(source.path()))
        .map(|(id, _)| id)
        .collect();
    if notebooks.is_empty() {
        return;
    }
    let mut files = Cells::default();
    for id in notebooks {
        files.read(id, outcome);
    }
    let mut gone = BTreeSet::new();
    for (index, found) in outcome.diagnostics.iter_mut().enumerate() {
        if !files.place(&mut found.primary, &mut outcome.sources) {
            gone.insert(index);
        }
        for labels in [&mut found.secondary, &mut found.chain] {
            labels.retain_mut(|label| files.place(label, &mut outcome.sources));
        }
    }
    let mut index = 0;
    outcome.diagnostics.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}

/// The cells of the notebooks of a run.
#[derive(Default)]
struct Cells {
    /// Of each notebook: where each cell begins and ends in its text, and the cell itself.
    of: BTreeMap<FileId, Vec<(Span, SourceFile)>>,
    /// The files of those that were pointed into.
    files: BTreeMap<(FileId, u32), FileId>,
}

impl Cells {
    fn read(&mut self, id: FileId, outcome: &Outcome) {
        let Some(source) = outcome.sources.get(id) else { return };
        let bytes = outcome.texts.get(source.path()).cloned();
        let bytes = bytes.or_else(|| load::bytes(source.path(), u64::MAX).ok()).unwrap_or_default();
        let cells = cells(&bytes).unwrap_or_default();
        // It may have changed meanwhile.
        let same = cells.iter().map(|cell| cell.masked.as_str()).collect::<String>();
        if same != source.text() {
            self.of.insert(id, Vec::new());
            return;
        }
        let mut at = 0;
        let placed = cells.into_iter().map(|cell| {
            let span = Span::new(at, at + cell.text.len() as u32);
            at = span.end;
            (span, SourceFile::from_text(source.path(), cell.text).in_cell(cell.number))
        });
        self.of.insert(id, placed.collect());
    }

    /// Moves a label into the file of its cell. Whether there is one, or it lies in no notebook.
    fn place(&mut self, label: &mut Label, sources: &mut SourceTable) -> bool {
        let Some(cells) = self.of.get(&label.file) else { return true };
        let inside = |(span, _): &&(Span, SourceFile)| label.span.start < span.end;
        let Some((span, cell)) = cells.iter().find(inside).or(cells.last()) else { return false };
        let key = (label.file, span.start);
        label.file = *self.files.entry(key).or_insert_with(|| sources.add(cell.clone()));
        let length = span.end - span.start;
        let within = |at: u32| at.saturating_sub(span.start).min(length);
        label.span = Span::new(within(label.span.start), within(label.span.end));
        true
    }
}

#[cfg(test)]
mod tests;
