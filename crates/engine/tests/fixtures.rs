//! Every fixture and every example of a page finds what its markers say and nothing else, and
//! looks as its snapshot shows.

mod support;

use std::collections::BTreeMap;

use asynclint_reporter::{Format, Options, render};
use support::{Case, Marker, Table, cases, check, examples, line, markers, root};

/// What is wrong with the findings of a case, line by line.
fn differences(case: &Case) -> Vec<String> {
    let outcome = check(case, &case.text);
    let mut wrong: Vec<String> =
        outcome.failures.iter().map(|f| format!("{}: {}", case.name, f.message)).collect();
    let mut found: BTreeMap<(u32, String), Vec<(&str, String)>> = BTreeMap::new();
    for finding in &outcome.diagnostics {
        let key = (line(&outcome, finding), finding.lint.to_owned());
        found.entry(key).or_default().push((finding.level.as_str(), finding.message.clone()));
    }
    for (number, lint, marker) in markers(&case.text) {
        let at = format!("{}:{number}", case.name);
        let here = found.get_mut(&(number, lint.clone()));
        match (marker, here) {
            (Marker::Finding { level, text }, Some(here)) if !here.is_empty() => {
                let (found_level, message) = here.remove(0);
                if found_level != level {
                    wrong.push(format!("{at}: [{lint}] is {found_level}, not {level}"));
                }
                if let Some(text) = text.filter(|text| !message.contains(text.as_str())) {
                    wrong.push(format!("{at}: [{lint}] says {message:?}, not {text:?}"));
                }
            }
            (Marker::Finding { .. }, _) => wrong.push(format!("{at}: [{lint}] is missed")),
            (Marker::KnownFalse, Some(here)) if !here.is_empty() => drop(here.remove(0)),
            (Marker::KnownFalse, _) => {
                wrong.push(format!("{at}: [{lint}] is silent now: take the known-false out"));
            }
            (Marker::KnownMiss, Some(here)) if !here.is_empty() => {
                wrong.push(format!("{at}: [{lint}] is found now: make the known-miss a finding"));
            }
            (Marker::KnownMiss, _) => {}
        }
    }
    for ((number, lint), rest) in found {
        for (level, message) in rest {
            // A known miss that fires has been told already.
            let known = markers(&case.text)
                .iter()
                .any(|(n, l, m)| *n == number && *l == lint && *m == Marker::KnownMiss);
            if !known {
                wrong.push(format!("{}:{number}: unexpected {level} [{lint}] {message}", case.name));
            }
        }
    }
    wrong
}

#[test]
fn fixtures_find_exactly_what_they_say() {
    let wrong: Vec<_> = cases().iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn examples_of_pages_find_exactly_what_they_say() {
    let examples = examples();
    let wrong: Vec<_> = examples.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    for lint in asynclint_lints::LINTS {
        let own: Vec<_> = examples.iter().filter(|example| example.lint == lint.name).collect();
        let fires = |case: &&Case| markers(&case.text).iter().any(|(_, name, _)| name == lint.name);
        assert!(own.iter().any(fires), "the page of {} shows what it finds", lint.name);
        assert!(!own.iter().all(fires), "the page of {} shows what to use instead", lint.name);
    }
}

#[test]
fn silent_cases_outnumber_firing_ones() {
    for lint in asynclint_lints::LINTS {
        let own: Vec<_> = cases().into_iter().filter(|case| case.lint == lint.name).collect();
        let firing: usize = own.iter().map(|case| markers(&case.text).len()).sum();
        let silent: usize = own
            .iter()
            .filter(|case| case.name.contains("/silent_"))
            .map(|case| {
                assert!(markers(&case.text).is_empty(), "{} is to be silent", case.name);
                case.text.matches("def ").count()
            })
            .sum();
        assert!(firing >= 8, "{}: {firing} firing cases", lint.name);
        assert!(silent >= 12, "{}: {silent} silent cases", lint.name);
    }
}

/// `UPDATE_SNAPSHOTS=1` writes them.
#[test]
fn rendered_output_is_as_its_snapshot() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let outcome = check(&case, &case.text);
        let options = Options { format: Format::Full, color: false };
        let rendered = render(&outcome.diagnostics, &Table(&outcome.sources), &options);
        let path = root().join("fixtures").join(case.name.replace(".py", ".snap"));
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        if stored == rendered {
            continue;
        }
        if !update {
            wrong.push(format!("{}:\n{rendered}", path.display()));
        } else if rendered.is_empty() {
            std::fs::remove_file(&path).expect("a stale snapshot is removed");
        } else {
            std::fs::write(&path, rendered).expect("a snapshot is written");
        }
    }
    assert!(wrong.is_empty(), "{} snapshots differ:\n{}", wrong.len(), wrong.join("\n"));
}
