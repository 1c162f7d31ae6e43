//! Which bindings of a name can reach a place that reads it.

use std::rc::Rc;

use asynclint_semantic::{
    Binding, BindingKind, Block, Body, BodyId, ExprId, Facts, Name, ScopeId, StmtId, StmtKind,
};

use crate::resolver::Resolver;
use crate::types::ModuleId;

/// The place that reads a name.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) body: BodyId,
    pub(crate) expr: ExprId,
}

/// A name with more bindings than this at one place could be anything.
pub(crate) const MOST_BINDINGS: usize = 200;

/// Names with fewer bindings than this are looked through from the first to the last.
const FEW: usize = 16;

/// Where the bindings of one name stand, so that thousands of readers need not look at thousands of
/// bindings each.
pub(crate) struct Stands {
    /// For each binding the first byte of any binding from it on.
    from_here: Vec<u32>,
    /// For each binding the last byte of any binding up to it.
    up_to_here: Vec<u32>,
    /// The only body that they stand in, parameters aside.
    body: Option<BodyId>,
    /// Whether any is made by a function inside.
    any_inside: bool,
}

impl Stands {
    fn of(all: &[Binding]) -> Self {
        let mut from_here: Vec<u32> = all.iter().map(|binding| binding.at).collect();
        let mut up_to_here = from_here.clone();
        for index in 1..all.len() {
            up_to_here[index] = up_to_here[index].max(up_to_here[index - 1]);
        }
        for index in (1..all.len()).rev() {
            from_here[index - 1] = from_here[index - 1].min(from_here[index]);
        }
        let mut bodies = all.iter().filter(|it| it.stmt.is_some()).map(|it| it.body);
        let body = bodies.next().filter(|&first| bodies.all(|other| other == first));
        let any_inside = all.iter().any(|binding| binding.from_inside);
        Self { from_here, up_to_here, body, any_inside }
    }
}

impl<'p> Resolver<'p> {
    /// The bindings of `name` in `scope` that can reach `reader`, or the end of the scope if the
    /// reader is in another function. More than [`MOST_BINDINGS`] are not counted on.
    pub(crate) fn reaching(
        &self,
        module: ModuleId,
        scope: ScopeId,
        name: Name,
        reader: Option<Reader>,
    ) -> Vec<&'p Binding> {
        let facts: &'p Facts = self.project.facts(module);
        let outline = &facts.outline;
        let all = outline.bindings(scope, name);
        if all.len() <= 1 {
            return all.iter().collect();
        }
        let stands = if all.len() < FEW {
            Rc::new(Stands::of(all))
        } else {
            let mut known = self.stands.borrow_mut();
            Rc::clone(known.entry((module, scope, name)).or_insert_with(|| Stands::of(all).into()))
        };
        let here = reader.filter(|reader| {
            let read_in = facts.body(reader.body).expr(reader.expr).scope;
            outline.function_of(read_in) == outline.function_of(scope)
                && (stands.body == Some(reader.body) || all.iter().all(|it| it.stmt.is_none()))
        });
        match here {
            Some(reader) => before(facts.body(reader.body), all, &stands, reader.expr),
            None => at_end(facts, all, &stands),
        }
    }
}

/// The bindings of one name that can reach `reader`, which is in the same function.
fn before<'f>(
    body: &Body,
    all: &'f [Binding],
    stands: &Stands,
    reader: ExprId,
) -> Vec<&'f Binding> {
    let stmt = body.expr(reader).stmt;
    let at = body.span(reader).start;
    // What is bound later in a loop around the reader reaches it on the next round.
    let is_loop = |&outer: &StmtId| {
        matches!(body.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
    };
    let loops: Vec<StmtId> = body.enclosing(stmt).chain([stmt]).filter(is_loop).collect();
    let comes_round = |binding: &Binding| {
        let own = binding.stmt;
        own.is_some_and(|own| loops.iter().any(|&outer| body.stmt_holds(outer, own)))
    };

    let mut found: Vec<&Binding> = Vec::new();
    let mut later: Vec<&Binding> = Vec::new();
    let mut is_bound = false;
    let end = stands.from_here.partition_point(|&first| first < at);
    for binding in all[..end].iter().rev() {
        if found.len() > MOST_BINDINGS || (is_bound && !stands.any_inside) {
            break;
        }
        if binding.at >= at && binding.stmt.is_some() {
            continue;
        }
        if holds_its_own_reader(body, binding, reader) {
            if comes_round(binding) {
                later.push(binding);
            }
        } else if binding.from_inside {
            found.push(binding);
        } else if !is_bound {
            is_bound = binding.stmt.is_none_or(|own| dominates(body, own, stmt));
            found.push(binding);
        }
    }
    found.reverse();
    later.reverse();
    found.extend(later);
    let behind = if stands.any_inside {
        all
    } else if let Some(&outermost) = loops.iter().min() {
        let last = body.stmt_span(outermost).end;
        let from = stands.up_to_here.partition_point(|&latest| latest < at);
        let to = stands.from_here.partition_point(|&first| first < last);
        all.get(from..to).unwrap_or_default()
    } else {
        &[]
    };
    for binding in behind {
        if found.len() > MOST_BINDINGS {
            break;
        }
        if binding.from_inside || (binding.at >= at && comes_round(binding)) {
            found.push(binding);
        }
    }
    found.dedup_by_key(|binding| std::ptr::from_ref(*binding));
    if found.is_empty() { all.iter().take(MOST_BINDINGS + 1).collect() } else { found }
}

/// What a name can stand for once its scope has run: the last binding that always happens, and
/// whatever may happen after it.
fn at_end<'f>(facts: &'f Facts, all: &'f [Binding], stands: &Stands) -> Vec<&'f Binding> {
    let always = |binding: &Binding| {
        !binding.from_inside
            && binding.stmt.is_some_and(|own| facts.body(binding.body).stmt(own).parent.is_none())
    };
    // `f = None` before a conditional definition and `def f` after `f = None` both keep the rest.
    let last = all.iter().rposition(always).unwrap_or(0);
    let first = if stands.any_inside { 0 } else { last };
    let rest = all.iter().enumerate().skip(first);
    let rest = rest.filter(|&(index, binding)| index >= last || binding.from_inside);
    rest.map(|(_, binding)| binding).take(MOST_BINDINGS + 1).collect()
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
    if binder == reader || body.stmt_holds(binder, reader) {
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
