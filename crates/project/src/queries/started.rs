//! Calls that start something which somebody must hold.

use asynclint_catalog::Shade;
use asynclint_semantic::{BindingKind, BodyId, ExprId, ExprKind, Name, ScopeKind, StmtKind, Usage};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId};

/// What a call starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// A task.
    Task,
    /// A task, by a function of the project that only hands it back.
    HandedBack {
        /// The function that was called.
        wrapper: FunctionRef,
        /// The call in it, or in one that it calls, which starts the task.
        start: (ModuleId, BodyId, ExprId),
    },
    /// What `gather` runs.
    Gather,
    /// What `shield` runs.
    Shield,
}

/// How many functions may hand a task on to each other.
const MAX_DEPTH: usize = 3;

impl Resolver<'_> {
    /// What a call starts, if it starts something that only its result holds.
    pub fn started(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<Started> {
        self.started_within(ExprRef { module, body, id: call }, MAX_DEPTH)
    }

    fn started_within(&self, at: ExprRef, depth: usize) -> Option<Started> {
        let callee = self.callee(at.module, at.body, at.id);
        let name = match &callee {
            Callee::External(name) => self.project.catalog().canonical(name).to_owned(),
            Callee::Declared(_) | Callee::Unknown(_) => return self.started_by_name(at),
            Callee::Known(wrapper) => {
                let start = self.handed_back(*wrapper, depth)?;
                return Some(Started::HandedBack { wrapper: *wrapper, start });
            }
            Callee::Class(_) => return None,
        };
        let call = self.project.catalog().call(&name)?;
        if call.shade != Shade::Started || call.kept || call.runs_in_thread.is_some() {
            return None;
        }
        let arguments = self.project.facts(at.module).body(at.body).arguments(at.id);
        match name.rsplit('.').next() {
            Some("create_task") => Some(Started::Task),
            Some("ensure_future") => {
                let wrapped = arguments.first()?.value;
                self.is_new(ExprRef { id: wrapped, ..at }).then_some(Started::Task)
            }
            Some("gather") => (!arguments.is_empty()).then_some(Started::Gather),
            Some("shield") => Some(Started::Shield),
            _ => None,
        }
    }

    /// Whether `ensure_future` makes a task of this. Of a future it makes none, and whoever made
    /// the future may hold it: so may a name or an attribute of which nothing is known.
    fn is_new(&self, at: ExprRef) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::Call { .. } => !self.is_future(at.module, at.body, at.id),
            ExprKind::Name(name) => {
                self.is_coroutine(at.module, at.body, at.id) || self.is_declared_coroutine(at, name)
            }
            ExprKind::Attribute { .. } => self.is_coroutine(at.module, at.body, at.id),
            ExprKind::Named { value, .. } => self.is_new(there(value)),
            ExprKind::Conditional { branches, .. } => {
                body.list(branches).iter().all(|&branch| self.is_new(there(branch)))
            }
            ExprKind::Bool { left, right, .. } => {
                self.is_new(there(left)) && self.is_new(there(right))
            }
            _ => false,
        }
    }

    /// Whether the name is a parameter with the annotation `Coroutine`, which a task is not.
    fn is_declared_coroutine(&self, at: ExprRef, name: Name) -> bool {
        let facts = self.project.facts(at.module);
        let outline = &facts.outline;
        let scope = outline.lookup(facts.body(at.body).expr(at.id).scope, name);
        let Some(scope) = scope else { return false };
        let (ScopeKind::Function(function), [binding]) =
            (outline.scope(scope).kind, outline.bindings(scope, name))
        else {
            return false;
        };
        let BindingKind::Parameter(index) = binding.kind else { return false };
        let function = outline.function(function);
        let Some(annotation) = function.parameters[index as usize].annotation else {
            return false;
        };
        let head = match facts.body(function.home).kind(annotation) {
            ExprKind::Subscript { value, .. } => value,
            _ => annotation,
        };
        let class = self.library_name(at.module, function.home, head);
        matches!(class.as_deref(), Some("typing.Coroutine" | "collections.abc.Coroutine"))
    }

    /// `self.loop.create_task(...)`, where nothing tells what `loop` is but its name.
    fn started_by_name(&self, at: ExprRef) -> Option<Started> {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        let text = |name| facts.outline.text(name);
        let ExprKind::Attribute { value, name } = body.kind(body.callee(at.id)?) else {
            return None;
        };
        let is_loop = body
            .last_name(value)
            .is_some_and(|name| matches!(text(name), "loop" | "_loop" | "event_loop"));
        // A name that is imported or bound to an object of a known class is not this.
        let starts = text(name) == "create_task" && is_loop;
        (starts && self.is_untyped(at.module, at.body, value)).then_some(Started::Task)
    }

    /// The call that starts the task which the function hands back, if it ever returns
    /// anything, without keeping it itself.
    fn handed_back(&self, at: FunctionRef, depth: usize) -> Option<(ModuleId, BodyId, ExprId)> {
        let function = self.project.function(at);
        let is_plain = !function.is_async && !function.is_generator && !function.is_broken;
        if depth == 0
            || !is_plain
            || function.name.is_none()
            || !function.decorators.is_empty() && self.gives(&Callee::Known(at)) != Gives::Plain
            || self.is_overridden(at)
        {
            return None;
        }
        let body = self.project.facts(at.module).body(function.body);
        let mut start = None;
        for value in self.returned(at) {
            if body.kind(value) != ExprKind::None {
                start = Some(self.fresh_task(at, value, depth)?);
            }
        }
        start
    }

    /// The call that starts the task which a returned expression is, if nothing else holds it.
    fn fresh_task(
        &self,
        at: FunctionRef,
        value: ExprId,
        depth: usize,
    ) -> Option<(ModuleId, BodyId, ExprId)> {
        let facts = self.project.facts(at.module);
        let own = self.project.function(at).body;
        let body = facts.body(own);
        let there = |id| ExprRef { module: at.module, body: own, id };
        if let ExprKind::Call { .. } = body.kind(value) {
            return match self.started_within(there(value), depth - 1)? {
                Started::Task => Some((at.module, own, value)),
                Started::HandedBack { start, .. } => Some(start),
                Started::Gather | Started::Shield => None,
            };
        }
        let ExprKind::Name(name) = body.kind(value) else { return None };
        let local = self.local(at.module, own, at.id, name)?;
        let [binding] = facts.outline.bindings(local.scope, name) else { return None };
        let (BindingKind::Assigned(made) | BindingKind::Annotated { value: Some(made), .. }) =
            binding.kind
        else {
            return None;
        };
        let is_only_target = match body.stmt(binding.stmt?).kind {
            StmtKind::Assign { targets, .. } => body.list(targets).len() == 1,
            _ => true,
        };
        let holds_nothing = |&read: &ExprId| {
            let expr = body.expr(read);
            let is_own = facts.outline.function_of(expr.scope) == Some(at.id);
            let attribute = expr.parent.map(|parent| body.kind(parent));
            is_own
                && match (expr.usage, attribute) {
                    (Usage::Returned, _) => true,
                    (Usage::Object, Some(ExprKind::Attribute { name, .. })) => matches!(
                        facts.outline.text(name),
                        "add_done_callback" | "done" | "get_name" | "set_name"
                    ),
                    _ => false,
                }
        };
        let is_call = matches!(body.kind(made), ExprKind::Call { .. });
        (is_only_target && is_call && local.reads.iter().all(holds_nothing))
            .then(|| self.fresh_task(at, made, depth))?
    }

    /// The qualified name of what a call calls, of the project or of a library.
    pub fn qualified_callee(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<String> {
        match self.callee(module, body, call) {
            Callee::Known(function) => self.project.qualified_name(function),
            Callee::External(name) => Some(self.project.catalog().canonical(&name).to_owned()),
            _ => None,
        }
    }
}
