//! What the reporter makes of diagnostics.

mod anything;
mod common;
mod concise;
mod full;
mod json;
