//! Which parameter takes an argument, and what shows that it is for values.

use asynclint_parser::Span;
use asynclint_semantic::{
    Argument, ArgumentKind, BindingKind, BodyId, ExprId, ExprKind, FunctionId, Name, Parameter,
    ParameterKind, StmtId, Usage,
};

use crate::calls::gives::Gives;
use crate::functions::unawaitable::Barred;
use crate::habits::RUN_AWAITABLES;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// Decorators after which a function takes and gives what it did before.
const LEAVE_ALONE: &[&str] = &[
    "abc.abstractmethod",
    "builtins.classmethod",
    "builtins.staticmethod",
    "overrides.overrides",
    "typing.final",
    "typing.override",
];

/// Functions that ask of an object what it is.
pub const LOOK_AT_TYPES: &[&str] =
    &["callable", "hasattr", "isawaitable", "iscoroutine", "isinstance", "issubclass", "type"];

/// The attributes that coroutine objects have themselves.
pub fn is_of_coroutines(name: &str) -> bool {
    matches!(name, "close" | "send" | "throw") || name.starts_with("cr_") || name.starts_with("__")
}

/// What a call hands over for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    Value(ExprId),
    Nothing,
    /// `*x` or `**x` may hold it.
    Unknown,
}

/// What shows that a parameter is not for awaitables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantsValue {
    /// Where that is.
    pub module: ModuleId,
    /// The annotation, or a use of the parameter.
    pub span: Span,
    /// Whether it is the annotation.
    pub is_annotation: bool,
}

