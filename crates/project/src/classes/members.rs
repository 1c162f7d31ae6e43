//! Attributes of objects, classes and modules.

use asynclint_catalog::Symbol;
use asynclint_semantic::BindingKind;

use crate::classes::mro::{Ancestor, Mro};
use crate::names::flow::MOST_BINDINGS;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, FunctionRef, ModuleId, Reason, Type};

impl Resolver<'_> {
    /// `value.name`, read in `reader`.
    pub(crate) fn attribute(&self, value: &Type, name: &str, reader: Option<ModuleId>) -> Type {
        if let Type::Union(parts) = value {
            return self.attribute_of_some(parts, name, reader);
        }
        value.map(|value| match value {
            Type::Module(module) => self.module_member(*module, name),
            Type::Instance(class) => self.instance_member(*class, name, reader),
            Type::Class(class) => self.class_member(*class, name, reader),
            Type::Super(class) => {
                let order = self.mro(*class);
                self.look_up(&order[1..], name).map_or_else(Type::Unknown, |f| self.bind(f))
            }
            Type::External(outer) => {
                // What a library's class holds for all its objects, such as the manager of a model.
                let catalog = self.project.catalog();
                if let Some(class) = catalog.attribute(outer, name) {
                    return Type::external_instance(class);
                }
                let dotted = format!("{outer}.{name}");
                if catalog.call(&dotted).is_none()
                    && let Some(Symbol::Instance(class)) = catalog.get(outer)
                {
                    return self.library_member(class, name);
                }
                match reader {
                    // `import a.b`, where `a` is a folder without an `__init__`.
                    Some(reader) => self.module_or_library(reader, &dotted),
                    None => self.library(&dotted),
                }
            }
            Type::ExternalInstance(_) | Type::Container(..) | Type::Tuple(_) => {
                let class = value.library_class().unwrap_or_default();
                if self.project.catalog().class(class).is_some_and(|it| it.filled_by_project) {
                    if matches!(self.library_member(class, name), Type::Unknown(_)) {
                        return self.put_into(class, name);
                    }
                    if self.is_plain_below(class, name) {
                        return Type::Unknown(Reason::OverridesDisagree);
                    }
                }
                match self.library_member(class, name) {
                    Type::Unknown(_) if !name.starts_with('_') => {
                        self.library_result_of(class, "__getattr__")
                    }
                    member => member,
                }
            }
            Type::Unknown(Reason::TypeVariable(variable)) => match self.bound_of(*variable) {
                bound @ Type::Unknown(_) => bound,
                bound => self.attribute(&bound, name, reader),
            },
            Type::Unknown(reason) => Type::Unknown(*reason),
            _ => Type::Unknown(Reason::UnknownAttribute),
        })
    }

    /// The attribute of an object that may be of several classes. Where some of the project's own
    /// have none of that name, it is read of one of the others, or the reading fails.
    fn attribute_of_some(&self, parts: &[Type], name: &str, reader: Option<ModuleId>) -> Type {
        let of_each: Vec<(&Type, Type)> =
            parts.iter().map(|part| (part, self.attribute(part, name, reader))).collect();
        let is_there = |(part, found): &&(&Type, Type)| {
            let lacks = matches!(found, Type::Unknown(Reason::UnknownAttribute));
            !(lacks && matches!(part, Type::Instance(_)))
        };
        let there: Vec<Type> =
            of_each.iter().filter(is_there).map(|(_, found)| found.clone()).collect();
        match there.as_slice() {
            [] => Type::Unknown(Reason::UnknownAttribute),
            _ => Type::join(there),
        }
    }

    pub(crate) fn library_member(&self, class: &str, name: &str) -> Type {
        let catalog = self.project.catalog();
        if let Some(class) = catalog.attribute(class, name) {
            return Type::external_instance(class);
        }
        match catalog.member(class, name) {
            Some(_) => Type::External(format!("{class}.{name}").into()),
            None => Type::Unknown(Reason::UnknownAttribute),
        }
    }

    /// What a special method of a library's class is known to return.
    pub(crate) fn library_result_of(&self, class: &str, method: &str) -> Type {
        let member = self.project.catalog().member(class, method);
        member
            .and_then(|member| member.returns.as_deref())
            .map_or(Type::Unknown(Reason::UnknownAttribute), Type::external_instance)
    }

    fn instance_member(&self, class: ClassRef, name: &str, reader: Option<ModuleId>) -> Type {
        let order = self.mro(class);
        let member = match self.member_of(&order, name, reader) {
            unknown @ Type::Unknown(Reason::UnannotatedParameter) => {
                self.given_above(&order, name).unwrap_or(unknown)
            }
            of_library @ (Type::ExternalInstance(_) | Type::Unknown(Reason::UnknownAttribute)) => {
                self.kept_by_library(&order, name).unwrap_or(of_library)
            }
            member => member,
        };
        if !member.holds(&Type::is_variable) {
            return member;
        }
        match self.definer(&order, name) {
            Some(definer) => self.in_class(&member, class, definer),
            None => member,
        }
    }

    pub(crate) fn member_of(&self, order: &Mro, name: &str, reader: Option<ModuleId>) -> Type {
        if self.is_dynamic(order) {
            return Type::Unknown(Reason::Replaced);
        }
        let found = self.look_up(order, name);
        let written = self.written(order, name);
        match (found, written) {
            (Ok(Type::Function(function)), None) => {
                if self.is_replaced(order, name, reader) {
                    return Type::Unknown(Reason::Replaced);
                }
                let bound = self.bind(Type::Function(function));
                match bound {
                    Type::Method(_) if !self.overrides_agree(name, function) => {
                        Type::Unknown(Reason::OverridesDisagree)
                    }
                    bound => bound,
                }
            }
            // What is assigned goes through the setter.
            (Ok(Type::Function(function)), Some(_)) if self.has_setter(function) => {
                self.bind(Type::Function(function))
            }
            (Ok(Type::Function(_)), Some(_)) => Type::Unknown(Reason::AttributeAndMethod),
            // `x: T` in the class declares what the methods assign.
            (Ok(declared), written) if self.is_declared(order, name) => match declared {
                Type::Unknown(_) => written.unwrap_or(declared),
                declared => declared,
            },
            (Ok(value), None) => self.with_replacements(order, name, value),
            (Ok(value), Some(written)) => Type::join(vec![value, written]),
            (Err(Reason::UnknownAttribute), Some(written)) => written,
            // An unknown base may hold the method that an attribute of the same name hides.
            (Err(_), Some(written)) => written,
            (Err(Reason::UnknownAttribute), None) if !name.starts_with("__") => {
                self.computed(order)
            }
            (Err(reason), None) => Type::Unknown(reason),
        }
    }

    /// What a class holds under a name, and what the classes below it put in its place: the code of
    /// the class may run on an object of any of them.
    fn with_replacements(&self, order: &Mro, name: &str, value: Type) -> Type {
        let Some(Ancestor::Project(own)) = order.first() else { return value };
        if self.linking.get() || matches!(value, Type::Unknown(_)) {
            return value;
        }
        let holder = order.iter().find_map(|ancestor| match ancestor {
            Ancestor::Project(class) if self.project.class_binds(*class, name) => Some(*class),
            _ => None,
        });
        let Some(holder) = holder else { return value };
        let below = self.project.overriders(holder, name);
        let mut types = vec![value];
        for sub in below.into_iter().filter(|sub| sub != own) {
            if holder != *own && !self.mro(sub).contains(&Ancestor::Project(*own)) {
                continue;
            }
            if types.len() > MOST_BINDINGS {
                return Type::Unknown(Reason::OverridesDisagree);
            }
            let outline = &self.project.facts(sub.module).outline;
            let Some(bound) = outline.names.get(name) else { continue };
            types.push(self.scope_name(sub.module, outline.class(sub.id).scope, bound));
        }
        Type::join(types)
    }

    /// Whether the running program may replace any attribute: `setattr` under computed names, a
    /// metaclass or class decorator that does so, `__getattribute__`.
    pub(crate) fn is_dynamic(&self, order: &Mro) -> bool {
        order.iter().any(|ancestor| match ancestor {
            Ancestor::Project(class) => self.is_dynamic_class(*class),
            _ => false,
        })
    }

    fn is_dynamic_class(&self, class: ClassRef) -> bool {
        if let Some(&known) = self.dynamic.borrow().get(&class) {
            return known;
        }
        // Whoever asks again meanwhile asks for what decides this: no class decides it of itself.
        self.dynamic.borrow_mut().insert(class, false);
        let answer = self.is_dynamic_unasked(class);
        self.dynamic.borrow_mut().insert(class, answer);
        answer
    }

    fn is_dynamic_unasked(&self, class: ClassRef) -> bool {
        let module = class.module;
        let outline = &self.project.facts(module).outline;
        let own = self.project.class(class);
        let there = |body, id| ExprRef { module, body, id };
        let has_getter = outline.binds(own.scope, "__getattribute__");
        let is_written = || {
            // `setattr(self, name, value)` fills in data far more often than it replaces methods.
            outline.dynamic_writes.iter().any(|&(body, id)| match self.value(there(body, id)) {
                Type::Class(written) => written == class,
                _ => false,
            })
        };
        let has_metaclass = || {
            let mut keywords = own.keywords.iter();
            let meta = keywords.find(|&&(key, _)| outline.text(key) == "metaclass");
            // A metaclass of the project can be read, and hardly ever changes what is async.
            meta.is_some_and(|&(_, id)| match self.value(there(own.home, id)) {
                Type::External(name) => !matches!(&*name, "abc.ABCMeta" | "enum.EnumMeta"),
                Type::Class(_) => false,
                _ => true,
            })
        };
        let is_remade = || {
            let body = self.project.facts(module).body(own.home);
            body.list(own.decorators).iter().any(|&id| {
                let head = body.callee(id).unwrap_or(id);
                match self.value(there(own.home, head)) {
                    Type::Function(decorator) => self.sets_attributes(decorator),
                    _ => false,
                }
            })
        };
        has_getter || is_written() || has_metaclass() || is_remade()
    }

    /// Whether the function, or one nested in it, sets attributes under computed names.
    fn sets_attributes(&self, function: FunctionRef) -> bool {
        let body = self.project.function(function).body;
        self.project.facts(function.module).outline.writes_dynamically(body)
    }

    fn class_member(&self, class: ClassRef, name: &str, reader: Option<ModuleId>) -> Type {
        let order = self.mro(class);
        if self.is_dynamic(&order) {
            return Type::Unknown(Reason::Replaced);
        }
        if self.is_replaced(&order, name, reader) {
            return self.put_in_place(&order, name, reader);
        }
        match self.look_up(&order, name) {
            Ok(Type::Function(function)) if self.is_class_method(function) => {
                Type::Method(function)
            }
            Ok(function @ Type::Function(_)) => function,
            Ok(declared) if self.is_declared(&order, name) => declared,
            // `cls.shared = cls()` in a class method.
            Ok(value) => match self.written(&order, name) {
                Some(written) => Type::join(vec![value, written]),
                None => value,
            },
            Err(Reason::UnknownAttribute) => {
                self.written(&order, name).unwrap_or(Type::Unknown(Reason::UnknownAttribute))
            }
            Err(reason) => Type::Unknown(reason),
        }
    }

    /// Whether the expression is the first parameter of a method: `self` or `cls`.
    pub(crate) fn is_receiver(&self, at: ExprRef) -> bool {
        self.project.facts(at.module).is_receiver(at.body, at.id)
    }

    /// Whether the function gets the class first, from wherever it is called.
    pub(crate) fn is_class_method(&self, function: FunctionRef) -> bool {
        let own = self.project.function(function);
        let home = self.project.facts(function.module).body(own.home);
        home.list(own.decorators).iter().any(|&id| {
            let at = ExprRef { module: function.module, body: own.home, id };
            matches!(self.value(at), Type::External(name) if &*name == "builtins.classmethod")
        })
    }

    /// What a class body in `order` binds to `name`, not yet bound to an object.
    pub(crate) fn look_up(&self, order: &Mro, name: &str) -> Result<Type, Reason> {
        for ancestor in order {
            match ancestor {
                Ancestor::Project(class) => {
                    let outline = &self.project.facts(class.module).outline;
                    let scope = outline.class(class.id).scope;
                    let bound = outline.names.get(name);
                    if let Some(bound) = bound.filter(|&n| !outline.bindings(scope, n).is_empty()) {
                        return Ok(self.scope_name(class.module, scope, bound));
                    }
                }
                Ancestor::Library(class) => match self.library_member(class, name) {
                    Type::Unknown(_) => {}
                    known => return Ok(known),
                },
                Ancestor::Unknown => return Err(Reason::UnknownBase),
            }
        }
        Err(Reason::UnknownAttribute)
    }

    fn is_declared(&self, order: &Mro, name: &str) -> bool {
        order.iter().any(|ancestor| {
            let Ancestor::Project(class) = ancestor else { return false };
            let outline = &self.project.facts(class.module).outline;
            let scope = outline.class(class.id).scope;
            outline.names.get(name).is_some_and(|name| {
                let mut bindings = outline.bindings(scope, name).iter();
                bindings.any(|binding| matches!(binding.kind, BindingKind::Annotated { .. }))
            })
        })
    }

    /// What the methods of the classes in `order` assign to `self.name`, unless they do it so often
    /// that it may be anything.
    pub(crate) fn written(&self, order: &Mro, name: &str) -> Option<Type> {
        let (mut types, mut all) = (Vec::new(), Vec::new());
        for ancestor in order {
            let Ancestor::Project(class) = ancestor else { continue };
            let module = class.module;
            let outline = &self.project.facts(module).outline;
            let Some(name) = outline.names.get(name) else { continue };
            let writes = outline.attribute_writes.iter();
            for write in writes.filter(|write| write.class == Some(class.id) && write.name == name)
            {
                all.push((module, write));
                let there = |id| ExprRef { module, body: write.body, id };
                let declared = write.annotation.map(|id| self.annotation(there(id)));
                types.push(match (declared, write.value) {
                    // `self.x: Any`
                    (Some(declared), None) if declared.is_anything() => continue,
                    (Some(declared), value)
                        if !matches!(declared, Type::Unknown(_)) && !declared.is_anything() =>
                    {
                        return Some(self.unless_belied(declared, value.map(there)));
                    }
                    (_, Some(value)) => self.value(there(value)),
                    _ => match write.part {
                        Some(part) => self.part(module, write.body, part),
                        None => Type::Unknown(Reason::OpaqueBinding),
                    },
                });
                if types.len() > MOST_BINDINGS {
                    return Some(Type::Unknown(Reason::OpaqueBinding));
                }
            }
        }
        if self.is_kept_or_made(&all) {
            return Some(self.given_or_made(types));
        }
        (!types.is_empty()).then(|| Type::join(types))
    }
}
