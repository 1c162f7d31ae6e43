//! The syntax tree of one file to [`Facts`].

mod definition;
mod expression;
mod statement;
mod string;
mod target;

use asynclint_parser::{Kind, Node, Parsed, Span, SyntaxError};

use crate::body::Body;
use crate::facts::Facts;
use crate::ids::{Block, BodyId, ExprId, List, StmtId};
use crate::names::Name;
use crate::outline::{BindingKind, FunctionId, MODULE_SCOPE, Outline, Scope, ScopeId, ScopeKind};

/// Lowers a parsed file.
pub fn lower(parsed: Parsed<'_>) -> Facts {
    let mut lowering = Lowering {
        outline: Outline::default(),
        bodies: vec![Body::default()],
        body: Body::default(),
        spare: Body::default(),
        body_id: crate::ids::MODULE,
        scope: MODULE_SCOPE,
        stmt: StmtId::at(0),
        parent: None,
        exprs: Vec::new(),
        stmts: Vec::new(),
        operands: Vec::new(),
        in_error: false,
    };
    lowering.new_scope(ScopeKind::Module, None);
    lowering.block(parsed.tree.root());
    if !parsed.errors.is_empty() {
        lowering.names_in_errors(parsed.tree.root(), &parsed.errors);
    }
    let mut bodies = lowering.bodies;
    bodies[0] = lowering.body.finish();
    bodies.shrink_to_fit();
    let mut outline = lowering.outline;
    for scope in &mut outline.scopes {
        scope.bindings.sort_by_key(|binding| binding.name);
    }
    outline.close();
    outline.has_cells =
        parsed.comments.iter().any(|&comment| begins_cell(parsed.tree.text(), comment));
    Facts { outline, bodies, comments: parsed.comments, errors: parsed.errors }
}

/// Whether the comment begins a cell for editors that run a script cell by cell: `# %%`, `#%%` and
/// what `nbconvert` writes, `# In[1]:`.
fn begins_cell(text: &str, comment: Span) -> bool {
    let (before, own) = (&text[..comment.start as usize], &text[comment.start as usize..]);
    let own = own.trim_start_matches('#').trim_start_matches(' ');
    (before.is_empty() || before.ends_with(['\n', '\r']))
        && (own.starts_with("%%") || own.starts_with("In["))
}

/// The lines that errors stand on, in the order of the text, as the errors are.
fn lines_of(text: &str, errors: &[SyntaxError]) -> Vec<Span> {
    let mut lines: Vec<Span> = Vec::new();
    for SyntaxError { span, .. } in errors {
        let end =
            || text[span.end as usize..].find('\n').map_or(text.len(), |n| span.end as usize + n);
        match lines.last_mut() {
            Some(last) if span.end <= last.end => {}
            Some(last) if span.start <= last.end => last.end = end() as u32,
            _ => {
                let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
                lines.push(Span::new(start as u32, end() as u32));
            }
        }
    }
    lines
}

/// Where in `lines` the first definition of the module is that has lost its name, and still has a body:
/// it may be that of any name there.
fn nameless(text: &str, lines: &[Span]) -> Option<u32> {
    for lines in lines {
        let mut at = lines.start as usize;
        while at <= lines.end as usize {
            let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
            let is_definition = matches!(text[at..end].trim_end(), "async def" | "class" | "def");
            if is_definition && text[end..].trim_start_matches('\n').starts_with([' ', '\t']) {
                return Some(at as u32);
            }
            at = end + 1;
        }
    }
    None
}

/// The state of one lowering.
struct Lowering {
    outline: Outline,
    bodies: Vec<Body>,
    /// The body that is being written.
    body: Body,
    /// Empty, with room from functions before: the next function is written here.
    spare: Body,
    body_id: BodyId,
    scope: ScopeId,
    stmt: StmtId,
    parent: Option<StmtId>,
    /// Operands whose list is not closed yet, innermost last.
    exprs: Vec<ExprId>,
    /// Statements whose block is not closed yet, innermost last.
    stmts: Vec<StmtId>,
    /// Scratch space of [`Lowering::adopt`], empty between calls.
    operands: Vec<ExprId>,
    /// Below a node that could not be read: what is defined here may belong elsewhere.
    in_error: bool,
}

impl Lowering {
    fn name(&mut self, node: Node<'_>) -> Name {
        self.outline.names.intern(node.text())
    }

    /// Bytes of `node`, counted from the start of the body.
    fn span(&self, node: Node<'_>) -> Span {
        let span = node.span();
        Span::new(span.start - self.body.base, span.end - self.body.base)
    }

