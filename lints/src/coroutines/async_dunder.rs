//! `async-dunder`

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, ClassRef, Gives};
use asynclint_semantic::{ArgumentKind, BindingKind, ClassId, ExprKind, FunctionId, MODULE_SCOPE};

use crate::{Context, Fixes, Group, Lint};

/// A special method is async where Python calls it as a plain one, or the other way round.
pub(crate) static ASYNC_DUNDER: Lint = Lint {
    name: "async-dunder",
    summary: "a special method is `async def` where Python does not await it, or plain where it does",
    group: Group::Coroutines,
    page: include_str!("async_dunder.md"),
    level: Level::Error,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    for id in cx.facts().outline.function_ids() {
        let function = cx.function(id);
        let (Some(class), Some(name), false) = (function.class, function.name, function.is_broken)
        else {
            continue;
        };
        let name = cx.facts().outline.text(name);
        // `__aiter__` was awaited before Python 3.5.2.
        if cx.resolver().is_never_defined(cx.reference(id)) {
            continue;
        }
        if function.is_async {
            check_async(cx, class, id, name);
        } else if matches!(name, "__aenter__" | "__aexit__" | "__anext__") {
            check_plain(cx, id, name);
        }
    }
}

fn check_async(cx: &mut Context<'_>, class: ClassId, id: FunctionId, name: &str) {
    if is_setter(cx, class, id) {
        if !is_awaited_elsewhere(cx, class, id) {
            report_setter(cx, id, name);
        }
        return;
    }
    let Some(Special { happens, instead }) = special(name) else { return };
    let gives = cx.gives(&Callee::Known(cx.reference(id)));
    let is_wrong = match (name, gives) {
        // An async generator is an async iterator.
        ("__aiter__", gives) => {
            gives == Gives::Coroutine && !cx.resolver().is_overridable_stub(cx.reference(id))
        }
        ("__init__", Gives::Coroutine) => {
            cx.resolver().is_made_as_usual(ClassRef::new(cx.module(), class))
                && !cx.facts().outline.imports(AWAITS_INIT)
        }
        (_, gives) => matches!(gives, Gives::Coroutine | Gives::AsyncGenerator),
    };
    if is_wrong && !is_remade(cx, class) {
        cx.report(cx.function(id).name_span, format!("`{name}` cannot be `async def`"))
            .label(happens)
            .help(instead);
    }
}

/// Ray makes actors and deployments of classes, often far from where these stand, and awaits what
/// their `__init__` gives (`ray/serve/_private/replica.py` in ray 2.60).
const AWAITS_INIT: &str = "ray";

/// Whether the module makes something else of the class, which may have other methods:
/// `Client = make_sync(AsyncClient)`.
fn is_remade(cx: &Context<'_>, class: ClassId) -> bool {
    let outline = &cx.facts().outline;
    let name = outline.class(class).name;
    outline.scope(MODULE_SCOPE).bindings.iter().any(|binding| {
        let BindingKind::Assigned(value) = binding.kind else { return false };
        let body = cx.body(binding.body);
        let mut arguments = body.arguments(value).iter();
        arguments.any(|argument| {
            argument.kind == ArgumentKind::Positional
                && body.kind(argument.value) == ExprKind::Name(name)
        })
    })
}

/// What Python does with a coroutine from a special method, and what to write instead.
struct Special {
    happens: &'static str,
    instead: &'static str,
}

const OWN_METHOD: &str = "write a method with a name of its own that callers await";
const ASYNC_WITH: &str = "write `__aenter__` and `__aexit__`, and enter it with `async with`";
const ASYNC_FOR: &str = "write `__aiter__` and `__anext__`, and iterate it with `async for`";

