//! What dotted names and members mean in the source, whatever the running program puts there.

use asynclint_semantic::{BodyId, ExprId, MODULE_SCOPE};

use crate::calls::gives::Gives;
use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Type};

impl Resolver<'_> {
    /// What calling `object.name` gives as the class, module or library defines it. That the
    /// module at hand replaces the attribute, as tests do, does not count.
    pub fn defined_member(
        &self,
        module: ModuleId,
        body: BodyId,
        object: ExprId,
        name: &str,
    ) -> Option<(Gives, Option<FunctionRef>)> {
        let object = self.value(ExprRef { module, body, id: object });
        self.member_named(&object, name)
    }

    /// What calling the thing of a dotted name such as `package.module.Class.method` gives, as
    /// it is defined.
    pub fn defined_name(
        &self,
        module: ModuleId,
        dotted: &str,
    ) -> Option<(Gives, Option<FunctionRef>)> {
        let (path, name) = dotted.rsplit_once('.')?;
        let object = match self.project.absolute(module, path) {
            Some(found) => Type::Module(found),
            None => match path.rsplit_once('.') {
                Some((outer, class)) => match self.project.absolute(module, outer) {
                    Some(found) => self.module_member(found, class),
                    None => Type::External(path.into()),
                },
                None => Type::External(path.into()),
            },
        };
        self.member_named(&object, name)
    }

    fn member_named(&self, object: &Type, name: &str) -> Option<(Gives, Option<FunctionRef>)> {
        let known = |function: FunctionRef| {
            let gives = self.gives(&Callee::Known(function));
            Some((gives, Some(function)))
        };
        let library = |class: &str| {
            let call = self.project.catalog().call(&format!("{class}.{name}"))?;
            Some((Gives::from(call.shade), None))
        };
        match object {
            Type::Module(found) => {
                let outline = &self.project.facts(*found).outline;
                let bound = outline.names.get(name)?;
                match self.scope_name(*found, MODULE_SCOPE, bound) {
                    Type::Function(function) => known(function),
                    Type::External(name) => {
                        let call = self.project.catalog().call(&name)?;
                        Some((call.shade.into(), None))
                    }
                    _ => None,
                }
            }
            Type::Instance(class) | Type::Class(class) => {
                self.mro(*class).iter().find_map(|ancestor| match ancestor {
                    Ancestor::Project(class) => {
                        let outline = &self.project.facts(class.module).outline;
                        let scope = outline.class(class.id).scope;
                        let bound = outline.names.get(name)?;
                        (!outline.bindings(scope, bound).is_empty()).then(|| {
                            match self.scope_name(class.module, scope, bound) {
                                Type::Function(function) => known(function),
                                _ => None,
                            }
                        })
                    }
                    Ancestor::Library(class) => {
                        let found = self.project.catalog().member(class, name)?;
                        Some(Some((Gives::from(found.shade), None)))
                    }
                    Ancestor::Unknown => Some(None),
                })?
            }
            Type::External(class) | Type::ExternalInstance(class) => library(class),
            _ => None,
        }
    }
}
