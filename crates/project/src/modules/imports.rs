//! Imports to what they bind.

use asynclint_semantic::{Import, MODULE_SCOPE};

use crate::Project;
use crate::resolver::{Question, Resolver};
use crate::types::{ModuleId, Reason, Type};

impl Project<'_> {
    /// The module of the project that `import name` finds from `importer`.
    pub(crate) fn absolute(&self, importer: ModuleId, name: &str) -> Option<ModuleId> {
        // What is installed does not import from whoever uses it.
        if self.is_installed(importer) {
            return None;
        }
        let found = self.map.absolute(&self.modules, importer, name)?;
        (!self.is_namesake(importer, name)).then_some(found)
    }

    /// Whether the dotted name is of a library, and what stands beside the importer under its first
    /// part is in a package without an `__init__`: `shop/redis/`, which the importer reaches as
    /// `shop.redis`.
    fn is_namesake(&self, importer: ModuleId, name: &str) -> bool {
        let top = name.split('.').next().unwrap_or(name);
        let outer = self.module(importer).place.root.file_name().and_then(|it| it.to_str());
        let Some(outer) = outer.filter(|_| self.catalog().knows_module(top)) else { return false };
        let outline = &self.facts(importer).outline;
        outline.imports_of(outer).any(|import| {
            let mut parts = outline.text(import.module).split('.').skip(1);
            let second = parts.next().or(import.member.map(|member| outline.text(member)));
            second == Some(top)
        })
    }

    /// The only module with the name, a single word, wherever it stands.
    fn only_file(&self, importer: ModuleId, name: &str) -> Option<ModuleId> {
        self.map
            .only(&self.modules, name)
            .filter(|_| !self.is_installed(importer) && !name.contains('.'))
    }

    /// The modules that stand at the dotted name below a folder around the importer, the closest
    /// first: what `import name` finds where the program is started in that folder. Who imports the
    /// package around by its name has it started outside of that.
    fn around(&self, importer: ModuleId, name: &str) -> impl Iterator<Item = ModuleId> {
        let place = &self.module(importer).place;
        let folders = (!self.is_installed(importer)).then(|| place.folder().ancestors());
        let is_inside = self.imports_own_package(importer);
        folders.into_iter().flatten().filter_map(move |folder| {
            if is_inside && self.map.at(&self.modules, folder).is_some() {
                return None;
            }
            self.map.at(
                &self.modules,
                &name.split('.').fold(folder.to_owned(), |path, part| path.join(part)),
            )
        })
    }

    /// Whether a module imports something by the name of the outermost package that it is in.
    fn imports_own_package(&self, module: ModuleId) -> bool {
        let Some(name) = self.module(module).place.name() else { return false };
        let Some((own, _)) = name.split_once('.') else { return false };
        self.facts(module).outline.imports(own)
    }

    pub(crate) fn named(
        &self,
        importer: ModuleId,
        import: &Import,
        module: &str,
    ) -> Option<ModuleId> {
        match import.level {
            0 => self.absolute(importer, module),
            level if self.is_installed(importer) => {
                let name = self.packages.relative(importer, level, module)?;
                self.packages.module(&name)
            }
            level => self.map.relative(&self.modules, importer, level, module),
        }
    }

    pub(crate) fn below(&self, package: ModuleId, name: &str) -> Option<ModuleId> {
        if self.is_installed(package) {
            let own = self.packages.name(package);
            return self.packages.module(&format!("{own}.{name}"));
        }
        self.map.below(&self.modules, package, name)
    }

    /// The module that `from module import *` reads, installed ones included.
    fn star_source(&self, importer: ModuleId, star: &Import) -> Option<ModuleId> {
        let module = self.facts(importer).outline.text(star.module);
        let found = self.named(importer, star, module);
        found.or_else(|| self.packages.module(module).filter(|_| star.level == 0))
    }
}

