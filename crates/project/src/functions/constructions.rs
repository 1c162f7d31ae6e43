//! What objects are given where the project makes them: for unannotated parameters of `__init__`, and
//! by name.

use asynclint_semantic::{Binding, BindingKind, BodyId, ExprId, ExprKind, Facts, Name};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Project;
use crate::classes::mro::{Ancestor, Mro};
use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Reason, Type};

/// A class that is made in more places is made of too many things.
const MAX_PLACES: usize = 20;

/// Calls of what has the name of a class whose `__init__` leaves open what it takes, or stands in a
/// class above, by that name, in the order of modules and bodies.
#[derive(Debug, Default)]
pub(crate) struct Constructions {
    calls: FxHashMap<Box<str>, Vec<(ModuleId, BodyId, ExprId)>>,
}

impl Constructions {
    /// Of all classes, or of those of one name.
    pub(crate) fn of(project: &Project<'_>, only: Option<&str>) -> Self {
        let modules = project.modules_for(only);
        let mut calls = FxHashMap::default();
        for &id in &modules {
            for name in open_classes(project.facts(id)) {
                if only.is_none_or(|only| only == name) {
                    calls.entry(name.into()).or_insert_with(Vec::new);
                }
            }
        }
        let mut found = Self { calls };
        for id in modules {
            found.add(id, project.facts(id));
        }
        found
    }

    fn add(&mut self, id: ModuleId, facts: &Facts) {
        let names = &facts.outline.names;
        let here: FxHashSet<Name> =
            names.iter().filter(|&name| self.calls.contains_key(names.text(name))).collect();
        if here.is_empty() {
            return;
        }
        for body_id in facts.body_ids() {
            let body = facts.body(body_id);
            for call in body.expr_ids() {
                let Some(name) = body.called_name(call) else { continue };
                if here.contains(&name)
                    && let Some(calls) = self.calls.get_mut(names.text(name))
                {
                    calls.push((id, body_id, call));
                }
            }
        }
    }
}

/// The names of the classes with an `__init__` that has a parameter without an annotation, and of
/// those that have the one of a class above.
fn open_classes(facts: &Facts) -> impl Iterator<Item = &str> {
    let outline = &facts.outline;
    let init = outline.names.get("__init__");
    let own = outline.functions.iter().filter_map(move |function| {
        let class = function.class.filter(|_| init.is_some() && function.name == init)?;
        let is_open = function.parameters.iter().skip(1).any(|it| it.annotation.is_none());
        is_open.then_some(class)
    });
    let heirs = outline.class_ids().filter(move |&id| {
        let class = outline.class(id);
        let has_own = || init.is_some_and(|init| !outline.bindings(class.scope, init).is_empty());
        !facts.body(class.home).list(class.bases).is_empty() && !has_own()
    });
    own.chain(heirs).map(|class| outline.text(outline.class(class).name))
}

