//! Any bytes, to the parser that the target is named after.

#![no_main]

#[path = "../../tests/records/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::hsts(bytes));
