//! What a lint sees and how it reports.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;

use asynclint_catalog::Catalog;
use asynclint_diagnostics::{Diagnostic, FileId, Fix, Label, Level};
use asynclint_parser::{SourceFile, Span};
use asynclint_project::{Callee, FunctionRef, Gives, ModuleId, Resolver};
use asynclint_semantic::exits::Open;
use asynclint_semantic::{
    Binding, BindingKind, Body, BodyId, ExprId, ExprKind, Facts, Function, FunctionId,
    MODULE_SCOPE, Paths, Reached, Scope, ScopeId, StmtId, StmtKind, Usage,
};

use crate::blocking::Leads;
use crate::{Group, Library, Lint, Settings};

/// The text of a module, read when a fix first quotes it; `None` if it cannot be read.
pub type Text<'a> = dyn Deref<Target = Option<SourceFile>> + 'a;

/// One module under one lint.
pub struct Context<'a> {
    resolver: &'a Resolver<'a>,
    text: &'a Text<'a>,
    module: ModuleId,
    settings: &'a Settings,
    lint: &'static Lint,
    level: Level,
    found: &'a mut Vec<Diagnostic>,
    imports: OnceCell<Vec<(ScopeId, &'a Binding)>>,
    pub(crate) calls: &'a Calls,
    /// Of the function that was asked about last: each of its calls may ask.
    paths: RefCell<Option<(FunctionId, Rc<Paths<'a>>)>>,
    /// Of the same.
    behind: RefCell<Option<(FunctionId, Rc<Reached>)>>,
}

/// The calls of a module: most lints ask for them.
#[derive(Debug, Default)]
pub struct Calls {
    all: OnceCell<Vec<Site>>,
    /// The expression that each lambda is, in the body that it stands in.
    lambdas: OnceCell<BTreeMap<FunctionId, ExprId>>,
    /// Whether the code of a function replaces other code, as far as it was asked.
    replacing: RefCell<BTreeMap<FunctionId, bool>>,
    /// The functions whose coroutines are given to what runs an event loop.
    pub(crate) given_to_runners: OnceCell<BTreeSet<FunctionId>>,
    /// The coroutine functions of a script in which nothing runs beside them.
    pub(crate) alone: OnceCell<BTreeSet<FunctionId>>,
    /// What ends the program.
    pub(crate) exits: OnceCell<ProgramEnds>,
    /// What blocks in a coroutine, as far as it was asked.
    pub(crate) leads: RefCell<BTreeMap<FunctionId, Rc<Leads>>>,
    /// Whether the names around the module say that it is of tests, and that it is for show.
    pub(crate) is_test_module: OnceCell<bool>,
    pub(crate) is_showcase: OnceCell<bool>,
}

/// Statements that end the program, in the order of the text, by the statement around them.
pub(crate) type ProgramEnds = BTreeMap<(BodyId, Option<StmtId>), Vec<StmtId>>;

/// An expression of the module that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its body.
    pub body: BodyId,
    /// Its place there.
    pub expr: ExprId,
}

/// Whether a lint judges a call by itself. All others conclude from what the rest of a file does or
/// does not do as well, and say nothing where a part of it could not be read.
fn judges_calls_alone(lint: &Lint) -> bool {
    lint.group == Group::Blocking || lint.name == "missing-await"
}

/// Whether a lint says what holds for CPython's asyncio and not for that of `MicroPython`, which keeps
/// its tasks, has threads only here and there, and goes by other releases.
fn is_about_cpython(lint: &Lint) -> bool {
    matches!(lint.group, Group::Blocking | Group::EventLoop | Group::Tasks)
        || matches!(lint.name, "await-on-plain-value" | "await-outside-async")
}

