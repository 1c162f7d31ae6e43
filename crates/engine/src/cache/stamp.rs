//! What the file system tells of a file without reading it.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What changes when a file does. Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(super) size: u64,
    modified: u64,
    /// Where there is such a time: it cannot be set back as the other one can.
    changed: u64,
    inode: u64,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, nanoseconds);
        let (changed, inode) = of_unix(metadata);
        Self { size: metadata.len(), modified, changed, inode }
    }

    /// Whether the last change was at least `long` nanoseconds ago.
    pub(super) fn is_settled(self, long: u64) -> bool {
        self.is_settled_at(SystemTime::now(), long)
    }

    /// Whether the last change was at least `long` nanoseconds before the time.
    pub(super) fn is_settled_at(self, time: SystemTime, long: u64) -> bool {
        let now = nanoseconds(time);
        let last = self.modified.max(self.changed);
        last != 0 && last.saturating_add(long) < now
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(unix)]
fn of_unix(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;

    let changed = metadata.ctime().wrapping_mul(1_000_000_000) + metadata.ctime_nsec();
    (changed.cast_unsigned(), metadata.ino())
}

#[cfg(not(unix))]
fn of_unix(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// What a file is known by however it is called; 0 where the system does not tell.
pub(super) fn inode(metadata: &Metadata) -> u64 {
    of_unix(metadata).1
}
