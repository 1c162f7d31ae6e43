//! What the reporter makes of diagnostics.

mod anything;
mod concise;
mod full;
mod json;
mod scene;
