//! The rules of the house: who may lean on whom, where each dependency lives, what lies where, and
//! that the documents tell the truth.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use asynclint_engine::config::{ConfigFinder, Options};
use asynclint_engine::discovery::DiscoveryOptions;
use asynclint_engine::selection::CommandLine;
use asynclint_engine::{Caching, Python, Request, check_text};
use asynclint_lints::LINTS;
use asynclint_reporter::{Counts, Format, hint, render, summary};
use support::{Table, root};

/// The floor of every crate. One uses only lower floors, and beside it what [`BESIDE`] allows.
const FLOORS: &[(&str, u32)] = &[
    ("parser", 0),
    ("diagnostics", 0),
    ("fixer", 1),
    ("semantic", 1),
    ("project", 2),
    ("catalog", 2),
    ("lints", 3),
    ("reporter", 3),
    ("engine", 4),
    ("cli", 5),
    ("server", 5),
];

/// Who may use a crate of the same floor.
const BESIDE: &[(&str, &str)] = &[("diagnostics", "parser"), ("project", "catalog")];

/// The packages that have a home, and the crates that it is.
const HOMES: &[(&str, &[&str])] = &[
    ("tree-sitter", &["parser"]),
    ("tree-sitter-python", &["parser"]),
    ("codespan-reporting", &["reporter"]),
    ("clap", &["cli"]),
    ("rayon", &["engine", "project"]),
    ("toml", &["engine", "catalog"]),
];

/// Files longer than this are several things.
const MAX_LINES: usize = 600;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is read").path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The path below the root of the repository.
fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Every crate: its name without prefix, and its folder.
fn crates() -> Vec<(String, PathBuf)> {
    let mut folders = entries(&root().join("crates"));
    folders.retain(|folder| folder.join("Cargo.toml").exists());
    folders.push(root().join("lints"));
    folders.into_iter().map(|folder| (name(&folder), folder)).collect()
}

/// Every file below `folder` whose name ends in `extension`.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() && name(&path) != "target" {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(folder, "rs", &mut found);
    found
}

/// The dependencies of a manifest: their table and package.
fn dependencies(folder: &Path) -> Vec<(String, String)> {
    let manifest: toml::Table = read(&folder.join("Cargo.toml")).parse().expect("it is TOML");
    let tables = manifest.iter().filter(|(table, _)| table.ends_with("dependencies"));
    let of_table = |(table, packages): (&String, &toml::Value)| {
        let packages = packages.as_table().cloned().unwrap_or_default();
        let table = table.clone();
        packages.into_iter().map(move |(package, _)| (table.clone(), package)).collect::<Vec<_>>()
    };
    tables.flat_map(of_table).collect()
}

fn floor(name: &str) -> u32 {
    let found = FLOORS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("give crate {name} a floor in {}", file!())).1
}

