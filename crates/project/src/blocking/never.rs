//! Which code never runs, or only as a script.

use asynclint_semantic::{
    BindingKind, BodyId, Comparison, ExprId, ExprKind, MODULE_SCOPE, Name, ScopeId, StmtId,
    StmtKind,
};
use rustc_hash::FxHashSet;

use super::{FORKS, versions};
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, ModuleId, Type};

/// How many statements around one are asked one by one. Where there are more, as in a chain of
/// thousands of `elif`, all statements of the body are told at once.
const MOST_AROUND: usize = 64;

/// A body, whether what runs as a script counts as well, and its statements under such an `if`.
pub(crate) type Never = ((ModuleId, BodyId, bool), FxHashSet<StmtId>);

/// Decorators that skip what they stand on where there are coroutines: of the two colours of a file
/// it is for the other one.
const FOR_PLAIN_CODE: &[&str] = &["only_sync", "require_sync", "requires_sync", "sync_only"];

/// Decorators by which tests are skipped whatever holds.
const SKIPS: &[&str] = &["pytest.mark.skip", "unittest.skip", "unittest.case.skip"];

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
    /// Whether the call runs in the child that its function forks: under `if pid == 0`, where `pid`
    /// is what `os.fork()` or `pty.fork()` gave. No event loop runs there that it could stop.
    pub fn runs_in_child(&self, module: ModuleId, id: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(id);
        let stmt = body.expr(call).stmt;
        let is_fork = |call: ExprId| {
            let callee = body.callee(call).and_then(|callee| self.library_name(module, id, callee));
            callee.is_some_and(|name| FORKS.contains(&&*name))
        };
        let is_pid = |asked: ExprId| match body.kind(asked) {
            ExprKind::Name(name) => {
                let scope = facts.outline.lookup(body.expr(asked).scope, name);
                let bindings = scope.map_or(&[][..], |scope| facts.outline.bindings(scope, name));
                // `pid = os.fork()`, `pid, fd = pty.fork()`
                bindings.iter().filter(|binding| binding.body == id).any(|binding| {
                    binding.stmt.is_some_and(|stmt| body.exprs_in(stmt).any(is_fork))
                })
            }
            _ => is_fork(asked),
        };
        body.is_under_if(stmt, |test| {
            let asked = match body.kind(test) {
                ExprKind::Not(asked) => asked,
                ExprKind::Compare { operator: Comparison::Equal, operands } => {
                    let operands = body.list(operands);
                    let is_zero = |&&id: &&ExprId| match body.kind(id) {
                        ExprKind::Number(number) => facts.outline.text(number) == "0",
                        _ => false,
                    };
                    match operands.iter().find(|id| !is_zero(id)) {
                        Some(&asked) if operands.iter().any(|id| is_zero(&id)) => asked,
                        _ => return false,
                    }
                }
                _ => return false,
            };
            is_pid(asked)
        })
    }

    /// Whether the call never runs: under `if False`, `if TYPE_CHECKING` or `if is_jython`, in the
    /// `else` of `if True`, or where a flag about the colour of the file says so.
    pub fn runs_never(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_skipped(module, body, call, false)
    }

    /// Whether the call never runs, or only as a script, under `if __name__ == "__main__"`, or only
    /// once a test is not skipped any more.
    pub fn runs_never_or_as_script(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        self.is_skipped(module, body, call, true)
    }

    fn is_skipped(&self, module: ModuleId, body: BodyId, call: ExprId, as_script: bool) -> bool {
        self.is_dead(module, body, call)
            || self.is_under(module, body, call, as_script)
            || self.is_defined_never(module, body, call)
            || as_script && self.is_in_skipped_test(module, body, call)
            || self.is_left_before(module, body, call)
    }

    /// Whether the call stands behind `return`, `raise` or the like in the same block.
    fn is_dead(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        !facts.outline.dead.is_empty() && facts.outline.is_dead(facts.body(body).span(call))
    }

    /// Whether the function around the call, or one around that, is always left before it comes so
    /// far: `if not Util.is_async_code: pytest.skip("...")`.
    fn is_left_before(&self, module: ModuleId, id: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let outline = &facts.outline;
        let here = facts.body(id);
        let inner = outline.function_of(here.expr(call).scope);
        let around = std::iter::successors(inner, |&function| {
            outline.function_of(outline.function(function).home_scope)
        });
        let mut place = (id, here.expr(call).stmt);
        for function in around {
            let own = outline.function(function);
            let body = facts.body(own.body);
            let leaves = |&&stmt: &&StmtId| {
                let StmtKind::If { test, body: then, .. } = body.stmt(stmt).kind else {
                    return false;
                };
                let last = body.block(then).last();
                last.is_some_and(|&last| self.leaves_test(module, own.body, last))
                    && (self.settled(module, own.body, test) == Some(true)
                        || self.asks_for_lost_flag(module, own.body, test))
            };
            let before = body.block(own.block).iter();
            if place.0 == own.body
                && before
                    .take_while(|&&stmt| stmt < place.1 && !body.stmt_holds(stmt, place.1))
                    .any(|stmt| leaves(&stmt))
            {
                return true;
            }
            place = (own.home, own.stmt);
        }
        false
    }

    /// Whether a statement ends a function: `return`, `raise`, or the call that skips a test.
    fn leaves_test(&self, module: ModuleId, id: BodyId, stmt: StmtId) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(id);
        match body.stmt(stmt).kind {
            StmtKind::Return(_) | StmtKind::Raise { .. } => true,
            StmtKind::Expr(call) => {
                let name = body.called_name(call).map(|name| facts.outline.text(name));
                matches!(name, Some("skip" | "skipTest"))
            }
            _ => false,
        }
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
            let is_skipped = |&id: &ExprId| {
                let name = home.last_name(home.callee(id).unwrap_or(id));
                name.is_some_and(|name| FOR_PLAIN_CODE.contains(&outline.text(name)))
            };
            home.list(own.decorators).iter().any(is_skipped)
                || home
                    .enclosing(own.stmt)
                    .any(|outer| self.never_enters(module, own.home, outer, own.stmt, false))
        })
    }

    /// Whether the function is defined only where no Python that still runs gets to.
    pub fn is_never_defined(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let home = self.project.facts(function.module).body(own.home);
        home.enclosing(own.stmt)
            .any(|outer| self.never_enters(function.module, own.home, outer, own.stmt, false))
    }

    /// Whether a test around the call, or its class, is skipped whatever holds.
    fn is_in_skipped_test(&self, module: ModuleId, id: BodyId, call: ExprId) -> bool {
        let facts = self.project.facts(module);
        let outline = &facts.outline;
        if outline.names.get("skip").is_none() {
            return false;
        }
        let inner = outline.function_of(facts.body(id).expr(call).scope);
        let around = std::iter::successors(inner, |&function| {
            outline.function_of(outline.function(function).home_scope)
        });
        let is_skipped = |home: BodyId, decorators| {
            let mut decorators = facts.body(home).list(decorators).iter();
            decorators.any(|&id| self.skips_test(module, home, id))
        };
        around.map(|function| outline.function(function)).any(|own| {
            let class = own.class.map(|class| outline.class(class));
            is_skipped(own.home, own.decorators)
                || class.is_some_and(|class| is_skipped(class.home, class.decorators))
        })
    }

    /// Whether a decorator skips the test whatever holds: `@pytest.mark.skip(reason="...")`.
    fn skips_test(&self, module: ModuleId, id: BodyId, decorator: ExprId) -> bool {
        let body = self.project.facts(module).body(id);
        let head = body.callee(decorator).unwrap_or(decorator);
        self.library_name(module, id, head).is_some_and(|name| SKIPS.contains(&&*name))
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
        if self.asks_for_lost_flag(module, at, test) {
            return true;
        }
        (body.block_holds(then, stmt) && is_false())
            || (body.block_holds(orelse, stmt) && is_true())
    }

    /// What a condition comes to whenever it is asked: `False`, `not _IS_SYNC`, `sync and x`,
    /// `sys.version_info < (3, 5)`.
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
            ExprKind::Compare { operator, operands } => {
                versions::settled(self.project.facts(module), body, operator, operands)
            }
            ExprKind::Attribute { value, name } => self.class_flag(module, at, (value, name)),
            _ => None,
        }
    }

    /// Whether a condition asks for a flag of colour that nothing is known of in a broken file: what
    /// binds it may be what could not be read.
    fn asks_for_lost_flag(&self, module: ModuleId, at: BodyId, test: ExprId) -> bool {
        let facts = self.project.facts(module);
        let body = facts.body(at);
        let is_lost = |id| {
            let name = body.last_name(id);
            name.is_some_and(|name| is_of_colour(facts.outline.text(name)))
                && self.settled(module, at, id).is_none()
        };
        !facts.errors.is_empty() && body.exprs_below(test).any(is_lost)
    }

    /// What a flag that a class holds always is: `Util.is_async_code`.
    fn class_flag(&self, module: ModuleId, at: BodyId, read: (ExprId, Name)) -> Option<bool> {
        let text = self.project.facts(module).outline.text(read.1);
        if !is_of_colour(text) {
            return None;
        }
        let object = ExprRef { module, body: at, id: read.0 };
        let Type::Class(class) = self.value(object) else { return None };
        let outline = &self.project.facts(class.module).outline;
        let scope = outline.class(class.id).scope;
        self.only_constant(class.module, scope, outline.names.get(text)?)
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
        self.only_constant(module, MODULE_SCOPE, name)
    }

    /// The constant that a name of a scope is bound to, if nothing else is.
    fn only_constant(&self, module: ModuleId, scope: ScopeId, name: Name) -> Option<bool> {
        let outline = &self.project.facts(module).outline;
        let [binding] = outline.bindings(scope, name) else { return None };
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
