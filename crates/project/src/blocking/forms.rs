//! Forms of blocking calls that do not block after all: told not to wait, made once nothing is
//! left to wait for, or working in memory.

use std::rc::Rc;

use asynclint_catalog::{Argument, BlockKind, Callable};
use asynclint_parser::Span;
use asynclint_semantic::{
    ArgumentKind, BindingKind, Body, BodyId, ExprId, ExprKind, Name, StmtKind,
};

use crate::names::flow::Reader;
use crate::resolver::{ExprRef, Resolver};
use crate::types::{Callee, ModuleId, Type};

/// Keywords that tell a call whether and how long to wait.
const PATIENCE: &[&str] = &["block", "blocking", "timeout", "wait"];

/// What is asked of an object before waiting for it, so that there is nothing to wait for.
const ASKS: &[&str] = &["done", "empty", "poll", "qsize", "ready"];

/// What is called on a process that is then gone at once.
const KILLS: &[&str] = &["kill"];

/// What the condition of a loop asks that goes on until there is nothing to wait for.
const ASKS_IN_LOOP: &[&str] = &["done", "empty", "is_alive", "is_set", "poll", "ready"];

/// What waits for the end of something: once that was awaited, there is nothing to wait for.
const ENDS: &[&str] = &["communicate", "exception", "join", "result", "wait"];

/// What the names of flags hold that let a call return at once: `AI_NUMERICHOST`,
/// `MSG_DONTWAIT`, `O_NONBLOCK`, `WNOHANG`.
const FLAGS: &[&str] = &["DONTWAIT", "NOHANG", "NONBLOCK", "NUMERIC"];

/// Functions under these names work on files and as well on what is in memory.
const TAKES_STREAMS: &[&str] = &[
    "hashlib.",
    "json.",
    "marshal.",
    "pickle.",
    "plistlib.",
    "ruamel.",
    "toml.",
    "tomli.",
    "tomllib.",
    "yaml.",
];

/// As [`TAKES_STREAMS`]; what they work on comes first and may be a path.
const TAKES_PATHS_AND_STREAMS: &[&str] = &[
    "PIL.",
    "PyPDF2.",
    "bz2.",
    "docx.",
    "gzip.",
    "lzma.",
    "numpy.",
    "openpyxl.",
    "pandas.",
    "pdfplumber.",
    "pptx.",
    "pypdf.",
    "soundfile.",
    "zipfile.ZipFile",
];

/// What opens a URL of any kind.
const URLOPEN: &str = "urllib.request.urlopen";

/// Libraries whose locks are held by objects, and not under a name that other processes use.
pub(super) const IN_PROCESS: &[&str] = &["multiprocessing.", "threading."];

