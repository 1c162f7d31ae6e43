//! Lowered code: the statements and expressions of one outermost function, or of a module.
//!
//! Expressions stand in the array after everything below them, and statements before everything
//! in them, so that what lies in a statement is a range of ids.

use std::collections::VecDeque;

use asynclint_parser::Span;
use serde::{Deserialize, Serialize};

use crate::expr::{Argument, ArgumentKind, Arguments, Comprehension, Expr, ExprKind};
use crate::ids::{Block, ExprId, List, StmtId};
use crate::names::Name;
use crate::outline::{Part, Whole};
use crate::records::{Exprs, Record};
use crate::stmt::{Extent, Extents, Handler, Stmt, StmtKind};

/// The code of one outermost function with all that is nested in it, or of the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// Byte of the file at which spans begin.
    pub(crate) base: u32,
    pub(crate) exprs: Exprs,
    pub(crate) stmts: Vec<Stmt>,
    /// What each statement takes in.
    pub(crate) extents: Extents,
    lists: Vec<ExprId>,
    /// Where each list but the empty one ends; it begins where the one before it ends.
    list_ends: Vec<u32>,
    pub(crate) blocks: Vec<StmtId>,
    arguments: Vec<Argument>,
    /// Where the arguments of each call end.
    argument_ends: Vec<u32>,
    pub(crate) comprehensions: Vec<Comprehension>,
}

