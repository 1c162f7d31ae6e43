//! `asynclint explain`

use std::fmt::Write;

use asynclint_engine::selection::Selector;
use asynclint_lints::{Fixes, LINTS, Lint};
use asynclint_reporter as reporter;

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
    let pages = selector.lints().iter().map(|&at| page(LINTS[at]));
    let pages: Vec<_> = if color || output::stdout_is_terminal() {
        let width = output::stdout_width();
        pages.map(|page| reporter::page(&page, width, color)).collect()
    } else {
        // Whoever takes it away wants the page itself.
        pages.collect()
    };
    output::print(&pages.join("\n"))
}

/// The page, with what the code knows under its heading.
fn page(lint: &Lint) -> String {
    match lint.page.split_once('\n') {
        Some((heading, rest)) => format!("{heading}\n\n{}\n{rest}", facts(lint)),
        None => lint.page.to_owned(),
    }
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
