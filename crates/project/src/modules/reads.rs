//! Which modules were read to find something out, so that it need not be found out again while these
//! are as they were.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::types::ModuleId;

/// Notes which modules are read, where that is asked for.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// The number of what is being found out; 0 while nobody asks.
    round: AtomicU32,
    rounds: AtomicU32,
    /// By module the round that read it last. Empty if nobody ever asks.
    last: Vec<AtomicU32>,
    read: Mutex<Vec<ModuleId>>,
    all: AtomicBool,
}

impl Reads {
    /// Ready to note reads of so many modules.
    pub(crate) fn of(modules: usize) -> Self {
        let last = (0..modules).map(|_| AtomicU32::new(0)).collect();
        Self { last, ..Self::default() }
    }

    /// Whether reads are noted at all.
    pub(crate) fn is_on(&self) -> bool {
        !self.last.is_empty()
    }

    /// What `find` gives, and the modules of the project that it read, sorted; `None` if it asked
    /// for what hangs on all of them. One thread at a time.
    pub(crate) fn during<T>(&self, find: impl FnOnce() -> T) -> (T, Option<Vec<ModuleId>>) {
        if !self.is_on() {
            return (find(), None);
        }
        let round = self.rounds.fetch_add(1, Ordering::Relaxed) + 1;
        self.round.store(round, Ordering::Relaxed);
        let found = find();
        self.round.store(0, Ordering::Relaxed);
        let mut read =
            std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        read.sort_unstable();
        let all = self.all.swap(false, Ordering::Relaxed);
        (found, (!all).then_some(read))
    }

    pub(crate) fn note(&self, module: ModuleId) {
        let round = self.round.load(Ordering::Relaxed);
        if round == 0 {
            return;
        }
        // What belongs to an installed package is known by its name.
        let Some(last) = self.last.get(module.0 as usize) else { return };
        if last.swap(round, Ordering::Relaxed) != round {
            self.read.lock().unwrap_or_else(PoisonError::into_inner).push(module);
        }
    }

    /// Notes that an answer hangs on all modules.
    pub(crate) fn note_all(&self) {
        if self.round.load(Ordering::Relaxed) != 0 {
            self.all.store(true, Ordering::Relaxed);
        }
    }
}
