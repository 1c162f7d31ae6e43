//! What codespan sees of the files: only the lines that are shown, cleaned and shortened, found
//! through our own line index. Line indices count the shown lines, with a jump where lines are
//! left out, so that the cost of a diagnostic does not depend on the size of its file.

use std::ops::Range;

use asynclint_diagnostics::FileId;
use asynclint_parser::SourceFile;
use codespan_reporting::files::{Error, Files, Location};

use crate::mark::Mark;
use crate::{Sources, cut, escape};

/// Lines of a label over several lines that are shown after its first and before its last.
pub(crate) const AFTER_FIRST: u32 = 3;
pub(crate) const BEFORE_LAST: u32 = 1;
/// From this distance on codespan leaves lines out; nearer it shows the line between.
const JUMP: usize = 3;

/// The files of one diagnostic, the primary label's first.
pub(crate) struct Views(Vec<View>);

struct View {
    file: FileId,
    name: String,
    locus: Location,
    /// The shown lines, each with one blank to point at past its end, and a line end.
    text: String,
    lines: Vec<Line>,
}

struct Line {
    index: usize,
    number: u32,
    /// Where it stands in the view.
    shown: Range<usize>,
    pieces: Vec<Piece>,
}

/// A part of a source line and where it begins in the view.
struct Piece {
    source: Range<usize>,
    shown: usize,
}

impl Views {
    /// Looks at what `marks` need.
    pub(crate) fn new(marks: &[Mark<'_>], sources: &dyn Sources) -> Self {
        let mut views: Vec<View> = Vec::with_capacity(1);
        for mark in marks {
            if views.iter().all(|view| view.file != mark.file) {
                let marks: Vec<_> = marks.iter().filter(|m| m.file == mark.file).collect();
                views.push(View::new(mark.file, &marks, sources.get(mark.file)));
            }
        }
        Self(views)
    }

    /// The number of the mark's view and its bytes there.
    pub(crate) fn place(&self, mark: &Mark<'_>, sources: &dyn Sources) -> (usize, Range<usize>) {
        let at = self.0.iter().position(|view| view.file == mark.file).unwrap_or_default();
        let (view, text) = (&self.0[at], sources.get(mark.file).text());
        let start = view.offset(text, mark.first, mark.bytes.start);
        (at, start..view.offset(text, mark.last, mark.bytes.end))
    }

    fn view(&self, at: usize) -> Result<&View, Error> {
        self.0.get(at).ok_or(Error::FileMissing)
    }
}

impl View {
    fn new(file: FileId, marks: &[&Mark<'_>], source: &SourceFile) -> Self {
        let mut view = Self {
            file,
            name: escape::file(source).into_owned(),
            locus: locus(marks, source),
            text: String::new(),
            lines: Vec::new(),
        };
        for number in numbers(marks) {
            view.push_line(number, marks, source);
        }
        view
    }

    fn push_line(&mut self, number: u32, marks: &[&Mark<'_>], source: &SourceFile) {
        let index = match self.lines.last() {
            Some(line) if line.number + 1 == number => line.index + 1,
            Some(line) => line.index + JUMP,
            None => 0,
        };
        let text = source.text();
        let line = source.lines().span(text, number).range();
        let labels: Vec<Range<usize>> = marks
            .iter()
            .filter_map(|mark| match mark {
                _ if mark.first == number && mark.last == number => Some(mark.bytes.clone()),
                _ if mark.first == number => Some(mark.bytes.start..mark.bytes.start),
                _ if mark.last == number => Some(mark.bytes.end..mark.bytes.end),
                _ => None,
            })
            .collect();
        let begin = self.text.len();
        let mut pieces = Vec::with_capacity(1);
        let mut done = line.start;
        for part in cut::pieces(text, &line, &labels) {
            if part.start > done {
                self.text.push_str("...");
            }
            done = part.end;
            pieces.push(Piece { source: part.clone(), shown: self.text.len() });
            escape::push_shown(&mut self.text, &text[part]);
        }
        self.text.push_str(if done < line.end { "...\n" } else { " \n" });
        self.lines.push(Line { index, number, shown: begin..self.text.len(), pieces });
    }

    /// Where byte `at` of the source, in the line of that number, stands in the view.
    fn offset(&self, text: &str, number: u32, at: usize) -> usize {
        let pieces = self.lines.binary_search_by_key(&number, |line| line.number);
        let pieces = pieces.map_or(&[][..], |found| &self.lines[found].pieces);
        match pieces.iter().rev().find(|piece| piece.source.start <= at) {
            Some(Piece { source, shown }) => {
                shown + escape::shown_len(&text[source.start..at.min(source.end)])
            }
            None => 0,
        }
    }

    /// The last shown line at or before what `key` compares.
    fn line_at<K: Ord>(&self, at: &K, key: impl Fn(&Line) -> K) -> Option<&Line> {
        self.lines[..self.lines.partition_point(|line| key(line) <= *at)].last()
    }
}

/// The place that stands for the file: that of the primary label, else of the first one.
fn locus(marks: &[&Mark<'_>], source: &SourceFile) -> Location {
    let chosen = marks.iter().min_by_key(|mark| (!mark.primary, mark.bytes.start));
    let position = source.position(chosen.map_or(0, |mark| mark.bytes.start as u32));
    Location { line_number: position.line as usize, column_number: position.column as usize }
}

/// The lines to show, sorted.
fn numbers(marks: &[&Mark<'_>]) -> Vec<u32> {
    let mut numbers = Vec::new();
    for mark in marks {
        numbers.extend(mark.first..=mark.last.min(mark.first + AFTER_FIRST));
        numbers.extend(mark.first.max(mark.last.saturating_sub(BEFORE_LAST))..=mark.last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    let between: Vec<u32> =
        numbers.windows(2).filter(|pair| pair[0] + 2 == pair[1]).map(|pair| pair[0] + 1).collect();
    numbers.extend(between);
    numbers.sort_unstable();
    numbers
}

impl<'a> Files<'a> for Views {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.view(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.view(id)?.text)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let line = self.view(id)?.line_at(&byte, |line| line.shown.start);
        Ok(line.map_or(0, |line| line.index))
    }

    /// A line that is left out has the number of the one before; it only matters for padding.
    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, Error> {
        let line = self.view(id)?.line_at(&index, |line| line.index);
        Ok(line.map_or(1, |line| line.number as usize))
    }

    /// A line that is left out is empty.
    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, Error> {
        let line = self.view(id)?.line_at(&index, |line| line.index);
        Ok(line.filter(|line| line.index == index).map_or(0..0, |line| line.shown.clone()))
    }

    /// Only asked for the line under the header.
    fn location(&'a self, id: usize, _: usize) -> Result<Location, Error> {
        Ok(self.view(id)?.locus)
    }
}
