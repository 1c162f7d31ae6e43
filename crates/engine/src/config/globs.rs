//! Globs in the syntax of `.gitignore`, relative to a folder.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A glob that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid glob `{glob}`: {reason}")]
pub struct BadGlob {
    /// As it was written.
    pub glob: String,
    /// What is wrong with it; lower case, no full stop.
    pub reason: String,
}

/// A list of globs. One without a slash matches at any depth, one with a slash is relative to the
/// root; one that ends in a slash matches folders only; `!` takes back an earlier one.
#[derive(Clone)]
pub struct Globs {
    root: PathBuf,
    texts: Vec<String>,
    all: Gitignore,
    /// Those that match at any depth, for paths outside `root`.
    loose: Gitignore,
}

/// Says the same of the same globs, whatever they were asked before: what is compiled does not.
impl fmt::Debug for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Globs")
            .field("root", &self.root)
            .field("texts", &self.texts)
            .finish_non_exhaustive()
    }
}

impl Globs {
    /// Compiles `globs`, relative to the absolute path `root`. Those that [`Globs::check`]
    /// refuses match nothing.
    pub fn new(root: &Path, globs: &[String]) -> Self {
        let loose = globs.iter().filter(|glob| !glob.trim_end_matches('/').contains('/'));
        let texts = globs.to_vec();
        Self {
            root: root.to_owned(),
            texts,
            all: compile(root, globs),
            loose: compile(root, loose),
        }
    }

    /// The globs as they were written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Whether `glob` can be understood.
    ///
    /// # Errors
    /// [`BadGlob`] where it cannot.
    pub fn check(glob: &str) -> Result<(), BadGlob> {
        let bad = |reason: String| Err(BadGlob { glob: glob.to_owned(), reason });
        if glob.trim().is_empty() {
            return bad("it is empty".to_owned());
        }
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        let added = builder.add_line(None, &line(glob)).map(|_| ());
        match added.and_then(|()| builder.build()) {
            Ok(_) => Ok(()),
            Err(ignore::Error::Glob { err, .. }) => bad(err),
            Err(other) => bad(other.to_string()),
        }
    }

    /// Whether the absolute `path` itself is matched; that a folder above it is does not count.
    pub fn matches(&self, path: &Path, is_folder: bool) -> bool {
        match path.strip_prefix(&self.root) {
            Ok(inside) if inside.as_os_str().is_empty() => false,
            Ok(inside) => self.all.matched(inside, is_folder).is_ignore(),
            Err(_) => {
                path.file_name().is_some_and(|name| self.loose.matched(name, is_folder).is_ignore())
            }
        }
    }

    /// Whether the absolute `path` or a folder between the root and it is matched.
    pub fn covers(&self, path: &Path, is_folder: bool) -> bool {
        let shared = shared_depth(path, &self.root);
        let mut prefix: PathBuf = path.components().take(shared).collect();
        let mut rest = path.components().skip(shared).peekable();
        while let Some(component) = rest.next() {
            prefix.push(component);
            if self.matches(&prefix, is_folder || rest.peek().is_some()) {
                return true;
            }
        }
        false
    }
}

/// How many folders `path` and `root` have in common.
fn shared_depth(path: &Path, root: &Path) -> usize {
    let same = |(a, b): &(Component<'_>, Component<'_>)| a == b;
    path.components().zip(root.components()).take_while(same).count()
}

fn compile<'g>(root: &Path, globs: impl IntoIterator<Item = &'g String>) -> Gitignore {
    let mut builder = GitignoreBuilder::new(root);
    builder.allow_unclosed_class(false);
    for glob in globs {
        // A glob that cannot be added is one that was refused before.
        let _ = builder.add_line(None, &line(glob));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// `glob` as a line of `.gitignore`, where `#` would begin a comment and `./` match nothing.
fn line(glob: &str) -> String {
    match glob.strip_prefix("./") {
        Some(rest) => format!("/{rest}"),
        None if glob.starts_with('#') => format!("\\{glob}"),
        None => glob.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(list: &[&str]) -> Globs {
        Globs::new(Path::new("/p"), &list.iter().map(|&g| g.to_owned()).collect::<Vec<_>>())
    }

    fn covers(list: &[&str], path: &str) -> bool {
        globs(list).covers(Path::new(path), false)
    }

    #[test]
    fn a_bare_name_matches_at_any_depth() {
        assert!(covers(&["gen"], "/p/gen/a.py"));
        assert!(covers(&["gen"], "/p/src/gen/deep/a.py"));
        assert!(covers(&["*_pb2.py"], "/p/src/a_pb2.py"));
        assert!(!covers(&["gen"], "/p/src/general/a.py"));
        assert!(!covers(&["gen"], "/p/gen.py"));
    }

    #[test]
    fn a_slash_anchors_to_the_root() {
        assert!(covers(&["src/gen"], "/p/src/gen/a.py"));
        assert!(!covers(&["src/gen"], "/p/lib/src/gen/a.py"));
        assert!(covers(&["./build"], "/p/build/a.py"));
        assert!(covers(&["/build"], "/p/build/a.py"));
        assert!(!covers(&["./build"], "/p/src/build/a.py"));
        assert!(covers(&["**/migrations/*.py"], "/p/a/b/migrations/x.py"));
        assert!(covers(&["tests/**"], "/p/tests/a/b.py"));
        assert!(covers(&["tests/*"], "/p/tests/a/b.py"));
    }

    #[test]
    fn a_final_slash_wants_a_folder() {
        assert!(covers(&["gen/"], "/p/gen/a.py"));
        assert!(!covers(&["a.py/"], "/p/a.py"));
        assert!(globs(&["gen/"]).matches(Path::new("/p/gen"), true));
    }

    #[test]
    fn later_exceptions_take_back() {
        let list = ["*.py", "!keep.py"];
        assert!(covers(&list, "/p/a.py"));
        assert!(!covers(&list, "/p/keep.py"));
    }

    #[test]
    fn folders_above_count_only_for_covers() {
        let list = globs(&["gen"]);
        assert!(!list.matches(Path::new("/p/gen/a.py"), false));
        assert!(list.covers(Path::new("/p/gen/a.py"), false));
    }

    #[test]
    fn the_root_and_what_is_above_never_match() {
        let list = globs(&["p", "*", "**"]);
        assert!(!list.covers(Path::new("/p"), true));
        assert!(
            !Globs::new(Path::new("/venv/p"), &["venv".to_owned()])
                .covers(Path::new("/venv/p/a.py"), false)
        );
    }

    #[test]
    fn outside_the_root_only_bare_names_match() {
        assert!(covers(&["gen"], "/q/gen/a.py"));
        assert!(covers(&["*.py"], "/q/a.py"));
        assert!(!covers(&["/q", "q/gen", "q/*"], "/q/gen/a.py"));
    }

    #[test]
    fn a_hash_is_no_comment() {
        assert!(covers(&["#old.py"], "/p/#old.py"));
    }

    #[test]
    fn bad_globs_say_why() {
        for glob in ["a[", "a{b", "a**{", ""] {
            assert!(Globs::check(glob).is_err(), "{glob}");
        }
        assert_eq!(Globs::check("  ").unwrap_err().to_string(), "invalid glob `  `: it is empty");
        let error = Globs::check("a[").unwrap_err();
        assert_eq!(error.to_string(), "invalid glob `a[`: unclosed character class; missing ']'");
        assert!(!covers(&["a["], "/p/a["));
    }
}
