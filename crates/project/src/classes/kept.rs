//! What a class does with what it keeps in an attribute.

use asynclint_parser::Span;
use asynclint_semantic::{Binding, BindingKind, BodyId, ExprId, ExprKind, MODULE_SCOPE, Usage};

use crate::classes::mro::Ancestor;
use crate::functions::parameters::{LOOK_AT_TYPES, is_of_coroutines};
use crate::resolver::Resolver;
use crate::types::{ClassRef, ModuleId};

impl Resolver<'_> {
    /// Where a class asks the attribute of the own object that the statement assigns `value` to for
    /// something that no coroutine has: `self.link = connect()`, and `self.link.write(...)` in another
    /// method. `None` if anything in the file may await it, run it or find out what it is; `may_run`
    /// tells functions that run coroutines by their names.
    pub fn kept_as_value(
        &self,
        module: ModuleId,
        body: BodyId,
        value: ExprId,
        may_run: fn(&str) -> bool,
    ) -> Option<Span> {
        let facts = self.project.facts(module);
        let mut writes = facts.outline.attribute_writes.iter();
        let write = writes.find(|write| write.body == body && write.value == Some(value))?;
        let (name, class) = (write.name, ClassRef::new(module, write.class?));
        if !self.keeps_what_it_gets(class, facts.outline.text(name)) {
            return None;
        }
        self.asked_for_more(module, may_run, |body, id| match facts.body(body).kind(id) {
            ExprKind::Attribute { value: object, name: read } if read == name => {
                Some(facts.class_of_receiver(body, object) == Some(class.id))
            }
            _ => None,
        })
    }

    /// The same of a global of the module that a function assigns `value` to: `global link`, and
    /// `link = connect()`.
    pub fn global_kept_as_value(
        &self,
        module: ModuleId,
        body: BodyId,
        value: ExprId,
        may_run: fn(&str) -> bool,
    ) -> Option<Span> {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let target = self.assigned(module, body, value)?;
        let ExprKind::Name(name) = code.kind(target) else { return None };
        let scope = code.expr(target).scope;
        if scope == MODULE_SCOPE || facts.outline.lookup(scope, name) != Some(MODULE_SCOPE) {
            return None;
        }
        self.asked_for_more(module, may_run, |body, id| {
            let expr = facts.body(body).expr(id);
            let is_read = facts.body(body).kind(id) == ExprKind::Name(name)
                && facts.outline.lookup(expr.scope, name) == Some(MODULE_SCOPE);
            is_read.then_some(true)
        })
    }

    /// Where the file asks what it keeps for something that no coroutine has. `place` says of an
    /// expression whether it is read there, and whether what is asked there counts.
    fn asked_for_more(
        &self,
        module: ModuleId,
        may_run: fn(&str) -> bool,
        place: impl Fn(BodyId, ExprId) -> Option<bool>,
    ) -> Option<Span> {
        let facts = self.project.facts(module);
        let mut asked = None;
        for body in facts.body_ids() {
            let code = facts.body(body);
            for id in code.expr_ids() {
                let Some(counts) = place(body, id) else { continue };
                let outer = code.expr(id).parent;
                match code.expr(id).usage {
                    Usage::Target
                    | Usage::Tested
                    | Usage::Identified
                    | Usage::Compared
                    | Usage::Formatted
                    | Usage::Subscripted => {}
                    Usage::Object => {
                        let Some(ExprKind::Attribute { name: part, .. }) =
                            outer.map(|outer| code.kind(outer))
                        else {
                            return None;
                        };
                        if is_of_coroutines(facts.outline.text(part)) {
                            return None;
                        }
                        if counts {
                            asked = asked.or(Some(code.span(id)));
                        }
                    }
                    // Nobody can call a coroutine.
                    Usage::Called => {
                        if counts {
                            asked = asked.or(Some(code.span(id)));
                        }
                    }
                    Usage::Passed => {
                        let taker = outer.and_then(|outer| code.called_name(outer))?;
                        let taker = facts.outline.text(taker);
                        if LOOK_AT_TYPES.contains(&taker) || may_run(taker) {
                            return None;
                        }
                    }
                    _ => return None,
                }
            }
        }
        asked
    }

    /// Whether the class and those above it leave in the attribute what is assigned to it: none has a
    /// property or a descriptor of the name.
    fn keeps_what_it_gets(&self, class: ClassRef, name: &str) -> bool {
        self.mro(class).iter().all(|above| match above {
            Ancestor::Project(above) => {
                let facts = self.project.facts(above.module);
                let outline = &facts.outline;
                let scope = outline.class(above.id).scope;
                let bound = outline.names.get(name);
                let is_plain = |binding: &Binding| match binding.kind {
                    BindingKind::Annotated { value: None, .. } => true,
                    BindingKind::Assigned(value)
                    | BindingKind::Annotated { value: Some(value), .. } => {
                        facts.body(binding.body).kind(value) == ExprKind::None
                    }
                    _ => false,
                };
                bound.is_none_or(|bound| outline.bindings(scope, bound).iter().all(is_plain))
            }
            Ancestor::Library(above) => self.project.catalog().member(above, name).is_none(),
            Ancestor::Unknown => false,
        })
    }
}