impl Resolver<'_> {
    /// What `import` binds in `importer`.
    pub(crate) fn import(&self, importer: ModuleId, import: &Import) -> Type {
        let outline = &self.project.facts(importer).outline;
        let module = outline.text(import.module);
        match import.member.map(|member| outline.text(member)) {
            None if import.binds_root => {
                self.module_or_library(importer, module.split('.').next().unwrap_or(module))
            }
            None => self.module_or_library(importer, module),
            Some(member) => match self.project.named(importer, import, module) {
                Some(found) if found == importer => self.submodule(importer, member),
                Some(found) => self.module_member(found, member),
                None if import.level == 0 => {
                    let file = self.file_that_binds(importer, module, member);
                    if let Some(file) = file.or_else(|| self.file_around(importer, module, member))
                    {
                        return self.module_member(file, member);
                    }
                    self.module_or_library(importer, &format!("{module}.{member}"))
                }
                // A package without an `__init__`.
                None => self.relative_module(importer, import, module, member),
            },
        }
    }

    /// The file that `from module import member` means where no root that is known leads to it, as
    /// for scripts that are run in their own folder: the only one of that name, if nothing else is
    /// known under the name and it binds the member.
    fn file_that_binds(&self, importer: ModuleId, module: &str, member: &str) -> Option<ModuleId> {
        let project = self.project;
        let file = project.only_file(importer, module)?;
        let is_bound = project.facts(file).outline.binds(MODULE_SCOPE, member);
        (is_bound && !self.is_known_elsewhere(importer, module)).then_some(file)
    }

    /// The file that `from module import member` means where the program is started in a folder
    /// around this one, which no root tells of: the only one that binds the member.
    fn file_around(&self, importer: ModuleId, module: &str, member: &str) -> Option<ModuleId> {
        if self.is_known_elsewhere(importer, module) {
            return None;
        }
        let binds = |file: ModuleId| {
            file != importer && self.project.facts(file).outline.binds(MODULE_SCOPE, member)
        };
        let mut found = self.project.around(importer, module).filter(|&file| binds(file));
        found.next().filter(|_| found.next().is_none())
    }

    /// The module with the dotted name that stands below a folder around the importer.
    fn module_around(&self, importer: ModuleId, name: &str) -> Option<ModuleId> {
        if !name.contains('.') || self.is_known_elsewhere(importer, name) {
            return None;
        }
        let mut found = self.project.around(importer, name);
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether a root, a library or an installed package has the first part of the dotted name.
    fn is_known_elsewhere(&self, importer: ModuleId, name: &str) -> bool {
        let project = self.project;
        let top = name.split('.').next().unwrap_or(name);
        project.catalog().knows_module(top)
            || project.packages.module(top).is_some()
            || project.absolute(importer, top).is_some()
    }

    fn relative_module(
        &self,
        importer: ModuleId,
        import: &Import,
        module: &str,
        member: &str,
    ) -> Type {
        let dotted =
            if module.is_empty() { member.to_owned() } else { format!("{module}.{member}") };
        match self.project.named(importer, import, &dotted) {
            Some(found) => Type::Module(found),
            None => Type::Unknown(Reason::UnknownLibrary),
        }
    }

    /// `from . import x` in the `__init__` itself.
    fn submodule(&self, package: ModuleId, member: &str) -> Type {
        match self.project.below(package, member) {
            Some(below) => Type::Module(below),
            None => Type::Unknown(Reason::Circular),
        }
    }

    pub(crate) fn module_or_library(&self, importer: ModuleId, name: &str) -> Type {
        match self.project.absolute(importer, name) {
            Some(module) => Type::Module(module),
            // What is installed under the name of a package of the project is never imported.
            None if self.is_in_own_package(importer, name) => Type::External(name.into()),
            None => match self.module_around(importer, name) {
                Some(module) => Type::Module(module),
                None => self.library(name),
            },
        }
    }

    /// Whether the first part of the dotted name is a package of the project.
    fn is_in_own_package(&self, importer: ModuleId, name: &str) -> bool {
        let Some((top, _)) = name.split_once('.') else { return false };
        self.project
            .absolute(importer, top)
            .is_some_and(|package| self.project.module(package).place.is_package)
    }

    /// What a qualified name of a library stands for: what the catalogue tells of it, else what an
    /// installed package says.
    pub(crate) fn library(&self, name: &str) -> Type {
        // It has what `typing` has in later releases, under the same names, and tells by computing.
        if let Some(rest) = name.strip_prefix("typing_extensions")
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return Type::External(format!("typing{rest}").into());
        }
        let external = || Type::External(name.into());
        let catalog = self.project.catalog();
        let is_known = catalog.get(name).is_some()
            || catalog.call(name).is_some()
            || catalog.preserves(name)
            || catalog.uses_values(name);
        if is_known {
            return external();
        }
        let known = self.libraries.borrow().get(name).copied();
        let id = known.unwrap_or_else(|| {
            let mut libraries = self.libraries.borrow_mut();
            let id = libraries.len();
            libraries.insert(name.into(), id);
            id
        });
        match self.ask(Question::Library(id), || self.installed(name)) {
            Type::Unknown(_) => external(),
            known => known,
        }
    }

    /// What the first of the modules around a qualified name that is installed has under the rest.
    fn installed(&self, name: &str) -> Type {
        let mut module = name;
        loop {
            if let Some(found) = self.project.packages.module(module) {
                let rest = name[module.len()..].split('.').filter(|part| !part.is_empty());
                return rest
                    .fold(Type::Module(found), |value, part| self.attribute(&value, part, None));
            }
            match module.rsplit_once('.') {
                Some((outer, _)) => module = outer,
                None => return Type::Unknown(Reason::UnknownLibrary),
            }
        }
    }

    /// `module.member` for a module that was read: a name of it, or a module below it.
    pub(crate) fn module_member(&self, module: ModuleId, member: &str) -> Type {
        let outline = &self.project.facts(module).outline;
        let bound = outline.names.get(member);
        if let Some(name) = bound.filter(|&name| !outline.bindings(MODULE_SCOPE, name).is_empty()) {
            return self.scope_name(module, MODULE_SCOPE, name);
        }
        if let Some(below) = self.project.below(module, member) {
            return Type::Module(below);
        }
        // A module that makes its names at run time says so.
        if outline.binds(MODULE_SCOPE, "__getattr__") {
            return Type::Unknown(Reason::UnknownAttribute);
        }
        self.star_member(module, member).unwrap_or(Type::Unknown(Reason::UnknownAttribute))
    }

    /// What a star import of `module` brings under the name `member`; `None` if none may.
    pub(crate) fn star_member(&self, module: ModuleId, member: &str) -> Option<Type> {
        let outline = &self.project.facts(module).outline;
        // The last one that brings the name wins.
        for (star, _) in outline.star_imports.iter().rev() {
            let Some(from) = self.project.star_source(module, star).filter(|&from| from != module)
            else {
                return Some(Type::Unknown(Reason::StarImport));
            };
            let Some(name) = self.project.facts(from).outline.names.get(member) else { continue };
            let found = self.ask(Question::Star(from, name), || self.module_member(from, member));
            if found != Type::Unknown(Reason::UnknownAttribute) {
                return Some(found);
            }
        }
        None
    }

    /// Whether a star import behind byte `at` may have bound `name` anew.
    pub(crate) fn star_hides(&self, module: ModuleId, name: &str, at: u32) -> bool {
        let outline = &self.project.facts(module).outline;
        outline.star_imports.iter().filter(|&&(_, star)| star > at).any(|(star, _)| {
            let from = self.project.star_source(module, star);
            from.is_none_or(|from| self.project.facts(from).outline.names.get(name).is_some())
        })
    }
}
