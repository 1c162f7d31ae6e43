//! What the project mostly does with the value of a call, by how the call is written: where no
//! definition can be found, the other places that call alike are evidence too.

use std::hash::{BuildHasher, Hash};

use asynclint_parser::Span;
use asynclint_semantic::{Body, BodyId, ExprId, ExprKind, Facts, Name, StmtKind, Usage};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::Project;
use crate::modules::unread::Word;
use crate::types::ModuleId;

mod of_function;
mod of_method;

pub use of_function::ResultUse;
pub use of_method::MethodHabit;
pub(crate) use of_method::Methods;

/// What is done with the values of calls that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// All such calls.
    pub calls: Counts,
    /// One that is awaited: the first by path and place.
    pub example: (ModuleId, Span),
}

/// How many calls are used in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that are awaited.
    pub awaited: u32,
    /// Calls that are used as if they gave the result itself.
    pub plain: u32,
}

/// The habits of a project. Names of different files are compared by their hash.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    by_call: FxHashMap<Key, Habit>,
    by_folder: FxHashMap<(Key, u64), Counts>,
}

/// The root, and how the call is written.
type Key = (u64, u64);

/// How a receiver ends: objects that are called or subscripted are other ones than what they give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ending {
    Name,
    Called,
    Subscripted,
}

/// Functions and methods that run or schedule the awaitable they are given, whatever they are called
/// on: it is as good as awaited.
pub(crate) const RUN_AWAITABLES: &[&str] = &[
    "as_completed",
    "create_task",
    "ensure_future",
    "gather",
    "run_coroutine_threadsafe",
    "run_until_complete",
    "shield",
    "wait_for",
];

/// Others that take awaitables, and under these names much else.
const TAKE_AWAITABLES: &[&str] = &["run", "wait"];

/// What a site says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Awaited,
    Plain,
}

impl Counts {
    fn add(&mut self, sign: Sign) {
        match sign {
            Sign::Awaited => self.awaited += 1,
            Sign::Plain => self.plain += 1,
        }
    }
}

impl Habits {
    /// Of all calls, or of those that are written in one way.
    fn of(project: &Project<'_>, only: Option<u64>) -> Self {
        let holding = |word| project.holding(&[word]);
        let mut modules: Vec<ModuleId> = match only {
            None => project.module_ids().collect(),
            // Calls that nobody awaits are of no interest. Who was not asked may await them.
            Some(written) => match holding(Word::awaited_call(written)) {
                awaiting if awaiting.iter().all(|it| !project.awaits(*it, written)) => Vec::new(),
                _ => holding(Word::call(written)),
            },
        };
        // Numbers go by files, and `a/__init__.py` comes behind `a/b.py`.
        modules.sort_by(|&a, &b| project.module(a).place.path.cmp(&project.module(b).place.path));
        let mut habits = Self::default();
        for module in modules {
            habits.read(module, project, only);
        }
        habits.by_call.retain(|_, habit| habit.calls.awaited > 0);
        habits.by_call.shrink_to_fit();
        let Self { by_call, by_folder } = &mut habits;
        by_folder.retain(|(key, _), _| by_call.contains_key(key));
        by_folder.shrink_to_fit();
        habits
    }

    fn read(&mut self, module: ModuleId, project: &Project<'_>, only: Option<u64>) {
        let facts = project.facts(module);
        let (root, folder) = (root(project, module), folder(project, module));
        for id in facts.body_ids() {
            let body = facts.body(id);
            let awaited = awaited_names(body);
            for call in body.expr_ids() {
                let Some(written) = written(facts, body, call) else { continue };
                if only.is_some_and(|only| only != written) {
                    continue;
                }
                let key = (root, written);
                let Some(sign) = sign(facts, body, call, &awaited) else { continue };
                let example = (module, body.span(call));
                let habit = Habit { calls: Counts::default(), example };
                let habit = self.by_call.entry(key).or_insert(habit);
                if sign == Sign::Awaited && habit.calls.awaited == 0 {
                    habit.example = example;
                }
                habit.calls.add(sign);
                self.by_folder.entry((key, folder)).or_default().add(sign);
            }
        }
    }
}

