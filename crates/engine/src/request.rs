//! What a run is asked for.

use crate::cache::Caching;
use crate::config::ConfigFinder;
use crate::discovery::DiscoveryOptions;
use crate::environment::Python;
use crate::selection::CommandLine;

/// What to check and how.
pub struct Request<'a> {
    /// Finds the config of each file.
    pub configs: &'a ConfigFinder<'a>,
    /// What the command line says about lints.
    pub selection: &'a CommandLine,
    /// What the command line says about files.
    pub discovery: DiscoveryOptions,
    /// Whether to find out how many awaited calls are resolved, which takes time of its own.
    pub counts_calls: bool,
    /// Where installed packages are looked for.
    pub python: Python,
    /// Where what was read is kept for the next run.
    pub caching: Caching,
    /// Threads to use; 0 leaves it to rayon (`RAYON_NUM_THREADS`, else one a core).
    pub threads: usize,
}

impl<'a> Request<'a> {
    /// A run that looks at no environment and no cache and counts nothing, on as many threads as
    /// rayon likes.
    pub fn new(configs: &'a ConfigFinder<'a>, selection: &'a CommandLine) -> Self {
        Self {
            configs,
            selection,
            discovery: DiscoveryOptions::default(),
            counts_calls: false,
            python: Python::None,
            caching: Caching::Off,
            threads: 0,
        }
    }
}
