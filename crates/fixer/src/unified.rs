//! Two versions of a file as a unified diff, byte by byte, as `git apply` takes it.

use std::path::Path;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// What turns `before` into `after`; empty if nothing does. `path` is shown as a path from the
/// folder that the diff is applied in. A line ends in `\n`, as in every tool that reads diffs.
pub fn unified(path: &Path, before: &[u8], after: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(before), lines(after));
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT);
    let mut out = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if index == 0 {
            out.extend(header("---", "a/", path));
            out.extend(header("+++", "b/", path));
        }
        let old_range = range(first.old_range().start, last.old_range().end);
        let new_range = range(first.new_range().start, last.new_range().end);
        out.extend(format!("@@ -{old_range} +{new_range} @@\n").into_bytes());
        for op in group {
            if let DiffOp::Equal { .. } = op {
                push(&mut out, b' ', &old[op.old_range()]);
            } else {
                push(&mut out, b'-', &old[op.old_range()]);
                push(&mut out, b'+', &new[op.new_range()]);
            }
        }
    }
    out
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

fn push(out: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        out.push(sign);
        out.extend(*line);
        if !line.ends_with(b"\n") {
            out.extend(b"\n\\ No newline at end of file\n");
        }
    }
}

/// `first,count` as diffs have it: lines from 1, an empty range after the line before it.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

/// `--- a/path`. Git wants names with characters that a line cannot hold in quotes, and a tab
/// behind names with blanks, which else could be a date.
fn header(sign: &str, prefix: &str, path: &Path) -> Vec<u8> {
    let name = path.as_os_str().as_encoded_bytes();
    let name = name.strip_prefix(b"/").unwrap_or(name);
    // Elsewhere a backslash is a character like any other.
    let separator = |&byte: &u8| if cfg!(windows) && byte == b'\\' { b'/' } else { byte };
    let name: Vec<u8> = name.iter().map(separator).collect();
    let needs_quotes = |&byte: &u8| !(b' '..=b'~').contains(&byte) || matches!(byte, b'"' | b'\\');
    let mut out = format!("{sign} ").into_bytes();
    if name.iter().any(needs_quotes) {
        out.push(b'"');
        out.extend(prefix.as_bytes());
        for byte in &name {
            if needs_quotes(byte) {
                out.extend(format!("\\{byte:03o}").into_bytes());
            } else {
                out.push(*byte);
            }
        }
        out.push(b'"');
    } else {
        out.extend(prefix.as_bytes());
        out.extend(&name);
        if name.contains(&b' ') {
            out.push(b'\t');
        }
    }
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(path: &str, before: &str, after: &str) -> String {
        let found = unified(Path::new(path), before.as_bytes(), after.as_bytes());
        String::from_utf8(found).unwrap()
    }

    #[test]
    fn reads_as_git_writes_it() {
        assert_eq!(diff("a.py", "x\n", "x\n"), "");
        assert_eq!(
            diff("p/a.py", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6\n"),
            "--- a/p/a.py\n+++ b/p/a.py\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n"
        );
        assert_eq!(
            diff("a.py", "x", "y\n"),
            "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n"
        );
        assert_eq!(diff("a.py", "", "y\n"), "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+y\n");
    }

    #[test]
    fn names_are_written_so_that_git_finds_them() {
        assert!(diff("a b.py", "x\n", "y\n").starts_with("--- a/a b.py\t\n+++ b/a b.py\t\n"));
        assert!(diff("\u{e9}.py", "x\n", "y\n").starts_with("--- \"a/\\303\\251.py\"\n"));
        assert!(diff("a\"\n.py", "x\n", "y\n").starts_with("--- \"a/a\\042\\012.py\"\n"));
    }
}
