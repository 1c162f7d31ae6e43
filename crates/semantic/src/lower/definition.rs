//! Functions, lambdas and classes.

use asynclint_parser::views::{ClassDef, FunctionDef, is_async};
use asynclint_parser::{Field, Kind, Node};

use super::Lowering;
use crate::body::Body;
use crate::expr::{ExprKind, Usage};
use crate::ids::{Block, BodyId, ExprId, List, MODULE, StmtId};
use crate::outline::{
    Binding, BindingKind, Class, ClassId, Function, FunctionId, Parameter, ParameterKind, ScopeId,
    ScopeKind,
};
use crate::stmt::StmtKind;

impl Lowering {
    /// `def`, with the decorators before it.
    pub(super) fn function(&mut self, node: Node<'_>, decorators: List) -> StmtKind {
        let def = FunctionDef(node);
        let parameters = def.parameters().map(|list| self.parameters(list)).unwrap_or_default();
        let returns = def.return_type().map(|annotation| self.annotation(annotation));
        let name = def.name().map(|name| self.name(name));
        let class = match self.outline.scope(self.scope).kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        };
        let id = self.new_function(Function {
            name,
            name_span: def.name().unwrap_or(node).span(),
            span: node.span(),
            is_async: is_async(node),
            is_generator: false,
            class,
            scope: self.scope,
            home_scope: self.scope,
            body: self.body_id,
            block: Block::default(),
            home: self.body_id,
            stmt: self.stmt,
            decorators,
            parameters,
            returns,
            is_broken: node.is_broken(),
            is_conditional: self.parent.is_some() || self.in_error,
        });
        if let Some(name) = name {
            self.bind(name, BindingKind::Function(id), node.span().start);
        }
        let Some(block) = def.body() else { return StmtKind::Function(id) };
        // An outermost function gets a body of its own, with spans relative to it.
        if self.body_id == MODULE {
            let mut fresh = std::mem::take(&mut self.spare);
            fresh.base = node.span().start;
            let module = std::mem::replace(&mut self.body, fresh);
            self.body_id = BodyId(self.bodies.len() as u32);
            self.bodies.push(Body::default());
            self.function_block(id, |lowering| lowering.block(block));
            self.bodies[self.body_id.0 as usize] = self.body.finish();
            self.spare = std::mem::replace(&mut self.body, module);
            self.body_id = MODULE;
        } else {
            self.function_block(id, |lowering| lowering.block(block));
        }
        StmtKind::Function(id)
    }

    /// A lambda: a function whose only statement returns its expression.
    pub(super) fn lambda(&mut self, node: Node<'_>) -> ExprKind {
        let list = node.field(Field::Parameters);
        let parameters = list.map(|list| self.parameters(list)).unwrap_or_default();
        let id = self.new_function(Function {
            name: None,
            name_span: node.span(),
            span: node.span(),
            is_async: false,
            is_generator: false,
            class: None,
            scope: self.scope,
            home_scope: self.scope,
            body: self.body_id,
            block: Block::default(),
            home: self.body_id,
            stmt: self.stmt,
            decorators: List::default(),
            parameters,
            returns: None,
            is_broken: node.is_broken(),
            is_conditional: false,
        });
        if let Some(body) = node.field(Field::Body) {
            self.function_block(id, |lowering| {
                let from = lowering.stmts.len();
                lowering.nested_statement(body, |lowering| {
                    StmtKind::Return(Some(lowering.expr(body, Usage::Returned)))
                });
                lowering.close_block(from)
            });
        }
        ExprKind::Lambda(id)
    }

    fn new_function(&mut self, mut function: Function) -> FunctionId {
        let id = FunctionId(self.outline.functions.len() as u32);
        let scope = self.new_scope(ScopeKind::Function(id), Some(self.scope));
        function.scope = scope;
        for (index, parameter) in function.parameters.iter().enumerate() {
            let (name, kind) = (parameter.name, BindingKind::Parameter(index as u32));
            let (body, at) = (function.home, function.span.start);
            let binding = Binding { name, kind, body, stmt: None, at, from_inside: false };
            self.scope_mut(scope).bindings.push(binding);
        }
        self.outline.functions.push(function);
        id
    }

    fn function_block(&mut self, id: FunctionId, lower: impl FnOnce(&mut Self) -> Block) {
        let scope = self.outline.function(id).scope;
        let saved = (self.scope, self.parent, self.stmt, self.in_error);
        (self.scope, self.parent, self.in_error) = (scope, None, false);
        let block = lower(self);
        (self.scope, self.parent, self.stmt, self.in_error) = saved;
        let body = self.body_id;
        let function = &mut self.outline.functions[id.0 as usize];
        (function.block, function.body) = (block, body);
    }

    /// `class`, with the decorators before it.
    pub(super) fn class(&mut self, node: Node<'_>, decorators: List) -> StmtKind {
        let def = ClassDef(node);
        let Some(name_node) = def.name() else { return StmtKind::Pass };
        let name = self.name(name_node);
        let from = self.exprs.len();
        let mut keywords = Vec::new();
        for argument in def.superclasses().into_iter().flat_map(Node::children) {
            if argument.kind() == Kind::KeywordArgument {
                let (key, value) = (argument.field(Field::Name), argument.field(Field::Value));
                if let (Some(key), Some(value)) = (key, value) {
                    keywords.push((self.name(key), self.expr(value, Usage::Defined)));
                }
            } else {
                let base = self.expr(argument, Usage::Defined);
                self.exprs.push(base);
            }
        }
        let bases = self.close_list(from);
        let id = ClassId(self.outline.classes.len() as u32);
        let scope = self.new_scope(ScopeKind::Class(id), Some(self.scope));
        self.outline.classes.push(Class {
            name,
            name_span: name_node.span(),
            scope,
            home_scope: self.scope,
            home: self.body_id,
            block: Block::default(),
            bases,
            keywords: keywords.into(),
            decorators,
            is_broken: node.is_broken(),
        });
        self.bind(name, BindingKind::Class(id), node.span().start);
        if let Some(block) = def.body() {
            let saved: (ScopeId, Option<StmtId>) = (self.scope, self.parent);
            (self.scope, self.parent) = (scope, None);
            let own = self.stmt;
            let block = self.block(block);
            (self.scope, self.parent) = saved;
            self.stmt = own;
            self.outline.classes[id.0 as usize].block = block;
        }
        StmtKind::Class(id)
    }

    fn parameters(&mut self, list: Node<'_>) -> Box<[Parameter]> {
        let mut parameters = Vec::new();
        let mut plain = ParameterKind::Plain;
        for node in list.children() {
            if node.kind() == Kind::KeywordSeparator {
                plain = ParameterKind::KeywordOnly;
                continue;
            }
            let annotation = node.field(Field::Type).map(|node| self.annotation(node));
            let default = node.field(Field::Value).map(|node| self.expr(node, Usage::Defined));
            let head = match node.kind() {
                Kind::TypedParameter => node.children().next(),
                Kind::DefaultParameter | Kind::TypedDefaultParameter => node.field(Field::Name),
                _ => Some(node),
            };
            let Some(head) = head else { continue };
            let (kind, name) = match head.kind() {
                Kind::Identifier => (plain, Some(head)),
                Kind::ListSplatPattern => (ParameterKind::Variadic, head.children().next()),
                Kind::DictionarySplatPattern => {
                    (ParameterKind::VariadicKeyword, head.children().next())
                }
                _ => continue,
            };
            if kind == ParameterKind::Variadic {
                plain = ParameterKind::KeywordOnly;
            }
            if let Some(name) = name {
                let name = self.name(name);
                parameters.push(Parameter { name, kind, annotation, default });
            }
        }
        parameters.into()
    }

    /// An annotation.
    pub(super) fn annotation(&mut self, node: Node<'_>) -> ExprId {
        let first = self.body.exprs.len() as u32;
        let mut children = node.children();
        let kind = match node.kind() {
            Kind::Type => {
                return match children.next() {
                    Some(inner) => self.annotation(inner),
                    None => self.hole(node, Usage::Annotation),
                };
            }
            Kind::GenericType => {
                let Some(head) = children.next() else {
                    return self.hole(node, Usage::Annotation);
                };
                let value = self.annotation(head);
                let from = self.exprs.len();
                for argument in children.flat_map(Node::children) {
                    let argument = self.annotation(argument);
                    self.exprs.push(argument);
                }
                ExprKind::Subscript { value, index: self.close_list(from) }
            }
            Kind::UnionType => {
                let (Some(left), Some(right)) = (children.next(), children.next()) else {
                    return self.hole(node, Usage::Annotation);
                };
                let left = self.annotation(left);
                ExprKind::Binary { left, right: self.annotation(right) }
            }
            Kind::MemberType => {
                let (Some(value), Some(name)) = (children.next(), children.next()) else {
                    return self.hole(node, Usage::Annotation);
                };
                let value = self.annotation(value);
                ExprKind::Attribute { value, name: self.name(name) }
            }
            _ => return self.expr(node, Usage::Annotation),
        };
        self.push(node, kind, Usage::Annotation, first)
    }
}
