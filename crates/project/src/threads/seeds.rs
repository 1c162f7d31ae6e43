//! Functions that are handed to other threads.

use std::rc::Rc;

use asynclint_semantic::{BindingKind, BodyId, ExprId, ExprKind, Name, ScopeKind};
use rustc_hash::FxHashSet;

use super::InThread;
use super::passed::Wrappers;
use crate::Project;
use crate::classes::mro::{Ancestor, Mro};
use crate::modules::unread::Word;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Type};

/// What is handed to threads.
#[derive(Default)]
pub(super) struct Seeds {
    /// The functions, in the order of modules and text.
    pub(super) functions: Vec<(FunctionRef, InThread)>,
    /// The expressions that name them where they are handed over, to threads or processes.
    pub(super) handed: FxHashSet<ExprRef>,
}

/// Adds a callback to a future; the thread that completes a future of an executor runs it.
const ADDS_CALLBACK: &str = "add_done_callback";

/// Functions of the project between a call and what starts the thread.
const MAX_WRAPPERS: usize = 2;

pub(super) fn seeds(project: &Project<'_>) -> Seeds {
    let mut seeds = Seeds::default();
    let mut wrappers = Wrappers::default();
    let words: Vec<Word> = project.catalog().thread_names().map(Word::name).collect();
    for module in project.holding(&words) {
        let names = &project.facts(module).outline.names;
        let concerned = |name: &Name| project.catalog().may_concern_threads(names.text(*name));
        let concerned: FxHashSet<Name> = names.all().filter(concerned).collect();
        if !concerned.is_empty() {
            let resolver = Resolver::new(project);
            let hand_over = |at| resolver.handed_over(at);
            calls(&resolver, module, &concerned, &hand_over, &mut seeds, &mut wrappers);
            methods(&resolver, module, &concerned, &mut seeds);
        }
    }
    for _ in 0..MAX_WRAPPERS {
        let mut further = Wrappers::default();
        let known: FxHashSet<&str> = wrappers.keys().map(|&it| project.function_name(it)).collect();
        let words: Vec<Word> = known.iter().map(|name| Word::name(name)).collect();
        for module in project.holding(&words) {
            let names = &project.facts(module).outline.names;
            let concerned: FxHashSet<Name> =
                names.all().filter(|&name| known.contains(names.text(name))).collect();
            if !concerned.is_empty() {
                let resolver = Resolver::new(project);
                let hand_over = |at| resolver.handed_to_wrapper(at, &wrappers);
                calls(&resolver, module, &concerned, &hand_over, &mut seeds, &mut further);
            }
        }
        wrappers = further;
    }
    seeds
}

/// Adds what the calls of `concerned` names hand over, and the functions whose own arguments that
/// are.
fn calls(
    resolver: &Resolver<'_>,
    module: ModuleId,
    concerned: &FxHashSet<Name>,
    hand_over: &dyn Fn(ExprRef) -> Option<Handed>,
    seeds: &mut Seeds,
    wrappers: &mut Wrappers,
) {
    let facts = resolver.project.facts(module);
    let adds_callback = facts.outline.names.get(ADDS_CALLBACK);
    let target = facts.outline.names.get("target");
    for id in facts.body_ids() {
        let body = facts.body(id);
        for call in body.expr_ids() {
            let Some(name) = body.called_name(call) else { continue };
            let at = ExprRef { module, body: id, id: call };
            // A class of the project may be a thread under any name.
            let may_be_thread = || target.is_some_and(|name| body.keyword(call, name).is_some());
            let handed = if concerned.contains(&name) || may_be_thread() {
                hand_over(at)
            } else if Some(name) == adds_callback {
                resolver.called_when_done(at)
            } else {
                None
            };
            let Some(handed) = handed else { continue };
            let named = ExprRef { id: handed.function, ..at };
            if !seeds.handed.insert(named) || handed.other_process {
                continue;
            }
            if let Some((wrapper, argument)) = resolver.passed_through(named) {
                wrappers.insert(wrapper, argument);
            }
            let function = resolver.function_named(module, id, handed.function);
            let is_own = |it: &FunctionRef| !resolver.project.is_installed(it.module);
            if let Some(function) = function.filter(is_own) {
                let (starter, span) = (handed.starter, body.span(handed.function));
                let why = InThread { starter, module, span, caller: None, is_method: false };
                let starter = why.starter.clone();
                seeds.functions.push((function, why));
                for (argument, callback) in resolver.callbacks(named, at, function) {
                    seeds.handed.insert(ExprRef { id: argument, ..at });
                    let why = InThread {
                        starter: starter.clone(),
                        module,
                        span: body.span(argument),
                        caller: Some(function),
                        is_method: false,
                    };
                    seeds.functions.push((callback, why));
                }
            }
        }
    }
}

