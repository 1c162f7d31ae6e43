//! Where paths count from in reports that others keep.

use std::path::Path;

use asynclint_diagnostics::Root;

/// What stands in the top folder of a repository; `.git` may be a file.
const MARKS: &[&str] = &[".git", ".hg", ".jj"];

/// The repository around the folder `here`, else `here` itself.
pub fn repository(here: &Path) -> Root {
    let is_top = |folder: &&Path| MARKS.iter().any(|mark| folder.join(mark).exists());
    Root::new(here.ancestors().find(is_top).unwrap_or(here), here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::test_tree::Tree;

    #[test]
    fn the_closest_repository_counts() {
        let tree = Tree::new(&[(".git/HEAD", ""), ("a/.git", "gitdir: x"), ("a/b/c.py", "")]);
        let folder = |path: &str| repository(&tree.path(path)).folder().to_owned();
        assert_eq!(folder("a/b"), tree.path("a"));
        assert_eq!(folder("a"), tree.path("a"));
        assert_eq!(repository(&tree.path("a/b")).text(Path::new("c.py")), "b/c.py");
    }
}
