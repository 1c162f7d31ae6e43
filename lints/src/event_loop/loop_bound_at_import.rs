//! `loop-bound-at-import`

use asynclint_catalog::BindsLoop;
use asynclint_diagnostics::Level;
use asynclint_project::{Callee, ModuleId};
use asynclint_semantic::{BindingKind, ExprKind};

use crate::coroutines::await_outside_async::awaits_at_top;
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
    let at_import: Vec<_> = at_import.collect();
    if at_import.is_empty() || awaits_at_top(cx) {
        return;
    }
    for site in at_import {
        if let Callee::External(name) = cx.callee(site)
            && let Some(binds) = cx.catalog().call(&name).and_then(|call| call.binds_loop)
            && binds.holds_in(cx.settings().target.into())
            && !is_given_loop(cx, site)
            && !runs_loop_by_hand(cx)
            && !(binds == BindsLoop::Always && is_plugin(cx))
            && !cx.resolver().runs_never_or_as_script(cx.module(), site.body, site.expr)
        {
            report(cx, site, binds);
        }
    }
}

/// Whether the call names the loop that it is for: `asyncio.Lock(loop=loop)`.
fn is_given_loop(cx: &Context<'_>, site: Site) -> bool {
    let given = cx.keyword(site, "loop");
    given.is_some_and(|given| cx.body(site.body).kind(given) != ExprKind::None)
}

/// Whether the file runs a loop that it has got: it may be the very loop that is there at import.
fn runs_loop_by_hand(cx: &Context<'_>) -> bool {
    let names = &cx.facts().outline.names;
    ["run_until_complete", "run_forever"].iter().any(|name| names.get(name).is_some())
}

/// Names by which modules are loaded while the program runs.
const LOADERS: &[&str] = &["__import__", "import_module", "load_extension", "load_extensions"];

/// Whether the module may be loaded by a running coroutine: no other one imports it, and some code
/// loads modules by their names.
fn is_plugin(cx: &Context<'_>) -> bool {
    let project = cx.resolver().project();
    let stem = project.module(cx.module()).place.path.file_name();
    let Some(stem) = stem.and_then(|stem| stem.to_str()) else { return false };
    let imports = |module: ModuleId| {
        let outline = &project.facts(module).outline;
        let mut bindings = outline.scopes.iter().flat_map(|scope| &scope.bindings);
        bindings.any(|binding| match &binding.kind {
            BindingKind::Import(import) => {
                import.member.is_some_and(|member| outline.text(member) == stem)
                    || outline.text(import.module).rsplit('.').next() == Some(stem)
            }
            _ => false,
        })
    };
    let others = |name: &str| {
        let modules = project.modules_naming(name).into_iter();
        modules.filter(|&module| module != cx.module())
    };
    let names = |module: ModuleId, name: &str| project.facts(module).outline.names.get(name);
    let loads = |loader: &&str| others(loader).any(|module| names(module, loader).is_some());
    LOADERS.iter().any(loads) && !others(stem).any(imports)
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
