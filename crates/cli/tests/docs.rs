//! docs/command-line.md, docs/configuration.md and the schema say what is there, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint_engine::config::{Config, DEFAULT_EXCLUDE, Options, keys};
use asynclint_lints::LINTS;
use asynclint_reporter::Format;
use serde_json::Value;

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
    output_in(folder.path(), args)
}

/// What the program writes when it is called in `folder`.
fn output_in(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let output =
        command.args(args).current_dir(folder).env_clear().env("ASYNCLINT_NO_CACHE", "1").output();
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
    let help: String = ["check", "completions", "config", "explain", "lints", "version"]
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
    let found: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&found).expect("JSON");
    assert_eq!(documented, found[0].keys().map(String::as_str).collect());
}

#[test]
fn sessions_show_what_happens() {
    let pages = ["docs/command-line.md", "docs/fixing.md"].map(read);
    for block in pages.iter().flat_map(|page| blocks(page, "console")) {
        let (call, expected) = block.split_once('\n').expect("a call and its output");
        let args = call.strip_prefix("$ asynclint ").expect("a call of ours");
        assert_eq!(output(APP, &args.split(' ').collect::<Vec<_>>()), expected, "{call}");
    }
}

#[test]
fn the_notebook_gives_what_is_shown() {
    let page = read("docs/notebooks.md");
    let folder = tempfile::tempdir().expect("a folder");
    let (notebook, session) = (blocks(&page, "json")[0], blocks(&page, "text")[0]);
    std::fs::write(folder.path().join("prices.ipynb"), notebook).expect("the example");
    let (command, shown) = session.split_once('\n').expect("a command");
    let args: Vec<_> = command.split(' ').skip(2).collect();
    assert_eq!(output_in(folder.path(), &args), shown);
}

/// The sessions of a page, one after the other over the example on it.
#[test]
fn the_way_to_a_green_run_is_as_shown() {
    let page = read("docs/adoption.md");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.py"), blocks(&page, "python")[0]).expect("the example");
    let sessions = blocks(&page, "console");
    assert_eq!(sessions.len(), 4, "it takes four commands");
    for session in sessions {
        let (call, expected) = session.split_once('\n').expect("a call and its output");
        let args = call.strip_prefix("$ asynclint ").expect("a call of ours");
        assert_eq!(output_in(folder.path(), &args.split(' ').collect::<Vec<_>>()), expected);
    }
    assert_eq!(output_in(folder.path(), &["check"]), "All checks passed!\n");
}

#[test]
fn the_table_of_keys_is_that_of_the_program() {
    let page = read("docs/configuration.md");
    let table = output("", &["config", "--output-format", "markdown"]);
    assert!(page.contains(&table), "put this table into docs/configuration.md:\n{table}");
}

/// The schema in docs/.
fn schema() -> Value {
    serde_json::from_str(&read("docs/asynclint.schema.json")).expect("the schema is JSON")
}

#[test]
fn the_schema_is_that_of_the_program() {
    let update = "run `cargo run -p asynclint -- config --output-format schema > \
                  docs/asynclint.schema.json`";
    let printed = output("", &["config", "--output-format", "schema"]);
    assert!(read("docs/asynclint.schema.json") == printed, "the schema is old: {update}");
    assert!(jsonschema::meta::is_valid(&schema()), "the schema is none");
}

/// Reads an example of a config as the program would, beside what the examples extend.
fn assert_is_read(example: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("shared.toml"), "").expect("a file in it");
    std::fs::create_dir(folder.path().join("app")).expect("a folder in it");
    let name = folder.path().join("app/asynclint.toml");
    let options = if example.contains("[tool.") {
        Options::parse_pyproject(name, example, LINTS).map(Option::unwrap_or_default)
    } else {
        Options::parse(name, example, LINTS)
    };
    drop(options.unwrap_or_else(|errors| panic!("{example}\n{errors}")));
}

/// A config as the JSON that the schema is about.
fn as_json(config: &str) -> Value {
    let mut table: toml::Table = config.parse().expect("it is TOML");
    if let Some(tool) = table.remove("tool") {
        table = tool["asynclint"].as_table().expect("it has our table").clone();
    }
    serde_json::to_value(table).expect("TOML fits into JSON")
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let mut examples: Vec<String> = Vec::new();
    for page in ["docs/configuration.md", "docs/adoption.md", "README.md"] {
        examples.extend(blocks(&read(page), "toml").into_iter().map(str::to_owned));
    }
    for lint in LINTS {
        examples.extend(blocks(lint.page, "toml").into_iter().map(str::to_owned));
    }
    // What the program says of itself is a config, too.
    examples.push(output("", &["check", "--isolated", "--show-settings"]));
    assert!(examples.len() > LINTS.len());
    for example in examples {
        let json = as_json(&example);
        let errors: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{example}\n{}", errors.join("\n"));
        assert_is_read(&example);
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let mut wrong: Vec<String> = [
        "slect = []",
        "target-version = 3.11",
        "target-version = '3.7'",
        "library = 'triio'",
        "respect-noqa = 'yes'",
        "max-file-size = 0",
        "max-file-size = '1'",
        "exclude = 'gen'",
        "exclude = ['']",
        "select = ['blocking-slep']",
        "ignore = ['S101x']",
        "lints.blocking-slep = 'error'",
        "lints.blocking-sleep = 'warn'",
        "lints.blocking-sleep = true",
        "lints.ASYNC251 = 'error'",
        "per-file-ignores.'tests/*' = 'blocking'",
        "per-file-ignores.'tests/*' = ['S1x']",
        "blocking = 3",
        "blocking.max_chain = 3",
        "blocking.max-chain = 101",
        "tasks.keeps-reference = ['a b']",
        "blocking.through-helpers = ['slep']",
        "blocking.sinks.a = 3",
        "decorators.preserving = 'a'",
        "catalog.function = {}",
        "catalog.gives = []",
        "extend = ['base.toml']",
        "src = 'lib'",
        "baseline = true",
    ]
    .map(str::to_owned)
    .into();
    // No key takes a fraction.
    let keys = first_cells(&read("docs/configuration.md"), "## Keys")
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    wrong.extend(keys.iter().map(|key| format!("{key} = 0.5")));
    for text in wrong {
        assert!(Options::parse("wrong", &text, LINTS).is_err(), "the program takes {text}");
        let is_valid = validator.is_valid(&as_json(&text));
        assert!(!is_valid, "the schema takes {text}");
    }
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
    // Where there is no config, the settings are those of the table.
    for (name, key) in keys::all() {
        let shown = (key.show)(&config);
        let default = row(&name)[3].clone();
        if default.starts_with('`') && name != "src" {
            assert_eq!(default, format!("`{shown}`"), "{name}");
        }
    }
    assert_eq!(row("src")[3], "`[\".\", \"src\"]`");
    let folders: Vec<_> = blocks(&page, "text")[0].split_whitespace().collect();
    assert_eq!(folders, DEFAULT_EXCLUDE);
}

#[test]
fn examples_of_configs_are_valid() {
    let page = read("docs/configuration.md");
    for block in blocks(&page, "toml") {
        assert_is_read(block);
    }
}

#[test]
fn the_example_of_suppressions_silences_all_that_is_found() {
    let page = read("docs/suppressions.md");
    for example in blocks(&page, "python") {
        assert_eq!(output(example, &["check"]), "All checks passed!\n");
        let bare = output(&example.replace("asynclint: ignore", ""), &["check"]);
        assert!(bare.contains("\nFound 2 errors.\n"), "{bare}");
    }
}
