//! Every library file is held to what its readers rely on.

use crate::Catalog;
use crate::handlers::Registration;
use crate::model::{Callable, Class, Shade, Symbol};
use crate::read::{Entry, Library};
use crate::shelf::SHELVES;

fn libraries() -> impl Iterator<Item = (&'static str, &'static Library)> {
    SHELVES.iter().map(|shelf| (shelf.root, shelf.library()))
}

/// All symbols in an order that does not depend on hashing.
fn symbols(library: &Library) -> Vec<(&str, &Symbol)> {
    let mut all: Vec<_> = library
        .entries
        .iter()
        .filter_map(|(name, entry)| match entry {
            Entry::Symbol(symbol) => Some((&**name, symbol)),
            Entry::Alias(_) => None,
        })
        .collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all
}

fn callables(class: &Class) -> Vec<(String, &Callable)> {
    let mut all: Vec<_> =
        class.methods.iter().map(|(name, it)| (format!("{}.{name}", class.name), it)).collect();
    all.push((class.name.to_string(), &class.constructor));
    all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    all
}

fn classes() -> Vec<&'static Class> {
    let mut all = Vec::new();
    for (_, library) in libraries() {
        all.extend(symbols(library).into_iter().filter_map(|(_, symbol)| match symbol {
            Symbol::Class(class) => Some(&**class),
            _ => None,
        }));
    }
    all
}

fn every_callable() -> Vec<(String, &'static Callable)> {
    let mut all: Vec<_> = classes().into_iter().flat_map(callables).collect();
    for (_, library) in libraries() {
        for (name, symbol) in symbols(library) {
            if let Symbol::Function(callable) = symbol {
                all.push((name.to_owned(), &**callable));
            }
        }
    }
    all
}

/// Whether a result can be named so: canonically, and by a class that is described, or by several in
/// parentheses.
fn is_class(name: &str) -> bool {
    if let Some(places) = name.strip_prefix('(').and_then(|places| places.strip_suffix(')')) {
        return places.split(", ").all(is_class);
    }
    let catalog = Catalog::builtin();
    name == "None" || (catalog.canonical(name) == name && catalog.class(name).is_some())
}

#[test]
fn every_file_parses_and_is_the_one_of_its_root() {
    for (root, library) in libraries() {
        for (name, _) in symbols(library) {
            assert_eq!(name.split('.').next(), Some(root), "{name} stands in {root}.toml");
        }
    }
    assert!(SHELVES.is_sorted_by_key(|shelf| shelf.root));
}

#[test]
fn every_file_of_the_folder_is_on_the_shelf() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/libraries");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    found.sort_unstable();
    let roots: Vec<_> = SHELVES.iter().map(|shelf| shelf.root).collect();
    assert_eq!(found, roots);
}

#[test]
fn every_file_names_its_library_versions_and_source() {
    for shelf in &SHELVES {
        let file: toml::Table = shelf.text.parse().unwrap();
        let about = file["library"].as_table().unwrap();
        for key in ["name", "versions", "source"] {
            let value = about[key].as_str().unwrap();
            assert!(!value.trim().is_empty(), "{}.toml: {key}", shelf.root);
        }
        let name = about["name"].as_str().unwrap();
        assert_eq!(name.split('.').next(), Some(shelf.root));
    }
}

#[test]
fn every_result_base_and_attribute_is_a_described_class() {
    for (name, callable) in every_callable() {
        if let Some(class) = &callable.returns {
            assert!(is_class(class) || &**class == "Self", "{name} returns {class}");
        }
    }
    for class in classes() {
        let attributes = class.attributes.values().chain(&class.enters).chain(&class.bases);
        for named in attributes {
            assert!(is_class(named), "{} names {named}", class.name);
        }
    }
    for (_, library) in libraries() {
        for (name, symbol) in symbols(library) {
            if let Symbol::Instance(class) = symbol {
                assert!(is_class(class), "{name} is a {class}");
            }
        }
    }
}

#[test]
fn every_replacement_can_be_called_in_async_code() {
    let catalog = Catalog::builtin();
    for (name, callable) in every_callable() {
        let replacement = &callable.replacement;
        for (library, stand_in) in [
            ("asyncio", &replacement.asyncio),
            ("anyio", &replacement.anyio),
            ("trio", &replacement.trio),
        ] {
            let Some(stand_in) = stand_in else { continue };
            let known = catalog.call(stand_in).unwrap_or_else(|| panic!("{name}: {stand_in}"));
            assert!(known.blocks.is_none(), "{name}: {stand_in} blocks as well");
            assert!(stand_in.starts_with(library), "{name}: {stand_in} is not of {library}");
        }
    }
}

