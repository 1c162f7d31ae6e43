use std::path::{Path, PathBuf};

use super::{Discovery, DiscoveryError, DiscoveryOptions, MOST_FOLDERS, discover, discover_beside};
use crate::config::test_tree::Tree;
use crate::config::{ConfigFinder, Globs, Options};
use crate::selection::test_lints::LINTS;

fn find(paths: &[PathBuf], options: &DiscoveryOptions) -> Discovery {
    discover(paths, &ConfigFinder::new(LINTS, Options::default()), options)
}

/// What is found for `arguments`, all in `tree`; errors come as `path: message`.
fn found_with(tree: &Tree, arguments: &[&str], options: &DiscoveryOptions) -> Vec<String> {
    let paths: Vec<_> = arguments.iter().map(|argument| tree.path(argument)).collect();
    let Discovery { files, errors, config_errors } = find(&paths, options);
    assert!(config_errors.is_empty());
    let files = files.iter().map(|file| tree.name(file));
    let errors =
        errors.iter().map(|error| format!("{}: {}", tree.name(&error.path), error.message));
    files.chain(errors).collect()
}

fn found(tree: &Tree, arguments: &[&str]) -> Vec<String> {
    found_with(tree, arguments, &DiscoveryOptions::default())
}

fn forced(tree: &Tree, arguments: &[&str]) -> Vec<String> {
    let options = DiscoveryOptions { force_exclude: true, ..DiscoveryOptions::default() };
    found_with(tree, arguments, &options)
}

fn globs(root: &Path, glob: &str) -> Globs {
    Globs::new(root, &[glob.to_owned()])
}

#[test]
fn a_folder_stands_for_its_python_files() {
    let tree = Tree::new(&[
        ("b.py", ""),
        ("a.pyi", ""),
        ("a/z.py", ""),
        ("a/.hidden/h.py", ""),
        ("notes.txt", ""),
        ("fast.pyx", ""),
        ("script", "#!/usr/bin/env python"),
        ("py", ""),
        (".py", ""),
        ("README", ""),
    ]);
    assert_eq!(found(&tree, &[""]), ["a.pyi", "a/.hidden/h.py", "a/z.py", "b.py"]);
    assert_eq!(found(&tree, &["a"]), ["a/.hidden/h.py", "a/z.py"]);
}

#[test]
fn beside_a_file_that_belongs_to_no_project() {
    let tree = Tree::new(&[
        ("script.py", ""),
        ("other.pyi", ""),
        ("helpers/names.py", ""),
        ("helpers/package/__init__.py", ""),
        ("venv/lib/site-packages/installed.py", ""),
        ("pictures/2026/rename.py", ""),
        ("project/setup.py", ""),
        ("project/code.py", ""),
        ("clone/.git/config", ""),
        ("clone/code.py", ""),
    ]);
    let beside = || {
        let configs = ConfigFinder::new(LINTS, Options::default());
        let found = discover_beside(&[tree.path("")], &configs, &DiscoveryOptions::default());
        found.files.iter().map(|file| tree.name(file)).collect::<Vec<_>>()
    };
    let close = ["helpers/names.py", "helpers/package/__init__.py", "other.pyi", "script.py"];
    let all = beside();
    assert!(close.iter().all(|&it| all.iter().any(|file| file == it)));
    assert!(all.iter().any(|file| file == "pictures/2026/rename.py"));
    for number in 0..MOST_FOLDERS {
        std::fs::create_dir_all(tree.path(&format!("pictures/{number}"))).expect("a new folder");
    }
    assert_eq!(beside(), close);
}

#[test]
fn an_empty_folder_is_no_error() {
    let tree = Tree::new(&[("docs/notes.txt", "")]);
    assert_eq!(found(&tree, &["docs"]), [""; 0]);
    assert_eq!(found(&tree, &[]), [""; 0]);
}

#[test]
fn named_files_are_taken_whatever_they_are_called() {
    let tree = Tree::new(&[("script", ""), ("fast.pyx", ""), (".venv/x.py", "")]);
    assert_eq!(
        found(&tree, &["script", "fast.pyx", ".venv/x.py"]),
        [".venv/x.py", "fast.pyx", "script"]
    );
}

#[test]
fn default_excludes_are_left_out() {
    let tree = Tree::new(&[
        ("src/x.py", ""),
        ("src/dist.py", ""),
        (".venv/x.py", ""),
        ("deep/node_modules/x.py", ""),
        ("lib/site-packages/x.py", ""),
        (".git/hooks/x.py", ""),
        ("dist/x.py", ""),
    ]);
    assert_eq!(found(&tree, &[""]), ["src/dist.py", "src/x.py"]);
    assert_eq!(found(&tree, &[".venv"]), [".venv/x.py"]);
    assert_eq!(forced(&tree, &[".venv", "dist/x.py", "src/x.py"]), ["src/x.py"]);
}

