//! What comes out of lists, dicts and the like, where an annotation says what is in them.

use std::rc::Rc;

use asynclint_semantic::{Argument, ArgumentKind, ExprId, ExprKind};

use crate::names::unpacking::part_at;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, Reason, Type};
use crate::values::elements::is_mapping;

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

/// Functions that give the same items in another container.
const COPIES: &[&str] = &[
    "builtins.iter",
    "builtins.list",
    "builtins.reversed",
    "builtins.set",
    "builtins.sorted",
    "builtins.tuple",
];

/// What holds one object for each context.
const CONTEXT_VAR: &str = "contextvars.ContextVar";

/// Methods that take something out of a container, or copy it.
const TAKES: &[&str] = &["copy", "get", "items", "pop", "popleft", "setdefault", "values"];

/// What the annotation `name[arguments]` describes, if it is a container and what is in it is
/// known. `is_open` tells that the last argument is `...`.
pub(crate) fn container(name: &str, arguments: &[Type], is_open: bool) -> Option<Type> {
    let (module, word) = name.rsplit_once('.')?;
    let is_known = |element: &Type| !matches!(element, Type::Unknown(_));
    if let ([element], CONTEXT_VAR) = (arguments, name)
        && is_known(element)
    {
        return Some(Type::Container(CONTEXT_VAR.into(), Rc::new(element.clone())));
    }
    if !matches!(module, "builtins" | "typing" | "collections" | "collections.abc") {
        return None;
    }
    match arguments {
        [element, _] if matches!(word, "tuple" | "Tuple") && is_open => {
            Some(Type::Container("builtins.tuple".into(), Rc::new(element.clone())))
        }
        [..] if matches!(word, "tuple" | "Tuple") => Some(Type::Tuple(arguments.into())),
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

fn list_of_tuples(places: Rc<[Type]>) -> Type {
    Type::Container("builtins.list".into(), Rc::new(Type::Tuple(places)))
}

impl Resolver<'_> {
    /// What `for` binds to its target.
    pub(crate) fn item(&self, iterable: ExprRef) -> Type {
        match self.contained(iterable) {
            Some((class, element)) if !is_mapping(&class) && &*class != CONTEXT_VAR => element,
            _ => self.walked_call(iterable).unwrap_or(Type::Unknown(Reason::Element)),
        }
    }

    /// `value[index]`.
    pub(crate) fn subscript(&self, at: ExprRef, head: ExprId, index: &[ExprId]) -> Type {
        let body = self.project.facts(at.module).body(at.body);
        // A slice of a list is a list.
        let is_slice = !matches!(index, [only] if !matches!(body.kind(*only), ExprKind::Other(_)));
        self.value(ExprRef { id: head, ..at }).map(|value| match value {
            Type::Container(class, _) if is_slice && &**class == "builtins.list" => value.clone(),
            Type::Container(_, element) if !is_slice => (**element).clone(),
            Type::Tuple(_) => match index {
                [only] => {
                    self.number(ExprRef { id: *only, ..at }).map(|index| part_at(value, index))
                }
                _ => None,
            }
            .unwrap_or(Type::Unknown(Reason::Element)),
            Type::ExternalInstance(class) if !is_slice => {
                if let Some((_, element)) = self.contained(ExprRef { id: head, ..at }) {
                    return element;
                }
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
                let word = self.project.facts(at.module).outline.text(name);
                if word == "choice" {
                    return self.picked(at);
                }
                if !TAKES.contains(&word) {
                    return None;
                }
                let (class, element) = self.contained(ExprRef { id: value, ..at })?;
                self.method_of_container(at, word, &class, &Rc::new(element))
            }
            ExprKind::Name(_) => {
                let Callee::External(name) = self.callee(at.module, at.body, at.id) else {
                    return None;
                };
                let item = |&Argument { value: id, .. }| self.item(ExprRef { id, ..at });
                match (&*name, body.arguments(at.id)) {
                    ("builtins.enumerate", [items, ..]) => {
                        let index = Type::external_instance("builtins.int");
                        return Some(list_of_tuples([index, item(items)].into()));
                    }
                    ("builtins.zip", all)
                        if all.iter().all(|one| one.kind != ArgumentKind::Unpacked) =>
                    {
                        return Some(list_of_tuples(all.iter().map(item).collect()));
                    }
                    _ => {}
                }
                if let Some(item) = self.picked(at) {
                    return Some(item);
                }
                let (only, is_copy) = match (&*name, body.arguments(at.id)) {
                    ("builtins.filter", [_, items]) => (items, true),
                    // `sorted(clients, key=load, reverse=True)`
                    ("builtins.sorted", [items, ..]) => (items, true),
                    (name, [only]) => (only, COPIES.contains(&name)),
                    _ => return None,
                };
                let (class, element) =
                    self.contained(ExprRef { id: only.value, ..at }).filter(|_| is_copy)?;
                (!is_mapping(&class))
                    .then(|| Type::Container("builtins.list".into(), Rc::new(element)))
            }
            _ => None,
        }
    }

    /// What a function gives that picks one of the items it is given: `next(iter(clients))`,
    /// `max(clients, key=load)`, `random.choice(clients)`.
    fn picked(&self, at: ExprRef) -> Option<Type> {
        let Callee::External(name) = self.callee(at.module, at.body, at.id) else { return None };
        let body = self.project.facts(at.module).body(at.body);
        let mut plain = body
            .arguments(at.id)
            .iter()
            .take_while(|argument| argument.kind == ArgumentKind::Positional)
            .map(|argument| ExprRef { id: argument.value, ..at });
        let items = plain.next()?;
        let default = plain.next();
        let item = match (&*name, default) {
            ("builtins.next", Some(default)) => {
                Type::join(vec![self.item(items), self.value(default)])
            }
            ("builtins.max" | "builtins.min" | "builtins.next" | "random.choice", None) => {
                self.item(items)
            }
            _ => return None,
        };
        (!matches!(item, Type::Unknown(_))).then_some(item)
    }

    /// The whole number that an expression says.
    fn number(&self, at: ExprRef) -> Option<usize> {
        let facts = self.project.facts(at.module);
        facts.whole_number(facts.body(at.body), at.id)?.try_into().ok()
    }

    fn method_of_container(
        &self,
        at: ExprRef,
        name: &str,
        class: &Rc<str>,
        element: &Rc<Type>,
    ) -> Option<Type> {
        let facts = self.project.facts(at.module);
        let arguments = facts.body(at.body).arguments(at.id);
        match (name, is_mapping(class)) {
            ("values", true) => Some(Type::Container("builtins.list".into(), element.clone())),
            ("items", true) => {
                let key = Type::Unknown(Reason::Element);
                let item = Type::Tuple([key, (**element).clone()].into());
                Some(Type::Container("builtins.list".into(), Rc::new(item)))
            }
            ("copy", _) => Some(Type::Container(class.clone(), element.clone())),
            ("get", false) if &**class == CONTEXT_VAR => {
                let default = arguments.first().map(|argument| argument.value);
                let default = default.map(|id| self.value(ExprRef { id, ..at }));
                Some(Type::join(std::iter::once((**element).clone()).chain(default).collect()))
            }
            (_, false) if &**class == CONTEXT_VAR => None,
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
