//! `unawaited-coroutine`

use asynclint_diagnostics::Level;
use asynclint_parser::Span;
use asynclint_project::{Callee, LOOK_AT_TYPES, is_of_coroutines};
use asynclint_semantic::{ComprehensionKind, ExprId, ExprKind, Name, StmtId, StmtKind, Usage};

use crate::coroutines::advice;
use crate::coroutines::bound::Bound;
use crate::coroutines::misuse::{
    Kind, Made, Misuse, compared_constant, keeps, keeps_by_name, refuses_awaitables,
};
use crate::coroutines::told_apart::is_told_apart;
use crate::fixes;
use crate::{Context, Fixes, Group, Lint, Site};

/// A coroutine is bound to a name, and nothing awaits it.
pub(crate) static UNAWAITED_COROUTINE: Lint = Lint {
    name: "unawaited-coroutine",
    summary: "a coroutine is kept in a name and never awaited or passed on",
    group: Group::Coroutines,
    page: include_str!("unawaited_coroutine.md"),
    level: Level::Error,
    fix: Fixes::Unsafe,
    aliases: &[],
    coroutine_only: false,
    check,
};

/// Modules whose functions raise an error where they are given anything but text, bytes or data.
const TAKE_TEXT: &[&str] = &["base64", "hashlib", "io", "json", "re"];

/// What a name has in it of a function that shows what it is given.
const SHOWN_BY: &[&str] = &[
    "debug", "dump", "echo", "error", "fail", "info", "log", "message", "msg", "note", "notify",
    "print", "report", "say", "send", "show", "trace", "warn", "write",
];

fn check(cx: &mut Context<'_>) {
    let body_of = |cx: &Context<'_>, site: Site| match cx.body(site.body).kind(site.expr) {
        ExprKind::Call { .. } => Some((site, false)),
        _ => element(cx, site).map(|call| (call, true)),
    };
    let is_value = |kind| {
        matches!(kind, ExprKind::Call { .. } | ExprKind::Comprehension(_) | ExprKind::List(_))
    };
    let bound = cx.sites(is_value).filter(|&site| cx.usage(site) == Usage::Bound);
    for site in bound.collect::<Vec<_>>() {
        let Some((call, is_collected)) = body_of(cx, site) else { continue };
        let callee = cx.callee(call);
        let Some(made) = Made::by(cx, call, &callee) else { continue };
        if is_collected && made.kind != Kind::Coroutine || is_told_apart(cx, call) {
            continue;
        }
        if matches!(callee, Callee::External(_)) && is_taken_for_future(cx, site) {
            continue;
        }
        // What an annotation alone says to be awaitable may be `None` all the same.
        let is_own = matches!(callee, Callee::Known(_) | Callee::External(_));
        if let Some(lost) = lost(cx, site, made, is_collected, is_own) {
            let collection = is_collected.then_some(site);
            report(cx, call, &callee, made.kind, &lost, collection);
        }
    }
}

/// The call that makes the elements of a list or comprehension, if one makes them all.
fn element(cx: &Context<'_>, site: Site) -> Option<Site> {
    let body = cx.body(site.body);
    let elements = if let ExprKind::List(list) = body.kind(site.expr) {
        list
    } else {
        let made = body.comprehension(site.expr)?;
        if !matches!(made.kind, ComprehensionKind::List | ComprehensionKind::Set) {
            return None;
        }
        made.elements
    };
    match body.list(elements) {
        [only] if matches!(body.kind(*only), ExprKind::Call { .. }) => {
            Some(Site { expr: *only, ..site })
        }
        _ => None,
    }
}

/// Whether the code gives what the local holds a callback, as only futures take one: written for a
/// release of the library that gave these, as it would fail at once otherwise.
fn is_taken_for_future(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let reads = Bound::by(cx, site).map(|bound| bound.reads).unwrap_or_default();
    reads.iter().any(|read| {
        let outer = body.expr(read.expr).parent.filter(|_| read.body == site.body);
        outer.is_some_and(|outer| {
            matches!(body.kind(outer), ExprKind::Attribute { name, .. }
                if cx.facts().outline.text(name) == "add_done_callback")
        })
    })
}

