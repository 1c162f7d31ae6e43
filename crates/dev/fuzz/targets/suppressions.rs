//! The property `suppressions`, for libFuzzer.
#![no_main]

#[path = "../../../engine/tests/support/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::hold("suppressions", bytes));
