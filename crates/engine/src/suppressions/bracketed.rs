//! `# asynclint: ignore[...]` and what other tools write in the same shape.

use super::directive::{Broken, Cursor, Directive, Found, Reach, Word};
use super::{Problem, Tool};

/// Words before the colon that take `ignore[...]`, besides ours and ruff's.
const TYPE_CHECKERS: [&str; 4] = ["type", "pyright", "ty", "pyrefly"];

/// The directive at `cursor`, if it is of this kind.
pub(super) fn read(mut cursor: Cursor<'_>) -> Option<Found<'_>> {
    if cursor.eat_prefix("asynclint") {
        return Some(ours(cursor));
    }
    if cursor.eat_prefix("ruff") {
        let reach = match cursor.word(is_word).text {
            "ignore" => Reach::Statement,
            "file-ignore" => Reach::File,
            "disable" => Reach::Disable,
            "enable" => Reach::Enable,
            _ => return None,
        };
        return names(cursor, Tool::Ruff, reach).ok().map(Ok);
    }
    TYPE_CHECKERS.iter().find(|name| cursor.eat_prefix(name))?;
    if cursor.word(is_word).text != "ignore" {
        return None;
    }
    names(cursor, Tool::TypeChecker, Reach::Line).ok().map(Ok)
}

fn ours(mut cursor: Cursor<'_>) -> Found<'_> {
    let reach = match cursor.word(is_word).text {
        "ignore" => Reach::Statement,
        "file-ignore" => Reach::File,
        _ => return Err(broken(cursor, Problem::UnknownWord)),
    };
    names(cursor, Tool::Ours, reach)
}

/// The names in brackets at `cursor`.
fn names(mut cursor: Cursor<'_>, tool: Tool, reach: Reach) -> Found<'_> {
    let after_word = cursor;
    cursor.spaces();
    if !cursor.eat("[") {
        return Err(broken(after_word, Problem::NoNames));
    }
    let mut words = Vec::new();
    loop {
        cursor.spaces();
        let Word { text, start } = cursor.word(|c| !matches!(c, ',' | ']' | '#' | '['));
        if !text.trim_end().is_empty() {
            words.push(Word { text: text.trim_end(), start });
        }
        if cursor.eat("]") {
            break;
        }
        if !cursor.eat(",") {
            return Err(broken(cursor, Problem::Unclosed));
        }
    }
    if words.is_empty() {
        return Err(broken(cursor, Problem::EmptyNames));
    }
    Ok(Directive { tool, reach, words, start: cursor.start, end: cursor.at })
}

fn broken(cursor: Cursor<'_>, problem: Problem) -> Broken {
    Broken { problem, start: cursor.start, end: cursor.at }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}
