//! SPF (RFC 7208): the record, what it comes to without a sender, and `check_host()`.

pub mod graph;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::finding::Parsed;

/// What a directive comes to when it matches (RFC 7208 4.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`
    Fail,
    /// `~`
    Softfail,
    /// `?`
    Neutral,
}

/// A term of a record that says whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// What it comes to.
    pub qualifier: Qualifier,
    /// Whom it is about.
    pub mechanism: Mechanism,
    /// Where it stands.
    pub span: Range<usize>,
}

/// Whom a directive is about (RFC 7208 5). A domain is as it stands in the record, macros and all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mechanism {
    /// Everybody.
    All,
    /// Whom another record lets send.
    Include(DomainSpec),
    /// Addresses of a name; prefix lengths for IPv4 and IPv6.
    A(Option<DomainSpec>, u8, u8),
    /// Addresses of the mail hosts of a name; prefix lengths for IPv4 and IPv6.
    Mx(Option<DomainSpec>, u8, u8),
    /// Reverse names.
    Ptr(Option<DomainSpec>),
    /// A network of IPv4.
    Ip4(Ipv4Addr, u8),
    /// A network of IPv6.
    Ip6(Ipv6Addr, u8),
    /// Whoever makes this name exist.
    Exists(DomainSpec),
}

/// A domain-spec (RFC 7208 7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainSpec {
    /// As it stands in the record.
    pub text: String,
}

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Its directives, in order.
    pub directives: Vec<Directive>,
    /// Target of `redirect`.
    pub redirect: Option<DomainSpec>,
    /// Target of `exp`.
    pub exp: Option<DomainSpec>,
    /// Modifiers that the RFC does not know: name and value.
    pub unknown: Vec<(String, String)>,
}

/// Reads a record: the strings of the TXT record, joined (RFC 7208 3.3).
pub fn parse(_record: &[u8]) -> Parsed<Record> {
    unimplemented!()
}
