//! Every command of docs/ci.md is run as it stands there, and writes what the rest of its example
//! reads.

use std::path::{Path, PathBuf};
use std::process::Command;

const APP: &str = "import time\n\n\nasync def main():\n    time.sleep(1)\n";
const CLEAN: &str = "x = 1\n";

/// The blocks of code of docs/ci.md.
fn blocks() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ci.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').expect("a language").1.to_owned()).collect()
}

/// The commands in a block, without what the language of the block puts around them.
fn commands(block: &str) -> Vec<&str> {
    let lines = block.lines().map(|line| {
        let line = line.trim().trim_start_matches("- ");
        let line = ["run: ", "script: ", "sh '"]
            .iter()
            .find_map(|word| line.strip_prefix(word))
            .unwrap_or(line);
        line.trim_end_matches('\'')
    });
    lines.filter(|line| line.starts_with("asynclint ") || line.starts_with("reviewdog ")).collect()
}

/// A folder with `text` as `app.py`, and one with a reviewdog that shows what it is given.
fn folders(text: &str) -> (tempfile::TempDir, tempfile::TempDir) {
    let (folder, programs) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir());
    let programs = programs.expect("a folder");
    std::fs::write(folder.path().join("app.py"), text).expect("a file");
    let reviewdog = programs.path().join("reviewdog");
    std::fs::write(&reviewdog, "#!/bin/sh\ncat\n").expect("a program");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&reviewdog, mode).expect("it can be run");
    }
    (folder, programs)
}

/// The value of `-o` in `command`.
fn output_file(command: &str) -> Option<&str> {
    command.split_once(" -o ")?.1.split(' ').next()
}

#[cfg(unix)]
#[test]
fn examples_do_what_they_say() {
    let blocks = blocks();
    assert!(blocks.len() >= 7, "the page has lost its examples");
    // tests/install runs the action.
    for block in blocks.iter().filter(|block| !block.contains("uses: asynclint/")) {
        let commands = commands(block);
        let script = commands.join("\n");
        assert!(script.contains("asynclint check "), "an example without a command:\n{block}");
        for (text, is_clean) in [(APP, false), (CLEAN, true)] {
            let (folder, programs) = folders(text);
            let asynclint = PathBuf::from(env!("CARGO_BIN_EXE_asynclint"));
            let own = asynclint.parent().expect("a folder");
            let path = std::env::var("PATH").unwrap_or_default();
            let path = format!("{}:{}:{path}", programs.path().display(), own.display());
            let mut shell = Command::new("sh");
            shell.args(["-e", "-c", &script]).current_dir(&folder).env_clear().env("PATH", path);
            let output = shell.output().expect("a shell");
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.stderr.is_empty(), "{script}\n{output:?}");
            let exit = i32::from(!is_clean && !script.contains("--exit-zero"));
            assert_eq!(output.status.code(), Some(exit), "{script}\n{shown}");
            for command in &commands {
                match output_file(command) {
                    Some(name) => {
                        let report = std::fs::read_to_string(folder.path().join(name));
                        let report = report.unwrap_or_else(|error| panic!("{command}: {error}"));
                        assert_eq!(report.contains("blocking-sleep"), !is_clean, "{report}");
                        assert!(!report.is_empty(), "{command}");
                    }
                    None => assert_eq!(shown.contains("blocking-sleep"), !is_clean, "{shown}"),
                }
            }
        }
    }
}

#[test]
fn what_is_written_is_read() {
    let mut files = 0;
    for block in blocks() {
        for name in commands(&block).into_iter().filter_map(output_file) {
            let readers = block.matches(name).count() - 1;
            assert!(readers > 0 || name == "findings.json", "nobody reads {name}:\n{block}");
            files += 1;
        }
    }
    assert!(files >= 6, "the page has lost its examples");
}