impl Project<'_> {
    /// What the project does with the values of calls that are written like this one: the same
    /// method on a receiver of the same name; and how many of them stand in the same folder. `None`
    /// where no such call is awaited.
    pub fn habit(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<(Habit, Counts)> {
        let facts = self.facts(module);
        let written = written(facts, facts.body(body), call)?;
        let key = (root(self, module), written);
        self.reads.note_all();
        let habits = if self.is_partly_read() {
            self.habits.part(&written, || Habits::of(self, Some(written)))
        } else {
            self.habits.whole(|| Habits::of(self, None))
        };
        let habit = habits.by_call.get(&key)?;
        let near = habits.by_folder.get(&(key, folder(self, module)));
        Some((*habit, near.copied().unwrap_or_default()))
    }

    /// Whether the module awaits a call that is written in that way.
    fn awaits(&self, module: ModuleId, written: u64) -> bool {
        let mut found = false;
        each_call(self.facts(module), |call, is_awaited| found |= is_awaited && call == written);
        found
    }
}

/// Calls `visit` with how each call with a receiver and a method is written, and whether it is
/// awaited at once.
pub(crate) fn each_call(facts: &Facts, mut visit: impl FnMut(u64, bool)) {
    for body in &facts.bodies {
        for call in body.expr_ids() {
            if let Some(written) = written(facts, body, call) {
                visit(written, body.expr(call).usage == Usage::Awaited);
            }
        }
    }
}

/// How a call is written: its receiver and method, if it has both. The receiver counts by its last
/// two names: `db.orders` and `batch.orders` are two things. `self` is another object in every
/// class.
fn written(facts: &Facts, body: &Body, call: ExprId) -> Option<u64> {
    let ExprKind::Attribute { value, name } = body.kind(body.callee(call)?) else { return None };
    let (receiver, ending) = match body.kind(value) {
        ExprKind::Call { callee, .. } => (callee, Ending::Called),
        ExprKind::Subscript { value, .. } => (value, Ending::Subscripted),
        _ => (value, Ending::Name),
    };
    let text = |id| body.last_name(id).map(|name| facts.outline.text(name));
    let own = text(receiver).filter(|name| !is_self(name))?;
    let before = match body.kind(receiver) {
        ExprKind::Attribute { value, .. } => text(value).filter(|name| !is_self(name)),
        _ => None,
    };
    Some(hash((before, own, ending, facts.outline.text(name))))
}

fn is_self(name: &str) -> bool {
    matches!(name, "cls" | "self")
}

/// The outermost folder from which imports reach a module: what is imported from elsewhere is
/// another project, and its names are its own.
fn root(project: &Project<'_>, module: ModuleId) -> u64 {
    let place = &project.module(module).place;
    let roots = place.other_roots.iter().chain([&place.root]);
    hash(roots.min_by_key(|root| root.components().count()))
}

/// The folder that a module stands in.
fn folder(project: &Project<'_>, module: ModuleId) -> u64 {
    hash(project.module(module).place.path.parent())
}

fn hash(value: impl Hash) -> u64 {
    FxBuildHasher.hash_one(value)
}

/// The names that some `await` of the body awaits.
fn awaited_names(body: &Body) -> FxHashSet<Name> {
    let awaited = body.expr_ids().filter_map(|id| match body.kind(id) {
        ExprKind::Await(value) => match body.kind(value) {
            ExprKind::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    });
    awaited.collect()
}

/// What the use of the value says of it. What is passed on, returned or stored may be awaited
/// elsewhere, or not.
fn sign(facts: &Facts, body: &Body, call: ExprId, awaited: &FxHashSet<Name>) -> Option<Sign> {
    let expr = body.expr(call);
    match expr.usage {
        Usage::Awaited => Some(Sign::Awaited),
        Usage::Passed => {
            let outer = body.called_name(expr.parent?);
            let takes = outer.map(|name| facts.outline.text(name)).is_some_and(|name| {
                RUN_AWAITABLES.contains(&name) || TAKE_AWAITABLES.contains(&name)
            });
            (!takes).then_some(Sign::Plain)
        }
        Usage::Bound => (!binds_one_of(body, call, awaited)).then_some(Sign::Plain),
        Usage::Collected
        | Usage::Returned
        | Usage::Stored
        | Usage::Yielded
        | Usage::Identified
        | Usage::Annotation
        | Usage::Defined => None,
        _ => Some(Sign::Plain),
    }
}

/// Whether the statement binds the value to one of the names.
fn binds_one_of(body: &Body, value: ExprId, names: &FxHashSet<Name>) -> bool {
    match &body.stmt(body.expr(value).stmt).kind {
        StmtKind::Assign { targets, .. } => body.list(*targets).iter().any(
            |&target| matches!(body.kind(target), ExprKind::Name(name) if names.contains(&name)),
        ),
        _ => false,
    }
}
