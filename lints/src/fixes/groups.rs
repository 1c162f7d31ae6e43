//! Siblings that are cancelled when one of them fails.

use std::fmt::Write;

use asynclint_diagnostics::Fix;
use asynclint_parser::{SourceFile, Span};
use asynclint_project::Gives;
use asynclint_semantic::{ArgumentKind, Body, ExprId, ExprKind, FunctionId, StmtId, StmtKind};

use super::awaiting::can_await;
use super::{Draft, imports, lines, names};
use crate::{Context, Site};

/// `async with asyncio.TaskGroup()` in the place of the statement that awaits the call `site` of
/// `gather`.
pub(crate) fn task_group(cx: &Context<'_>, site: Site) -> Option<Fix> {
    let body = cx.body(site.body);
    let function = cx.function_of(site)?;
    let awaited = body.expr(site.expr).parent?;
    let stmt = body.expr(site.expr).stmt;
    let source = cx.text()?;
    let span = lines::statement(cx, source, site.body, stmt);
    let is_sure = matches!(body.kind(awaited), ExprKind::Await(_))
        && can_await(cx, site)
        && lines::indent(source, span).is_some()
        && lines::ends_line(source, span)
        && !cx.facts().comments.iter().any(|&comment| span.contains(comment))
        && !is_guarded(body, stmt);
    if !is_sure {
        return None;
    }
    let writer = Writer { cx, source, site, function };
    let started = writer.started()?;
    let target = writer.target(stmt, awaited)?;
    let group = writer.free(&["group", "task_group"])?;
    let lines = writer.lines(&started, &target, group)?;
    let (name, import) = imports::module(cx, site, "asyncio")?;
    let indent = lines::indent(source, span)?;
    let step = lines::step(source);
    let mut text = format!("async with {name}.TaskGroup() as {group}:");
    for line in &lines.within {
        let _ = write!(text, "\n{indent}{step}{line}");
    }
    for line in &lines.behind {
        let _ = write!(text, "\n{indent}{line}");
    }
    let draft = Draft::default().with(import).replace(span, text);
    Some(draft.unsafe_fix("start them in a `TaskGroup`"))
}

/// `await f()` in the place of the statement `block`, which opens a group and does nothing in it but
/// make the call `site`: `create_task(f())` or `start_soon(f)`.
pub(crate) fn await_only(cx: &Context<'_>, block: StmtId, site: Site) -> Option<Fix> {
    let body = cx.body(site.body);
    let source = cx.text()?;
    let span = lines::statement(cx, source, site.body, block);
    let StmtKind::With { items, .. } = &body.stmt(block).kind else { return None };
    let is_statement = matches!(
        body.stmt(body.expr(site.expr).stmt).kind,
        StmtKind::Expr(value) if value == site.expr
    );
    // A comment behind the first line stays there.
    let [item] = items.as_ref() else { return None };
    let opened = body.span(item.target.unwrap_or(item.manager)).end;
    let colon = source.slice(Span::new(opened, span.end)).find(':')? as u32;
    let header = Span::new(span.start, opened + colon + 1);
    let first_line = source.lines().span(source.text(), source.lines().line(header.end));
    let below = Span::new(first_line.end.min(span.end), span.end);
    let comments = &cx.facts().comments;
    let has_comment = comments.iter().any(|&it| below.contains(it) || header.contains(it));
    let is_whole = source.slice(Span::new(opened, header.end)).trim() == ":"
        && lines::ends_line(source, header);
    if !is_statement || !is_whole || has_comment || !can_await(cx, site) {
        return None;
    }
    let arguments = body.arguments(site.expr);
    if !arguments.iter().all(|argument| argument.kind == ArgumentKind::Positional) {
        return None;
    }
    let callee = body.callee(site.expr)?;
    let (first, rest) = arguments.split_first()?;
    let first_text = source.slice(body.span(first.value));
    let text = match (cx.last_name(site.body, callee)?, body.kind(first.value)) {
        ("create_task", ExprKind::Call { .. }) if rest.is_empty() => format!("await {first_text}"),
        ("start_soon", ExprKind::Name(_) | ExprKind::Attribute { .. }) => {
            let given: Vec<_> =
                rest.iter().map(|argument| source.slice(body.span(argument.value))).collect();
            format!("await {first_text}({})", given.join(", "))
        }
        _ => return None,
    };
    let draft = Draft::default().replace(header, text).replace(below, "");
    Some(draft.unsafe_fix("await it without a group"))
}

/// Whether a `try` around the statement may catch what comes as a group of exceptions then.
fn is_guarded(body: &Body, stmt: StmtId) -> bool {
    body.enclosing(stmt).any(|outer| match &body.stmt(outer).kind {
        StmtKind::Try(block) => !block.handlers.is_empty(),
        StmtKind::With { .. } => true,
        _ => false,
    })
}

/// What is started.
enum Started {
    /// These coroutines, as they are written.
    Each(Vec<String>),
    /// One for each item: the text before the coroutine, the coroutine, and the text behind it.
    Many(String, String, String),
}