/// Methods that a class of a library calls in another thread, such as `run` of `Thread`.
fn methods(
    resolver: &Resolver<'_>,
    module: ModuleId,
    concerned: &FxHashSet<Name>,
    seeds: &mut Seeds,
) {
    let outline = &resolver.project.facts(module).outline;
    let catalog = resolver.project.catalog();
    for scope in &outline.scopes {
        let ScopeKind::Class(id) = scope.kind else { continue };
        for binding in scope.bindings.iter().filter(|binding| concerned.contains(&binding.name)) {
            let BindingKind::Function(function) = binding.kind else { continue };
            let name = outline.text(binding.name);
            let order = resolver.mro(ClassRef::new(module, id));
            let base = order.iter().find_map(|ancestor| match ancestor {
                Ancestor::Library(base) => thread_class(catalog, base, name),
                _ => None,
            });
            if let Some(starter) = base
                && !starts_otherwise(resolver, &order)
            {
                let function = FunctionRef { module, id: function };
                let span = outline.class(id).name_span;
                let why = InThread { starter, module, span, caller: None, is_method: true };
                seeds.functions.push((function, why));
            }
        }
    }
}

/// Whether a class of the project has a `start` of its own that calls no other: what looks like a
/// thread runs as a greenlet, or in the event loop.
fn starts_otherwise(resolver: &Resolver<'_>, order: &Mro) -> bool {
    order.iter().any(|ancestor| {
        let Ancestor::Project(class) = *ancestor else { return false };
        let facts = resolver.project.facts(class.module);
        let outline = &facts.outline;
        let Some(start) = outline.names.get("start") else { return false };
        outline.bindings(outline.class(class.id).scope, start).iter().any(|binding| {
            let BindingKind::Function(id) = binding.kind else { return false };
            let own = outline.function(id);
            let body = facts.body(own.body);
            !body.exprs_in_block(own.block).any(|id| body.called_name(id) == Some(start))
        })
    })
}

/// The class, `class` or one of its bases, that calls the method `name` in another thread.
fn thread_class(catalog: &asynclint_catalog::Catalog, class: &str, name: &str) -> Option<Box<str>> {
    let own = catalog.class(class)?;
    if own.runs_in_thread.iter().any(|method| **method == *name) {
        return Some(own.name.clone());
    }
    own.bases.iter().find_map(|base| thread_class(catalog, base, name))
}

/// A function in the hands of another thread.
pub(super) struct Handed {
    pub(super) function: ExprId,
    pub(super) starter: Box<str>,
    pub(super) other_process: bool,
}

impl Resolver<'_> {
    /// What the call hands to another thread or process.
    fn handed_over(&self, at: ExprRef) -> Option<Handed> {
        let name = match self.callee(at.module, at.body, at.id) {
            Callee::External(name) => name,
            Callee::Class(class) => self.inherited_constructor(class)?,
            _ => return None,
        };
        let catalog = self.project.catalog();
        let call = catalog.call(&name)?;
        let function = self.argument_in(call.runs_in_thread.as_ref()?, at)?;
        let starter = catalog.canonical(&name).into();
        let other_process = call.other_process || self.passes_process_pool(at);
        Some(Handed { function: self.unwrapped(at, function), starter, other_process })
    }

    /// The class of a library whose constructor a class of the project leaves as it is.
    fn inherited_constructor(&self, class: ClassRef) -> Option<Rc<str>> {
        self.mro(class).iter().find_map(|ancestor| match ancestor {
            Ancestor::Project(own) => {
                let makes = |name: &&str| self.project.class_binds(*own, name);
                ["__init__", "__new__"].iter().any(makes).then_some(None)
            }
            Ancestor::Library(name) => Some(Some(name.clone())),
            Ancestor::Unknown => Some(None),
        })?
    }

    /// What the thread that completes the future of an executor calls.
    fn called_when_done(&self, at: ExprRef) -> Option<Handed> {
        let body = self.project.facts(at.module).body(at.body);
        let ExprKind::Attribute { value, .. } = body.kind(body.callee(at.id)?) else {
            return None;
        };
        let made = self.maker(at.module, at.body, value);
        let Callee::External(name) = self.callee(at.module, at.body, made) else { return None };
        let call = self.project.catalog().call(&name)?;
        let is_future = call.returns.as_deref() == Some("concurrent.futures.Future");
        let function = body.arguments(at.id).first()?.value;
        (is_future && call.runs_in_thread.is_some()).then(|| Handed {
            function: self.unwrapped(at, function),
            starter: "concurrent.futures.Future.add_done_callback".into(),
            other_process: false,
        })
    }

    /// The function that is handed over by itself or in `functools.partial(function, ...)`.
    pub(super) fn unwrapped(&self, at: ExprRef, function: ExprId) -> ExprId {
        self.wrapped(ExprRef { id: function, ..at }).unwrap_or(function)
    }

    /// `loop.run_in_executor(process_pool, ...)`
    fn passes_process_pool(&self, at: ExprRef) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        body.arguments(at.id).iter().any(|argument| {
            match self.value(ExprRef { id: argument.value, ..at }) {
                Type::ExternalInstance(class) => {
                    let submit = self.project.catalog().member(&class, "submit");
                    submit.is_some_and(|submit| submit.other_process)
                }
                _ => false,
            }
        })
    }

    /// The function that an expression names, or the lambda that it is.
    pub(crate) fn function_named(
        &self,
        module: ModuleId,
        body: BodyId,
        id: ExprId,
    ) -> Option<FunctionRef> {
        match self.project.facts(module).body(body).kind(id) {
            ExprKind::Lambda(id) => Some(FunctionRef { module, id }),
            _ => self.function_value(module, body, id),
        }
    }
}
