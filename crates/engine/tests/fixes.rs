//! The fixes of every fixture: what they change is as its snapshot shows, is Python, comes to an
//! end, and does not depend on how the file is stored.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use asynclint_diagnostics::Fix;
use asynclint_engine::Fixing;
use asynclint_fixer::{apply, choose, unified};
use asynclint_lints::{Fixes, LINTS};
use asynclint_parser::{Limits, parse};
use support::{Case, cases, check, examples, fix_bytes, fix_project, project_cases, root};

/// A case with fixes: its text, and the text with them.
struct Changed {
    case: Case,
    after: String,
    fixing: Fixing,
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it is UTF-8")
}

/// The text of a case with all its fixes.
fn fixed(case: &Case, bytes: &[u8]) -> Vec<u8> {
    let fixing = fix_bytes(case, bytes.to_vec());
    fixing.fixed.into_iter().next().map_or_else(|| bytes.to_vec(), |fixed| fixed.after)
}

/// Every fixture, and every example of a page, that fixes change.
fn changed() -> Vec<Changed> {
    let mut found = Vec::new();
    for case in cases().into_iter().chain(examples()) {
        let fixing = fix_bytes(&case, case.text.clone().into_bytes());
        assert!(fixing.failures.is_empty(), "{}: {:?}", case.name, fixing.failures);
        if let Some(one) = fixing.fixed.first() {
            let after = text(one.after.clone());
            found.push(Changed { case, after, fixing });
        }
    }
    found
}

/// Which of the texts CPython reads.
fn python_reads(texts: &[(String, String)]) -> Vec<bool> {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, (_, text)) in texts.iter().enumerate() {
        let file = folder.path().join(format!("{number:05}.py"));
        std::fs::write(file, text).expect("it is written");
    }
    let script = "import ast, pathlib, sys, warnings\n\
                  warnings.simplefilter('ignore')\n\
                  for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n    \
                  try: compile(path.read_bytes(), path, 'exec', dont_inherit=True); print(1)\n    \
                  except SyntaxError: print(0)\n";
    let output = Command::new("python3").args(["-c", script]).arg(folder.path()).output();
    let output = output.expect("CPython as `python3`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Vec<bool> = text(output.stdout).lines().map(|line| line == "1").collect();
    assert_eq!(read.len(), texts.len());
    read
}

#[test]
fn fixed_texts_are_python() {
    let changed = changed();
    assert!(changed.len() > 20, "only {} cases have fixes", changed.len());
    let named = |text: fn(&Changed) -> &String| -> Vec<(String, String)> {
        changed.iter().map(|it| (it.case.name.clone(), text(it).clone())).collect()
    };
    let (before, after) = (named(|it| &it.case.text), named(|it| &it.after));
    let both = python_reads(&before).into_iter().zip(python_reads(&after));
    for ((name, text), (was, is)) in after.iter().zip(both) {
        assert!(is || !was, "CPython does not read {name} with its fixes:\n{text}");
    }
}

/// `UPDATE_SNAPSHOTS=1` writes them.
#[test]
fn fixes_are_as_their_snapshots() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut wrong = Vec::new();
    let single = cases().into_iter().map(|case| {
        let after = fixed(&case, case.text.as_bytes());
        let path = case.name.clone();
        let diff = unified(Path::new(&path), case.text.as_bytes(), &after);
        (path.replace(".py", ".diff"), diff)
    });
    let projects = project_cases().into_iter().map(|case| {
        let fixing = fix_project(&case);
        assert!(fixing.failures.is_empty(), "{}: {:?}", case.name, fixing.failures);
        let of_file = |file: &asynclint_engine::Fixed| {
            let path = file.path.strip_prefix(&case.folder).expect("it is below");
            unified(path, &file.before, &file.after)
        };
        (format!("{}.diff", case.name), fixing.fixed.iter().flat_map(of_file).collect())
    });
    for (name, diff) in single.chain(projects) {
        let path = root().join("fixtures").join(name);
        let stored = std::fs::read(&path).unwrap_or_default();
        if stored == diff {
            continue;
        }
        if !update {
            wrong.push(format!("{}:\n{}", path.display(), String::from_utf8_lossy(&diff)));
        } else if diff.is_empty() {
            std::fs::remove_file(&path).expect("a stale snapshot is removed");
        } else {
            std::fs::write(&path, diff).expect("a snapshot is written");
        }
    }
    assert!(wrong.is_empty(), "{} fixes differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nothing_is_left_to_fix() {
    for Changed { case, after, fixing } in changed() {
        let left = fixing.outcome.diagnostics.iter();
        let fixable: Vec<_> = left
            .filter(|found| found.fix.as_ref().is_some_and(|fix| fix.applies))
            .map(|found| (found.lint, &found.message))
            .collect();
        assert!(fixable.is_empty(), "{}: {fixable:?} are still to be fixed", case.name);
        assert_eq!(text(fixed(&case, after.as_bytes())), after, "{} goes on", case.name);
    }
}

