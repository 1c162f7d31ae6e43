//! Files and diagnostics for tests, with places given by what stands there.

use asynclint_diagnostics::{Diagnostic, FileId, Label, Level};
use asynclint_parser::{SourceFile, Span};
use asynclint_reporter::{Format, Options, Sources, render};

/// The files of a test.
pub(crate) struct Files(pub(crate) Vec<SourceFile>);

impl Sources for Files {
    fn get(&self, file: FileId) -> &SourceFile {
        &self.0[file.0 as usize]
    }
}

impl Files {
    /// One file, `app/main.py`.
    pub(crate) fn one(text: &str) -> Self {
        Self::of(&[("app/main.py", text)])
    }

    /// Several files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|&(path, text)| SourceFile::from_text(path, text)).collect())
    }

    /// A label on the first `what` in the file of that number.
    pub(crate) fn label(&self, file: u32, what: &str, message: &str) -> Label {
        let text = self.0[file as usize].text();
        let start = text.find(what).unwrap_or_else(|| panic!("no {what:?}"));
        span(file, start..start + what.len(), message)
    }

    /// Everything in one format, without colours.
    pub(crate) fn render(&self, diagnostics: &[Diagnostic], format: Format) -> String {
        render(diagnostics, self, &Options { format, color: false })
    }

    /// One diagnostic in full, without colours.
    pub(crate) fn full(&self, diagnostic: &Diagnostic) -> String {
        self.render(std::slice::from_ref(diagnostic), Format::FULL)
    }
}

/// A label on a range of bytes.
pub(crate) fn span(file: u32, range: std::ops::Range<usize>, message: &str) -> Label {
    let span = Span::new(range.start as u32, range.end as u32);
    Label { file: FileId(file), span, message: message.to_owned() }
}

/// An error `missing-await` with nothing but a message and a primary label.
pub(crate) fn missing_await(primary: Label) -> Diagnostic {
    Diagnostic {
        lint: "missing-await",
        level: Level::Error,
        message: "coroutine `fetch` is never awaited".to_owned(),
        primary,
        secondary: Vec::new(),
        chain: Vec::new(),
        notes: Vec::new(),
        help: None,
        fix: None,
    }
}
