//! The ways in which control can leave a block: a small control-flow view of a body.

use crate::body::Body;
use crate::expr::ExprKind;
use crate::ids::{Block, ExprId, StmtId};
use crate::stmt::{Handler, StmtKind, WithItem};

/// The ways in which control can leave a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of six ways, each asked by name")]
pub struct Exits {
    /// By reaching its end.
    pub falls: bool,
    /// By `return`.
    pub returns: bool,
    /// By `break` of a loop around it.
    pub breaks: bool,
    /// By `continue` of a loop around it.
    pub continues: bool,
    /// By raising the exception that is being handled, or by a call that never returns.
    pub reraises: bool,
    /// By raising something else.
    pub raises: bool,
}

impl Exits {
    const FALLS: Self = Self {
        falls: true,
        returns: false,
        breaks: false,
        continues: false,
        reraises: false,
        raises: false,
    };

    const NONE: Self = Self { falls: false, ..Self::FALLS };

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            falls: self.falls || other.falls,
            returns: self.returns || other.returns,
            breaks: self.breaks || other.breaks,
            continues: self.continues || other.continues,
            reraises: self.reraises || other.reraises,
            raises: self.raises || other.raises,
        }
    }

    /// Whether control can leave without an exception.
    pub const fn without_exception(self) -> bool {
        self.falls || self.returns || self.breaks || self.continues
    }
}

/// What the walk has to ask about expressions.
pub trait Oracle {
    /// The truth of a condition, where it is known.
    fn truth(&self, test: ExprId) -> Option<bool>;
    /// Whether evaluating the expression never returns, as with `sys.exit()`.
    fn never_returns(&self, value: ExprId) -> bool;
    /// Whether raising this expression raises the exception that is being handled.
    fn is_handled(&self, exception: ExprId) -> bool;
    /// Whether the handler takes the exception that is being handled.
    fn takes(&self, handler: &Handler) -> bool;
    /// Whether the context manager swallows the exception that is being handled.
    fn suppresses(&self, item: &WithItem) -> bool;
}

/// Knows nothing: every condition is open, and only a bare `except` takes the exception.
pub struct Open;

impl Oracle for Open {
    fn truth(&self, _: ExprId) -> Option<bool> {
        None
    }
    fn never_returns(&self, _: ExprId) -> bool {
        false
    }
    fn is_handled(&self, _: ExprId) -> bool {
        false
    }
    fn takes(&self, handler: &Handler) -> bool {
        handler.is_bare
    }
    fn suppresses(&self, _: &WithItem) -> bool {
        false
    }
}

/// The ways out of `block`.
pub fn exits(body: &Body, block: Block, oracle: &dyn Oracle) -> Exits {
    let mut all = Exits::NONE;
    for &stmt in body.block(block) {
        let one = of_stmt(body, stmt, oracle);
        all = all.or(Exits { falls: false, ..one });
        if !one.falls {
            return all;
        }
    }
    Exits { falls: true, ..all }
}

fn of_stmt(body: &Body, id: StmtId, oracle: &dyn Oracle) -> Exits {
    match &body.stmt(id).kind {
        StmtKind::Expr(value) | StmtKind::Return(Some(value)) if oracle.never_returns(*value) => {
            Exits { reraises: true, ..Exits::NONE }
        }
        StmtKind::Return(_) => Exits { returns: true, ..Exits::NONE },
        StmtKind::Break => Exits { breaks: true, ..Exits::NONE },
        StmtKind::Continue => Exits { continues: true, ..Exits::NONE },
        StmtKind::Raise { exception: None, .. } => Exits { reraises: true, ..Exits::NONE },
        StmtKind::Raise { exception: Some(exception), .. } => {
            let handled = oracle.is_handled(*exception);
            Exits { reraises: handled, raises: !handled, ..Exits::NONE }
        }
        StmtKind::If { test, body: then, orelse } => match oracle.truth(*test) {
            Some(true) => exits(body, *then, oracle),
            Some(false) => exits(body, *orelse, oracle),
            None => exits(body, *then, oracle).or(exits(body, *orelse, oracle)),
        },
        StmtKind::While { test, body: block, orelse } => {
            let inner = exits(body, *block, oracle);
            let truth = match body.kind(*test) {
                ExprKind::Boolean(truth) => Some(truth),
                ExprKind::Number(_) => Some(true),
                _ => oracle.truth(*test),
            };
            let ends = match truth {
                Some(true) => Exits::NONE,
                _ => exits(body, *orelse, oracle),
            };
            leave_loop(inner).or(ends)
        }
        StmtKind::For { body: block, orelse, .. } => {
            leave_loop(exits(body, *block, oracle)).or(exits(body, *orelse, oracle))
        }
        StmtKind::With { items, body: block, .. } => {
            let inner = exits(body, *block, oracle);
            let swallows = inner.reraises && items.iter().any(|item| oracle.suppresses(item));
            Exits { falls: inner.falls || swallows, reraises: inner.reraises && !swallows, ..inner }
        }
        StmtKind::Try(block) => {
            let mut inner = exits(body, block.body, oracle);
            if inner.falls {
                let rest = exits(body, block.orelse, oracle);
                inner = Exits { falls: false, ..inner }.or(rest);
            }
            let taker = block.handlers.iter().position(|handler| oracle.takes(handler));
            if let (true, Some(taker)) = (inner.reraises, taker) {
                inner.reraises = false;
                inner = inner.or(exits(body, block.handlers[taker].body, oracle));
            }
            if may_raise(body, block.body) {
                // The other handlers may run as well, for an error of the block itself.
                for handler in &block.handlers {
                    inner = inner.or(exits(body, handler.body, oracle));
                }
            }
            let last = exits(body, block.finalbody, oracle);
            if last.falls { inner.or(Exits { falls: false, ..last }) } else { last }
        }
        StmtKind::Match { cases, .. } => {
            let mut all = Exits::NONE;
            for case in cases {
                all = all.or(exits(body, case.body, oracle));
            }
            let is_total = cases.iter().any(|case| case.is_wildcard);
            Exits { falls: all.falls || !is_total, ..all }
        }
        _ => Exits::FALLS,
    }
}

