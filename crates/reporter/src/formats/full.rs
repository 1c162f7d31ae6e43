//! The source with its labels, as rustc shows it.

use std::sync::LazyLock;

use asynclint_diagnostics::{Diagnostic, Level};
use codespan_reporting::diagnostic::{self as codespan, LabelStyle, Severity};
use codespan_reporting::term::{self, Config};

use super::{Format, concise};
use crate::mark::{Mark, marks};
use crate::paint::{Paint, chars};
use crate::view::{AFTER_FIRST, BEFORE_LAST, Views};
use crate::{Report, Sources, escape, fixing};

/// The source with labels, notes and help, as rustc shows them.
pub(super) const FORMAT: Format = Format { name: "full", for_people: true, render };

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config {
    chars: chars(),
    start_context_lines: AFTER_FIRST as usize,
    end_context_lines: BEFORE_LAST as usize,
    ..Config::default()
});

fn render(report: &Report<'_>, color: bool) -> String {
    report.diagnostics.iter().map(|found| one(found, report.sources, color)).collect()
}

/// One diagnostic with an empty line after it.
pub(super) fn one(diagnostic: &Diagnostic, sources: &dyn Sources, color: bool) -> String {
    let marks = marks(diagnostic, sources);
    let views = Views::new(&marks, sources);
    let labels = marks.iter().map(|mark| label(mark, &views, sources)).collect();
    let notes = diagnostic.notes.iter().map(|note| paragraph("note", note));
    let shown = codespan::Diagnostic {
        severity: match diagnostic.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note | Level::Off => Severity::Note,
        },
        code: Some(diagnostic.lint.to_owned()),
        message: escape::line(&diagnostic.message).into_owned(),
        labels,
        notes: notes
            .chain(diagnostic.help.iter().map(|help| paragraph("help", help)))
            .chain(diagnostic.fix.iter().map(|fix| fixing::note(diagnostic, fix, sources)))
            .collect(),
    };
    let multiline = marks.iter().any(Mark::is_multiline);
    let mut paint = Paint::new(diagnostic.level, multiline, color);
    match term::emit_to_write_style(&mut paint, &CONFIG, &views, &shown) {
        Ok(()) => paint.finish(),
        // Writing to memory does not fail; should codespan refuse a place, the finding still shows.
        Err(_) => concise::one(diagnostic, sources, color) + "\n",
    }
}

fn label(mark: &Mark<'_>, views: &Views, sources: &dyn Sources) -> codespan::Label<usize> {
    let (view, range) = views.place(mark, sources);
    let style = if mark.primary { LabelStyle::Primary } else { LabelStyle::Secondary };
    codespan::Label::new(style, view, range).with_message(escape::line(mark.message))
}

/// A note of one or several lines, the later ones below the first one's text.
fn paragraph(word: &str, text: &str) -> String {
    let indent = " ".repeat(word.len() + 2);
    let mut out = format!("{word}: ");
    for (n, line) in text.trim_end().lines().enumerate() {
        if n > 0 {
            out.push('\n');
            out.push_str(&indent);
        }
        out.push_str(&escape::line(line));
    }
    out
}
