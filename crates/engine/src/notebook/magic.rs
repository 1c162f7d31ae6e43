//! What `IPython` takes in cells besides Python: magics, shell commands and questions.

/// Magics for a whole cell whose cell is Python all the same.
const PYTHON: &[&str] = &["capture", "debug", "ipytest", "prun", "time", "timeit"];

/// Commands that `IPython` takes without a sign before them.
const BARE: &[&str] =
    &["cat", "cd", "conda", "cp", "ls", "mamba", "mkdir", "mv", "pip", "rm", "uv"];

/// Words that make an expression of what stands before them.
const OPERATORS: &[&str] = &["and", "for", "if", "in", "is", "not", "or"];

/// The text of a cell with what is not Python masked, as long as before; `None` if nothing in it
/// is Python that runs in the notebook.
pub(super) fn masked(cell: &str) -> Option<String> {
    let mut out = String::with_capacity(cell.len());
    let mut state = State::default();
    let mut is_first = true;
    let mut continues = false;
    for line in cell.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let trimmed = body.trim();
        if is_first && let Some(magic) = trimmed.strip_prefix("%%") {
            let name = magic.split_whitespace().next().unwrap_or_default();
            if !PYTHON.contains(&name) {
                return None;
            }
            mask(&mut out, body, 0);
        } else if continues {
            // The rest of a command; blank, so that no block ends here.
            out.extend(std::iter::repeat_n(' ', body.len()));
            continues = body.ends_with('\\');
        } else if let Some(at) = state.is_between().then(|| begin(body)).flatten() {
            mask(&mut out, body, at);
            continues = body.ends_with('\\');
        } else {
            state.read(line);
            out.push_str(body);
        }
        out.push_str(&line[body.len()..]);
        is_first &= trimmed.is_empty() || trimmed.starts_with('#');
    }
    Some(out)
}

/// Appends `line` with an expression that does nothing in place of all from byte `at` on.
fn mask(out: &mut String, line: &str, at: usize) {
    out.push_str(&line[..at]);
    if at < line.len() {
        out.push('0');
        out.extend(std::iter::repeat_n(' ', line.len() - at - 1));
    }
}

/// Where in a line, which begins a statement, that begins which is no Python.
fn begin(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let code = line.trim();
    if code.starts_with(['%', '!', '?']) {
        return Some(indent);
    }
    // `pip install x`, but not `ls in x`
    if let Some((command, rest)) = code.split_once(' ')
        && BARE.contains(&command)
        && !rest.starts_with("- ")
        && rest.starts_with(|c: char| c.is_alphanumeric() || "-$./~".contains(c))
        && !rest.split(' ').next().is_some_and(|word| OPERATORS.contains(&word))
    {
        return Some(indent);
    }
    // `obj?`, `obj.name??`
    let asked = code.trim_end_matches('?');
    let is_name = |c: char| c.is_alphanumeric() || "_.[]%*".contains(c);
    if asked.len() < code.len() && !asked.is_empty() && asked.chars().all(is_name) {
        return Some(indent);
    }
    // `files = !ls`, `took = %timeit -o f()`
    let (target, value) = line.split_once('=')?;
    let is_target = |c: char| c.is_alphanumeric() || "_.[]'\", ()*".contains(c);
    let count = |c: char| target.matches(c).count();
    // The sign stands in no string and no call.
    let is_whole = count('"').is_multiple_of(2)
        && count('\'').is_multiple_of(2)
        && count('(') == count(')')
        && count('[') == count(']');
    let begins = value.trim_start();
    (is_whole
        && target.chars().all(is_target)
        && begins.starts_with(['%', '!'])
        && !begins.starts_with("!="))
    .then(|| line.len() - begins.len())
}

/// Where in a statement the text is.
#[derive(Default)]
struct State {
    depth: usize,
    /// The quotes that end the string.
    quotes: Option<&'static str>,
    continues: bool,
}

impl State {
    /// Whether a statement begins here.
    fn is_between(&self) -> bool {
        self.depth == 0 && self.quotes.is_none() && !self.continues
    }

    /// Reads a line with its line end.
    fn read(&mut self, line: &str) {
        let mut rest = line;
        self.continues = false;
        while let Some(c) = rest.chars().next() {
            let mut step = c.len_utf8();
            match self.quotes {
                Some(_) if c == '\\' => {
                    step += rest[step..].chars().next().map_or(0, char::len_utf8);
                    // A string of one line goes on behind a backslash at its end.
                    if rest[..step].ends_with('\n') {
                        return;
                    }
                }
                Some(quotes) if rest.starts_with(quotes) => {
                    step = quotes.len();
                    self.quotes = None;
                }
                Some(quotes) => {
                    if c == '\n' && quotes.len() == 1 {
                        self.quotes = None;
                    }
                }
                None => match c {
                    '#' => return,
                    '(' | '[' | '{' => self.depth += 1,
                    ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                    '\\' if rest[1..].starts_with('\n') => self.continues = true,
                    _ => {
                        let all = ["\"\"\"", "'''", "\"", "'"];
                        if let Some(quotes) = all.into_iter().find(|it| rest.starts_with(it)) {
                            step = quotes.len();
                            self.quotes = Some(quotes);
                        }
                    }
                },
            }
            rest = &rest[step..];
        }
    }
}
