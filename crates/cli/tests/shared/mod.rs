//! What tests of pages and of other programs share.

pub(crate) mod page;
pub(crate) mod tools;
