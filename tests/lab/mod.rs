//! Peers that misbehave on loopback, on demand: each test starts its own. [`national`] is about
//! countries of them, which the example `lab` starts.

/// A recursive resolver.
pub mod dns;
/// Web servers.
pub mod https;
/// Countries: their truth and the manners of their mail servers.
#[allow(dead_code, reason = "the example `lab` uses the rest")]
pub mod national;
/// What servers made of ClientHellos before there was TLS 1.3.
#[allow(dead_code, reason = "the example `lab` uses the rest")]
pub mod old_tls;
/// Servers of mail clients.
pub mod ports;
/// Mail servers.
pub mod smtp;
/// Their certificates.
pub mod tls;
