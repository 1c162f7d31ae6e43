//! One edit that breaks a file invents no finding, and leaves most of what was known: brackets,
//! quotes and colons that are lost or doubled, half lines, merge markers, words that do not belong.
//!
//! `ASYNCLINT_MUTANTS=5000` says how many, `ASYNCLINT_MUTANT_SEED` where chance begins,
//! `ASYNCLINT_MUTANT_PATHS` names trees to take files from besides the fixtures and asyncio itself,
//! separated as in `PATH`.

#![allow(clippy::print_stdout, reason = "figures for whoever runs it with --nocapture")]

#[allow(dead_code, reason = "some of it makes other texts")]
#[path = "support/chance.rs"]
mod chance;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint_engine::INVALID_SYNTAX;
use asynclint_lints::LINTS;
use asynclint_parser::{Limits, SourceFile, parse};
use asynclint_semantic::{ExprKind, Facts, lower};
use chance::Chance;
use support::{Case, cases, check, line};

/// Words that belong nowhere in particular.
const WORDS: &[&str] = &[" word", " async", " def", " await", " else", " in"];

/// A text with one edit.
struct Mutant {
    kind: &'static str,
    text: String,
    /// The first line of the edit, from 1.
    line: u32,
    /// How many lines it adds.
    added: u32,
}

impl Mutant {
    /// The line of the whole text that a line of the mutant was.
    fn before(&self, line: u32) -> u32 {
        if line > self.line + self.added { line - self.added } else { line.min(self.line) }
    }
}

/// Something that is known of a text: what it is, and its line.
type Known = BTreeMap<(String, u32), u32>;

fn mutant(text: &str, chance: &mut Chance) -> Option<Mutant> {
    let kind = *chance.pick(&[
        "bracket lost",
        "bracket doubled",
        "quote lost",
        "quote doubled",
        "colon lost",
        "colon doubled",
        "half a line",
        "merge markers",
        "word",
    ]);
    let places =
        |wanted: &[char]| -> Vec<usize> { text.match_indices(wanted).map(|(at, _)| at).collect() };
    let wanted: &[char] = match kind.split(' ').next() {
        Some("bracket") => &['(', ')', '[', ']', '{', '}'],
        Some("quote") => &['"', '\''],
        Some("colon") => &[':'],
        Some("word") => &[' '],
        _ => &['\n'],
    };
    let places = places(wanted);
    if places.is_empty() {
        return None;
    }
    let at = *chance.pick(&places);
    let (mut new, mut added) = (text.to_owned(), 0);
    match kind {
        "half a line" => {
            let end = text[at + 1..].find('\n').map_or(text.len(), |n| at + 1 + n);
            let middle = text.floor_char_boundary(at + 1 + chance.below(end - at));
            new.replace_range(middle..end, "");
        }
        "merge markers" => {
            let end = text[at + 1..].find('\n').map_or(text.len(), |n| at + 1 + n);
            let own = &text[at + 1..end];
            new.insert_str(end, &format!("\n=======\n{own}\n>>>>>>> theirs"));
            new.insert_str(at + 1, "<<<<<<< ours\n");
            added = 4;
        }
        "word" => new.insert_str(at, chance.pick::<&str>(WORDS)),
        _ if kind.ends_with("lost") => drop(new.remove(at)),
        _ => new.insert(at, text.as_bytes()[at] as char),
    }
    let line = text[..=at].matches('\n').count() as u32 + 1;
    let line = if wanted == ['\n'] { line } else { text[..at].matches('\n').count() as u32 + 1 };
    Some(Mutant { kind, text: new, line, added })
}

/// What lints can see: functions, awaits and calls outside of broken functions.
fn facts(text: &str) -> Option<(Facts, Known)> {
    let source = SourceFile::from_text("a.py", text);
    let facts = lower(parse(source.text(), &Limits::default()).ok()?);
    let mut known = Known::new();
    let functions: Vec<_> =
        facts.outline.function_ids().map(|id| facts.outline.function(id)).collect();
    let is_read = |at: u32| {
        let around = functions.iter().filter(|it| it.span.start <= at && at < it.span.end);
        let nearest = around.min_by_key(|it| it.span.end - it.span.start);
        nearest.map_or(facts.errors.is_empty(), |nearest| !nearest.is_broken)
    };
    let mut add = |kind: &str, at: u32| {
        if is_read(at) {
            *known.entry((kind.to_owned(), source.lines().line(at))).or_default() += 1;
        }
    };
    for function in functions.iter().filter(|function| function.name.is_some()) {
        add(if function.is_async { "async def" } else { "def" }, function.span.start);
    }
    for body in &facts.bodies {
        for id in body.expr_ids() {
            match body.kind(id) {
                ExprKind::Await(_) => add("await", body.span(id).start),
                ExprKind::Call { .. } => add("call", body.span(id).start),
                _ => {}
            }
        }
    }
    Some((facts, known))
}

