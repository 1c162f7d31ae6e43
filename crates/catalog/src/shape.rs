//! The shape of a library file, which `libraries/README.md` describes.

use std::fmt;
use std::marker::PhantomData;

use rustc_hash::FxHashMap;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor, value};

use crate::model::{
    Argument, BindsLoop, BlockKind, Callable, Class, Given, LockKind, Outdated, Replacements,
    ResultOf, Scope, Shade, Version, Wait,
};

/// A file as it is written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    /// For the readers of the file.
    #[serde(default, rename = "library")]
    _library: IgnoredAny,
    #[serde(default)]
    pub(crate) gives: Gives,
    #[serde(default)]
    pub(crate) blocks: Blocks,
    #[serde(default)]
    pub(crate) subclasses: Pairs<Vec<Box<str>>>,
    #[serde(default)]
    pub(crate) functions: Pairs<Callable>,
    #[serde(default)]
    pub(crate) classes: Pairs<RawClass>,
    #[serde(default)]
    pub(crate) uses_values: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) preserving: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) threads_if_asked: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) runs_outside_coroutines: bool,
    #[serde(default)]
    pub(crate) instances: Pairs<Box<str>>,
    #[serde(default)]
    pub(crate) aliases: Pairs<Alias>,
    #[serde(default)]
    pub(crate) outdated: Vec<RawOutdated>,
    #[serde(default)]
    pub(crate) handlers: Vec<RawHandlers>,
}

/// Functions that the library calls with the same objects.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHandlers {
    #[serde(default)]
    pub(crate) decorators: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) overrides: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) arguments: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) modules: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) given: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) named: Pairs<Vec<Box<str>>>,
    #[serde(default)]
    pub(crate) chained: Vec<Box<str>>,
}

/// What several calls do not take any more, or soon will not.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOutdated {
    pub(crate) of: Vec<Box<str>>,
    argument: Option<Box<str>>,
    #[serde(default)]
    coroutines: bool,
    deprecated: Version,
    removed: Option<Version>,
}

impl RawOutdated {
    pub(crate) fn fact(&self) -> Result<Outdated, &'static str> {
        let given = match (&self.argument, self.coroutines) {
            (Some(keyword), false) => Given::Keyword(keyword.clone()),
            (None, true) => Given::Coroutines,
            _ => return Err("`outdated` is about an `argument` or about `coroutines`"),
        };
        Ok(Outdated { given, deprecated: self.deprecated, removed: self.removed })
    }
}

/// `"a.b" = "c.d"`, or a module and the names that another module takes from it.
#[derive(serde::Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Alias {
    Name(Box<str>),
    Names { of: Box<str>, names: Vec<Box<str>> },
}

/// Names under the answer that they share: `"coroutine -> None" = ["drain", "wait_closed"]`.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Gives(pub(crate) Pairs<Vec<Box<str>>>);

impl Gives {
    pub(crate) fn spread(self) -> Result<Vec<(Box<str>, Callable)>, String> {
        spread(self.0, answer_in_words)
    }
}

/// Names under the way in which they block: `"db -> builtins.int" = ["delete", "exists"]`.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Blocks(pub(crate) Pairs<Vec<Box<str>>>);

impl Blocks {
    pub(crate) fn spread(self) -> Result<Vec<(Box<str>, Callable)>, String> {
        spread(self.0, |text| {
            let (kind, returns) = around_arrow(text);
            let kind = BlockKind::deserialize(value::StrDeserializer::new(kind))?;
            Ok(Callable { returns, blocks: Some(kind), ..Callable::new(Shade::Plain) })
        })
    }
}

fn spread(
    lists: Pairs<Vec<Box<str>>>,
    read: impl Fn(&str) -> Result<Callable, value::Error>,
) -> Result<Vec<(Box<str>, Callable)>, String> {
    let mut all = Vec::new();
    for (answer, names) in lists.0 {
        let callable = read(&answer).map_err(|e| e.to_string())?;
        all.extend(names.into_iter().map(|name| (name, callable.clone())));
    }
    Ok(all)
}

/// Reads `coroutine`, or `coroutine -> asyncio.Server`.
fn answer_in_words<E: Error>(text: &str) -> Result<Callable, E> {
    let (shade, returns) = around_arrow(text);
    let shade = Shade::deserialize(value::StrDeserializer::<E>::new(shade))?;
    Ok(Callable { returns, ..Callable::new(shade) })
}

/// A word, and the class after `->` if one stands there.
fn around_arrow(text: &str) -> (&str, Option<Box<str>>) {
    match text.split_once("->") {
        Some((word, class)) => (word.trim(), Some(class.trim().into())),
        None => (text, None),
    }
}

