//! The pages of docs/ and what stands on them.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the repository.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The section of `page` below the heading `## name`, up to the next one.
pub(crate) fn section<'p>(page: &'p str, name: &str) -> &'p str {
    let heading = format!("\n## {name}\n");
    let (_, section) = page.split_once(&heading).unwrap_or_else(|| panic!("no heading {name}"));
    section.split("\n## ").next().unwrap_or_default()
}

/// The code blocks of `page` in `language`.
pub(crate) fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(&*fence).skip(1).filter_map(|block| block.split("```").next()).collect()
}
