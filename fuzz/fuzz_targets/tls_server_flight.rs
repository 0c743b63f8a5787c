//! Any bytes, to the reader of first flights.

#![no_main]

#[path = "../../tests/hello/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::tls_server_flight(bytes));
