//! `asynclint check --why`

use std::fmt::Write;

use asynclint_engine::{Explained, Failure, PlaceInFile, Request, explain_calls};
use asynclint_reporter as reporter;

use crate::output::{self, CLEAN, FAILED};
use crate::refusal::Refusal;

/// Shows how the calls at `place` were resolved.
pub(crate) fn explain(place: &str, request: &Request<'_>) -> Result<u8, Refusal> {
    let place = PlaceInFile::parse(place).ok_or_else(|| {
        Refusal::usage(
            &format!("`{}` is no place in a file", reporter::line(place)),
            "`--why` takes FILE:LINE, or FILE:LINE:COLUMN",
        )
    })?;
    let calls = match explain_calls(&place, request) {
        Ok(calls) => calls,
        Err(Err(configs)) => return Err(Refusal::Configs(configs)),
        Err(Ok(Failure { path, message })) => {
            let path = reporter::path(&path);
            output::complain(&format!("error: cannot check `{path}`: {message}\n"));
            return Ok(FAILED);
        }
    };
    let path = reporter::path(&place.path);
    if calls.is_empty() {
        output::complain(&format!("warning: no call begins in line {} of `{path}`\n", place.line));
        return Ok(CLEAN);
    }
    let shown: Vec<_> = calls.iter().map(|call| text(&path, call)).collect();
    Ok(output::print(&shown.join("\n")))
}

fn text(path: &str, call: &Explained) -> String {
    let at = call.position;
    let mut text = format!("{path}:{}:{}\n", at.line, at.column);
    for step in &call.steps {
        let written = reporter::line(step.text.lines().next().unwrap_or_default());
        let more = if step.text.contains('\n') { " ..." } else { "" };
        let _ = write!(text, "  `{written}{more}`: {}", reporter::line(&step.what));
        if let Some((file, at)) = &step.defined {
            let _ = write!(text, " ({}:{}:{})", reporter::path(file), at.line, at.column);
        }
        text.push('\n');
    }
    text
}
