//! Guessing what a misspelt name was meant to be.

/// The candidate closest to `given`, if one is close enough to be worth a question. Of equally
/// close ones the first wins.
pub(crate) fn nearest<'c>(
    given: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted = plain(given);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let offered = plain(candidate);
        let distance = if wanted == offered {
            0
        } else if words(&wanted) == words(&offered) {
            1
        } else {
            strsim::damerau_levenshtein(&wanted, &offered)
        };
        if distance <= tolerance(&wanted, candidate)
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many edits may lie between a name and what was meant by it. A code is all digits and one
/// edit already makes another code of it, so only its case may be wrong.
fn tolerance(given: &str, candidate: &str) -> usize {
    if candidate.bytes().any(|byte| byte.is_ascii_digit()) { 0 } else { given.len().max(3) / 3 }
}

/// Without what people mix up: case, and which dash.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('_', "-")
}

fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<_> = text.split('-').collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const NAMES: [&str; 5] =
        ["blocking-sleep", "blocking-http", "missing-await", "ASYNC251", "off"];

    #[test]
    fn close_names_are_found() {
        assert_eq!(nearest("missing-awiat", NAMES), Some("missing-await"));
        assert_eq!(nearest("await-missing", NAMES), Some("missing-await"));
        assert_eq!(nearest("MISSING_AWAIT", NAMES), Some("missing-await"));
        assert_eq!(nearest("of", NAMES), Some("off"));
    }

    #[test]
    fn far_names_are_not() {
        assert_eq!(nearest("unused-import", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
        assert_eq!(nearest("ASYNC252", NAMES), None);
    }
}
