//! What the user tells of libraries: in files of the catalogue's own shape, or in the config.

use std::path::Path;
use std::sync::Arc;

use asynclint_catalog::Catalog;
use asynclint_parser::SourceFile;
use toml::Value;

use super::reader::{Entry, Reader};
use crate::selection::nearest;

/// The tables of a library file.
pub(super) const TABLES: &[&str] =
    &["aliases", "blocks", "classes", "functions", "gives", "instances", "library", "subclasses"];

/// What stands there as a list of names.
pub(super) const LISTS: &[&str] = &["preserving", "uses-values"];

/// What stands there as several tables of one name.
pub(super) const LISTS_OF_TABLES: &[&str] = &["handlers", "outdated"];

/// The catalogue with what a config adds.
#[derive(Clone, Debug)]
pub struct Own {
    /// All that is known of libraries then.
    pub catalog: Arc<Catalog>,
    /// The table `catalog` of the config.
    pub(super) table: Value,
    /// What was read from files.
    texts: Vec<String>,
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        (&self.table, &self.texts) == (&other.table, &other.texts)
    }
}

impl Eq for Own {}

/// Reads the table `catalog`: its files in their order, then what stands in the config itself. All
/// of it comes before what the program brings along.
pub(super) fn read(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Own> {
    let mut known = Catalog::default();
    let mut is_good = true;
    let mut texts = Vec::new();
    let mut inline = toml::Table::new();
    let keys = || [TABLES, LISTS, LISTS_OF_TABLES].concat();
    let mut entries = reader.entries(entry);
    let is_table = !entries.is_empty();
    // Files come first wherever they stand.
    entries.sort_by_key(|item| item.key != "files");
    for item in entries {
        let key = item.key.as_ref();
        if key == "files" {
            let files = reader.strings(&item, "files", "libraries.toml", |reader, item, file| {
                let text = text_of(reader, item, file)?;
                match std::mem::take(&mut known).and(&text) {
                    Ok(catalog) => known = catalog,
                    Err(error) => {
                        is_good = false;
                        let at = error.span().map_or(0, |span| span.start as u32);
                        let at = SourceFile::from_text(file, text.as_str()).position(at);
                        let place = format!("{file}:{}:{}", at.line, at.column);
                        let message = format!("`{file}` cannot be read: {}", line(&error));
                        reader.report(item.span, message, place, None);
                    }
                }
                texts.push(text);
                Some(())
            });
            is_good &= files.is_some();
        } else if keys().contains(&key) {
            inline.insert(key.to_owned(), item.to_value()?);
        } else {
            let names = keys().into_iter().chain(["files"]);
            let help = if let Some(near) = nearest(key, names.clone()) {
                format!("did you mean `{near}`?")
            } else {
                let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
                format!("the keys are {}", names.join(", "))
            };
            let message = format!("unknown key `{key}` in `[catalog]`");
            reader.report(item.key_span, message, "no such key", Some(help));
            is_good = false;
        }
    }
    let text = toml::to_string(&inline).ok()?;
    match known.and(&text) {
        Ok(catalog) => (is_table && is_good).then_some(Own {
            catalog: Arc::new(catalog),
            table: entry.to_value()?,
            texts,
        }),
        Err(error) => {
            let message = format!("`catalog` cannot be read: {}", line(&error));
            let help = Some("it has the shape of a file of the catalogue".to_owned());
            reader.report(entry.key_span, message, "", help);
            None
        }
    }
}

/// The text of a library file, whose path counts from the folder of the config.
fn text_of(reader: &mut Reader<'_>, item: &Entry<'_>, file: &str) -> Option<String> {
    let folder = reader.path().parent().unwrap_or(Path::new("")).to_owned();
    let path = folder.join(file);
    let is_toml = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    let text = match path.canonicalize() {
        // Mistakes are shown with their lines, so nothing is read of other files.
        Ok(real) if !is_toml(&real) => Err(std::io::Error::other("this is no TOML file")),
        _ => crate::reading::text(&path),
    };
    match text {
        Ok(text) => Some(text),
        Err(error) => {
            let reason = crate::load::reason(&error);
            let help = Some("the path counts from the folder of this config".to_owned());
            reader.report(item.span, format!("cannot read `{file}`"), reason, help);
            None
        }
    }
}

/// The first line of an error, which may draw a picture.
fn line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}
