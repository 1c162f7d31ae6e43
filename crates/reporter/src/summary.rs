//! The line after the last diagnostic.

use asynclint_diagnostics::{Diagnostic, Level};

/// How many diagnostics there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those of level `error`.
    pub errors: usize,
    /// Those of level `warning`.
    pub warnings: usize,
    /// Those of level `note`.
    pub notes: usize,
}

impl Counts {
    /// Counts `diagnostics`.
    pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut counts = Self::default();
        for diagnostic in diagnostics {
            counts.add(diagnostic.level, 1);
        }
        counts
    }

    /// How many there are of any level.
    pub fn all(self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// These and `others`.
    pub fn and(self, others: Self) -> Self {
        Self {
            errors: self.errors + others.errors,
            warnings: self.warnings + others.warnings,
            notes: self.notes + others.notes,
        }
    }

    /// Counts `count` more of `level`.
    pub fn add(&mut self, level: Level, count: usize) {
        match level {
            Level::Error => self.errors += count,
            Level::Warning => self.warnings += count,
            Level::Note => self.notes += count,
            Level::Off => {}
        }
    }
}

/// `1 error, 2 warnings and 3 notes`; nothing where there is nothing.
pub(crate) fn counted(counts: Counts) -> String {
    let parts: Vec<String> =
        [(counts.errors, "error"), (counts.warnings, "warning"), (counts.notes, "note")]
            .into_iter()
            .filter(|&(n, _)| n > 0)
            .map(|(n, word)| format!("{n} {word}{}", if n == 1 { "" } else { "s" }))
            .collect();
    match parts.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `All checks passed!` or `Found 1 error, 2 warnings and 3 notes.`, without a line end.
pub fn summary(counts: Counts) -> String {
    match counts.all() {
        0 => "All checks passed!".to_owned(),
        _ => format!("Found {}.", counted(counts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_a_sentence() {
        let say = |errors, warnings, notes| summary(Counts { errors, warnings, notes });
        assert_eq!(say(0, 0, 0), "All checks passed!");
        assert_eq!(say(1, 0, 0), "Found 1 error.");
        assert_eq!(say(3, 1, 0), "Found 3 errors and 1 warning.");
        assert_eq!(say(1, 2, 3), "Found 1 error, 2 warnings and 3 notes.");
        assert_eq!(say(0, 0, 2), "Found 2 notes.");
    }
}
