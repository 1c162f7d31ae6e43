//! The shapes of output.

/// Which shape the output takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The source with labels, notes and help, as rustc shows them.
    Full,
    /// One line each.
    Concise,
    /// An array of objects.
    Json,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: &[Self] = &[Self::Full, Self::Concise, Self::Json];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Concise => "concise",
            Self::Json => "json",
        }
    }

    /// The format of that name, if there is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for &format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
        assert_eq!(Format::parse("sarif?"), None);
    }
}
