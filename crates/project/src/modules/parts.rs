//! What is found out of a whole project at once, and where it is only partly read, part by part.

use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

/// The whole, or its parts by key.
#[derive(Debug)]
pub(crate) struct Parts<K, V> {
    whole: OnceLock<V>,
    parts: Mutex<FxHashMap<K, Arc<V>>>,
}

impl<K, V> Default for Parts<K, V> {
    fn default() -> Self {
        Self { whole: OnceLock::new(), parts: Mutex::default() }
    }
}

/// The whole or a part of it.
pub(crate) enum Part<'a, V> {
    Whole(&'a V),
    One(Arc<V>),
}

impl<V> Deref for Part<'_, V> {
    type Target = V;

    fn deref(&self) -> &V {
        match self {
            Self::Whole(whole) => whole,
            Self::One(part) => part,
        }
    }
}

impl<K: Hash + Eq + Clone, V> Parts<K, V> {
    /// The whole, which `make` makes when it is first asked for.
    pub(crate) fn whole(&self, make: impl FnOnce() -> V) -> Part<'_, V> {
        Part::Whole(self.whole.get_or_init(make))
    }

    /// The part `key`. Threads that ask at once may each make it: nobody waits for another.
    pub(crate) fn part(&self, key: &K, make: impl FnOnce() -> V) -> Part<'_, V> {
        let lock = || self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(key) {
            return Part::One(Arc::clone(known));
        }
        let own = Arc::new(make());
        Part::One(Arc::clone(lock().entry(key.clone()).or_insert(own)))
    }
}
