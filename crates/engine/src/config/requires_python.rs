//! The oldest Python that a project says it supports.

use std::path::Path;
use std::str::FromStr;

use pep440_rs::{Operator, VersionSpecifiers};
use toml::de::{DeTable, DeValue};

use super::target::TargetVersion;
use super::{files, ini};
use crate::reading;

/// What the closest of the folders at or above `folder` says that says anything, up to the top
/// of the repository.
pub(super) fn of_project(folder: &Path) -> Option<TargetVersion> {
    for folder in folder.ancestors() {
        if let Some(version) = of_folder(folder) {
            return Some(version);
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}

fn of_folder(folder: &Path) -> Option<TargetVersion> {
    let pyproject = reading::text(&folder.join(files::PYPROJECT)).ok();
    pyproject.and_then(|text| of_pyproject(&text)).or_else(|| {
        let setup = reading::text(&folder.join("setup.cfg")).ok();
        let of_cfg = |text: String| lower_bound(&ini::value(&text, "options", "python_requires")?);
        setup.and_then(of_cfg).or_else(|| {
            let setup = reading::text(&folder.join("setup.py")).ok()?;
            lower_bound(of_setup(&setup)?)
        })
    })
}

/// What `setup(python_requires=">=3.8")` says, or the dict that it is given, where it is written as
/// a text.
fn of_setup(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("python_requires")?;
    let rest = rest.trim_start_matches(['"', '\'']).trim_start();
    let value = rest.strip_prefix(['=', ':'])?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    value[1..].split(quote).next().filter(|it| !it.contains('\n'))
}

/// The version of `[project] requires-python` or of Poetry's `python`.
fn of_pyproject(text: &str) -> Option<TargetVersion> {
    if !text.contains("python") {
        return None;
    }
    let document = DeTable::parse(text).ok()?;
    let project = string(document.get_ref(), &["project", "requires-python"]);
    let poetry = || {
        let path = ["tool", "poetry", "dependencies", "python"];
        string(document.get_ref(), &path).or_else(|| {
            string(document.get_ref(), &[path[0], path[1], path[2], path[3], "version"])
        })
    };
    project.or_else(poetry).and_then(lower_bound)
}

fn string<'t>(table: &'t DeTable<'_>, path: &[&str]) -> Option<&'t str> {
    let (last, tables) = path.split_last()?;
    let mut table = table;
    for name in tables {
        let DeValue::Table(inner) = table.get(*name)?.get_ref() else { return None };
        table = inner;
    }
    table.get(*last)?.get_ref().as_str()
}

/// The lowest Python that `text` lets in, as PEP 440 or Poetry write it.
fn lower_bound(text: &str) -> Option<TargetVersion> {
    // Poetry joins alternatives by `||`; the lowest of them counts.
    let alternatives = text.split("||").map(|part| alternative(part.trim()));
    alternatives.collect::<Option<Vec<_>>>()?.into_iter().min()
}

fn alternative(text: &str) -> Option<TargetVersion> {
    let bounds = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    bounds.filter_map(bound).max()
}

fn bound(text: &str) -> Option<TargetVersion> {
    if let Some(version) = text.strip_prefix('^') {
        return plain(version);
    }
    if let Some(version) = text.strip_prefix('~')
        && !version.starts_with('=')
    {
        return plain(version);
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return plain(text);
    }
    let specifiers = VersionSpecifiers::from_str(text).ok()?;
    let bounds = specifiers.iter().filter_map(|specifier| {
        let from = matches!(
            specifier.operator(),
            Operator::Equal
                | Operator::EqualStar
                | Operator::ExactEqual
                | Operator::TildeEqual
                | Operator::GreaterThan
                | Operator::GreaterThanEqual
        );
        from.then(|| release(specifier.version().release()))?
    });
    bounds.max()
}

/// A version without operator: `3.9`, `3.9.1`, `3.9.*`, `3`.
fn plain(text: &str) -> Option<TargetVersion> {
    let parts = text.trim().split('.').take_while(|part| *part != "*");
    let release_parts: Option<Vec<u64>> = parts.map(|part| part.parse().ok()).collect();
    release(&release_parts?)
}

/// A release before Python 3 gives the oldest target: such a project supports all of them.
fn release(parts: &[u64]) -> Option<TargetVersion> {
    match parts {
        [0..=2, ..] | [3] => Some(TargetVersion::OLDEST),
        [3, minor, ..] => Some(TargetVersion::clamped(*minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, minor: u8) {
        assert_eq!(lower_bound(text).map(TargetVersion::minor), Some(minor), "{text}");
    }

    #[test]
    fn specifiers_of_pep_440() {
        check(">=3.11", 11);
        check(">= 3.11, < 4", 11);
        check("<4,>=3.9,!=3.9.0", 9);
        check(">3.9", 9);
        check("~=3.9.2", 9);
        check("==3.12.*", 12);
        check("===3.12.1", 12);
        check(">=3.9.2rc1", 9);
        check(">=3.8,>=3.12", 12);
    }

    #[test]
    fn constraints_of_poetry() {
        check("^3.9", 9);
        check("~3.12", 12);
        check("3.11", 11);
        check("3.11.*", 11);
        check(">=3.9,<4.0", 9);
        check("^3.12 || ^3.10", 10);
    }

    #[test]
    fn versions_are_clamped() {
        check(">=2.7", 8);
        check(">=3", 8);
        check("^3", 8);
        check(">=3.6", 6);
        check(">=3.1", 5);
        check(">=3.99", 15);
    }

    #[test]
    fn calls_of_setup() {
        let check = |text: &str, wanted: Option<&str>| assert_eq!(of_setup(text), wanted, "{text}");
        check("setup(\n    python_requires='>=3.5, <4',\n)", Some(">=3.5, <4"));
        check("setup(python_requires = \">=3.9\")", Some(">=3.9"));
        check("options = {\n    'python_requires': '>=3.7,<3.8',\n}", Some(">=3.7,<3.8"));
        check("setup(python_requires=REQUIRES)", None);
        check("setup(name='x')", None);
        check("setup(python_requires='>=3.9\n", None);
    }

    #[test]
    fn no_bound_is_no_version() {
        for text in ["", "*", "<4", "!=3.9", "<=3.12", ">=4", "nonsense", ">=3.9 || *", ">=x"] {
            assert_eq!(lower_bound(text), None, "{text}");
        }
    }

    #[test]
    fn pyproject_names_it_in_three_places() {
        let minor = |text| of_pyproject(text).map(TargetVersion::minor);
        assert_eq!(minor("[project]\nrequires-python = '>=3.11'"), Some(11));
        assert_eq!(minor("[tool.poetry.dependencies]\npython = '^3.9'"), Some(9));
        assert_eq!(minor("[tool.poetry.dependencies]\npython = {version = '^3.9'}"), Some(9));
        let both = "[tool.poetry.dependencies]\npython='^3.9'\n[project]\nrequires-python='>=3.12'";
        assert_eq!(minor(both), Some(12));
        assert_eq!(minor("[project]\nname = 'python'"), None);
        assert_eq!(minor("[project]\nrequires-python = 3.11"), None);
        assert_eq!(minor("[project\nrequires-python = '>=3.11'"), None);
    }
}