    /// A name in a text that could not be read may be bound there, to whatever; so may one in a
    /// string of several lines, which may begin where another should have ended. And which of
    /// several bindings holds is not known where the blocks around them may be lost. `errors` is in
    /// the order of the text; what stands on a line with one may be part of it.
    fn names_in_errors(&mut self, root: Node<'_>, errors: &[SyntaxError]) {
        self.in_error = true;
        let mut names: Vec<Name> =
            self.outline.scope(MODULE_SCOPE).bindings.iter().map(|it| it.name).collect();
        names.sort();
        for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
            self.bind(pair[0], BindingKind::Opaque, 0);
        }
        let text = root.file_text();
        let lines = lines_of(text, errors);
        names.dedup();
        if let Some(at) = nameless(text, &lines) {
            for &name in &names {
                self.bind(name, BindingKind::Opaque, at);
            }
        }
        self.names_of_other_branches(root, &lines);
        let mut unread = lines.into_iter().peekable();
        let mut end = 0;
        for node in root.descendants() {
            let start = node.span().start;
            while let Some(lines) = unread.next_if(|lines| lines.start <= start) {
                end = end.max(lines.end);
            }
            if node.kind() == Kind::Error {
                end = end.max(node.span().end);
            }
            // What an attribute is asked of is only read.
            let is_read = text[node.span().end as usize..].starts_with('.');
            if node.kind() == Kind::Identifier && node.span().start < end && !is_read {
                let (name, at) = (self.name(node), node.span().start);
                self.bind(name, BindingKind::Opaque, at);
                let before = text[..at as usize].trim_end_matches([' ', '\t']);
                if before.ends_with("def") || before.ends_with("class") {
                    self.names_that_begin(node.text(), at);
                }
            }
            if node.kind() == Kind::String && node.text().contains('\n') {
                let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
                let mut words: Vec<&str> = node.text().split(|c| !is_of_name(c)).collect();
                words.sort_unstable();
                words.dedup();
                for word in words.into_iter().filter(|word| !word.is_empty()) {
                    let name = self.outline.names.intern(word);
                    self.bind(name, BindingKind::Opaque, node.span().start);
                }
            }
        }
    }

    /// What a branch of the module binds that cannot be read is most likely what the others bind:
    /// `from fast import connect`, where the handler of `ImportError` defines `connect`.
    fn names_of_other_branches(&mut self, root: Node<'_>, lines: &[Span]) {
        let bindings = &self.outline.scope(MODULE_SCOPE).bindings;
        let mut bound: Vec<(u32, Name)> = bindings.iter().map(|it| (it.at, it.name)).collect();
        bound.sort_unstable();
        for node in root.children() {
            let span = node.span();
            let near = lines.partition_point(|line| line.end <= span.start);
            let is_lost = lines.get(near).is_some_and(|line| line.start < span.end);
            if is_lost && matches!(node.kind(), Kind::IfStatement | Kind::TryStatement) {
                let from = bound.partition_point(|&(at, _)| at < span.start);
                let inside = bound[from..].iter().take_while(|&&(at, _)| at < span.end);
                for &(_, name) in inside {
                    self.bind(name, BindingKind::Opaque, span.start);
                }
            }
        }
    }

    /// Behind `def` a word may be a name and a parameter that have lost the bracket between them:
    /// every name that it may begin with is bound there, to whatever.
    fn names_that_begin(&mut self, word: &str, at: u32) {
        for (end, _) in word.char_indices().skip(1) {
            if let Some(name) = self.outline.names.get(&word[..end]) {
                self.bind(name, BindingKind::Opaque, at);
            }
        }
    }

    fn new_scope(&mut self, kind: ScopeKind, parent: Option<ScopeId>) -> ScopeId {
        let id = ScopeId(self.outline.scopes.len() as u32);
        self.outline.scopes.push(Scope {
            kind,
            parent,
            bindings: Vec::new(),
            elsewhere: Vec::new(),
        });
        id
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.outline.scopes[id.0 as usize]
    }

    /// Closes the list of operands opened at `from`.
    fn close_list(&mut self, from: usize) -> List {
        self.body.add_list(self.exprs.drain(from..))
    }

    /// Lowers the statements below `node`.
    fn block(&mut self, node: Node<'_>) -> Block {
        let from = self.stmts.len();
        let mut left = None;
        for child in node.children() {
            let last = self.stmts[from..].last();
            if left.is_none() && last.is_some_and(|&last| self.body.stmt(last).leaves_block()) {
                left = Some((child.span().start, self.stmts.len()));
            }
            self.statement(child);
        }
        if let Some((start, known)) = left
            && known < self.stmts.len()
        {
            self.outline.dead.push(Span::new(start, node.span().end));
        }
        self.close_block(from)
    }

    fn optional_block(&mut self, node: Option<Node<'_>>) -> Block {
        node.map_or_else(Block::default, |node| self.block(node))
    }

    fn close_block(&mut self, from: usize) -> Block {
        let start = self.body.blocks.len() as u32;
        let len = (self.stmts.len() - from) as u32;
        self.body.blocks.extend(self.stmts.drain(from..));
        Block { start, len }
    }

    fn function_here(&self) -> Option<FunctionId> {
        self.outline.function_of(self.scope)
    }

    /// Records that the current scope binds `name` here.
    fn bind(&mut self, name: Name, kind: BindingKind, at: u32) {
        let mut scope = self.scope;
        // `:=` in a comprehension binds in the function around it.
        if kind.iterable().is_none() {
            while matches!(self.outline.scope(scope).kind, ScopeKind::Comprehension) {
                match self.outline.scope(scope).parent {
                    Some(parent) => scope = parent,
                    None => break,
                }
            }
        }
        let here = self.outline.scope(scope);
        let mut from_inside = false;
        if here.is_global(name) {
            (scope, from_inside) = (MODULE_SCOPE, true);
        } else if here.is_nonlocal(name) {
            let outer = here.parent.and_then(|parent| self.outline.lookup_unsorted(parent, name));
            (scope, from_inside) = (outer.unwrap_or(scope), true);
        }
        let kind = if self.in_error { BindingKind::Opaque } else { kind };
        let (body, stmt) = (self.body_id, Some(self.stmt));
        let binding = crate::outline::Binding { name, kind, body, stmt, at, from_inside };
        self.scope_mut(scope).bindings.push(binding);
    }
}

impl Outline {
    /// [`Outline::lookup`] while bindings are still being collected.
    fn lookup_unsorted(&self, scope: ScopeId, name: Name) -> Option<ScopeId> {
        std::iter::successors(Some(scope), |&at| self.scope(at).parent).find(|&at| {
            matches!(self.scope(at).kind, ScopeKind::Function(_))
                && self.scope(at).bindings.iter().any(|binding| binding.name == name)
        })
    }
}
