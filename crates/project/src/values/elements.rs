//! What is in lists, dicts and the like that nothing annotates: all that the code puts into them.

use std::rc::Rc;

use asynclint_semantic::{
    BindingKind, Body, BodyId, ComprehensionKind, ExprId, ExprKind, Name, ScopeId, StmtKind, Usage,
};
use rustc_hash::FxHashMap;

use crate::classes::mro::Ancestor;
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{Callee, ClassRef, ModuleId, Reason, Type};

/// Classes of mappings; calling one without arguments, or with the maker of what is missing, gives
/// an empty one.
const MAPPINGS: &[&str] = &[
    "builtins.dict",
    "collections.OrderedDict",
    "collections.defaultdict",
    "requests.structures.CaseInsensitiveDict",
    "weakref.WeakValueDictionary",
];

/// Classes of other containers, likewise.
const COLLECTIONS: &[&str] =
    &["builtins.list", "builtins.set", "collections.deque", "weakref.WeakSet"];

/// Methods that put one object in, the last argument.
pub(crate) const PUT_ONE: &[&str] = &["add", "append", "appendleft", "insert", "setdefault"];

/// Methods that put in what another container holds.
const PUT_MANY: &[&str] = &["extend", "extendleft", "update"];

/// A place where something is put into a container.
pub(crate) struct Insertion {
    body: BodyId,
    /// The container.
    container: ExprId,
    /// What is put in; absent where that is not followed.
    value: Option<ExprId>,
}

/// The insertions of a module, by the last name of the container.
pub(crate) type Insertions = FxHashMap<Name, Vec<Insertion>>;

