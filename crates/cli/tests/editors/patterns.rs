//! The recipes that no test can run, because their editors need a window: what they call is
//! called, and what they read it with reads it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::{CLEAN, DIRTY, Desk, recipe};
use crate::shared::{page, tools};

/// What the program writes for `args`, called in the folder of the project.
fn output(desk: &Desk, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let output = command.args(args).current_dir(desk.project()).env_clear().output();
    let output = output.expect("the program runs");
    assert!(output.stderr.is_empty() && output.status.code() == Some(1), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(recipe: &str) -> Value {
    serde_json::from_str(recipe).unwrap_or_else(|error| panic!("{error}\n{recipe}"))
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item.as_str().expect("a text")).collect()
}

/// Groups of `regexp` in each of the lines `text`, as the regular expressions of JavaScript have
/// them, or those of Python where there is no Node: they agree on all that is used here.
fn groups(regexp: &str, text: &str) -> Option<Value> {
    let node = "const [, regexp, text] = process.argv;
        const found = text.trimEnd().split('\\n').map(line => new RegExp(regexp).exec(line));
        console.log(JSON.stringify(found.map(groups => groups && groups.slice(1))));";
    let python = "import json, re, sys
regexp, text = sys.argv[1:]
found = [re.search(regexp, line) for line in text.rstrip().split('\\n')]
print(json.dumps([groups and groups.groups() for groups in found]))";
    for (program, flag, script) in [("node", "-e", node), ("python3", "-c", python)] {
        let output = Command::new(program).args([flag, script, regexp, text]).output();
        if let Ok(output) = output {
            assert!(output.status.success(), "{output:?}");
            return Some(serde_json::from_slice(&output.stdout).expect("JSON"));
        }
    }
    tools::skip("Node or Python", "neither is on the path");
    None
}

#[test]
fn vs_code_reads_what_is_found() {
    let page = page::read("docs/editors.md");
    let blocks = page::blocks(page::section(&page, "VS Code"), "json");
    let [tasks, settings] = blocks.as_slice() else { panic!("two files are to be written") };
    let task = &json(tasks)["tasks"][0];
    assert_eq!(task["command"], "asynclint");
    assert!(json(settings)["triggerTaskOnSave.tasks"].get("asynclint").is_some(), "{task}");
    assert_eq!(task["label"], "asynclint");

    let desk = Desk::new(DIRTY);
    let shown = output(&desk, &strings(&task["args"]));
    let pattern = &task["problemMatcher"]["pattern"];
    let Some(found) = groups(pattern["regexp"].as_str().expect("a text"), &shown) else {
        return;
    };
    let in_order = ["file", "line", "column", "severity", "code", "message"];
    let places = in_order.map(|name| pattern[name].as_u64().expect("a number of a group"));
    assert_eq!(places, [1, 2, 3, 4, 5, 6]);
    let missing = "coroutine `repo.save` is never awaited";
    let sleep = "`time.sleep` blocks the event loop in coroutine `main`";
    let expected = serde_json::json!([
        ["app.py", "6", "14", "error", "missing-await", missing],
        ["app.py", "7", "5", "note", "blocking-sleep", sleep],
    ]);
    assert_eq!(found, expected);
}

#[test]
fn zed_calls_what_there_is() {
    let task = &json(&recipe("Zed", "json"))[0];
    assert_eq!(task["command"], "asynclint");
    let desk = Desk::new(DIRTY);
    let file = desk.path("my project/app.py").display().to_string();
    let args: Vec<_> = strings(&task["args"]);
    let args: Vec<_> = args.iter().map(|arg| arg.replace("$ZED_FILE", &file)).collect();
    let shown = output(&desk, &args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(shown.starts_with(&format!("{file}:6:14: error[missing-await]")), "{shown}");
}

#[test]
fn pycharm_reads_what_is_found() {
    let page = page::read("docs/editors.md");
    let section = page::section(&page, "PyCharm");
    let field = |name: &str| {
        let row = section.split_once(&format!("| {name} | `")).expect("a row").1;
        row.split('`').next().expect("a value").to_owned()
    };
    let desk = Desk::new(DIRTY);
    let file = desk.path("my project/app.py").display().to_string();
    assert_eq!(field("Program"), "asynclint");
    let args = field("Arguments");
    let args: Vec<_> = args.split(' ').map(|arg| arg.replace("$FilePath$", &file)).collect();
    let shown = output(&desk, &args.iter().map(String::as_str).collect::<Vec<_>>());
    let filter = field("Output filters");
    let filled = |line: &str, column: &str, message: &str| {
        let filled = filter.replace("$FILE_PATH$", &file).replace("$LINE$", line);
        filled.replace("$COLUMN$", column).replace("$MESSAGE$", message)
    };
    let missing = "error[missing-await] coroutine `repo.save` is never awaited";
    let sleep = "note[blocking-sleep] `time.sleep` blocks the event loop in coroutine `main`";
    assert_eq!(shown, filled("6", "14", missing) + "\n" + &filled("7", "5", sleep) + "\n");
}

/// The command that all recipes come from, with the text of an editor that nobody has saved.
#[test]
fn the_first_command_of_the_page_does_what_it_says() {
    let page = page::read("docs/editors.md");
    let command = page::blocks(&page, "sh")[0];
    let desk = Desk::new(CLEAN);
    desk.put("my project/src/app.py", DIRTY);
    let sh = tools::Program { path: PathBuf::from("sh"), root: None };
    let mut shell = sh.command();
    shell.args(["-c", command]).current_dir(desk.project());
    let shown = String::from_utf8(shell.output().expect("a shell").stdout).expect("UTF-8");
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(shown.starts_with("src/app.py:6:14: error[missing-await] "), "{shown}");
}
