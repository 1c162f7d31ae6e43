//! Which modules are written for Pyodide, Python in the browser.

use asynclint_semantic::{BindingKind, MODULE_SCOPE};

use crate::Project;
use crate::types::ModuleId;

/// Modules that only Pyodide has.
const MODULES: &[&str] = &["micropip", "pyodide", "pyodide_js"];

/// The module of a host that runs it, and what a program takes from it.
const HOST: (&str, &str) = ("workers", "WorkerEntrypoint");

impl Project<'_> {
    /// Whether a module runs in Pyodide alone: it imports what is nowhere else, and nothing guards
    /// that. Its files are in memory, and there are no threads.
    pub fn is_for_pyodide(&self, module: ModuleId) -> bool {
        let facts = self.facts(module);
        let outline = &facts.outline;
        let is_hosted = outline.names.get(HOST.1).is_some();
        if !is_hosted && !MODULES.iter().any(|name| outline.names.get(name).is_some()) {
            return false;
        }
        outline.scope(MODULE_SCOPE).bindings.iter().any(|binding| match &binding.kind {
            BindingKind::Import(import) if import.level == 0 => {
                let root = outline.text(import.module).split('.').next().unwrap_or_default();
                let is_guarded = binding
                    .stmt
                    .is_none_or(|stmt| facts.body(binding.body).stmt(stmt).parent.is_some());
                (MODULES.contains(&root) || is_hosted && root == HOST.0) && !is_guarded
            }
            _ => false,
        })
    }
}
