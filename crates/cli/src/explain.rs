//! `asynclint explain`

use std::fmt::Write;

use asynclint_engine::selection::Selector;
use asynclint_lints::{Fixes, LINTS, Lint};

use crate::args::ColorChoice;
use crate::output::{self, FAILED};
use crate::refusal;

/// Shows the pages of the lints that `name` stands for.
pub(crate) fn run(name: &str, color: ColorChoice) -> u8 {
    let selector = match Selector::parse(name, LINTS) {
        Ok(selector) => selector,
        Err(unknown) => {
            output::complain(&refusal::error(&unknown.to_string(), &unknown.help()));
            return FAILED;
        }
    };
    let color = output::stdout_wants_color(color);
    let pages: Vec<_> = selector.lints().iter().map(|&at| page(LINTS[at], color)).collect();
    output::print(&pages.join("\n"))
}

/// The page, with what the code knows under its heading.
fn page(lint: &Lint, color: bool) -> String {
    let mut out = String::new();
    for (index, line) in lint.page.lines().enumerate() {
        let is_heading = line.starts_with('#');
        if color && is_heading {
            let _ = writeln!(out, "\x1b[1m{line}\x1b[0m");
        } else {
            let _ = writeln!(out, "{line}");
        }
        if index == 0 {
            let _ = writeln!(out, "\n{}", facts(lint));
        }
    }
    out
}

fn facts(lint: &Lint) -> String {
    let fix = match lint.fix {
        Fixes::None => "none",
        Fixes::Safe => "safe",
        Fixes::Unsafe => "unsafe",
    };
    let mut facts =
        format!("Group: {}. Level: {}. Fix: {fix}.", lint.group.as_str(), lint.level.as_str());
    if !lint.aliases.is_empty() {
        let _ = write!(facts, " Also known as: {}.", lint.aliases.join(", "));
    }
    facts
}