/// What becomes of a coroutine that a local holds.
struct Lost {
    name: Name,
    /// The first use for which a coroutine is no good, or what else says that none is meant.
    misuse: Option<(Span, Misuse)>,
}

/// The local that the value is bound to, if nothing that can be done with it before the local is
/// bound anew awaits it or hands it on.
fn lost(
    cx: &Context<'_>,
    site: Site,
    made: Made,
    is_collected: bool,
    is_own: bool,
) -> Option<Lost> {
    let bound = Bound::by(cx, site).or_else(|| Bound::for_good(cx, site))?;
    let (mut first, mut asked) = (None, None);
    let (mut is_identified, mut is_handed_on, mut is_broken) = (false, false, false);
    let mut failed: Vec<Site> = Vec::new();
    let mut is_only = bound.is_only;
    for read in with_second_name(cx, bound.reads, made, is_collected, &mut is_only) {
        match use_of(cx, read, made, is_collected) {
            Use::Awaits => return None,
            // What is sure to have failed before is not meant to be run.
            Use::Keeps if failed.iter().any(|&before| comes_before(cx, before, read)) => {}
            Use::Keeps => return None,
            Use::HandsOn => is_handed_on = true,
            Use::Identifies => {
                is_identified = true;
                if let Some(other) = asked_for(cx, read, made).filter(|_| is_only) {
                    let why = format!("a coroutine is never `{other}`");
                    asked = asked.or(Some((cx.span(read), Misuse::from(why))));
                    // Nobody gives `False` for a coroutine that there is none of, nor `None`, where a
                    // coroutine function is called by its name.
                    is_broken |= other != "None" || is_own && cx.in_coroutine(site);
                }
            }
            Use::Counts => {}
            // It is there to fail.
            Use::Misuse(_) if in_error_test(cx, read) => return None,
            Use::Misuse(misuse) => {
                if raises(cx, read) {
                    failed.push(read);
                }
                // Nobody asks whether a coroutine is true, unless there may be none.
                let is_asked =
                    cx.usage(read) == Usage::Tested && (is_only || is_asked_next(cx, site, read));
                is_broken |= raises(cx, read)
                    || is_asked
                    || cx.usage(read) == Usage::Returned
                    || is_part_of_argument(cx, read);
                first = first.or(Some((cx.span(read), misuse)));
            }
        }
    }
    if first.is_none() && is_handed_on && !is_identified && made.kind == Kind::Coroutine {
        first = declared(cx, site, made);
        is_broken = first.is_some();
    }
    first = first.or(asked);
    // A value that is only compared by identity may be there for just that. One that is handed on
    // may be awaited there, unless it fails as well: a name that holds other values, too, and is
    // told from these by identity may hold one of them where it would fail.
    // What is no coroutine may be kept for itself, such as a task, unless it is used up wrongly.
    let may_be_kept = made.kind != Kind::Coroutine && !is_broken;
    if is_probed(cx, site)
        || may_be_kept
        || (is_identified && first.is_none())
        || (is_handed_on && !(is_broken && (is_only || !is_identified)))
    {
        return None;
    }
    Some(Lost { name: bound.name, misuse: first })
}

/// Whether the read is the condition of an `if` that comes behind the binding in the same block,
/// before anything else is bound to the name: it holds nothing but the awaitable there.
fn is_asked_next(cx: &Context<'_>, site: Site, read: Site) -> bool {
    let body = cx.body(site.body);
    let (Some(function), Some(local)) =
        (cx.function_of(site), cx.resolver().local_of(cx.module(), site.body, site.expr))
    else {
        return false;
    };
    let (bound, asked) = (body.expr(site.expr).stmt, body.expr(read.expr).stmt);
    let rest = body.rest_of_block(cx.function(function).block, bound);
    let until = rest.iter().position(|&stmt| stmt == asked);
    let is_bound_in = |&stmt: &StmtId| {
        local.binders.iter().any(|&binder| binder == stmt || body.stmt_holds(stmt, binder))
    };
    matches!(body.stmt(asked).kind, StmtKind::If { .. })
        && until.is_some_and(|until| !rest[..until].iter().any(is_bound_in))
}