impl<'a> Context<'a> {
    /// Runs `lint` at `level` over `module`, whose text is `text`, and whose calls are found by the
    /// lint that first needs them. The number of a module is that of its file.
    pub fn run(
        lint: &'static Lint,
        level: Level,
        resolver: &'a Resolver<'a>,
        (module, text, calls): (ModuleId, &'a Text<'a>, &'a Calls),
        settings: &'a Settings,
        found: &'a mut Vec<Diagnostic>,
    ) {
        let is_whole = resolver.project().facts(module).errors.is_empty();
        if !is_whole && !judges_calls_alone(lint)
            || is_about_cpython(lint) && resolver.project().is_for_micropython(module)
        {
            return;
        }
        let mut context = Self {
            resolver,
            text,
            module,
            settings,
            lint,
            level,
            found,
            imports: OnceCell::new(),
            paths: RefCell::default(),
            behind: RefCell::default(),
            calls,
        };
        (lint.check)(&mut context);
    }

    /// The module that is checked.
    pub fn module(&self) -> ModuleId {
        self.module
    }

    /// What names and calls refer to.
    pub fn resolver(&self) -> &'a Resolver<'a> {
        self.resolver
    }

    /// The facts of the module.
    pub fn facts(&self) -> &'a Facts {
        self.resolver.project().facts(self.module)
    }

