//! `async-test-not-run`

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;

use asynclint_diagnostics::Level;
use asynclint_project::{Callee, ClassRef, FunctionRef, Gives, is_async_mark};
use asynclint_semantic::{
    BindingKind, Body, BodyId, ClassId, ExprId, ExprKind, FunctionId, MODULE_SCOPE, Name, ScopeId,
    Usage,
};

use crate::{AsyncioMode, Context, Fixes, Group, Library, Lint, Pytest};

/// An async test that nothing runs.
pub(crate) static ASYNC_TEST_NOT_RUN: Lint = Lint {
    name: "async-test-not-run",
    summary: "an async test or fixture that neither unittest nor a plugin of pytest runs",
    group: Group::Coroutines,
    page: include_str!("async_test_not_run.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: true,
    check,
};

const TEST_CASE: &str = "unittest.TestCase";
const ASYNC_TEST_CASE: &str = "unittest.IsolatedAsyncioTestCase";

/// Bases that do not change how a test case runs its methods.
const PLAIN_BASES: &[&str] = &["abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"];

/// Methods by which a class decides itself how its tests run.
const RUNS_ITSELF: &[&str] =
    &["__call__", "__getattribute__", "_callSetUp", "_callTestMethod", "debug", "run"];

fn check(cx: &mut Context<'_>) {
    let tests = Tests::of(cx);
    for id in cx.facts().outline.function_ids() {
        let function = cx.function(id);
        let (Some(name), true, false) = (function.name, function.is_async, function.is_broken)
        else {
            continue;
        };
        let name = cx.facts().outline.text(name);
        if cx.resolver().is_never_defined(cx.reference(id)) {
            continue;
        }
        if let Some(class) = function.class
            && let Some(kind) = test_case(cx, class)
        {
            check_method(cx, class, id, name, kind);
        } else if let Some(tests) = &tests {
            tests.check(cx, id, name);
        }
    }
}

/// What runs the methods of a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TestCase {
    Plain,
    Async,
}

/// What kind of test case of unittest the class is, if all that it inherits is known.
fn test_case(cx: &Context<'_>, class: ClassId) -> Option<TestCase> {
    let class = ClassRef::new(cx.module(), class);
    let resolver = cx.resolver();
    let bases = resolver.library_bases(class)?;
    let is_known =
        |base: &str| base == TEST_CASE || base == ASYNC_TEST_CASE || PLAIN_BASES.contains(&base);
    let has = |wanted: &str| bases.iter().any(|base| &**base == wanted);
    let kind = match (has(ASYNC_TEST_CASE), has(TEST_CASE)) {
        (true, _) => TestCase::Async,
        (false, true) => TestCase::Plain,
        (false, false) => return None,
    };
    let runs_itself = resolver.own_bases(class).into_iter().any(|base| {
        RUNS_ITSELF.iter().any(|name| resolver.project().class_binds(base, name))
            || resolver.project().replaces_methods(base)
    });
    let is_judged =
        bases.iter().all(|base| is_known(base)) && !runs_itself && resolver.is_made_as_usual(class);
    is_judged.then_some(kind)
}

fn check_method(cx: &mut Context<'_>, class: ClassId, id: FunctionId, name: &str, kind: TestCase) {
    if cx.gives(&Callee::Known(cx.reference(id))) != Gives::Coroutine {
        return;
    }
    let span = cx.function(id).name_span;
    let outline = &cx.facts().outline;
    let class = outline.text(outline.class(class).name);
    let derive = format!("derive `{class}` from `{ASYNC_TEST_CASE}`");
    let async_twin = match name {
        "setUp" => Some("asyncSetUp"),
        "tearDown" => Some("asyncTearDown"),
        _ => None,
    };
    let help = match (kind, async_twin) {
        (TestCase::Plain, None) => derive,
        (TestCase::Plain, Some(twin)) => format!("{derive}, and call it `{twin}`"),
        (TestCase::Async, Some(twin)) => format!("call it `{twin}`"),
        (TestCase::Async, None) => "make it a plain function".to_owned(),
    };
    if matches!(name, "setUp" | "tearDown" | "setUpClass" | "tearDownClass") {
        cx.report(span, format!("async `{name}` does not run"))
            .label("unittest calls it and drops the coroutine: nothing in it runs")
            .help(help);
    } else if kind == TestCase::Plain && name.starts_with("test") {
        cx.report(span, format!("async test `{name}` does not run"))
            .label("unittest calls it, drops the coroutine and counts the test as passed")
            .help(help);
    }
}

/// What is known of the tests for pytest in a module.
struct Tests {
    settings: Pytest,
    /// Whether pytest collects tests from the module.
    is_collected: bool,
    /// Whether tests or fixtures show that pytest-asyncio is in use.
    uses_asyncio: bool,
    /// Whether another plugin may await plain fixtures.
    uses_others: bool,
    called: OnceCell<BTreeSet<FunctionId>>,
}

