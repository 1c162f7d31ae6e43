//! All that is known of one file by itself.

use asynclint_parser::{Span, SyntaxError};
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::ids::{BodyId, MODULE, StmtId};
use crate::outline::Outline;
use crate::stmt::StmtKind;

/// One file: what others can see of it, and its code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Definitions and names.
    pub outline: Outline,
    /// Code: the module's own first, then one body for each outermost function.
    pub bodies: Vec<Body>,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// Empty for valid Python.
    pub errors: Vec<SyntaxError>,
}

impl Facts {
    /// The body `id`.
    pub fn body(&self, id: BodyId) -> &Body {
        &self.bodies[id.0 as usize]
    }

    /// Every body.
    pub fn body_ids(&self) -> impl Iterator<Item = BodyId> + use<> {
        (0..self.bodies.len() as u32).map(BodyId)
    }

    /// The smallest statement that holds byte `at`: the whole of a simple one, the lines up to the
    /// colon of a compound one. `None` between statements.
    pub fn statement_at(&self, at: u32) -> Option<Span> {
        let inside = |span: &Span| span.start <= at && at < span.end;
        // Bodies follow the text; a function's own code lies in the last body that begins before.
        let in_function = self.bodies[1..].iter().rev().find(|body| body.base <= at);
        let bodies = in_function.into_iter().chain(self.bodies.first());
        bodies.flat_map(Body::headers).filter(inside).min_by_key(|s| s.end - s.start)
    }

    /// The class body or module code that is not within any function.
    pub fn module_body(&self) -> &Body {
        self.body(MODULE)
    }
}

impl Body {
    /// Statements without their blocks, and the `except` lines of `try` statements.
    fn headers(&self) -> impl Iterator<Item = Span> + '_ {
        self.stmt_ids().flat_map(|id: StmtId| {
            let handlers = match &self.stmt(id).kind {
                StmtKind::Try(block) => block.handlers.iter(),
                _ => [].iter(),
            };
            std::iter::once(self.header_span(id))
                .chain(handlers.map(|handler| self.handler_span(handler)))
        })
    }
}
