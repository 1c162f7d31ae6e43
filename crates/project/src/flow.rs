//! Which bindings of a name can reach a place that reads it.

use asynclint_semantic::{
    Binding, BindingKind, Block, Body, BodyId, ExprId, Facts, Name, ScopeId, StmtId, StmtKind,
};

/// The place that reads a name.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) body: BodyId,
    pub(crate) expr: ExprId,
}

/// The bindings of `name` in `scope` that can reach `reader`, or the end of the scope if the
/// reader is in another function.
pub(crate) fn reaching(
    facts: &Facts,
    scope: ScopeId,
    name: Name,
    reader: Option<Reader>,
) -> Vec<&Binding> {
    let outline = &facts.outline;
    let all = outline.bindings(scope, name);
    if all.len() <= 1 {
        return all.iter().collect();
    }
    let here = reader.filter(|reader| {
        let read_in = facts.body(reader.body).expr(reader.expr).scope;
        outline.function_of(read_in) == outline.function_of(scope)
            && !all.iter().any(|binding| binding.stmt.is_some() && binding.body != reader.body)
    });
    let Some(reader) = here else { return at_end(facts, all) };
    let body = facts.body(reader.body);
    let stmt = body.expr(reader.expr).stmt;
    let at = body.span(reader.expr).start;
    let mut found: Vec<&Binding> = Vec::new();
    for binding in all.iter().filter(|binding| binding.at < at || binding.stmt.is_none()) {
        if holds_its_own_reader(body, binding, reader.expr) {
            continue;
        }
        if binding.stmt.is_none_or(|own| dominates(body, own, stmt)) && !binding.from_inside {
            found.retain(|earlier| earlier.from_inside);
        }
        found.push(binding);
    }
    // What is bound later in a loop around the reader reaches it on the next round.
    let loops: Vec<StmtId> = body
        .enclosing(stmt)
        .chain([stmt])
        .filter(|&outer| {
            matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
        })
        .collect();
    for binding in all {
        let in_loop = || {
            let own = binding.stmt;
            own.is_some_and(|own| loops.iter().any(|&outer| body.stmt_holds(outer, own)))
        };
        let later = || binding.at >= at || holds_its_own_reader(body, binding, reader.expr);
        if binding.from_inside || (!loops.is_empty() && in_loop() && later()) {
            found.push(binding);
        }
    }
    found.dedup_by_key(|binding| std::ptr::from_ref(*binding));
    if found.is_empty() { all.iter().collect() } else { found }
}

/// What a name can stand for once its scope has run: the last binding that always happens, and
/// whatever may happen after it.
fn at_end<'f>(facts: &'f Facts, all: &'f [Binding]) -> Vec<&'f Binding> {
    let always = |binding: &Binding| {
        !binding.from_inside
            && binding.stmt.is_some_and(|own| facts.body(binding.body).stmt(own).parent.is_none())
    };
    // `f = None` before a conditional definition and `def f` after `f = None` both keep the rest.
    let last = all.iter().rposition(always).unwrap_or(0);
    all.iter()
        .enumerate()
        .filter(|&(index, binding)| index >= last || binding.from_inside)
        .map(|(_, binding)| binding)
        .collect()
}

/// In `x = x.next()` the right side still reads the old `x`.
fn holds_its_own_reader(body: &Body, binding: &Binding, reader: ExprId) -> bool {
    let value = match binding.kind {
        BindingKind::Assigned(value) => Some(value),
        BindingKind::Annotated { value, .. } => value,
        BindingKind::Entered { manager, .. } => Some(manager),
        BindingKind::Item { iterable, .. } => Some(iterable),
        BindingKind::Unpacked(part) => Some(part.whole.origin()),
        _ => None,
    };
    value.is_some_and(|value| body.expr_holds(value, reader))
}

/// Whether `reader` cannot be reached within the function without passing `binder`.
fn dominates(body: &Body, binder: StmtId, reader: StmtId) -> bool {
    if binder == reader || body.enclosing(reader).any(|outer| outer == binder) {
        return true;
    }
    match body.stmt(binder).parent {
        None => true,
        Some(parent) => {
            // A `with` runs its whole block; in anything else both must stand in one branch.
            let mut same_block = false;
            each_block(body, parent, |block| {
                same_block |= body.block_holds(block, binder) && body.block_holds(block, reader);
            });
            same_block
                || (matches!(body.stmt(parent).kind, StmtKind::With { .. })
                    && dominates(body, parent, reader))
        }
    }
}

/// The blocks of a statement.
pub(crate) fn each_block(body: &Body, id: StmtId, mut visit: impl FnMut(Block)) {
    match &body.stmt(id).kind {
        StmtKind::If { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::For { body, orelse, .. } => {
            visit(*body);
            visit(*orelse);
        }
        StmtKind::With { body, .. } => visit(*body),
        StmtKind::Try(block) => {
            visit(block.body);
            block.handlers.iter().for_each(|handler| visit(handler.body));
            visit(block.orelse);
            visit(block.finalbody);
        }
        StmtKind::Match { cases, .. } => cases.iter().for_each(|case| visit(case.body)),
        _ => {}
    }
}
