//! Calls: what they give, from a plain value to a coroutine, and what becomes of what they are given.

pub(crate) mod gives;
pub(crate) mod handed;
mod outcomes;
pub(crate) mod plain;
pub(crate) mod results;
pub(crate) mod returned_awaitable;
