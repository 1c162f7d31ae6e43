//! A folder for caches that the user names.

use std::path::Path;
use std::process::{Command, Output};

fn asynclint(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.args(args).current_dir(folder).env_clear().envs(variables.iter().copied());
    command.output().expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| entries.flatten().count())
}

#[test]
fn the_folder_is_that_of_the_flag_then_of_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.py"), "x = 1\n").expect("a file in it");
    let at = |name: &str| folder.path().join(name);
    let (flag, variable) = (["check", "--cache-dir", "a/b"], ("ASYNCLINT_CACHE_DIR", "c"));
    for (args, variables, kept) in [
        (&flag[..], &[variable][..], "a/b"),
        (&["check"], &[variable], "c"),
        (&["check"], &[variable, ("ASYNCLINT_NO_CACHE", "0")], "c"),
    ] {
        let checked = asynclint(folder.path(), args, variables);
        assert_eq!(stdout(&checked), "All checks passed!\n");
        assert_eq!(count(&at(kept)), 3, "{args:?}: a tag, a `.gitignore` and the cache");
        let args = [&["clean"], &args[1..]].concat();
        let cleaned = asynclint(folder.path(), &args, variables);
        assert_eq!(stdout(&cleaned), format!("cleaned `{kept}`\n"));
        assert!(!at(kept).exists());
    }
    for (args, no_cache) in [(&["check", "--no-cache"][..], ""), (&["check"], "1")] {
        asynclint(folder.path(), args, &[variable, ("ASYNCLINT_NO_CACHE", no_cache)]);
        assert_eq!(count(folder.path()), 2, "`app.py` and the empty folder `a`");
    }
}

#[test]
fn what_others_keep_in_the_folder_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("kept")).expect("a folder in it");
    for name in ["app.py", "kept/other.facts.py", "kept/notes"] {
        std::fs::write(folder.path().join(name), "x = 1\n").expect("a file in it");
    }
    asynclint(folder.path(), &["check", "--cache-dir", "kept"], &[]);
    assert_eq!(count(&folder.path().join("kept")), 5);
    let cleaned = asynclint(folder.path(), &["clean", "--cache-dir", "kept"], &[]);
    assert_eq!(cleaned.status.code(), Some(0));
    // Our tag and `.gitignore` stay with them.
    assert_eq!(count(&folder.path().join("kept")), 4);
}