impl Body {
    /// The expression `id`.
    #[inline]
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs.expr(id)
    }

    /// What the expression `id` is.
    #[inline]
    pub fn kind(&self, id: ExprId) -> ExprKind {
        self.exprs.kind(id)
    }

    /// The statement `id`.
    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.index() as usize]
    }

    /// Bytes of the expression in the file.
    #[inline]
    pub fn span(&self, id: ExprId) -> Span {
        self.expr(id).span.shifted(self.base)
    }

    /// Bytes of the statement in the file.
    pub fn stmt_span(&self, id: StmtId) -> Span {
        self.extents.of(id).span().shifted(self.base)
    }

    /// Bytes of the statement up to its first block; the whole of a simple statement.
    pub fn header_span(&self, id: StmtId) -> Span {
        self.extents.of(id).header().shifted(self.base)
    }

    /// Bytes of `except ...` without its block.
    pub fn handler_span(&self, handler: &Handler) -> Span {
        handler.header.shifted(self.base)
    }

    /// The expressions of `list`.
    pub fn list(&self, list: List) -> &[ExprId] {
        run(&self.lists, &self.list_ends, list.0.checked_sub(1))
    }

    /// The statements of `block`.
    pub fn block(&self, block: Block) -> &[StmtId] {
        &self.blocks[block.start as usize..(block.start + block.len) as usize]
    }

    /// The arguments, if `id` is a call.
    pub fn arguments(&self, id: ExprId) -> &[Argument] {
        match self.kind(id) {
            ExprKind::Call { arguments, .. } => {
                run(&self.arguments, &self.argument_ends, Some(arguments.0))
            }
            _ => &[],
        }
    }

    /// The argument passed by the keyword `name`, if `id` is a call.
    pub fn keyword(&self, id: ExprId, name: Name) -> Option<ExprId> {
        let arguments = self.arguments(id).iter();
        arguments.filter(|a| a.kind == ArgumentKind::Keyword(name)).map(|a| a.value).next()
    }

    /// What `id` calls, if it is a call.
    pub fn callee(&self, id: ExprId) -> Option<ExprId> {
        match self.kind(id) {
            ExprKind::Call { callee, .. } => Some(callee),
            _ => None,
        }
    }

    /// The name of a name or attribute: `c` of `a.b.c`.
    pub fn last_name(&self, id: ExprId) -> Option<Name> {
        match self.kind(id) {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The first part of a dotted expression: `a` of `a.b.c`.
    pub fn root(&self, mut id: ExprId) -> ExprId {
        while let ExprKind::Attribute { value, .. } = self.kind(id) {
            id = value;
        }
        id
    }

    /// What a tuple holds; anything else stands for itself.
    pub fn tuple_parts<'body>(&'body self, id: &'body ExprId) -> &'body [ExprId] {
        match self.kind(*id) {
            ExprKind::Tuple(list) => self.list(list),
            _ => std::slice::from_ref(id),
        }
    }

    /// What stands in the brackets of `head[...]`, where `a, b` may be one tuple or two operands.
    pub fn subscript_parts(&self, index: List) -> &[ExprId] {
        match self.list(index) {
            [only] => self.tuple_parts(only),
            several => several,
        }
    }

    /// The operand that a name of a pattern gets, as `y` for `b` in `a, b = x, y`, as far as the
    /// displays on the other side go, and the 0-based places that are left to go in its value.
    pub fn operand_of(&self, part: Part) -> (ExprId, Vec<usize>) {
        let mut id = part.whole.origin();
        let mut places: VecDeque<usize> = part.places().collect();
        while let Some(&place) = places.front()
            && matches!(part.whole, Whole::Value(_))
            && let ExprKind::Tuple(list) | ExprKind::List(list) = self.kind(id)
            && let Some(before) = self.list(list).get(..=place)
            && before.iter().all(|&id| !matches!(self.kind(id), ExprKind::Starred(_)))
        {
            id = before[place];
            places.pop_front();
        }
        (id, places.into())
    }

    /// The last name of what `id` calls, if it is a call of something named.
    pub fn called_name(&self, id: ExprId) -> Option<Name> {
        self.last_name(self.callee(id)?)
    }

    /// The comprehension, if `id` is one.
    pub fn comprehension(&self, id: ExprId) -> Option<&Comprehension> {
        match self.kind(id) {
            ExprKind::Comprehension(index) => self.comprehensions.get(index as usize),
            _ => None,
        }
    }

    /// Every expression, in an order in which operands come before what holds them.
    pub fn expr_ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..self.exprs.len() as u32).map(ExprId::at)
    }

    /// Every statement in the order of the text.
    pub fn stmt_ids(&self) -> impl Iterator<Item = StmtId> + use<> {
        (0..self.stmts.len() as u32).map(StmtId::at)
    }

    /// `id` and every expression below it, operands first.
    pub fn exprs_below(&self, id: ExprId) -> impl Iterator<Item = ExprId> + use<> {
        (self.expr(id).first..=id.index()).map(ExprId::at)
    }

    /// Whether `inner` is `outer` or lies below it.
    pub fn expr_holds(&self, outer: ExprId, inner: ExprId) -> bool {
        (self.expr(outer).first..=outer.index()).contains(&inner.index())
    }

    /// Every expression in the statement and in the statements nested in it.
    pub fn exprs_in(&self, id: StmtId) -> impl Iterator<Item = ExprId> + use<> {
        let (from, to) = self.extents.of(id).exprs;
        (from..to).map(ExprId::at)
    }

    /// Whether two expressions are the same names, literals and forms in the same order. Arithmetic is
    /// one form, whatever its operator.
    pub fn is_alike(&self, a: ExprId, b: ExprId) -> bool {
        let mut pairs = self.exprs_below(a).zip(self.exprs_below(b));
        self.exprs_below(a).count() == self.exprs_below(b).count()
            && pairs.all(|(a, b)| match (self.kind(a), self.kind(b)) {
                (ExprKind::Str(a), ExprKind::Str(b)) => a.is_some() && a == b,
                (ExprKind::Number(a), ExprKind::Number(b)) => a == b,
                (ExprKind::Boolean(a), ExprKind::Boolean(b)) => a == b,
                (ExprKind::Bool { is_and: a, .. }, ExprKind::Bool { is_and: b, .. }) => a == b,
                // The texts between the values are not kept, and hardly two are of the same length.
                (ExprKind::Format(_), ExprKind::Format(_)) => {
                    let length = |id| self.span(id).end - self.span(id).start;
                    length(a) == length(b)
                }
                (ExprKind::Compare { operator: a, .. }, ExprKind::Compare { operator: b, .. }) => {
                    a == b
                }
                (one, other) => {
                    std::mem::discriminant(&one) == std::mem::discriminant(&other)
                        && self.last_name(a) == self.last_name(b)
                }
            })
    }

    /// Every expression in the block.
    pub fn exprs_in_block(&self, block: Block) -> impl Iterator<Item = ExprId> + use<> {
        let range = match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => {
                self.extents.of(first).exprs.0..self.extents.of(last).exprs.1
            }
            _ => 0..0,
        };
        range.map(ExprId::at)
    }

    /// The statement `id` and every statement nested in it, in the order of the text.
    pub fn stmts_in(&self, id: StmtId) -> impl Iterator<Item = StmtId> + use<> {
        (id.index()..self.extents.of(id).end).map(StmtId::at)
    }

    /// Every statement in the block and in the statements nested in it.
    pub fn stmts_in_block(&self, block: Block) -> impl Iterator<Item = StmtId> + use<> {
        let range = match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => first.index()..self.extents.of(last).end,
            _ => 0..0,
        };
        range.map(StmtId::at)
    }

    /// The statements around `id`, innermost first, up to the function or class.
    pub fn enclosing(&self, id: StmtId) -> impl Iterator<Item = StmtId> + '_ {
        std::iter::successors(self.stmt(id).parent, |&outer| self.stmt(outer).parent)
    }

    /// Whether the statement runs only where a test around it holds that `says` something: it stands
    /// in the first block of such an `if`.
    pub fn is_under_if(&self, id: StmtId, says: impl Fn(ExprId) -> bool) -> bool {
        self.enclosing(id).any(|outer| match self.stmt(outer).kind {
            StmtKind::If { test, body, .. } => self.block_holds(body, id) && says(test),
            _ => false,
        })
    }

    /// Whether `inner` is nested in `outer`, at any depth.
    pub fn stmt_holds(&self, outer: StmtId, inner: StmtId) -> bool {
        outer < inner && inner.index() < self.extents.of(outer).end
    }

    /// The statements behind `id` in the block that holds it; `outermost` is the function's.
    pub fn rest_of_block(&self, outermost: Block, id: StmtId) -> &[StmtId] {
        let mut blocks = Vec::new();
        match self.stmt(id).parent.map(|parent| &self.stmt(parent).kind) {
            None => blocks.push(outermost),
            Some(
                StmtKind::If { body, orelse, .. }
                | StmtKind::For { body, orelse, .. }
                | StmtKind::While { body, orelse, .. },
            ) => blocks.extend([*body, *orelse]),
            Some(StmtKind::With { body, .. }) => blocks.push(*body),
            Some(StmtKind::Try(block)) => {
                blocks.extend([block.body, block.orelse, block.finalbody]);
                blocks.extend(block.handlers.iter().map(|handler| handler.body));
            }
            Some(StmtKind::Match { cases, .. }) => {
                blocks.extend(cases.iter().map(|case| case.body));
            }
            Some(_) => {}
        }
        let behind = |block: Block| {
            let stmts = self.block(block);
            let index = stmts.iter().position(|&other| other == id)?;
            Some(&stmts[index + 1..])
        };
        blocks.into_iter().find_map(behind).unwrap_or_default()
    }

    /// Whether `block` holds the statement, at any depth.
    pub fn block_holds(&self, block: Block, id: StmtId) -> bool {
        match (self.block(block).first(), self.block(block).last()) {
            (Some(&first), Some(&last)) => first <= id && id.index() < self.extents.of(last).end,
            _ => false,
        }
    }
}