impl Tests {
    /// `None` where tests that nothing marks may run, or may be meant for a plugin that runs them.
    fn of(cx: &Context<'_>) -> Option<Self> {
        let settings = cx.settings().pytest?;
        let project = cx.resolver().project();
        if settings.runs_unmarked || settings.asyncio_mode == Some(AsyncioMode::Auto) {
            return None;
        }
        let marks = project.async_marks();
        let uses_asyncio = marks.asyncio
            || settings.uses_pytest_asyncio
            || settings.asyncio_mode == Some(AsyncioMode::Strict);
        if marks.come_by_fixtures
            || !(uses_asyncio || marks.others)
            || project.has_test_hooks(cx.module())
        {
            return None;
        }
        let file = project.module(cx.module()).place.path.file_name();
        let file = file.unwrap_or(Path::new("").as_os_str()).to_string_lossy();
        Some(Self {
            settings,
            is_collected: file.starts_with("test_") || file.ends_with("_test"),
            uses_asyncio,
            uses_others: marks.others,
            called: OnceCell::new(),
        })
    }

    /// The functions that the file itself calls, or names as `("Loading", test_loading)` does: a
    /// script may call its steps `test_...`.
    fn called(&self, cx: &Context<'_>) -> &BTreeSet<FunctionId> {
        self.called.get_or_init(|| {
            let here =
                |function: FunctionRef| (function.module == cx.module()).then_some(function.id);
            let called = cx.calls().filter_map(|site| match cx.callee(site) {
                Callee::Known(function) => here(function),
                _ => None,
            });
            let outline = &cx.facts().outline;
            let read = cx.sites(|kind| matches!(kind, ExprKind::Name(_)));
            let named = read.filter_map(|site| match cx.body(site.body).kind(site.expr) {
                ExprKind::Name(name) if outline.text(name).starts_with("test") => {
                    here(cx.resolver().function_value(cx.module(), site.body, site.expr)?)
                }
                _ => None,
            });
            called.chain(named).collect()
        })
    }

    fn check(&self, cx: &mut Context<'_>, id: FunctionId, name: &str) {
        if is_plain_fixture(cx, id) {
            if self.uses_asyncio
                && !self.uses_others
                && !self.settings.has_legacy_asyncio
                && !is_run_by_tests(cx, name)
            {
                report_fixture(cx, id, name);
            }
        } else if self.is_collected
            && name.starts_with("test")
            && cx.gives(&Callee::Known(cx.reference(id))) == Gives::Coroutine
            && is_test(cx, id)
            && !is_marked(cx, id)
            && !self.called(cx).contains(&id)
        {
            self.report(cx, id, name);
        }
    }

    fn report(&self, cx: &mut Context<'_>, id: FunctionId, name: &str) {
        let mark = match cx.library() {
            Library::Trio if self.uses_others => "trio",
            Library::Anyio if self.uses_others => "anyio",
            _ if self.uses_asyncio => "asyncio",
            _ => "anyio",
        };
        let mode = if mark == "asyncio" && self.settings.asyncio_mode.is_none() {
            ", or set `asyncio_mode = \"auto\"` in the configuration of pytest"
        } else {
            ""
        };
        cx.report(cx.function(id).name_span, format!("async test `{name}` does not run"))
            .label(
                "nothing marks it for a plugin: pytest 8.4 and newer fail it, older ones skip it",
            )
            .help(format!("mark it with `@pytest.mark.{mark}`{mode}"));
    }
}

/// Whether the function is `@pytest.fixture` and still async there.
fn is_plain_fixture(cx: &Context<'_>, id: FunctionId) -> bool {
    let function = cx.function(id);
    let home = cx.body(function.home);
    home.list(function.decorators).iter().any(|&decorator| {
        head_name(cx, home, function.home, decorator).as_deref() == Some("pytest.fixture")
            && matches!(
                cx.resolver().gives_to(cx.reference(id), decorator),
                Gives::Coroutine | Gives::AsyncGenerator
            )
    })
}

/// Whether tests that take the fixture run it themselves: `async for shop in shops`.
fn is_run_by_tests(cx: &Context<'_>, fixture: &str) -> bool {
    let project = cx.resolver().project();
    project.modules_naming(fixture).into_iter().any(|module| {
        let facts = project.facts(module);
        let Some(name) = facts.outline.names.get(fixture) else { return false };
        facts.outline.functions.iter().any(|function| {
            let body = facts.body(function.body);
            function.is_async
                && function.parameters.iter().any(|parameter| parameter.name == name)
                && body.exprs_in_block(function.block).any(|id| {
                    let runs = match body.expr(id).usage {
                        Usage::Awaited | Usage::AsyncIterated => true,
                        Usage::Passed => {
                            let call = body.expr(id).parent;
                            let called = call.and_then(|call| body.called_name(call));
                            called.is_some_and(|name| facts.outline.text(name) == "anext")
                        }
                        Usage::Object => {
                            let asked = body.expr(id).parent.and_then(|it| body.last_name(it));
                            asked.is_some_and(|name| facts.outline.text(name) == "__anext__")
                        }
                        _ => false,
                    };
                    runs && body.kind(id) == ExprKind::Name(name)
                })
        })
    })
}

