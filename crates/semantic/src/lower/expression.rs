//! Expressions.

use asynclint_parser::views::{Call, is_async};
use asynclint_parser::{Field, Kind, Node};

use super::Lowering;
use super::target::Source;
use crate::expr::{
    Argument, ArgumentKind, Clause, Comparison, Comprehension, ComprehensionKind, Expr, ExprKind,
    Usage,
};
use crate::ids::{ExprId, List};
use crate::names::Name;
use crate::outline::{AttributeWrite, BindingKind, ScopeKind};
use crate::records::Record;

impl Lowering {
    /// Lowers an expression whose value is used as `usage`.
    pub(super) fn expr(&mut self, node: Node<'_>, usage: Usage) -> ExprId {
        let node = node.unparenthesized();
        let first = self.body.exprs.len() as u32;
        let kind = self.expr_kind(node, usage);
        self.push(node, kind, usage, first)
    }

    /// Tells the operands of `id`, all of which begin at or after `first`, whose they are.
    fn adopt(&mut self, id: ExprId, first: u32) {
        if first == id.index() {
            return;
        }
        let operands = &mut self.operands;
        self.body.each_operand(id, |operand| operands.push(operand));
        for operand in operands.drain(..) {
            self.body.exprs.set_parent(operand, id);
        }
    }

    /// Enters an expression after those below it, which begin at `first`.
    pub(super) fn push(
        &mut self,
        node: Node<'_>,
        kind: ExprKind,
        usage: Usage,
        first: u32,
    ) -> ExprId {
        let id = ExprId::at(self.body.exprs.len() as u32);
        let span = self.span(node);
        let (stmt, scope) = (self.stmt, self.scope);
        let expr = Expr { kind, usage, parent: None, stmt, scope, first, span };
        self.body.exprs.push(Record::of(&expr));
        self.adopt(id, first);
        id
    }

    /// Lowers every child of `node`, each used as `usage`.
    pub(super) fn each(&mut self, node: Node<'_>, usage: Usage) -> List {
        let from = self.exprs.len();
        for child in node.children() {
            let child = self.expr(child, usage);
            self.exprs.push(child);
        }
        self.close_list(from)
    }

    fn operand(&mut self, node: Node<'_>, field: Field, usage: Usage) -> ExprId {
        match node.field(field) {
            Some(part) => self.expr(part, usage),
            None => self.hole(node, usage),
        }
    }

    /// Stands for an operand that could not be read.
    pub(super) fn hole(&mut self, node: Node<'_>, usage: Usage) -> ExprId {
        let first = self.body.exprs.len() as u32;
        self.push(node, ExprKind::Other(List::default()), usage, first)
    }

    fn only(&mut self, node: Node<'_>, usage: Usage) -> ExprId {
        let operand = node.children().find(|child| child.kind() != Kind::FromKeyword);
        match operand {
            Some(part) => self.expr(part, usage),
            None => self.hole(node, usage),
        }
    }

