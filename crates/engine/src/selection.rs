//! Which lints run, and how serious each is.

mod levels;
mod nearest;
#[cfg(test)]
pub(crate) mod test_lints;

use asynclint_lints::{Group, Lint};

pub use levels::{CommandLine, Levels, Selection};
pub(crate) use nearest::nearest;

/// The word that selects every lint.
pub const ALL: &str = "ALL";

/// A set of lints under the name that the user gave it: a lint, a group, a code of another tool,
/// the beginning of such codes, or `ALL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    text: String,
    /// Indices into the table of lints, ascending.
    lints: Box<[usize]>,
}

/// A selector that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown lint `{given}`")]
pub struct UnknownSelector {
    /// What was written.
    pub given: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

impl UnknownSelector {
    /// The way out, as a help line.
    pub fn help(&self) -> String {
        match &self.nearest {
            _ if self.given == "invalid-syntax" => {
                "syntax errors are no lint; leave a file out with `exclude`".to_owned()
            }
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`asynclint lints` shows every lint, group and code".to_owned(),
        }
    }
}

impl Selector {
    /// The lints of the table `lints` that `text` stands for.
    ///
    /// # Errors
    /// [`UnknownSelector`], with the nearest name, where it stands for none.
    pub fn parse(text: &str, lints: &[&'static Lint]) -> Result<Self, UnknownSelector> {
        if text == ALL {
            return Ok(Self::of(text, lints, |_| true));
        }
        let exact = Self::exact(text, lints);
        // A group may have no lints yet.
        if !exact.lints.is_empty() || Group::ALL.iter().any(|group| group.as_str() == text) {
            return Ok(exact);
        }
        let by_prefix = Self::of(text, lints, |lint| {
            lint.aliases.iter().any(|alias| is_code_prefix(text, alias))
        });
        if !by_prefix.lints.is_empty() {
            return Ok(by_prefix);
        }
        let names = lints.iter().map(|lint| lint.name);
        let groups = Group::ALL.iter().map(|group| group.as_str());
        let codes = lints.iter().flat_map(|lint| lint.aliases.iter().copied());
        let nearest = nearest(text, names.chain(groups).chain(codes).chain([ALL]));
        Err(UnknownSelector { given: text.to_owned(), nearest: nearest.map(str::to_owned) })
    }

    /// The lints whose name, group or code is `text`, letter by letter; possibly none.
    pub(crate) fn exact(text: &str, lints: &[&'static Lint]) -> Self {
        if lints.iter().any(|lint| lint.name == text) {
            return Self::of(text, lints, |lint| lint.name == text);
        }
        Self::of(text, lints, |lint| lint.group.as_str() == text || lint.aliases.contains(&text))
    }

    /// The selectors of a comma-separated list, in which empty items count for nothing.
    ///
    /// # Errors
    /// One [`UnknownSelector`] for each item that names nothing.
    pub fn parse_list(
        text: &str,
        lints: &[&'static Lint],
    ) -> Result<Vec<Self>, Vec<UnknownSelector>> {
        let mut unknown = Vec::new();
        let mut known = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match Self::parse(item, lints) {
                Ok(selector) => known.push(selector),
                Err(error) => unknown.push(error),
            }
        }
        if unknown.is_empty() { Ok(known) } else { Err(unknown) }
    }

    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The lints it stands for, as ascending indices into the table it was parsed with.
    pub fn lints(&self) -> &[usize] {
        &self.lints
    }

    fn of(text: &str, lints: &[&'static Lint], takes: impl Fn(&Lint) -> bool) -> Self {
        let indices = (0..lints.len()).filter(|&index| takes(lints[index])).collect();
        Self { text: text.to_owned(), lints: indices }
    }
}

/// Whether `prefix` is a beginning of the code `alias` that holds all its letters: `ASYNC2` of
/// `ASYNC251`, but not `A`, which is the name of another plugin.
fn is_code_prefix(prefix: &str, alias: &str) -> bool {
    let letters = alias.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = &alias[letters..];
    letters > 0
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && prefix.len() >= letters
        && alias.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::test_lints::{LINTS, names};
    use super::*;

    fn selected(text: &str) -> Vec<&'static str> {
        names(Selector::parse(text, LINTS).unwrap().lints())
    }

    fn help(text: &str) -> String {
        Selector::parse(text, LINTS).unwrap_err().help()
    }

    #[test]
    fn every_kind_of_name_selects() {
        assert_eq!(selected("blocking-sleep"), ["blocking-sleep"]);
        assert_eq!(selected("blocking"), ["blocking-http", "blocking-metadata", "blocking-sleep"]);
        assert_eq!(selected("ASYNC251"), ["blocking-sleep"]);
        assert_eq!(selected("reportUnusedCoroutine"), ["missing-await"]);
        assert_eq!(selected("ALL").len(), LINTS.len());
    }

    #[test]
    fn a_code_of_two_lints_selects_both() {
        assert_eq!(selected("S7497"), ["cancelled-error-not-raised", "swallowed-cancellation"]);
    }

    #[test]
    fn prefixes_hold_the_whole_word_of_the_code() {
        assert_eq!(selected("ASYNC2"), ["blocking-http", "blocking-metadata", "blocking-sleep"]);
        assert!(selected("ASYNC").len() > 3);
        assert_eq!(selected("RUF"), ["dangling-task"]);
        for text in ["A", "ASY", "report", "unused", "async2", "blocking-", "ASYNC2X", ""] {
            assert!(Selector::parse(text, LINTS).is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_names_suggest_the_nearest() {
        assert_eq!(help("blocking-slep"), "did you mean `blocking-sleep`?");
        assert_eq!(help("blocking_sleep"), "did you mean `blocking-sleep`?");
        assert_eq!(help("sleep-blocking"), "did you mean `blocking-sleep`?");
        assert_eq!(help("Blocking"), "did you mean `blocking`?");
        assert_eq!(help("taks"), "did you mean `tasks`?");
        assert_eq!(help("all"), "did you mean `ALL`?");
        assert_eq!(help("async251"), "did you mean `ASYNC251`?");
        assert_eq!(help("line-too-long"), "`asynclint lints` shows every lint, group and code");
        assert!(help("invalid-syntax").starts_with("syntax errors are no lint"));
        let error = Selector::parse("E501", LINTS).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.nearest), ("unknown lint `E501`", None));
    }

    #[test]
    fn lists_report_every_unknown_name() {
        assert_eq!(Selector::parse_list(" ASYNC251 ,, tasks,", LINTS).unwrap().len(), 2);
        assert_eq!(Selector::parse_list("", LINTS).unwrap(), []);
        let unknown = Selector::parse_list("x,tasks,y", LINTS).unwrap_err();
        assert_eq!(unknown.iter().map(|u| u.given.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    }
}