/// `break` and `continue` of a loop end within it.
fn leave_loop(inner: Exits) -> Exits {
    Exits { falls: inner.breaks, breaks: false, continues: false, ..inner }
}

/// Whether the block does anything but raise.
pub(crate) fn may_raise(body: &Body, block: Block) -> bool {
    let raises = |id: &StmtId| matches!(body.stmt(*id).kind, StmtKind::Raise { .. });
    !body.block(block).first().is_some_and(raises)
        && body.exprs_in_block(block).any(|id| {
            matches!(
                body.kind(id),
                ExprKind::Call { .. } | ExprKind::Await(_) | ExprKind::Subscript { .. }
            )
        })
}

#[cfg(test)]
mod tests {
    use asynclint_parser::{Limits, parse};

    use super::*;
    use crate::lower;

    /// The ways out, one letter each: falls, returns, breaks, continues, re-raises (`e`), raises
    /// (`x`).
    fn ways(code: &str) -> String {
        let indented = format!("        {}\n", code.replace('\n', "\n        "));
        let text = format!("def f():\n    while a:\n{indented}");
        let parsed = parse(&text, &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(parsed.errors, [], "{text}");
        let facts = lower(parsed);
        let function = &facts.outline.functions[0];
        let body = facts.body(function.body);
        let StmtKind::While { body: block, .. } = body.stmt(body.block(function.block)[0]).kind
        else {
            panic!("a loop")
        };
        let exits = exits(body, block, &Open);
        let flags = [
            (exits.falls, 'f'),
            (exits.returns, 'r'),
            (exits.breaks, 'b'),
            (exits.continues, 'c'),
            (exits.reraises, 'e'),
            (exits.raises, 'x'),
        ];
        flags.iter().filter(|(is, _)| *is).map(|(_, way)| way).collect()
    }

    #[test]
    fn every_statement_knows_its_ways_out() {
        assert_eq!(ways("pass"), "f");
        assert_eq!(ways("if a:\n    return\nelse:\n    raise"), "re");
        assert_eq!(ways("if a:\n    return"), "fr");
        assert_eq!(ways("raise\nreturn"), "e");
        assert_eq!(ways("for x in y:\n    break"), "f");
        assert_eq!(ways("while True:\n    g()"), "");
        assert_eq!(ways("while True:\n    if a:\n        break"), "f");
        assert_eq!(ways("while True:\n    raise"), "e");
        assert_eq!(ways("continue"), "c");
        assert_eq!(ways("try:\n    raise\nexcept A:\n    pass"), "e");
        assert_eq!(ways("try:\n    raise\nexcept:\n    pass"), "f");
        assert_eq!(ways("try:\n    g()\nexcept A:\n    pass\nraise"), "e");
        assert_eq!(ways("try:\n    raise\nfinally:\n    return"), "r");
        assert_eq!(ways("try:\n    return\nfinally:\n    g()"), "r");
        assert_eq!(
            ways("match a:\n    case 1:\n        raise\n    case _:\n        raise A"),
            "ex"
        );
        assert_eq!(ways("match a:\n    case 1:\n        raise"), "fe");
        assert_eq!(ways("with a:\n    raise"), "e");
    }
}
