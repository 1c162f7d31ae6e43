//! Python versions.

use std::fmt;

/// A Python 3 release, as the oldest one that the code must run on. Ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetVersion {
    minor: u8,
}

impl TargetVersion {
    /// The oldest release that can be a target.
    pub const OLDEST: Self = Self { minor: 8 };
    /// The oldest release that a project may be found to support: what came before it is as old.
    const OLDEST_FOUND: Self = Self { minor: 5 };
    /// The newest release that can be a target.
    pub const NEWEST: Self = Self { minor: 15 };

    /// Every release that can be a target, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.minor..=Self::NEWEST.minor).map(|minor| Self { minor })
    }

    /// Python 3.`minor`, or the nearest release that a project can support. One that supports older
    /// releases than can be a target is told nothing that these do not have.
    pub fn clamped(minor: u64) -> Self {
        let minor = minor.clamp(Self::OLDEST_FOUND.minor.into(), Self::NEWEST.minor.into());
        Self { minor: minor as u8 }
    }

    /// The version of a text such as `3.11`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|version| version.to_string() == text)
    }

    /// The `11` of 3.11.
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// Major and minor number.
    pub const fn pair(self) -> (u8, u8) {
        (3, self.minor)
    }
}

impl Default for TargetVersion {
    /// Where nothing is configured.
    fn default() -> Self {
        Self { minor: 10 }
    }
}

impl fmt::Display for TargetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::TargetVersion;

    #[test]
    fn texts_and_versions_agree() {
        for version in TargetVersion::all() {
            assert_eq!(TargetVersion::parse(&version.to_string()), Some(version));
        }
        for text in ["3.7", "3.16", "3", "3.08", "3.10.1", "py310", ">=3.10", " 3.10", ""] {
            assert_eq!(TargetVersion::parse(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_clamped_and_ordered_by_age() {
        assert_eq!(TargetVersion::clamped(0).pair(), (3, 5));
        assert_eq!(TargetVersion::clamped(99), TargetVersion::NEWEST);
        assert!(TargetVersion::clamped(9) < TargetVersion::clamped(10));
        assert_eq!(TargetVersion::default().pair(), (3, 10));
    }
}
