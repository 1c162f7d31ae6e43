//! Coroutines that stand among plain values in a dict: nobody can await all that a record holds.

use asynclint_semantic::{Body, ExprId, ExprKind, List, Usage};

use crate::coroutines::bound::Bound;
use crate::coroutines::misuse::keeps;
use crate::{Context, Site};

/// What libraries are called that await what they find in the dicts they are given.
const AWAIT_FIELDS: &[&str] =
    &["ariadne", "graphene", "graphql", "jinja2", "strawberry", "tartiflette"];

/// What a name has in it of what may await a field: templates, and what calls others with it.
const MAY_AWAIT: &[&str] = &["partial", "render", "resolve", "template"];

/// The plain value in the same dict as the coroutine at `site`, if the dict is a record that is
/// sent or kept, its key does not speak of work, and nothing in the file awaits what stands there.
pub(crate) fn value_beside(cx: &Context<'_>, site: Site) -> Option<Site> {
    let body = cx.body(site.body);
    let dict = body.expr(site.expr).parent?;
    let ExprKind::Dict(items) = body.kind(dict) else { return None };
    let pairs = pairs(body, items);
    let (key, _) = pairs.iter().find(|&&(_, value)| value == site.expr)?;
    let ExprKind::Str(Some(key)) = body.kind(*key) else { return None };
    let name = cx.facts().outline.text(key);
    let is_plain = |id| {
        matches!(
            body.kind(id),
            ExprKind::Str(_) | ExprKind::Number(_) | ExprKind::Boolean(_) | ExprKind::Format(_)
        )
    };
    let (_, beside) = pairs.iter().find(|&&(_, value)| is_plain(value))?;
    let is_used = is_sent_or_kept(cx, Site { expr: dict, ..site });
    let is_record = cx.in_coroutine(site) && !keeps(name) && is_used;
    let outline = &cx.facts().outline;
    let is_foreign = AWAIT_FIELDS.iter().any(|root| outline.imports(root));
    (is_record && !is_foreign && !is_awaited(cx, name)).then_some(Site { expr: *beside, ..site })
}

fn pairs(body: &Body, items: List) -> Vec<(ExprId, ExprId)> {
    let mut found = Vec::new();
    let mut items = body.list(items).iter().copied();
    while let Some(key) = items.next() {
        if !matches!(body.kind(key), ExprKind::Starred(_)) {
            found.extend(items.next().map(|value| (key, value)));
        }
    }
    found
}

/// Whether the dict is an argument of what hardly runs its fields, by itself or as a local that is
/// used for nothing else but that, and to put more into it.
fn is_sent_or_kept(cx: &Context<'_>, dict: Site) -> bool {
    match cx.usage(dict) {
        Usage::Passed => is_taken(cx, dict),
        Usage::Bound => Bound::by(cx, dict).is_some_and(|local| {
            let is_filled = |read: Site| cx.usage(read) == Usage::Subscripted;
            let mut reads = local.reads.iter();
            reads.any(|&read| !is_filled(read))
                && local.reads.iter().all(|&read| is_filled(read) || is_taken(cx, read))
        }),
        _ => false,
    }
}

/// Whether the call takes it that it is an argument of. A list that it is put into is one of records.
fn is_taken(cx: &Context<'_>, dict: Site) -> bool {
    let body = cx.body(dict.body);
    if cx.usage(dict) != Usage::Passed {
        return false;
    }
    let callee = body.expr(dict.expr).parent.and_then(|call| body.callee(call));
    let name = callee.and_then(|callee| cx.last_name(dict.body, callee));
    name.is_some_and(|name| {
        let lower = name.to_lowercase();
        name == "append" || !keeps(name) && !MAY_AWAIT.iter().any(|word| lower.contains(word))
    })
}

/// Whether the file awaits what stands under the key anywhere, or hands it to what runs it.
fn is_awaited(cx: &Context<'_>, key: &str) -> bool {
    let outline = &cx.facts().outline;
    let mut texts = cx.sites(|kind| matches!(kind, ExprKind::Str(Some(_))));
    texts.any(|text| {
        let body = cx.body(text.body);
        if !matches!(body.kind(text.expr), ExprKind::Str(Some(name)) if outline.text(name) == key) {
            return false;
        }
        // `record["answer"]` and `record.get("answer")`
        let Some(read) = body.expr(text.expr).parent else { return false };
        let runs = || {
            let taker = body.expr(read).parent.and_then(|call| body.callee(call));
            taker.and_then(|it| cx.last_name(text.body, it)).is_some_and(keeps)
        };
        match cx.usage(Site { expr: read, ..text }) {
            Usage::Awaited => true,
            Usage::Passed => !matches!(body.kind(read), ExprKind::Dict(_)) && runs(),
            _ => false,
        }
    })
}
