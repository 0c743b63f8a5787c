//! `check_host()` (RFC 7208 4): whether a client may send, by the records of the sender's domain.
//!
//! A survey has no client to ask about. This is here so that what [`super::parse`] reads can be held
//! against the test suite of the RFC.

mod session;
#[cfg(test)]
mod suite_tests;
mod values;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use session::Session;

/// The DNS, as far as SPF asks it. Names have no final dot; what does not exist is empty.
pub trait Dns {
    /// TXT records of a name, each with its strings joined.
    ///
    /// # Errors
    /// Without an answer, as for the other questions.
    fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, NoAnswer>;
    /// A records of a name.
    ///
    /// # Errors
    /// Without an answer.
    fn a(&self, name: &str) -> Result<Vec<Ipv4Addr>, NoAnswer>;
    /// AAAA records of a name.
    ///
    /// # Errors
    /// Without an answer.
    fn aaaa(&self, name: &str) -> Result<Vec<Ipv6Addr>, NoAnswer>;
    /// Mail hosts of a name by preference, that of a null MX as an empty name.
    ///
    /// # Errors
    /// Without an answer.
    fn mx(&self, name: &str) -> Result<Vec<String>, NoAnswer>;
    /// Reverse names of an address.
    ///
    /// # Errors
    /// Without an answer.
    fn ptr(&self, address: IpAddr) -> Result<Vec<String>, NoAnswer>;
}

/// A question was not answered, or with an error other than NXDOMAIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

/// Who wants to send (RFC 7208 4.1), and what macros can ask besides (7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address that mail comes from.
    pub ip: IpAddr,
    /// The name in HELO or EHLO.
    pub helo: String,
    /// The address in MAIL FROM; empty for a bounce, which comes from the postmaster of `helo` (2.4).
    pub mail_from: String,
    /// The name of whoever receives it.
    pub receiver: String,
    /// When, in seconds since 1970.
    pub time: u64,
}

/// What `check_host()` can come to (RFC 7208 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpfResult {
    /// There is no record, or no domain to ask about.
    None,
    /// Nothing is said.
    Neutral,
    /// The client may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    Softfail,
    /// The DNS did not answer.
    Temperror,
    /// The records cannot be used.
    Permerror,
}

impl SpfResult {
    /// The word of the RFC.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Softfail => "softfail",
            Self::Temperror => "temperror",
            Self::Permerror => "permerror",
        }
    }
}

/// What was found out about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether it may send.
    pub result: SpfResult,
    /// What the domain says to one that may not (`exp`, RFC 7208 6.2).
    pub explanation: Option<String>,
}

/// Whether a client may send (RFC 7208 4), with the limits of 4.6.4: ten terms that ask the DNS,
/// two questions without data, ten names behind an `mx`, each of which makes a permerror, and ten
/// reverse names, behind which the rest is left alone.
pub fn check_host(client: &Client, dns: &impl Dns) -> Checked {
    Session::new(client, dns).run()
}