#[test]
fn crates_use_lower_floors_only() {
    let mut wrong = Vec::new();
    for (own, folder) in crates() {
        for (_, package) in dependencies(&folder) {
            let Some(used) = package.strip_prefix("asynclint-") else { continue };
            if floor(used) >= floor(&own) && !BESIDE.contains(&(&own, used)) {
                wrong.push(format!(
                    "{own} (floor {}) uses {used} (floor {}): move what it needs down, or the \
                     code that needs it up",
                    floor(&own),
                    floor(used)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_dependency_has_one_home() {
    let mut wrong = Vec::new();
    for (own, folder) in crates() {
        for (table, package) in dependencies(&folder) {
            let Some((_, homes)) = HOMES.iter().find(|(known, _)| *known == package) else {
                continue;
            };
            // The command line is tested with config files.
            let in_tests = (&*own, &*package, &*table) == ("cli", "toml", "dev-dependencies");
            if !homes.contains(&&*own) && !in_tests {
                let homes = homes.join(" and ");
                wrong.push(format!("{own} uses {package}, whose home is {homes}: ask there"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_has_four_folders() {
    let folders: BTreeSet<String> = entries(&root())
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| name(&path))
        // What tools want there, and what Cargo builds.
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    let known = ["crates", "docs", "fixtures", "lints"].map(str::to_owned);
    assert_eq!(folders, BTreeSet::from(known), "machinery goes below crates/, guides to docs/");
}

#[test]
fn files_are_small_and_named_for_what_they_hold() {
    let mut wrong = Vec::new();
    for folder in ["crates", "lints"] {
        for path in rust_files(&root().join(folder)) {
            let lines = read(&path).lines().count();
            if lines > MAX_LINES {
                let path = short(&path);
                wrong.push(format!("{path} has {lines} lines: split it, {MAX_LINES} is the limit"));
            }
            if ["utils.rs", "helpers.rs", "common.rs"].contains(&&*name(&path)) {
                wrong.push(format!("{}: name it after what it holds", short(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_parser_knows_the_grammar() {
    for (own, folder) in crates() {
        for path in rust_files(&folder.join("src")) {
            let clean = own == "parser" || !read(&path).contains("tree_sitter");
            assert!(clean, "{}: ask the parser's `Kind` and `Field` instead", short(&path));
        }
    }
}

#[test]
fn lints_report_and_do_nothing_else() {
    let forbidden =
        ["print!", "println!", "dbg!", "std::io", "std::fs", "std::env", "std::process"];
    for path in rust_files(&root().join("lints/src")) {
        let text = read(&path);
        for word in forbidden {
            let path = short(&path);
            assert!(!text.contains(word), "{path} has `{word}`: a lint asks and reports, no more");
        }
    }
}

/// The first block of code in the language `language` of `text`, and what follows it.
fn block<'t>(text: &'t str, language: &str) -> Option<(&'t str, &'t str)> {
    text.split_once(&format!("```{language}\n"))?.1.split_once("```")
}

/// Runs `text` as the binary would run it under the name `path`, and gives what it prints.
fn printed(path: &str, text: &str) -> String {
    let configs = ConfigFinder::isolated(root(), LINTS, Options::default());
    let (selection, discovery) = (CommandLine::default(), DiscoveryOptions::default());
    let request = Request {
        configs: &configs,
        selection: &selection,
        discovery,
        counts_calls: false,
        python: Python::None,
        caching: Caching::Off,
        threads: 1,
    };
    let outcome = check_text(Path::new(path), text.into(), &request);
    let outcome = outcome.unwrap_or_else(|errors| panic!("{errors:?}"));
    let options = asynclint_reporter::Options { format: Format::FULL, color: false };
    let shown = render(&outcome.diagnostics, &Table(&outcome.sources), &options);
    let hint = hint(&outcome.diagnostics).map(|hint| hint + "\n").unwrap_or_default();
    format!("{shown}{}\n{hint}", summary(Counts::of(&outcome.diagnostics)))
}

#[test]
fn the_readme_shows_what_the_binary_prints() {
    let readme = read(&root().join("README.md"));
    let (example, rest) = block(&readme, "python").expect("README.md has an example");
    let (output, _) = block(rest, "console").expect("its output follows");
    let (command, output) = output.split_once('\n').expect("the command comes first");
    let path = command.strip_prefix("$ asynclint check ").expect("it checks the example");
    let printed = printed(path, example);
    assert!(output == printed, "put this under the example in README.md:\n{printed}");
}

#[test]
fn the_readme_configures_what_there_is() {
    let readme = read(&root().join("README.md"));
    let (config, _) = block(&readme, "toml").expect("README.md has a config");
    let options = Options::parse("asynclint.toml", config, LINTS);
    drop(options.unwrap_or_else(|errors| panic!("the config in README.md is wrong: {errors}")));
}

#[test]
fn ci_runs_what_the_readme_says() {
    let script = read(&root().join(".ci/run"));
    let commands = script.lines().filter(|line| {
        let setup = ["#", "set -euo pipefail", "cd "].iter().any(|word| line.starts_with(word));
        !setup && !line.trim().is_empty()
    });
    let commands: Vec<_> = commands.collect();
    assert_eq!(commands.len(), 1, ".ci/run does more than README.md says: {commands:#?}");
    let readme = read(&root().join("README.md"));
    let says = readme.lines().any(|line| line == commands[0]);
    assert!(says, "README.md does not give the command of .ci/run: {}", commands[0]);
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut documents: Vec<_> = entries(&root());
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    for folder in ["crates", "docs", "fixtures", "lints"] {
        files(&root().join(folder), "md", &mut documents);
    }
    let mut wrong = Vec::new();
    for document in documents {
        let text = read(&document);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let path = link.split('#').next().unwrap_or_default();
            if !document.with_file_name(path).exists() {
                wrong.push(format!("{}: {link} is nowhere", short(&document)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