impl Resolver<'_> {
    /// Whether the object whose method a call calls was given the argument `keyword` when it was
    /// made: where it is made, or by `__init__` of its class, which hands it on.
    pub fn is_given_when_made(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        keyword: &str,
    ) -> bool {
        let Some(receiver) = self.receiver(module, body, call) else { return false };
        let gives = |module: ModuleId, body: BodyId, call: ExprId| {
            let facts = self.project.facts(module);
            let name = facts.outline.names.get(keyword);
            name.is_some_and(|name| facts.body(body).keyword(call, name).is_some())
        };
        let hands_on = |class: ClassRef| {
            let outline = &self.project.facts(class.module).outline;
            let Some(name) = outline.names.get("__init__") else { return false };
            let bindings = outline.bindings(outline.class(class.id).scope, name).iter();
            let mut made_by = bindings.filter_map(|binding| match binding.kind {
                BindingKind::Function(id) => Some(FunctionRef { module: class.module, id }),
                _ => None,
            });
            made_by.any(|function| {
                let body = self.project.function(function).body;
                self.calls_in(function).into_iter().any(|call| gives(class.module, body, call))
            })
        };
        let object = self.value(ExprRef { module, body, id: receiver });
        gives(module, body, self.maker(module, body, receiver))
            || matches!(object, Type::Instance(class) if self.mro(class).iter().any(|it| {
                matches!(it, Ancestor::Project(class) if hands_on(*class))
            }))
    }

    /// The type of a parameter of `__init__` without an annotation.
    pub(crate) fn given_to_init(&self, function: FunctionRef, index: usize) -> Type {
        match self.project.class_of(function) {
            Some(class) => self.given_where_made(class, function, index),
            None => Type::Unknown(Reason::UnannotatedParameter),
        }
    }

    /// What every place that makes an object of the class gives for a parameter of `function`, the
    /// `__init__` of the class. Tests may give what they like, and so may who makes objects of a class
    /// below.
    fn given_where_made(&self, class: ClassRef, function: FunctionRef, index: usize) -> Type {
        let unknown = Type::Unknown(Reason::UnannotatedParameter);
        if self.linking.get() || self.project.has_subclass(class) {
            return unknown;
        }
        let name = self.project.class_name(class);
        let constructions = self.project.constructions(name);
        let Some(calls) = constructions.calls.get(name) else { return unknown };
        let places = calls.iter().filter(|&&(module, ..)| {
            module == class.module || !self.project.is_test_module(module)
        });
        let given = places.filter_map(|&(module, body, id)| {
            self.given_by(ExprRef { module, body, id }, class, function, index)
        });
        let given: Vec<Type> = given.take(MAX_PLACES + 1).collect();
        if given.len() > MAX_PLACES {
            return unknown;
        }
        match Type::join(given) {
            // Text and numbers do not tell objects apart.
            known @ (Type::Instance(_) | Type::Function(_) | Type::Method(_)) => known,
            Type::ExternalInstance(class) if !class.starts_with("builtins.") => {
                Type::ExternalInstance(class)
            }
            _ => unknown,
        }
    }

    /// What the first class of `order` gives for its attribute `name` to the `__init__` of a class
    /// above, which keeps a parameter without an annotation there: `super().__init__(Client())`. Where
    /// no class below has an `__init__`, it is what the objects are given where they are made.
    pub(crate) fn given_above(&self, order: &Mro, name: &str) -> Option<Type> {
        let keeper = self.definer(order, name)?;
        let (init, index) = self.kept_parameter(keeper, name)?;
        let below = order.iter().take_while(|&it| *it != Ancestor::Project(keeper));
        let mut givers = below.into_iter().map(|ancestor| match ancestor {
            Ancestor::Project(class) if self.project.class_binds(*class, "__init__") => {
                Some(self.own_init(*class))
            }
            Ancestor::Project(_) => None,
            // Who knows what its own does with it.
            _ => Some(None),
        });
        let Some(giver) = givers.find_map(|giver| giver) else {
            return match order.first()? {
                Ancestor::Project(first) if *first != keeper => {
                    Some(self.given_where_made(*first, init, index))
                }
                _ => None,
            };
        };
        let giver = giver?;
        let body = self.project.function(giver).body;
        let is_init = |&call: &ExprId| self.callee(giver.module, body, call) == Callee::Known(init);
        let calls: Vec<ExprId> = self.calls_in(giver).into_iter().filter(is_init).collect();
        let [call] = calls.as_slice() else { return None };
        let call = ExprRef { module: giver.module, body, id: *call };
        // `super().__init__(client)`, or `Base.__init__(self, client)`
        match self.passed(call, init, index, self.bound_before(call)?) {
            Passed::Value(id) => Some(self.value(ExprRef { id, ..call })),
            _ => None,
        }
    }

    /// The `__init__` of the class itself.
    pub(crate) fn own_init(&self, class: ClassRef) -> Option<FunctionRef> {
        let outline = &self.project.facts(class.module).outline;
        let name = outline.names.get("__init__")?;
        match outline.bindings(outline.class(class.id).scope, name) {
            [Binding { kind: BindingKind::Function(id), .. }] => {
                Some(FunctionRef { module: class.module, id: *id })
            }
            _ => None,
        }
    }

    /// The `__init__` of the class and the place of its parameter that alone is kept under `name`.
    fn kept_parameter(&self, class: ClassRef, name: &str) -> Option<(FunctionRef, usize)> {
        let init = self.own_init(class)?;
        let facts = self.project.facts(class.module);
        let outline = &facts.outline;
        let name = outline.names.get(name)?;
        let writes = outline.attribute_writes.iter();
        let mut its = writes.filter(|it| it.class == Some(class.id) && it.name == name);
        let (write, None) = (its.next()?, its.next()) else { return None };
        let ExprKind::Name(kept) = facts.body(write.body).kind(write.value?) else { return None };
        let own = self.project.function(init);
        let is_kept =
            write.function == Some(init.id) && outline.bindings(own.scope, kept).len() == 1;
        let index = own.parameters.iter().position(|parameter| parameter.name == kept)?;
        is_kept.then_some((init, index))
    }

    /// What a call that makes an object of the class gives for the parameter; none if it makes
    /// another object, or gives nothing.
    fn given_by(
        &self,
        call: ExprRef,
        class: ClassRef,
        init: FunctionRef,
        index: usize,
    ) -> Option<Type> {
        let unknown = Type::Unknown(Reason::UnannotatedParameter);
        let code = self.project.facts(call.module).body(call.body);
        let callee = code.callee(call.id).map(|id| self.value(ExprRef { id, ..call }));
        match callee {
            Some(Type::Class(made)) if made == class => {}
            // Another class of that name.
            Some(Type::Class(_) | Type::External(_) | Type::Function(_)) => return None,
            _ => return Some(unknown),
        }
        match self.passed(call, init, index, 1) {
            Passed::Value(id) => Some(self.value(ExprRef { id, ..call })),
            Passed::Nothing => None,
            Passed::Unknown => Some(unknown),
        }
    }
}
