//! What a config adds to what can be read from code.

/// What a config says of functions, by their qualified names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Decorators that return what they decorate, or something that is called alike.
    pub preserving: Vec<String>,
    /// Functions that keep their thread waiting.
    pub sinks: Vec<Sink>,
}

/// A function that blocks, or a family of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    /// The qualified name, in which `*` stands for any characters.
    pub name: String,
    /// What to use instead; empty where nothing is.
    pub replacement: String,
}

impl Added {
    /// The first of the sinks that has the qualified name.
    pub fn sink(&self, name: &str) -> Option<&Sink> {
        self.sinks.iter().find(|sink| matches(&sink.name, name))
    }
}

/// Whether `name` is as `pattern` says.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(head) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name) in [
            ("a.b", "a.b"),
            ("a.*", "a.b.c"),
            ("*.get", "a.get"),
            ("a.*.get", "a.b.get"),
            ("*", "a"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a.b", "a.bc"), ("a.*", "b.a.c"), ("*.get", "a.getter"), ("", "a")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
