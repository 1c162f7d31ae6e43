//! What the reporter makes of diagnostics.

mod anything;
mod concise;
mod formats;
mod full;
mod json;
mod scene;
mod schemas;
mod statistics;
