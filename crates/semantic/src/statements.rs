//! From places in a file to the statements that hold them.

use std::cmp::Reverse;

use asynclint_parser::Span;

use crate::body::Body;
use crate::facts::Facts;
use crate::stmt::StmtKind;

/// The statements of one file by their places: the whole of a simple one, the lines up to the
/// colon of a compound one, the `except` lines of a `try`.
#[derive(Debug)]
pub struct Statements {
    /// In the order of the text, and what lies in another behind it.
    spans: Vec<Span>,
    /// For each of them the one that it lies in.
    around: Vec<Option<u32>>,
}

impl Statements {
    pub(crate) fn of(facts: &Facts) -> Self {
        let mut spans: Vec<Span> = facts.bodies.iter().flat_map(headers).collect();
        spans.sort_unstable_by_key(|span| (span.start, Reverse(span.end)));
        let mut around = Vec::with_capacity(spans.len());
        let mut open: Vec<u32> = Vec::new();
        for (index, span) in (0..).zip(&spans) {
            while open.pop_if(|at| spans[*at as usize].end <= span.start).is_some() {}
            around.push(open.last().copied());
            open.push(index);
        }
        Self { spans, around }
    }

    /// The smallest statement that holds byte `at`; `None` between statements.
    pub fn at(&self, at: u32) -> Option<Span> {
        let after = self.spans.partition_point(|span| span.start <= at);
        let mut next = after.checked_sub(1);
        while let Some(index) = next {
            if at < self.spans[index].end {
                return Some(self.spans[index]);
            }
            next = self.around[index].map(|index| index as usize);
        }
        None
    }
}

/// Statements without their blocks, and the `except` lines of `try` statements.
fn headers(body: &Body) -> impl Iterator<Item = Span> + '_ {
    body.stmt_ids().flat_map(|id| {
        let handlers = match &body.stmt(id).kind {
            StmtKind::Try(block) => block.handlers.iter(),
            _ => [].iter(),
        };
        std::iter::once(body.header_span(id))
            .chain(handlers.map(|handler| body.handler_span(handler)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
import a

@b
def f(x=1):
    try:
        if (x and
                y): z = 1; w = 2
    except (A,
            B) as c:
        def g(): return 3
class D(E):
    k = lambda: (5,
                 6)
while x:
    pass
else: pass
";

    /// The smallest of all statements that hold a place, found by looking at each.
    fn by_looking(facts: &Facts, at: u32) -> Option<Span> {
        let all = facts.bodies.iter().flat_map(headers);
        all.filter(|span| span.start <= at && at < span.end)
            .min_by_key(|span| span.end - span.start)
    }

    #[test]
    fn every_place_has_its_smallest_statement() {
        let broken = TEXT.replacen("):", ":", 1).replacen("c:", "c", 1);
        for text in [TEXT, &broken, "", "x", "\n"] {
            let parsed = asynclint_parser::parse(text, &asynclint_parser::Limits::default());
            let facts = crate::lower(parsed.expect("it is within the limits"));
            let statements = facts.statements();
            for at in 0..=text.len() as u32 {
                assert_eq!(statements.at(at), by_looking(&facts, at), "byte {at} of {text}");
            }
        }
        let mut facts = crate::lower(
            asynclint_parser::parse(TEXT, &asynclint_parser::Limits::default())
                .expect("it is small"),
        );
        let at = |facts: &Facts, word| {
            let span = facts.statements().at(TEXT.find(word).expect("it is there") as u32);
            span.map(|span| &TEXT[span.start as usize..span.end as usize])
        };
        assert_eq!(at(&facts, "B)"), Some("except (A,\n            B) as c"));
        assert_eq!(at(&facts, "w = 2"), Some("w = 2"));
        facts.bodies.truncate(1);
        assert_eq!(at(&facts, "w = 2"), None);
    }
}