/// The constant that a place compares the coroutine with by identity, if that decides something.
fn asked_for(cx: &Context<'_>, read: Site, made: Made) -> Option<&'static str> {
    let body = cx.body(read.body);
    let is_asserted = matches!(body.stmt(body.expr(read.expr).stmt).kind, StmtKind::Assert(_));
    compared_constant(cx, read).filter(|_| made.kind == Kind::Coroutine && !is_asserted)
}

/// The places that read the coroutine, where the one that only gives it a second name stands for
/// those that read that: `result = found`.
fn with_second_name(
    cx: &Context<'_>,
    reads: Vec<Site>,
    made: Made,
    is_collected: bool,
    is_only: &mut bool,
) -> Vec<Site> {
    let mut all = Vec::new();
    for read in reads {
        let is_renamed =
            cx.usage(read) == Usage::Bound && made.kind == Kind::Coroutine && !is_collected;
        match Bound::by(cx, read).filter(|second| is_renamed && !second.reads.is_empty()) {
            Some(second) => {
                *is_only &= second.is_only;
                all.extend(second.reads);
            }
            None => all.push(read),
        }
    }
    all.sort_by_key(|&read| cx.span(read));
    all
}

/// What says that the local holds no awaitable: `text: str = load()`.
fn declared(cx: &Context<'_>, site: Site, made: Made) -> Option<(Span, Misuse)> {
    let wants =
        cx.resolver().local_wants_value(cx.module(), site.body, site.expr, made.barred(cx))?;
    Some((wants.span, "the name is declared as no awaitable".to_owned().into()))
}

/// What a place that reads the name does with what it holds.
enum Use {
    /// It may await it.
    Awaits,
    /// It hands it to what runs coroutines, by its name, or puts it where it is not followed.
    Keeps,
    /// It hands it to whoever may await it, though nothing says so.
    HandsOn,
    /// It compares it by identity.
    Identifies,
    /// It looks at a collection, not at what is in it.
    Counts,
    /// It is of no use for a coroutine.
    Misuse(Misuse),
}

fn use_of(cx: &Context<'_>, read: Site, made: Made, is_collected: bool) -> Use {
    if cx.usage(read) == Usage::Identified {
        return Use::Identifies;
    }
    if is_of_other(cx, read) {
        return Use::Counts;
    }
    if !is_collected {
        return made.misuse(cx, read).map_or_else(|| otherwise(cx, read, made), Use::Misuse);
    }
    // Counting or printing a list of coroutines runs none of them.
    match cx.usage(read) {
        // The left side of `or` goes on to whoever takes the right side.
        Usage::Tested if is_operand_of_or(cx, read) => Use::Awaits,
        Usage::Tested | Usage::Compared | Usage::Formatted => Use::Counts,
        Usage::Passed => {
            let call = cx.body(read.body).expr(read.expr).parent;
            let taker = call.map(|expr| cx.callee(Site { expr, ..read }));
            match taker {
                Some(Callee::External(name))
                    if matches!(&*name, "builtins.len" | "builtins.print" | "builtins.bool") =>
                {
                    Use::Counts
                }
                _ => Use::Awaits,
            }
        }
        _ => Use::Awaits,
    }
}

/// What a place does with a coroutine that is no misuse.
fn otherwise(cx: &Context<'_>, read: Site, made: Made) -> Use {
    let body = cx.body(read.body);
    match cx.usage(read) {
        Usage::Returned | Usage::Stored => Use::HandsOn,
        Usage::Collected => {
            match body.expr(read.expr).parent.map(|outer| (outer, body.kind(outer))) {
                Some((_, ExprKind::Dict(_))) => Use::HandsOn,
                // `return value, True`
                Some((expr, ExprKind::Tuple(_)))
                    if cx.usage(Site { expr, ..read }) == Usage::Returned =>
                {
                    Use::HandsOn
                }
                // `show([value])`
                Some((expr, ExprKind::List(_) | ExprKind::Tuple(_)))
                    if cx.usage(Site { expr, ..read }) == Usage::Passed =>
                {
                    match passed(cx, Site { expr, ..read }) {
                        Use::HandsOn => Use::HandsOn,
                        _ => Use::Keeps,
                    }
                }
                _ => Use::Keeps,
            }
        }
        Usage::Passed => passed(cx, read),
        // Coroutines and files are closed alike.
        Usage::Object if made.kind == Kind::Coroutine && is_closed(cx, read) => Use::HandsOn,
        Usage::Bound | Usage::Yielded => Use::Keeps,
        _ => Use::Awaits,
    }
}

fn is_closed(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let attribute = body.expr(read.expr).parent;
    attribute.and_then(|id| cx.last_name(read.body, id)) == Some("close")
}

/// What is done with an argument, by the name of what takes it.
fn passed(cx: &Context<'_>, argument: Site) -> Use {
    let body = cx.body(argument.body);
    let call = body.expr(argument.expr).parent;
    let taker = call.and_then(|call| body.callee(call));
    match taker.and_then(|taker| cx.last_name(argument.body, taker)) {
        Some("hasattr") if asks_for_other(cx, argument) => Use::Counts,
        Some("isinstance") if told_as_value(cx, argument).is_some() => Use::Counts,
        Some(name) if LOOK_AT_TYPES.contains(&name) => Use::Awaits,
        Some(name) if keeps(name) => Use::Keeps,
        Some(_) => Use::HandsOn,
        None => Use::Awaits,
    }
}

/// Whether `hasattr` asks for what no coroutine has, so that it is not there to tell coroutines.
fn asks_for_other(cx: &Context<'_>, argument: Site) -> bool {
    let body = cx.body(argument.body);
    let call = body.expr(argument.expr).parent;
    let asked = call.and_then(|call| body.arguments(call).get(1).map(|it| it.value));
    asked.is_some_and(|id| match body.kind(id) {
        ExprKind::Str(Some(name)) => !is_of_coroutines(cx.facts().outline.text(name)),
        _ => false,
    })
}

/// The call around an argument, if it is `isinstance` and asks for classes of which no awaitable is:
/// `isinstance(found, dict)`.
fn told_as_value(cx: &Context<'_>, argument: Site) -> Option<ExprId> {
    let body = cx.body(argument.body);
    let call = body.expr(argument.expr).parent?;
    let [object, asked, ..] = body.arguments(call) else { return None };
    let is_value = |id| cx.resolver().describes_value(cx.module(), argument.body, id);
    let is_told = cx.last_name(argument.body, body.callee(call)?) == Some("isinstance")
        && object.value == argument.expr
        && match body.kind(asked.value) {
            ExprKind::Tuple(classes) => body.list(classes).iter().all(|&id| is_value(id)),
            _ => is_value(asked.value),
        };
    is_told.then_some(call)
}

/// Whether the place is only reached with a value of which `isinstance` tells that it is no awaitable.
fn is_of_other(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let ExprKind::Name(name) = body.kind(read.expr) else { return false };
    let tells = |id: ExprId| {
        let object = body.arguments(id).first().map(|it| it.value);
        let object = object.filter(|&it| body.kind(it) == ExprKind::Name(name));
        object.is_some_and(|expr| told_as_value(cx, Site { expr, ..read }) == Some(id))
    };
    let is_sure = |test: ExprId| match body.kind(test) {
        ExprKind::Bool { is_and: true, left, right } => tells(left) || tells(right),
        _ => tells(test),
    };
    let is_behind = |outer: ExprId| match body.kind(outer) {
        ExprKind::Conditional { test, branches } => {
            let then = body.list(branches).first();
            is_sure(test) && then.is_some_and(|&then| body.expr_holds(then, read.expr))
        }
        ExprKind::Bool { is_and: true, left, right } => {
            is_sure(left) && body.expr_holds(right, read.expr)
        }
        _ => false,
    };
    let parents = std::iter::successors(body.expr(read.expr).parent, |&it| body.expr(it).parent);
    body.is_under_if(body.expr(read.expr).stmt, is_sure) || parents.into_iter().any(is_behind)
}

/// Whether whoever gets to `after` has been at `before`: it stands behind it in the same block, in
/// one within that, or in a block whose condition `before` is a part of.
fn comes_before(cx: &Context<'_>, before: Site, after: Site) -> bool {
    let body = cx.body(before.body);
    let Some(function) = cx.function_of(before) else { return false };
    let mut stmt = body.expr(before.expr).stmt;
    let after = body.expr(after.expr).stmt;
    if after != stmt && body.stmt_holds(stmt, after) {
        return true;
    }
    while let Some(outer) = body.stmt(stmt).parent
        && matches!(body.stmt(outer).kind, StmtKind::With { .. })
    {
        stmt = outer;
    }
    let mut rest = body.rest_of_block(cx.function(function).block, stmt).iter();
    rest.any(|&behind| behind == after || body.stmt_holds(behind, after))
}

/// Whether Python raises an error where a coroutine is used so, or can only answer that it differs.
fn raises(cx: &Context<'_>, read: Site) -> bool {
    match cx.usage(read) {
        Usage::Object
        | Usage::Subscripted
        | Usage::Index
        | Usage::Operand
        | Usage::Iterated
        | Usage::Compared
        | Usage::Called
        | Usage::Raised
        | Usage::Unpacked => true,
        Usage::Passed => {
            let body = cx.body(read.body);
            let Some(call) = body.expr(read.expr).parent else { return false };
            match cx.callee(Site { expr: call, ..read }) {
                Callee::External(name) => {
                    let module = name.split('.').next().unwrap_or_default();
                    refuses_awaitables(&name) && !keeps_by_name(&name, body, call, read.expr)
                        || TAKE_TEXT.contains(&module) && cx.catalog().uses_values(&name)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether it is made into a part of a text that a function of the project takes, which is not there
/// to show it: `cached(f"token_{name}")`.
fn is_part_of_argument(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let Some(text) = body.expr(read.expr).parent else { return false };
    let there = Site { expr: text, ..read };
    if cx.usage(read) != Usage::Formatted || cx.usage(there) != Usage::Passed {
        return false;
    }
    let Some(call) = body.expr(text).parent else { return false };
    let name = body.callee(call).and_then(|callee| cx.last_name(read.body, callee));
    let Some(name) = name.map(str::to_lowercase) else { return false };
    matches!(cx.callee(Site { expr: call, ..read }), Callee::Known(_))
        && !SHOWN_BY.iter().any(|word| name.contains(word))
}

fn is_operand_of_or(cx: &Context<'_>, read: Site) -> bool {
    let body = cx.body(read.body);
    let outer = body.expr(read.expr).parent.map(|outer| body.kind(outer));
    matches!(outer, Some(ExprKind::Bool { is_and: false, .. }))
}

/// Whether the function is there to see what happens to such a coroutine.
fn is_probed(cx: &Context<'_>, site: Site) -> bool {
    in_error_test(cx, site) || cx.resolver().runs_never(cx.module(), site.body, site.expr)
}

fn in_error_test(cx: &Context<'_>, site: Site) -> bool {
    cx.in_error_test(site.body, cx.body(site.body).expr(site.expr).stmt)
}

fn report(
    cx: &mut Context<'_>,
    site: Site,
    callee: &Callee,
    kind: Kind,
    lost: &Lost,
    collection: Option<Site>,
) {
    let written = cx.written(site);
    let (word, _) = kind.words();
    let name = cx.facts().outline.text(lost.name);
    let definition = cx.definition(callee);
    let fix = match collection {
        Some(collection) => fixes::gather(cx, collection),
        None => fixes::add_await(cx, site),
    };
    let (label, help) = if collection.is_some() {
        (
            format!("`{name}` collects coroutines, and nothing awaits them"),
            format!("run them with `await asyncio.gather(*{name})`, or await each"),
        )
    } else {
        let fate = if lost.misuse.is_some() { "awaits it" } else { "awaits it or passes it on" };
        (
            format!("`{name}` holds the {word}, and nothing {fate}"),
            advice::awaiting(cx, site, &written, || format!("add `await` before `{written}`")),
        )
    };
    let mut report = cx
        .report(cx.span(site), format!("{word} `{written}` is never awaited"))
        .label(label)
        .help(help)
        .fix(fix);
    if let Some((span, misuse)) = &lost.misuse {
        report = report.evidence_here(*span, &misuse.why);
        if let Some((module, span, note)) = &misuse.evidence {
            report = report.evidence(*module, *span, note);
        }
    }
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}
