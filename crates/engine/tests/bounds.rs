//! Every bound of the program stands in docs/troubleshooting.md, with the number that the code has.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use asynclint_engine::config::{DEFAULT_MAX_CHAIN, DEFAULT_MAX_FILE_SIZE};
use asynclint_parser::{Limits, ParseError};
use support::root;

/// A bound: the file and the name of its constant.
type Bound = (String, String);

/// Where bounds may stand.
const SOURCES: &[&str] = &[
    "crates/engine/src",
    "crates/parser/src",
    "crates/project/src",
    "crates/semantic/src",
    "lints/src",
];

/// Constants that sound like bounds and have a line of their own, or choose between two ways to the
/// same answer.
const OTHERS: &[(&str, &str)] = &[
    ("crates/engine/src/config/keys.rs", "MOST_BYTES"),
    ("crates/engine/src/fix.rs", "MAX_ROUNDS"),
    ("crates/parser/src/check.rs", "MOST_INDENTS"),
    ("crates/project/src/blocking/never.rs", "MOST_AROUND"),
];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A number as code and documents write it.
fn number(text: &str) -> Option<u64> {
    text.trim().replace(['_', ','], "").parse().ok()
}

/// The numeric constants of the files below `folder`.
fn constants(folder: &Path, found: &mut BTreeMap<Bound, u64>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            constants(&path, found);
            continue;
        }
        let file = path.strip_prefix(root()).expect("it lies below").to_string_lossy().into_owned();
        for line in read(&path).lines() {
            let Some((_, rest)) = line.split_once("const ") else { continue };
            if let Some((name, rest)) = rest.split_once(':')
                && let Some((_, value)) = rest.split_once(" = ")
                && let Some(value) = number(value.trim_end_matches(';'))
            {
                found.insert((file.clone(), name.to_owned()), value);
            }
        }
    }
}

/// The rows of the second table: the name of the constant, and its file.
fn told(page: &str) -> BTreeMap<Bound, u64> {
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, _, bound, place, _] = cells[..] else { return None };
        let (name, path) = place.strip_prefix('`')?.strip_suffix('`')?.split_once("` in `")?;
        let bound = number(bound).unwrap_or_else(|| panic!("no number: {line}"));
        Some(((path.to_owned(), name.to_owned()), bound))
    });
    rows.collect()
}

fn all() -> BTreeMap<Bound, u64> {
    let mut found = BTreeMap::new();
    for folder in SOURCES {
        constants(&root().join(folder), &mut found);
    }
    found
}

#[test]
fn every_bound_is_told_with_its_number() {
    let told = told(&read(&root().join("docs/troubleshooting.md")));
    let all = all();
    assert!(told.len() > 30, "the table is there");
    for (bound, value) in &told {
        assert_eq!(all.get(bound), Some(value), "{bound:?} is another one in the code");
    }
    let is_bound = |(file, name): &&Bound| {
        (name.starts_with("MAX_") || name.starts_with("MOST_"))
            && !OTHERS.contains(&(file.as_str(), name.as_str()))
    };
    let missing: Vec<_> = all.keys().filter(is_bound).filter(|it| !told.contains_key(it)).collect();
    assert!(missing.is_empty(), "docs/troubleshooting.md does not tell of {missing:#?}");
}

#[test]
fn what_is_refused_is_told_in_the_words_of_the_program() {
    let page = read(&root().join("docs/troubleshooting.md"));
    let all = all();
    let constant = |file: &str, name: &str| all[&(file.to_owned(), name.to_owned())];
    let grouped = |number: u64| {
        let digits = number.to_string();
        let chunks: Vec<_> =
            digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
        chunks.join(",")
    };
    let limits = Limits::default();
    let settings = constant("crates/engine/src/reading.rs", "SETTINGS");
    for wanted in [
        format!("| files of {} bytes |", grouped(DEFAULT_MAX_FILE_SIZE)),
        format!(
            "bytes are more than the limit of {DEFAULT_MAX_FILE_SIZE}; `max-file-size` raises it"
        ),
        format!("| {} seconds of CPU to parse one |", limits.deadline.as_secs()),
        ParseError::Timeout(limits.deadline).to_string(),
        format!("| code nested {} levels deep |", grouped(limits.max_depth as u64)),
        ParseError::TooDeep(limits.max_depth).to_string(),
        format!(
            "| configs and baselines of {} bytes | \"more than {settings} bytes\"",
            grouped(settings)
        ),
        format!("| {} rounds of fixes,", constant("crates/engine/src/fix.rs", "MAX_ROUNDS")),
        format!(
            "| {} levels of indentation,",
            constant("crates/parser/src/check.rs", "MOST_INDENTS")
        ),
        format!("before a blocking call, {DEFAULT_MAX_CHAIN} where"),
    ] {
        assert!(page.contains(&wanted), "docs/troubleshooting.md lacks {wanted:?}");
    }
}
