//! Fake peers on loopback, each with a manner that says how it misbehaves.
//!
//! [`smtp`] has mail servers, [`tls`] their certificates, [`dns`] a recursive resolver. Every
//! server binds port 0, so that tests run side by side, and keeps a log of what it was told.

pub mod dns;
pub mod smtp;
pub mod tls;