#[test]
fn excludes_of_the_config_hold_in_its_folder() {
    let tree = Tree::new(&[
        ("asynclint.toml", "extend-exclude = ['/gen', '*_pb2.py', 'old/']"),
        ("gen/x.py", ""),
        ("src/gen/x.py", ""),
        ("src/a_pb2.py", ""),
        ("src/old/x.py", ""),
        ("src/x.py", ""),
        ("inner/asynclint.toml", "exclude = ['x.py']"),
        ("inner/x.py", ""),
        ("inner/y_pb2.py", ""),
        ("inner/venv/y.py", ""),
    ]);
    let expected = ["inner/venv/y.py", "inner/y_pb2.py", "src/gen/x.py", "src/x.py"];
    assert_eq!(found(&tree, &[""]), expected);
    assert_eq!(found(&tree, &["src", "inner"]), expected);
    assert_eq!(found(&tree, &["gen/x.py", "gen"]), ["gen/x.py"]);
    assert_eq!(forced(&tree, &["gen/x.py", "gen", "src/old/x.py", "src/x.py"]), ["src/x.py"]);
}

#[test]
fn excludes_of_the_command_line() {
    let tree = Tree::new(&[
        ("asynclint.toml", "exclude = ['a.py']\nextend-exclude = ['b.py']"),
        ("a.py", ""),
        ("b.py", ""),
        ("c.py", ""),
        ("d.py", ""),
    ]);
    let root = tree.path("");
    let replaced =
        DiscoveryOptions { exclude: Some(globs(&root, "c.py")), ..DiscoveryOptions::default() };
    assert_eq!(found_with(&tree, &[""], &replaced), ["a.py", "d.py"]);
    let more = DiscoveryOptions {
        extend_exclude: Some(globs(&root, "c.py")),
        ..DiscoveryOptions::default()
    };
    assert_eq!(found_with(&tree, &[""], &more), ["d.py"]);
}

#[test]
fn ignore_files_are_respected() {
    let tree = Tree::new(&[
        (".gitignore", "/build/\n*.gen.py\n!keep.gen.py\n"),
        ("build/x.py", ""),
        ("src/x.gen.py", ""),
        ("src/keep.gen.py", ""),
        ("src/.ignore", "local.py\n"),
        ("src/local.py", ""),
        ("src/x.py", ""),
    ]);
    let expected = ["src/keep.gen.py", "src/x.py"];
    assert_eq!(found(&tree, &[""]), expected);
    assert_eq!(found(&tree, &["src"]), expected);
    assert_eq!(forced(&tree, &["build/x.py", "src/local.py"]), ["build/x.py", "src/local.py"]);
    let all = DiscoveryOptions { respect_gitignore: Some(false), ..DiscoveryOptions::default() };
    assert_eq!(found_with(&tree, &[""], &all).len(), 5);
    tree.write("asynclint.toml", "respect-gitignore = false");
    assert_eq!(found(&tree, &[""]).len(), 5);
    let respect = DiscoveryOptions { respect_gitignore: Some(true), ..DiscoveryOptions::default() };
    assert_eq!(found_with(&tree, &[""], &respect), expected);
}

#[test]
fn gitignore_holds_outside_of_repositories() {
    let tree = Tree::new(&[(".gitignore", "a.py"), ("a.py", ""), ("b.py", "")]);
    std::fs::remove_dir_all(tree.path(".git")).unwrap();
    assert_eq!(found(&tree, &[""]), ["b.py"]);
}

#[test]
fn each_file_comes_once_by_its_shortest_path() {
    let tree = Tree::new(&[("a/x.py", ""), ("a/b/y.py", "")]);
    let expected = ["a/b/y.py", "a/x.py"];
    for arguments in [
        &["", "a", "a/x.py"][..],
        &["a/x.py", "a/b/../x.py", "a/b", "a", "a/./b/y.py"],
        &["a/b/../x.py", "a/b/../b", "a/x.py", "a"],
    ] {
        assert_eq!(found(&tree, arguments), expected, "{arguments:?}");
    }
    assert_eq!(found(&tree, &["a/b/../x.py"]), ["a/b/../x.py"]);
}

#[test]
fn paths_are_sorted_by_bytes() {
    let tree =
        Tree::new(&[("a/b.py", ""), ("a.py", ""), ("B.py", ""), ("é.py", ""), ("a-b.py", "")]);
    assert_eq!(found(&tree, &[""]), ["B.py", "a-b.py", "a.py", "a/b.py", "é.py"]);
}

#[test]
fn a_path_that_is_missing_is_one_error() {
    let tree = Tree::new(&[("a.py", "")]);
    assert_eq!(
        found(&tree, &["no.py", "no.py", "a.py", "a.py/b.py"]),
        ["a.py", "a.py/b.py: not a directory", "no.py: no such file or folder"]
    );
}