/// The special methods whose value Python itself uses, or drops, on the spot. Those whose value
/// comes out of an expression (`__call__`, `__getitem__`, `__add__`) can as well be awaited there.
fn special(name: &str) -> Option<Special> {
    let (happens, instead) = match name {
        "__init__" => (
            "making an object fails: `__init__` must return `None`, and not a coroutine",
            "await in a factory, such as `async def create(...)`, or in `__aenter__`",
        ),
        "__post_init__" | "__init_subclass__" | "__set_name__" | "__del__" => {
            ("whenever this is called the coroutine is dropped: nothing in it runs", OWN_METHOD)
        }
        "__setattr__" | "__delattr__" | "__setitem__" | "__delitem__" | "__set__"
        | "__delete__" | "__setstate__" => {
            ("an assignment or `del` drops the coroutine: nothing in it runs", OWN_METHOD)
        }
        "__exit__" => {
            ("a coroutine is true, so `with` swallows every exception and runs nothing", ASYNC_WITH)
        }
        "__enter__" => ("`with` does not await this: it binds a coroutine", ASYNC_WITH),
        "__iter__" | "__reversed__" => ("`for` fails: what this returns is no iterator", ASYNC_FOR),
        "__next__" => ("`for` does not await this: each item is a coroutine", ASYNC_FOR),
        "__aiter__" => (
            "`async for` does not await this: it needs the iterator itself",
            "make it a plain `def __aiter__`",
        ),
        "__await__" => (
            "`await` fails: this must return an iterator",
            "make it a plain `def` that returns `....__await__()` of a coroutine",
        ),
        "__eq__" | "__ne__" | "__lt__" | "__le__" | "__gt__" | "__ge__" | "__contains__"
        | "__instancecheck__" | "__subclasscheck__" => {
            ("nothing awaits this, and a coroutine is always true", OWN_METHOD)
        }
        "__bool__" | "__bytes__" | "__complex__" | "__dir__" | "__float__" | "__format__"
        | "__hash__" | "__index__" | "__int__" | "__len__" | "__length_hint__" | "__repr__"
        | "__sizeof__" | "__str__" | "__reduce__" | "__reduce_ex__" => (
            "nothing awaits this, and a coroutine has the wrong type: Python raises an error",
            OWN_METHOD,
        ),
        _ => return None,
    };
    Some(Special { happens, instead })
}

/// Whether the function is `@x.setter` or `@x.deleter` of a property of the class.
fn is_setter(cx: &Context<'_>, class: ClassId, id: FunctionId) -> bool {
    let function = cx.function(id);
    let outline = &cx.facts().outline;
    let home = cx.body(function.home);
    let [decorator] = home.list(function.decorators) else { return false };
    let ExprKind::Attribute { value, name } = home.kind(*decorator) else { return false };
    let ExprKind::Name(property) = home.kind(value) else { return false };
    let is_property = |getter: FunctionId| {
        let getter = cx.function(getter);
        home.list(getter.decorators).iter().any(|&decorator| {
            let name = cx.resolver().library_name(cx.module(), getter.home, decorator);
            name.as_deref() == Some("builtins.property")
        })
    };
    matches!(outline.text(name), "setter" | "deleter")
        && outline.bindings(outline.class(class).scope, property).iter().any(
            |binding| matches!(binding.kind, BindingKind::Function(getter) if is_property(getter)),
        )
}

/// Whether the setter may be one that a framework calls and awaits by itself: the getter is a
/// coroutine as well, and either not all bases of the class are known or some code of the project
/// takes setters out of properties: `await type(self).value.fset(self, value)`.
fn is_awaited_elsewhere(cx: &Context<'_>, class: ClassId, id: FunctionId) -> bool {
    let function = cx.function(id);
    let outline = &cx.facts().outline;
    let Some(name) = function.name else { return false };
    let has_async_getter = outline.bindings(outline.class(class).scope, name).iter().any(
        |binding| matches!(binding.kind, BindingKind::Function(other) if other != id && cx.function(other).is_async),
    );
    let resolver = cx.resolver();
    has_async_getter
        && (resolver.library_bases(ClassRef::new(cx.module(), class)).is_none()
            || resolver
                .project()
                .modules_naming("fset")
                .into_iter()
                .any(|module| resolver.project().facts(module).outline.names.get("fset").is_some()))
}

fn report_setter(cx: &mut Context<'_>, id: FunctionId, name: &str) {
    let span = cx.function(id).name_span;
    cx.report(span, format!("the setter of property `{name}` cannot be `async def`"))
        .label("an assignment or `del` drops the coroutine: nothing in it runs")
        .help(format!("write a method such as `set_{name}` that callers await"));
}

/// `def __aenter__(self): return self`. Tests make such classes to see that they are refused.
fn check_plain(cx: &mut Context<'_>, id: FunctionId, name: &str) {
    if cx.is_test_module() || !cx.resolver().returns_no_awaitable(cx.reference(id)) {
        return;
    }
    let statement = if name == "__anext__" { "async for" } else { "async with" };
    cx.report(cx.function(id).name_span, format!("`{name}` returns nothing that can be awaited"))
        .label(format!("`{statement}` awaits what this returns and fails"))
        .help(format!("make it `async def {name}`"));
}
