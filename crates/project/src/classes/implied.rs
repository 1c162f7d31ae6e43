//! What runs because of how code uses an object: `with` enters it, `for` iterates it, `if` and
//! `len()` ask it.

use asynclint_semantic::{BodyId, ExprId, ExprKind, Usage};

use crate::calls::gives::Gives;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

/// Builtins that walk what they are given from beginning to end.
const WALKING: &[&str] =
    &["all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"];

impl Resolver<'_> {
    /// What the use of `object` runs, in the order in which it runs: special methods, and the
    /// code of generators.
    pub fn implied(&self, module: ModuleId, body: BodyId, object: ExprId) -> Vec<Callee> {
        let at = ExprRef { module, body, id: object };
        let code = self.project.facts(module).body(body);
        match code.expr(object).usage {
            Usage::Entered => match self.generator(at) {
                Some(generator) => vec![Callee::Known(generator)],
                None => self.special(at, &["__enter__", "__exit__"]),
            },
            Usage::Iterated | Usage::Unpacked => self.walked(at),
            Usage::Tested => self.special(at, &["__bool__"]),
            Usage::Subscripted if self.takes_one(at) => self.special(at, &["__getitem__"]),
            Usage::Passed => match self.builtin_around(at) {
                Some("len") => self.special(at, &["__len__"]),
                Some("bool") => self.special(at, &["__bool__"]),
                Some(name) if WALKING.contains(&name) => self.walked(at),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The special method `name` of what the expression evaluates to, if its class is known and
    /// has one.
    pub fn special_method(
        &self,
        module: ModuleId,
        body: BodyId,
        object: ExprId,
        name: &str,
    ) -> Option<Callee> {
        let value = self.value(ExprRef { module, body, id: object });
        match self.attribute(&value, name, None) {
            Type::Method(function) => Some(Callee::Known(function)),
            Type::External(method) => Some(Callee::External(method)),
            _ => None,
        }
    }

    /// Whether a class below the one of the object may put another method in the place of this
    /// one. What was made in place is of the very class.
    fn may_be_another(&self, at: ExprRef, method: FunctionRef) -> bool {
        let made = self.maker(at.module, at.body, at.id);
        let is_made = matches!(self.callee(at.module, at.body, made), Callee::Class(_))
            && self.value(ExprRef { id: made, ..at }) == self.value(at);
        !is_made && self.is_overridden(method)
    }

    fn special(&self, at: ExprRef, names: &[&str]) -> Vec<Callee> {
        let callees =
            names.iter().filter_map(|name| self.special_method(at.module, at.body, at.id, name));
        callees.filter(|callee| self.runs_as_plain(at, callee)).collect()
    }

    fn runs_as_plain(&self, at: ExprRef, callee: &Callee) -> bool {
        match callee {
            Callee::Known(method) => {
                // As with helpers, what runs inside an installed package is not followed.
                self.gives(callee) == Gives::Plain
                    && !self.may_be_another(at, *method)
                    && !self.project.is_installed(method.module)
            }
            _ => true,
        }
    }

    /// What walking an object runs: its `__iter__`, and the `__next__` of what that gives.
    fn walked(&self, at: ExprRef) -> Vec<Callee> {
        if let Some(generator) = self.generator(at) {
            return vec![Callee::Known(generator)];
        }
        let mut run = self.special(at, &["__iter__"]);
        if let [Callee::Known(method)] = run[..]
            && !self.project.function(method).is_generator
            && let Type::Instance(walker) = self.called(method)
            && let Type::Method(next) = self.attribute(&Type::Instance(walker), "__next__", None)
        {
            let next = Callee::Known(next);
            if self.runs_as_plain(at, &next) {
                run.push(next);
            }
        }
        run
    }

    /// The generator of the project that the expression calls; under `with` one that a decorator
    /// makes a context manager of.
    fn generator(&self, at: ExprRef) -> Option<FunctionRef> {
        let callee = self.callee(at.module, at.body, at.id);
        let Callee::Known(function) = callee else { return None };
        let own = self.project.function(function);
        let is_generator = own.is_generator && !own.is_async && self.gives(&callee) == Gives::Plain;
        let is_own = !self.is_overridden(function) && !self.project.is_installed(function.module);
        (is_generator && is_own).then_some(function)
    }

    /// Whether a subscript takes a single item by its number.
    fn takes_one(&self, at: ExprRef) -> bool {
        let body = self.project.facts(at.module).body(at.body);
        let outer = body.expr(at.id).parent;
        match outer.map(|outer| body.kind(outer)) {
            Some(ExprKind::Subscript { index, .. }) => match body.list(index) {
                [only] => matches!(body.kind(*only), ExprKind::Number(_)),
                _ => false,
            },
            _ => false,
        }
    }

    /// The builtin that the object is the first argument of.
    fn builtin_around(&self, at: ExprRef) -> Option<&str> {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        let call = body.expr(at.id).parent?;
        let callee = body.callee(call)?;
        if body.arguments(call).first().map(|argument| argument.value) != Some(at.id) {
            return None;
        }
        let ExprKind::Name(name) = body.kind(callee) else { return None };
        let is_own = facts.outline.lookup(body.expr(callee).scope, name).is_some();
        (!is_own).then(|| facts.outline.text(name))
    }
}
