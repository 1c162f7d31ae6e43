//! `loop-bound-at-import`

use asynclint_catalog::BindsLoop;
use asynclint_diagnostics::Level;
use asynclint_project::Callee;

use crate::{Context, Fixes, Group, Lint, Site};

/// Something of an event loop is made while no loop is running.
pub(crate) static LOOP_BOUND_AT_IMPORT: Lint = Lint {
    name: "loop-bound-at-import",
    summary: "what belongs to an event loop is made before there is one",
    group: Group::EventLoop,
    page: include_str!("loop_bound_at_import.md"),
    level: Level::Warning,
    fix: Fixes::None,
    aliases: &[],
    coroutine_only: false,
    check,
};

fn check(cx: &mut Context<'_>) {
    let at_import = cx.calls().filter(|&site| {
        let scope = cx.body(site.body).expr(site.expr).scope;
        cx.resolver().runs_at_import(cx.module(), scope)
    });
    for site in at_import.collect::<Vec<_>>() {
        if let Callee::External(name) = cx.callee(site)
            && let Some(binds) = cx.catalog().call(&name).and_then(|call| call.binds_loop)
            && binds.holds_in(cx.settings().target.into())
            && !runs_loop_by_hand(cx)
            && !cx.resolver().runs_never_or_as_script(cx.module(), site.body, site.expr)
        {
            report(cx, site, binds);
        }
    }
}

/// Whether the file runs a loop that it has got: it may be the very loop that is there at import.
fn runs_loop_by_hand(cx: &Context<'_>) -> bool {
    let names = &cx.facts().outline.names;
    ["run_until_complete", "run_forever"].iter().any(|name| names.get(name).is_some())
}

fn report(cx: &mut Context<'_>, site: Site, binds: BindsLoop) {
    let written = cx.written(site);
    let label = match binds {
        BindsLoop::Always => {
            "no loop is running yet: this raises, or belongs to another loop than is run later"
                .to_owned()
        }
        BindsLoop::Before(version) => format!(
            "before Python {version} this belongs to the loop of this moment, and `asyncio.run` \
             makes another"
        ),
    };
    cx.report(cx.span(site), format!("`{written}` is called when the module is imported"))
        .label(label)
        .help("make it in a coroutine, where the loop that will use it is running");
}