impl Resolver<'_> {
    /// How the call of `sink` blocks, which the catalogue says to block as `kind`.
    pub(super) fn blocking_form(
        &self,
        at: ExprRef,
        sink: &str,
        kind: BlockKind,
    ) -> Option<BlockKind> {
        let returns_at_once = match kind {
            // `time.sleep(0)` only lets other threads run.
            BlockKind::Sleep => self.passes(at, |_, value| is_zero_text(self, at, value)),
            BlockKind::Lock => {
                self.is_told_not_to_wait(at, sink)
                    || self.has_nothing_to_wait_for(at, sink, ASKS)
                    || self.is_own_and_idle(at, sink)
                    || self.is_made_impatient(at, sink)
                    || self.takes_what_it_put(at, sink)
            }
            // `completion(..., mock_response="Hi!")` asks nobody.
            BlockKind::Http => {
                self.opens_data(at, sink)
                    || self
                        .passes(at, |keyword, _| keyword.is_some_and(|it| it.starts_with("mock_")))
            }
            BlockKind::Subprocess => {
                let is_method = self.receiver(at.module, at.body, at.id).is_some();
                (is_method && self.is_told_not_to_wait(at, sink))
                    || self.mentions(at, FLAGS)
                    || self.has_nothing_to_wait_for(at, sink, KILLS)
                    || self.waits_for_ended(at, sink)
            }
            BlockKind::Network => {
                (sink.ends_with("select") || sink.ends_with("poll"))
                    && self.is_told_not_to_wait(at, sink)
                    || self.mentions(at, FLAGS)
                    || self.is_non_blocking_socket(at, sink)
                    || self.expects_not_to_wait(at)
                    || self.is_of_no_connection(at, sink)
                    || self.looks_up_itself(at, sink)
            }
            BlockKind::FileIo => self.may_not_touch_disk(at, sink),
            BlockKind::Db => self.is_in_memory(at, sink),
            BlockKind::PasswordHash => !self.is_costly_hash(at, sink),
            BlockKind::ProcessStart if self.mentions(at, &["P_WAIT"]) => {
                return Some(BlockKind::Subprocess);
            }
            _ => false,
        };
        (!returns_at_once).then_some(kind)
    }

    /// The expression that made the object which `id` evaluates to, as far as names that are
    /// bound in one place lead to it.
    pub fn maker(&self, module: ModuleId, body: BodyId, id: ExprId) -> ExprId {
        self.made_by(module, body, id, true)
    }

    /// As [`Resolver::maker`]; what `with` binds counts as its manager only where `through_with`
    /// says so.
    pub(crate) fn made_by(
        &self,
        module: ModuleId,
        body: BodyId,
        mut id: ExprId,
        through_with: bool,
    ) -> ExprId {
        let facts = self.project.facts(module);
        let (at, body) = (body, facts.body(body));
        // A name that leads to itself through a loop never ends.
        for _ in 0..8 {
            let ExprKind::Name(name) = body.kind(id) else { break };
            let Some(scope) = facts.outline.lookup(body.expr(id).scope, name) else { break };
            let reader = Reader { body: at, expr: id };
            let bindings = self.reaching(module, scope, name, Some(reader));
            let [binding] = bindings[..] else { break };
            if binding.body != at {
                break;
            }
            id = match binding.kind {
                BindingKind::Assigned(value)
                | BindingKind::Annotated { value: Some(value), .. } => value,
                BindingKind::Entered { manager, is_async: false } if through_with => manager,
                BindingKind::Entered { manager, .. } => {
                    match self.closed_by(ExprRef { module, body: at, id: manager }) {
                        Some(object) => object,
                        None => break,
                    }
                }
                _ => break,
            };
        }
        id
    }

    /// The object that a manager only closes: what entering `aclosing(events())` gives.
    pub(crate) fn closed_by(&self, manager: ExprRef) -> Option<ExprId> {
        let callee = self.callee(manager.module, manager.body, manager.id);
        let is_closing = matches!(callee, Callee::External(name)
            if matches!(&*name, "contextlib.aclosing" | "contextlib.closing"));
        let [only] = self.body_of(manager).arguments(manager.id) else { return None };
        (is_closing && only.kind == ArgumentKind::Positional).then_some(only.value)
    }

    pub(crate) fn body_of(&self, at: ExprRef) -> &Body {
        self.project.facts(at.module).body(at.body)
    }

    /// The object whose method the call calls, or that may be one of several things.
    pub fn receiver(&self, module: ModuleId, body: BodyId, call: ExprId) -> Option<ExprId> {
        let code = self.project.facts(module).body(body);
        match code.kind(code.callee(call)?) {
            ExprKind::Attribute { value, .. } => {
                let is_object =
                    |part: &Type| matches!(part, Type::ExternalInstance(_) | Type::Instance(_));
                let object = self.value(ExprRef { module, body, id: value });
                object.parts().iter().any(is_object).then_some(value)
            }
            _ => None,
        }
    }

    /// Whether an argument is as wanted, by its place or name and its value.
    pub(super) fn passes(
        &self,
        at: ExprRef,
        wanted: impl Fn(Option<&str>, ExprId) -> bool,
    ) -> bool {
        let outline = &self.project.facts(at.module).outline;
        self.body_of(at).arguments(at.id).iter().any(|argument| match argument.kind {
            ArgumentKind::Positional => wanted(None, argument.value),
            ArgumentKind::Keyword(name) => wanted(Some(outline.text(name)), argument.value),
            _ => false,
        })
    }

    /// Whether the call gives the argument that changes what it returns, or may give it: under `**`
    /// in a file that names it.
    pub(crate) fn is_varied(&self, at: ExprRef, call: &Callable) -> bool {
        let names = &self.project.facts(at.module).outline.names;
        let varies = call.varies_with.as_deref().and_then(|keyword| names.get(keyword));
        let body = self.body_of(at);
        varies.is_some_and(|keyword| {
            body.keyword(at.id, keyword).is_some()
                || body
                    .arguments(at.id)
                    .iter()
                    .any(|argument| argument.kind == ArgumentKind::UnpackedMapping)
        })
    }

    /// Whether the call passes the argument, and not `None` for it.
    pub(crate) fn passes_argument(&self, at: ExprRef, wanted: &Argument) -> bool {
        let given = self.argument_in(wanted, at);
        given.is_some_and(|id| self.body_of(at).kind(id) != ExprKind::None)
    }

    /// How entering what the call gives blocks, where `with` does so at once, and the qualified
    /// name of what blocks.
    pub(super) fn entering(&self, at: ExprRef) -> Option<(BlockKind, Rc<str>)> {
        let body = self.body_of(at);
        let StmtKind::With { is_async: false, items, .. } = &body.stmt(body.expr(at.id).stmt).kind
        else {
            return None;
        };
        items.iter().find(|item| item.manager == at.id)?;
        let Type::ExternalInstance(class) = self.value(at) else { return None };
        let kind = self.project.catalog().member(&class, "__enter__")?.blocks?;
        // What is made in place is held by nobody else, unless it is shared under a name. What
        // stands for queries is looked at wherever it is used.
        let is_own = IN_PROCESS.iter().any(|library| class.starts_with(library));
        (!is_own && kind != BlockKind::Orm).then_some((kind, class))
    }

    /// `lock.acquire(False)`, `queue.get(timeout=0)` and the like.
    fn is_told_not_to_wait(&self, at: ExprRef, sink: &str) -> bool {
        let body = self.body_of(at);
        // The first argument of `put` is what is put.
        let item = body.arguments(at.id).first().map(|argument| argument.value);
        let item = item.filter(|_| sink.rsplit('.').next() == Some("put"));
        self.passes(at, |keyword, value| {
            let counts = keyword.map_or(Some(value) != item, |name| PATIENCE.contains(&name));
            let is_false = matches!(body.kind(value), ExprKind::Boolean(false));
            counts && (is_false || is_zero_text(self, at, value))
        })
    }

    /// Whether the arguments name something that holds one of `flags`.
    pub(super) fn mentions(&self, at: ExprRef, flags: &[&str]) -> bool {
        let body = self.body_of(at);
        let outline = &self.project.facts(at.module).outline;
        let names = |value: ExprId| body.exprs_below(value).filter_map(|id| body.last_name(id));
        let is_flag = |name: Name| {
            let text = outline.text(name).to_ascii_uppercase();
            flags.iter().any(|flag| text.contains(flag))
        };
        self.passes(at, |_, value| {
            let local = match body.kind(value) {
                ExprKind::Name(name) => outline.bindings(body.expr(value).scope, name),
                _ => &[],
            };
            let mut bound = local.iter().filter_map(|binding| match binding.kind {
                BindingKind::Assigned(value) if binding.body == at.body => Some(value),
                _ => None,
            });
            names(value).any(is_flag) || bound.any(|value| names(value).any(is_flag))
        })
    }

    /// Whether the code before has asked the object if there is something to wait for, or has
    /// awaited it: `if future.done()`, `while process.poll() is None`, `await wrap_future(future)`.
    fn has_nothing_to_wait_for(&self, at: ExprRef, sink: &str, asks: &[&str]) -> bool {
        let waits_for_end = sink.rsplit('.').next().is_some_and(|name| ENDS.contains(&name));
        let facts = self.project.facts(at.module);
        let body = self.body_of(at);
        let Some(object) = self.receiver(at.module, at.body, at.id) else { return false };
        let here = body.expr(at.id);
        let before = body.span(at.id).start;
        let function = facts.outline.function_of(here.scope);
        body.expr_ids()
            .filter(|&id| body.span(id).start < before && !holds(body.span(id), before))
            .filter(|&id| facts.outline.function_of(body.expr(id).scope) == function)
            .any(|id| match body.kind(id) {
                ExprKind::Await(value) if waits_for_end => {
                    body.exprs_below(value).any(|below| is_same(body, below, object))
                }
                ExprKind::Attribute { value, name } => {
                    let name = facts.outline.text(name);
                    let stmt = &body.stmt(body.expr(id).stmt).kind;
                    let is_loop = matches!(stmt, StmtKind::While { .. });
                    let is_asked = is_same(body, value, object);
                    // `while await self.poll() is None` before `self.process.wait()`.
                    let is_asked_of_owner =
                        || owners(body, object).any(|it| is_same(body, value, it));
                    (is_asked && asks.contains(&name))
                        || (is_loop
                            && ASKS_IN_LOOP.contains(&name)
                            && (is_asked || is_asked_of_owner()))
                }
                _ => false,
            })
    }

    /// Whether the value is a descriptor that `os.open` gave: of a file, and not of a pipe, a
    /// terminal or a socket. In a file with syntax errors the flags may be lost by which it does not
    /// wait.
    fn is_descriptor(&self, at: ExprRef) -> bool {
        if !self.project.facts(at.module).errors.is_empty() {
            return false;
        }
        self.makers(at).into_iter().any(|made| {
            let callee = self.callee(made.module, made.body, made.id);
            matches!(callee, Callee::External(name) if &*name == "os.open")
                && !self.mentions(made, FLAGS)
        })
    }

    /// Everything that the file assigns to a name or to attributes of the same name.
    pub(crate) fn makers(&self, at: ExprRef) -> Vec<ExprRef> {
        let outline = &self.project.facts(at.module).outline;
        let body = self.body_of(at);
        match body.kind(at.id) {
            ExprKind::Attribute { name, .. } => {
                let writes = outline.attribute_writes.iter().filter(|write| write.name == name);
                let made = |body, id| ExprRef { body, id, ..at };
                writes.filter_map(|write| Some(made(write.body, write.value?))).collect()
            }
            ExprKind::Name(name) => {
                let scope = outline.lookup(body.expr(at.id).scope, name);
                let bindings = scope.map_or(&[][..], |scope| outline.bindings(scope, name));
                let values = bindings.iter().filter_map(|binding| match binding.kind {
                    BindingKind::Assigned(id) | BindingKind::Annotated { value: Some(id), .. } => {
                        Some(ExprRef { body: binding.body, id, ..at })
                    }
                    _ => None,
                });
                values.collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the call may as well work on what is no file: `gzip.open(BytesIO(data))`,
    /// `json.load(x)` of who knows what, `os.write` to a pipe.
    fn may_not_touch_disk(&self, at: ExprRef, sink: &str) -> bool {
        if matches!(sink, "os.read" | "os.readv" | "os.write" | "os.writev") {
            return self.files_passed(at.module, at.body, at.id).is_empty()
                || self.expects_not_to_wait(at);
        }
        if sink.starts_with("ssl.") && self.is_given_certificates(at) {
            return true;
        }
        let starts = |names: &[&str]| names.iter().any(|name| sink.starts_with(name));
        let takes_paths = starts(TAKES_PATHS_AND_STREAMS);
        if !takes_paths && !starts(TAKES_STREAMS) {
            return false;
        }
        let first = self.body_of(at).arguments(at.id).first().map(|argument| argument.value);
        // `pandas.read_json(json.dumps(data))`: what a call makes of data is no path.
        if first.is_some_and(|id| self.is_text_made_here(ExprRef { id, ..at })) {
            return true;
        }
        let is_path = |id| takes_paths && first == Some(id) && self.is_path(ExprRef { id, ..at });
        !self.passes(at, |_, value| is_path(value) || self.is_file(ExprRef { id: value, ..at }))
    }

    /// `ssl.create_default_context(cadata=text)`: the certificates are given, and no file is named.
    fn is_given_certificates(&self, at: ExprRef) -> bool {
        let body = self.body_of(at);
        let names = |wanted: &[&str]| {
            self.passes(at, |keyword, value| {
                keyword.is_some_and(|name| wanted.contains(&name))
                    && body.kind(value) != ExprKind::None
            })
        };
        names(&["cadata"]) && !names(&["cafile", "capath"])
    }

    /// `sqlite3.connect(":memory:")`, and whatever is asked of such a connection or its cursors.
    fn is_in_memory(&self, at: ExprRef, sink: &str) -> bool {
        if !sink.starts_with("sqlite3.") {
            return false;
        }
        if sink == "sqlite3.connect" {
            return self.connects_to_memory(at);
        }
        let object = self.receiver(at.module, at.body, at.id);
        object.is_some_and(|id| self.lives_in_memory(ExprRef { id, ..at }, 4))
    }

    fn connects_to_memory(&self, at: ExprRef) -> bool {
        self.passes(at, |keyword, value| {
            keyword.is_none_or(|name| name == "database")
                && matches!(self.body_of(at).kind(value), ExprKind::Str(Some(text))
                    if self.project.facts(at.module).outline.text(text) == ":memory:")
        })
    }

    /// Whether all that the file makes of the object leads to a database in memory, over at most
    /// `left` names and calls.
    fn lives_in_memory(&self, at: ExprRef, left: usize) -> bool {
        let Some(left) = left.checked_sub(1) else { return false };
        let made = ExprRef { id: self.maker(at.module, at.body, at.id), ..at };
        match self.body_of(made).kind(made.id) {
            ExprKind::Call { .. } => match self.callee(made.module, made.body, made.id) {
                Callee::External(name)
                    if self.project.catalog().canonical(&name) == "sqlite3.connect" =>
                {
                    self.connects_to_memory(made)
                }
                _ => {
                    let object = self.receiver(made.module, made.body, made.id);
                    object.is_some_and(|id| self.lives_in_memory(ExprRef { id, ..made }, left))
                }
            },
            ExprKind::Attribute { .. } => {
                // Of an object of the project its class knows, wherever it stands.
                let place = self.lock_place(made).filter(|place| place.attribute().is_some());
                let of_class = place.map(|place| self.makers_of(&place)).unwrap_or_default();
                let makers = if of_class.is_empty() { self.makers(made) } else { of_class };
                !makers.is_empty()
                    && makers.into_iter().all(|made| self.lives_in_memory(made, left))
            }
            _ => false,
        }
    }

    /// `lock.acquire()` of what was made as `FileLock(path, timeout=0)`.
    fn is_made_impatient(&self, at: ExprRef, sink: &str) -> bool {
        let object = self.receiver(at.module, at.body, at.id);
        let Some(id) = object.filter(|_| sink.starts_with("filelock.")) else { return false };
        let made = ExprRef { id: self.maker(at.module, at.body, id), ..at };
        let made = match self.body_of(made).kind(made.id) {
            ExprKind::Attribute { .. } => self.makers(made),
            _ => vec![made],
        };
        let own = self.body_of(at).arguments(at.id);
        own.is_empty()
            && !made.is_empty()
            && made.into_iter().all(|made| self.is_told_not_to_wait(made, ""))
    }

    /// `urlopen(uri)` where the code has asked whether `uri` begins with `data:`, which stands for
    /// itself and is fetched from nowhere.
    fn opens_data(&self, at: ExprRef, sink: &str) -> bool {
        if sink.starts_with("http.client.HTTPResponse.") {
            let response = self.receiver(at.module, at.body, at.id);
            let made = response.map(|id| self.maker(at.module, at.body, id));
            return made.is_some_and(|id| self.opens_data(ExprRef { id, ..at }, URLOPEN));
        }
        let facts = self.project.facts(at.module);
        let body = self.body_of(at);
        let first = body.arguments(at.id).first().map(|argument| argument.value);
        let Some(uri) = first.filter(|_| sink == URLOPEN) else { return false };
        let function_of = |id| facts.outline.function_of(body.expr(id).scope);
        body.expr_ids().any(|call| {
            let Some(callee) = body.callee(call) else { return false };
            let ExprKind::Attribute { value, name } = body.kind(callee) else { return false };
            facts.outline.text(name) == "startswith"
                && is_same(body, value, uri)
                && function_of(call) == function_of(at.id)
                && body.arguments(call).first().is_some_and(|prefix| {
                    matches!(body.kind(prefix.value), ExprKind::Str(Some(text))
                        if facts.outline.text(text).starts_with("data:"))
                })
        })
    }

    /// The open files among the arguments of a call.
    pub fn files_passed(&self, module: ModuleId, body: BodyId, call: ExprId) -> Vec<ExprId> {
        let arguments = self.project.facts(module).body(body).arguments(call).iter();
        let passed = arguments.map(|argument| argument.value);
        let here = |id| ExprRef { module, body, id };
        passed.filter(|&id| self.is_file(here(id)) || self.is_descriptor(here(id))).collect()
    }

    fn is_text_made_here(&self, at: ExprRef) -> bool {
        let callee = self.callee(at.module, at.body, at.id);
        matches!(callee, Callee::External(name) if name.ends_with(".dumps"))
    }

    fn is_path(&self, at: ExprRef) -> bool {
        self.is_all(at, |class| class == "builtins.str" || class.starts_with("pathlib."))
    }

    fn is_file(&self, at: ExprRef) -> bool {
        let blocks = |class: &str| {
            let read = self.project.catalog().member(class, "read");
            let write = self.project.catalog().member(class, "write");
            [read, write].iter().flatten().any(|call| call.blocks == Some(BlockKind::FileIo))
        };
        self.is_all(at, blocks)
    }

    /// Whether the value is an object of a library, of a wanted class whichever it is.
    fn is_all(&self, at: ExprRef, wanted: impl Fn(&str) -> bool) -> bool {
        let value = self.value(at);
        let mut parts = value.parts().iter();
        parts.all(|part| matches!(part, Type::ExternalInstance(class) if wanted(class)))
    }
}

fn holds(span: Span, at: u32) -> bool {
    span.start <= at && at < span.end
}

/// What the object is an attribute of, the nearest first.
fn owners(body: &Body, object: ExprId) -> impl Iterator<Item = ExprId> {
    std::iter::successors(Some(object), |&id| match body.kind(id) {
        ExprKind::Attribute { value, .. } => Some(value),
        _ => None,
    })
    .skip(1)
}

/// Whether two expressions are the same names and dots.
pub(crate) fn is_same(body: &Body, a: ExprId, b: ExprId) -> bool {
    match (body.kind(a), body.kind(b)) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (
            ExprKind::Attribute { value: a, name: first },
            ExprKind::Attribute { value: b, name: second },
        ) => first == second && is_same(body, a, b),
        _ => false,
    }
}

/// Whether the expression is the number nought, or a name that is bound to nothing else.
pub(super) fn is_zero_text(resolver: &Resolver<'_>, at: ExprRef, id: ExprId) -> bool {
    let body = resolver.body_of(at);
    match body.kind(id) {
        ExprKind::Name(name) => {
            let outline = &resolver.project.facts(at.module).outline;
            let scope = outline.lookup(body.expr(id).scope, name);
            let bindings = scope.map_or(&[][..], |scope| outline.bindings(scope, name));
            !bindings.is_empty()
                && bindings.iter().all(|binding| match binding.kind {
                    BindingKind::Assigned(value) => {
                        let at = ExprRef { body: binding.body, ..at };
                        !matches!(resolver.body_of(at).kind(value), ExprKind::Name(_))
                            && is_zero_text(resolver, at, value)
                    }
                    _ => false,
                })
        }
        ExprKind::Number(number) => {
            let outline = &resolver.project.facts(at.module).outline;
            outline.text(number).chars().all(|c| matches!(c, '0' | '.'))
        }
        _ => false,
    }
}