    /// The text of the module, for fixes alone: what is found must not depend on it.
    pub(crate) fn text(&self) -> Option<&'a SourceFile> {
        self.text.as_ref()
    }

    /// A body of the module.
    pub fn body(&self, id: BodyId) -> &'a Body {
        self.facts().body(id)
    }

    /// What the imports in a scope bind. Fixes ask for each finding, and a scope may bind very many
    /// names.
    pub(crate) fn imports_in(&self, scope: ScopeId) -> impl Iterator<Item = &'a Binding> {
        let outline = &self.facts().outline;
        let all = self.imports.get_or_init(|| {
            let of_scope = |(id, scope): (u32, &'a Scope)| {
                let imports =
                    scope.bindings.iter().filter(|it| matches!(it.kind, BindingKind::Import(_)));
                imports.map(move |binding| (ScopeId(id), binding))
            };
            (0..).zip(&outline.scopes).flat_map(of_scope).collect()
        });
        let from = all.partition_point(|(at, _)| *at < scope);
        all[from..].iter().take_while(move |(at, _)| *at == scope).map(|&(_, binding)| binding)
    }

    /// What is known of libraries.
    pub fn catalog(&self) -> &'a Catalog {
        self.resolver.project().catalog()
    }

    /// What the project says of itself.
    pub fn settings(&self) -> &Settings {
        self.settings
    }

    /// A function of the module.
    pub fn function(&self, id: FunctionId) -> &'a Function {
        self.facts().outline.function(id)
    }

    /// A function of the module, as other modules name it.
    pub fn reference(&self, id: FunctionId) -> FunctionRef {
        FunctionRef { module: self.module, id }
    }

    /// The coroutines and async generators that could be read whole.
    pub fn coroutines(&self) -> impl Iterator<Item = FunctionId> + use<'a> {
        let outline = &self.facts().outline;
        outline.function_ids().filter(|&id| {
            let function = outline.function(id);
            function.is_async && !function.is_broken
        })
    }

    /// Every call that could be read, in functions, classes and the module's own code, in the
    /// order of the text.
    pub fn calls(&self) -> impl Iterator<Item = Site> + use<'a> {
        let find = || self.sites(|kind| matches!(kind, ExprKind::Call { .. })).collect();
        self.calls.all.get_or_init(find).iter().copied()
    }

    /// The expression that a lambda is, in its home; `None` for other functions. All are found at
    /// once, since a table may hold thousands.
    pub fn lambda(&self, function: FunctionId) -> Option<ExprId> {
        let all = || {
            let facts = self.facts();
            let exprs = facts.body_ids().flat_map(|id| {
                let body = facts.body(id);
                body.expr_ids().map(move |expr| (body.kind(expr), expr))
            });
            let lambdas = exprs.filter_map(|(kind, expr)| match kind {
                ExprKind::Lambda(id) => Some((id, expr)),
                _ => None,
            });
            lambdas.collect()
        };
        self.calls.lambdas.get_or_init(all).get(&function).copied()
    }

    /// Every expression of a wanted kind that could be read.
    pub fn sites(&self, wanted: fn(ExprKind) -> bool) -> impl Iterator<Item = Site> + use<'a> {
        let facts = self.facts();
        facts.body_ids().flat_map(move |id| {
            let body = facts.body(id);
            body.expr_ids()
                .filter(move |&expr| wanted(body.kind(expr)))
                .map(move |expr| Site { body: id, expr })
                .filter(move |&site| is_readable(facts, site))
        })
    }

    /// The ways through a function.
    pub fn paths(&self, function: FunctionId) -> Rc<Paths<'a>> {
        if let Some((last, found)) = &*self.paths.borrow()
            && *last == function
        {
            return Rc::clone(found);
        }
        let own = self.function(function);
        let found = Rc::new(Paths::of(self.body(own.body), own.block, &Open));
        *self.paths.borrow_mut() = Some((function, Rc::clone(&found)));
        found
    }

    /// Where control may arrive behind something that suspends the function.
    pub(crate) fn behind_suspensions(&self, function: FunctionId) -> Rc<Reached> {
        if let Some((last, found)) = &*self.behind.borrow()
            && *last == function
        {
            return Rc::clone(found);
        }
        let points = self.resolver.own_suspensions(self.reference(function));
        let found = self.paths(function).from_any(points.iter().map(|&(stmt, _)| stmt));
        let found = Rc::new(found);
        *self.behind.borrow_mut() = Some((function, Rc::clone(&found)));
        found
    }

    /// Whether the code that an expression stands in could be read.
    pub fn is_readable(&self, site: Site) -> bool {
        is_readable(self.facts(), site)
    }

    /// Whether the code of `function` replaces other code, which `find` finds out once: it goes
    /// through the whole function, which may hold thousands of others.
    pub(crate) fn replacing(&self, function: FunctionId, find: impl FnOnce() -> bool) -> bool {
        if let Some(&known) = self.calls.replacing.borrow().get(&function) {
            return known;
        }
        let found = find();
        self.calls.replacing.borrow_mut().insert(function, found);
        found
    }

    /// What a call calls.
    pub fn callee(&self, site: Site) -> Callee {
        self.resolver.callee(self.module, site.body, site.expr)
    }

    /// What a call gives.
    pub fn gives(&self, callee: &Callee) -> Gives {
        self.resolver.gives(callee)
    }

    /// What a call of `callee` gives, also where that is a plain function which returns an awaitable
    /// whatever happens in it.
    pub fn gives_in_the_end(&self, callee: &Callee) -> Gives {
        match (self.gives(callee), callee) {
            (Gives::Plain, Callee::Known(function)) => {
                let returned = self.resolver.returned_awaitable(*function);
                returned.map_or(Gives::Plain, |returned| returned.gives)
            }
            (gives, _) => gives,
        }
    }

    /// Where the project defines what a call calls, as evidence that it is a coroutine.
    pub fn definition(&self, callee: &Callee) -> Option<(ModuleId, Span, String)> {
        let Callee::Known(function) = callee else { return None };
        let project = self.resolver.project();
        let own = project.function(*function);
        let name = project.function_name(*function);
        let returned = self.resolver.returned_awaitable(*function).filter(|_| !own.is_async);
        let (span, shows) = match returned {
            Some(returned) if returned.is_annotation => {
                let what = match returned.gives {
                    Gives::Started => "says here that it returns a future",
                    _ => "says here that it returns a coroutine",
                };
                (returned.span, what)
            }
            Some(returned) => (returned.span, "returns it without `await` here"),
            None if own.is_async => (own.name_span, "is defined as `async def` here"),
            None => (own.name_span, "is made a coroutine function by its decorator"),
        };
        Some((function.module, span, format!("`{name}` {shows}")))
    }

    /// Where the project defines a function, as evidence of what it is.
    pub(crate) fn defined(&self, function: FunctionRef) -> (ModuleId, Span, String) {
        let project = self.resolver.project();
        let own = project.function(function);
        let word = if own.is_async { "async def" } else { "def" };
        let name = project.function_name(function);
        (function.module, own.name_span, format!("`{name}` is defined as `{word}` here"))
    }

    /// The qualified name of what a call calls, if a library has it.
    pub fn library_name(&self, site: Site) -> Option<Rc<str>> {
        match self.callee(site) {
            Callee::External(name) => Some(self.catalog().canonical(&name).into()),
            _ => None,
        }
    }

    /// Where an expression stands.
    pub fn span(&self, site: Site) -> Span {
        self.body(site.body).span(site.expr)
    }

    /// What becomes of the value of an expression.
    pub fn usage(&self, site: Site) -> Usage {
        self.body(site.body).expr(site.expr).usage
    }

    /// The function that an expression runs in.
    pub fn function_of(&self, site: Site) -> Option<FunctionId> {
        self.facts().outline.function_of(self.body(site.body).expr(site.expr).scope)
    }

    /// Whether an expression runs in a coroutine.
    pub fn in_coroutine(&self, site: Site) -> bool {
        self.function_of(site).is_some_and(|id| self.function(id).is_async)
    }

    /// The last name of a dotted expression.
    pub fn last_name(&self, body: BodyId, id: ExprId) -> Option<&'a str> {
        Some(self.facts().outline.text(self.body(body).last_name(id)?))
    }

    /// The value of the argument `name=`, if the call has it.
    pub fn keyword(&self, site: Site, name: &str) -> Option<ExprId> {
        let name = self.facts().outline.names.get(name)?;
        self.body(site.body).keyword(site.expr, name)
    }

    /// Whether the statement stands in `with pytest.raises(...)` or the like, where a call is made
    /// for the error it raises or for the warning that its leftovers cause.
    pub fn in_error_test(&self, body: BodyId, stmt: StmtId) -> bool {
        let code = self.body(body);
        code.enclosing(stmt).any(|outer| match &code.stmt(outer).kind {
            StmtKind::With { items, .. } => {
                items.iter().any(|item| self.expects_error(Site { body, expr: item.manager }))
            }
            _ => false,
        })
    }

    /// Whether the module names `name` in a string, as in `patch("shop.fetch")` and
    /// `setattr(shop, "fetch", fake)`: it puts something else in its place.
    pub fn is_patched(&self, name: &str) -> bool {
        let facts = self.facts();
        facts.body_ids().any(|id| {
            let body = facts.body(id);
            body.expr_ids().any(|expr| {
                let ExprKind::Str(Some(text)) = body.kind(expr) else { return false };
                let text = facts.outline.text(text);
                let callee = || body.callee(body.expr(expr).parent?);
                let last = || self.last_name(id, callee()?);
                match text.strip_suffix(name) {
                    Some("") => matches!(last(), Some("object" | "setattr")),
                    Some(before) => before.ends_with('.') && !before.contains(' '),
                    None => false,
                }
            })
        })
    }

    /// Whether the context manager takes the error that its block is there for.
    pub(crate) fn expects_error(&self, manager: Site) -> bool {
        let callee = self.body(manager.body).callee(manager.expr);
        match callee.and_then(|callee| self.last_name(manager.body, callee)) {
            Some("raises" | "warns" | "deprecated_call" | "RaisesGroup" | "check_warnings") => true,
            Some("catch_warnings") => self.keyword(manager, "record").is_some_and(|value| {
                self.body(manager.body).kind(value) == ExprKind::Boolean(true)
            }),
            Some(name) => {
                let prefixes = ["assertRaises", "assertWarns", "assert_raises"];
                prefixes.iter().any(|prefix| name.starts_with(prefix))
                    || callee.is_some_and(|expr| self.gives_error_test(Site { expr, ..manager }))
            }
            None => false,
        }
    }

    /// Whether the name is that of a function or lambda of the file that returns such a manager.
    fn gives_error_test(&self, callee: Site) -> bool {
        let body = self.body(callee.body);
        let outline = &self.facts().outline;
        let ExprKind::Name(name) = body.kind(callee.expr) else { return false };
        let Some(scope) = outline.lookup(body.expr(callee.expr).scope, name) else { return false };
        let [binding] = outline.bindings(scope, name) else { return false };
        let function = match binding.kind {
            BindingKind::Function(function) => function,
            BindingKind::Assigned(value) => match self.body(binding.body).kind(value) {
                ExprKind::Lambda(function) => function,
                _ => return false,
            },
            _ => return false,
        };
        let own = self.function(function);
        let code = self.body(own.body);
        code.stmts_in_block(own.block).any(|id| match code.stmt(id).kind {
            StmtKind::Return(Some(expr)) => {
                // What returns its own call is no such function.
                code.callee(expr).is_some_and(|it| code.kind(it) != ExprKind::Name(name))
                    && self.expects_error(Site { body: own.body, expr })
            }
            _ => false,
        })
    }

    /// The async library of the file: as configured, else the one it imports, else asyncio.
    pub fn library(&self) -> Library {
        if let Some(library) = self.settings.library {
            return library;
        }
        let outline = &self.facts().outline;
        let first = |says_so: &dyn Fn(&str) -> bool| {
            let all = [Library::Asyncio, Library::Trio, Library::Anyio];
            all.into_iter().find(|library| says_so(library.as_str()))
        };
        // `from anyio import sleep` says it as well.
        first(&|name| outline.binds(MODULE_SCOPE, name))
            .or_else(|| first(&|name| outline.imports(name)))
            .unwrap_or(Library::Asyncio)
    }

    /// What runs a coroutine from plain code, with the library and target of the file.
    pub(crate) fn runner(&self) -> &'static str {
        match self.library() {
            Library::Asyncio if self.settings.target < (3, 7) => "loop.run_until_complete",
            Library::Asyncio => "asyncio.run",
            Library::Anyio => "anyio.run",
            Library::Trio => "trio.run",
        }
    }

    /// Whether what the module awaits are the deferreds of Twisted: nothing throws a cancellation
    /// into a coroutine there, and the error of a deferred that is cancelled is an `Exception`.
    pub(crate) fn awaits_deferreds(&self) -> bool {
        let outline = &self.facts().outline;
        let imports = |root: &&str| outline.imports(root);
        imports(&"twisted") && !["anyio", "asyncio", "trio"].iter().any(imports)
    }

    /// How to have an async generator closed that is made by `call`, as the target version allows.
    pub fn closing(&self, call: &str) -> String {
        if self.settings.target >= (3, 10) {
            format!("iterate it in `async with contextlib.aclosing({call}) as ...`")
        } else {
            "close it with `aclose()` in a `finally`".to_owned()
        }
    }

    /// Reports a finding at `span` of the module.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Report<'_> {
        let file = FileId(self.module.0);
        self.found.push(Diagnostic {
            lint: self.lint.name,
            level: self.level,
            message: message.into(),
            primary: Label { file, span, message: String::new() },
            secondary: Vec::new(),
            chain: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        });
        let last = self.found.len() - 1;
        Report { diagnostic: &mut self.found[last] }
    }
}

