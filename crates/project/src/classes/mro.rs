//! Classes and what they inherit from, in C3 order.

use std::rc::Rc;

use asynclint_semantic::ExprKind;

use crate::resolver::{ExprRef, Resolver};
use crate::types::{ClassRef, Type};

/// One class in the order in which attributes are looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ancestor {
    Project(ClassRef),
    Library(Rc<str>),
    Unknown,
}

/// A class and its bases, in the order in which attributes are looked up.
pub(crate) type Mro = [Ancestor];

/// Classes above one class that are looked at. Code that people write has a tenth of that.
pub(crate) const MOST_ANCESTORS: usize = 256;

/// Library bases that add no attribute of interest.
const PLAIN_BASES: &[&str] = &["builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC"];

impl Resolver<'_> {
    /// The class and its bases in C3 order; behind [`MOST_ANCESTORS`] nothing is known.
    pub(crate) fn mro(&self, class: ClassRef) -> Rc<Mro> {
        if let Some(known) = self.mros.borrow().get(&class) {
            return known.clone();
        }
        // Whoever asks while the bases are being read has found a class below itself.
        let begin = |class| {
            self.mros.borrow_mut().insert(class, Rc::new([Ancestor::Unknown]));
            (class, self.bases(class))
        };
        // Bases come before what is built on them, without a call for each level.
        let mut open = vec![begin(class.plain())];
        while let Some((class, bases)) = open.last() {
            let unread = bases.iter().find_map(|base| match base {
                Ancestor::Project(base) if !self.mros.borrow().contains_key(base) => Some(*base),
                _ => None,
            });
            if let Some(base) = unread {
                open.push(begin(base));
                continue;
            }
            let order = self.order(*class, bases);
            self.mros.borrow_mut().insert(*class, order);
            open.pop();
        }
        let known = self.mros.borrow();
        known.get(&class).cloned().unwrap_or_else(|| Rc::new([Ancestor::Unknown]))
    }

    /// The direct bases of a class, without those that add nothing.
    fn bases(&self, class: ClassRef) -> Vec<Ancestor> {
        let own = self.project.class(class);
        let body = self.project.facts(class.module).body(own.home);
        let base = |&id| self.base(ExprRef { module: class.module, body: own.home, id });
        let adds = |base: &Ancestor| match base {
            Ancestor::Library(name) => !PLAIN_BASES.contains(&&**name),
            _ => true,
        };
        body.list(own.bases).iter().map(base).filter(adds).collect()
    }

    /// The order of a class whose bases have theirs.
    fn order(&self, class: ClassRef, bases: &[Ancestor]) -> Rc<Mro> {
        let line = |base: &Ancestor| match base {
            Ancestor::Project(class) => {
                self.mros.borrow().get(class).map_or_else(Vec::new, |order| order.to_vec())
            }
            _ => vec![base.clone()],
        };
        let mut lines: Vec<Vec<Ancestor>> = bases.iter().map(line).collect();
        let above = if lines.len() == 1 {
            lines.swap_remove(0)
        } else {
            lines.push(bases.to_vec());
            merge(lines)
        };
        let mut order = vec![Ancestor::Project(class)];
        if self.project.class(class).is_broken {
            order.push(Ancestor::Unknown);
        }
        order.extend(above);
        if order.len() > MOST_ANCESTORS {
            order.truncate(MOST_ANCESTORS);
            order.push(Ancestor::Unknown);
        }
        order.into()
    }

    pub(crate) fn base(&self, at: ExprRef) -> Ancestor {
        let body = self.project.facts(at.module).body(at.body);
        let head = match body.kind(at.id) {
            ExprKind::Subscript { value, .. } => ExprRef { id: value, ..at },
            _ => at,
        };
        match self.value(head) {
            Type::Class(class) => Ancestor::Project(class.plain()),
            Type::External(name) if PLAIN_BASES.contains(&&*name) => Ancestor::Library(name),
            Type::External(name) if self.project.catalog().class(&name).is_some() => {
                Ancestor::Library(name)
            }
            _ => Ancestor::Unknown,
        }
    }
}

/// C3 linearisation; where there is none, depth first.
fn merge(mut lines: Vec<Vec<Ancestor>>) -> Vec<Ancestor> {
    let mut order = Vec::new();
    loop {
        lines.retain(|line| !line.is_empty());
        if lines.is_empty() {
            return order;
        }
        let in_tail = |head: &Ancestor| {
            *head != Ancestor::Unknown && lines.iter().any(|line| line[1..].contains(head))
        };
        let next = lines.iter().map(|line| &line[0]).find(|head| !in_tail(head));
        let next = next.unwrap_or(&lines[0][0]).clone();
        for line in &mut lines {
            if line[0] == next {
                line.remove(0);
            }
        }
        // An unknown class stays unknown however often it stands there.
        if next == Ancestor::Unknown || !order.contains(&next) {
            order.push(next);
        }
    }
}