/// A table in the order of the file: cheaper to read than a map, and never walked by hash.
pub(crate) struct Pairs<T>(pub(crate) Vec<(Box<str>, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(16));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked by name")]
struct RawCallable {
    gives: Option<Shade>,
    returns: Option<Box<str>>,
    blocks: Option<BlockKind>,
    #[serde(default)]
    replacement: Replacements,
    #[serde(default)]
    never_returns: bool,
    given: Option<Argument>,
    runs_in_thread: Option<Argument>,
    #[serde(default)]
    other_process: bool,
    #[serde(default)]
    thread_unsafe: bool,
    calls: Option<Argument>,
    calls_later: Option<Argument>,
    calls_either: Option<Argument>,
    #[serde(default)]
    hands_back: bool,
    #[serde(default)]
    names_class: bool,
    #[serde(default)]
    passes_arguments: bool,
    result_of: Option<Argument>,
    #[serde(default)]
    results_of_all: bool,
    enters: Option<Argument>,
    #[serde(default)]
    caches: bool,
    #[serde(default)]
    runs_loop: bool,
    #[serde(default)]
    makes_loop: bool,
    binds_loop: Option<BindsLoop>,
    #[serde(default)]
    kept: bool,
    waits: Option<Wait>,
    #[serde(default)]
    shielded: bool,
    limit: Option<Box<str>>,
    varies_with: Option<Box<str>>,
    unless_plain: Option<Box<str>>,
    since: Option<Version>,
    deprecated: Option<Version>,
    removed: Option<Version>,
    instead: Option<Box<str>>,
    superseded: Option<Version>,
}

impl RawCallable {
    fn build(self) -> Result<Callable, &'static str> {
        // What blocks or never returns is plain without saying so.
        let implied = (self.blocks.is_some() || self.never_returns).then_some(Shade::Plain);
        let shade = self.gives.or(implied).ok_or("`gives` is missing")?;
        if self.blocks.is_some() && shade != Shade::Plain {
            return Err("only a plain call can block");
        }
        if self.other_process && self.runs_in_thread.is_none() {
            return Err("`other-process` needs `runs-in-thread`");
        }
        let calls_either = self.calls_either.is_some();
        let calls_later = self.calls_later.is_some() || calls_either;
        let calls = self.calls.or(self.calls_later).or(self.calls_either);
        if self.passes_arguments && self.runs_in_thread.is_none() && calls.is_none() {
            return Err("`passes-arguments` needs the function that they are passed to");
        }
        Ok(Callable {
            shade,
            returns: self.returns,
            blocks: self.blocks,
            replacement: self.replacement,
            raises_always: self.never_returns,
            given: self.given,
            runs_in_thread: self.runs_in_thread,
            other_process: self.other_process,
            thread_unsafe: self.thread_unsafe,
            calls_later,
            calls_either,
            calls,
            hands_back: self.hands_back,
            names_class: self.names_class,
            passes_arguments: self.passes_arguments,
            result_of: self
                .results_of_all
                .then_some(ResultOf::All)
                .or(self.result_of.map(ResultOf::Argument))
                .or(self.enters.map(ResultOf::Entered)),
            caches: self.caches,
            runs_loop: self.runs_loop,
            makes_loop: self.makes_loop,
            binds_loop: self.binds_loop,
            kept: self.kept,
            waits: self.waits,
            shielded: self.shielded,
            limit: self.limit,
            varies_with: self.varies_with,
            unless_plain: self.unless_plain,
            since: self.since,
            deprecated: self.deprecated,
            removed: self.removed,
            instead: self.instead,
            superseded: self.superseded,
            outdated: Vec::new(),
        })
    }
}

#[derive(Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Protocol {
    Manager,
    AsyncManager,
    Iterable,
    AsyncIterable,
    Awaitable,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawClass {
    #[serde(default)]
    bases: Box<[Box<str>]>,
    #[serde(default)]
    protocols: Vec<Protocol>,
    lock: Option<LockKind>,
    enters: Option<Box<str>>,
    awaits: Option<Box<str>>,
    scope: Option<Scope>,
    call: Option<Callable>,
    #[serde(default)]
    gives: Gives,
    #[serde(default)]
    blocks: Blocks,
    #[serde(default)]
    methods: FxHashMap<Box<str>, Callable>,
    #[serde(default)]
    attributes: FxHashMap<Box<str>, Box<str>>,
    #[serde(default)]
    keeps: FxHashMap<Box<str>, usize>,
    #[serde(default)]
    runs_in_thread: Box<[Box<str>]>,
    #[serde(default)]
    filled_by_project: bool,
    #[serde(default)]
    thread_unsafe: Vec<Box<str>>,
    binds_loop: Option<BindsLoop>,
    since: Option<Version>,
    deprecated: Option<Version>,
    removed: Option<Version>,
    instead: Option<Box<str>>,
}

