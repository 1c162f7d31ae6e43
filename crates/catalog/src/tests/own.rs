//! A library text of the user's own.

use crate::{BlockKind, Catalog, Shade};

fn own(text: &str) -> Catalog {
    Catalog::with_own(text).unwrap_or_else(|error| panic!("{error}"))
}

fn error(text: &str) -> String {
    Catalog::with_own(text).unwrap_err().to_string()
}

#[test]
fn adds_functions_and_classes() {
    let catalog = own(r#"
        [gives]
        "coroutine" = ["shop.send", "shop.fetch"]

        [functions]
        "shop.load" = { blocks = "db", replacement = { asyncio = "shop.fetch" } }

        [classes."shop.Lock"]
        bases = ["asyncio.Lock"]
        methods.steal = "coroutine -> builtins.bool"
    "#);
    assert_eq!(catalog.call("shop.send").unwrap().shade, Shade::Coroutine);
    assert_eq!(catalog.call("shop.load").unwrap().blocks, Some(BlockKind::Db));
    assert_eq!(catalog.call("shop.Lock.steal").unwrap().returns.as_deref(), Some("builtins.bool"));
    assert!(catalog.member("shop.Lock", "acquire").is_some());
    assert!(catalog.is_subclass("shop.Lock", "asyncio.Lock"));
    assert!(catalog.knows_module("shop"));
    assert!(catalog.call("asyncio.sleep").is_some());
    assert!(!Catalog::builtin().knows_module("shop"));
}

#[test]
fn comes_before_what_the_tool_knows() {
    let catalog = own(r#"
        functions."asyncio.as_completed" = "started"
        classes."asyncio.queues.Queue".methods.peek = "plain"
    "#);
    assert_eq!(catalog.call("asyncio.as_completed").unwrap().shade, Shade::Started);
    assert_eq!(catalog.member("asyncio.Queue", "peek").unwrap().shade, Shade::Plain);
    assert_eq!(catalog.member("asyncio.Queue", "get").unwrap().shade, Shade::Coroutine);
    assert_eq!(catalog.member("asyncio.LifoQueue", "peek").unwrap().shade, Shade::Plain);
}

#[test]
fn an_addition_to_a_known_class_leaves_the_rest() {
    let catalog = own(r#"classes."asyncio.locks.Lock".methods.steal = "plain""#);
    let lock = catalog.class("asyncio.Lock").unwrap();
    assert_eq!(&*lock.name, "asyncio.Lock");
    assert!(lock.async_manager);
    assert_eq!(lock.constructor, Catalog::builtin().class("asyncio.Lock").unwrap().constructor);
    assert_eq!(catalog.enters("asyncio.Lock"), Some("None"));
    let task = own(r#"classes."asyncio.Task".call = "plain""#);
    assert_eq!(task.call("asyncio.Task").unwrap().shade, Shade::Plain);
    assert_eq!(task.call("asyncio.Task").unwrap().returns.as_deref(), Some("asyncio.Task"));
}

#[test]
fn a_method_named_like_a_function_leaves_its_class_alone() {
    let catalog = own(r#"functions."asyncio.Queue.peek" = "coroutine""#);
    assert!(catalog.class("asyncio.Queue").is_some());
    assert_eq!(catalog.call("asyncio.Queue.peek").unwrap().shade, Shade::Coroutine);
    assert_eq!(catalog.call("asyncio.Queue.get").unwrap().shade, Shade::Coroutine);
}

#[test]
fn aliases_reach_what_the_tool_knows() {
    let catalog = own(r#"
        aliases."shop.nap" = "asyncio.tasks.sleep"
        aliases."shop.one" = "shop.two"
        aliases."shop.two" = "shop.one"
    "#);
    assert_eq!(catalog.call("shop.nap").unwrap().shade, Shade::Coroutine);
    assert_eq!(catalog.canonical("shop.nap"), "asyncio.sleep");
    assert_eq!(catalog.get("shop.one"), None);
}

#[test]
fn a_circle_of_bases_is_refused() {
    let two = r#"
        classes."a.A".bases = ["a.B"]
        classes."a.B".bases = ["a.A"]
    "#;
    assert!(error(two).contains("`a.A` inherits from itself"));
    let through_the_tool = r#"
        classes."a.Queue".bases = ["asyncio.queues.Queue"]
        classes."asyncio.Queue".bases = ["a.Queue"]
    "#;
    assert!(error(through_the_tool).contains("`a.Queue` inherits from itself"));
}

#[test]
fn mistakes_are_told() {
    assert!(error(r#"functions."a.f" = "coroutin""#).contains("unknown variant `coroutin`"));
    assert!(error(r#"functions."a.f" = { give = "plain" }"#).contains("unknown field `give`"));
    assert!(error(r#"functions."a.f" = { kept = true }"#).contains("`gives` is missing"));
    assert!(
        error(r#"functions."a.f" = { gives = "coroutine", blocks = "db" }"#)
            .contains("only a plain call can block")
    );
    assert!(
        error(r#"functions."a.f" = { gives = "plain", passes-arguments = true }"#)
            .contains("needs the function that they are passed to")
    );
    assert!(error(r#"functions."a.f" = { blocks = "naps" }"#).contains("unknown variant `naps`"));
    assert!(error(r#"blocks.naps = ["a.f"]"#).contains("unknown variant `naps`"));
    assert!(
        error("gives.plain = [\"a.f\"]\nblocks.db = [\"a.f\"]")
            .contains("`a.f` is described twice")
    );
    assert!(
        error(r#"functions."a.f" = { gives = "plain", since = "new" }"#)
            .contains("`new` is not a release")
    );
    assert!(
        error("gives.plain = [\"a.f\"]\nfunctions.\"a.f\" = \"plain\"")
            .contains("`a.f` is described twice")
    );
    assert!(
        error("[classes.\"a.C\"]\ngives.plain = [\"m\"]\nmethods.m = \"coroutine\"")
            .contains("`a.C.m` is described twice")
    );
}

/// The middle of a mistake in a file: its line is in the message.
#[test]
fn mistakes_are_told_with_their_place() {
    let text = "[functions]\n\"a.f\" = \"plain\"\n\"a.g\" = \"plane\"\n";
    assert!(error(text).contains("line 3"), "{}", error(text));
}

#[test]
fn the_example_of_the_readme_holds() {
    let readme = include_str!("../../libraries/README.md");
    let example = readme.split("```").nth(1).unwrap().strip_prefix("toml").unwrap();
    let catalog = own(example);
    assert_eq!(catalog.call("shop.get").unwrap().shade, Shade::Coroutine);
    assert_eq!(catalog.call("shop.load").unwrap().blocks, Some(BlockKind::Db));
    assert_eq!(catalog.call("shop.ping").unwrap().blocks, Some(BlockKind::Http));
    assert_eq!(catalog.call("shop.find").unwrap().returns.as_deref(), Some("shop.Order"));
    assert_eq!(catalog.call("shop.Order.save").unwrap().blocks, Some(BlockKind::Db));
    assert_eq!(catalog.call("shop._core.Order").unwrap().shade, Shade::Started);
    assert_eq!(catalog.enters("shop.Order"), Some("shop.Order"));
    assert!(catalog.is_subclass("shop.Sold", "builtins.ValueError"));
}
