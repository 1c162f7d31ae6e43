//! How long the parts of a run take.

use std::time::{Duration, Instant};

/// A part of a run.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// What was done.
    pub name: &'static str,
    /// How long it took by the clock.
    pub time: Duration,
}

/// Notes how long the parts of a run take.
pub(crate) struct Stopwatch {
    started: Instant,
    pub(crate) phases: Vec<Phase>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), phases: Vec::new() }
    }

    /// Ends the part `name`, which began when the one before it ended.
    pub(crate) fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.phases.push(Phase { name, time: now - self.started });
        self.started = now;
    }
}
