//! Attributes that code outside a class puts into its objects or into the class itself, and what the
//! project's classes below a library's class have where that class is the declared one.

use asynclint_semantic::{AttributeWrite, ExprKind, Function, StmtKind};

use crate::classes::mro::{Ancestor, Mro};
use crate::names::flow::MOST_BINDINGS;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, ModuleId, Reason, Type};

impl Resolver<'_> {
    /// What the code of the project assigns to an attribute of objects that it fills, and what its
    /// classes below have: `app.state.db = Database()`, and `self.bot.db` where it is a `Bot` by its
    /// annotation and one of the project's own in fact.
    pub(crate) fn put_into(&self, class: &str, name: &str) -> Type {
        let mut types = Vec::new();
        for module in self.project.modules_naming(name) {
            let outline = &self.project.facts(module).outline;
            let Some(bound) = outline.names.get(name) else { continue };
            // Tests may put there what they like.
            if self.project.is_test_module(module) {
                continue;
            }
            for below in self.classes_filling(module, class) {
                let scope = outline.class(below.id).scope;
                let writes = outline.attribute_writes.iter();
                let writes_it =
                    |write: &AttributeWrite| write.class == Some(below.id) && write.name == bound;
                if !outline.bindings(scope, bound).is_empty() || writes.clone().any(writes_it) {
                    types.push(self.attribute(&Type::Instance(below), name, None));
                }
            }
            let outside = outline.attribute_writes.iter().filter(|write| write.name == bound);
            for write in outside {
                let there = |id| ExprRef { module, body: write.body, id };
                let Some(object) = write.object.map(|id| self.value(there(id))) else { continue };
                match object {
                    // It may be another such object.
                    Type::Unknown(reason) if write.class.is_none() => return Type::Unknown(reason),
                    Type::Instance(of) if write.class.is_none() && self.fills(of, class) => {}
                    object if object.library_class().is_none_or(|it| !self.is_kin(it, class)) => {
                        continue;
                    }
                    _ => {}
                }
                types.push(match write.value {
                    Some(value) => self.value(there(value)),
                    None => Type::Unknown(Reason::OpaqueBinding),
                });
            }
            if types.len() > MOST_BINDINGS {
                return Type::Unknown(Reason::OpaqueBinding);
            }
        }
        if types.is_empty() { Type::Unknown(Reason::UnknownAttribute) } else { Type::join(types) }
    }

    /// Whether the code of a class puts items into a container that a class above it declares:
    /// `self.jobs[key] = job`. It may be more than what is declared there that it puts in and takes out.
    pub(crate) fn is_filled_below(&self, class: ClassRef, name: &str) -> bool {
        let facts = self.project.facts(class.module);
        let outline = &facts.outline;
        let Some(bound) = outline.names.get(name) else { return false };
        let is_own = |write: &AttributeWrite| write.class == Some(class.id) && write.name == bound;
        if !outline.bindings(outline.class(class.id).scope, bound).is_empty()
            || outline.attribute_writes.iter().any(is_own)
        {
            return false;
        }
        facts.body_ids().any(|id| {
            let body = facts.body(id);
            body.stmt_ids().any(|stmt| {
                let StmtKind::Assign { targets, .. } = body.stmt(stmt).kind else { return false };
                body.list(targets).iter().any(|&target| match body.kind(target) {
                    ExprKind::Subscript { value, .. } => {
                        matches!(body.kind(value), ExprKind::Attribute { value: object, name }
                            if name == bound && facts.class_of_receiver(id, object) == Some(class.id))
                    }
                    _ => false,
                })
            })
        })
    }

    /// Whether a class of the project whose objects may stand where the library's class is declared has
    /// a plain method of the name.
    pub(crate) fn is_plain_below(&self, class: &str, name: &str) -> bool {
        self.has_method(name, |function, of| !function.is_async && self.fills(of, class))
    }

    /// Whether a class of the project below that of a library's method, which `method` names with
    /// both, has a method of its own in its place: what is declared to be of the library's class may
    /// be one of the project's.
    pub fn may_be_replaced_below(&self, method: &str) -> bool {
        let Some((class, name)) = method.rsplit_once('.') else { return false };
        self.has_method(name, |_, of| self.derives_from(of, class) == Some(true))
    }

    /// Whether some class of the project has a method of the name for which, with its class,
    /// `is_wanted` holds.
    fn has_method(&self, name: &str, is_wanted: impl Fn(&Function, ClassRef) -> bool) -> bool {
        self.project.modules_naming(name).into_iter().any(|module| {
            let outline = &self.project.facts(module).outline;
            let Some(bound) = outline.names.get(name) else { return false };
            let mut functions = outline.functions.iter().filter(|it| it.name == Some(bound));
            functions.any(|it| it.class.is_some_and(|id| is_wanted(it, ClassRef::new(module, id))))
        })
    }

    /// The classes of a module whose objects may stand where the library's class is declared.
    fn classes_filling(&self, module: ModuleId, class: &str) -> Vec<ClassRef> {
        let ids = self.project.facts(module).outline.class_ids();
        ids.map(|id| ClassRef::new(module, id)).filter(|&it| self.fills(it, class)).collect()
    }

    fn fills(&self, of: ClassRef, class: &str) -> bool {
        self.mro(of).iter().any(|ancestor| match ancestor {
            Ancestor::Library(name) => self.is_kin(name, class),
            _ => false,
        })
    }

    /// Whether what is put into objects of one class can be read of the other: they are the same, or
    /// both of one library and there to be filled, as a bot and one of several shards.
    fn is_kin(&self, one: &str, other: &str) -> bool {
        let is_filled =
            |name| self.project.catalog().class(name).is_some_and(|it| it.filled_by_project);
        let library = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        one == other || (library(one) == library(other) && is_filled(one) && is_filled(other))
    }

    /// An object of the only class of the project that has the name, if it is below the library's
    /// class: what `bot.get_cog("Music")` gives.
    pub(crate) fn named_below(&self, name: &str, class: &str) -> Option<Type> {
        let modules = self.project.modules_naming(name).into_iter();
        let classes = modules.filter_map(|module| {
            let outline = &self.project.facts(module).outline;
            let bound = outline.names.get(name)?;
            let named = outline.class_ids().filter(move |&id| outline.class(id).name == bound);
            Some(named.map(move |id| ClassRef::new(module, id)))
        });
        let mut found = classes.flatten().filter(|it| !self.project.is_test_module(it.module));
        let only = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let own = self.project.class(only);
        let outline = &self.project.facts(only.module).outline;
        // `class Music(Cog, name="Songs")` goes by another name.
        let is_renamed = own.keywords.iter().any(|&(key, _)| outline.text(key) == "name");
        let is_below = !is_renamed && self.derives_from(only, class) == Some(true);
        is_below.then_some(Type::Instance(only))
    }

    /// What a class holds under a name whose value the reading module replaces, where it is known
    /// what that puts there, and no function stands there before: `Store.client = Client()`.
    pub(crate) fn put_in_place(&self, order: &Mro, name: &str, reader: Option<ModuleId>) -> Type {
        let unknown = Type::Unknown(Reason::Replaced);
        let (Some(module), Ok(before)) = (reader, self.look_up(order, name)) else {
            return unknown;
        };
        if matches!(before, Type::Function(_) | Type::External(_)) {
            return unknown;
        }
        let mut types = vec![before];
        types.extend(self.written(order, name));
        let outline = &self.project.facts(module).outline;
        let Some(bound) = outline.names.get(name) else { return unknown };
        let outside = outline.attribute_writes.iter();
        for write in outside.filter(|write| write.class.is_none() && write.name == bound) {
            let there = |id| ExprRef { module, body: write.body, id };
            let object = write.object.map(|id| self.value(there(id)));
            let is_own = match &object {
                Some(Type::Class(of)) => order.first() == Some(&Ancestor::Project(*of)),
                _ => false,
            };
            let body = self.project.facts(module).body(write.body);
            let value = write.value.filter(|_| is_own);
            let Some(value) = value.filter(|&id| body.kind(id) != ExprKind::None) else {
                // Who empties it puts nothing else there.
                if is_own && write.value.is_some() {
                    continue;
                }
                return unknown;
            };
            types.push(self.value(there(value)));
        }
        match Type::join(types) {
            Type::Function(_) | Type::Method(_) | Type::External(_) => unknown,
            joined => joined,
        }
    }
}
