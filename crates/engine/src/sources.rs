//! The texts that diagnostics point into.

use std::collections::BTreeMap;

use asynclint_diagnostics::FileId;
use asynclint_parser::SourceFile;

/// Files by number. Only those that some diagnostic points into are kept.
#[derive(Debug, Default)]
pub struct SourceTable {
    files: BTreeMap<FileId, SourceFile>,
}

impl SourceTable {
    /// Keeps `source` as the file `id`.
    pub fn insert(&mut self, id: FileId, source: SourceFile) {
        self.files.insert(id, source);
    }

    /// Adds `source` behind all others and says its number.
    pub fn add(&mut self, source: SourceFile) -> FileId {
        let next = self.files.last_key_value().map_or(0, |(id, _)| id.0 + 1);
        let id = FileId(next);
        self.files.insert(id, source);
        id
    }

    /// Every file with its number, in the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().map(|(&id, file)| (id, file))
    }

    /// The file of that number, if it was kept.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(&id)
    }
}