impl RawClass {
    /// A class of which only a base is told. Every class is an `object`: saying so is how a file
    /// lists classes of which nothing is told.
    pub(crate) fn under(base: &str) -> Self {
        let bases = if base == "builtins.object" { [].into() } else { [base.into()].into() };
        Self { bases, ..Self::default() }
    }

    /// The class; where one of that name is known already, with what is said added to it.
    pub(crate) fn build(self, name: &str, known: Option<&Class>) -> Result<Class, String> {
        let has = |protocol, holds: fn(&Class) -> bool| {
            self.protocols.contains(&protocol) || known.is_some_and(holds)
        };
        let sync_manager = has(Protocol::Manager, |class| class.sync_manager);
        let async_manager = has(Protocol::AsyncManager, |class| class.async_manager);
        let sync_iterable = has(Protocol::Iterable, |class| class.sync_iterable);
        let async_iterable = has(Protocol::AsyncIterable, |class| class.async_iterable);
        let awaitable = has(Protocol::Awaitable, |class| class.awaitable);

        // What can be entered both ways was not made for `async with` alone.
        let only_async = async_manager && !sync_manager;
        let shade = if only_async { Shade::AsyncManager } else { Shade::Plain };
        let mut constructor = self
            .call
            .or_else(|| known.map(|class| class.constructor.clone()))
            .unwrap_or_else(|| Callable::new(shade));
        constructor.returns.get_or_insert_with(|| name.into());
        constructor.since = constructor.since.or(self.since);
        constructor.deprecated = constructor.deprecated.or(self.deprecated);
        constructor.removed = constructor.removed.or(self.removed);
        constructor.binds_loop = constructor.binds_loop.or(self.binds_loop);
        constructor.instead = constructor.instead.or(self.instead);

        let mut own = self.methods;
        for (method, callable) in self.gives.spread()?.into_iter().chain(self.blocks.spread()?) {
            if own.insert(method.clone(), callable).is_some() {
                return Err(format!("`{name}.{method}` is described twice"));
            }
        }
        let mut methods = known.map(|class| class.methods.clone()).unwrap_or_default();
        methods.extend(own);
        for method in self.thread_unsafe {
            let Some(callable) = methods.get_mut(&method) else {
                return Err(format!("`{name}.{method}` is not described"));
            };
            callable.thread_unsafe = true;
        }
        let mut attributes = known.map(|class| class.attributes.clone()).unwrap_or_default();
        attributes.extend(self.attributes);
        let mut keeps = known.map(|class| class.keeps.clone()).unwrap_or_default();
        keeps.extend(self.keeps);
        let bases = match known {
            Some(known) if self.bases.is_empty() => known.bases.clone(),
            _ => self.bases,
        };
        Ok(Class {
            name: name.into(),
            bases,
            methods,
            attributes,
            keeps,
            constructor,
            sync_manager,
            async_manager,
            sync_iterable,
            async_iterable,
            awaitable,
            lock: self.lock.or_else(|| known?.lock),
            awaits: self.awaits.or_else(|| known?.awaits.clone()),
            enters: self.enters.or_else(|| known?.enters.clone()),
            scope: self.scope.or_else(|| known?.scope),
            runs_in_thread: match known {
                Some(known) if self.runs_in_thread.is_empty() => known.runs_in_thread.clone(),
                _ => self.runs_in_thread,
            },
            filled_by_project: self.filled_by_project
                || known.is_some_and(|known| known.filled_by_project),
            since: self.since.or_else(|| known?.since),
            deprecated: self.deprecated.or_else(|| known?.deprecated),
            removed: self.removed.or_else(|| known?.removed),
        })
    }
}

impl<'de> Deserialize<'de> for Callable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CallableVisitor;
        impl<'de> Visitor<'de> for CallableVisitor {
            type Value = Callable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what the call gives, as `\"coroutine\"` or as a table")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Callable, E> {
                answer_in_words(text)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Callable, A::Error> {
                RawCallable::deserialize(value::MapAccessDeserializer::new(map))?
                    .build()
                    .map_err(Error::custom)
            }
        }
        deserializer.deserialize_any(CallableVisitor)
    }
}

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Position(u8),
            Keyword(Box<str>),
            Both { position: u8, keyword: Box<str> },
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Position(position) => Self { position: Some(position), keyword: None },
            Form::Keyword(keyword) => Self { position: None, keyword: Some(keyword) },
            Form::Both { position, keyword } => {
                Self { position: Some(position), keyword: Some(keyword) }
            }
        })
    }
}

impl<'de> Deserialize<'de> for BindsLoop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Word {
            Always,
        }
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Word(Word),
            Before(Version),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Word(Word::Always) => Self::Always,
            Form::Before(version) => Self::Before(version),
        })
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Box<str>>::deserialize(deserializer)?;
        text.split_once('.')
            .and_then(|(major, minor)| {
                Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
            })
            .ok_or_else(|| Error::custom(format!("`{text}` is not a release such as `3.11`")))
    }
}
