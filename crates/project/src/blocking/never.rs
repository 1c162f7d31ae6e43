//! Which code never runs, or only as a script.

use asynclint_semantic::{BindingKind, BodyId, ExprId, ExprKind, MODULE_SCOPE, StmtId, StmtKind};
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

/// Whether a flag of that name says which of two colours the file has: one of them is made from the
/// other by a script, as `_IS_SYNC` of pymongo tells.
fn is_of_colour(name: &str) -> bool {
    let words = name.split('_').map(str::to_ascii_lowercase);
    words
        .into_iter()
        .any(|word| matches!(&*word, "async" | "asyncio" | "sync" | "issync" | "isasync"))
}

impl Resolver<'_> {
    /// Whether the call never runs: under `if False`, `if TYPE_CHECKING` or `if is_jython`, in the
    /// `else` of `if True`, or where a flag about the colour of the file says so.
    pub fn runs_never(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_under(module, body, call, false) || self.is_defined_never(module, body, call)
    }

    /// Whether the call never runs, or only as a script: under `if __name__ == "__main__"`.
    pub fn runs_never_or_as_script(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_under(module, body, call, true) || self.is_defined_never(module, body, call)
    }

    /// Whether the function around the call is defined where nothing runs: a method under
    /// `if not _IS_SYNC` in the body of its class.
    fn is_defined_never(&self, module: ModuleId, id: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let outline = &facts.outline;
        let inner = outline.function_of(facts.body(id).expr(call).scope);
        let around = std::iter::successors(inner, |&function| {
            outline.function_of(outline.function(function).home_scope)
        });
        around.map(|function| outline.function(function)).any(|own| {
            let home = facts.body(own.home);
            home.enclosing(own.stmt)
                .any(|outer| self.never_enters(module, own.home, outer, own.stmt, false))
        })
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
        let at = body;
        let body = facts.body(at);
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
        let is_false =
            || self.settled(module, at, test) == Some(false) || body.exprs_below(test).any(asks);
        let is_true = || self.settled(module, at, test) == Some(true);
        (body.block_holds(then, stmt) && is_false())
            || (body.block_holds(orelse, stmt) && is_true())
    }

    /// What a condition comes to whenever it is asked: `False`, `not _IS_SYNC`, `sync and x`.
    fn settled(&self, module: ModuleId, at: BodyId, id: ExprId) -> Option<bool> {
        let body = self.project.facts(module).body(at);
        match body.kind(id) {
            ExprKind::Boolean(value) => Some(value),
            ExprKind::Not(operand) => Some(!self.settled(module, at, operand)?),
            ExprKind::Bool { is_and, left, right } => {
                let (left, right) =
                    (self.settled(module, at, left), self.settled(module, at, right));
                // `and` is false, and `or` true, as soon as one side is.
                let decides = Some(!is_and);
                if left == decides || right == decides {
                    return decides;
                }
                left.and(right)
            }
            ExprKind::Name(_) => self.flag(module, at, id),
            _ => None,
        }
    }

    /// What a flag of the module is that tells its colour, if it is written once, as a constant.
    fn flag(&self, module: ModuleId, at: BodyId, id: ExprId) -> Option<bool> {
        let outline = &self.project.facts(module).outline;
        let body = self.project.facts(module).body(at);
        let ExprKind::Name(name) = body.kind(id) else { return None };
        if !is_of_colour(outline.text(name))
            || outline.lookup(body.expr(id).scope, name) != Some(MODULE_SCOPE)
        {
            return None;
        }
        let mut bindings =
            outline.scope(MODULE_SCOPE).bindings.iter().filter(|binding| binding.name == name);
        let binding = bindings.next().filter(|_| bindings.next().is_none())?;
        let value = match &binding.kind {
            BindingKind::Assigned(value) => *value,
            BindingKind::Annotated { value, .. } => (*value)?,
            _ => return None,
        };
        match self.project.facts(module).body(binding.body).kind(value) {
            ExprKind::Boolean(value) => Some(value),
            _ => None,
        }
    }
}