/// What is known of a text that was not edited.
struct Whole {
    before: Known,
    given: Known,
}

impl Whole {
    /// Nothing where it has syntax errors of its own.
    fn of(case: &Case) -> Option<Self> {
        let (whole, before) = facts(&case.text)?;
        whole.errors.is_empty().then(|| Self { before, given: findings(case, &case.text).0 })
    }
}

fn findings(case: &Case, text: &str) -> (Known, bool) {
    let outcome = check(case, text);
    let mut known = Known::new();
    let mut is_broken = false;
    for found in &outcome.diagnostics {
        if found.lint == INVALID_SYNTAX {
            is_broken = true;
        } else {
            *known.entry((found.lint.to_owned(), line(&outcome, found))).or_default() += 1;
        }
    }
    (known, is_broken)
}

fn files_below(folder: &Path, found: &mut Vec<Case>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py")
            && let Ok(text) = std::fs::read_to_string(&path)
            && text.contains("async def")
            && text.len() < 100_000
            && !text.contains('\r')
        {
            found.push(Case {
                name: path.to_string_lossy().into_owned(),
                lint: LINTS[0].name,
                text,
            });
        }
    }
}

fn all_cases() -> Vec<Case> {
    let asyncio = Command::new("python3")
        .args(["-c", "import asyncio, os; print(os.path.dirname(asyncio.__file__))"])
        .output()
        .expect("CPython is installed as python3");
    let mut all = cases();
    let own = all.len();
    files_below(Path::new(String::from_utf8_lossy(&asyncio.stdout).trim()), &mut all);
    assert!(all.len() > own + 10, "asyncio is there");
    let more = std::env::var_os("ASYNCLINT_MUTANT_PATHS").unwrap_or_default();
    for folder in std::env::split_paths(&more) {
        files_below(&folder, &mut all);
    }
    all
}

#[test]
fn a_broken_file_invents_nothing_and_keeps_most() {
    let wanted: usize =
        std::env::var("ASYNCLINT_MUTANTS").map_or(400, |text| text.parse().expect("a number"));
    let cases = all_cases();
    let mut wholes: BTreeMap<usize, Option<Whole>> = BTreeMap::new();
    let seed = std::env::var("ASYNCLINT_MUTANT_SEED");
    let mut chance = Chance::of(seed.map_or(7, |text| text.parse().expect("a number")));
    let mut kinds: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut tried = 0;
    while tried < wanted {
        let picked = chance.below(cases.len());
        let case = &cases[picked];
        let Some(mutant) = mutant(&case.text, &mut chance) else { continue };
        let Some(Whole { before, given }) =
            wholes.entry(picked).or_insert_with(|| Whole::of(case)).as_ref()
        else {
            continue;
        };
        let Some((broken, after)) = facts(&mutant.text) else { continue };
        // Some edits leave Python that is other Python.
        if broken.errors.is_empty() {
            continue;
        }
        tried += 1;
        let count = |known: &Known| known.values().map(|&count| u64::from(count)).sum::<u64>();
        let mut kept = 0;
        let mut mapped = Known::new();
        for ((what, line), count) in after {
            *mapped.entry((what, mutant.before(line))).or_default() += count;
        }
        for (key, &has) in before {
            kept += u64::from(has.min(mapped.get(key).copied().unwrap_or_default()));
        }
        let sums = kinds.entry(mutant.kind).or_default();
        sums[0] += 1;
        sums[1] += count(before);
        sums[2] += kept;
        let (found, says_so) = findings(case, &mutant.text);
        assert!(says_so, "{}: no syntax error is shown", case.name);
        for ((lint, line), _) in found {
            if !given.contains_key(&(lint.clone(), mutant.before(line))) {
                sums[3] += 1;
                let Mutant { kind, line: at, .. } = mutant;
                let part: String =
                    mutant.text.split_inclusive('\n').skip(at as usize - 1).take(3).collect();
                let what = format!("{kind} in line {at}: {lint} in line {line}");
                let what = format!("{}: {what}, where there is now\n{part}", case.name);
                println!("invented: {what}");
                wrong.push(what);
            }
        }
    }
    let mut all = [0; 4];
    for (kind, sums) in &kinds {
        println!(
            "{kind}: {} mutants, {} of {} facts kept, {} invented",
            sums[0], sums[2], sums[1], sums[3]
        );
        (0..4).for_each(|index| all[index] += sums[index]);
    }
    let share = all[2] * 100 / all[1].max(1);
    println!("{tried} mutants, {share} % of {} facts kept, {} findings invented", all[1], all[3]);
    assert!(
        wrong.is_empty(),
        "{} findings that the whole file does not give:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(share >= 65, "only {share} % of the facts are kept");
}