/// Where the results go.
enum Target {
    Nowhere,
    /// The names of a tuple, in order.
    Names(Vec<String>),
    /// The text before the list of results.
    Whole(String),
}

/// The lines that take the place of the statement.
struct Lines {
    within: Vec<String>,
    behind: Vec<String>,
}

struct Writer<'c, 'a> {
    cx: &'c Context<'a>,
    source: &'c SourceFile,
    site: Site,
    function: FunctionId,
}

impl Writer<'_, '_> {
    fn text(&self, span: Span) -> String {
        self.source.slice(span).to_owned()
    }

    fn free(&self, wanted: &[&'static str]) -> Option<&'static str> {
        names::free_local(self.cx, self.function, wanted)
    }

    fn started(&self) -> Option<Started> {
        let body = self.cx.body(self.site.body);
        let arguments = body.arguments(self.site.expr);
        let is_coroutine = |expr: ExprId| {
            let call = Site { expr, ..self.site };
            matches!(body.kind(expr), ExprKind::Call { .. })
                && self.cx.gives(&self.cx.callee(call)) == Gives::Coroutine
        };
        if let [only] = arguments
            && only.kind == ArgumentKind::Unpacked
        {
            let made = body.comprehension(only.value)?;
            let &[element] = body.list(made.elements) else { return None };
            if !is_coroutine(element) || made.clauses.iter().any(|clause| clause.is_async) {
                return None;
            }
            let (whole, inner) = (body.span(only.value), body.span(element));
            let before = self.text(Span::new(whole.start, inner.start));
            let behind = self.text(Span::new(inner.end, whole.end));
            // Of a generator the brackets change with the rest.
            let before = before.strip_prefix(['[', '('])?.to_owned();
            let behind = behind.strip_suffix([']', ')'])?.to_owned();
            return Some(Started::Many(
                format!("[{before}"),
                self.text(inner),
                format!("{behind}]"),
            ));
        }
        let all = arguments.iter().all(|argument| {
            argument.kind == ArgumentKind::Positional && is_coroutine(argument.value)
        });
        let texts = || arguments.iter().map(|argument| self.text(body.span(argument.value)));
        all.then(|| Started::Each(texts().collect()))
    }

    fn target(&self, stmt: StmtId, awaited: ExprId) -> Option<Target> {
        let body = self.cx.body(self.site.body);
        match &body.stmt(stmt).kind {
            StmtKind::Expr(value) if *value == awaited => Some(Target::Nowhere),
            StmtKind::Return(Some(value)) if *value == awaited => {
                Some(Target::Whole("return ".to_owned()))
            }
            StmtKind::Assign { targets, value } if *value == awaited => {
                let &[only] = body.list(*targets) else { return None };
                match body.kind(only) {
                    ExprKind::Name(_) if self.source.slice(body.span(only)) == "_" => {
                        Some(Target::Nowhere)
                    }
                    ExprKind::Name(_) => {
                        Some(Target::Whole(format!("{} = ", self.text(body.span(only)))))
                    }
                    ExprKind::Tuple(items) => {
                        let is_name = |&id: &ExprId| matches!(body.kind(id), ExprKind::Name(_));
                        let items = body.list(items);
                        items.iter().all(is_name).then(|| {
                            Target::Names(
                                items.iter().map(|&id| self.text(body.span(id))).collect(),
                            )
                        })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn lines(&self, started: &Started, target: &Target, group: &str) -> Option<Lines> {
        let start = |coroutine: &str| format!("{group}.create_task({coroutine})");
        let (mut within, mut behind) = (Vec::new(), Vec::new());
        match (started, target) {
            (Started::Each(coroutines), Target::Nowhere) => {
                within.extend(coroutines.iter().map(|coroutine| start(coroutine)));
            }
            (Started::Each(coroutines), Target::Names(names)) => {
                if coroutines.len() != names.len() {
                    return None;
                }
                for (coroutine, name) in coroutines.iter().zip(names) {
                    let task = format!("{}_task", name.trim_start_matches('_'));
                    if name == "_" {
                        within.push(start(coroutine));
                        continue;
                    }
                    let is_free = names::is_free_local(self.cx, self.function, &task);
                    if !is_free || names.contains(&task) {
                        return None;
                    }
                    within.push(format!("{task} = {}", start(coroutine)));
                    behind.push(format!("{name} = {task}.result()"));
                }
            }
            (Started::Each(coroutines), Target::Whole(_)) => {
                let all: Vec<_> = coroutines.iter().map(|coroutine| start(coroutine)).collect();
                within.push(format!("{} = [{}]", self.tasks()?, all.join(", ")));
            }
            (Started::Many(before, coroutine, after), Target::Nowhere | Target::Whole(_)) => {
                let tasks = self.tasks()?;
                within.push(format!("{tasks} = {before}{}{after}", start(coroutine)));
            }
            (Started::Many(..), Target::Names(_)) => return None,
        }
        if let Target::Whole(before) = target {
            let tasks = self.tasks()?;
            behind.push(format!("{before}[task.result() for task in {tasks}]"));
        }
        Some(Lines { within, behind })
    }

    fn tasks(&self) -> Option<&'static str> {
        self.free(&["tasks", "started"])
    }
}
