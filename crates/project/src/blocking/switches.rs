//! Calls that a function makes only if it is given an argument that it need not be given.

use asynclint_semantic::{
    Binding, BindingKind, Body, Comparison, ExprId, ExprKind, Facts, Name, StmtId, StmtKind,
};

use super::Chain;
use super::forms::is_same;
use super::idle::waits_for_end;
use super::sockets::LOOK_UP;
use crate::classes::mro::Ancestor;
use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, Reason, Type};

/// A parameter that decides whether a function makes a call, and what it must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Switch {
    /// Its index among the parameters of the function.
    index: usize,
    /// The values with which the call is not made.
    off: Off,
    /// Where the function binds the parameter anew, each with what that hangs on: it may turn the
    /// call on as well.
    rebound: Box<[Vec<Switch>]>,
}

/// A parameter that is bound anew under a condition on another one, which is bound anew, and so on:
/// deeper than this nothing is known.
const MAX_REBOUND: u8 = 3;

/// Values of a parameter that turn a call off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    /// `None` and `False`: the call stands under `if parameter:`.
    False,
    /// `True`: it stands under `if not parameter:`.
    True,
    /// `None`: it stands under `if parameter is not None:`.
    None,
    /// Anything but `None`: it stands under `if parameter is None:`.
    Some,
    /// Every text and number but this one: it stands under `if parameter == "this":`.
    Unless(ExprRef),
    /// What is certainly no text: it stands under `if isinstance(parameter, str):`.
    NoText,
    /// An address: the call looks up a name.
    Address,
    /// A process that was found to have ended: the call waits for its end.
    Ended,
}