    fn expr_kind(&mut self, node: Node<'_>, usage: Usage) -> ExprKind {
        match node.kind() {
            Kind::Identifier => ExprKind::Name(self.name(node)),
            Kind::DottedName => {
                let name = self.name(node);
                ExprKind::Name(name)
            }
            Kind::Attribute => {
                let value = self.operand(node, Field::Object, Usage::Object);
                match node.field(Field::Attribute) {
                    Some(attribute) => ExprKind::Attribute { value, name: self.name(attribute) },
                    None => ExprKind::Other(List::default()),
                }
            }
            Kind::Call => self.call(node),
            Kind::Await => ExprKind::Await(self.only(node, Usage::Awaited)),
            Kind::Yield => self.yield_expression(node),
            Kind::Lambda => self.lambda(node),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::DictionaryComprehension
            | Kind::GeneratorExpression => self.comprehension(node, usage),
            Kind::Subscript => {
                let value = self.operand(node, Field::Value, Usage::Subscripted);
                let from = self.exprs.len();
                for index in node.fields(Field::Subscript) {
                    let index = self.expr(index, Usage::Index);
                    self.exprs.push(index);
                }
                ExprKind::Subscript { value, index: self.close_list(from) }
            }
            Kind::BooleanOperator => {
                let is_and = node.child(Kind::AndOperator).is_some();
                let left = self.operand(node, Field::Left, Usage::Tested);
                let right = self.operand(node, Field::Right, usage);
                ExprKind::Bool { is_and, left, right }
            }
            Kind::NotOperator => ExprKind::Not(self.operand(node, Field::Argument, Usage::Tested)),
            Kind::ComparisonOperator => self.comparison(node),
            Kind::BinaryOperator => {
                let left = self.operand(node, Field::Left, Usage::Operand);
                let right = self.operand(node, Field::Right, Usage::Operand);
                ExprKind::Binary { left, right }
            }
            Kind::UnaryOperator => {
                ExprKind::Unary(self.operand(node, Field::Argument, Usage::Operand))
            }
            Kind::ConditionalExpression => self.conditional_expression(node, usage),
            Kind::NamedExpression => {
                let value = self.operand(node, Field::Value, Usage::Bound);
                match node.field(Field::Name) {
                    Some(name) => {
                        let target = self.target(name, Source::Value(value));
                        ExprKind::Named { target, value }
                    }
                    None => ExprKind::Other(List::default()),
                }
            }
            Kind::Tuple | Kind::ExpressionList | Kind::PatternList | Kind::TuplePattern => {
                ExprKind::Tuple(self.each(node, element_of(usage)))
            }
            Kind::List | Kind::ListPattern => ExprKind::List(self.each(node, element_of(usage))),
            Kind::Set => ExprKind::Set(self.each(node, element_of(usage))),
            Kind::Dictionary => self.dictionary(node, element_of(usage)),
            Kind::ListSplat
            | Kind::DictionarySplat
            | Kind::ListSplatPattern
            | Kind::DictionarySplatPattern => ExprKind::Starred(self.only(node, Usage::Unpacked)),
            Kind::String | Kind::ConcatenatedString => self.string(node),
            Kind::Integer | Kind::Float => ExprKind::Number(self.name(node)),
            Kind::None => ExprKind::None,
            Kind::True => ExprKind::Boolean(true),
            Kind::False => ExprKind::Boolean(false),
            Kind::Ellipsis => ExprKind::Ellipsis,
            Kind::Type | Kind::GenericType | Kind::UnionType | Kind::MemberType => {
                let annotation = self.annotation(node);
                let from = self.exprs.len();
                self.exprs.push(annotation);
                ExprKind::Other(self.close_list(from))
            }
            Kind::Slice => ExprKind::Other(self.each(node, Usage::Index)),
            // What could not be read, and forms that have no place of their own. Statements never
            // stand below an expression of a file that was read whole.
            _ => ExprKind::Other(self.readable_children(node)),
        }
    }

    fn readable_children(&mut self, node: Node<'_>) -> List {
        if node.is_broken() {
            return List::default();
        }
        self.each(node, Usage::Operand)
    }

    fn call(&mut self, node: Node<'_>) -> ExprKind {
        let call = Call(node);
        let callee = self.operand(node, Field::Function, Usage::Called);
        let mut arguments = Vec::new();
        match call.arguments() {
            Some(generator) if generator.kind() == Kind::GeneratorExpression => {
                let value = self.expr(generator, Usage::Passed);
                arguments.push(Argument { kind: ArgumentKind::Positional, value });
            }
            Some(list) => arguments.extend(list.children().filter_map(|node| self.argument(node))),
            None => {}
        }
        self.attribute_setting(callee, &arguments);
        ExprKind::Call { callee, arguments: self.body.add_arguments(arguments) }
    }

    /// `setattr(x, "name", value)`, `monkeypatch.setattr(...)` and `patch.object(...)` write to an
    /// attribute as an assignment does.
    fn attribute_setting(&mut self, callee: ExprId, arguments: &[Argument]) {
        let Some(name) = self.body.last_name(callee) else { return };
        if !matches!(self.outline.names.text(name), "setattr" | "object") {
            return;
        }
        let [object, attribute, ..] = arguments else { return };
        match self.body.kind(attribute.value) {
            ExprKind::Str(Some(name)) => self.set_attribute(object.value, name),
            ExprKind::Str(None) => {}
            kind => match self.literals_of(kind) {
                Some(names) => {
                    for name in names {
                        self.set_attribute(object.value, name);
                    }
                }
                None => self.outline.dynamic_writes.push((self.body_id, object.value)),
            },
        }
    }