impl Resolver<'_> {
    /// What shows that the parameter that takes an argument of a call is not for awaitables: its
    /// annotation, or what the code of the function does with it.
    pub fn wants_value(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
        barred: Barred,
    ) -> Option<WantsValue> {
        let (function, parameter) = self.parameter_for(module, body, call, argument)?;
        let home = self.project.function(function).home;
        let annotation = parameter.annotation;
        let annotation = annotation.map(|id| ExprRef { module: function.module, body: home, id });
        if let Some(wants) = annotation.and_then(|it| self.wants_by(it, barred)) {
            return Some(wants);
        }
        // `record: Any` says nothing, and the code may.
        if annotation.is_some_and(|it| !self.annotation(it).is_anything()) {
            return None;
        }
        let span = self.used_as_value(function, parameter.name)?;
        Some(WantsValue { module: function.module, span, is_annotation: false })
    }

    /// The function of the project and its parameter, not a starred one, that take an argument of a
    /// call.
    pub fn parameter_for(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
    ) -> Option<(FunctionRef, &Parameter)> {
        let code = self.project.facts(module).body(body);
        let (taker, callee, first) = self.taker(ExprRef { module, body, id: call })?;
        let (function, bound) = match (&taker, callee) {
            // An object that is called has a `__call__`.
            (Type::Method(_) | Type::Instance(_), Callee::Known(function)) => (function, 1),
            (_, Callee::Known(function)) => (function, 0),
            (_, Callee::Class(class)) => {
                match self.attribute(&Type::Instance(class), "__init__", None) {
                    Type::Method(function) => (function, 1),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let own = self.project.function(function);
        let is_bare = self.is_decorated_as_written(function);
        let position = code.arguments(call).iter().position(|a| a.value == argument)?;
        // A decorator may put an argument before those of the call, but hardly gives a name to
        // another parameter.
        let is_named = matches!(code.arguments(call)[position].kind, ArgumentKind::Keyword(_));
        let is_understood = !matches!(self.decorated(function).gives, Gives::Unknown(_));
        if !(is_bare || is_named && is_understood) {
            return None;
        }
        let parameter = match code.arguments(call)[position].kind {
            ArgumentKind::Positional => {
                let before = &code.arguments(call)[..position];
                if before.iter().any(|a| a.kind != ArgumentKind::Positional) {
                    return None;
                }
                // What comes behind a starred parameter is given by name alone.
                let parameter = own.parameters.get(position.checked_sub(first)? + bound)?;
                Some(parameter).filter(|parameter| parameter.kind == ParameterKind::Plain)?
            }
            ArgumentKind::Keyword(name) => {
                let text = self.project.facts(module).outline.text(name);
                let outline = &self.project.facts(function.module).outline;
                own.parameters.iter().find(|parameter| outline.text(parameter.name) == text)?
            }
            _ => return None,
        };
        let plain = matches!(parameter.kind, ParameterKind::Plain | ParameterKind::KeywordOnly);
        plain.then_some((function, parameter))
    }

    /// What takes the arguments of a call, what calling that calls, and the first of them by number:
    /// `f`, and 1, in `to_thread(f, x)` and `partial(f, x)`.
    pub(crate) fn taker(&self, call: ExprRef) -> Option<(Type, Callee, usize)> {
        let ExprRef { module, body, id } = call;
        let code = self.project.facts(module).body(body);
        let callee = self.callee(module, body, id);
        let Callee::External(name) = &callee else {
            return Some((self.value(ExprRef { id: code.callee(id)?, ..call }), callee, 0));
        };
        let passed = || {
            let known = self.project.catalog().call(name).filter(|known| known.passes_arguments)?;
            self.function_for(known, call)
        };
        let function = self.wrapped(call).or_else(passed)?;
        let place = code
            .arguments(id)
            .iter()
            .position(|it| it.value == function && it.kind == ArgumentKind::Positional)?;
        let taker = self.value(ExprRef { id: function, ..call });
        Some((taker, self.callee_of_value(module, body, function), place + 1))
    }

    /// The first place where a function uses a parameter in a way that no coroutine allows, if it
    /// never awaits it or looks at what it is. Where it binds the name anew, only what comes before
    /// tells of the argument: `text = text.strip()`.
    fn used_as_value(&self, at: FunctionRef, name: Name) -> Option<Span> {
        let function = self.project.function(at);
        let facts = self.project.facts(at.module);
        let body = facts.body(function.body);
        if function.is_broken || self.is_overridden(at) {
            return None;
        }
        let bindings = facts.outline.bindings(function.scope, name);
        // Where one of them has no place, such as a capture in a pattern, nothing is known.
        let anew: Option<Vec<StmtId>> = bindings
            .iter()
            .filter(|it| !matches!(it.kind, BindingKind::Parameter(_)))
            .map(|it| it.stmt.filter(|_| it.body == function.body))
            .collect();
        let anew = anew?.into_iter().min();
        let mut first = None;
        for id in self.reads_of(at.module, function.body, function.scope, name) {
            let expr = body.expr(id);
            let taker = || expr.parent.and_then(|call| body.called_name(call));
            let looks = |taker| LOOK_AT_TYPES.contains(&facts.outline.text(taker));
            let runs = |taker| RUN_AWAITABLES.contains(&facts.outline.text(taker));
            if anew.is_some_and(|anew| expr.stmt > anew) {
                // It may be the argument still.
                let is_asked = expr.usage == Usage::Passed && taker().is_none_or(looks);
                if is_asked || expr.usage == Usage::Awaited {
                    return None;
                }
                continue;
            }
            let outer = expr.parent.map(|outer| body.kind(outer));
            let is_misuse = match expr.usage {
                Usage::Object => match outer {
                    Some(ExprKind::Attribute { name, .. })
                        if !is_of_coroutines(facts.outline.text(name)) =>
                    {
                        true
                    }
                    _ => return None,
                },
                // Coroutines of old are run by `yield from`.
                Usage::Iterated if matches!(outer, Some(ExprKind::YieldFrom(_))) => return None,
                Usage::Subscripted | Usage::Operand | Usage::Iterated => true,
                Usage::Compared | Usage::Formatted | Usage::Tested | Usage::Identified => false,
                Usage::Passed if looks(taker()?) || runs(taker()?) => return None,
                Usage::Passed => false,
                _ => return None,
            };
            if is_misuse {
                first = first.or(Some(body.span(id)));
            }
        }
        first
    }

    /// What `call` hands over for the parameter of `function` at `index`. The first `bound`
    /// parameters have their values from elsewhere: `self`.
    pub(crate) fn passed(
        &self,
        call: ExprRef,
        function: FunctionRef,
        index: usize,
        bound: usize,
    ) -> Passed {
        let facts = self.project.facts(call.module);
        let body = facts.body(call.body);
        let parameter = &self.project.function(function).parameters[index];
        let name = self.project.facts(function.module).outline.text(parameter.name);
        let keyword = facts.outline.names.get(name);
        if let Some(value) = keyword.and_then(|name| body.keyword(call.id, name)) {
            return Passed::Value(value);
        }
        let arguments = body.arguments(call.id);
        let is_positional = |argument: &Argument| argument.kind == ArgumentKind::Positional;
        if let Some(place) = index.checked_sub(bound)
            && parameter.kind == ParameterKind::Plain
            && let Some(before) = arguments.get(..=place)
            && before.iter().all(is_positional)
        {
            return Passed::Value(before[place].value);
        }
        let is_open = |argument: &Argument| {
            matches!(argument.kind, ArgumentKind::Unpacked | ArgumentKind::UnpackedMapping)
        };
        if arguments.iter().any(is_open) { Passed::Unknown } else { Passed::Nothing }
    }

    /// How many of the first parameters have their values from elsewhere than the arguments:
    /// `self`. `None` if it is not known how the arguments fall.
    pub(crate) fn bound_before(&self, call: ExprRef) -> Option<usize> {
        let code = self.project.facts(call.module).body(call.body);
        match code.callee(call.id).map(|id| self.value(ExprRef { id, ..call })) {
            Some(Type::Function(_)) => Some(0),
            Some(Type::Method(_) | Type::Class(_)) => Some(1),
            _ => None,
        }
    }

    pub(crate) fn keeps_parameters(&self, function: FunctionRef, decorator: ExprId) -> bool {
        let body = self.project.function(function).home;
        match self.value(ExprRef { module: function.module, body, id: decorator }) {
            Type::External(name) => LEAVE_ALONE.contains(&&*name),
            _ => false,
        }
    }

    /// Whether what the function returns is what its code returns: a decorator of the project may
    /// await it once more. Those of libraries, such as routes, hardly do.
    pub fn returns_as_written(&self, module: ModuleId, function: FunctionId) -> bool {
        let own = self.project.facts(module).outline.function(function);
        let home = self.project.facts(module).body(own.home);
        home.list(own.decorators).iter().all(|&id| {
            let head = home.callee(id).unwrap_or(id);
            let value = self.value(ExprRef { module, body: own.home, id: head });
            !matches!(
                value,
                Type::Function(_) | Type::Method(_) | Type::Class(_) | Type::Instance(_)
            )
        })
    }
}
