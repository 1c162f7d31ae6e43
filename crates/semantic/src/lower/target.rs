//! What is assigned to.

use asynclint_parser::{Kind, Node};

use super::Lowering;
use crate::expr::{ExprKind, Usage};
use crate::ids::ExprId;
use crate::names::Name;
use crate::outline::{AttributeWrite, BindingKind, ClassId, Part, Whole};

/// What the targets of one assignment receive.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// A value as a whole.
    Value(ExprId),
    /// `target: annotation = value`.
    Annotated { annotation: ExprId, value: Option<ExprId> },
    /// `with manager as target`.
    Entered { manager: ExprId, is_async: bool },
    /// An item of an iterable.
    Item { iterable: ExprId, is_async: bool },
    /// A part of what is unpacked.
    Part(Part),
    /// `del`.
    Deleted,
    /// Anything that is not followed.
    Opaque,
}

impl Source {
    fn binding(self) -> BindingKind {
        match self {
            Self::Value(value) => BindingKind::Assigned(value),
            Self::Annotated { annotation, value } => BindingKind::Annotated { annotation, value },
            Self::Entered { manager, is_async } => BindingKind::Entered { manager, is_async },
            Self::Item { iterable, is_async } => BindingKind::Item { iterable, is_async },
            Self::Part(part) => BindingKind::Unpacked(part),
            Self::Deleted => BindingKind::Deleted,
            Self::Opaque => BindingKind::Opaque,
        }
    }

    /// What the target in the 0-based place `index` of a pattern receives.
    fn part(self, index: usize) -> Self {
        let all = match self {
            Self::Value(value) => Part::all(Whole::Value(value)),
            Self::Entered { manager, is_async } => Part::all(Whole::Entered { manager, is_async }),
            Self::Item { iterable, is_async } => Part::all(Whole::Item { iterable, is_async }),
            Self::Part(part) => part,
            Self::Deleted => return Self::Deleted,
            Self::Annotated { .. } | Self::Opaque => return Self::Opaque,
        };
        all.step(index).map_or(Self::Opaque, Self::Part)
    }
}

impl Lowering {
    /// Lowers a target and records what it binds or writes.
    pub(super) fn target(&mut self, node: Node<'_>, source: Source) -> ExprId {
        let first = self.body.exprs.len() as u32;
        match node.kind() {
            Kind::ParenthesizedExpression => {
                let inner = node.unparenthesized();
                if inner.kind() == Kind::ParenthesizedExpression {
                    self.push(
                        node,
                        ExprKind::Other(crate::ids::List::default()),
                        Usage::Target,
                        first,
                    )
                } else {
                    self.target(inner, source)
                }
            }
            Kind::Identifier => {
                let name = self.name(node);
                self.bind(name, source.binding(), node.span().start);
                self.push(node, ExprKind::Name(name), Usage::Target, first)
            }
            Kind::PatternList
            | Kind::TuplePattern
            | Kind::ListPattern
            | Kind::ExpressionList
            | Kind::Tuple
            | Kind::List => {
                let from = self.exprs.len();
                let is_starred = |child: &Node<'_>| {
                    matches!(child.kind(), Kind::ListSplatPattern | Kind::ListSplat)
                };
                // Behind `*rest` the places count from the end.
                let starred = node.children().position(|child| is_starred(&child));
                for (index, child) in node.children().enumerate() {
                    let inner = match source {
                        Source::Deleted => Source::Deleted,
                        _ if starred.is_some_and(|starred| index >= starred) => Source::Opaque,
                        _ => source.part(index),
                    };
                    let target = self.target(child, inner);
                    self.exprs.push(target);
                }
                let list = self.close_list(from);
                self.push(node, ExprKind::Tuple(list), Usage::Target, first)
            }
            Kind::ListSplatPattern | Kind::ListSplat | Kind::AsPatternTarget => {
                let inner = node.children().next();
                match inner {
                    Some(inner) if node.kind() == Kind::AsPatternTarget => {
                        self.target(inner, source)
                    }
                    Some(inner) => {
                        let target = self.target(inner, Source::Opaque);
                        self.push(node, ExprKind::Starred(target), Usage::Target, first)
                    }
                    None => self.expr(node, Usage::Target),
                }
            }
            Kind::Attribute => {
                let target = self.expr(node, Usage::Target);
                self.attribute_write(target, source);
                target
            }
            _ => self.expr(node, Usage::Target),
        }
    }

    fn attribute_write(&mut self, target: ExprId, source: Source) {
        let ExprKind::Attribute { value: object, name } = self.body.kind(target) else { return };
        let (value, annotation) = match source {
            Source::Value(value) => (Some(value), None),
            Source::Annotated { annotation, value } => (value, Some(annotation)),
            _ => (None, None),
        };
        let part = match source {
            Source::Part(part) => Some(part),
            _ => None,
        };
        let class = match self.body.kind(object) {
            ExprKind::Name(name) => self.class_of_self(name),
            _ => None,
        };
        let (object, body, function) = (Some(object), self.body_id, self.function_here());
        let write = AttributeWrite { class, object, name, value, part, annotation, body, function };
        self.outline.attribute_writes.push(write);
    }

    /// The class whose method has `name` as its first parameter, from here outwards.
    fn class_of_self(&self, name: Name) -> Option<ClassId> {
        let mut scope = Some(self.scope);
        while let Some(at) = scope {
            if let Some(function) = self.outline.function_of(at) {
                let function = self.outline.function(function);
                let is_first = function.parameters.first().is_some_and(|p| p.name == name);
                if is_first {
                    return function.class;
                }
                scope = Some(function.home_scope);
            } else {
                scope = self.outline.scope(at).parent;
            }
        }
        None
    }
}
