//! Where the grammar reads valid Python differently than Python does, the tree is put right, so
//! that nobody above has to know.

use crate::kind::{Field, Kind};
use crate::span::Span;
use crate::tree::SyntaxTree;

impl SyntaxTree<'_> {
    /// Puts right what can be put right in the tree itself.
    pub(crate) fn correct(&mut self) {
        for index in 0..self.entries.len() {
            match self.entries[index].kind {
                Kind::Await => self.await_binds_tighter_than_power(index),
                Kind::ListSplat => self.splat_takes_the_whole_operand(index),
                Kind::AsPattern => self.alias_names_the_whole_operand(index),
                _ => {}
            }
        }
    }

    /// `await a ** 2` comes as `await (a ** 2)`; Python reads `(await a) ** 2`.
    fn await_binds_tighter_than_power(&mut self, index: usize) {
        // The operand follows its keyword in the array, and the base follows the operator node.
        let (outer, inner, base) = (index, index + 1, index + 2);
        let is_power = self.entries.get(inner).is_some_and(|operand| {
            operand.kind == Kind::BinaryOperator && operand.parent as usize == outer
        });
        if !is_power || !self.has_child(inner, Kind::PowerOperator) {
            return;
        }
        let span = Span::new(self.entries[outer].span.start, self.entries[base].span.end);
        let end = self.entries[base].end;
        for child in end as usize..self.entries[inner].end as usize {
            if self.entries[child].parent as usize == inner {
                self.entries[child].parent = outer as u32;
            }
        }
        self.entries[outer].kind = Kind::BinaryOperator;
        self.entries[inner].kind = Kind::Await;
        self.entries[inner].field = Field::Left;
        self.entries[inner].span = span;
        self.entries[inner].end = end;
        self.entries[base].field = Field::None;
        // `await a ** b ** c` needs no second look: the exponent was never awaited.
    }

    /// `[*a.b()]` comes as a call on `(*a).b`; Python unpacks the result of `a.b()`.
    fn splat_takes_the_whole_operand(&mut self, index: usize) {
        let mut top = index;
        while matches!(self.entries[top].field, Field::Object | Field::Function | Field::Value) {
            let parent = self.entries[top].parent as usize;
            // The head of an attribute, call or subscript follows it in the array.
            if parent + 1 != top
                || !matches!(
                    self.entries[parent].kind,
                    Kind::Attribute | Kind::Call | Kind::Subscript
                )
            {
                break;
            }
            top = parent;
        }
        if top == index {
            return;
        }
        let splat = self.entries[index];
        let start = self.entries.get(index + 1).map_or(splat.span.end, |inner| inner.span.start);
        // Children off the spine hang one entry further right than before.
        for child in index + 1..self.entries[top].end as usize {
            let parent = self.entries[child].parent as usize;
            if (top..index).contains(&parent) {
                self.entries[child].parent += 1;
            }
        }
        let whole = self.entries[top];
        for spine in (top..index).rev() {
            let mut moved = self.entries[spine];
            moved.span.start = start;
            moved.parent = spine as u32;
            moved.field = if spine == top { Field::None } else { moved.field };
            self.entries[spine + 1] = moved;
        }
        self.entries[top] = crate::tree::Entry { kind: Kind::ListSplat, ..whole };
        if let Some(inner) = self.entries.get_mut(index + 1) {
            inner.field = splat.field;
        }
    }

    /// `with a if b else c as d` comes as `a if b else (c as d)`, and what follows a `lambda:`
    /// likewise; Python names the whole.
    fn alias_names_the_whole_operand(&mut self, index: usize) {
        let mut top = index;
        loop {
            let parent = self.entries[top].parent as usize;
            let is_last = self.entries[parent].end == self.entries[top].end;
            if !is_last
                || !matches!(self.entries[parent].kind, Kind::ConditionalExpression | Kind::Lambda)
            {
                break;
            }
            top = parent;
        }
        let operand = index + 1;
        let pattern = self.entries[index];
        if top == index || operand == pattern.end as usize {
            return;
        }
        let whole = self.entries[top];
        let (alias, operand_end) = (self.entries[operand].end, self.entries[operand].span.end);
        // The pattern goes to the top, and what was between moves on by one entry.
        for between in (top..index).rev() {
            let mut moved = self.entries[between];
            // Those around the pattern end with its operand now, those beside it where they did.
            if moved.end == pattern.end {
                moved.end = alias;
                moved.span.end = operand_end;
            } else {
                moved.end += 1;
            }
            moved.parent = if between == top { top as u32 } else { moved.parent + 1 };
            moved.field = if between == top { Field::None } else { moved.field };
            self.entries[between + 1] = moved;
        }
        self.entries[operand].parent = pattern.parent + 1;
        self.entries[operand].field = pattern.field;
        for child in alias as usize..pattern.end as usize {
            if self.entries[child].parent as usize == index {
                self.entries[child].parent = top as u32;
            }
        }
        self.entries[top] = crate::tree::Entry { kind: Kind::AsPattern, ..whole };
    }

    fn has_child(&self, index: usize, kind: Kind) -> bool {
        let end = self.entries[index].end as usize;
        self.entries[index + 1..end].iter().any(|e| e.parent as usize == index && e.kind == kind)
    }
}
