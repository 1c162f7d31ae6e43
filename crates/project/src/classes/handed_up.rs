//! What a class of a library keeps of what the classes of the project below it give to its `__init__`.

use asynclint_catalog::Argument;
use asynclint_semantic::{ExprId, ExprKind};

use crate::classes::mro::{Ancestor, Mro};
use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, Type};

impl Resolver<'_> {
    /// What objects of the first class in `order` hold under a name that a class of a library keeps:
    /// what stands in the brackets behind that class, `class Lamp(Entity[Hub])`, or what `__init__` of
    /// the lowest class that tells hands up, `super().__init__(hub)`.
    pub(crate) fn kept_by_library(&self, order: &Mro, name: &str) -> Option<Type> {
        let catalog = self.project.catalog();
        let (at, place) = order.iter().enumerate().find_map(|(at, ancestor)| match ancestor {
            Ancestor::Library(class) => Some((at, catalog.keeps(class, name)?)),
            _ => None,
        })?;
        let (below, keeper) = (&order[..at], &order[at]);
        if below.contains(&Ancestor::Unknown) || self.definer(below, name).is_some() {
            return None;
        }
        let classes = below.iter().filter_map(|ancestor| match ancestor {
            Ancestor::Project(class) => Some(*class),
            _ => None,
        });
        let classes: Vec<ClassRef> = classes.collect();
        self.said_in_brackets(&classes, keeper, place)
            .or_else(|| self.handed_up(&classes, keeper, place, name))
    }

    /// What the first of `classes` has in the brackets behind the library's class, in its own bases or
    /// those of a class above.
    fn said_in_brackets(
        &self,
        classes: &[ClassRef],
        keeper: &Ancestor,
        place: usize,
    ) -> Option<Type> {
        let own = *classes.first()?;
        classes.iter().find_map(|&class| {
            let outline = self.project.class(class);
            let body = self.project.facts(class.module).body(outline.home);
            let there = |id| ExprRef { module: class.module, body: outline.home, id };
            let said = body.list(outline.bases).iter().find_map(|&base| {
                let ExprKind::Subscript { index, .. } = body.kind(base) else { return None };
                let argument = *body.subscript_parts(index).get(place)?;
                (self.base(there(base)) == *keeper).then_some(argument)
            })?;
            let said = self.annotation(there(said));
            match self.in_class(&said, own, class) {
                Type::Unknown(_) => None,
                known => Some(known),
            }
        })
    }

    /// What `__init__` of the first of `classes` that tells gives for what the library's class keeps,
    /// by way of those above it.
    fn handed_up(
        &self,
        classes: &[ClassRef],
        keeper: &Ancestor,
        place: usize,
        name: &str,
    ) -> Option<Type> {
        let inits = classes.iter().filter(|&&it| self.project.class_binds(it, "__init__"));
        let inits: Vec<FunctionRef> = inits.map(|&it| self.own_init(it)).collect::<Option<_>>()?;
        let (&top, lower) = inits.split_last()?;
        let mut value = self.given_to_library(top, keeper, place, name)?;
        let mut told = None;
        let mut taker = top;
        let mut lower = lower.iter().rev();
        loop {
            if let known @ (Type::Instance(_) | Type::ExternalInstance(_)) = self.value(value) {
                told = Some(known);
            }
            let Some(next) = lower.next().and_then(|&giver| {
                let index = self.parameter_named(taker, value)?;
                let call =
                    self.only_call(giver, |callee| self.value(callee) == Type::Method(taker))?;
                match self.passed(call, taker, index, 1) {
                    Passed::Value(id) => Some((giver, ExprRef { id, ..call })),
                    _ => None,
                }
            }) else {
                return told;
            };
            (taker, value) = next;
        }
    }

    /// The argument of `super().__init__(...)` that the library's class keeps.
    fn given_to_library(
        &self,
        init: FunctionRef,
        keeper: &Ancestor,
        place: usize,
        name: &str,
    ) -> Option<ExprRef> {
        let facts = self.project.facts(init.module);
        let is_of = |callee: ExprRef| {
            let body = facts.body(callee.body);
            let ExprKind::Attribute { value, name } = body.kind(callee.id) else { return false };
            facts.outline.text(name) == "__init__"
                && match self.value(ExprRef { id: value, ..callee }) {
                    Type::Super(_) => true,
                    Type::External(class) => Ancestor::Library(class) == *keeper,
                    _ => false,
                }
        };
        let call = self.only_call(init, is_of)?;
        let body = facts.body(call.body);
        let callee = body.callee(call.id)?;
        let is_super = match body.kind(callee) {
            ExprKind::Attribute { value, .. } => {
                matches!(self.value(ExprRef { id: value, ..call }), Type::Super(_))
            }
            _ => false,
        };
        // `Entity.__init__(self, hub)`
        let position = u8::try_from(place + usize::from(!is_super)).ok();
        let id = self.argument_in(&Argument { position, keyword: Some(name.into()) }, call)?;
        Some(ExprRef { id, ..call })
    }

    /// The call in the function whose callee is the wanted one, if there is one alone.
    fn only_call(
        &self,
        function: FunctionRef,
        is_wanted: impl Fn(ExprRef) -> bool,
    ) -> Option<ExprRef> {
        let body = self.project.function(function).body;
        let code = self.project.facts(function.module).body(body);
        let there = |id: ExprId| ExprRef { module: function.module, body, id };
        let mut calls = self
            .calls_in(function)
            .into_iter()
            .filter(|&call| code.callee(call).is_some_and(|callee| is_wanted(there(callee))));
        let only = calls.next()?;
        calls.next().is_none().then(|| there(only))
    }

    /// The place of the parameter that the expression names, which never holds anything else.
    fn parameter_named(&self, function: FunctionRef, at: ExprRef) -> Option<usize> {
        let facts = self.project.facts(at.module);
        let ExprKind::Name(name) = facts.body(at.body).kind(at.id) else { return None };
        let own = self.project.function(function);
        let is_only = facts.outline.bindings(own.scope, name).len() == 1;
        own.parameters.iter().position(|parameter| parameter.name == name).filter(|_| is_only)
    }
}
