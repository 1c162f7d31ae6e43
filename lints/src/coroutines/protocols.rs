//! What the lints about `with` and `for` share: statements in one manner on objects that can be
//! used only in the other.

use std::cell::OnceCell;

use asynclint_parser::Span;
use asynclint_project::{Manner, ModuleId, Object, Origin};
use asynclint_semantic::{
    AttributeWrite, BindingKind, BodyId, ExprKind, FunctionId, Name, StmtKind, Usage,
};

use crate::{Context, Site};

/// The words of one of the two statements.
pub(crate) struct Words {
    pub(crate) statement: &'static str,
    /// What stands between the statement and the object.
    pub(crate) does: &'static str,
    pub(crate) done: &'static str,
    pub(crate) plain: &'static str,
    pub(crate) asynchronous: &'static str,
    /// What a function of the project that gives such an object is.
    pub(crate) plain_maker: &'static str,
    pub(crate) async_maker: &'static str,
}

/// What asks an object or a function what it is.
const INSPECTS: &[&str] = &[
    "hasattr",
    "isasyncgen",
    "isasyncgenfunction",
    "isawaitable",
    "iscoroutine",
    "iscoroutinefunction",
    "isgenerator",
    "isinstance",
    "issubclass",
];

/// Reports the objects that are used in the wrong manner; `plain` and `asynchronous` are how they
/// are used in the one and in the other.
pub(crate) fn check(cx: &mut Context<'_>, words: &Words, plain: Usage, asynchronous: Usage) {
    let used = cx.sites(|_| true).filter(|&site| {
        let usage = cx.usage(site);
        usage == plain || usage == asynchronous
    });
    let inspected = OnceCell::new();
    // `with await lock:` was allowed before.
    let enters_awaited = cx.settings().target < (3, 9);
    for site in used.collect::<Vec<_>>() {
        let usage = cx.usage(site);
        let resolver = cx.resolver();
        let object = match plain {
            Usage::Entered => resolver.manager(cx.module(), site.body, site.expr),
            _ => resolver.iterable(cx.module(), site.body, site.expr),
        };
        let Some(object) = object else { continue };
        let is_wrong = match object.manner {
            Manner::Plain => usage == asynchronous,
            Manner::Async => usage == plain,
            // `for` over a coroutine is a use of its value, which is a lint of its own.
            Manner::Coroutine => usage != Usage::Iterated,
            Manner::Generator => true,
        };
        let was_allowed = enters_awaited && is_awaited_object(cx, site);
        let is_doubtful = usage == asynchronous
            && (is_only_promised(cx, site, &object) || is_of_parameter(cx, site, &object));
        if is_wrong
            && !was_allowed
            && !is_for_show(cx, site)
            && !is_doubtful
            && !is_inspected(cx, site, inspected.get_or_init(|| inspections(cx)))
        {
            report(cx, words, site, &object, usage == asynchronous);
        }
    }
}

/// Whether only the annotation of an attribute says that it holds a container, and nothing in the
/// file puts one there: whoever walks it by `async for` has seen what it holds.
fn is_only_promised(cx: &Context<'_>, site: Site, object: &Object) -> bool {
    let body = cx.body(site.body);
    let is_container = match &object.origin {
        Some(Origin::Library(name)) => ["builtins.", "collections.abc.", "typing."]
            .iter()
            .any(|module| name.starts_with(module)),
        _ => false,
    };
    let ExprKind::Attribute { name, .. } = body.kind(site.expr) else { return false };
    let is_made = |write: &AttributeWrite| {
        let body = cx.body(write.body);
        write.name == name
            && write.value.is_some_and(|value| {
                matches!(
                    body.kind(value),
                    ExprKind::List(_)
                        | ExprKind::Dict(_)
                        | ExprKind::Set(_)
                        | ExprKind::Tuple(_)
                        | ExprKind::Comprehension(_)
                        | ExprKind::Call { .. }
                )
            })
    };
    is_container && !cx.facts().outline.attribute_writes.iter().any(is_made)
}

