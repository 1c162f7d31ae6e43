//! `# noqa`, as ruff reads it.

use super::directive::{Broken, Cursor, Directive, Found, Reach, Word};
use super::{Problem, Tool};

/// The directive at `cursor`, if it is of this kind.
pub(super) fn read<'t>(
    mut cursor: Cursor<'t>,
    is_lint: &dyn Fn(&str) -> bool,
) -> Option<Found<'t>> {
    let whole_file = cursor.eat_prefix("flake8") || cursor.eat_prefix("ruff");
    let reach = if whole_file { Reach::File } else { Reach::Line };
    if !cursor.eat_ignoring_case("noqa") {
        return None;
    }
    let after_word = cursor;
    cursor.spaces();
    let words = if cursor.eat(":") {
        let before_codes = cursor;
        let words = codes(&mut cursor);
        if words.is_empty() {
            return lint_instead(before_codes, is_lint).map(Err);
        }
        words
    } else if after_word.rest().starts_with(|c: char| !c.is_whitespace() && c != '#') {
        return None;
    } else {
        cursor = after_word;
        Vec::new()
    };
    Some(Ok(Directive { tool: Tool::Noqa, reach, words, start: cursor.start, end: cursor.at }))
}

/// Codes with commas or spaces between them, or nothing; a word that is no code ends them.
fn codes<'t>(cursor: &mut Cursor<'t>) -> Vec<Word<'t>> {
    let mut codes: Vec<Word<'_>> = Vec::new();
    let mut ahead = *cursor;
    loop {
        ahead.word(|c| c.is_whitespace() || c == ',');
        let start = ahead.at;
        let letters = ahead.word(|c| c.is_ascii_uppercase()).text.len();
        let digits = ahead.word(|c| c.is_ascii_digit()).text.len();
        let joined = ahead.rest().starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if letters == 0 || digits == 0 || joined {
            return codes;
        }
        codes.push(ahead.since(start));
        *cursor = ahead;
    }
}

fn lint_instead(mut cursor: Cursor<'_>, is_lint: &dyn Fn(&str) -> bool) -> Option<Broken> {
    cursor.spaces();
    let name = cursor.word(|c| c.is_ascii_alphanumeric() || c == '-').text;
    let problem = Problem::LintInNoqa;
    is_lint(name).then_some(Broken { problem, start: cursor.start, end: cursor.at })
}
