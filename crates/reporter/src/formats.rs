//! The shapes of output: one module each, and one line of [`Format::ALL`].

mod azure;
mod concise;
mod full;
mod github;
mod gitlab;
mod grouped;
mod json;
mod json_lines;
mod junit;
mod pylint;
mod rdjson;
mod sarif;

use crate::Report;

/// A shape of output: a value, not a type.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    name: &'static str,
    for_people: bool,
    /// The whole output for a report, with ANSI colours if the second argument says so and people
    /// read it.
    pub(crate) render: fn(&Report<'_>, bool) -> String,
}

impl Format {
    /// The source with labels, notes and help, as rustc shows them.
    pub const FULL: Self = full::FORMAT;
    /// One line each.
    pub const CONCISE: Self = concise::FORMAT;
    /// An array of objects.
    pub const JSON: Self = json::FORMAT;

    /// Every format, in the order in which help lists them.
    pub const ALL: &[Self] = &[
        full::FORMAT,
        concise::FORMAT,
        grouped::FORMAT,
        json::FORMAT,
        json_lines::FORMAT,
        github::FORMAT,
        gitlab::FORMAT,
        sarif::FORMAT,
        junit::FORMAT,
        rdjson::FORMAT,
        pylint::FORMAT,
        azure::FORMAT,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// The format of that name, if there is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name == word)
    }

    /// Whether people read it, so that a summary may follow. Programs would stumble over one.
    pub const fn is_for_people(self) -> bool {
        self.for_people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_are_there_once() {
        for (n, format) in Format::ALL.iter().enumerate() {
            let first = Format::ALL.iter().position(|other| other.name == format.name);
            assert_eq!(first, Some(n));
            assert!(Format::parse(format.as_str()).is_some_and(|f| f.name == format.name));
        }
        assert!(Format::parse("xml").is_none());
    }
}
