//! A text with some of its parts replaced.

use asynclint_diagnostics::Edit;

/// The text after `edits`, which must be sorted and not overlap. Line ends in what is put in become
/// those of the text: its first one decides.
pub fn apply(text: &str, edits: &[&Edit]) -> String {
    let line_end = line_end(text);
    let mut out = String::with_capacity(text.len() + 64 * edits.len());
    let mut done = 0;
    for edit in edits {
        let span = edit.span.range();
        out.push_str(&text[done..span.start]);
        for (index, line) in edit.content.replace("\r\n", "\n").split('\n').enumerate() {
            if index > 0 {
                out.push_str(line_end);
            }
            out.push_str(line);
        }
        done = span.end;
    }
    out.push_str(&text[done..]);
    out
}

/// How the first line ends.
fn line_end(text: &str) -> &'static str {
    match text.find(['\n', '\r']).map(|at| &text[at..]) {
        Some(end) if end.starts_with("\r\n") => "\r\n",
        Some(end) if end.starts_with('\r') => "\r",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use asynclint_parser::Span;

    use super::*;

    fn edited(text: &str) -> String {
        let edits = [
            Edit { span: Span::empty(0), content: "import x\n".to_owned() },
            Edit { span: Span::new(1, 2), content: "B".to_owned() },
        ];
        apply(text, &edits.each_ref())
    }

    #[test]
    fn line_ends_are_those_of_the_text() {
        assert_eq!(edited("abc"), "import x\naBc");
        assert_eq!(edited("abc\n"), "import x\naBc\n");
        assert_eq!(edited("abc\r\n"), "import x\r\naBc\r\n");
        assert_eq!(edited("abc\rd"), "import x\raBc\rd");
    }
}
