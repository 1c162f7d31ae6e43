//! How tests are collected and run.

mod fixtures;

use std::path::Path;
use std::rc::Rc;

use asynclint_semantic::{
    ArgumentKind, Binding, BindingKind, Body, BodyId, ExprId, ExprKind, Facts, Function,
    FunctionId, MODULE_SCOPE, Name,
};

use crate::Project;
use crate::classes::mro::Ancestor;
use crate::modules::Place;
use crate::modules::unread::Word;
use crate::resolver::Resolver;
use crate::types::{ClassRef, ModuleId};

/// The marks that async tests of a project carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsyncMarks {
    /// `pytest.mark.asyncio`
    pub asyncio: bool,
    /// `pytest.mark.anyio`, `pytest.mark.trio` and those of other plugins.
    pub others: bool,
    /// Tests run without a mark of their own: one takes `anyio_backend`, or every test does
    /// (`autouse`), so that anyio runs whatever hangs on it; or a mark comes with a parameter,
    /// `pytest.param("trio", marks=pytest.mark.trio)`, or a fixture adds it.
    pub come_by_fixtures: bool,
}

/// Folders and packages that show how to use a project, or measure it.
const SHOWCASES: &[&str] = &[
    "bench",
    "benchmark",
    "benchmarks",
    "demo",
    "demos",
    "doc",
    "docs",
    "docs_src",
    "example",
    "examples",
    "perf",
    "sample",
    "samples",
    "snippets",
    "tutorial",
    "tutorials",
];

/// What the names of files with samples begin or end with.
const SAMPLES: &[&str] = &["demo", "example", "sample"];

/// Folders with the pages of the documentation.
const DOCUMENTATION: &[&str] = &["doc", "docs", "docs_src", "snippets"];

/// Folders of tests with what is given to the code that is tested.
const MATERIAL: &[&str] = &[
    "cases",
    "data",
    "expected",
    "golden",
    "input",
    "inputs",
    "resources",
    "snapshots",
    "sources",
];

/// Folders that say so by themselves.
const TEST_DATA: &[&str] = &["test-data", "test_data", "testdata"];

/// The last words of the names of modules that measure something: `vector-benchmark`.
const MEASURES: &[&str] = &["bench", "benchmark", "benchmarks"];

/// Functions of a `conftest.py` by which a project may run async tests itself.
const RUNNING_HOOKS: &[&str] = &[
    "pytest_fixture_setup",
    "pytest_pycollect_makeitem",
    "pytest_pycollect_makemodule",
    "pytest_pyfunc_call",
    "pytest_runtest_call",
    "pytest_runtest_protocol",
];

/// Functions of a `conftest.py` by which a project may mark tests, if they speak of async ones.
const MARKING_HOOKS: &[&str] = &[
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_itemcollected",
];

/// Methods in which a class of tests may put others in the place of its tests.
const SETTING_METHODS: &[&str] = &["__init__", "__init_subclass__", "__new__", "setUpClass"];

/// Plugins that leave tests alone which nothing marks.
const KNOWN_PLUGINS: &[&str] = &["anyio", "pytest_asyncio", "pytester"];

/// What marks are attributes of.
const MARK: &str = "mark";

/// The parameters by which anyio tells tests what runs them: whoever takes one of the others takes
/// the first as well.
const BACKENDS: &[&str] = &["anyio_backend", "anyio_backend_name", "anyio_backend_options"];

/// Whether a mark of pytest may say that an async test is to be run.
pub fn is_async_mark(name: &str) -> bool {
    ["anyio", "async", "curio", "gen_test", "loop", "tornado", "trio", "twisted"]
        .iter()
        .any(|part| name.contains(part))
}

/// Whether the function is a fixture that every test takes: `@pytest.fixture(autouse=True)`.
fn is_for_all(facts: &Facts, function: &Function) -> bool {
    let home = facts.body(function.home);
    let autouse = facts.outline.names.get("autouse");
    let mut decorators = home.list(function.decorators).iter();
    decorators.any(|&decorator| {
        let given = autouse.and_then(|name| home.keyword(decorator, name));
        given.is_some_and(|value| home.kind(value) == ExprKind::Boolean(true))
    })
}

