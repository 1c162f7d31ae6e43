//! Colours, as rustc has them.

use asynclint_diagnostics::Level;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// Nothing special.
    #[default]
    Plain,
    /// The message, the words `note` and `help`, a path in a list.
    Strong,
    /// The level with the lint, and what marks the primary place.
    Level(Level),
    /// Line numbers, borders, and what marks the other places.
    Quiet,
    /// Code in the text of a page.
    Code,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Level(Level::Error) => "\x1b[1;91m",
            Self::Level(Level::Warning) => "\x1b[1;33m",
            Self::Level(Level::Note | Level::Off) => "\x1b[1;92m",
            Self::Quiet => "\x1b[1;94m",
            Self::Code => "\x1b[36m",
        }
    }
}

/// Appends the parts, each in its style.
pub(crate) fn push(out: &mut String, parts: &[(Style, &str)], color: bool) {
    let mut current = Style::Plain;
    let mut switch = |out: &mut String, style: Style| {
        if color && style != current {
            if current != Style::Plain {
                out.push_str("\x1b[0m");
            }
            out.push_str(style.code());
            current = style;
        }
    };
    for &(style, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
        switch(out, style);
        out.push_str(text);
    }
    switch(out, Style::Plain);
}