impl Resolver<'_> {
    /// Whether `call`, which calls `function`, gives all that the first step of a way from there
    /// hangs on.
    pub fn goes_way(
        &self,
        call: (crate::ModuleId, asynclint_semantic::BodyId, ExprId),
        function: FunctionRef,
        chain: &Chain,
    ) -> bool {
        let (module, body, id) = call;
        self.turns_on(ExprRef { module, body, id }, function, &chain.switches)
    }

    /// Whether `call`, which calls `function`, gives each of the parameters a value that may be
    /// true.
    pub(super) fn turns_on(
        &self,
        call: ExprRef,
        function: FunctionRef,
        switches: &[Switch],
    ) -> bool {
        switches.iter().all(|switch| self.leaves_on(call, function, switch))
    }

    /// What the call of `function` in the code of `caller` makes of the switches that a call there
    /// hangs on: those that the parameters of `caller` decide, which it hands on as they are.
    /// `None` if the call turns any of them off.
    pub(crate) fn handed_on(
        &self,
        caller: FunctionRef,
        call: ExprRef,
        function: FunctionRef,
        switches: &[Switch],
    ) -> Option<Vec<Switch>> {
        let own = self.project.function(caller);
        let facts = self.project.facts(call.module);
        let code = facts.body(call.body);
        let hand_on = |switch: &Switch| {
            let bound = self.bound_before(call).filter(|_| switch.rebound.is_empty())?;
            let Passed::Value(value) = self.passed(call, function, switch.index, bound) else {
                return None;
            };
            let ExprKind::Name(name) = code.kind(value) else { return None };
            let index = own.parameters.iter().position(|parameter| parameter.name == name)?;
            let stmt = code.expr(call.id).stmt;
            let rebound = self.rebindings(caller, index, stmt, MAX_REBOUND)?;
            Some(Switch { index, off: switch.off, rebound })
        };
        self.turns_on(call, function, switches)
            .then(|| switches.iter().filter_map(hand_on).collect())
    }

    fn leaves_on(&self, call: ExprRef, function: FunctionRef, switch: &Switch) -> bool {
        let Some(bound) = self.bound_before(call) else { return true };
        let is_rebound =
            || switch.rebound.iter().any(|needed| self.turns_on(call, function, needed));
        is_rebound()
            || match self.passed(call, function, switch.index, bound) {
                Passed::Value(id) => !self.turns_off(switch.off, ExprRef { id, ..call }),
                Passed::Nothing => {
                    let own = self.project.function(function);
                    let (module, body) = (function.module, own.home);
                    let default = own.parameters[switch.index].default;
                    !default
                        .is_some_and(|id| self.turns_off(switch.off, ExprRef { module, body, id }))
                }
                Passed::Unknown => true,
            }
    }

    /// Whether what is passed is an object that is neither `None` nor false: a function has no need
    /// to make its own.
    fn is_object(&self, passed: ExprRef) -> bool {
        match self.value(passed) {
            Type::Instance(class) => {
                let order = self.mro(class);
                let may_be_false = |name: &str| {
                    !matches!(self.look_up(&order, name), Err(Reason::UnknownAttribute))
                };
                !["__bool__", "__len__"].into_iter().any(may_be_false)
            }
            Type::ExternalInstance(class) => {
                !class.starts_with("builtins.") && !class.starts_with("typing.")
            }
            _ => false,
        }
    }

    /// Whether what is passed is something with which the call is not made.
    fn turns_off(&self, off: Off, passed: ExprRef) -> bool {
        match (self.body_of(passed).kind(passed.id), off) {
            (ExprKind::None, off) => !matches!(off, Off::True | Off::Some | Off::Ended),
            (ExprKind::Boolean(value), Off::False) => !value,
            (ExprKind::Boolean(value), Off::True) => value,
            (_, Off::Some | Off::True) => self.is_object(passed),
            (_, Off::Unless(wanted)) => {
                let texts = (self.literal(passed), self.literal(wanted));
                matches!(texts, (Some(passed), Some(wanted)) if passed != wanted)
            }
            (_, Off::NoText) => self.is_no_text(passed),
            (_, Off::Address) => self.is_address(passed),
            (_, Off::Ended) => self.was_found_ended(passed),
            _ => false,
        }
    }

    /// Whether what is passed is a tuple or another container, a number, or an object of a class
    /// that does not inherit from `str`.
    fn is_no_text(&self, passed: ExprRef) -> bool {
        if let ExprKind::Number(_) | ExprKind::Boolean(_) = self.body_of(passed).kind(passed.id) {
            return true;
        }
        if self.is_found_object(passed) {
            return true;
        }
        let value = self.value(passed);
        !value.parts().is_empty()
            && value.parts().iter().all(|part| match part {
                Type::None | Type::Tuple(_) | Type::Container(..) => true,
                Type::ExternalInstance(class) => {
                    matches!(&**class, "builtins.bytes" | "builtins.float" | "builtins.int")
                }
                Type::Instance(class) => self.is_of_project_alone(*class),
                _ => false,
            })
    }

    /// Whether the code around has found that what is passed is of a class of the project which is
    /// no text: `if isinstance(pdu.address, Station): Address(pdu.address)`.
    fn is_found_object(&self, passed: ExprRef) -> bool {
        let facts = self.project.facts(passed.module);
        let body = facts.body(passed.body);
        body.is_under_if(body.expr(passed.id).stmt, |test| match class_test(facts, body, test) {
            Some((subject, class)) if is_same(body, subject, passed.id) => {
                match self.value(ExprRef { id: class, ..passed }) {
                    Type::Class(class) => self.is_of_project_alone(class),
                    _ => false,
                }
            }
            _ => false,
        })
    }

    /// Whether all that the class inherits is of the project: it is no text, in particular.
    fn is_of_project_alone(&self, class: ClassRef) -> bool {
        self.mro(class).iter().all(|ancestor| match ancestor {
            Ancestor::Project(_) => true,
            Ancestor::Library(name) => &**name == "builtins.object",
            Ancestor::Unknown => false,
        })
    }

    /// What `isinstance` asks about in `id`, if that is whether it is a text.
    fn asked_for_text(&self, function: FunctionRef, id: ExprId) -> Option<ExprId> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let (subject, class) = class_test(facts, body, id)?;
        match body.kind(class) {
            ExprKind::Name(name) if facts.outline.text(name) == "str" => Some(subject),
            _ => None,
        }
    }

    /// A text, or a whole number as it is written, with which of the two it is.
    fn literal(&self, at: ExprRef) -> Option<(bool, &str)> {
        let outline = &self.project.facts(at.module).outline;
        match self.body_of(at).kind(at.id) {
            ExprKind::Str(text) => Some((true, outline.text(text?))),
            ExprKind::Number(number) => {
                let digits = outline.text(number);
                digits.bytes().all(|digit| digit.is_ascii_digit()).then_some((false, digits))
            }
            _ => None,
        }
    }

    /// The parameters that a call in the code of `function` hangs on: it stands under
    /// `if parameter:`, `if parameter == "text":` or the like, or behind `parameter and`, and nothing
    /// else binds the parameter.
    pub(crate) fn switches(&self, function: FunctionRef, call: ExprId) -> Vec<Switch> {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let mut found = self.switches_of(function, body.expr(call).stmt, MAX_REBOUND);
        found.extend(self.switches_within(function, call));
        found
    }

    /// The parameter that the blocking call itself is about, where what is handed over for it may
    /// leave nothing to wait for.
    pub(super) fn sink_switch(
        &self,
        function: FunctionRef,
        call: ExprId,
        sink: &str,
    ) -> Option<Switch> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let (subject, off) = match sink {
            _ if LOOK_UP.contains(&sink) => (body.arguments(call).first()?.value, Off::Address),
            _ if waits_for_end(sink) => {
                (self.receiver(function.module, own.body, call)?, Off::Ended)
            }
            _ => return None,
        };
        let ExprKind::Name(name) = body.kind(subject) else { return None };
        let index = own.parameters.iter().position(|parameter| parameter.name == name)?;
        let is_bound_once = facts.outline.bindings(own.scope, name).len() == 1;
        is_bound_once.then(|| Switch { index, off, rebound: Box::default() })
    }

    fn switches_of(&self, function: FunctionRef, stmt: StmtId, depth: u8) -> Vec<Switch> {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let mut found = Vec::new();
        for outer in body.enclosing(stmt) {
            let StmtKind::If { test, body: then, .. } = body.stmt(outer).kind else { continue };
            if body.block_holds(then, stmt) {
                self.add_switches(function, test, outer, depth, &mut found);
            }
        }
        found
    }

    /// What the call hangs on within its statement: `parameter and call()`.
    fn switches_within(&self, function: FunctionRef, call: ExprId) -> Vec<Switch> {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let stmt = body.expr(call).stmt;
        let mut found = Vec::new();
        let mut inner = call;
        while let Some(outer) = body.expr(inner).parent {
            if let ExprKind::Bool { is_and: true, left, right } = body.kind(outer)
                && right == inner
            {
                self.add_switches(function, left, stmt, MAX_REBOUND, &mut found);
            }
            inner = outer;
        }
        found
    }

    /// What it hangs on whether `test`, in the statement `asked`, holds.
    fn add_switches(
        &self,
        function: FunctionRef,
        test: ExprId,
        asked: StmtId,
        depth: u8,
        found: &mut Vec<Switch>,
    ) {
        let own = self.project.function(function);
        let body = self.project.facts(function.module).body(own.body);
        let is_none = |id: ExprId| body.kind(id) == ExprKind::None;
        let mut open = vec![test];
        while let Some(id) = open.pop() {
            let (subject, off) = match body.kind(id) {
                ExprKind::Bool { is_and: true, left, right } => {
                    open.extend([right, left]);
                    continue;
                }
                ExprKind::Not(subject) => (subject, Off::True),
                ExprKind::Compare { operator, operands } => match (operator, body.list(operands)) {
                    (Comparison::IsNot, &[subject, none]) if is_none(none) => (subject, Off::None),
                    (Comparison::Is, &[subject, none]) if is_none(none) => (subject, Off::Some),
                    (Comparison::Equal, &[subject, id]) => {
                        let wanted = ExprRef { module: function.module, body: own.body, id };
                        if self.literal(wanted).is_none() {
                            continue;
                        }
                        (subject, Off::Unless(wanted))
                    }
                    _ => continue,
                },
                ExprKind::Call { .. } => match self.asked_for_text(function, id) {
                    Some(subject) => (subject, Off::NoText),
                    None => continue,
                },
                _ => (id, Off::False),
            };
            let ExprKind::Name(name) = body.kind(subject) else { continue };
            match own.parameters.iter().position(|parameter| parameter.name == name) {
                Some(index) => {
                    let rebound = self.rebindings(function, index, asked, depth);
                    found.extend(rebound.map(|rebound| Switch { index, off, rebound }));
                }
                None => found.extend(self.flag_switches(function, name, off, depth)),
            }
        }
    }

    /// What the call hangs on where it asks a flag of the function itself: what the only statement
    /// hangs on that turns the flag to what is asked for.
    ///
    /// ```python
    /// is_embedded = True
    /// if not app:
    ///     is_embedded = False
    /// if not is_embedded:
    ///     uvicorn.run(app)
    /// ```
    fn flag_switches(&self, function: FunctionRef, name: Name, off: Off, depth: u8) -> Vec<Switch> {
        let wanted = match off {
            Off::True => false,
            Off::False => true,
            _ => return Vec::new(),
        };
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let body = facts.body(own.body);
        let constant = |binding: &Binding| match binding.kind {
            BindingKind::Assigned(value) if binding.body == own.body => match body.kind(value) {
                ExprKind::Boolean(value) => Some((value, binding.stmt?)),
                _ => None,
            },
            _ => None,
        };
        let bindings = facts.outline.bindings(own.scope, name).iter();
        let Some(constants) = bindings.map(constant).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        let mut turned = constants.into_iter().filter(|&(value, _)| value == wanted);
        match (turned.next(), turned.next()) {
            (Some((_, stmt)), None) if depth > 0 => self.switches_of(function, stmt, depth - 1),
            _ => Vec::new(),
        }
    }

    /// Where the function binds its parameter anew before `asked`, each with the switches that this
    /// hangs on; `None` if it does so whatever it is given.
    fn rebindings(
        &self,
        function: FunctionRef,
        index: usize,
        asked: StmtId,
        depth: u8,
    ) -> Option<Box<[Vec<Switch>]>> {
        let own = self.project.function(function);
        let outline = &self.project.facts(function.module).outline;
        let name = own.parameters.get(index)?.name;
        let all = outline.bindings(own.scope, name).iter();
        let body = self.project.facts(function.module).body(own.body);
        let is_loop = |id: StmtId| {
            matches!(body.stmt(id).kind, StmtKind::For { .. } | StmtKind::While { .. })
        };
        // What comes later in the text comes earlier in the next round of a loop.
        let may_come_again = body.enclosing(asked).any(is_loop);
        let is_later = |binding: &&Binding| {
            binding.body == own.body
                && !may_come_again
                && binding.stmt.is_some_and(|stmt| stmt > asked)
        };
        // What is bound where the answer was yes does not make it one.
        let is_inside = |binding: &&Binding| match body.stmt(asked).kind {
            StmtKind::If { body: then, .. } => {
                binding.body == own.body
                    && binding.stmt.is_some_and(|stmt| body.block_holds(then, stmt))
            }
            _ => false,
        };
        let others = all
            .filter(|binding| !matches!(binding.kind, BindingKind::Parameter(_)))
            .filter(|binding| !is_later(binding) && !is_inside(binding));
        others
            .map(|binding| {
                let stmt = binding.stmt.filter(|_| binding.body == own.body && depth > 0)?;
                let needed = self.switches_of(function, stmt, depth - 1);
                (!needed.is_empty()).then_some(needed)
            })
            .collect()
    }
}

/// The object and the class of `isinstance(object, Class)`.
fn class_test(facts: &Facts, body: &Body, id: ExprId) -> Option<(ExprId, ExprId)> {
    match (body.kind(body.callee(id)?), body.arguments(id)) {
        (ExprKind::Name(name), [object, class]) if facts.outline.text(name) == "isinstance" => {
            Some((object.value, class.value))
        }
        _ => None,
    }
}
