//! How often each lint was found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::style::{self, Style};
use crate::{Format, Options, Report, careful};

/// Whether [`statistics`] can be shown so: as one table in all formats for people, or as JSON.
pub fn has_statistics(format: Format) -> bool {
    format.is_for_people() || format.as_str() == Format::JSON.as_str()
}

#[derive(Serialize)]
struct Row<'a> {
    lint: &'a str,
    count: usize,
    fixable: usize,
    summary: Option<&'a str>,
    url: Option<&'a str>,
}

/// A table, or an array of objects, with a row for each lint that was found, the most frequent ones
/// first.
pub fn statistics(report: &Report<'_>, options: &Options) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for found in report.diagnostics {
        let fixable = found.fix.as_ref().is_some_and(|fix| fix.applies);
        let (count, with_fix) = counts.entry(found.lint).or_default();
        *count += 1;
        *with_fix += usize::from(fixable);
    }
    let row = |(lint, (count, fixable))| {
        let rule = report.rule(lint);
        let (summary, url) = (rule.map(|rule| rule.summary), rule.map(|rule| &*rule.url));
        Row { lint, count, fixable, summary, url }
    };
    let mut rows: Vec<Row<'_>> = counts.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    if options.format.is_for_people() { table(&rows, options.color) } else { careful::array(rows) }
}

fn table(rows: &[Row<'_>], color: bool) -> String {
    let digits = rows.first().map_or(0, |row| row.count.to_string().len());
    let width = rows.iter().map(|row| row.lint.len()).max().unwrap_or_default();
    let any_fix = rows.iter().any(|row| row.fixable > 0);
    let mut out = String::new();
    for row in rows {
        let mark = match (any_fix, row.fixable > 0) {
            (false, _) => "",
            (true, true) => "  [*]",
            (true, false) => "     ",
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "{:digits$}  ", row.count);
        style::push(&mut out, &[(Style::Strong, row.lint)], color);
        let rest = format!("{:1$}", "", width - row.lint.len()) + mark + "  ";
        let line_end = rest + row.summary.unwrap_or_default();
        out.push_str(line_end.trim_end());
        out.push('\n');
    }
    out
}
