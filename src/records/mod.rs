//! Records that carry mail policies: bytes → value and findings, no I/O.
//!
//! Every parser is total: it takes any bytes, never panics, and hands out [`Parsed`]: the value as
//! far as it could be read, and each fault with the bytes that it is about.

pub mod bimi;
pub mod caa;
pub mod derived;
pub mod dkim;
pub mod dmarc;
mod fields;
mod finding;
pub mod hsts;
pub mod mta_sts;
pub mod spf;
mod tags;
pub mod tls_rpt;
pub mod version;

pub use finding::{Finding, Parsed};

#[cfg(test)]
mod tests;