impl Place {
    /// Whether it is no code of the project, but what its tests give to the code that they test: it
    /// stands in a folder of tests that is called `data` or the like, in no package, and is no test
    /// itself. `named` gives the file or folder that somebody has named to have it checked: who
    /// names that folder, or what is in it, means just that.
    pub fn is_test_material<'n>(&self, named: impl FnOnce() -> &'n Path) -> bool {
        // Nearly all code stands in packages, below the only root.
        if self.other_roots.iter().all(|it| *it == self.root || !self.root.starts_with(it)) {
            return false;
        }
        let in_package = self.path.strip_prefix(&self.root).map_or(0, |own| own.iter().count());
        let parts: Vec<&str> = self.names_around().collect();
        let folders = &parts[..parts.len().saturating_sub(in_package)];
        let is_of_tests = |part: &str| {
            matches!(part, "test" | "testing" | "tests")
                || part.starts_with("test_")
                || part.starts_with("tests_")
                || part.ends_with("_test")
                || part.ends_with("_tests")
        };
        // How many of the folders nobody has named: those behind them.
        let unnamed = self.path.strip_prefix(named()).map_or(0, |below| below.iter().count());
        let first = parts.len().saturating_sub(unnamed);
        let is_in = |names: &[&str], from: usize| {
            folders
                .get(from.max(first)..)
                .is_some_and(|all| all.iter().any(|it| names.contains(it)))
        };
        let tests = folders.iter().position(|part| is_of_tests(part));
        (tests.is_some_and(|at| is_in(MATERIAL, at + 1)) || is_in(TEST_DATA, 0))
            && !parts.last().is_some_and(|own| *own == "conftest" || is_of_tests(own))
    }

    /// The names of the module and of the packages and folders around it, up to those of the
    /// project.
    fn names_around(&self) -> impl Iterator<Item = &str> {
        let roots = std::iter::once(&self.root).chain(&*self.other_roots);
        let widest = roots.filter_map(|root| self.path.strip_prefix(root).ok());
        let below = widest.max_by_key(|below| below.as_os_str().len());
        below.into_iter().flatten().filter_map(|part| part.to_str())
    }
}

