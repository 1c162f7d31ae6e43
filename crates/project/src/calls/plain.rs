//! Calls that certainly give nothing to await.

use std::rc::Rc;

use asynclint_semantic::{BodyId, ExprId, ExprKind, exits};

use crate::calls::gives::Gives;
use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type};

/// More functions than any honest program hands one value through.
const MAX_FUNCTIONS: usize = 100;

/// What the types of awaitables are called in annotations, `MaybeAwaitable` among them.
const PROMISES: &[&str] = &["Awaitable", "Coroutine", "Future", "Task"];

/// What gives something that cannot be awaited.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// A plain function of the project.
    Function(FunctionRef),
    /// Making an object of a class of the project.
    Class(ClassRef),
    /// A function or class of a library, by its qualified name.
    Library(Rc<str>),
}

impl Resolver<'_> {
    /// What a call calls, if it is certain that the value cannot be awaited.
    pub fn plain_value(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<Plain> {
        let plain = self.plain_callee(module, body, call)?;
        let is_plain = match plain {
            // Twins last: they are looked for in the whole project.
            Plain::Function(function) => {
                self.never_gives_awaitable(function) && !self.has_async_twin(function)
            }
            Plain::Class(_) | Plain::Library(_) => true,
        };
        is_plain.then_some(plain)
    }

    /// As [`Self::plain_value`], if that holds for the function.
    fn plain_callee(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<Plain> {
        match self.callee(module, body, call) {
            Callee::Known(function) => {
                let is_sure =
                    !self.is_overridden(function) || self.picks_method(module, body, call);
                is_sure.then_some(Plain::Function(function))
            }
            Callee::Class(class) => {
                let is_made = |name: &str| {
                    let order = self.mro(class);
                    self.look_up(&order, name).is_ok()
                };
                // Whatever remakes the class may have it made by a coroutine.
                let is_plain = !is_made("__new__")
                    && self.is_made_as_usual(class)
                    && self.is_no_awaitable(&Type::Instance(class));
                is_plain.then_some(Plain::Class(class))
            }
            // That an object of a library is what an annotation says is not certain.
            Callee::External(_) if self.is_method_call(module, body, call) => None,
            Callee::External(name) => {
                let catalog = self.project.catalog();
                let call = catalog.call(&name)?;
                // What Python itself has as data is no awaitable, whatever the release; an object of
                // a library may be one in another release.
                let is_data = call.returns.as_deref().is_some_and(|given| {
                    given == "None" || given.starts_with('(') || given.starts_with("builtins.")
                });
                let is_plain = self.gives(&Callee::External(name.clone())) == Gives::Plain;
                (is_plain && is_data).then(|| Plain::Library(catalog.canonical(&name).into()))
            }
            Callee::Declared(_) | Callee::Unknown(_) => None,
        }
    }

    /// Whether the project has the class of the method a second time, for coroutines, and there the
    /// method is one: annotations of code that is made for both often name the plain class alone.
    fn has_async_twin(&self, method: FunctionRef) -> bool {
        let Some(class) = self.project.class_of(method) else { return false };
        let own = without_marker(self.project.class_name(class));
        let name = self.project.function_name(method);
        self.project.modules_naming(name).into_iter().any(|module| {
            let outline = &self.project.facts(module).outline;
            let Some(name) = outline.names.get(name) else { return false };
            outline.function_ids().map(|id| FunctionRef { module, id }).any(|other| {
                let function = outline.function(other.id);
                let twin = || {
                    self.project.class_of(other).is_some_and(|twin| {
                        twin != class && without_marker(self.project.class_name(twin)) == own
                    })
                };
                function.name == Some(name) && function.is_async && twin()
            })
        })
    }

    /// Whether every way out of the function gives something that cannot be awaited. Functions
    /// whose value it hands on are looked at one after another: they may call each other.
    pub(crate) fn never_gives_awaitable(&self, at: FunctionRef) -> bool {
        let mut asked = vec![at];
        let mut next = 0;
        while let Some(&function) = asked.get(next) {
            if asked.len() > MAX_FUNCTIONS || !self.ends_in_plain_values(function, &mut asked) {
                return false;
            }
            next += 1;
        }
        true
    }

    /// As [`Self::never_gives_awaitable`], if that holds for the functions that are added to `asked`.
    fn ends_in_plain_values(&self, at: FunctionRef, asked: &mut Vec<FunctionRef>) -> bool {
        let function = self.project.function(at);
        let facts = self.project.facts(at.module);
        let is_bare = facts.body(function.home).list(function.decorators).iter().all(|&id| {
            let decorator = ExprRef { module: at.module, body: function.home, id };
            matches!(
                self.value(decorator),
                Type::External(name)
                    if matches!(&*name, "builtins.classmethod" | "builtins.staticmethod")
            )
        });
        if !is_bare
            || function.is_async
            || function.is_generator
            || function.is_broken
            || function.is_conditional
            || function.name.is_none()
            || self.is_stub(at)
            || self.promises_awaitable(at)
        {
            return false;
        }
        let body = facts.body(function.body);
        let returned = self.returned(at);
        let ways = exits::exits(body, function.block, &exits::Open);
        (ways.falls || ways.returns)
            && returned.into_iter().all(|id| {
                let value = ExprRef { module: at.module, body: function.body, id };
                self.is_plain_expression(value, asked)
            })
    }

    /// Whether the function says that it may return an awaitable: `-> "list[Row] | Coroutine"`. What
    /// it hands on then hangs on an object that comes in two colours.
    fn promises_awaitable(&self, at: FunctionRef) -> bool {
        let own = self.project.function(at);
        let facts = self.project.facts(at.module);
        let home = facts.body(own.home);
        let says_so = |id: ExprId| {
            let name = match home.kind(id) {
                ExprKind::Str(text) => text,
                _ => home.last_name(id),
            };
            name.is_some_and(|name| {
                let text = facts.outline.text(name);
                PROMISES.iter().any(|promise| text.contains(promise))
            })
        };
        own.returns.is_some_and(|returned| home.exprs_below(returned).any(says_so))
    }

    fn is_plain_expression(&self, at: ExprRef, asked: &mut Vec<FunctionRef>) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let there = |id| ExprRef { id, ..at };
        match body.kind(at.id) {
            ExprKind::Str(_)
            | ExprKind::Format(_)
            | ExprKind::Number(_)
            | ExprKind::None
            | ExprKind::Boolean(_)
            | ExprKind::Not(_)
            | ExprKind::Tuple(_)
            | ExprKind::List(_)
            | ExprKind::Set(_)
            | ExprKind::Dict(_)
            | ExprKind::Comprehension(_)
            | ExprKind::Lambda(_) => true,
            ExprKind::Conditional { branches, .. } => {
                body.list(branches).iter().all(|&id| self.is_plain_expression(there(id), asked))
            }
            ExprKind::Bool { left, right, .. } => {
                [left, right].into_iter().all(|id| self.is_plain_expression(there(id), asked))
            }
            ExprKind::Call { .. } => match self.plain_callee(at.module, at.body, at.id) {
                Some(Plain::Function(function)) => {
                    if !asked.contains(&function) {
                        asked.push(function);
                    }
                    true
                }
                plain => plain.is_some(),
            },
            ExprKind::Name(_) => self.is_no_awaitable(&self.value(at)),
            _ => false,
        }
    }

    /// Whether no object of the type can be awaited.
    pub(crate) fn is_no_awaitable(&self, value: &Type) -> bool {
        let catalog = self.project.catalog();
        value.parts().iter().all(|part| match part {
            Type::None
            | Type::Container(..)
            | Type::Tuple(_)
            | Type::Manager(_)
            | Type::Module(_)
            | Type::Function(_) => true,
            Type::ExternalInstance(class) => {
                catalog.class(class).is_some() && !catalog.any_base(class, |class| class.awaitable)
            }
            Type::Instance(class) => {
                let order = self.mro(*class);
                let is_known = !order.contains(&Ancestor::Unknown) && !self.is_dynamic(&order);
                let is_awaitable = order.iter().any(|ancestor| {
                    matches!(ancestor, Ancestor::Library(name)
                        if catalog.any_base(name, |class| class.awaitable))
                });
                let has = |name| self.look_up(&order, name) != Err(Reason::UnknownAttribute);
                // `return self` gives an object of whichever class below it is called on.
                let has_below = || {
                    let mut below = self.project.classes_below(*class).into_iter();
                    below.any(|sub| self.project.class_binds(sub, "__await__"))
                };
                is_known
                    && !is_awaitable
                    && !has("__await__")
                    && !has("__getattr__")
                    && !has_below()
            }
            _ => false,
        })
    }

    fn is_method_call(&self, module: ModuleId, body: BodyId, call: ExprId) -> bool {
        let code = self.project.facts(module).body(body);
        match code.callee(call).map(|callee| code.kind(callee)) {
            Some(ExprKind::Attribute { value, .. }) => !matches!(
                self.value(ExprRef { module, body, id: value }),
                Type::Module(_) | Type::External(_) | Type::Class(_)
            ),
            _ => false,
        }
    }
}

/// The name of a class without what says that it is for coroutines: `AsyncPool`, `_PoolAsyncIO`.
fn without_marker(name: &str) -> &str {
    let bare = name.trim_start_matches('_');
    let markers = ["AsyncIO", "Asyncio", "Async", "Aio"];
    let stripped =
        markers.iter().find_map(|it| bare.strip_prefix(it).or_else(|| bare.strip_suffix(it)));
    stripped.filter(|rest| !rest.is_empty()).unwrap_or(bare)
}
