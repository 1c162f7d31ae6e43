//! What Python refuses and the grammar accepts: indentation, empty blocks, Python 2, keywords as
//! names.

use crate::kind::Kind;
use crate::parse::SyntaxError;
use crate::span::Span;
use crate::tree::{Node, SyntaxTree};

/// Characters that the grammar takes for white space, and Python does not.
const INVISIBLE: [char; 3] = ['\u{200B}', '\u{2060}', '\u{FEFF}'];

/// Indented blocks in each other that Python no longer reads.
const MOST_INDENTS: usize = 100;

/// Finds what the grammar let through, in the order of the text.
pub(crate) fn check(tree: &SyntaxTree<'_>, comments: &[Span]) -> Vec<SyntaxError> {
    let mut errors = invisible(tree, comments);
    let root = tree.root();
    check_block(root, &mut errors);
    // The ends of the blocks around, outermost first.
    let mut open: Vec<u32> = Vec::new();
    for node in root.descendants() {
        let message = match node.kind() {
            Kind::Block => {
                check_block(node, &mut errors);
                while open.pop_if(|end| *end <= node.span().start).is_some() {}
                if node.children().next().and_then(indent_of).is_some() {
                    open.push(node.span().end);
                }
                if open.len() < MOST_INDENTS {
                    continue;
                }
                "too many levels of indentation"
            }
            // `print >> file, x` is an expression in Python 3, if a useless one.
            Kind::PrintStatement if node.child(Kind::Chevron).is_none() => {
                "`print` is a function in Python 3"
            }
            Kind::ExecStatement => "`exec` is a function in Python 3",
            Kind::DiamondOperator => "`<>` is written `!=` in Python 3",
            Kind::Identifier if matches!(node.text(), "async" | "await") => {
                "`async` and `await` are keywords"
            }
            Kind::TryStatement
                if node.child(Kind::ExceptClause).is_none()
                    && node.child(Kind::FinallyClause).is_none() =>
            {
                "expected `except` or `finally`"
            }
            _ => continue,
        };
        errors.push(SyntaxError { span: node.span(), message: message.to_owned() });
    }
    errors
}

/// Invisible characters outside strings and comments.
fn invisible(tree: &SyntaxTree<'_>, comments: &[Span]) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    for character in INVISIBLE {
        let mut bytes = [0; 4];
        let encoded = character.encode_utf8(&mut bytes);
        for at in memchr::memmem::find_iter(tree.text.as_bytes(), encoded.as_bytes()) {
            let span = Span::new(at as u32, (at + encoded.len()) as u32);
            let after = comments.partition_point(|comment| comment.start <= span.start);
            let in_comment = after > 0 && comments[after - 1].contains(span);
            if !in_comment && !tree.is_in_string(span) {
                let message = format!("invalid non-printable character U+{:04X}", character as u32);
                errors.push(SyntaxError { span, message });
            }
        }
    }
    errors
}

/// Statements of one block must be indented alike, and deeper than the block around.
fn check_block(block: Node<'_>, errors: &mut Vec<SyntaxError>) {
    let is_module = block.kind() == Kind::Module;
    let mut own = if is_module { Some(Indent::default()) } else { None };
    let mut previous = None;
    for statement in block.children() {
        let before = previous.replace(statement);
        let Some(indent) = indent_of(statement) else { continue };
        match own {
            None => {
                let outer = outer_indent(block);
                if outer.is_some_and(|outer| indent.columns <= outer.columns) {
                    errors.push(error(statement, "expected an indented block"));
                }
                own = Some(indent);
            }
            Some(own) if own == indent => {}
            Some(own) => {
                let message = if own.columns == indent.columns {
                    "inconsistent use of tabs and spaces in indentation"
                } else if indent.columns > own.columns && !before.is_some_and(holds_block) {
                    "unexpected indent"
                } else {
                    "unindent does not match any outer indentation level"
                };
                errors.push(error(statement, message));
            }
        }
    }
    if previous.is_none() && !is_module && !block.is_broken() {
        errors.push(error(block, "expected an indented block"));
    }
}

/// Whether what follows `statement` may have been meant to close a block of it.
fn holds_block(statement: Node<'_>) -> bool {
    statement.descendants().any(|node| node.kind() == Kind::Block)
}

fn error(node: Node<'_>, message: &str) -> SyntaxError {
    SyntaxError { span: node.span(), message: message.to_owned() }
}

/// Width of the white space before a line: tabs to the next multiple of 8, and tabs as one. CPython
/// asks that both agree.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Indent {
    columns: u32,
    characters: u32,
}

/// The indentation of the nearest statement around `block` that begins a line.
fn outer_indent(block: Node<'_>) -> Option<Indent> {
    let mut node = block.parent()?;
    loop {
        let parent = node.parent()?;
        if matches!(parent.kind(), Kind::Block | Kind::Module)
            && let Some(indent) = indent_of(node)
        {
            return Some(indent);
        }
        node = parent;
    }
}

/// The indentation before `statement`, if it is the first thing on a logical line.
fn indent_of(statement: Node<'_>) -> Option<Indent> {
    let before = &statement.file_text().as_bytes()[..statement.span().start as usize];
    let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let mut indent = Indent::default();
    for byte in &before[line..] {
        match byte {
            b' ' => {
                indent.columns += 1;
                indent.characters += 1;
            }
            b'\t' => {
                indent.columns = (indent.columns / 8 + 1) * 8;
                indent.characters += 1;
            }
            b'\x0C' => indent = Indent::default(),
            _ => return None,
        }
    }
    let continued = before[..line]
        .strip_suffix(b"\n")
        .is_some_and(|above| above.strip_suffix(b"\r").unwrap_or(above).ends_with(b"\\"));
    (!continued).then_some(indent)
}
