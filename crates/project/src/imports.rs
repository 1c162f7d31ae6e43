//! Imports to what they bind.

use asynclint_semantic::{Import, MODULE_SCOPE};

use crate::resolver::Resolver;
use crate::types::{ModuleId, Reason, Type};

impl Resolver<'_> {
    /// What `import` binds in `module`.
    pub(crate) fn import(&self, module: ModuleId, import: &Import) -> Type {
        let Some(base) = self.absolute(module, import) else {
            return Type::Unknown(Reason::UnknownLibrary);
        };
        let text = |name| self.project.facts(module).outline.text(name);
        match import.member.map(text) {
            None if import.binds_root => {
                self.module_or_library(base.split('.').next().unwrap_or(&base))
            }
            None => self.module_or_library(&base),
            Some(member) => self.member_of_module(&base, member),
        }
    }

    /// The absolute dotted name of the module that an import names.
    fn absolute(&self, module: ModuleId, import: &Import) -> Option<String> {
        let own = self.project.module(module);
        let named = own.facts.outline.text(import.module);
        if import.level == 0 {
            return Some(named.to_owned());
        }
        let up = import.level as usize - usize::from(own.is_package);
        let mut parts: Vec<&str> = own.name.split('.').filter(|part| !part.is_empty()).collect();
        if up > parts.len() {
            return None;
        }
        parts.truncate(parts.len() - up);
        parts.extend(named.split('.').filter(|part| !part.is_empty()));
        (!parts.is_empty()).then(|| parts.join("."))
    }

    fn module_or_library(&self, name: &str) -> Type {
        match self.project.module_named(name) {
            Some(module) => Type::Module(module),
            None => Type::External(name.into()),
        }
    }

    fn member_of_module(&self, base: &str, member: &str) -> Type {
        match self.project.module_named(base) {
            Some(module) => self.module_member(module, member),
            None => self.module_or_library(&format!("{base}.{member}")),
        }
    }

    /// `module.member` for a module of the project: a name of it, or a module below it.
    pub(crate) fn module_member(&self, module: ModuleId, member: &str) -> Type {
        let own = self.project.module(module);
        let outline = &own.facts.outline;
        let bound = outline.names.get(member);
        if let Some(name) = bound.filter(|&name| !outline.bindings(MODULE_SCOPE, name).is_empty()) {
            return self.scope_name(module, MODULE_SCOPE, name);
        }
        if let Some(below) = self.project.module_named(&format!("{}.{member}", own.name)) {
            return Type::Module(below);
        }
        for (star, _) in &outline.star_imports {
            let Some(base) = self.absolute(module, star) else { continue };
            let Some(from) = self.project.module_named(&base).filter(|&from| from != module) else {
                return Type::Unknown(Reason::StarImport);
            };
            let names = &self.project.facts(from).outline.names;
            if names.get(member).is_some() {
                return self.ask_star(from, member);
            }
        }
        Type::Unknown(Reason::UnknownAttribute)
    }

    /// Whether a star import behind byte `at` may have bound `name` anew.
    pub(crate) fn star_hides(&self, module: ModuleId, name: &str, at: u32) -> bool {
        let stars = &self.project.facts(module).outline.star_imports;
        stars.iter().filter(|&&(_, star)| star > at).any(|(star, _)| {
            let from =
                self.absolute(module, star).and_then(|base| self.project.module_named(&base));
            from.is_none_or(|from| self.project.facts(from).outline.names.get(name).is_some())
        })
    }

    fn ask_star(&self, from: ModuleId, member: &str) -> Type {
        let names = &self.project.facts(from).outline.names;
        match names.get(member) {
            Some(name) => {
                let question = crate::resolver::Question::Star(from, name);
                self.ask(question, || self.module_member(from, member))
            }
            None => Type::Unknown(Reason::StarImport),
        }
    }
}
