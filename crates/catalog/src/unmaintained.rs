//! Modules that nobody looks after any more, in `unmaintained.toml`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::{Catalog, Version};

/// What has become of a module, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmaintained {
    /// What has become of it, as the end of a sentence about it.
    pub state: Box<str>,
    /// What takes its place.
    pub instead: Box<str>,
    /// The oldest Python that has this.
    pub target: Option<Version>,
    /// Where that is said, for the readers of the file.
    #[serde(rename = "source")]
    _source: Box<str>,
}

impl Catalog {
    /// What has become of the top-level module `name`, if nobody looks after it any more.
    pub fn unmaintained(name: &str) -> Option<&'static Unmaintained> {
        static ALL: LazyLock<FxHashMap<Box<str>, Unmaintained>> = LazyLock::new(|| {
            toml::from_str(include_str!("../unmaintained.toml"))
                .unwrap_or_else(|error| panic!("unmaintained.toml: {error}"))
        });
        ALL.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let httpx = Catalog::unmaintained("httpx").expect("it is told");
        assert_eq!(&*httpx.instead, "httpx2");
        assert_eq!(httpx.target, Some(Version::new(3, 10)));
        assert_eq!(Catalog::unmaintained("asyncio"), None);
    }
}
