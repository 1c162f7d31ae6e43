//! What tests do: they put other things in the place of code, and run alone.

use asynclint_semantic::{
    BindingKind, BodyId, ExprId, ExprKind, FunctionId, List, MODULE_SCOPE, StmtKind, Usage,
};

use crate::{Context, Site};

/// Modules whose names tell that a file is about testing.
const FRAMEWORKS: &[&str] = &["mock", "pytest", "twisted", "unittest"];

/// Methods that `unittest` runs around each test, or around those of a class.
const AROUND_TESTS: &[&str] =
    &["asyncSetUp", "asyncTearDown", "setUp", "setUpClass", "tearDown", "tearDownClass"];

/// The classes of `unittest.mock`, and what makes one of them.
const MOCKS: &[&str] =
    &["AsyncMock", "MagicMock", "Mock", "NonCallableMock", "PropertyMock", "create_autospec"];

/// Libraries and fixtures that answer HTTP requests in the place of servers.
const ANSWERING: &[&str] = &[
    "aioresponses",
    "httpretty",
    "httpx_mock",
    "mock_aws",
    "moto",
    "pook",
    "requests_mock",
    "respx",
    "respx_mock",
    "vcr",
];

/// One whose name other things have as well.
const RESPONSES: &str = "responses";

/// Libraries that send requests.
const CLIENTS: &[&str] = &["http", "httpx", "requests", "urllib", "urllib3"];

/// What a coroutine ends in when it is stepped.
const STOP: &str = "StopIteration";

/// What runs a coroutine in plain code.
const RUNNERS: &[&str] = &["async_to_sync", "run", "run_until_complete", "start"];

