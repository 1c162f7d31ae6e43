//! `cleanup-skipped-on-cancellation`

use asynclint_diagnostics::{Fix, Level};
use asynclint_parser::Span;
use asynclint_semantic::{
    BindingKind, BodyId, ExprId, ExprKind, FunctionId, Handler, StmtId, StmtKind, Try,
};

use crate::cancellation::traps::{self, Place};
use crate::{Context, Fixes, Group, Lint, Site, fixes};

/// What a failure gives back is kept when the code is cancelled.
pub(crate) static CLEANUP_SKIPPED_ON_CANCELLATION: Lint = Lint {
    name: "cleanup-skipped-on-cancellation",
    summary: "`except Exception` cleans up and raises again, but a cancellation passes it by",
    group: Group::Cancellation,
    page: include_str!("cleanup_skipped_on_cancellation.md"),
    level: Level::Warning,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: true,
    check,
};

/// First words of methods that give something back.
const GIVES_BACK: &[&str] = &[
    "abort",
    "aclose",
    "cancel",
    "cleanup",
    "close",
    "disconnect",
    "dispose",
    "kill",
    "release",
    "rollback",
    "shutdown",
    "teardown",
    "terminate",
    "unlock",
];

/// Words in the names of functions that open what they belong to.
const OPENS: &[&str] =
    &["aenter", "connect", "enter", "init", "initialize", "open", "setup", "start"];

fn check(cx: &mut Context<'_>) {
    if cx.is_never_cancelled() {
        return;
    }
    for function in cx.coroutines() {
        // Nobody cancels a test or what it is given.
        if cx.in_test(function) {
            continue;
        }
        let own = cx.function(function);
        let body = cx.body(own.body);
        for stmt in body.stmts_in_block(own.block) {
            let StmtKind::Try(block) = &body.stmt(stmt).kind else { continue };
            if cx.facts().outline.function_of(body.stmt(stmt).scope) == Some(function) {
                judge(cx, function, stmt, block);
            }
        }
    }
}

fn judge(cx: &mut Context<'_>, function: FunctionId, stmt: StmtId, block: &Try) {
    let id = cx.function(function).body;
    let body = cx.body(id);
    if block.handlers.iter().any(|handler| traps::catches(cx, id, handler)) {
        return;
    }
    let mut handlers = block.handlers.iter().filter(|handler| !handler.is_star);
    let all = handlers.find_map(|handler| Some((handler, traps::exception_of(cx, id, handler)?)));
    let Some((handler, class)) = all.filter(|(handler, _)| traps::raises_again(cx, id, handler))
    else {
        return;
    };
    let suspensions = cx.resolver().suspensions(cx.module(), id, block.body, function);
    let arrivals: Vec<_> = suspensions
        .into_iter()
        .filter(|&(at, _)| !is_kept(cx, id, stmt, at))
        .filter(|&point| !cx.resolver().goes_straight_on(cx.module(), id, point))
        .collect();
    let calls = body.stmts_in_block(handler.body).filter_map(|stmt| given_back(cx, id, stmt));
    let left_out = calls
        .filter(|cleanup| is_owned(cx, function, cleanup))
        .filter(|cleanup| !is_for_some_errors(cx, id, handler, cleanup))
        .filter(|cleanup| !is_freed_anyway(cx, id, stmt, block, &cleanup.place))
        .find_map(|cleanup| {
            let mut arrivals = arrivals.iter();
            let &(_, span) = arrivals.find(|&&(at, _)| {
                !cancels_it(cx, id, at, &cleanup) && !is_still_to_give(cx, id, block, at, &cleanup)
            })?;
            Some((cleanup.call, span))
        });
    if let Some((call, arrival)) = left_out {
        let fix = fixes::catch_all(cx, id, body.stmt(stmt).scope, class);
        report(cx, Site { body: id, expr: call }, body.handler_span(handler), arrival, fix);
    }
}

/// A call that gives something back.
struct Cleanup<'a> {
    call: ExprId,
    /// The first word of the method's name.
    word: &'a str,
    /// What is given back.
    object: ExprId,
    place: Place,
}

/// Whether the handler asks what it has caught before it cleans up:
/// `if not isinstance(error, DatabaseError): raise`.
fn is_for_some_errors(
    cx: &Context<'_>,
    id: BodyId,
    handler: &Handler,
    cleanup: &Cleanup<'_>,
) -> bool {
    let body = cx.body(id);
    body.exprs_in_block(handler.body).any(|call| {
        let first = body.arguments(call).first().map(|argument| body.kind(argument.value));
        body.span(call).start < body.span(cleanup.call).start
            && handler.name.is_some_and(|name| first == Some(ExprKind::Name(name)))
            && body.called_name(call).map(|name| cx.facts().outline.text(name))
                == Some("isinstance")
    })
}

/// What a statement such as `await connection.close()` gives back.
fn given_back<'a>(cx: &Context<'a>, id: BodyId, stmt: StmtId) -> Option<Cleanup<'a>> {
    let body = cx.body(id);
    let StmtKind::Expr(value) = body.stmt(stmt).kind else { return None };
    let call = match body.kind(value) {
        ExprKind::Await(inner) => inner,
        _ => value,
    };
    let ExprKind::Attribute { value: object, name } = body.kind(body.callee(call)?) else {
        return None;
    };
    let name = cx.facts().outline.text(name).trim_start_matches('_');
    let word = name.split('_').next().filter(|word| GIVES_BACK.contains(word))?;
    Some(Cleanup { call, word, object, place: Place::of(cx, id, object)? })
}

