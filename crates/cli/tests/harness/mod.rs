//! Cases as data: what they hold, the folder they lay out, the process, and the comparison.

pub(crate) mod case;
pub(crate) mod expect;
pub(crate) mod run;
pub(crate) mod tree;