impl Body {
    /// Calls `visit` with every operand of `id`, in the order of evaluation as written.
    pub fn each_operand(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match self.kind(id) {
            ExprKind::Attribute { value, .. } => visit(value),
            ExprKind::Call { callee, .. } => {
                visit(callee);
                self.arguments(id).iter().for_each(|argument| visit(argument.value));
            }
            ExprKind::Await(value)
            | ExprKind::Yield(Some(value))
            | ExprKind::YieldFrom(value)
            | ExprKind::Not(value)
            | ExprKind::Unary(value)
            | ExprKind::Starred(value) => visit(value),
            ExprKind::Comprehension(_) => {
                let Some(comprehension) = self.comprehension(id) else { return };
                for clause in &comprehension.clauses {
                    visit(clause.iterable);
                    visit(clause.target);
                    self.list(clause.conditions).iter().copied().for_each(&mut visit);
                }
                self.list(comprehension.elements).iter().copied().for_each(visit);
            }
            ExprKind::Subscript { value, index } => {
                visit(value);
                self.list(index).iter().copied().for_each(visit);
            }
            ExprKind::Bool { left, right, .. } | ExprKind::Binary { left, right } => {
                visit(left);
                visit(right);
            }
            ExprKind::Conditional { test, branches } => {
                visit(test);
                self.list(branches).iter().copied().for_each(visit);
            }
            ExprKind::Named { target, value } => {
                visit(value);
                visit(target);
            }
            ExprKind::Compare { operands: list, .. }
            | ExprKind::Tuple(list)
            | ExprKind::List(list)
            | ExprKind::Set(list)
            | ExprKind::Dict(list)
            | ExprKind::Format(list)
            | ExprKind::Other(list) => self.list(list).iter().copied().for_each(visit),
            ExprKind::Name(_)
            | ExprKind::Yield(None)
            | ExprKind::Lambda(_)
            | ExprKind::Str(_)
            | ExprKind::Number(_)
            | ExprKind::None
            | ExprKind::Boolean(_)
            | ExprKind::Ellipsis => {}
        }
    }
}

/// The run at `index` of runs that stand one behind the other; nothing for no index.
fn run<'a, T>(all: &'a [T], ends: &[u32], index: Option<u32>) -> &'a [T] {
    let Some(index) = index.map(|index| index as usize) else { return &[] };
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &all[start as usize..ends[index] as usize]
}

impl Body {
    /// Enters a list.
    pub(crate) fn add_list(&mut self, items: impl IntoIterator<Item = ExprId>) -> List {
        let from = self.lists.len();
        self.lists.extend(items);
        if self.lists.len() == from {
            return List::default();
        }
        self.list_ends.push(self.lists.len() as u32);
        List(self.list_ends.len() as u32)
    }

    /// Enters the arguments of a call.
    pub(crate) fn add_arguments(&mut self, items: Vec<Argument>) -> Arguments {
        self.arguments.extend(items);
        self.argument_ends.push(self.arguments.len() as u32);
        Arguments(self.argument_ends.len() as u32 - 1)
    }

    /// Takes the finished body out and leaves an empty one that keeps its room: a file has many
    /// small bodies, and each is copied once into memory of its size.
    pub(crate) fn finish(&mut self) -> Self {
        Self {
            base: self.base,
            exprs: self.exprs.finish(Record::narrow),
            stmts: self.stmts.drain(..).collect(),
            extents: self.extents.finish(Extent::narrow),
            lists: self.lists.drain(..).collect(),
            list_ends: self.list_ends.drain(..).collect(),
            blocks: self.blocks.drain(..).collect(),
            arguments: self.arguments.drain(..).collect(),
            argument_ends: self.argument_ends.drain(..).collect(),
            comprehensions: self.comprehensions.drain(..).collect(),
        }
    }
}
