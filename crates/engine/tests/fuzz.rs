//! Texts made up from fixtures by seeded chance, under every property of `support/properties.rs`.
//!
//! `ASYNCLINT_FUZZ=100000` says how many for each property, `ASYNCLINT_FUZZ_SEED=7` where chance
//! begins, `ASYNCLINT_FUZZ_ONLY=fix` takes one property. A text that fails is printed; kept in
//! `tests/crashers` it is tried every time.

#[allow(dead_code, reason = "some of it makes other texts")]
#[path = "support/chance.rs"]
mod chance;
#[path = "support/properties.rs"]
mod properties;
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chance::{Chance, edited};
use properties::{PROPERTIES, Property};
use support::{cases, examples, root};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Configs to begin with: those of the documents and the tests.
fn configs() -> Vec<Vec<u8>> {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).expect("it is there");
    let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(|block| block.as_bytes().to_vec()).collect()
}

fn texts() -> Vec<Vec<u8>> {
    cases().into_iter().chain(examples()).map(|case| case.text.into_bytes()).collect()
}

/// Tries `bytes`, on a stack as deep as that of the program's threads.
fn holds((name, property): Property, bytes: &[u8], what: &str) {
    let tried = catch_unwind(AssertUnwindSafe(|| property(bytes)));
    assert!(tried.is_ok(), "{name} does not hold for {what}:\n{}", bytes.escape_ascii());
}

#[test]
fn nothing_made_up_breaks_a_property() {
    let (count, seed) = (number("ASYNCLINT_FUZZ", 150), number("ASYNCLINT_FUZZ_SEED", 0));
    let only = std::env::var("ASYNCLINT_FUZZ_ONLY").unwrap_or_default();
    let (texts, configs) = (texts(), configs());
    assert!(configs.len() > 5 && texts.len() > 100, "{} {}", configs.len(), texts.len());
    let work = move || {
        for &property in PROPERTIES.iter().filter(|it| only.is_empty() || it.0 == only) {
            let seeds = if property.0 == "config" { &configs } else { &texts };
            for number in seed..seed + count {
                let mut chance = Chance::of(number);
                let (first, second) = (chance.pick(seeds), chance.below(seeds.len()));
                let bytes = edited(first, &seeds[second], &mut chance);
                holds(property, &bytes, &format!("seed {number}"));
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work);
    thread.expect("a thread").join().expect("every property holds");
}

#[test]
fn what_once_failed_holds() {
    let folder = root().join("crates/engine/tests/crashers");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).expect("it is a folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("it is read");
        for &property in PROPERTIES {
            holds(property, &bytes, &entry.file_name().to_string_lossy());
        }
        tried += 1;
    }
    assert!(tried > 0, "there are crashers");
}
