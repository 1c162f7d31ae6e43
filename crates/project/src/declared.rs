//! What a class declares to be in its attributes: fields of models and data classes, and `self.x: T`.

use asynclint_semantic::{ArgumentKind, BindingKind, BodyId, ExprId, ExprKind, StmtKind};

use crate::members::Ancestor;
use crate::parameters::WantsValue;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, ModuleId, Type};

impl Resolver<'_> {
    /// What shows that an argument of a call that makes an object fills a field that is not for
    /// awaitables: `Reply(text=...)`, where the class says `text: str` and has no `__init__`.
    pub fn field_wants_value(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
    ) -> Option<WantsValue> {
        let Callee::Class(class) = self.callee(module, body, call) else { return None };
        let made_by = self.attribute(&Type::Instance(class), "__init__", None);
        if matches!(made_by, Type::Method(_)) {
            return None;
        }
        let facts = self.project.facts(module);
        let mut arguments = facts.body(body).arguments(call).iter();
        let ArgumentKind::Keyword(name) = arguments.find(|it| it.value == argument)?.kind else {
            return None;
        };
        self.declared_value(class, facts.outline.text(name))
    }

    /// What shows that the attribute that the statement assigns `value` to is not for awaitables:
    /// the annotation in its class, or of another assignment to it.
    pub fn attribute_wants_value(
        &self,
        module: ModuleId,
        body: BodyId,
        value: ExprId,
    ) -> Option<WantsValue> {
        let facts = self.project.facts(module);
        let code = facts.body(body);
        let StmtKind::Assign { targets, value: assigned } = code.stmt(code.expr(value).stmt).kind
        else {
            return None;
        };
        let ([target], true) = (code.list(targets), assigned == value) else { return None };
        let ExprKind::Attribute { value: object, name } = code.kind(*target) else { return None };
        match self.value(ExprRef { module, body, id: object }) {
            Type::Instance(class) => self.declared_value(class, facts.outline.text(name)),
            _ => None,
        }
    }

    /// The annotation of an attribute in the closest class that has one, if it is not for awaitables.
    fn declared_value(&self, class: ClassRef, name: &str) -> Option<WantsValue> {
        let order = self.mro(class);
        let declared = order.iter().find_map(|ancestor| match ancestor {
            Ancestor::Project(class) => self.declaration(*class, name),
            _ => None,
        })?;
        let span = self.project.facts(declared.module).body(declared.body).span(declared.id);
        self.is_value_type(declared).then_some(WantsValue {
            module: declared.module,
            span,
            is_annotation: true,
        })
    }

    fn declaration(&self, class: ClassRef, name: &str) -> Option<ExprRef> {
        let module = class.module;
        let outline = &self.project.facts(module).outline;
        let name = outline.names.get(name)?;
        let bindings = outline.bindings(outline.class(class.id).scope, name).iter();
        let in_class = bindings.filter_map(|binding| match binding.kind {
            BindingKind::Annotated { annotation, .. } => {
                Some(ExprRef { module, body: binding.body, id: annotation })
            }
            _ => None,
        });
        let writes = outline.attribute_writes.iter();
        let in_methods = writes
            .filter(|write| write.class == Some(class.id) && write.name == name)
            .filter_map(|write| Some(ExprRef { module, body: write.body, id: write.annotation? }));
        in_class.chain(in_methods).next()
    }
}
