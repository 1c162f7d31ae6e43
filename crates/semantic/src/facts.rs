//! All that is known of one file by itself.

use asynclint_parser::{Span, SyntaxError};
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::expr::ExprKind;
use crate::ids::{BodyId, ExprId, MODULE};
use crate::outline::{ClassId, Function, Outline};
use crate::statements::Statements;

/// Names that the first parameter of a method has beside `self`, `cls` and what holds these.
const USUAL_RECEIVERS: &[&str] = &[
    "_", "__", "inst", "instance", "klass", "mcs", "me", "metacls", "mixin", "obj", "slf", "this",
];

/// Names of a function that another function of the class decorates: no object is called so.
const DECORATED: &[&str] = &["f", "fn", "func", "function", "meth", "method", "wrapped"];

/// Decorators that leave a method one that gets its object first.
const ON_METHODS: &[&str] = &[
    "abstractmethod",
    "abstractproperty",
    "asynccontextmanager",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "deleter",
    "final",
    "getter",
    "lru_cache",
    "overload",
    "override",
    "property",
    "setter",
    "wraps",
];

/// One file: what others can see of it, and its code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Definitions and names.
    pub outline: Outline,
    /// Code: the module's own first, then one body for each outermost function.
    pub bodies: Vec<Body>,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// Empty for valid Python.
    pub errors: Vec<SyntaxError>,
}

impl Facts {
    /// The body `id`.
    pub fn body(&self, id: BodyId) -> &Body {
        &self.bodies[id.0 as usize]
    }

    /// Every body.
    pub fn body_ids(&self) -> impl Iterator<Item = BodyId> + use<> {
        (0..self.bodies.len() as u32).map(BodyId)
    }

    /// Whether the expression is the first parameter of a method: `self` or `cls`.
    pub fn is_receiver(&self, body: BodyId, id: ExprId) -> bool {
        self.class_of_receiver(body, id).is_some()
    }

    /// The class around the method whose first parameter the expression is.
    pub fn class_of_receiver(&self, body: BodyId, id: ExprId) -> Option<ClassId> {
        let body = self.body(body);
        let ExprKind::Name(name) = body.kind(id) else { return None };
        let scope = self.outline.lookup(body.expr(id).scope, name)?;
        let own = self.outline.function(self.outline.function_of(scope)?);
        let is_first = own.parameters.first().is_some_and(|first| first.name == name);
        own.class.filter(|_| is_first && self.gets_receiver(own))
    }

    /// Whether the function, which stands in a class, gets the object or the class first, as far as
    /// can be told: a decorator such as `@route.get("/")` may call it by itself, and what it gives
    /// first has another name than `self` then.
    pub fn gets_receiver(&self, function: &Function) -> bool {
        let first = function.parameters.first().map_or("self", |it| self.outline.text(it.name));
        if DECORATED.contains(&first) {
            return false;
        }
        let is_usual =
            first.contains("self") || first.contains("cls") || USUAL_RECEIVERS.contains(&first);
        let home = self.body(function.home);
        let leaves_it = |&id: &ExprId| {
            let name = home.last_name(home.callee(id).unwrap_or(id));
            name.is_some_and(|name| ON_METHODS.contains(&self.outline.text(name)))
        };
        is_usual || home.list(function.decorators).iter().all(leaves_it)
    }

    /// The whole number that is written at `id` in decimal digits: `1_000_000`.
    pub fn whole_number(&self, body: &Body, id: ExprId) -> Option<u64> {
        match body.kind(id) {
            ExprKind::Number(digits) => self.outline.text(digits).replace('_', "").parse().ok(),
            _ => None,
        }
    }

    /// Where statements stand, to ask for many places.
    pub fn statements(&self) -> Statements {
        Statements::of(self)
    }

    /// The class body or module code that is not within any function.
    pub fn module_body(&self) -> &Body {
        self.body(MODULE)
    }
}