/// Whether a method of a library gives the object, and only the annotation of a parameter says whose
/// method that is: it may name the twin of what is given, and the code would fail at once if not.
fn is_of_parameter(cx: &Context<'_>, site: Site, object: &Object) -> bool {
    let body = cx.body(site.body);
    let callee = body.callee(site.expr).map(|callee| body.kind(callee));
    let Some(ExprKind::Attribute { value, .. }) = callee else { return false };
    let ExprKind::Name(name) = body.kind(value) else { return false };
    let is_annotated = || {
        let function = cx.function_of(site).map(|id| cx.function(id));
        function.is_some_and(|function| {
            let mut parameters = function.parameters.iter();
            parameters.any(|it| it.name == name && it.annotation.is_some())
        })
    };
    matches!(object.origin, Some(Origin::Library(_))) && is_annotated()
}

/// Whether an object is awaited as locks once were; a call is awaited for its result.
fn is_awaited_object(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    matches!(body.kind(site.expr), ExprKind::Await(value) if body.callee(value).is_none())
}

/// Code that is there for the error it raises, or that never runs.
pub(crate) fn is_for_show(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    let stmt = body.expr(site.expr).stmt;
    let expects = |handler: &asynclint_semantic::Handler| {
        body.list(handler.types)
            .iter()
            .any(|&id| matches!(cx.last_name(site.body, id), Some("AttributeError" | "TypeError")))
    };
    let is_tried = body.enclosing(stmt).any(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => {
            body.block_holds(block.body, stmt) && block.handlers.iter().any(expects)
        }
        _ => false,
    });
    is_tried
        || cx.in_error_test(site.body, stmt)
        || error_test_around(cx, site)
        || cx.resolver().runs_never(cx.module(), site.body, site.expr)
}

/// `with pytest.raises(TypeError), lock:`
pub(crate) fn error_test_around(cx: &Context<'_>, site: Site) -> bool {
    let body = cx.body(site.body);
    match &body.stmt(body.expr(site.expr).stmt).kind {
        StmtKind::With { items, .. } => items
            .iter()
            .take_while(|item| item.manager != site.expr)
            .any(|item| cx.expects_error(Site { expr: item.manager, ..site })),
        _ => false,
    }
}

/// Whether the function asks what the object is.
fn is_inspected(cx: &Context<'_>, site: Site, inspections: &[Inspection]) -> bool {
    let body = cx.body(site.body);
    // The names that the object is reached by, and the one that a local got it from; arguments of
    // calls on the way are others.
    let mut own = Vec::new();
    let mut at = Some(site.expr);
    let source = |id| {
        let binding = cx.resolver().only_binding(cx.module(), site.body, id)?;
        match binding.kind {
            // What the module binds stands in another body.
            BindingKind::Assigned(value) if id == site.expr && binding.body == site.body => {
                Some(value)
            }
            _ => None,
        }
    };
    while let Some(id) = at {
        let (name, next) = match body.kind(id) {
            ExprKind::Name(name) => (Some(name), source(id)),
            ExprKind::Attribute { value, name } => (Some(name), Some(value)),
            ExprKind::Call { callee, .. } => (None, Some(callee)),
            ExprKind::Subscript { value, .. } => (None, Some(value)),
            _ => (None, None),
        };
        own.extend(name);
        at = next;
    }
    let function = cx.function_of(site);
    inspections.iter().any(|&(body, within, asked)| {
        (body, within) == (site.body, function) && own.contains(&asked)
    })
}

/// A name of which a call asks what it is, with the body and the function of the call.
type Inspection = (BodyId, Option<FunctionId>, Name);

/// Every question of the module what an object is.
fn inspections(cx: &Context<'_>) -> Vec<Inspection> {
    let asked = cx.calls().filter_map(|site| {
        let body = cx.body(site.body);
        let name = cx.last_name(site.body, body.callee(site.expr)?)?;
        let first = body.arguments(site.expr).first().filter(|_| INSPECTS.contains(&name))?;
        Some((site.body, cx.function_of(site), body.last_name(first.value)?))
    });
    asked.collect()
}

