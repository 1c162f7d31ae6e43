//! The recipe for Vim, and its words for errors in general.

use std::path::Path;

use super::{CLEAN, DIRTY, Desk, run};
use crate::shared::page::{self, blocks, section};
use crate::shared::tools::{self, Program};

/// Writes the file, the line, the column, the kind and the text of every finding in the list.
const GIVE: &str = "call writefile(map(getqflist(), {_, f -> f.valid . ' ' . bufname(f.bufnr) . \
                    ':' . f.lnum . ':' . f.col . ' ' . f.type . ' ' . f.text}), 'read')";

fn vim() -> Option<Program> {
    tools::debian(&["vim", "vim.basic"], "vim")
}

fn command(vim: &Program) -> std::process::Command {
    let mut command = vim.command();
    if let Some(root) = &vim.root {
        command.env("VIMRUNTIME", root.join("usr/share/vim/vim90"));
    }
    command
}

/// The two files of the recipe.
fn recipes() -> [String; 2] {
    let page = page::read("docs/editors.md");
    let blocks = blocks(section(&page, "Vim"), "vim");
    let [compiler, plugin] = blocks.as_slice() else { panic!("two files are to be written") };
    [(*compiler).to_owned(), (*plugin).to_owned()]
}

#[test]
fn vim_lists_what_is_found_in_a_project_and_on_save() {
    let Some(vim) = vim() else { return };
    let desk = Desk::new(DIRTY);
    let [compiler, plugin] = recipes();
    desk.put("home/.vim/compiler/asynclint.vim", &compiler);
    desk.put("home/.vim/after/ftplugin/python.vim", &plugin);
    desk.put("home/vimrc", "set nocompatible shellredir=>%s\\ 2>&1\nfiletype plugin on\n");
    desk.put("my project/main.py", CLEAN);
    let found = "1 app.py:6:14 e [missing-await] coroutine `repo.save` is never awaited\n\
                 1 app.py:7:5 n [blocking-sleep] `time.sleep` blocks the event loop in coroutine \
                 `main`\n";
    let home = desk.path("home");
    let vimrc = home.join("vimrc");
    let run_over = |file: &str, then: &[&str]| {
        drop(std::fs::remove_file(desk.path("my project/read")));
        let mut command = command(&vim);
        command.arg("-u").arg(&vimrc).args(["-i", "NONE", "-n", "-es", file]);
        for line in then.iter().chain(&[GIVE, "qa!"]) {
            command.args(["-c", line]);
        }
        run(command.current_dir(desk.project()), &home);
        desk.read("my project/read")
    };
    assert_eq!(run_over("main.py", &["compiler asynclint", "silent make!"]), found);
    assert_eq!(run_over("main.py", &["write"]), "");
    assert_eq!(run_over("app.py", &["write"]), found);
}

/// Vim looks for files that are there, and takes paths with blanks and colons as they are.
#[test]
fn every_errorformat_of_the_pages_reads_the_concise_format() {
    let Some(vim) = vim() else { return };
    let [compiler, _] = recipes();
    let in_recipe = compiler.split("errorformat=").nth(1).expect("it sets it").trim().to_owned();
    let page = page::read("docs/command-line.md");
    let in_page = page.split("`set errorformat=").nth(1).and_then(|rest| rest.split('`').next());
    assert_eq!(in_page, Some(&*in_recipe));
    let plain = in_recipe.replace("\\ ", " ");
    let editors = page::read("docs/editors.md");
    assert!(section(&editors, "Anything else").contains(&format!("`{plain}`")));

    let desk = Desk::new(CLEAN);
    let list = "app.py:5:5: error[a-b] c `d`: [e]\nFound 1 error.\n";
    desk.put("my project/list", &(list.replace("app.py", "my dir/ü: x.py") + list));
    let set = format!("set errorformat={in_recipe}");
    let mut command = command(&vim);
    command.args(["-Nu", "NONE", "-es", "-c", &set, "-c", "cgetfile list", "-c", GIVE]);
    command.args(["-c", "qa!"]).current_dir(desk.project());
    run(&mut command, Path::new("/nonexistent"));
    let found = "5:5 e [a-b] c `d`: [e]\n0 :0:0  Found 1 error.\n";
    let expected = format!("1 my dir/ü: x.py:{found}1 app.py:{found}");
    assert_eq!(desk.read("my project/read"), expected);
}