#[test]
fn a_folder_named_like_a_file() {
    let tree = Tree::new(&[("discord.py/x.py", ""), ("y.py/notes.txt", "")]);
    assert_eq!(found(&tree, &["discord.py"]), ["discord.py/x.py"]);
    assert_eq!(found(&tree, &[""]), ["discord.py/x.py"]);
    assert_eq!(found(&tree, &["y.py"]), ["y.py: this is a folder, and no Python file is in it"]);
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_and_links_to_folders_are_not() {
    let tree = Tree::new(&[("real/x.py", ""), ("y.py", "")]);
    tree.link("../y.py", "real/link.py");
    tree.link("real", "alias");
    tree.link("real", "alias.py");
    tree.link(".", "real/self");
    assert_eq!(found(&tree, &[""]), ["real/link.py", "real/x.py", "y.py"]);
    assert_eq!(found(&tree, &["alias"]), ["alias/link.py", "alias/x.py"]);
    assert_eq!(found(&tree, &["alias", "real"]), ["real/link.py", "real/x.py"]);
    assert_eq!(found(&tree, &["real/link.py"]), ["real/link.py"]);
}

#[cfg(unix)]
#[test]
fn links_to_nowhere_and_in_circles_are_errors() {
    let tree = Tree::new(&[("a.py", "")]);
    tree.link("nowhere.py", "dangling.py");
    tree.link("loop.py", "loop.py");
    tree.link("user@host.1234:99", ".#a.py");
    tree.link("nowhere", "not-python");
    let expected = [
        "a.py",
        "dangling.py: the link leads nowhere",
        "loop.py: too many levels of symbolic links",
    ];
    assert_eq!(found(&tree, &[""]), expected);
    assert_eq!(found(&tree, &["loop.py", "a.py", "dangling.py"]), expected);
    assert_eq!(found(&tree, &["", "loop.py", "dangling.py"]), expected);
    tree.write("asynclint.toml", "exclude = ['dangling.py', 'loop.py']");
    assert_eq!(found(&tree, &[""]), ["a.py"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_skipped_or_refused() {
    use std::os::unix::net::UnixListener;

    let tree = Tree::new(&[("a.py", "")]);
    let _socket = UnixListener::bind(tree.path("socket.py")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(tree.path("pipe.py")).status();
    assert_eq!(found(&tree, &[""]), ["a.py"]);
    assert_eq!(
        found(&tree, &["socket.py"]),
        ["socket.py: this is a socket, not a file (`-` reads standard input)"]
    );
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(
            found(&tree, &["pipe.py"]),
            ["pipe.py: this is a pipe, not a file (`-` reads standard input)"]
        );
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_an_error() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    let tree = Tree::new(&[("a.py", ""), ("closed/b.py", "")]);
    let closed = tree.path("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser can read it all the same.
    if fs::read_dir(&closed).is_err() {
        assert_eq!(found(&tree, &[""]), ["a.py", "closed: permission denied"]);
        assert_eq!(found(&tree, &["closed"]), ["closed: permission denied"]);
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_found() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new(&[]);
    let path = tree.path("").join(OsStr::from_bytes(b"\xff.py"));
    // Some file systems refuse such names.
    if std::fs::write(&path, "").is_ok() {
        assert_eq!(find(&[tree.path("")], &DiscoveryOptions::default()).files, [path]);
    }
}

#[test]
fn configs_with_mistakes_are_told_once() {
    let tree = Tree::new(&[
        ("x.py", ""),
        ("a/asynclint.toml", "selct = []"),
        ("a/x.py", ""),
        ("a/b/x.py", ""),
        ("b/asynclint.toml", "selct = []"),
        ("b/x.py", ""),
    ]);
    let paths = [tree.path("b"), tree.path(""), tree.path("a/b/x.py")];
    let found = find(&paths, &DiscoveryOptions::default());
    let paths: Vec<_> = found.config_errors.iter().map(|e| tree.name(e.source.path())).collect();
    assert_eq!(paths, ["a/asynclint.toml", "b/asynclint.toml"]);
}

#[test]
fn paths_begin_as_they_were_named() {
    let here = std::env::current_dir().unwrap();
    let tree = Tree::new(&[("x.py", "")]);
    let up = here.components().skip(1).map(|_| "..").collect::<PathBuf>();
    let relative = up.join(tree.path("").strip_prefix("/").unwrap_or(Path::new("")));
    if relative.exists() {
        let dotted = Path::new(".").join(&relative);
        let found = find(&[dotted], &DiscoveryOptions::default());
        assert_eq!(found.files, [relative.join("x.py")]);
    }
}

#[test]
fn errors_show_no_control_bytes() {
    let error = DiscoveryError { path: "a\u{1b}[31m\n.py".into(), message: "no".to_owned() };
    assert_eq!(error.to_string(), "cannot check `a\\u{1b}[31m\\n.py`: no");
}

#[test]
fn many_files_are_the_same_every_time() {
    let names: Vec<_> = (0..300).map(|n| format!("d{}/f{n}.py", n % 17)).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let tree = Tree::new(&files);
    let first = found(&tree, &[""]);
    assert_eq!(first.len(), 300);
    for _ in 0..5 {
        assert_eq!(found(&tree, &[""]), first);
    }
}