impl Project<'_> {
    /// The marks of async tests that occur anywhere in the project.
    pub fn async_marks(&self) -> AsyncMarks {
        self.reads.note_all();
        *self.marks.get_or_init(|| {
            let mut marks = AsyncMarks::default();
            let words: Vec<Word> =
                BACKENDS.iter().chain([&MARK]).map(|name| Word::name(name)).collect();
            for module in self.holding(&words) {
                let facts = self.facts(module);
                let names = &facts.outline.names;
                if let Some(mark) = names.get(MARK) {
                    add_marks(facts, mark, &mut marks);
                }
                let backends: Vec<Name> =
                    BACKENDS.iter().filter_map(|name| names.get(name)).collect();
                marks.come_by_fixtures |= facts.outline.functions.iter().any(|function| {
                    function.parameters.iter().any(|it| backends.contains(&it.name))
                        || function.name.is_some_and(|name| backends.contains(&name))
                            && is_for_all(facts, function)
                });
            }
            marks
        })
    }

    /// Whether a module is of tests: it, or a package or folder of the project around it, is
    /// called so.
    pub fn is_test_module(&self, module: ModuleId) -> bool {
        self.names_around(module).any(|part| {
            matches!(part, "conftest" | "test" | "tests")
                || part.starts_with("test_")
                || part.ends_with("_test")
                || part.ends_with("_tests")
        })
    }

    /// Whether a module stands in a folder or package with samples, documentation or measurements,
    /// or is one by its own name: `login_example.py`.
    pub fn is_showcase(&self, module: ModuleId) -> bool {
        let measures = |part: &str| {
            part.rsplit(['_', '-']).next().is_some_and(|word| MEASURES.contains(&word))
        };
        self.names_around(module).any(|part| SHOWCASES.contains(&part) || measures(part))
            || self.is_sample(module)
    }

    /// Whether the file is a sample by its name, where it is no package.
    fn is_sample(&self, module: ModuleId) -> bool {
        let place = &self.module(module).place;
        let own = place.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut words = own.split(['_', '-']);
        !place.is_package
            && (words.next().is_some_and(|word| SAMPLES.contains(&word))
                || words.next_back().is_some_and(|word| SAMPLES.contains(&word)))
    }

    /// Whether a module stands in a folder with documentation, whose pages show parts of it.
    pub fn is_documentation(&self, module: ModuleId) -> bool {
        self.names_around(module).any(|part| DOCUMENTATION.contains(&part))
    }

    fn names_around(&self, module: ModuleId) -> impl Iterator<Item = &str> {
        self.module(module).place.names_around()
    }

    /// Whether code around the tests of `module` may run those that nothing marks: hooks in a
    /// `conftest.py` at or above them, plugins that are not known, or a plugin that the project is.
    pub fn has_test_hooks(&self, module: ModuleId) -> bool {
        let mut conftests = self.conftests(module);
        conftests.any(|id| has_hook(self.facts(id)) || self.has_unknown_plugins(id))
            || self.is_async_plugin()
    }

    /// Whether a module of the project that is no `conftest.py` has hooks by which it may run or
    /// mark async tests: pytest loads it by an entry point, for the tests of the project as well.
    fn is_async_plugin(&self) -> bool {
        self.reads.note_all();
        *self.plugin.get_or_init(|| {
            let hooks = || RUNNING_HOOKS.iter().chain(MARKING_HOOKS);
            let words: Vec<Word> = hooks().map(|name| Word::name(name)).collect();
            self.holding(&words).into_iter().any(|module| {
                let path = &self.module(module).place.path;
                let facts = self.facts(module);
                !path.ends_with("conftest")
                    && hooks().any(|hook| {
                        bound(facts, hook).iter().any(|binding| match binding.kind {
                            BindingKind::Function(id) => speaks_of_async(facts, id),
                            _ => false,
                        })
                    })
            })
        })
    }

    /// Whether making an object of the class, or the class, writes attributes under names that only
    /// the running program knows: `setattr(self, methodName, run_in_loop)`.
    pub fn replaces_methods(&self, class: ClassRef) -> bool {
        let outline = &self.facts(class.module).outline;
        outline.functions.iter().any(|function| {
            function.class == Some(class.id)
                && function.name.is_some_and(|it| SETTING_METHODS.contains(&outline.text(it)))
                && outline.writes_dynamically(function.body)
        })
    }

    /// The files `conftest.py` at and above a module, the closest first.
    pub(crate) fn conftests(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> + '_ {
        let folders = self.module(module).place.path.ancestors().skip(1);
        folders.filter_map(|folder| self.map.at(&self.modules, &folder.join("conftest")))
    }

    /// Whether `pytest_plugins` names something else than the plugins that are known and modules
    /// of the project that have no hooks.
    fn has_unknown_plugins(&self, conftest: ModuleId) -> bool {
        let facts = self.facts(conftest);
        let outline = &facts.outline;
        let Some(name) = outline.names.get("pytest_plugins") else { return false };
        let is_harmless = |plugin: &str| {
            let own = self.absolute(conftest, plugin);
            KNOWN_PLUGINS.contains(&plugin) || own.is_some_and(|own| !has_hook(self.facts(own)))
        };
        let is_known = |body: BodyId, value: ExprId| {
            let body = facts.body(body);
            body.exprs_below(value).all(|id| match body.kind(id) {
                ExprKind::Str(Some(plugin)) => is_harmless(outline.text(plugin)),
                ExprKind::Tuple(_) | ExprKind::List(_) => true,
                _ => false,
            })
        };
        outline.bindings(MODULE_SCOPE, name).iter().any(|binding| match binding.kind {
            BindingKind::Assigned(value) | BindingKind::Annotated { value: Some(value), .. } => {
                !is_known(binding.body, value)
            }
            _ => true,
        })
    }
}

