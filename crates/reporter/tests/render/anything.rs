//! Whatever the text and wherever the labels: no panic, nothing raw, colours change nothing else.

use crate::scene::{Files, missing_await, span};
use crate::schemas;
use asynclint_diagnostics::{Diagnostic, Level};
use asynclint_reporter::{Format, Options, render};
use proptest::prelude::*;

const CHARS: &[char] = &[
    'a', 'b', ' ', ' ', '(', ')', '|', '-', '\n', '\n', '\r', '\t', '\x1b', '\x07', '\x7f', '\0',
    'é', '字', '🎈', '\u{301}', '\u{200d}', '\u{fe0f}', '\u{9b}', '\u{202e}', '\u{2066}',
    '\u{200b}', '\u{2028}', '\u{fdd0}', '\u{85}',
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec((prop::sample::select(CHARS), 1..30_usize), 0..60).prop_map(|runs| {
        let run = |(c, n): (char, usize)| {
            if "a字".contains(c) { c.to_string().repeat(n * 10) } else { c.to_string() }
        };
        runs.into_iter().map(run).collect()
    })
}

fn without_color(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect::<String>()
}

proptest! {
    #[test]
    fn any_text_and_place(
        first in text(),
        second in text(),
        message in text(),
        places in prop::collection::vec((0..2_u32, 0..1_500_usize, 0..300_usize), 1..7),
    ) {
        let files = Files::of(&[("a.py", &first), (&message, &second)]);
        let label = |&(file, start, len): &(u32, usize, usize)| span(file, start..start + len, &message);
        let (secondary, chain) = places[1..].split_at(places.len() / 2);
        let found = [Diagnostic {
            level: Level::Warning,
            message: message.clone(),
            secondary: secondary.iter().map(label).collect(),
            chain: chain.iter().map(label).collect(),
            notes: vec![message.clone()],
            help: Some(message.clone()),
            ..missing_await(label(&places[0]))
        }];
        for &format in Format::ALL {
            let plain = render(&found, &files, &Options { format, color: false });
            let hostile = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2066}\u{200b}\u{2028}".contains(c);
            prop_assert!(!plain.contains(hostile), "{plain:?}");
            let color = render(&found, &files, &Options { format, color: true });
            prop_assert_eq!(without_color(&color), &*plain);
            match format.as_str() {
                "json" | "gitlab" | "sarif" | "rdjson" => {
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&plain).is_ok());
                }
                "junit" => prop_assert!(schemas::junit_errors(&plain).is_empty()),
                // One line for each finding.
                "full" | "grouped" => {}
                _ => prop_assert_eq!(plain.lines().count(), 1, "{}", plain),
            }
        }
        let full = files.full(&found[0]);
        prop_assert!(full.lines().all(|line| line.trim_end() == line));
        // A combining mark alone has no width to point at.
        let marked = full.contains(['^', '\u{301}']);
        prop_assert!(marked, "{full}");
    }
}
