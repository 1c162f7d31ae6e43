//! Which object an expression names: the way to it from a variable, by attributes.

use std::sync::Arc;

use asynclint_semantic::{
    Binding, BindingKind, BodyId, ExprId, ExprKind, MODULE_SCOPE, Name, ScopeId, ScopeKind,
};

use crate::classes::mro::Ancestor;
use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ClassRef, FunctionRef, ModuleId, Type};

/// Where a way to an object begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Root {
    /// A variable; also `self`.
    Variable(ModuleId, ScopeId, Name),
    /// A class, whose attribute all its objects share.
    Class(ClassRef),
}

/// The way to an object. Within one call of a function equal ways lead to one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    root: Root,
    attributes: Vec<Arc<str>>,
    /// The class that the last attribute belongs to.
    owner: Option<ClassRef>,
}

/// An object by the place in the program that makes it: one for each object of a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockId {
    /// A variable of a module or function.
    Variable(ModuleId, ScopeId, Name),
    /// An attribute of a class or of its objects.
    Attribute(ClassRef, Arc<str>),
}

/// Further than any honest chain of names for one thing goes.
const MAX_NAMES: usize = 8;

impl Place {
    /// The function whose variable the way begins with, if it is a local one.
    pub fn local_scope(&self) -> Option<(ModuleId, ScopeId, Name)> {
        match self.root {
            Root::Variable(module, scope, name) if scope != MODULE_SCOPE => {
                Some((module, scope, name))
            }
            _ => None,
        }
    }

    /// Whether both are one variable, or one attribute of objects of one class.
    pub fn is_alike(&self, other: &Self) -> bool {
        match self.owner {
            Some(_) => {
                self.owner == other.owner && self.attributes.last() == other.attributes.last()
            }
            None => self == other,
        }
    }

    /// The attribute that it ends with.
    pub fn attribute(&self) -> Option<&str> {
        self.attributes.last().map(|name| &**name)
    }

    /// Whether it is a variable itself and no attribute of one.
    pub fn is_variable(&self) -> bool {
        self.attributes.is_empty()
    }
}