    fn set_attribute(&mut self, object: ExprId, name: Name) {
        let (body, function) = (self.body_id, self.function_here());
        self.outline.attribute_writes.push(AttributeWrite {
            class: None,
            object: Some(object),
            name,
            value: None,
            part: None,
            annotation: None,
            body,
            function,
        });
    }

    /// What a name stands for that walks over literals: `for name in ("get", "post"):`.
    fn literals_of(&self, kind: ExprKind) -> Option<Vec<Name>> {
        let ExprKind::Name(name) = kind else { return None };
        let scope = self.outline.scope(self.scope);
        let mut bindings = scope.bindings.iter().filter(|binding| binding.name == name);
        let (Some(only), None) = (bindings.next(), bindings.next()) else { return None };
        let BindingKind::Item { iterable, is_async: false } = only.kind else { return None };
        let (ExprKind::Tuple(all) | ExprKind::List(all) | ExprKind::Set(all)) =
            self.body.kind(iterable)
        else {
            return None;
        };
        let literal = |&id: &ExprId| match self.body.kind(id) {
            ExprKind::Str(text) => text,
            _ => None,
        };
        self.body.list(all).iter().map(literal).collect()
    }

    fn argument(&mut self, node: Node<'_>) -> Option<Argument> {
        let argument = match node.unparenthesized().kind() {
            Kind::KeywordArgument => {
                let name = self.name(node.field(Field::Name)?);
                let value = self.operand(node, Field::Value, Usage::Passed);
                Argument { kind: ArgumentKind::Keyword(name), value }
            }
            Kind::ListSplat => {
                let value = self.only(node.unparenthesized(), Usage::Unpacked);
                Argument { kind: ArgumentKind::Unpacked, value }
            }
            Kind::DictionarySplat => {
                let value = self.only(node, Usage::Unpacked);
                Argument { kind: ArgumentKind::UnpackedMapping, value }
            }
            _ => {
                let value = self.expr(node, Usage::Passed);
                Argument { kind: ArgumentKind::Positional, value }
            }
        };
        Some(argument)
    }

    fn yield_expression(&mut self, node: Node<'_>) -> ExprKind {
        if let Some(function) = self.function_here() {
            self.outline.functions[function.0 as usize].is_generator = true;
        }
        if node.child(Kind::FromKeyword).is_some() {
            return ExprKind::YieldFrom(self.only(node, Usage::Iterated));
        }
        ExprKind::Yield(node.children().next().map(|value| self.expr(value, Usage::Yielded)))
    }

    fn comparison(&mut self, node: Node<'_>) -> ExprKind {
        let mut operators = node.fields(Field::Operators).map(Node::kind);
        let operator = match (operators.next(), operators.next()) {
            (Some(Kind::IsOperator), None) => Comparison::Is,
            (Some(Kind::IsNotOperator), None) => Comparison::IsNot,
            (Some(Kind::InOperator), None) => Comparison::In,
            (Some(Kind::NotInOperator), None) => Comparison::NotIn,
            (Some(Kind::EqualOperator), None) => Comparison::Equal,
            (Some(Kind::LessOperator), None) => Comparison::Less,
            (Some(Kind::NotLessOperator), None) => Comparison::NotLess,
            _ => Comparison::Other,
        };
        let is_identity = node
            .fields(Field::Operators)
            .any(|child| matches!(child.kind(), Kind::IsOperator | Kind::IsNotOperator));
        let usage = if is_identity { Usage::Identified } else { Usage::Compared };
        let from = self.exprs.len();
        for child in node.children() {
            if child.field_in_parent() != Field::Operators {
                let child = self.expr(child, usage);
                self.exprs.push(child);
            }
        }
        ExprKind::Compare { operator, operands: self.close_list(from) }
    }

