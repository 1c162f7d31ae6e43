//! What the lints of the shared-state group ask: what other coroutines see and change as well.

use asynclint_semantic::{
    BindingKind, BodyId, ExprId, ExprKind, FunctionId, MODULE_SCOPE, ScopeKind, StmtId, StmtKind,
    Usage,
};

use crate::Context;

/// Begins the names of functions that run once for an object, or that nothing runs beside.
const RUN_ONCE: &[&str] = &[
    "__",
    "async_setup",
    "asyncSetUp",
    "connect",
    "init",
    "main",
    "open",
    "run",
    "serve",
    "setUp",
    "setup",
    "start",
    "test_",
];

/// In the names of decorators that let one call run at a time.
const SERIALIZING: &[&str] =
    &["exclusive", "lock", "mutex", "once", "serial", "single", "synchron"];

/// How the code names a thing that other coroutines see as well: an attribute of `self` or of a
/// variable of the module, a global or outer variable, or an item of these under a fixed key.
/// None for what only this run of the function has.
pub(crate) fn shared_name(
    cx: &Context<'_>,
    function: FunctionId,
    body: BodyId,
    id: ExprId,
) -> Option<String> {
    let code = cx.body(body);
    match code.kind(id) {
        ExprKind::Name(name) => {
            let outline = &cx.facts().outline;
            let scope = outline.lookup(code.expr(id).scope, name)?;
            let own = cx.function(function);
            let is_receiver = || {
                let ScopeKind::Function(of) = outline.scope(scope).kind else { return false };
                let of = outline.function(of);
                let first = of.parameters.first();
                of.class.is_some() && first.is_some_and(|first| first.name == name)
            };
            let is_outer = scope == MODULE_SCOPE || scope != own.scope;
            let text = outline.text(name);
            (is_outer || is_receiver()).then(|| text.to_owned())
        }
        ExprKind::Attribute { value, name } => {
            let object = shared_name(cx, function, body, value)?;
            Some(format!("{object}.{}", cx.facts().outline.text(name)))
        }
        ExprKind::Subscript { value, index } => {
            let object = shared_name(cx, function, body, value)?;
            let [key] = code.list(index) else { return None };
            match code.kind(*key) {
                ExprKind::Str(Some(key)) | ExprKind::Number(key) => {
                    Some(format!("{object}[{}]", cx.facts().outline.text(key)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether the target is more than a name that is looked up: `self` itself is not state.
pub(crate) fn is_state(cx: &Context<'_>, function: FunctionId, body: BodyId, id: ExprId) -> bool {
    match cx.body(body).kind(id) {
        ExprKind::Name(name) => {
            let outline = &cx.facts().outline;
            let scope = outline.lookup(cx.body(body).expr(id).scope, name);
            scope.is_some_and(|scope| scope != cx.function(function).scope)
        }
        _ => true,
    }
}

/// Whether nothing is known that keeps two runs of the code apart: no lock, here or around the
/// calls of the function, and no decorator that says so.
pub(crate) fn is_unguarded(cx: &Context<'_>, function: FunctionId, stmt: StmtId) -> bool {
    let resolver = cx.resolver();
    let own = cx.function(function);
    let home = cx.body(own.home);
    let is_serialized = home.list(own.decorators).iter().any(|&decorator| {
        let head = home.callee(decorator).unwrap_or(decorator);
        let name = cx.last_name(own.home, head).unwrap_or_default().to_lowercase();
        SERIALIZING.iter().any(|word| name.contains(word))
    });
    let reference = cx.reference(function);
    !is_serialized
        && !resolver.may_hold_lock(reference, stmt)
        && !resolver.may_be_called_with_lock(reference)
}

/// Whether two runs of the function, or the function and another one that writes the same thing,
/// may well be under way together. One coroutine that is run once and is the only writer loses
/// nothing.
pub(crate) fn has_rivals(
    cx: &Context<'_>,
    function: FunctionId,
    body: BodyId,
    target: ExprId,
) -> bool {
    let code = cx.body(body);
    let stmt = code.expr(target).stmt;
    let in_loop = code.enclosing(stmt).any(|outer| {
        matches!(code.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
    });
    let name = cx.function(function).name.map_or("", |name| cx.facts().outline.text(name));
    let is_run_once = RUN_ONCE.iter().any(|start| name.trim_start_matches('_').starts_with(start))
        || name.starts_with("__");
    // Who calls a function of the file's own is known: it runs beside itself if it is started in a
    // loop. Any other may be called by anybody.
    let is_open = !name.starts_with('_') && is_visible(cx, function);
    has_other_writer(cx, function, body, target)
        || !(in_loop || is_run_once) && (is_open || is_started_in_loop(cx, function))
}

/// Whether other files can call the function: it is not nested in another one.
fn is_visible(cx: &Context<'_>, function: FunctionId) -> bool {
    cx.facts().outline.function_of(cx.function(function).home_scope).is_none()
}

/// Whether code of the file starts several runs of the function without waiting for each.
fn is_started_in_loop(cx: &Context<'_>, function: FunctionId) -> bool {
    let Some(name) = cx.function(function).name else { return false };
    cx.calls().any(|call| {
        let code = cx.body(call.body);
        let head = code.callee(call.expr).map(|head| code.kind(head));
        let is_it = matches!(
            head,
            Some(ExprKind::Name(called) | ExprKind::Attribute { name: called, .. }) if called == name
        );
        let repeats = || {
            let mut above = std::iter::successors(code.expr(call.expr).parent, |&id| {
                code.expr(id).parent
            });
            above.any(|id| code.comprehension(id).is_some())
                || code.enclosing(code.expr(call.expr).stmt).any(|outer| {
                    matches!(code.stmt(outer).kind, StmtKind::For { .. } | StmtKind::While { .. })
                })
        };
        is_it && cx.usage(call) != Usage::Awaited && repeats()
    })
}

/// Whether another function than this and those that make the object writes the same thing.
fn has_other_writer(cx: &Context<'_>, function: FunctionId, body: BodyId, target: ExprId) -> bool {
    let outline = &cx.facts().outline;
    let code = cx.body(body);
    let makes = |id: FunctionId| {
        let name = outline.function(id).name.map_or("", |name| outline.text(name));
        matches!(name, "__init__" | "__new__" | "__post_init__" | "__aenter__" | "setUp")
    };
    match code.kind(target) {
        ExprKind::Subscript { value, .. } => has_other_writer(cx, function, body, value),
        ExprKind::Attribute { name, .. } => outline.attribute_writes.iter().any(|write| {
            write.name == name
                && write.function.is_some_and(|other| other != function && !makes(other))
        }),
        ExprKind::Name(name) => {
            let Some(scope) = outline.lookup(code.expr(target).scope, name) else { return false };
            outline.bindings(scope, name).iter().any(|binding| {
                let writer = binding
                    .stmt
                    .and_then(|stmt| outline.function_of(cx.body(binding.body).stmt(stmt).scope));
                binding.from_inside
                    && !matches!(binding.kind, BindingKind::Parameter(_))
                    && writer.is_some_and(|writer| writer != function)
            })
        }
        _ => false,
    }
}