impl Resolver<'_> {
    /// The way to the object that an expression evaluates to, if it is one of the library's class
    /// `class` or of a class below it.
    pub fn object_of(
        &self,
        module: ModuleId,
        body: BodyId,
        id: ExprId,
        class: &str,
    ) -> Option<Place> {
        let at = ExprRef { module, body, id };
        let Type::ExternalInstance(found) = self.value(at) else { return None };
        self.project.catalog().is_subclass(&found, class).then(|| self.lock_place(at))?
    }

    /// The way to the object that an expression evaluates to, whatever its class.
    pub fn object(&self, module: ModuleId, body: BodyId, id: ExprId) -> Option<Place> {
        self.lock_place(ExprRef { module, body, id })
    }

    /// The parameter of a function that a call of it hands an argument over as.
    pub fn parameter_of(
        &self,
        module: ModuleId,
        body: BodyId,
        call: ExprId,
        argument: ExprId,
    ) -> Option<(FunctionRef, Name)> {
        let Callee::Known(function) = self.callee(module, body, call) else { return None };
        if self.project.is_installed(function.module) {
            return None;
        }
        let own = self.project.function(function);
        let at = ExprRef { module, body, id: call };
        let index = (0..own.parameters.len())
            .find(|&index| self.argument_for(function, index, at) == Some(argument))?;
        Some((function, own.parameters[index].name))
    }

    /// The variable that holds a parameter of the function.
    pub fn place_of_parameter(&self, function: FunctionRef, name: Name) -> Place {
        let scope = self.project.function(function).scope;
        Place {
            root: Root::Variable(function.module, scope, name),
            attributes: Vec::new(),
            owner: None,
        }
    }

    /// The way to the object that `at` evaluates to. None for what is made on the spot, taken from
    /// a container, or bound in several places.
    pub(crate) fn lock_place(&self, at: ExprRef) -> Option<Place> {
        self.place_within(at, MAX_NAMES)
    }

    fn place_within(&self, at: ExprRef, left: usize) -> Option<Place> {
        let left = left.checked_sub(1)?;
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        match body.kind(at.id) {
            ExprKind::Name(name) => {
                let scope = facts.outline.lookup(body.expr(at.id).scope, name)?;
                self.variable(at.module, scope, name, left)
            }
            ExprKind::Attribute { value, name } => {
                let name = facts.outline.text(name);
                let object = ExprRef { id: value, ..at };
                match self.value(object) {
                    Type::Module(module) => {
                        let name = self.project.facts(module).outline.names.get(name)?;
                        self.variable(module, MODULE_SCOPE, name, left)
                    }
                    Type::Class(class) => {
                        let (owner, is_shared) = self.attribute_owner(class, name)?;
                        is_shared.then(|| Place::of_class(owner, name))
                    }
                    Type::Instance(class) => {
                        let (owner, is_shared) = self.attribute_owner(class, name)?;
                        if is_shared {
                            return Some(Place::of_class(owner, name));
                        }
                        let mut place = self.place_within(object, left)?;
                        place.attributes.push(name.into());
                        place.owner = Some(owner);
                        Some(place)
                    }
                    _ => None,
                }
            }
            ExprKind::Named { value, .. } => self.place_within(ExprRef { id: value, ..at }, left),
            _ => None,
        }
    }

    /// The way to what a variable holds: the variable, or what it is another name for.
    fn variable(&self, module: ModuleId, scope: ScopeId, name: Name, left: usize) -> Option<Place> {
        let left = left.checked_sub(1)?;
        let facts = self.project.facts(module);
        let outline = &facts.outline;
        let own = Place {
            root: Root::Variable(module, scope, name),
            attributes: Vec::new(),
            owner: None,
        };
        let bindings = outline.bindings(scope, name);
        let [only] = bindings else {
            // A variable of the module may be made anew; one of a function may be something else
            // on each path.
            return (scope == MODULE_SCOPE && !bindings.is_empty()).then_some(own);
        };
        match &only.kind {
            BindingKind::Import(import) => {
                let member = outline.text(import.member?);
                let from = self.project.named(module, import, outline.text(import.module))?;
                let name = self.project.facts(from).outline.names.get(member)?;
                self.variable(from, MODULE_SCOPE, name, left)
            }
            BindingKind::Assigned(value) if !only.from_inside => {
                let at = ExprRef { module, body: only.body, id: *value };
                match facts.body(only.body).kind(*value) {
                    ExprKind::Name(_) | ExprKind::Attribute { .. } => self.place_within(at, left),
                    _ => Some(own),
                }
            }
            BindingKind::Item { .. }
            | BindingKind::Unpacked(_)
            | BindingKind::Opaque
            | BindingKind::Deleted => None,
            _ => Some(own),
        }
    }

    /// The class that an attribute belongs to, and whether all its objects share it. None for
    /// properties and for what no class of the project says to have.
    fn attribute_owner(&self, class: ClassRef, name: &str) -> Option<(ClassRef, bool)> {
        let mut owner = None;
        let (mut is_bound, mut is_written) = (false, false);
        for ancestor in self.mro(class).iter() {
            let Ancestor::Project(class) = ancestor else { continue };
            let outline = &self.project.facts(class.module).outline;
            let Some(name) = outline.names.get(name) else { continue };
            let bindings = outline.bindings(outline.class(class.id).scope, name);
            if bindings.iter().any(|b| matches!(b.kind, BindingKind::Function(_))) {
                return None;
            }
            is_bound |= bindings.iter().any(|binding| self.makes_here(class.module, binding));
            let mut writes = outline.attribute_writes.iter();
            let is_written_here =
                writes.any(|write| write.class == Some(class.id) && write.name == name);
            is_written |= is_written_here;
            if is_written_here || !bindings.is_empty() {
                owner = Some(*class);
            }
        }
        owner.map(|owner| (owner, is_bound && !is_written))
    }

    /// Whether the class body makes the object, so that there is one for all: `lock = Lock()`, and
    /// not `lock: Lock = field(default_factory=Lock)`.
    fn makes_here(&self, module: ModuleId, binding: &Binding) -> bool {
        let value = match binding.kind {
            BindingKind::Assigned(value) => value,
            BindingKind::Annotated { value: Some(value), .. } => value,
            _ => return false,
        };
        let at = ExprRef { module, body: binding.body, id: value };
        let is_call = self.project.facts(module).body(binding.body).callee(value).is_some();
        let is_lock = matches!(
            self.value(at),
            Type::ExternalInstance(class) if self.project.catalog().lock(&class).is_some()
        );
        is_call && is_lock
    }

    /// The expressions that make what is found at `place`, as far as they are known.
    pub(crate) fn makers_of(&self, place: &Place) -> Vec<ExprRef> {
        let valued = |module, binding: &Binding| match binding.kind {
            BindingKind::Assigned(id) | BindingKind::Annotated { value: Some(id), .. } => {
                Some(ExprRef { module, body: binding.body, id })
            }
            _ => None,
        };
        let (Some(name), Some(owner)) = (place.attributes.last(), place.owner) else {
            let Root::Variable(module, scope, name) = place.root else { return Vec::new() };
            let bindings = self.project.facts(module).outline.bindings(scope, name);
            return bindings.iter().filter_map(|binding| valued(module, binding)).collect();
        };
        let module = owner.module;
        let outline = &self.project.facts(module).outline;
        let Some(name) = outline.names.get(name) else { return Vec::new() };
        let writes = outline.attribute_writes.iter();
        let written = writes
            .filter(|write| write.class == Some(owner.id) && write.name == name)
            .filter_map(|write| Some(ExprRef { module, body: write.body, id: write.value? }));
        let bindings = outline.bindings(outline.class(owner.id).scope, name).iter();
        bindings.filter_map(|binding| valued(module, binding)).chain(written).collect()
    }

    /// The object by the place that makes it. None where it comes from elsewhere, as a parameter
    /// and an attribute that holds one do: two such places may hold the same lock.
    pub fn lock_id(&self, place: &Place) -> Option<LockId> {
        let makers = self.makers_of(place);
        let is_made = |made: &ExprRef| {
            let body = self.project.facts(made.module).body(made.body);
            matches!(body.kind(made.id), ExprKind::Call { .. } | ExprKind::None)
        };
        let are_made = !makers.is_empty() && makers.iter().all(is_made);
        match (place.root, place.attributes.last(), place.owner) {
            (_, Some(name), Some(owner)) => {
                // A field of a dataclass is made by what nobody calls here.
                let is_own = are_made || makers.is_empty();
                is_own.then(|| LockId::Attribute(owner, name.clone()))
            }
            (Root::Variable(module, scope, name), None, _) => {
                are_made.then_some(LockId::Variable(module, scope, name))
            }
            _ => None,
        }
    }

    /// What the way `place`, which begins in the code of `callee`, is for the code that makes
    /// `call` of it. None where it begins with a local variable of the callee.
    pub(crate) fn place_for_caller(
        &self,
        place: &Place,
        callee: FunctionRef,
        call: ExprRef,
    ) -> Option<Place> {
        let Root::Variable(module, scope, name) = place.root else { return Some(place.clone()) };
        let own = self.project.function(callee);
        if (module, scope) != (callee.module, own.scope) {
            return Some(place.clone());
        }
        let index = own.parameters.iter().position(|parameter| parameter.name == name)?;
        let mut given = self.given(callee, index, call)?;
        given.attributes.extend(place.attributes.iter().cloned());
        given.owner = place.owner.or(given.owner);
        Some(given)
    }

    /// The way to what a call hands over as the parameter at `index`.
    fn given(&self, callee: FunctionRef, index: usize, call: ExprRef) -> Option<Place> {
        let body = self.project.facts(call.module).body(call.body);
        let is_bound =
            self.project.function(callee).class.is_some() && self.is_called_on_object(call);
        if is_bound && index == 0 {
            let ExprKind::Attribute { value, .. } = body.kind(body.callee(call.id)?) else {
                return None;
            };
            let receiver = ExprRef { id: value, ..call };
            return match self.value(receiver) {
                Type::Super(_) => self.receiver_of_code(receiver),
                _ => self.lock_place(receiver),
            };
        }
        self.lock_place(ExprRef { id: self.argument_for(callee, index, call)?, ..call })
    }

    /// The argument that a call hands over as the parameter at `index`.
    fn argument_for(&self, callee: FunctionRef, index: usize, call: ExprRef) -> Option<ExprId> {
        let is_bound =
            self.project.function(callee).class.is_some() && self.is_called_on_object(call);
        match self.passed(call, callee, index, usize::from(is_bound)) {
            Passed::Value(value) => Some(value),
            Passed::Nothing | Passed::Unknown => None,
        }
    }

    /// Whether a method is called on an object, which it has for its first parameter.
    fn is_called_on_object(&self, call: ExprRef) -> bool {
        let body = self.project.facts(call.module).body(call.body);
        match body.callee(call.id).map(|callee| body.kind(callee)) {
            Some(ExprKind::Attribute { value, .. }) => {
                let object = self.value(ExprRef { id: value, ..call });
                matches!(object, Type::Instance(_) | Type::Super(_))
            }
            _ => false,
        }
    }

    /// `self` where the code says `super()`.
    fn receiver_of_code(&self, at: ExprRef) -> Option<Place> {
        let facts = self.project.facts(at.module);
        let scope = facts.body(at.body).expr(at.id).scope;
        let function = facts.outline.function(facts.outline.function_of(scope)?);
        let first = function.parameters.first()?;
        matches!(facts.outline.scope(function.scope).kind, ScopeKind::Function(_)).then(|| Place {
            root: Root::Variable(at.module, function.scope, first.name),
            attributes: Vec::new(),
            owner: None,
        })
    }
}

impl Place {
    fn of_class(owner: ClassRef, name: &str) -> Self {
        Self { root: Root::Class(owner), attributes: vec![name.into()], owner: Some(owner) }
    }
}