impl Resolver<'_> {
    /// The class of a container and the type of what is in it: the values of a dict, the items of
    /// everything else.
    pub(crate) fn contained(&self, at: ExprRef) -> Option<(Rc<str>, Type)> {
        let body = self.project.facts(at.module).body(at.body);
        // `(client for client in clients if client.is_open)`
        if let Some(made) = body.comprehension(at.id)
            && made.kind == ComprehensionKind::Generator
        {
            let [only] = *body.list(made.elements) else { return None };
            let element = self.value(ExprRef { id: only, ..at });
            let is_known = !matches!(element, Type::Unknown(_));
            return is_known.then(|| ("builtins.list".into(), element));
        }
        match self.value(at) {
            Type::Container(class, element) => Some((class, (*element).clone())),
            Type::Tuple(places) => {
                let element = Type::join(places.to_vec());
                (!matches!(element, Type::Unknown(_))).then(|| ("builtins.tuple".into(), element))
            }
            Type::ExternalInstance(class) if is_container(&class) => {
                let element = self.gathered(at);
                (!matches!(element, Type::Unknown(_) | Type::None)).then_some((class, element))
            }
            // `given or []`: what nothing annotates is there to be filled.
            Type::Union(parts) => {
                let holds = |part: &Type| match part {
                    Type::Container(..) => true,
                    Type::ExternalInstance(class) => is_container(class),
                    _ => false,
                };
                let mut annotated = parts.iter().filter_map(|part| match part {
                    Type::Container(class, element) => Some((class.clone(), (**element).clone())),
                    _ => None,
                });
                let first = annotated.next().filter(|_| parts.iter().all(holds))?;
                annotated.all(|other| other.1 == first.1).then_some(first)
            }
            _ => None,
        }
    }

    /// The type of all that is put into the container that an expression names or makes.
    fn gathered(&self, at: ExprRef) -> Type {
        let facts = self.project.facts(at.module);
        let body = facts.body(at.body);
        match body.kind(at.id) {
            ExprKind::Name(name) => {
                let Some(scope) = facts.outline.lookup(body.expr(at.id).scope, name) else {
                    return Type::Unknown(Reason::Element);
                };
                self.ask(Question::Elements(at.module, scope, name), || {
                    self.put_into_variable(at.module, scope, name)
                })
            }
            ExprKind::Attribute { value, name } => {
                let Type::Instance(class) = self.value(ExprRef { id: value, ..at }) else {
                    return Type::Unknown(Reason::Element);
                };
                let name = facts.outline.text(name);
                let Some(own) = self.project.facts(class.module).outline.names.get(name) else {
                    return Type::Unknown(Reason::Element);
                };
                self.ask(Question::AttributeElements(class, own), || {
                    self.put_into_attribute(class, name)
                })
            }
            _ => self.made_with(at),
        }
    }

    fn put_into_variable(&self, module: ModuleId, scope: ScopeId, name: Name) -> Type {
        let facts = self.project.facts(module);
        let mut types = Vec::new();
        for binding in facts.outline.bindings(scope, name) {
            match binding.kind {
                BindingKind::Assigned(id) | BindingKind::Annotated { value: Some(id), .. } => {
                    types.push(self.made_with(ExprRef { module, body: binding.body, id }));
                }
                _ => return Type::Unknown(Reason::Element),
            }
        }
        let is_it = |body: &Body, container| {
            body.kind(container) == ExprKind::Name(name)
                && facts.outline.lookup(body.expr(container).scope, name) == Some(scope)
        };
        self.inserted(module, name, &is_it, &mut types);
        all_of(types)
    }

    /// What the code of the class, of those above it, and of their files puts in.
    fn put_into_attribute(&self, class: ClassRef, name: &str) -> Type {
        let mut types = Vec::new();
        let mut modules = Vec::new();
        for ancestor in self.mro(class).iter() {
            let Ancestor::Project(class) = ancestor else { continue };
            let outline = &self.project.facts(class.module).outline;
            let Some(name) = outline.names.get(name) else { continue };
            let there = |body, id| ExprRef { module: class.module, body, id };
            for write in &outline.attribute_writes {
                if write.class == Some(class.id) && write.name == name {
                    types.push(match write.value {
                        Some(value) => self.made_with(there(write.body, value)),
                        None => Type::Unknown(Reason::Element),
                    });
                }
            }
            for binding in outline.bindings(outline.class(class.id).scope, name) {
                types.push(match binding.kind {
                    BindingKind::Assigned(id) | BindingKind::Annotated { value: Some(id), .. } => {
                        self.made_with(there(binding.body, id))
                    }
                    BindingKind::Annotated { value: None, .. } => Type::None,
                    _ => Type::Unknown(Reason::Element),
                });
            }
            if !modules.contains(&class.module) {
                modules.push(class.module);
                let is_it = |body: &Body, container| {
                    matches!(body.kind(container), ExprKind::Attribute { .. })
                };
                self.inserted(class.module, name, &is_it, &mut types);
            }
        }
        all_of(types)
    }

    /// Adds what is put into the containers of a name for which `is_it` holds.
    fn inserted(
        &self,
        module: ModuleId,
        name: Name,
        is_it: &dyn Fn(&Body, ExprId) -> bool,
        types: &mut Vec<Type>,
    ) {
        let facts = self.project.facts(module);
        let insertions = self.insertions_of(module);
        for insertion in insertions.get(&name).into_iter().flatten() {
            if is_it(facts.body(insertion.body), insertion.container) {
                types.push(match insertion.value {
                    Some(id) => self.value(ExprRef { module, body: insertion.body, id }),
                    None => Type::Unknown(Reason::Element),
                });
            }
        }
    }

    /// What a display, a comprehension or an empty container holds: `None` for nothing.
    fn made_with(&self, at: ExprRef) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        let value = |&id: &ExprId| self.value(ExprRef { id, ..at });
        match body.kind(at.id) {
            ExprKind::None => Type::None,
            ExprKind::List(list) | ExprKind::Set(list) => {
                all_of(body.list(list).iter().map(value).collect())
            }
            ExprKind::Dict(list)
                if body
                    .list(list)
                    .iter()
                    .any(|&id| matches!(body.kind(id), ExprKind::Starred(_))) =>
            {
                Type::Unknown(Reason::Element)
            }
            ExprKind::Dict(list) => {
                let values = body.list(list).chunks(2).map(|pair| match pair {
                    [_, one] => value(one),
                    _ => Type::Unknown(Reason::Element),
                });
                all_of(values.collect())
            }
            ExprKind::Comprehension(_) => match body.comprehension(at.id) {
                Some(made) if made.kind != ComprehensionKind::Generator => {
                    body.list(made.elements).last().map_or(Type::None, value)
                }
                _ => Type::Unknown(Reason::Element),
            },
            ExprKind::Call { .. } => match self.callee(at.module, at.body, at.id) {
                Callee::External(name) if is_container(&name) => {
                    match (body.arguments(at.id), &*name) {
                        ([], _) => Type::None,
                        ([made], "collections.defaultdict") => {
                            let made = self.value(ExprRef { id: made.value, ..at });
                            match made {
                                Type::Class(class) => Type::Instance(class),
                                _ => Type::Unknown(Reason::Element),
                            }
                        }
                        // `OrderedDict({})`
                        ([display], _)
                            if matches!(
                                body.kind(display.value),
                                ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Set(_)
                            ) =>
                        {
                            self.made_with(ExprRef { id: display.value, ..at })
                        }
                        _ => Type::Unknown(Reason::Element),
                    }
                }
                _ => Type::Unknown(Reason::Element),
            },
            _ => Type::Unknown(Reason::Element),
        }
    }

    fn insertions_of(&self, module: ModuleId) -> Rc<Insertions> {
        if let Some(known) = self.insertions.borrow().get(&module) {
            return Rc::clone(known);
        }
        let mut found = Insertions::default();
        let facts = self.project.facts(module);
        for id in facts.body_ids() {
            let body = facts.body(id);
            let mut add = |container: ExprId, value: Option<ExprId>| {
                if let Some(name) = body.last_name(container) {
                    found.entry(name).or_default().push(Insertion { body: id, container, value });
                }
            };
            for expr in body.expr_ids() {
                match body.kind(expr) {
                    ExprKind::Subscript { value, .. } if body.expr(expr).usage == Usage::Target => {
                        add(value, assigned_to(body, expr));
                    }
                    ExprKind::Call { callee, .. } => {
                        let ExprKind::Attribute { value, name } = body.kind(callee) else {
                            continue;
                        };
                        let name = facts.outline.text(name);
                        if PUT_ONE.contains(&name) {
                            add(value, body.arguments(expr).last().map(|argument| argument.value));
                        } else if PUT_MANY.contains(&name) {
                            add(value, None);
                        }
                    }
                    _ => {}
                }
            }
            for stmt in body.stmt_ids() {
                if let StmtKind::AugAssign { target, .. } = body.stmt(stmt).kind {
                    add(target, None);
                }
            }
        }
        let found = Rc::new(found);
        self.insertions.borrow_mut().insert(module, Rc::clone(&found));
        found
    }
}