    fn conditional_expression(&mut self, node: Node<'_>, usage: Usage) -> ExprKind {
        let parts: Vec<_> = node.children().collect();
        let [body, test, orelse] = parts.as_slice() else {
            return ExprKind::Other(self.readable_children(node));
        };
        let body = self.expr(*body, usage);
        let test = self.expr(*test, Usage::Tested);
        let orelse = self.expr(*orelse, usage);
        let from = self.exprs.len();
        self.exprs.extend([body, orelse]);
        ExprKind::Conditional { test, branches: self.close_list(from) }
    }

    fn dictionary(&mut self, node: Node<'_>, usage: Usage) -> ExprKind {
        let from = self.exprs.len();
        for entry in node.children() {
            if entry.kind() == Kind::Pair {
                let key = self.operand(entry, Field::Key, usage);
                self.exprs.push(key);
                let value = self.operand(entry, Field::Value, usage);
                self.exprs.push(value);
            } else {
                let entry = self.expr(entry, usage);
                self.exprs.push(entry);
            }
        }
        ExprKind::Dict(self.close_list(from))
    }

    fn comprehension(&mut self, node: Node<'_>, usage: Usage) -> ExprKind {
        let kind = match node.kind() {
            Kind::ListComprehension => ComprehensionKind::List,
            Kind::SetComprehension => ComprehensionKind::Set,
            Kind::DictionaryComprehension => ComprehensionKind::Dict,
            _ => ComprehensionKind::Generator,
        };
        let outer = self.scope;
        let scope = self.new_scope(ScopeKind::Comprehension, Some(outer));
        let mut clauses: Vec<Clause> = Vec::new();
        for part in node.children() {
            match part.kind() {
                Kind::ForInClause => {
                    // The first iterable is evaluated outside.
                    self.scope = if clauses.is_empty() { outer } else { scope };
                    clauses.push(self.clause(part, scope));
                }
                Kind::IfClause => {
                    self.scope = scope;
                    let conditions = self.each(part, Usage::Tested);
                    if let Some(clause) = clauses.last_mut() {
                        clause.conditions = self.joined(clause.conditions, conditions);
                    }
                }
                _ => {}
            }
        }
        self.scope = scope;
        // A generator that is dropped never runs.
        let usage = match (kind, usage) {
            (ComprehensionKind::Generator, _) => Usage::Collected,
            _ => element_of(usage),
        };
        let body = node.field(Field::Body);
        let elements = match body {
            Some(pair) if pair.kind() == Kind::Pair => {
                let from = self.exprs.len();
                let key = self.operand(pair, Field::Key, usage);
                let value = self.operand(pair, Field::Value, usage);
                self.exprs.extend([key, value]);
                self.close_list(from)
            }
            Some(element) => {
                let from = self.exprs.len();
                let element = self.expr(element, usage);
                self.exprs.push(element);
                self.close_list(from)
            }
            None => List::default(),
        };
        self.scope = outer;
        let index = self.body.comprehensions.len() as u32;
        self.body.comprehensions.push(Comprehension { kind, elements, clauses: clauses.into() });
        ExprKind::Comprehension(index)
    }

    fn clause(&mut self, node: Node<'_>, scope: crate::outline::ScopeId) -> Clause {
        let is_async = is_async(node);
        let usage = if is_async { Usage::AsyncIterated } else { Usage::Iterated };
        let iterable = self.operand(node, Field::Right, usage);
        self.scope = scope;
        let target = match node.field(Field::Left) {
            Some(left) => self.target(left, Source::Item { iterable, is_async }),
            None => self.hole(node, Usage::Target),
        };
        Clause { is_async, target, iterable, conditions: List::default() }
    }

    fn joined(&mut self, before: List, after: List) -> List {
        let both = [self.body.list(before), self.body.list(after)].concat();
        self.body.add_list(both)
    }
}

/// What becomes of the elements of a display that is itself used as `usage`.
fn element_of(usage: Usage) -> Usage {
    match usage {
        Usage::Discarded | Usage::Annotation | Usage::Target => usage,
        _ => Usage::Collected,
    }
}