fn report(cx: &mut Context<'_>, words: &Words, site: Site, object: &Object, is_async: bool) {
    let Words { statement, does, .. } = words;
    let used = if is_async { format!("async {statement}") } else { (*statement).to_owned() };
    let written = written(cx, site);
    let (message, label) = match object.manner {
        Manner::Coroutine => (
            format!("`{used}` {does} a coroutine that is not awaited"),
            format!("a coroutine cannot be {}; what it returns may be", words.done),
        ),
        Manner::Generator => (
            format!("`{used}` {does} a generator, which is no context manager"),
            format!("a generator cannot be {}", words.done),
        ),
        manner => {
            let other = if is_async { "" } else { "async " };
            (
                format!("`{used}` {does} {written}, which takes `{other}{statement}`"),
                why(cx, words, object, manner),
            )
        }
    };
    let help = match object.manner {
        Manner::Coroutine => format!("await it first: `{used} await ...`"),
        Manner::Generator => generator_help(cx, object),
        Manner::Plain => format!("use `{statement}`"),
        Manner::Async if is_awaited_object(cx, site) => {
            format!("take the `await` away: `async {statement}`")
        }
        Manner::Async if cx.in_coroutine(site) => format!("use `async {statement}`"),
        Manner::Async => format!("use `async {statement}`, in a coroutine"),
    };
    let definition = definition(cx, object);
    let report = cx.report(cx.span(site), message).label(label).help(help);
    if let Some((module, span, label)) = definition {
        report.evidence(module, span, label);
    }
}

/// The decorator that makes a manager of what the generator function gives.
fn generator_help(cx: &Context<'_>, object: &Object) -> String {
    let project = cx.resolver().project();
    let Some(Origin::Function(function)) = object.origin else {
        return "make a context manager of it".to_owned();
    };
    let is_async = project.function(function).is_async;
    let maker = if is_async { "asynccontextmanager" } else { "contextmanager" };
    format!("decorate `{}` with `@contextlib.{maker}`", project.function_name(function))
}

/// What the file writes, or what it is.
fn written(cx: &Context<'_>, site: Site) -> String {
    let body = cx.body(site.body);
    if let ExprKind::Await(call) = body.kind(site.expr)
        && body.callee(call).is_some()
    {
        return format!("what `{}` gives", cx.written(Site { expr: call, ..site }));
    }
    match body.callee(site.expr) {
        Some(callee) if cx.dotted(site.body, callee).is_some() => {
            format!("`{}(...)`", cx.written(site))
        }
        Some(_) => format!("what `{}` gives", cx.written(site)),
        None if is_awaited_object(cx, site) => "an awaited lock".to_owned(),
        None => match cx.dotted(site.body, site.expr) {
            Some(dotted) => format!("`{dotted}`"),
            None => "an object".to_owned(),
        },
    }
}

/// Why the object can be used in this manner only.
fn why(cx: &Context<'_>, words: &Words, object: &Object, manner: Manner) -> String {
    let project = cx.resolver().project();
    let (has, lacks, maker) = match manner {
        Manner::Plain => (words.plain, words.asynchronous, words.plain_maker),
        _ => (words.asynchronous, words.plain, words.async_maker),
    };
    match &object.origin {
        Some(Origin::Class(class)) => {
            format!("`{}` has `{has}` and no `{lacks}`", project.class_name(*class))
        }
        Some(Origin::Function(function)) => {
            format!("`{}` is {maker}", project.function_name(*function))
        }
        Some(Origin::Library(name)) => {
            let shown = name.strip_prefix("builtins.").unwrap_or(name);
            match cx.catalog().class(name) {
                Some(_) => format!("`{shown}` has `{has}` and no `{lacks}`"),
                None => format!("what `{shown}` gives has `{has}` and no `{lacks}`"),
            }
        }
        None => format!("this has `{has}` and no `{lacks}`"),
    }
}

/// Where the project defines the object's class, or what makes it.
fn definition(cx: &Context<'_>, object: &Object) -> Option<(ModuleId, Span, String)> {
    let project = cx.resolver().project();
    match object.origin {
        Some(Origin::Class(class)) => {
            let label = format!("`{}` is defined here", project.class_name(class));
            Some((class.module, project.class(class).name_span, label))
        }
        Some(Origin::Function(function)) => Some(cx.defined(function)),
        _ => None,
    }
}
