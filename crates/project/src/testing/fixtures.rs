//! Fixtures of pytest: what the parameters of tests stand for.

use asynclint_semantic::{
    BodyId, ExprId, ExprKind, MODULE_SCOPE, Name, ScopeId, ScopeKind, StmtKind, Usage,
};

use crate::Project;
use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{ClassRef, FunctionRef, ModuleId, Reason, Type};

/// Decorators that make a fixture of a function.
const DECORATORS: &[&str] = &["pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture"];

impl Resolver<'_> {
    /// The type of a parameter without an annotation where the function is a test or a fixture: what
    /// the fixture of its name gives.
    pub(crate) fn given_by_fixture(&self, function: FunctionRef, index: usize) -> Option<Type> {
        let own = self.project.function(function);
        let takes_fixtures = is_at_top(self.project, function)
            && own.parameters[index].default.is_none()
            && (is_test(self.project, function) || self.is_fixture(function));
        let of_fixture = || {
            let unknown = Type::Unknown(Reason::UnannotatedParameter);
            let name = own.parameters[index].name;
            let text = self.project.facts(function.module).outline.text(name);
            if self.may_be_parametrized(function, text) {
                return unknown;
            }
            match self.fixture_for(function, text) {
                Some(fixture) if !self.hands_over_awaitable(fixture, function, name) => {
                    self.provided(fixture)
                }
                _ => unknown,
            }
        };
        takes_fixtures.then(of_fixture)
    }

    /// Whether the function is a test or fixture, and one of the fixtures that it takes enters what
    /// a library makes, or is decorated by it, such as `mock_aws` of moto; `wanted` says which
    /// libraries.
    pub fn is_given_inside(&self, function: FunctionRef, wanted: impl Fn(&str) -> bool) -> bool {
        let mut seen = vec![function];
        let mut next = 0;
        while let Some(&at) = seen.get(next) {
            next += 1;
            let own = self.project.function(at);
            let outline = &self.project.facts(at.module).outline;
            for parameter in &own.parameters {
                let found = self.fixture_for(at, outline.text(parameter.name));
                if let Some(fixture) = found.filter(|fixture| !seen.contains(fixture)) {
                    if self.stands_inside(fixture, &wanted) {
                        return true;
                    }
                    seen.push(fixture);
                }
            }
        }
        false
    }

    /// Whether what a fixture gives is given inside a `with` of a wanted library, or the fixture
    /// is decorated by one.
    fn stands_inside(&self, fixture: FunctionRef, wanted: impl Fn(&str) -> bool) -> bool {
        let own = self.project.function(fixture);
        let facts = self.project.facts(fixture.module);
        let is_wanted = |body_id: BodyId, id: ExprId| {
            let body = facts.body(body_id);
            let head = body.callee(id).unwrap_or(id);
            let at = ExprRef { module: fixture.module, body: body_id, id: head };
            let library = |name: &str| wanted(name.split('.').next().unwrap_or_default());
            match self.value(at) {
                Type::External(name) | Type::ExternalInstance(name) => library(&name),
                _ => false,
            }
        };
        let body = facts.body(own.body);
        facts.body(own.home).list(own.decorators).iter().any(|&id| is_wanted(own.home, id))
            || body.stmts_in_block(own.block).any(|stmt| match &body.stmt(stmt).kind {
                StmtKind::With { items, .. } => {
                    items.iter().any(|item| is_wanted(own.body, item.manager))
                }
                _ => false,
            })
    }

    /// The fixture that a test finds under a name: in its class, its module, or the closest
    /// `conftest.py`.
    fn fixture_for(&self, test: FunctionRef, name: &str) -> Option<FunctionRef> {
        let project = self.project;
        let class = project.function(test).class.map(|id| ClassRef::new(test.module, id));
        let is_other = |fixture: &FunctionRef| *fixture != test;
        let in_class = class.and_then(|class| match self.look_up(&self.mro(class), name) {
            Ok(Type::Function(found)) => Some(found),
            _ => None,
        });
        if let Some(found) = in_class {
            return Some(found).filter(|&found| self.is_fixture(found)).filter(is_other);
        }
        let mut modules = std::iter::once(test.module).chain(project.conftests(test.module));
        modules.find_map(|module| self.fixture_of(module, name).filter(is_other))
    }

    /// The fixture that a module defines or imports under a name.
    fn fixture_of(&self, module: ModuleId, name: &str) -> Option<FunctionRef> {
        let outline = &self.project.facts(module).outline;
        let bound = outline.names.get(name)?;
        let renamed = outline.function_ids().map(|id| FunctionRef { module, id }).find(|&at| {
            self.project.function_name(at) != name && self.fixture_name(at) == Some(bound)
        });
        if renamed.is_some() {
            return renamed;
        }
        let is_one = outline.bindings(MODULE_SCOPE, bound).len() == 1;
        match self.scope_name(module, MODULE_SCOPE, bound) {
            Type::Function(found) if is_one && self.is_fixture(found) => {
                self.fixture_name(found).is_none().then_some(found)
            }
            _ => None,
        }
    }

    /// The decorator that makes a fixture of a function.
    fn fixture_decorator(&self, function: FunctionRef) -> Option<ExprId> {
        let own = self.project.function(function);
        let home = self.project.facts(function.module).body(own.home);
        home.list(own.decorators).iter().copied().find(|&id| {
            let head = ExprRef {
                module: function.module,
                body: own.home,
                id: home.callee(id).unwrap_or(id),
            };
            matches!(self.value(head), Type::External(name) if DECORATORS.contains(&&*name))
        })
    }

    fn is_fixture(&self, function: FunctionRef) -> bool {
        self.fixture_decorator(function).is_some()
    }

    /// `x` of `@pytest.fixture(name="x")`.
    fn fixture_name(&self, function: FunctionRef) -> Option<Name> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let home = facts.body(own.home);
        let keyword = facts.outline.names.get("name")?;
        let mut named =
            home.list(own.decorators).iter().filter_map(|&id| home.keyword(id, keyword));
        match home.kind(named.next()?) {
            ExprKind::Str(name) if self.is_fixture(function) => name,
            _ => None,
        }
    }

    /// What a fixture, or another function that a library calls for what it needs, returns or yields.
    pub(crate) fn provided(&self, fixture: FunctionRef) -> Type {
        let own = self.project.function(fixture);
        if !own.is_generator {
            return self.returns(fixture);
        }
        match self.yields(fixture) {
            // What is yielded is what a test gets: an annotation may name the class beside it.
            value @ (Type::Instance(_) | Type::Unknown(Reason::Replaced)) => value,
            Type::ExternalInstance(class) if class.starts_with("unittest.mock.") => {
                Type::ExternalInstance(class)
            }
            _ if own.returns.is_some() => self.returns(fixture),
            Type::None => Type::Unknown(Reason::UnannotatedParameter),
            value => value,
        }
    }

    /// The type of a parameter that has an annotation, where the function is a test or a fixture:
    /// nothing checks what pytest hands over against the annotation.
    pub(crate) fn checked_by_fixture(
        &self,
        function: FunctionRef,
        index: usize,
        annotated: Type,
    ) -> Type {
        let Type::Instance(promised) = annotated else { return annotated };
        let given = self.ask(Question::Given(function, index), || {
            let unknown = Type::Unknown(Reason::UnannotatedParameter);
            self.given_by_fixture(function, index).unwrap_or(unknown)
        });
        let Type::Instance(class) = given else { return annotated };
        let order = self.mro(class);
        match () {
            () if order.contains(&Ancestor::Project(promised)) => given,
            () if order.contains(&Ancestor::Unknown) || self.is_protocol(promised) => annotated,
            () => Type::Unknown(Reason::Disagreement),
        }
    }

    /// Whether a fixture that is a coroutine function may be handed over unawaited: the test awaits
    /// it.
    fn hands_over_awaitable(&self, fixture: FunctionRef, test: FunctionRef, name: Name) -> bool {
        let own = self.project.function(test);
        let body = self.project.facts(test.module).body(own.body);
        let reads = self.reads_of(test.module, own.body, own.scope, name);
        self.project.function(fixture).is_async
            && reads
                .into_iter()
                .any(|read| matches!(body.expr(read).usage, Usage::Awaited | Usage::AsyncIterated))
    }

    /// Whether a decorator of the test, or of its class, gives the parameter its values.
    fn may_be_parametrized(&self, test: FunctionRef, name: &str) -> bool {
        let own = self.project.function(test);
        let facts = self.project.facts(test.module);
        let class = own.class.map(|id| facts.outline.class(id));
        let of_class = class.map(|class| (class.home, class.decorators));
        let mut decorators = std::iter::once((own.home, own.decorators)).chain(of_class);
        decorators.any(|(home, list)| {
            let home = facts.body(home);
            home.list(list).iter().any(|&id| {
                let called = home.called_name(id).map(|name| facts.outline.text(name));
                called == Some("parametrize")
                    && home.arguments(id).first().is_none_or(|first| {
                        home.exprs_below(first.value).any(|id| match home.kind(id) {
                            ExprKind::Str(Some(names)) => {
                                let mut names = facts.outline.text(names).split(',');
                                names.any(|one| one.trim() == name)
                            }
                            ExprKind::List(_) | ExprKind::Tuple(_) => false,
                            _ => true,
                        })
                    })
            })
        })
    }
}

/// Whether the function is defined in a module or in a class of one.
fn is_at_top(project: &Project<'_>, function: FunctionRef) -> bool {
    let outline = &project.facts(function.module).outline;
    let home: ScopeId = outline.function(function.id).home_scope;
    match outline.scope(home).kind {
        ScopeKind::Class(id) => outline.class(id).home_scope == MODULE_SCOPE,
        _ => home == MODULE_SCOPE,
    }
}

/// Whether pytest collects the function by its name, and its file by the file's.
fn is_test(project: &Project<'_>, function: FunctionRef) -> bool {
    let path = &project.module(function.module).place.path;
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    project.function_name(function).starts_with("test")
        && (file.starts_with("test") || file.ends_with("_test"))
}
