//! Any bytes, to the reader of replies.

#![no_main]

#[path = "../../tests/smtp/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::smtp_reply(bytes));