/// A fix takes its finding away and brings no other one about, but for those that say what can be
/// done better with what it wrote.
#[test]
fn fixes_bring_no_findings_about() {
    let counts = |diagnostics: &[asynclint_diagnostics::Diagnostic]| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for found in diagnostics {
            *counts.entry(found.lint).or_default() += 1;
        }
        counts
    };
    for Changed { case, after, fixing } in changed() {
        let before = counts(&check(&case, &case.text).diagnostics);
        let left = counts(&fixing.outcome.diagnostics);
        for (lint, &count) in &left {
            let had = before.get(lint).copied().unwrap_or_default();
            assert!(count <= had, "{}: {had} {lint} became {count}:\n{after}", case.name);
        }
        let all = |counts: &BTreeMap<&str, usize>| counts.values().sum::<usize>();
        assert!(all(&left) < all(&before), "{}: nothing is gone:\n{after}", case.name);
    }
}

#[test]
fn how_a_file_is_stored_changes_no_fix() {
    for Changed { case, after, .. } in changed() {
        let name = &case.name;
        for line_end in ["\r\n", "\r"] {
            let stored = case.text.replace('\n', line_end);
            let expected = after.replace('\n', line_end);
            let found = text(fixed(&case, stored.as_bytes()));
            assert_eq!(found, expected, "{name} with {line_end:?}");
        }
        let bom = fixed(&case, format!("\u{FEFF}{}", case.text).as_bytes());
        assert_eq!(text(bom), format!("\u{FEFF}{after}"), "{name} with a byte order mark");

        // A letter of the encoding in every name that holds `fetch`, in comments and in texts.
        let letter =
            |cookie| format!("# coding: {cookie}\n{}", case.text.replace("etch", "\u{E9}ch"));
        let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
        if case.text.chars().all(|c| u32::from(c) < 256) {
            let utf8 = text(fixed(&case, letter("utf-8").as_bytes()));
            let expected = latin(&utf8.replacen("utf-8", "latin-1", 1));
            let found = fixed(&case, &latin(&letter("latin-1")));
            assert!(found == expected, "{name} in Latin-1");
        }
    }
}

/// Whichever of the fixes are made together, what comes out is Python.
#[test]
fn every_choice_of_fixes_is_python() {
    let mut chance: u64 = 0x2545_F491_4F6C_DD1D;
    let mut tried = 0;
    for Changed { case, .. } in changed() {
        let outcome = check(&case, &case.text);
        let fixes: Vec<&Fix> =
            outcome.diagnostics.iter().filter_map(|found| found.fix.as_ref()).collect();
        for _ in 0..8.min(1 << fixes.len().min(8)) {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            let some =
                fixes.iter().enumerate().filter(|(index, _)| chance >> (index % 64) & 1 == 1);
            let some: Vec<&Fix> = some.map(|(_, fix)| *fix).collect();
            let after = apply(&case.text, &choose(&some).edits);
            let parsed = parse(&after, &Limits::default()).expect("it is parsed");
            assert!(parsed.errors.is_empty(), "{}: {:?}\n{after}", case.name, parsed.errors);
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} choices");
}

#[test]
fn a_text_with_a_syntax_error_is_not_fixed() {
    for case in cases().into_iter().take(40) {
        let broken = format!("{}\ndef broken(:\n    pass\n", case.text);
        let fixing = fix_bytes(&case, broken.into_bytes());
        assert!(fixing.fixed.is_empty(), "{}", case.name);
    }
}

/// What a lint says of its fixes is what its fixtures show.
#[test]
fn lints_fix_what_they_say() {
    let mut fixing: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        for found in check(&case, &case.text).diagnostics {
            *fixing.entry(found.lint).or_default() += usize::from(found.fix.is_some());
        }
    }
    for lint in LINTS {
        let count = fixing.get(lint.name).copied().unwrap_or_default();
        let is_right = match lint.fix {
            Fixes::None => count == 0,
            Fixes::Safe | Fixes::Unsafe => count > 0,
        };
        assert!(is_right, "{} says {:?} and has {count} fixes in fixtures", lint.name, lint.fix);
    }
}