fn report_fixture(cx: &mut Context<'_>, id: FunctionId, name: &str) {
    let what = if cx.function(id).is_generator { "an async generator" } else { "a coroutine" };
    cx.report(cx.function(id).name_span, format!("async fixture `{name}` is not awaited"))
        .label(format!("in strict mode `@pytest.fixture` hands {what} to the test"))
        .help("use `@pytest_asyncio.fixture`, or set `asyncio_mode = \"auto\"`");
}

/// The name of a decorator, called or not, if a library has it.
fn head_name(cx: &Context<'_>, body: &Body, id: BodyId, decorator: ExprId) -> Option<String> {
    let head = body.callee(decorator).unwrap_or(decorator);
    cx.resolver().library_name(cx.module(), id, head)
}

/// Whether pytest collects the function: at the top of the module, or in a class `Test...` there
/// all of whose bases are known.
fn is_test(cx: &Context<'_>, id: FunctionId) -> bool {
    let function = cx.function(id);
    let outline = &cx.facts().outline;
    match function.class {
        None => function.home_scope == MODULE_SCOPE,
        Some(id) => {
            let class = outline.class(id);
            let class_ref = ClassRef::new(cx.module(), id);
            let bases = cx.resolver().library_bases(class_ref);
            class.home_scope == MODULE_SCOPE
                && outline.text(class.name).starts_with("Test")
                && bases
                    .is_some_and(|bases| bases.iter().all(|base| PLAIN_BASES.contains(&&**base)))
        }
    }
}

/// Whether a mark on the test, its class or its module may say that a plugin runs it, or that it
/// is not meant to run.
fn is_marked(cx: &Context<'_>, id: FunctionId) -> bool {
    let function = cx.function(id);
    let says_so = |at: BodyId, marks: &[ExprId]| {
        let body = cx.body(at);
        marks.iter().any(|&mark| may_be_async(cx, body, at, mark))
    };
    if says_so(function.home, cx.body(function.home).list(function.decorators))
        || has_pytestmark(cx, cx.module(), MODULE_SCOPE)
    {
        return true;
    }
    let Some(id) = function.class else { return false };
    let bases = cx.resolver().own_bases(ClassRef::new(cx.module(), id));
    bases.into_iter().any(|base| {
        let class = cx.resolver().project().class(base);
        has_pytestmark(cx, base.module, class.scope)
            || (base.module == cx.module()
                && says_so(class.home, cx.body(class.home).list(class.decorators)))
            || (base.module != cx.module() && !class.decorators.is_empty())
    })
}

/// Whether a mark, or what may be one, says that a test is async, skipped or expected to fail.
fn may_be_async(cx: &Context<'_>, body: &Body, id: BodyId, mark: ExprId) -> bool {
    let Some(name) = head_name(cx, body, id, mark) else { return true };
    match name.strip_prefix("pytest.mark.") {
        Some(mark) => is_async_mark(mark) || matches!(mark, "skip" | "skipif" | "xfail"),
        None => !matches!(&*name, "builtins.staticmethod" | "builtins.classmethod"),
    }
}

/// Whether a scope binds `pytestmark` to something that may be a mark for async tests.
fn has_pytestmark(cx: &Context<'_>, module: asynclint_project::ModuleId, scope: ScopeId) -> bool {
    let facts = cx.resolver().project().facts(module);
    let Some(name) = facts.outline.names.get("pytestmark") else { return false };
    let bindings = facts.outline.bindings(scope, name);
    if module != cx.module() {
        return !bindings.is_empty();
    }
    is_filled_later(cx, scope, name)
        || bindings.iter().any(|binding| {
            let (BindingKind::Assigned(value) | BindingKind::Annotated { value: Some(value), .. }) =
                binding.kind
            else {
                return true;
            };
            let body = facts.body(binding.body);
            let marks = match body.kind(value) {
                ExprKind::List(items) | ExprKind::Tuple(items) => body.list(items),
                _ => std::slice::from_ref(&value),
            };
            marks.iter().any(|&mark| may_be_async(cx, body, binding.body, mark))
        })
}

/// Whether code of the scope reads the list of marks: `pytestmark.append(pytest.mark.asyncio)`.
fn is_filled_later(cx: &Context<'_>, scope: ScopeId, name: Name) -> bool {
    cx.facts().body_ids().any(|id| {
        let body = cx.body(id);
        body.expr_ids().any(|expr| {
            let own = body.expr(expr);
            body.kind(expr) == ExprKind::Name(name)
                && own.usage != Usage::Target
                && cx.facts().outline.lookup(own.scope, name) == Some(scope)
        })
    })
}
