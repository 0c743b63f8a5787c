//! Any bytes, to the reader of answers.

#![no_main]

#[path = "../../tests/ports/invariants.rs"]
#[allow(dead_code, reason = "the other target uses the rest")]
mod invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::pop3_reply(bytes));
