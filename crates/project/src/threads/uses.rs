//! Where else functions are used that run in threads.

use asynclint_semantic::{ExprKind, Name, Usage};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Candidates;
use crate::Project;
use crate::modules::unread::Word;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{FunctionRef, ModuleId, Type};

/// What is done with a function besides handing it to a thread.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The functions that call it.
    pub(super) callers: Vec<FunctionRef>,
    /// It is called outside functions, or passed on, or may be.
    pub(super) elsewhere: bool,
}

/// The uses of `candidates` over the whole project. `handed` are the expressions that hand them to
/// threads.
pub(super) fn uses(
    project: &Project<'_>,
    candidates: &Candidates,
    handed: &FxHashSet<ExprRef>,
) -> FxHashMap<FunctionRef, Uses> {
    let mut named: FxHashMap<&str, Vec<FunctionRef>> = FxHashMap::default();
    for (function, why) in &candidates.all {
        if project.function(*function).name.is_some() && !why.is_method {
            named.entry(project.function_name(*function)).or_default().push(*function);
        }
    }
    let mut found: FxHashMap<FunctionRef, Uses> = FxHashMap::default();
    let words: Vec<Word> = named.keys().map(|name| Word::name(name)).collect();
    for module in project.holding(&words) {
        let outline = &project.facts(module).outline;
        let wanted: FxHashMap<Name, &Vec<FunctionRef>> = outline
            .names
            .all()
            .filter_map(|name| Some((name, named.get(outline.text(name))?)))
            .collect();
        if !wanted.is_empty() {
            in_module(&Resolver::new(project), module, &wanted, handed, &mut found);
        }
    }
    found
}

fn in_module(
    resolver: &Resolver<'_>,
    module: ModuleId,
    wanted: &FxHashMap<Name, &Vec<FunctionRef>>,
    handed: &FxHashSet<ExprRef>,
    found: &mut FxHashMap<FunctionRef, Uses>,
) {
    let facts = resolver.project.facts(module);
    for id in facts.body_ids() {
        let body = facts.body(id);
        for expr in body.expr_ids() {
            let (name, is_attribute) = match body.kind(expr) {
                ExprKind::Name(name) => (name, false),
                ExprKind::Attribute { name, .. } => (name, true),
                _ => continue,
            };
            let at = ExprRef { module, body: id, id: expr };
            let usage = body.expr(expr).usage;
            let Some(known) = wanted.get(&name) else { continue };
            if usage == Usage::Target || handed.contains(&at) {
                continue;
            }
            let caller = resolver.function_of(module, body.expr(expr).scope);
            let caller = caller.filter(|_| usage == Usage::Called);
            match resolver.value(at) {
                Type::Function(function) | Type::Method(function) if known.contains(&function) => {
                    let uses = found.entry(function).or_default();
                    uses.callers.extend(caller);
                    uses.elsewhere |= caller.is_none();
                }
                // It may be a method of an object of which nothing is known.
                Type::Unknown(_) | Type::Union(_) if is_attribute => {
                    let is_private = facts.outline.text(name).starts_with('_');
                    let may_be = |function: &&FunctionRef| {
                        let is_method = resolver.project.function(**function).class.is_some();
                        is_method && (function.module == module || !is_private)
                    };
                    for function in known.iter().filter(may_be) {
                        found.entry(*function).or_default().elsewhere = true;
                    }
                }
                _ => {}
            }
        }
    }
}