/// Whether the object is the function's to free: what it was given is its caller's, and it closes
/// its own object only where it was to open it.
fn is_owned(cx: &Context<'_>, function: FunctionId, cleanup: &Cleanup<'_>) -> bool {
    let own = cx.function(function);
    let ExprKind::Name(name) = cx.body(own.body).kind(cleanup.object) else { return true };
    match own.parameters.iter().position(|parameter| parameter.name == name) {
        None => true,
        Some(0) if own.class.is_some() => {
            let closes = matches!(cleanup.word, "aclose" | "close" | "disconnect" | "shutdown");
            let name = own.name.map_or("", |name| cx.facts().outline.text(name));
            let mut words = name.split('_').filter(|word| !word.is_empty());
            !closes || words.any(|word| OPENS.contains(&word))
        }
        Some(_) => false,
    }
}

/// Whether the cancellation reaches what would be cancelled by itself: through `gather`, or because
/// it is what is awaited.
fn cancels_it(cx: &Context<'_>, id: BodyId, at: StmtId, cleanup: &Cleanup<'_>) -> bool {
    let body = cx.body(id);
    cleanup.word == "cancel"
        && body.exprs_in(at).any(|expr| {
            let site = Site { body: id, expr };
            Place::of(cx, id, expr).is_some_and(|other| other.is(&cleanup.place))
                || cx.library_name(site).as_deref() == Some("asyncio.gather")
        })
}

/// Whether the statement is the one that is to give the object, so that there is nothing to free
/// where it is cancelled: `response = await client.send(request)` with `response = None` before it,
/// also where one of several statements of the block gives it, as
/// `transport, _ = await loop.create_connection(...)`.
fn is_still_to_give(
    cx: &Context<'_>,
    id: BodyId,
    block: &Try,
    at: StmtId,
    cleanup: &Cleanup<'_>,
) -> bool {
    let body = cx.body(id);
    let outline = &cx.facts().outline;
    let ExprKind::Name(name) = body.kind(cleanup.object) else { return false };
    let StmtKind::Assign { targets, value: given } = body.stmt(at).kind else { return false };
    let is_target = |target: &ExprId| {
        body.tuple_parts(target).iter().any(|&part| body.kind(part) == ExprKind::Name(name))
    };
    let scope = outline.lookup(body.expr(cleanup.object).scope, name);
    let bindings = scope.map_or(&[][..], |scope| outline.bindings(scope, name));
    body.list(targets).iter().any(is_target)
        && bindings.iter().all(|binding| {
            let of_binding = cx.body(binding.body);
            let may_give = |value: ExprId| match of_binding.kind(value) {
                ExprKind::None => true,
                ExprKind::Await(_) => {
                    binding.body == id && body.block_holds(block.body, of_binding.expr(value).stmt)
                }
                _ => value == given && binding.body == id,
            };
            match binding.kind {
                BindingKind::Assigned(value)
                | BindingKind::Annotated { value: Some(value), .. } => may_give(value),
                BindingKind::Annotated { value: None, .. } => true,
                BindingKind::Unpacked(_) => binding.stmt.is_some_and(|stmt| {
                    matches!(of_binding.stmt(stmt).kind, StmtKind::Assign { value, .. }
                        if may_give(value))
                }),
                _ => false,
            }
        })
}

/// Whether something else sees to it that `place` is freed: a `with` that holds it, a `finally`, or
/// a handler further out that catches cancellation.
fn is_freed_anyway(cx: &Context<'_>, id: BodyId, stmt: StmtId, own: &Try, place: &Place) -> bool {
    let body = cx.body(id);
    let names = |expr: ExprId| Place::of(cx, id, expr).is_some_and(|other| other.is(place));
    let in_block = |block| body.exprs_in_block(block).any(names);
    in_block(own.finalbody)
        || body.enclosing(stmt).any(|outer| match &body.stmt(outer).kind {
            StmtKind::With { items, .. } => items.iter().any(|item| {
                body.exprs_below(item.manager).any(names) || item.target.is_some_and(names)
            }),
            StmtKind::Try(block) => {
                let catches = |handler: &&Handler| traps::catches(cx, id, handler);
                in_block(block.finalbody)
                    || block.handlers.iter().filter(catches).any(|h| in_block(h.body))
            }
            _ => false,
        })
}

/// Whether a cancellation that arrives at `at` in the block of `outer` does not leave it.
fn is_kept(cx: &Context<'_>, id: BodyId, outer: StmtId, at: StmtId) -> bool {
    let body = cx.body(id);
    let inner = std::iter::once(at).chain(body.enclosing(at)).take_while(|&stmt| stmt != outer);
    cx.resolver().is_shielded(cx.module(), id, at)
        || inner.into_iter().any(|stmt| match &body.stmt(stmt).kind {
            StmtKind::Try(block) => {
                block.handlers.iter().any(|handler| traps::catches(cx, id, handler))
            }
            _ => false,
        })
}

fn report(cx: &mut Context<'_>, call: Site, handler: Span, arrival: Span, fix: Option<Fix>) {
    let written = cx.written(call);
    let call = cx.span(call);
    cx.report(handler, format!("`{written}` does not run when this code is cancelled"))
        .label("a cancellation is no `Exception`: it passes this handler by")
        .evidence_here(arrival, "a cancellation can arrive here")
        .evidence_here(call, "then this is left out")
        .help("catch `BaseException` here, or clean up in `finally`")
        .fix(fix);
}
