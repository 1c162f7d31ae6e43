//! As much of ini files as is needed: one value of one section.

/// The value of `key` in `[section]`, with its continuation lines as lines.
pub(super) fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let mut here = false;
    let mut found: Option<String> = None;
    for line in text.lines() {
        let plain = line.trim();
        if plain.starts_with(['#', ';']) {
            continue;
        }
        if let Some(value) = &mut found {
            // A value goes on for as long as its lines are indented.
            if !line.starts_with([' ', '\t']) || plain.is_empty() {
                break;
            }
            value.push('\n');
            value.push_str(plain);
        } else if let Some(name) = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            here = name.trim() == section;
        } else if let Some((name, value)) = plain.split_once(['=', ':'])
            && here
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim().to_owned());
        }
    }
    found.map(|value| value.trim().to_owned())
}

/// Whether the text has `[section]`.
pub(super) fn has_section(text: &str, section: &str) -> bool {
    text.lines().any(|line| {
        let name = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        name.is_some_and(|name| name.trim() == section)
    })
}

#[cfg(test)]
mod tests {
    use super::{has_section, value};

    fn python(text: &str) -> Option<String> {
        value(text, "options", "python_requires")
    }

    #[test]
    fn values_of_the_section_are_found() {
        assert_eq!(python("[options]\npython_requires = >=3.8\n").unwrap(), ">=3.8");
        assert_eq!(python("[options]\nPython_Requires: >=3.8").unwrap(), ">=3.8");
        assert_eq!(python("[a]\nx=1\n\n[options]\r\npython_requires=>=3.9\r\n").unwrap(), ">=3.9");
        let long =
            "[options]\npython_requires =\n    >=3.8,\n    # no upper bound\n    !=3.9.0\nx = 1";
        assert_eq!(python(long).unwrap(), ">=3.8,\n!=3.9.0");
        assert!(has_section(long, "options") && !has_section(long, "metadata"));
    }

    #[test]
    fn other_sections_and_comments_are_not() {
        assert_eq!(python("[metadata]\npython_requires = >=3.8\n"), None);
        assert_eq!(python("[options]\n# python_requires = >=3.8\n"), None);
        assert_eq!(python("[options]\nname = x\n[more]\npython_requires = >=3.8\n"), None);
        assert_eq!(python("python_requires = >=3.8"), None);
    }
}