fn is_readable(facts: &Facts, site: Site) -> bool {
    match facts.outline.function_of(facts.body(site.body).expr(site.expr).scope) {
        Some(function) => !facts.outline.function(function).is_broken,
        None => facts.errors.is_empty(),
    }
}

/// A finding that is being described.
pub struct Report<'r> {
    diagnostic: &'r mut Diagnostic,
}

impl Report<'_> {
    /// Says why, at the primary place.
    pub fn label(self, message: impl Into<String>) -> Self {
        self.diagnostic.primary.message = message.into();
        self
    }

    /// Shows evidence elsewhere.
    pub fn evidence(self, module: ModuleId, span: Span, message: impl Into<String>) -> Self {
        let file = FileId(module.0);
        self.diagnostic.secondary.push(Label { file, span, message: message.into() });
        self
    }

    /// Shows evidence in the file of the finding.
    pub fn evidence_here(self, span: Span, message: impl Into<String>) -> Self {
        let file = self.diagnostic.primary.file;
        self.diagnostic.secondary.push(Label { file, span, message: message.into() });
        self
    }

    /// Adds a hop on the way to the cause.
    pub fn hop(self, module: ModuleId, span: Span, message: impl Into<String>) -> Self {
        let file = FileId(module.0);
        self.diagnostic.chain.push(Label { file, span, message: message.into() });
        self
    }

    /// Adds a fact.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.diagnostic.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    /// Offers a fix, if there is one.
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        self.diagnostic.fix = fix.into();
        self
    }
}