#[test]
fn preserving_methods_are_described() {
    let catalog = Catalog::builtin();
    let mut missing = Vec::new();
    for (root, library) in libraries() {
        let mut names: Vec<_> = library.preserving.iter().collect();
        names.sort_unstable();
        for name in names {
            assert_eq!(name.split('.').next(), Some(root), "{name}");
            let (owner, method) = name.rsplit_once('.').expect("a dotted name");
            if catalog.class(owner).is_some() && catalog.member(owner, method).is_none() {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "no methods: {missing:?}");
}

#[test]
fn aliases_lead_to_described_names() {
    for (_, library) in libraries() {
        let mut aliases: Vec<_> = library.entries.iter().collect();
        aliases.sort_unstable_by_key(|(name, _)| *name);
        for (alias, entry) in aliases {
            let Entry::Alias(target) = entry else { continue };
            assert!(Catalog::builtin().get(target).is_some(), "{alias} stands for {target}");
            assert_eq!(Catalog::builtin().canonical(target), &**target, "{alias}");
        }
    }
}

#[test]
fn no_class_inherits_from_itself() {
    let catalog = Catalog::builtin();
    for class in classes() {
        let below = class.bases.iter().any(|base| catalog.is_subclass(base, &class.name));
        assert!(!below, "{} inherits from itself", class.name);
    }
}

/// Readers look at a class's own flags: what it can do by inheritance must stand there again.
#[test]
fn protocols_are_stated_with_the_inherited_ones() {
    let catalog = Catalog::builtin();
    for class in classes() {
        for base in &class.bases {
            let base = catalog.class(base).unwrap();
            let lost = (base.sync_manager && !class.sync_manager)
                || (base.async_manager && !class.async_manager)
                || (base.sync_iterable && !class.sync_iterable)
                || (base.async_iterable && !class.async_iterable)
                || (base.awaitable && !class.awaitable);
            assert!(!lost, "{} does not repeat the protocols of {}", class.name, base.name);
        }
        for (method, flag) in [
            ("__enter__", class.sync_manager),
            ("__aenter__", class.async_manager),
            ("__aiter__", class.async_iterable),
        ] {
            assert!(
                flag || !class.methods.contains_key(method),
                "{} has {method} and not the protocol",
                class.name
            );
        }
    }
}

#[test]
fn facts_agree_with_each_other() {
    let catalog = Catalog::builtin();
    for (name, callable) in every_callable() {
        let result = callable.returns.as_deref().and_then(|class| catalog.class(class));
        if let (Shade::Started, Some(class)) = (callable.shade, result) {
            assert!(class.awaitable, "{name} starts something that cannot be awaited");
        }
        if let (Shade::AsyncManager, Some(class)) = (callable.shade, result) {
            assert!(class.async_manager, "{name} gives no async manager");
        }
        if callable.raises_always {
            assert!(callable.returns.is_none(), "{name} never returns");
        }
        let (since, removed) = (callable.since, callable.removed);
        if let (Some(since), Some(removed)) = (since, removed) {
            assert!(since < removed, "{name} is removed before it comes");
        }
        if let (Some(deprecated), Some(removed)) = (callable.deprecated, removed) {
            assert!(deprecated < removed, "{name} is removed before it is deprecated");
        }
    }
}

/// What hands functions to threads is found by its name before any file is read.
#[test]
fn names_that_concern_threads_are_listed() {
    let mut names: Vec<&str> =
        libraries().flat_map(|(_, library)| library.thread_names()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, crate::CONCERN_THREADS);
}

#[test]
fn handlers_are_described() {
    let catalog = Catalog::builtin();
    let mut finders = Vec::new();
    for (root, library) in libraries() {
        let mut missing = Vec::new();
        for class in library.handlers.classes() {
            if catalog.class(class).is_none() && class != "None" {
                missing.push(class);
            }
        }
        for (way, name) in library.handlers.names() {
            assert_eq!(name.split('.').next(), Some(root), "{name}");
            assert_eq!(catalog.canonical(name), name);
            let is_method = |owner: &str, method: &str| {
                catalog.class(owner).is_none() || catalog.member(owner, method).is_some()
            };
            let is_known = match way {
                Registration::Override => catalog.class(name).is_some(),
                Registration::Module => name == root,
                Registration::Decorator | Registration::Argument => {
                    name.rsplit_once('.').is_some_and(|(owner, method)| is_method(owner, method))
                }
            };
            if !is_known {
                missing.push(name);
            }
        }
        missing.sort_unstable();
        assert!(missing.is_empty(), "{root}: not described: {missing:?}");
        finders.extend(library.handlers.finders());
    }
    assert_eq!(finders, crate::FINDERS);
}
