//! What a run should have left behind.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use super::case::Run;
use super::run::Outcome;
use super::tree::{Snapshot, Tree};

/// Where `outcome` differs from what `run` says; `earlier` are the outcomes of the runs before.
pub(crate) fn differences(
    run: &Run,
    outcome: &Outcome,
    earlier: &[Outcome],
    tree: &Tree,
) -> Vec<String> {
    let Outcome { exit, stdout, stderr } = outcome;
    let repeated = run.same_as.map(|number| &earlier[number - 1]);
    let mut wrong = Wrong::default();
    if *exit != Some(run.exit) {
        wrong.0.push(format!("exit code {exit:?} instead of {}", run.exit));
    }
    if let Some(first) = repeated {
        wrong.unequal("exit code", &format!("{:?}", first.exit), &format!("{exit:?}"));
    }

    let twin = repeated.map(|first| &first.stdout);
    let parts = [&run.stdout_has, &run.stdout_lacks];
    let other = run.brief.is_some() || run.json.is_some();
    wrong.stream("stdout", stdout, run.stdout.as_ref().or(twin), parts, other);
    if let Some(expected) = &run.brief {
        wrong.unequal("stdout in brief", expected, &brief(stdout));
    }
    if let Some(expected) = &run.json {
        wrong.unequal("findings in JSON", &expected.join("\n"), &findings(stdout));
    }

    let twin = repeated.map(|first| &first.stderr);
    let parts = [&run.stderr_has, &run.stderr_lacks];
    wrong.stream("stderr", stderr, run.stderr.as_ref().or(twin), parts, false);

    let all = format!("{stdout}{stderr}");
    if run.color != all.contains('\x1b') {
        let has = if run.color { "no colours" } else { "colours" };
        wrong.0.push(format!("the output has {has}:\n{all}"));
    }
    if all.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\x1b')) {
        wrong.0.push(format!("the output has control characters: {all:?}"));
    }
    if all.contains("panicked") || all.contains(&*tree.path().to_string_lossy()) {
        wrong.0.push(format!("the output shows a panic or where the files lie:\n{all}"));
    }
    wrong.0
}

/// Where `tree` differs from what `run` says it writes; what it held before is `before`.
pub(crate) fn changes(run: &Run, before: &Snapshot, tree: &Tree) -> Vec<String> {
    let mut wrong = Wrong::default();
    let after = tree.snapshot();
    let content = |name: &String| {
        let found = after.get(&tree.path().join(name));
        found.map_or("no file".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    for (name, entry) in &run.writes {
        let expected = String::from_utf8_lossy(&entry.content()).into_owned();
        wrong.unequal(name, &expected, &content(name));
    }
    for (name, parts) in &run.writes_with {
        let text = content(name);
        let missing = parts.iter().filter(|part| !text.contains(part.as_str()));
        wrong.0.extend(missing.map(|part| format!("{name} lacks {part:?}:\n{text}")));
    }
    let written: Vec<_> = run
        .writes
        .keys()
        .chain(run.writes_with.keys())
        .map(|name| tree.path().join(name))
        .collect();
    let removed: Vec<_> = run.removes.iter().map(|name| tree.path().join(name)).collect();
    let still_there = removed.iter().filter(|path| after.contains_key(*path));
    wrong.0.extend(still_there.map(|path| format!("{} is still there", path.display())));
    // A new file may have new folders above it.
    let is_expected = |path: &&PathBuf| {
        written.iter().any(|file| file.starts_with(path))
            || removed.iter().any(|gone| path.starts_with(gone))
    };
    let kept = |snapshot: &Snapshot| -> Snapshot {
        let kept = snapshot.iter().filter(|(path, _)| !is_expected(path));
        kept.map(|(path, content)| (path.clone(), content.clone())).collect()
    };
    if kept(&after) != kept(before) {
        wrong.0.push("files were changed".to_owned());
    }
    wrong.0
}

/// What is wrong with an outcome.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    /// Compares `text` with the `whole` of it that is expected, and with the parts that it has
    /// and lacks. Where nothing at all is expected it is to be empty.
    fn stream(
        &mut self,
        name: &str,
        text: &str,
        whole: Option<&String>,
        [has, lacks]: [&Vec<String>; 2],
        other: bool,
    ) {
        if let Some(expected) = whole {
            self.unequal(name, expected, text);
        } else if has.is_empty() && lacks.is_empty() && !other {
            self.unequal(name, "", text);
        }
        let missing = has.iter().filter(|part| !text.contains(part.as_str()));
        self.0.extend(missing.map(|part| format!("{name} lacks {part:?}:\n{text}")));
        let present = lacks.iter().filter(|part| text.contains(part.as_str()));
        self.0.extend(present.map(|part| format!("{name} has {part:?}:\n{text}")));
    }

    fn unequal(&mut self, what: &str, expected: &str, found: &str) {
        if expected != found {
            self.0.push(format!("{what} is\n{found}\ninstead of\n{expected}"));
        }
    }
}

/// Each line of the concise format up to the `]` after its lint, without what is said of fixes.
fn brief(stdout: &str) -> String {
    let is_hint = |line: &&str| line.starts_with("[*] ") || line.ends_with("--unsafe-fixes`.");
    let mut out = String::new();
    for line in stdout.lines().filter(|line| !is_hint(line)) {
        let end = line.find(']').map_or(line.len(), |at| at + 1);
        writeln!(out, "{}", &line[..end]).expect("a string takes it");
    }
    out
}

/// The findings of the JSON format, each as the concise format has it, without its message.
fn findings(stdout: &str) -> String {
    let Ok(Value::Array(found)) = serde_json::from_str(stdout) else {
        return format!("no array: {stdout}");
    };
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("?").to_owned();
        let (path, level, lint) = (text("path"), text("level"), text("lint"));
        let (row, column) = (&finding["location"]["row"], &finding["location"]["column"]);
        format!("{path}:{row}:{column}: {level}[{lint}]")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