impl Context<'_> {
    /// Whether the function is a test or stands in one: called `test...` in a file that imports a
    /// framework for tests, or with an `assert`; or in a module of tests. An event loop is made for
    /// the test alone.
    pub(crate) fn in_test(&self, function: FunctionId) -> bool {
        let is_of_test = |id| self.is_test(id) || self.is_around_tests(id);
        self.is_test_module() || self.with_outer(function).any(is_of_test)
    }

    /// Whether an expression stands in a test or in a module of tests.
    pub(crate) fn is_in_test(&self, site: Site) -> bool {
        match self.function_of(site) {
            Some(function) => self.in_test(function),
            None => self.is_test_module(),
        }
    }

    /// Whether the module is of tests by its name or that of a package around it.
    pub(crate) fn is_test_module(&self) -> bool {
        let of_names = || self.resolver().project().is_test_module(self.module());
        *self.calls.is_test_module.get_or_init(of_names)
    }

    /// Whether the module shows how to use the project or measures it, by the name of a package or
    /// folder around it: samples, the code of the documentation, benchmarks.
    pub(crate) fn is_showcase(&self) -> bool {
        let of_names = || self.resolver().project().is_showcase(self.module());
        *self.calls.is_showcase.get_or_init(of_names)
    }

    /// Whether the function is a plain test that runs no event loop: it awaits nothing.
    pub(crate) fn is_plain_test(&self, function: FunctionId) -> bool {
        let own = self.function(function);
        let body = self.body(own.body);
        let mut calls = body.exprs_in_block(own.block).filter_map(|id| body.callee(id));
        let runs = |id| self.last_name(own.body, id).is_some_and(|name| RUNNERS.contains(&name));
        !own.is_async && self.is_test(function) && !calls.any(runs)
    }

    /// Whether the code of the function puts something in the place of other code, or is given what
    /// does: `with patch("shop.fetch")`, `monkeypatch`, `Mock()`. What a helper comes to from there
    /// is not known.
    pub(crate) fn replaces_code(&self, function: FunctionId) -> bool {
        self.with_outer(function)
            .any(|id| self.replacing(id, || self.is_given_mocks(id) || self.makes_mocks(id)))
    }

    /// Whether the file has HTTP requests answered at once: by `respx`, `responses` and the like, or
    /// by what it puts in the place of a part of a client.
    pub(crate) fn answers_requests(&self) -> bool {
        let outline = &self.facts().outline;
        let imports = |name: &str| {
            outline.scope(MODULE_SCOPE).bindings.iter().any(|binding| {
                matches!(binding.kind, BindingKind::Import(_)) && outline.text(binding.name) == name
            })
        };
        ANSWERING.iter().any(|name| outline.names.get(name).is_some())
            || imports(RESPONSES)
            || self.replaces_client()
    }

    /// Whether the test takes a fixture that answers requests around it, as in
    /// `with mock_aws(): yield client`.
    pub(crate) fn is_answered_by_fixture(&self, function: FunctionId) -> bool {
        let answers = |library: &str| ANSWERING.contains(&library) || library == RESPONSES;
        let mut around = self.with_outer(function);
        around.any(|id| self.resolver().is_given_inside(self.reference(id), answers))
    }

    /// Whether the file replaces a part of a library that sends requests:
    /// `monkeypatch.setattr(requests.Session, "send", fake)`.
    fn replaces_client(&self) -> bool {
        self.calls().any(|site| {
            let body = self.body(site.body);
            let name = body.callee(site.expr).and_then(|id| self.last_name(site.body, id));
            let object = body.arguments(site.expr).first().map(|argument| argument.value);
            let dotted = || self.dotted(site.body, object?);
            matches!(name, Some("setattr" | "object"))
                && dotted().is_some_and(|dotted| {
                    CLIENTS.contains(&dotted.split('.').next().unwrap_or_default())
                })
        })
    }

    /// Whether nothing throws a cancellation into the coroutines of the file: they await deferreds, it
    /// steps them by itself, or it is written for `MicroPython` and names no library with an event
    /// loop, so that the project has one of its own, which closes what it does not run any more.
    pub(crate) fn is_never_cancelled(&self) -> bool {
        let names = &self.facts().outline.names;
        let project = self.resolver().project();
        self.awaits_deferreds()
            || self.steps_coroutines()
            || ["asyncio", "uasyncio"].iter().all(|name| names.get(name).is_none())
                && project.is_for_micropython(self.module())
    }

    /// Whether the file steps coroutines by hand, `coro.send(None)`, in plain code that takes the
    /// `StopIteration` in which they end: then it is no event loop that they run on.
    pub(crate) fn steps_coroutines(&self) -> bool {
        let facts = self.facts();
        let outline = &facts.outline;
        let (Some(send), Some(stop)) = (outline.names.get("send"), outline.names.get(STOP)) else {
            return false;
        };
        // What both names stand for may be lost.
        if !facts.errors.is_empty() {
            return true;
        }
        outline.functions.iter().filter(|own| !own.is_async).any(|own| {
            let body = facts.body(own.body);
            let sends = |id: ExprId| {
                let first = body.arguments(id).first().map(|argument| body.kind(argument.value));
                // A loop of its own looks at what it is to wait for.
                body.called_name(id) == Some(send)
                    && first == Some(ExprKind::None)
                    && body.expr(id).usage == Usage::Discarded
            };
            let takes = |stmt| match &body.stmt(stmt).kind {
                StmtKind::Try(block) => {
                    let mut types = block.handlers.iter().flat_map(|it| body.list(it.types));
                    types.any(|&id| body.last_name(id) == Some(stop))
                }
                _ => false,
            };
            body.stmts_in_block(own.block).any(takes) && body.exprs_in_block(own.block).any(sends)
        })
    }

    /// The function and those that it stands in, also by way of a class, the inner first.
    pub(crate) fn with_outer(&self, function: FunctionId) -> impl Iterator<Item = FunctionId> {
        let outline = &self.facts().outline;
        std::iter::successors(Some(function), |&id| {
            let home = outline.function(id).home_scope;
            let mut scopes = std::iter::successors(Some(home), |&at| outline.scope(at).parent);
            scopes.find_map(|scope| outline.function_of(scope))
        })
    }

    fn is_test(&self, id: FunctionId) -> bool {
        let own = self.function(id);
        let outline = &self.facts().outline;
        let body = self.body(own.body);
        let name = own.name.map(|name| outline.text(name));
        // What it asserts may be in a part that could not be read.
        name.is_some_and(|name| name.starts_with("test"))
            && (!self.facts().errors.is_empty()
                || FRAMEWORKS.iter().any(|name| outline.names.get(name).is_some())
                || body
                    .stmts_in_block(own.block)
                    .any(|stmt| matches!(body.stmt(stmt).kind, StmtKind::Assert { .. })))
    }

    /// Whether it is a method that `unittest` runs around tests.
    fn is_around_tests(&self, id: FunctionId) -> bool {
        let own = self.function(id);
        let name = own.name.map(|name| self.facts().outline.text(name));
        own.class.is_some() && name.is_some_and(|name| AROUND_TESTS.contains(&name))
    }

    /// Whether what is called belongs to a parameter that holds a mock by its name: `s3_mock`.
    pub(crate) fn is_on_mock(&self, site: Site) -> bool {
        let body = self.body(site.body);
        let root = body.callee(site.expr).map(|callee| body.kind(body.root(callee)));
        let Some(ExprKind::Name(name)) = root else { return false };
        let mut around = self.function_of(site).into_iter().flat_map(|id| self.with_outer(id));
        is_mock_name(self.facts().outline.text(name))
            && around.any(|id| self.function(id).parameters.iter().any(|it| it.name == name))
    }

    fn is_given_mocks(&self, id: FunctionId) -> bool {
        let outline = &self.facts().outline;
        let mut parameters = self.function(id).parameters.iter();
        parameters.any(|parameter| is_mock_name(outline.text(parameter.name)))
    }

    fn makes_mocks(&self, id: FunctionId) -> bool {
        let own = self.function(id);
        let body = self.body(own.body);
        let class = own.class.map(|class| self.facts().outline.class(class));
        let decorates = |home: BodyId, list: List| {
            self.body(home).list(list).iter().any(|&id| {
                let head = self.body(home).callee(id).unwrap_or(id);
                self.patches(home, head)
            })
        };
        decorates(own.home, own.decorators)
            || class.is_some_and(|class| decorates(class.home, class.decorators))
            || body
                .exprs_in_block(own.block)
                .filter_map(|id| body.callee(id))
                .any(|callee| self.patches(own.body, callee) || self.is_mock(own.body, callee))
    }

    /// `patch`, `mock.patch.object`, `mocker.patch`, `monkeypatch.setattr`: not `router.patch`.
    fn patches(&self, body: BodyId, id: ExprId) -> bool {
        let dotted = self.dotted(body, id).unwrap_or_default();
        let parts: Vec<&str> = dotted.split('.').collect();
        let is_of_mock = |pair: &[&str]| pair[0].contains("mock") && pair[1] == "patch";
        parts[0] == "patch" || parts.contains(&"monkeypatch") || parts.windows(2).any(is_of_mock)
    }

    fn is_mock(&self, body: BodyId, id: ExprId) -> bool {
        let is_name =
            matches!(self.body(body).kind(id), ExprKind::Name(_) | ExprKind::Attribute { .. });
        is_name && self.last_name(body, id).is_some_and(|name| MOCKS.contains(&name))
    }

    /// Whether an expression stands in a plain test, which awaits nothing.
    pub(crate) fn in_plain_test(&self, site: Site) -> bool {
        self.function_of(site).is_some_and(|id| self.is_plain_test(id))
    }
}

fn is_mock_name(name: &str) -> bool {
    name.split('_').any(|word| word.starts_with("mock") || word == "monkeypatch")
}
