//! docs/command-line.md and docs/configuration.md say what is there, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint_engine::config::{
    Config, DEFAULT_EXCLUDE, DEFAULT_MAX_CHAIN, DEFAULT_MAX_FILE_SIZE, Options, TargetVersion,
};
use asynclint_lints::{LINTS, Library};
use asynclint_reporter::Format;

const APP: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the program writes when it is called in a folder that holds `text` as `app.py`.
fn output(text: &str, args: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.py"), text).expect("a file in it");
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let output = command.args(args).current_dir(&folder).env_clear().output();
    let output = output.expect("the program runs");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("its output is UTF-8")
}

/// The code blocks of `page` in `language`.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(&*fence).skip(1).filter_map(|block| block.split("```").next()).collect()
}

/// The words of letters, dashes and underscores that stand right after `before` in `text`.
fn words<'t>(text: &'t str, before: &str) -> BTreeSet<&'t str> {
    let end = |word: &str| word.find(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_');
    let words = text.split(before).skip(1).map(|word| &word[..end(word).unwrap_or(word.len())]);
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}

/// The first cells of the tables below `heading`, without backticks, split at commas.
fn first_cells<'p>(page: &'p str, heading: &str) -> BTreeSet<&'p str> {
    let section = page.split(heading).nth(1).expect("the page has the heading");
    let section = section.split("\n#").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" |").next());
    cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect()
}

#[test]
fn every_flag_is_documented_and_every_documented_flag_exists() {
    let help: String = ["check", "explain", "lints", "version"]
        .iter()
        .map(|command| output("", &[command, "--help"]))
        .chain([output("", &["--help"])])
        .collect();
    let page = read("docs/command-line.md");
    assert_eq!(words(&page, "--"), words(&help, "--"));
    for short in words(&help, "  -").iter().filter(|short| !matches!(**short, "h" | "V")) {
        assert!(page.contains(&format!("`-{short}`")), "-{short} is not documented");
    }
}

#[test]
fn every_command_is_documented() {
    let help = output("", &["--help"]);
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let page = read("docs/command-line.md");
    for command in commands.expect("help lists the commands").lines() {
        let name = command.split_whitespace().next().unwrap_or_default();
        let is_documented = page.contains(&format!("| `asynclint {name}"));
        assert!(is_documented || name == "help", "{name} is not documented");
    }
}

#[test]
fn every_variable_is_documented() {
    let sources = std::fs::read_dir(root().join("crates/cli/src")).expect("the sources");
    let sources: String = sources.map(|entry| read(entry.expect("a source").path())).collect();
    let page = read("docs/command-line.md");
    assert_eq!(words(&page, "ASYNCLINT_"), words(&sources, "ASYNCLINT_"));
}

#[test]
fn every_format_is_documented() {
    let page = read("docs/command-line.md");
    for format in Format::ALL {
        assert!(page.contains(&format!("\n`{}`", format.as_str())), "{format:?}");
    }
}

#[test]
fn every_field_of_json_is_documented() {
    let page = read("docs/command-line.md");
    let documented = first_cells(&page, "`json` is an array");
    let found = output(APP, &["check", "--output-format", "json"]);
    let found: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&found).expect("JSON");
    assert_eq!(documented, found[0].keys().map(String::as_str).collect());
}

#[test]
fn sessions_show_what_happens() {
    let page = read("docs/command-line.md");
    for block in blocks(&page, "console") {
        let (call, expected) = block.split_once('\n').expect("a call and its output");
        let args = call.strip_prefix("$ asynclint ").expect("a call of ours");
        assert_eq!(output(APP, &args.split(' ').collect::<Vec<_>>()), expected, "{call}");
    }
}

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let page = read("docs/configuration.md");
    let known = |table: &str| -> BTreeSet<String> {
        let setting = format!("{table}nonsense = 1");
        let error = output("", &["check", "--config", &setting]);
        let keys = error.split("the keys are ").nth(1).expect("the keys are listed");
        keys.split(", ").map(|key| format!("{table}{}", key.trim().trim_matches('`'))).collect()
    };
    let mut keys = known("");
    keys.extend(known("blocking."));
    keys.extend(known("tasks."));
    let documented = first_cells(&page, "## Keys");
    assert_eq!(documented, keys.iter().map(String::as_str).collect());
}

