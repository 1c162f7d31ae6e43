//! String literals.

use asynclint_parser::{Field, Kind, Node};

use super::Lowering;
use crate::expr::{ExprKind, Usage};

/// Longest content that is kept, in bytes.
const KEPT: usize = 64;

impl Lowering {
    /// A string, or several that stand side by side.
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprKind {
        let from = self.exprs.len();
        self.interpolations(node);
        if self.exprs.len() > from {
            return ExprKind::Format(self.close_list(from));
        }
        let is_single = node.kind() == Kind::String;
        let content = if is_single { plain_content(node.text()) } else { None };
        ExprKind::Str(content.map(|content| self.outline.names.intern(content)))
    }

    fn interpolations(&mut self, node: Node<'_>) {
        for child in node.children() {
            match child.kind() {
                Kind::Interpolation | Kind::FormatExpression => {
                    for part in child.children() {
                        if part.field_in_parent() == Field::Expression {
                            let value = self.expr(part, Usage::Formatted);
                            self.exprs.push(value);
                        } else {
                            self.interpolations(part);
                        }
                    }
                }
                Kind::String | Kind::FormatSpecifier => self.interpolations(child),
                _ => {}
            }
        }
    }
}

/// The text between the quotes of a string without escapes, if it is short.
fn plain_content(literal: &str) -> Option<&str> {
    let quoted = literal.trim_start_matches(['r', 'R', 'u', 'U']);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let triple = [quote; 3].iter().collect::<String>();
    let content = match quoted.strip_prefix(triple.as_str()) {
        Some(rest) if quoted.len() >= 6 => rest.strip_suffix(triple.as_str())?,
        _ => quoted.strip_prefix(quote)?.strip_suffix(quote)?,
    };
    (content.len() <= KEPT && !content.contains(['\\', '\n'])).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::plain_content;

    #[test]
    fn only_plain_and_short_content_is_kept() {
        assert_eq!(plain_content("'a.B'"), Some("a.B"));
        assert_eq!(plain_content("\"\"\"a\"\"\""), Some("a"));
        assert_eq!(plain_content("''"), Some(""));
        assert_eq!(plain_content("r'a'"), Some("a"));
        assert_eq!(plain_content("b'a'"), None);
        assert_eq!(plain_content("'a\\n'"), None);
        assert_eq!(plain_content(&format!("'{}'", "x".repeat(65))), None);
    }
}
