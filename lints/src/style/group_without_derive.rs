//! `group-without-derive`

use asynclint_diagnostics::Level;
use asynclint_project::ClassRef;
use asynclint_semantic::ClassId;

use crate::style::exception_groups;
use crate::{Context, Fixes, Group, Lint};

/// A class of groups that loses itself whenever a group is taken apart.
pub(crate) static GROUP_WITHOUT_DERIVE: Lint = Lint {
    name: "group-without-derive",
    summary: "an exception group of the project turns into a plain one when it is split",
    group: Group::Style,
    page: include_str!("group_without_derive.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &["ASYNC126"],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    // What tests make groups of is not handed on.
    if cx.is_test_module() {
        return;
    }
    let classes = 0..cx.facts().outline.classes.len() as u32;
    for id in classes.map(ClassId) {
        let class = cx.facts().outline.class(id);
        if class.is_broken || !loses_itself(cx, ClassRef::new(cx.module(), id)) {
            continue;
        }
        let name = cx.facts().outline.text(class.name).to_owned();
        cx.report(class.name_span, format!("exception group `{name}` has no `derive`"))
            .label(
                "`split`, `subgroup`, `except*` and task groups make plain `ExceptionGroup`s of it",
            )
            .help(format!(
                "define `def derive(self, excs): return {name}(self.message, excs)`, with what \
                 else `{name}` is made of"
            ));
    }
}

/// Whether it is a class of groups, and neither it nor a class of the project above it says how
/// to make one of its own kind.
fn loses_itself(cx: &Context<'_>, class: ClassRef) -> bool {
    let resolver = cx.resolver();
    let is_group = resolver.derives_from(class, exception_groups::BASE) == Some(true);
    is_group
        && resolver.known_ancestors(class).is_some_and(|ancestors| {
            !ancestors
                .into_iter()
                .any(|ancestor| resolver.project().class_binds(ancestor, "derive"))
        })
}