/// Whether a module defines a hook by which it may run or mark async tests.
fn has_hook(facts: &Facts) -> bool {
    let marks = |binding: &Binding| match binding.kind {
        BindingKind::Function(id) => speaks_of_async(facts, id),
        _ => true,
    };
    RUNNING_HOOKS.iter().any(|hook| !bound(facts, hook).is_empty())
        || MARKING_HOOKS.iter().any(|hook| bound(facts, hook).iter().any(marks))
}

/// What a module binds under the name of a hook.
fn bound<'a>(facts: &'a Facts, hook: &str) -> &'a [Binding] {
    let name = facts.outline.names.get(hook);
    name.map_or(&[][..], |name| facts.outline.bindings(MODULE_SCOPE, name))
}

/// Whether anything that the function names has to do with async tests.
fn speaks_of_async(facts: &Facts, id: FunctionId) -> bool {
    let function = facts.outline.function(id);
    let body = facts.body(function.body);
    body.exprs_in_block(function.block).any(|id| match body.kind(id) {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } | ExprKind::Str(Some(name)) => {
            let name = facts.outline.text(name);
            is_async_mark(name) || name.contains("coroutine")
        }
        _ => false,
    })
}

fn add_marks(facts: &Facts, mark: Name, marks: &mut AsyncMarks) {
    for id in facts.body_ids() {
        let body = facts.body(id);
        for expr in body.expr_ids() {
            let ExprKind::Attribute { value, name } = body.kind(expr) else { continue };
            let is_mark = match body.kind(value) {
                ExprKind::Attribute { name, .. } | ExprKind::Name(name) => name == mark,
                _ => false,
            };
            match facts.outline.text(name) {
                "asyncio" if is_mark => marks.asyncio = true,
                other if is_mark && is_async_mark(other) => marks.others = true,
                _ => continue,
            }
            marks.come_by_fixtures |= is_handed_on(facts, body, expr);
        }
    }
}

/// Whether a mark is given as `marks`, or to what adds marks to a test.
fn is_handed_on(facts: &Facts, body: &Body, mark: ExprId) -> bool {
    let text = |name| facts.outline.text(name);
    let parents = std::iter::successors(Some(mark), |&id| body.expr(id).parent);
    parents.into_iter().any(|id| {
        let Some(call) = body.expr(id).parent else { return false };
        let is_added = || {
            body.called_name(call)
                .is_some_and(|name| matches!(text(name), "add_marker" | "applymarker"))
        };
        body.arguments(call).iter().any(|argument| {
            argument.value == id
                && match argument.kind {
                    ArgumentKind::Keyword(name) => text(name) == "marks",
                    _ => is_added(),
                }
        })
    })
}

impl Resolver<'_> {
    /// The classes of libraries among the bases of a class; `None` where a base is not known.
    pub fn library_bases(&self, class: ClassRef) -> Option<Vec<Rc<str>>> {
        let order = self.mro(class);
        let mut found = Vec::new();
        for ancestor in order.iter() {
            match ancestor {
                Ancestor::Project(_) => {}
                Ancestor::Library(name) => {
                    found.push(self.project.catalog().canonical(name).into());
                }
                Ancestor::Unknown => return None,
            }
        }
        Some(found)
    }

    /// The class and those of its bases that are not described by the catalogue, in the order in
    /// which attributes are looked up.
    pub fn own_bases(&self, class: ClassRef) -> Vec<ClassRef> {
        let order = self.mro(class);
        let own = order.iter().filter_map(|ancestor| match ancestor {
            Ancestor::Project(class) => Some(*class),
            _ => None,
        });
        own.collect()
    }
}
