//! `lost-update-across-await`

use asynclint_catalog::Wait;
use asynclint_diagnostics::Level;
use asynclint_parser::Span;
use asynclint_semantic::{
    BindingKind, BodyId, ComprehensionKind, ExprId, ExprKind, FunctionId, Name, StmtId, StmtKind,
};

use crate::shared_state::{self, Way};
use crate::{Context, Fixes, Group, Library, Lint, Site};

/// What is read before an `await` and written from that behind it.
pub(crate) static LOST_UPDATE_ACROSS_AWAIT: Lint = Lint {
    name: "lost-update-across-await",
    summary: "a value is read before `await` and written back after it",
    group: Group::SharedState,
    page: include_str!("lost_update_across_await.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

/// A value that is written from what was read earlier.
struct Update {
    /// What is written.
    target: ExprId,
    /// Where it was read.
    read: Span,
    /// What suspends the coroutine in between.
    suspends: Span,
    /// Whether the target itself is what is read, as in `x += await f()`.
    is_augmented: bool,
}

fn check(cx: &mut Context<'_>) {
    for function in cx.coroutines().collect::<Vec<_>>() {
        let own = cx.function(function);
        let body = own.body;
        let code = cx.body(body);
        let way = Way::through(cx, function);
        for &stmt in way.stmts() {
            if cx.facts().outline.function_of(code.stmt(stmt).scope) != Some(function) {
                continue;
            }
            let update = match code.stmt(stmt).kind {
                StmtKind::AugAssign { target, value } => augmented(cx, function, target, value),
                StmtKind::Assign { targets, value } => match code.list(targets) {
                    [target] => in_one_statement(cx, function, *target, value)
                        .or_else(|| by_way_of_local(cx, &way, *target, value)),
                    _ => None,
                },
                _ => None,
            };
            if let Some(update) = update
                && !is_shown(cx, function, &update)
            {
                report(cx, function, body, &update);
            }
        }
    }
}

/// Whether a function within a test only sleeps in between: it loses the update to show what comes
/// of it.
fn is_shown(cx: &Context<'_>, function: FunctionId, update: &Update) -> bool {
    let body = cx.function(function).body;
    let sleeps = |&expr: &ExprId| {
        cx.span(Site { body, expr }) == update.suspends
            && matches!(cx.body(body).kind(expr), ExprKind::Await(call)
                if cx.resolver().waits(cx.module(), body, call) == Some(Wait::Clock))
    };
    cx.in_test(function)
        && cx.with_outer(function).nth(1).is_some()
        && cx.body(body).expr_ids().any(|expr| sleeps(&expr))
}

fn report(cx: &mut Context<'_>, function: FunctionId, body: BodyId, update: &Update) {
    let stmt = cx.body(body).expr(update.target).stmt;
    let Some(name) = shared_state::shared_name(cx, function, body, update.target) else { return };
    if !shared_state::is_unguarded(cx, function, stmt)
        || !shared_state::has_rivals(cx, function, body, update.target)
    {
        return;
    }
    let lock = match cx.library() {
        Library::Asyncio => "asyncio.Lock",
        Library::Anyio => "anyio.Lock",
        Library::Trio => "trio.Lock",
    };
    let target = cx.span(Site { body, expr: update.target });
    let message = format!("`{name}` is read before `await` and overwritten after it");
    let help = if update.is_augmented {
        format!("await first and keep the result in a local, or hold an `{lock}` around both")
    } else {
        format!("read `{name}` after the `await`, or hold an `{lock}` around both")
    };
    if update.read == target {
        cx.report(target, message).label("read here, before the right side is awaited")
    } else {
        cx.report(target, message)
            .label("what others have written meanwhile is lost")
            .evidence_here(update.read, "read here")
    }
    .evidence_here(update.suspends, format!("other tasks run here, and may change `{name}`"))
    .help(help);
}

/// `self.x += await f()`: Python reads the target first.
fn augmented(
    cx: &Context<'_>,
    function: FunctionId,
    target: ExprId,
    value: ExprId,
) -> Option<Update> {
    let body = cx.function(function).body;
    let await_ = first_await(cx, function, value)?;
    if is_read_of_stream(cx, body, await_) {
        return None;
    }
    named_state(cx, function, target)?;
    // `x |= y` changes a set in place: it is the same set behind the `await`.
    if !cx.resolver().is_immutable(cx.module(), body, target) {
        return None;
    }
    let read = cx.span(Site { body, expr: target });
    let suspends = cx.span(Site { body, expr: await_ });
    Some(Update { target, read, suspends, is_augmented: true })
}

/// `self.x = self.x + await f()`, where Python evaluates the left side first.
fn in_one_statement(
    cx: &Context<'_>,
    function: FunctionId,
    target: ExprId,
    value: ExprId,
) -> Option<Update> {
    let body = cx.function(function).body;
    let code = cx.body(body);
    let name = named_state(cx, function, target)?;
    let is_read = |id: ExprId| {
        id != target && shared_state::shared_name(cx, function, body, id).as_ref() == Some(&name)
    };
    for whole in code.exprs_below(value) {
        if !is_combination(cx, body, whole) {
            continue;
        }
        let mut operands = Vec::new();
        code.each_operand(whole, |operand| operands.push(operand));
        let mut read = None;
        for operand in operands {
            if let (Some(read), Some(await_)) = (read, first_await(cx, function, operand)) {
                if is_read_of_stream(cx, body, await_) {
                    return None;
                }
                let suspends = cx.span(Site { body, expr: await_ });
                let read = cx.span(Site { body, expr: read });
                return Some(Update { target, read, suspends, is_augmented: false });
            }
            if first_await(cx, function, operand).is_none() {
                read = read.or_else(|| code.exprs_below(operand).find(|&id| is_read(id)));
            }
        }
    }
    None
}

/// Whether the expression makes one value of its operands: arithmetic, a display, `max`, `min`.
fn is_combination(cx: &Context<'_>, body: BodyId, id: ExprId) -> bool {
    match cx.body(body).kind(id) {
        ExprKind::Binary { .. }
        | ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Tuple(_)
        | ExprKind::Dict(_) => true,
        ExprKind::Call { .. } => matches!(
            cx.library_name(Site { body, expr: id }).as_deref(),
            Some("builtins.max" | "builtins.min")
        ),
        _ => false,
    }
}

/// `t = self.x`, an `await`, `self.x = t + 1`; or `t = self.x + 1`, an `await`, `self.x = t`.
fn by_way_of_local(
    cx: &Context<'_>,
    way: &Way<'_>,
    target: ExprId,
    value: ExprId,
) -> Option<Update> {
    let function = way.function;
    let body = cx.function(function).body;
    let code = cx.body(body);
    let name = named_state(cx, function, target)?;
    let is_state =
        |id: ExprId| shared_state::shared_name(cx, function, body, id).as_ref() == Some(&name);
    let (local, is_counted) = match code.kind(value) {
        ExprKind::Name(local) => (local, true),
        ExprKind::Binary { left, right } => match (code.kind(left), code.kind(right)) {
            (ExprKind::Name(local), _) if only_value(cx, function, local).is_some() => {
                (local, false)
            }
            (_, ExprKind::Name(local)) => (local, false),
            _ => return None,
        },
        _ => return None,
    };
    let (kept, bound) = only_value(cx, function, local)?;
    let is_read = match code.kind(kept) {
        ExprKind::Binary { left, right } if is_counted => {
            let counts = |id| matches!(code.kind(id), ExprKind::Number(_));
            (is_state(left) && counts(right)) || (is_state(right) && counts(left))
        }
        _ => !is_counted && is_state(kept),
    };
    let stmt = code.expr(target).stmt;
    let parent = code.stmt(bound).parent;
    // The local is always bound before, on the way to the write.
    let is_before = bound < stmt
        && (parent.is_none() || code.enclosing(stmt).any(|outer| Some(outer) == parent));
    if !is_read || !is_before {
        return None;
    }
    let start = cx.span(Site { body, expr: target }).start;
    let (from, suspends) = way.suspends(cx, Span::new(code.stmt_span(bound).end, start))?;
    // Whoever looks at it again behind the `await`, if only to add to it, knows that it may have
    // changed.
    let end = code.span(value).end;
    let behind = Span::new(code.stmt_span(from).start, end);
    let looked = way.stmts_within(behind).iter().flat_map(|&id| code.exprs_in(id));
    let looks_again = looked.into_iter().any(|id| {
        let at = code.span(id).start;
        id != target && at > suspends.start && at < end && is_state(id)
    });
    let read = code.span(kept);
    (!looks_again).then_some(Update { target, read, suspends, is_augmented: false })
}

/// The value of a local that is bound once, and the statement that binds it.
fn only_value(cx: &Context<'_>, function: FunctionId, name: Name) -> Option<(ExprId, StmtId)> {
    let outline = &cx.facts().outline;
    let own = cx.function(function);
    let [only] = outline.bindings(own.scope, name) else { return None };
    match only.kind {
        BindingKind::Assigned(value) if only.body == own.body && !only.from_inside => {
            Some((value, only.stmt?))
        }
        _ => None,
    }
}

/// How the code names the target, if other coroutines see it.
fn named_state(cx: &Context<'_>, function: FunctionId, target: ExprId) -> Option<String> {
    let body = cx.function(function).body;
    shared_state::is_state(cx, function, body, target)
        .then(|| shared_state::shared_name(cx, function, body, target))?
}

/// The first `await` in the expression that runs with it.
fn first_await(cx: &Context<'_>, function: FunctionId, id: ExprId) -> Option<ExprId> {
    let body = cx.function(function).body;
    let code = cx.body(body);
    let outline = &cx.facts().outline;
    code.exprs_below(id).find(|&below| {
        let is_here = outline.function_of(code.expr(below).scope) == Some(function);
        // What a generator expression awaits is awaited by whoever iterates it.
        let mut above = std::iter::successors(Some(below), |&id| code.expr(id).parent);
        let mut is_generated = || {
            above.any(|id| {
                let made = code.comprehension(id);
                made.is_some_and(|made| made.kind == ComprehensionKind::Generator)
            })
        };
        matches!(code.kind(below), ExprKind::Await(_)) && is_here && !is_generated()
    })
}

/// Whether what is awaited reads from a stream, which one coroutine does at a time.
fn is_read_of_stream(cx: &Context<'_>, body: BodyId, await_: ExprId) -> bool {
    let code = cx.body(body);
    let ExprKind::Await(value) = code.kind(await_) else { return false };
    let name = code.callee(value).and_then(|callee| cx.last_name(body, callee));
    name.is_some_and(|name| {
        let name = name.trim_start_matches('_');
        ["read", "recv"].iter().any(|start| name.starts_with(start)) || name.starts_with("receive")
    })
}