#[test]
fn defaults_are_as_documented() {
    let page = read("docs/configuration.md");
    let row = |key: &str| -> Vec<String> {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("no row of {key}"));
        row.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let config = Config::isolated("/");
    assert_eq!(row("max-file-size")[3], format!("`{DEFAULT_MAX_FILE_SIZE}`"));
    assert_eq!(row("blocking.max-chain")[3], format!("`{DEFAULT_MAX_CHAIN}`"));
    assert_eq!(row("respect-noqa")[3], format!("`{}`", config.respect_noqa));
    assert_eq!(row("respect-gitignore")[3], format!("`{}`", config.respect_gitignore));
    let (oldest, newest) = (TargetVersion::OLDEST, TargetVersion::NEWEST);
    assert_eq!(row("target-version")[2], format!("`\"{oldest}\"` to `\"{newest}\"`"));
    assert!(row("target-version")[3].contains(&format!("`\"{}\"`", TargetVersion::default())));
    for library in Library::ALL {
        assert!(row("library")[2].contains(&format!("`\"{}\"`", library.as_str())));
    }
    let folders: Vec<_> = blocks(&page, "text")[0].split_whitespace().collect();
    assert_eq!(folders, DEFAULT_EXCLUDE);
}

#[test]
fn examples_of_configs_are_valid() {
    let page = read("docs/configuration.md");
    for block in blocks(&page, "toml") {
        if block.contains("[tool.") {
            let options = Options::parse_pyproject("example", block, LINTS);
            assert!(options.unwrap_or_else(|errors| panic!("{errors}")).is_some());
        } else if let Err(errors) = Options::parse("example", block, LINTS) {
            panic!("{errors}");
        }
    }
}

#[test]
fn the_example_of_suppressions_silences_all_that_is_found() {
    let page = read("docs/configuration.md");
    for example in blocks(&page, "python") {
        assert_eq!(output(example, &["check"]), "All checks passed!\n");
        let bare = output(&example.replace("asynclint: ignore", ""), &["check"]);
        assert!(bare.ends_with("Found 2 errors.\n"), "{bare}");
    }
}

/// In the words of the page: the file, the line, the column and the kind of every finding.
#[test]
fn vim_reads_the_concise_format() {
    let page = read("docs/command-line.md");
    let format = page.split("`set errorformat=").nth(1).and_then(|rest| rest.split('`').next());
    let format = format.expect("the page tells what to set");
    let folder = tempfile::tempdir().expect("a folder");
    let list = output(APP, &["check", "--output-format", "concise", "--exit-zero"]);
    // Vim looks for files that are there, and takes paths with blanks and colons as they are.
    let list = list.replace("app.py", "my dir/ü x.py") + &list;
    std::fs::write(folder.path().join("list"), list).expect("a file");
    let set = format!("set errorformat={format}");
    let give = "call writefile(map(getqflist({'all': 0, 'items': 0}).items, \
                {_, f -> f.valid . ' ' . bufname(f.bufnr) . ':' . f.lnum . ':' . f.col . ' ' . \
                f.type . ' ' . f.text}), 'read')";
    let mut vim = Command::new("vim");
    vim.args(["-Nu", "NONE", "-es", "-c", &set, "-c", "cgetfile list", "-c", give, "-c", "qa!"]);
    let Ok(status) = vim.current_dir(&folder).env("LC_ALL", "C.UTF-8").status() else {
        // Not every machine has Vim.
        return;
    };
    assert!(status.success(), "{status}");
    let seen = std::fs::read_to_string(folder.path().join("read")).expect("a list");
    let message = "e `time.sleep` blocks the event loop in coroutine `main`";
    let summary = "0 :0:0  Found 1 error.";
    let expected =
        format!("1 my dir/ü x.py:5:5 {message}\n{summary}\n1 app.py:5:5 {message}\n{summary}\n");
    assert_eq!(seen, expected);
}
