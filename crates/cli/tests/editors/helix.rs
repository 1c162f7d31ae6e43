//! The recipe for Helix: efm-langserver with the config of the page, driven as an editor does.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{CLEAN, DIRTY, Desk, recipe};
use crate::shared::tools;

fn send(pipe: &mut impl Write, message: &Value) {
    let text = message.to_string();
    write!(pipe, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
    pipe.flush().expect("the server listens");
}

/// The next message of the server for which `wanted` has an answer.
fn next<T>(pipe: &mut impl BufRead, wanted: impl Fn(&Value) -> Option<T>) -> T {
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(pipe.read_line(&mut line).expect("a header") > 0, "the server has gone");
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        pipe.read_exact(&mut text).expect("a message");
        if let Some(found) = wanted(&serde_json::from_slice(&text).expect("JSON")) {
            return found;
        }
    }
}

#[test]
fn efm_langserver_shows_what_is_found() {
    let Some(efm) = tools::debian(&["efm-langserver"], "efm-langserver") else {
        return;
    };
    let desk = Desk::new(CLEAN);
    desk.put("efm.yaml", &recipe("Helix", "yaml"));
    let mut command = efm.command();
    command.arg("-c").arg(desk.path("efm.yaml")).env("HOME", desk.path("home"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.current_dir(&desk.folder).spawn().expect("the server starts");
    let mut to = child.stdin.take().expect("a pipe");
    let mut from = BufReader::new(child.stdout.take().expect("a pipe"));

    let url = |name: &str| format!("file://{}", desk.path(name).display()).replace(' ', "%20");
    let app = url("my project/app.py");
    send(
        &mut to,
        &json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                "params": {"rootUri": url("my project"), "capabilities": {}}}),
    );
    next(&mut from, |message| message.get("result").map(drop));
    let mut found_in = |text: &str, version: u32| {
        let document = json!({"uri": app, "languageId": "python", "version": version,
                              "text": text});
        let (method, params) = match version {
            1 => ("textDocument/didOpen", json!({"textDocument": document})),
            _ => (
                "textDocument/didChange",
                json!({"textDocument": document, "contentChanges": [{"text": text}]}),
            ),
        };
        send(&mut to, &json!({"jsonrpc": "2.0", "method": method, "params": params}));
        let found = next(&mut from, |message| message["params"].get("diagnostics").cloned());
        let line = |found: &Value| {
            let start = &found["range"]["start"];
            let [row, severity] = [&start["line"], &found["severity"]];
            format!("{row} {severity} {} {}", found["source"], found["message"])
        };
        found.as_array().expect("a list").iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(found_in(CLEAN, 1), [""; 0]);
    let missing = "[missing-await] coroutine `repo.save` is never awaited";
    let sleep = "[blocking-sleep] `time.sleep` blocks the event loop in coroutine `main`";
    assert_eq!(
        found_in(DIRTY, 2),
        [format!("5 1 \"asynclint\" \"{missing}\""), format!("6 4 \"asynclint\" \"{sleep}\"")]
    );
    child.kill().expect("the server can be stopped");
    child.wait().expect("the server has stopped");
}

#[test]
fn the_config_of_helix_is_toml() {
    let config: toml::Table = recipe("Helix", "toml").parse().expect("TOML");
    let servers = &config["language"][0]["language-servers"];
    assert!(servers.as_array().is_some_and(|names| names.contains(&"efm".into())), "{config}");
    assert_eq!(config["language-server"]["efm"]["command"].as_str(), Some("efm-langserver"));
}
