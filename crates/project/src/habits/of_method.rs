//! What the project does with the values of calls of a method, whatever it is called on: where all
//! methods of a name are coroutine functions, an object that nothing is known of has one, too.

use asynclint_parser::Span;
use asynclint_semantic::{
    BindingKind, Body, ExprId, ExprKind, Facts, FunctionId, ScopeKind, Usage,
};
use rustc_hash::FxHashMap;

use super::{Counts, RUN_AWAITABLES, Sign, awaited_names, hash, root, sign};
use crate::Project;
use crate::calls::gives::Gives;
use crate::resolver::Resolver;
use crate::types::{Callee, FunctionRef, ModuleId};

/// What is done with the values of calls of a method that is a coroutine function wherever the
/// project defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodHabit {
    /// The first definition.
    pub definition: FunctionRef,
    /// All calls.
    pub calls: Counts,
    /// One that is awaited, the first by path and place, if any is.
    pub example: Option<(ModuleId, Span)>,
}

/// The methods of a project, by root and hash of the name.
#[derive(Debug, Default)]
pub(crate) struct Methods {
    by_name: FxHashMap<(u64, u64), Named>,
}

/// What is known of one name.
#[derive(Debug, Default)]
struct Named {
    definition: Option<FunctionRef>,
    /// Whether something else has the name as well.
    is_mixed: bool,
    calls: Counts,
    example: Option<(ModuleId, Span)>,
}

impl Methods {
    /// Of all names, or of one.
    fn of(project: &Project<'_>, only: Option<&str>) -> Self {
        let mut modules = project.modules_for(only);
        // Numbers go by files, and `a/__init__.py` comes behind `a/b.py`.
        modules.sort_by(|&a, &b| project.module(a).place.path.cmp(&project.module(b).place.path));
        let resolver = Resolver::new(project);
        let mut methods = Self::default();
        for &module in &modules {
            methods.define(module, &resolver, only);
        }
        methods.by_name.retain(|_, named| named.definition.is_some());
        for module in modules {
            methods.read(module, project, only);
        }
        methods.by_name.retain(|_, named| !named.is_mixed);
        methods.by_name.shrink_to_fit();
        methods
    }

    fn define(&mut self, module: ModuleId, resolver: &Resolver<'_>, only: Option<&str>) {
        let project = resolver.project();
        let (facts, root) = (project.facts(module), root(project, module));
        let outline = &facts.outline;
        let is_wanted = |name: &str| only.is_none_or(|only| only == name);
        for (id, function) in (0..).map(FunctionId).zip(&outline.functions) {
            let Some(name) = function.name.map(|name| outline.text(name)) else { continue };
            if !is_wanted(name) || (function.class.is_none() && function.is_async) {
                continue;
            }
            let named = self.by_name.entry((root, hash(name))).or_default();
            let at = FunctionRef { module, id };
            if function.is_async && resolver.gives(&Callee::Known(at)) == Gives::Coroutine {
                named.definition.get_or_insert(at);
            } else {
                named.is_mixed = true;
            }
        }
        let classes = outline.scopes.iter().filter(|it| matches!(it.kind, ScopeKind::Class(_)));
        for binding in classes.flat_map(|scope| &scope.bindings) {
            let name = outline.text(binding.name);
            if is_wanted(name) && !matches!(binding.kind, BindingKind::Function(_)) {
                self.by_name.entry((root, hash(name))).or_default().is_mixed = true;
            }
        }
    }

    fn read(&mut self, module: ModuleId, project: &Project<'_>, only: Option<&str>) {
        let (facts, root) = (project.facts(module), root(project, module));
        for id in facts.body_ids() {
            let body = facts.body(id);
            let awaited = awaited_names(body);
            for expr in body.expr_ids() {
                let Some(name) = attribute(facts, body, expr) else { continue };
                if only.is_some_and(|only| only != name) {
                    continue;
                }
                let Some(named) = self.by_name.get_mut(&(root, hash(name))) else { continue };
                if body.expr(expr).usage == Usage::Target {
                    named.is_mixed = true;
                    continue;
                }
                let call = body.expr(expr).parent.filter(|&id| body.callee(id) == Some(expr));
                let Some(call) = call else { continue };
                let sign = match sign(facts, body, call, &awaited) {
                    _ if is_run(facts, body, call) => Sign::Awaited,
                    Some(sign) => sign,
                    None => continue,
                };
                if sign == Sign::Awaited {
                    named.example.get_or_insert((module, body.span(call)));
                }
                named.calls.add(sign);
            }
        }
    }
}

/// Whether the value of the call is given to what runs it: `loop.run_until_complete(store.open())`.
fn is_run(facts: &Facts, body: &Body, call: ExprId) -> bool {
    let taker = body.expr(call).parent.and_then(|outer| body.called_name(outer));
    body.expr(call).usage == Usage::Passed
        && taker.is_some_and(|name| RUN_AWAITABLES.contains(&facts.outline.text(name)))
}

fn attribute<'a>(facts: &'a Facts, body: &Body, expr: ExprId) -> Option<&'a str> {
    match body.kind(expr) {
        ExprKind::Attribute { name, .. } => Some(facts.outline.text(name)),
        _ => None,
    }
}

impl Project<'_> {
    /// What the project does with the values of calls of a method of that name, if all methods of
    /// that name are coroutine functions and nothing else has it.
    pub fn method_habit(&self, module: ModuleId, name: &str) -> Option<MethodHabit> {
        self.reads.note_all();
        let methods = if self.is_partly_read() {
            self.methods.part(&name.into(), || Methods::of(self, Some(name)))
        } else {
            self.methods.whole(|| Methods::of(self, None))
        };
        let named = methods.by_name.get(&(root(self, module), hash(name)))?;
        Some(MethodHabit {
            definition: named.definition?,
            calls: named.calls,
            example: named.example,
        })
    }
}
