use std::path::Path;

use asynclint_diagnostics::Level;
use asynclint_lints::Group;

use super::{CommandLine, Levels};
use crate::config::{Config, Options};
use crate::selection::Selector;
use crate::selection::test_lints::{LINTS, index};

fn config(text: &str) -> Config {
    Config::from_toml_text("asynclint.toml", text, "/p", LINTS).unwrap()
}

fn selectors(list: &str) -> Vec<Selector> {
    Selector::parse_list(list, LINTS).unwrap()
}

fn select(list: &str) -> CommandLine {
    CommandLine { select: Some(selectors(list)), ..CommandLine::default() }
}

fn level(text: &str, command_line: &CommandLine, lint: &str) -> Level {
    Levels::resolve(LINTS, &config(text), command_line).get(index(lint))
}

fn on(text: &str, command_line: &CommandLine) -> Vec<&'static str> {
    let levels = Levels::resolve(LINTS, &config(text), command_line);
    levels.on().map(|index| LINTS[index].name).collect()
}

#[test]
fn nothing_said_means_the_defaults() {
    let levels = Levels::resolve(LINTS, &config(""), &CommandLine::default());
    assert_eq!(levels, Levels::defaults(LINTS));
    assert_eq!(levels.get(index("gather-without-taskgroup")), Level::Note);
    assert!(!levels.is_on(index("blocking-metadata")));
    assert_eq!(levels.get(99), Level::Off);
}

#[test]
fn the_level_of_a_lint_beats_that_of_its_group() {
    let none = CommandLine::default();
    let text = "[lints]\nblocking = 'note'\nblocking-http = 'off'";
    assert_eq!(level(text, &none, "blocking-sleep"), Level::Note);
    assert_eq!(level(text, &none, "blocking-metadata"), Level::Note);
    assert_eq!(level(text, &none, "blocking-http"), Level::Off);
    assert_eq!(level(text, &none, "missing-await"), Level::Error);
}

#[test]
fn select_replaces_the_set() {
    assert_eq!(on("", &select("dangling-task")), ["dangling-task"]);
    assert_eq!(on("select = ['dangling-task']", &CommandLine::default()), ["dangling-task"]);
    let text = "select = ['dangling-task']\n[lints]\nblocking-sleep = 'error'";
    assert_eq!(on(text, &CommandLine::default()), ["dangling-task"]);
    assert_eq!(on(text, &select("tasks")), ["dangling-task", "gather-without-taskgroup"]);
    assert_eq!(on("select = []", &CommandLine::default()), [""; 0]);
}

#[test]
fn what_is_selected_keeps_its_configured_level() {
    let text = "[lints]\nblocking-sleep = 'note'\ntasks = 'warning'";
    assert_eq!(level(text, &select("ASYNC251"), "blocking-sleep"), Level::Note);
    assert_eq!(level(text, &select("ALL"), "dangling-task"), Level::Warning);
    assert_eq!(level(text, &select("ALL"), "missing-await"), Level::Error);
}

#[test]
fn an_off_lint_that_is_selected_is_a_warning() {
    assert_eq!(level("", &select("blocking-metadata"), "blocking-metadata"), Level::Warning);
    assert_eq!(level("", &select("ALL"), "blocking-metadata"), Level::Warning);
    let off = "[lints]\nblocking-sleep = 'off'";
    assert_eq!(level(off, &select("blocking-sleep"), "blocking-sleep"), Level::Warning);
    let in_config = "extend-select = ['blocking-metadata']";
    assert_eq!(level(in_config, &CommandLine::default(), "blocking-metadata"), Level::Warning);
}

#[test]
fn off_in_the_config_beats_select_in_the_config() {
    let text = "select = ['blocking']\n[lints]\nblocking-metadata = 'off'";
    assert_eq!(on(text, &CommandLine::default()), ["blocking-http", "blocking-sleep"]);
}

#[test]
fn extend_select_adds() {
    let more = CommandLine { extend_select: selectors("blocking-metadata"), ..select("RUF006") };
    assert_eq!(on("", &more), ["blocking-metadata", "dangling-task"]);
    let text = "select = ['RUF006']\nextend-select = ['missing-await']";
    assert_eq!(on(text, &CommandLine::default()), ["dangling-task", "missing-await"]);
    let more = CommandLine { extend_select: selectors("blocking-sleep"), ..CommandLine::default() };
    assert_eq!(on("select = ['RUF006']", &more), ["blocking-sleep", "dangling-task"]);
}

#[test]
fn ignore_of_the_command_line_beats_all() {
    let ignoring = CommandLine { ignore: selectors("ASYNC2"), ..select("blocking,dangling-task") };
    assert_eq!(on("[lints]\nblocking-sleep = 'error'", &ignoring), ["dangling-task"]);
}

#[test]
fn ignore_of_the_config_yields_to_the_command_line() {
    let text = "ignore = ['blocking']\n[lints]\nblocking-sleep = 'error'";
    assert_eq!(level(text, &CommandLine::default(), "blocking-sleep"), Level::Off);
    assert_eq!(level(text, &CommandLine::default(), "missing-await"), Level::Error);
    assert_eq!(on(text, &select("blocking-sleep")), ["blocking-sleep"]);
    let text = "select = ['blocking']\nignore = ['ASYNC251']";
    assert_eq!(on(text, &CommandLine::default()), ["blocking-http", "blocking-metadata"]);
}

#[test]
fn a_later_level_wins() {
    let lower = Options {
        lint_levels: vec![(0, Level::Off)],
        group_levels: vec![(Group::Tasks, Level::Off)],
        ..Options::default()
    };
    let upper = Options { lint_levels: vec![(0, Level::Note)], ..Options::default() };
    let config = Config::from_options("/p", &upper.over(lower));
    let levels = Levels::resolve(LINTS, &config, &CommandLine::default());
    assert_eq!(levels.get(0), Level::Note);
    assert_eq!(levels.get(index("dangling-task")), Level::Off);
}

#[test]
fn files_can_ignore_lints() {
    let text = "[per-file-ignores]\n'tests/**' = ['blocking', 'RUF006']\n'!src/**' = ['S7497']";
    let config = config(text);
    let levels = Levels::resolve(LINTS, &config, &CommandLine::default());
    let off = |path: &str| {
        let here = levels.for_file(&config, Path::new(path));
        levels
            .on()
            .filter(|&lint| !here.is_on(lint))
            .map(|lint| LINTS[lint].name)
            .collect::<Vec<_>>()
    };
    let swallowed = ["cancelled-error-not-raised", "swallowed-cancellation"];
    assert_eq!(off("/p/src/a.py"), [""; 0]);
    assert_eq!(off("/p/a.py"), swallowed);
    let tests = off("/p/tests/deep/a.py");
    assert_eq!(tests[0], "blocking-http");
    assert_eq!(tests.len(), 5);
    // Nothing is copied for files that ignore nothing.
    let here = levels.for_file(&config, Path::new("/p/src/a.py"));
    assert!(matches!(here, std::borrow::Cow::Borrowed(_)));
}
