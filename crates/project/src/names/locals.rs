//! What a function does with a value that it keeps in a local.

use std::rc::Rc;

use asynclint_semantic::{
    Body, BodyId, ExprId, ExprKind, FunctionId, Name, ScopeId, ScopeKind, StmtId, StmtKind, Usage,
};

use crate::resolver::Resolver;
use crate::types::ModuleId;

/// A local, or a parameter, that only the code of its function can see, functions nested in it included.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Name,
    /// The scope of its function.
    pub scope: ScopeId,
    /// Every place that reads it, operands before what holds them.
    pub reads: Vec<ExprId>,
    /// Every statement that binds it.
    pub binders: Vec<StmtId>,
}

/// What the names of one body mean, by scope and name.
pub(crate) struct Reads {
    sorted: Vec<(ScopeId, Name, ExprId)>,
    /// Whether `locals()` or the like sees every local.
    sees_all: bool,
}

impl Reads {
    fn of(&self, scope: ScopeId, name: Name) -> &[(ScopeId, Name, ExprId)] {
        let from = self.sorted.partition_point(|&(s, n, _)| (s, n) < (scope, name));
        let to = self.sorted.partition_point(|&(s, n, _)| (s, n) <= (scope, name));
        &self.sorted[from..to]
    }
}

/// A local that is bound or read more often than this is not followed: whoever asks what becomes of
/// one value of it would look at the places of all.
const MOST_PLACES: usize = 200;

impl Resolver<'_> {
    /// The only target of the statement or walrus that binds `value`, if it is a local that nothing
    /// but its own function can see.
    pub fn local_of(&self, module: ModuleId, body: BodyId, value: ExprId) -> Option<Local> {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let walrus = code.expr(value).parent.and_then(|outer| match code.kind(outer) {
            ExprKind::Named { target, value: bound } if bound == value => Some(target),
            _ => None,
        });
        let target = match walrus {
            Some(target) => target,
            None => self.assigned(module, body, value)?,
        };
        let ExprKind::Name(name) = code.kind(target) else { return None };
        let function = facts.outline.function_of(code.expr(value).scope)?;
        self.local(module, body, function, name)
    }

    /// The one target of the statement that assigns the value.
    pub(crate) fn assigned(&self, module: ModuleId, body: BodyId, value: ExprId) -> Option<ExprId> {
        let code = self.project.facts(module).body(body);
        match code.stmt(code.expr(value).stmt).kind {
            StmtKind::Assign { targets, value: assigned } if assigned == value => {
                match code.list(targets) {
                    [only] => Some(*only),
                    _ => None,
                }
            }
            StmtKind::AnnAssign { target, value: Some(assigned), .. } if assigned == value => {
                Some(target)
            }
            _ => None,
        }
    }

    /// The local `name` of `function`, if nothing but the function can see it and it has no more
    /// than a few hundred places.
    pub fn local(
        &self,
        module: ModuleId,
        body: BodyId,
        function: FunctionId,
        name: Name,
    ) -> Option<Local> {
        let outline = &self.project.facts(module).outline;
        let own = outline.function(function).scope;
        let scope = outline.lookup(own, name)?;
        let is_local = scope == own && matches!(outline.scope(scope).kind, ScopeKind::Function(_));
        let bindings = outline.bindings(scope, name);
        if !is_local || bindings.len() > MOST_PLACES {
            return None;
        }
        let all = self.reads(module, body);
        let is_kept = bindings.iter().any(|binding| binding.from_inside);
        if is_kept || all.sees_all || all.of(scope, name).len() > MOST_PLACES {
            return None;
        }
        let code = self.project.facts(module).body(body);
        let binders = bindings.iter().filter_map(|binding| binding.stmt);
        let binders = binders.filter(|&stmt| !is_augmented(code, stmt)).collect();
        let reads = all.of(scope, name).iter().map(|&(_, _, id)| id).collect();
        Some(Local { name, scope, reads, binders })
    }

    /// Every place in a body that reads `name` of `scope`, operands before what holds them.
    pub fn reads_of(
        &self,
        module: ModuleId,
        body: BodyId,
        scope: ScopeId,
        name: Name,
    ) -> Vec<ExprId> {
        self.reads(module, body).of(scope, name).iter().map(|&(_, _, id)| id).collect()
    }

    /// The names that a body reads; found once, since a body may have thousands of locals.
    fn reads(&self, module: ModuleId, body: BodyId) -> Rc<Reads> {
        if let Some(known) = self.reads.borrow().get(&(module, body)) {
            return Rc::clone(known);
        }
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let mut reads = Reads { sorted: Vec::new(), sees_all: false };
        for id in code.expr_ids() {
            let ExprKind::Name(name) = code.kind(id) else { continue };
            let expr = code.expr(id);
            // `x += y` reads `x`, and may leave the same object in it.
            if expr.usage == Usage::Target && !is_augmented(code, expr.stmt) {
                continue;
            }
            if let Some(scope) = facts.outline.lookup(expr.scope, name) {
                reads.sorted.push((scope, name, id));
            } else if expr.usage == Usage::Called
                && matches!(facts.outline.text(name), "locals" | "vars" | "eval" | "exec")
            {
                reads.sees_all = true;
            }
        }
        reads.sorted.sort_unstable();
        let reads = Rc::new(reads);
        self.reads.borrow_mut().insert((module, body), Rc::clone(&reads));
        reads
    }
}

fn is_augmented(body: &Body, stmt: StmtId) -> bool {
    matches!(body.stmt(stmt).kind, StmtKind::AugAssign { .. })
}
