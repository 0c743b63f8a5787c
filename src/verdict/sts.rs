//! An MTA-STS policy, as far as checks look at it (RFC 8461).

use std::borrow::Cow;

use super::facts::Trust;
use crate::table::codes::{Dates, ErrorCode, NameMatch};
use crate::table::record_codes::{Fault, PolicyMode};

/// The policy of a domain with exactly one record.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What asking for it came to.
    pub fetched: Fetched,
    /// The certificate of its host; none without a chain.
    pub certificate: Option<Certificate>,
    /// Why it cannot be used; none where it can.
    pub fault: Option<Fault>,
    /// What it asks for.
    pub mode: Option<PolicyMode>,
    /// How long it holds, in seconds.
    pub max_age: Option<u32>,
    /// Patterns of mail hosts.
    pub mx: Vec<String>,
}

/// What asking for a policy came to, all attempts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// It was got.
    Whole,
    /// Its host has no address.
    NoAddress,
    /// The answer has another status than 200.
    Status(u16),
    /// There is no whole answer, and why.
    Broken(ErrorCode),
    /// One attempt said no, another one said yes.
    Inconsistent,
    /// It said no once, and could not be asked again.
    Unconfirmed,
    /// What was seen may well be the doing of this vantage and its network.
    Vantage,
    /// It could not be measured.
    Unknown(ErrorCode),
}

/// The certificate that the host of a policy showed.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What the stores say of its chain.
    pub trust: Trust,
    /// Whether it was within its validity.
    pub dates: Dates,
    /// How it names the host.
    pub name_match: NameMatch,
}

impl Fetched {
    /// Why there certainly is no policy, for a reason; none where that is not certain.
    pub fn negative(self) -> Option<Cow<'static, str>> {
        match self {
            Self::NoAddress => Some("host_no_address".into()),
            Self::Status(300..=399) => Some("redirect".into()),
            Self::Status(status) => Some(format!("http_{status}").into()),
            Self::Broken(error) => Some(error.as_str().into()),
            _ => None,
        }
    }

    /// Why that is not known, for a reason; none where it is.
    pub fn open(self) -> Option<&'static str> {
        match self {
            Self::Inconsistent => Some("inconsistent"),
            Self::Unconfirmed => Some("unconfirmed"),
            Self::Vantage => Some("vantage"),
            Self::Unknown(error) => Some(error.as_str()),
            _ => None,
        }
    }
}
