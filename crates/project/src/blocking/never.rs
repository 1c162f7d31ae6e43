//! Which code never runs, or only as a script.

use asynclint_semantic::{BodyId, ExprId, ExprKind, StmtId, StmtKind};
use rustc_hash::FxHashSet;

use crate::resolver::Resolver;
use crate::types::ModuleId;

/// How many statements around one are asked one by one. Where there are more, as in a chain of
/// thousands of `elif`, all statements of the body are told at once.
const MOST_AROUND: usize = 64;

/// A body, whether what runs as a script counts as well, and its statements under such an `if`.
pub(crate) type Never = ((ModuleId, BodyId, bool), FxHashSet<StmtId>);

/// Whether a flag of that name is false wherever coroutines run: no Jython knows them.
fn is_never_set(name: &str) -> bool {
    name == "TYPE_CHECKING" || name.eq_ignore_ascii_case("is_jython")
}

impl Resolver<'_> {
    /// Whether the call never runs: under `if False`, `if TYPE_CHECKING` or `if is_jython`, or in
    /// the `else` of `if True`.
    pub fn runs_never(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_under(module, body, call, false)
    }

    /// Whether the call never runs, or only as a script: under `if __name__ == "__main__"`.
    pub fn runs_never_or_as_script(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_under(module, body, call, true)
    }

    fn is_under(&self, module: ModuleId, id: BodyId, call: ExprId, or_script: bool) -> bool {
        let body = self.project.facts(module).body(id);
        let stmt = body.expr(call).stmt;
        let never = |outer| self.never_enters(module, id, outer, stmt, or_script);
        if body.enclosing(stmt).nth(MOST_AROUND).is_none() {
            return body.enclosing(stmt).any(never);
        }
        let key = (module, id, or_script);
        if let Some((known, all)) = &*self.never.borrow()
            && *known == key
        {
            return all.contains(&stmt);
        }
        let mut all = FxHashSet::default();
        for at in body.stmt_ids() {
            let is_under = body.stmt(at).parent.is_some_and(|outer| {
                all.contains(&outer) || self.never_enters(module, id, outer, at, or_script)
            });
            if is_under {
                all.insert(at);
            }
        }
        let is_under = all.contains(&stmt);
        *self.never.borrow_mut() = Some((key, all));
        is_under
    }

    /// Whether `outer` is an `if` that is false or asks for such a name, and `stmt` runs where it
    /// is true, or the other way round.
    fn never_enters(
        &self,
        module: ModuleId,
        body: BodyId,
        outer: StmtId,
        stmt: StmtId,
        or_script: bool,
    ) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(body);
        let text = |name| facts.outline.text(name);
        let asks = |id| match body.kind(id) {
            // `type(error).__name__` is the name of a class.
            ExprKind::Name(name) => {
                is_never_set(text(name)) || or_script && text(name) == "__name__"
            }
            _ => body.last_name(id).is_some_and(|name| is_never_set(text(name))),
        };
        let StmtKind::If { test, body: then, orelse } = body.stmt(outer).kind else {
            return false;
        };
        let is_false = || {
            matches!(body.kind(test), ExprKind::Boolean(false)) || body.exprs_below(test).any(asks)
        };
        let is_true = || matches!(body.kind(test), ExprKind::Boolean(true));
        (body.block_holds(then, stmt) && is_false())
            || (body.block_holds(orelse, stmt) && is_true())
    }
}