/// The value of `target = value`; none where several targets share it out, and for `del`.
fn assigned_to(body: &Body, target: ExprId) -> Option<ExprId> {
    match body.stmt(body.expr(target).stmt).kind {
        StmtKind::Assign { targets, value } => {
            body.list(targets).contains(&target).then_some(value)
        }
        StmtKind::AnnAssign { target: only, value, .. } if only == target => value,
        _ => None,
    }
}

/// One type for all that is in a container: functions, classes, and objects whose class is known.
fn all_of(types: Vec<Type>) -> Type {
    let joined = Type::join(types);
    if joined.parts().iter().all(is_told) { joined } else { Type::Unknown(Reason::Element) }
}

/// Whether an item of this type says what the others are: a number or a list says nothing.
fn is_told(part: &Type) -> bool {
    match part {
        Type::Instance(_)
        | Type::None
        | Type::Function(_)
        | Type::Method(_)
        | Type::Class(_)
        | Type::Tuple(_) => true,
        Type::ExternalInstance(class) => !class.starts_with("builtins."),
        _ => false,
    }
}

pub(crate) fn is_mapping(class: &str) -> bool {
    MAPPINGS.contains(&class)
}

fn is_container(class: &str) -> bool {
    is_mapping(class) || COLLECTIONS.contains(&class)
}
