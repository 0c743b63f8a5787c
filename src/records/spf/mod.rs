//! SPF (RFC 7208): the record, what it comes to without a sender, and `check_host()`.
//!
//! [`parse`] reads a record and `Display` writes one, [`graph`] follows it without a sender, and
//! [`check`] decides about one.

pub mod check;
mod expand;
pub mod graph;
#[cfg(test)]
mod graph_tests;
mod macros;
mod name;
mod networks;
mod parse;
mod print;
#[cfg(test)]
mod property_tests;
mod term;
#[cfg(test)]
mod tests;
mod walk;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

pub use parse::parse;

use crate::table::record_codes::SpfAll;

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

impl Qualifier {
    /// The qualifier that a character is; none where it is none.
    fn of(sign: char) -> Option<Self> {
        match sign {
            '+' => Some(Self::Pass),
            '-' => Some(Self::Fail),
            '~' => Some(Self::Softfail),
            '?' => Some(Self::Neutral),
            _ => None,
        }
    }

    /// What an `all` with this qualifier says.
    fn all(self) -> SpfAll {
        match self {
            Self::Pass => SpfAll::Pass,
            Self::Fail => SpfAll::Fail,
            Self::Softfail => SpfAll::Softfail,
            Self::Neutral => SpfAll::Neutral,
        }
    }
}

impl Mechanism {
    /// Its domain, if it has one.
    pub fn domain(&self) -> Option<&DomainSpec> {
        match self {
            Self::Include(domain) | Self::Exists(domain) => Some(domain),
            Self::A(domain, ..) | Self::Mx(domain, ..) | Self::Ptr(domain) => domain.as_ref(),
            Self::All | Self::Ip4(..) | Self::Ip6(..) => None,
        }
    }
}

impl Record {
    /// Its own `all`, the first one, behind which nothing is looked at (RFC 7208 5.1).
    pub fn all(&self) -> SpfAll {
        let mut directives = self.directives.iter();
        let all = directives.find(|directive| directive.mechanism == Mechanism::All);
        all.map_or(SpfAll::None, |directive| directive.qualifier.all())
    }

    /// Targets of its `include` terms, as they stand there, also behind `all`.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        let mechanisms = self.directives.iter().map(|directive| &directive.mechanism);
        mechanisms.filter_map(|mechanism| match mechanism {
            Mechanism::Include(domain) => Some(domain.text.as_str()),
            _ => None,
        })
    }
}
