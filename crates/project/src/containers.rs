//! What comes out of lists, dicts and the like, where an annotation says what is in them.

use std::rc::Rc;

use asynclint_semantic::{ExprId, ExprKind, Name};

use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, Reason, Type};

/// Generic classes of one parameter whose items are of that type, by their last name, with the
/// class whose methods the object has.
const SEQUENCES: &[(&str, &str)] = &[
    ("AbstractSet", "builtins.set"),
    ("Collection", "builtins.list"),
    ("Deque", "collections.deque"),
    ("FrozenSet", "builtins.frozenset"),
    ("Iterable", "builtins.list"),
    ("Iterator", "builtins.list"),
    ("List", "builtins.list"),
    ("MutableSequence", "builtins.list"),
    ("MutableSet", "builtins.set"),
    ("Sequence", "builtins.list"),
    ("Set", "builtins.set"),
    ("deque", "collections.deque"),
    ("frozenset", "builtins.frozenset"),
    ("list", "builtins.list"),
    ("set", "builtins.set"),
];

/// Generic classes of a key and a value.
const MAPPINGS: &[&str] =
    &["DefaultDict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "dict"];

/// What the annotation `name[arguments]` describes, if it is a container and what is in it is
/// known.
pub(crate) fn container(name: &str, arguments: &[Type]) -> Option<Type> {
    let (module, word) = name.rsplit_once('.')?;
    if !matches!(module, "builtins" | "typing" | "collections" | "collections.abc") {
        return None;
    }
    let is_known = |element: &Type| !matches!(element, Type::Unknown(_));
    match arguments {
        [element] if is_known(element) => {
            let &(_, class) = SEQUENCES.iter().find(|(known, _)| *known == word)?;
            Some(Type::Container(class.into(), Rc::new(element.clone())))
        }
        [_, value] if is_known(value) && MAPPINGS.contains(&word) => {
            Some(Type::Container("builtins.dict".into(), Rc::new(value.clone())))
        }
        _ => None,
    }
}

impl Resolver<'_> {
    /// What `for` binds to its target.
    pub(crate) fn item(&self, iterable: ExprRef) -> Type {
        self.value(iterable).map(|value| match value {
            Type::Container(class, element) if &**class != "builtins.dict" => (**element).clone(),
            _ => Type::Unknown(Reason::Element),
        })
    }

    /// `value[index]`.
    pub(crate) fn subscript(&self, at: ExprRef, value: ExprId, index: &[ExprId]) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        // A slice of a list is a list.
        let is_slice = !matches!(index, [only] if !matches!(body.kind(*only), ExprKind::Other(_)));
        self.value(ExprRef { id: value, ..at }).map(|value| match value {
            Type::Container(class, _) if is_slice && &**class == "builtins.list" => value.clone(),
            Type::Container(_, element) if !is_slice => (**element).clone(),
            Type::ExternalInstance(class) if !is_slice => {
                match self.library_result_of(class, "__getitem__") {
                    Type::Unknown(_) => Type::Unknown(Reason::Element),
                    element => element,
                }
            }
            Type::Instance(_) if !is_slice => match self.attribute(value, "__getitem__", None) {
                Type::Method(getter) => self.called(getter),
                _ => Type::Unknown(Reason::Element),
            },
            _ => Type::Unknown(Reason::Element),
        })
    }

    /// What a call gives that takes something out of a container: `d.values()`, `d.get(k)`,
    /// `list(d.values())`. `None` if it is no such call.
    pub(crate) fn taken(&self, at: ExprRef, callee: ExprId) -> Option<Type> {
        let body = self.project.facts(at.module).body(at.body);
        match body.kind(callee) {
            ExprKind::Attribute { value, name } => {
                let Type::Container(class, element) = self.value(ExprRef { id: value, ..at })
                else {
                    return None;
                };
                self.method_of_container(at, name, &class, &element)
            }
            ExprKind::Name(_) => {
                let Callee::External(name) = self.callee(at.module, at.body, at.id) else {
                    return None;
                };
                let [only] = body.arguments(at.id) else { return None };
                let is_copy = matches!(
                    &*name,
                    "builtins.list" | "builtins.sorted" | "builtins.reversed" | "builtins.set"
                );
                match self.value(ExprRef { id: only.value, ..at }) {
                    Type::Container(class, element) if is_copy && &*class != "builtins.dict" => {
                        Some(Type::Container("builtins.list".into(), element))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn method_of_container(
        &self,
        at: ExprRef,
        name: Name,
        class: &Rc<str>,
        element: &Rc<Type>,
    ) -> Option<Type> {
        let facts = self.project.facts(at.module);
        let arguments = facts.body(at.body).arguments(at.id);
        let is_mapping = &**class == "builtins.dict";
        match (facts.outline.text(name), is_mapping) {
            ("values", true) => Some(Type::Container("builtins.list".into(), element.clone())),
            ("copy", _) => Some(Type::Container(class.clone(), element.clone())),
            ("pop" | "popleft", false) => Some((**element).clone()),
            ("get" | "pop" | "setdefault", true) => {
                let default = arguments.get(1).map(|argument| argument.value);
                let default = default.map(|id| self.value(ExprRef { id, ..at }));
                Some(Type::join(std::iter::once((**element).clone()).chain(default).collect()))
            }
            _ => None,
        }
    }
}
