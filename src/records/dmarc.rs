//! DMARC (RFC 9989, with the tags of RFC 7489): the record, where it is looked for, and which of
//! several applies.

use super::finding::Parsed;
use crate::table::codes::ErrorCode;
use crate::table::record_codes::{Alignment, DmarcPolicy, Fault, Inherited, PsdFlag, ReportScheme};

/// A record; a tag that it does not have, or with a value that is none, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Policy.
    pub p: Option<DmarcPolicy>,
    /// Policy for subdomains.
    pub sp: Option<DmarcPolicy>,
    /// Policy for names that do not exist.
    pub np: Option<DmarcPolicy>,
    /// Share of mail, in per cent (RFC 7489 6.3).
    pub pct: Option<u8>,
    /// Whether the policy is only tried.
    pub t: Option<bool>,
    /// Alignment of DKIM.
    pub adkim: Option<Alignment>,
    /// Alignment of SPF.
    pub aspf: Option<Alignment>,
    /// Whether the name is a public suffix.
    pub psd: Option<PsdFlag>,
    /// URIs for aggregate reports.
    pub rua: Vec<Uri>,
    /// URIs for failure reports.
    pub ruf: Vec<Uri>,
}

/// Where reports are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    /// As it stands in the record, without a size limit (`!10m`).
    pub text: String,
    /// Its scheme.
    pub scheme: ReportScheme,
    /// The domain behind the `@` of a `mailto`, or the host; in lower case. None where there is none.
    pub host: Option<String>,
}

/// Whose rules a record is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// RFC 9989.
    Rfc9989,
    /// RFC 7489.
    Rfc7489,
}

/// Reads a record. Findings that are fatal by these rules only are so only there.
pub fn parse(_record: &[u8], _rules: Rules) -> Parsed<Record> {
    unimplemented!()
}

/// The names whose `_dmarc` the tree walk asks, the domain first (RFC 9989 4.10); at most eight.
pub fn walk(_domain: &str) -> Vec<String> {
    unimplemented!()
}

/// TXT records with the version tag at `_dmarc` of one name, or why they are not known.
pub type Answer = Result<Vec<Vec<u8>>, ErrorCode>;

/// Which record applies to a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The record that applies, raw.
    pub record: Option<Vec<u8>>,
    /// The name whose `_dmarc` has it.
    pub found_at: Option<String>,
    /// How many records stand there; where none applies, at the domain itself (9989) or at the place
    /// where it should be (7489).
    pub count: u16,
    /// The organisational domain; none where that is not known.
    pub org_domain: Option<String>,
    /// Whose record it is.
    pub inherited: Option<Inherited>,
    /// Why it is not known which one applies.
    pub error: Option<ErrorCode>,
    /// Whether it can be used; none without a record.
    pub valid: Option<bool>,
    /// Why it cannot, or why none applies though some are there.
    pub fault: Option<Fault>,
    /// What is asked for mail of this very name that fails: after `sp`, and after `t=y` (9989 only).
    pub effective_policy: Option<DmarcPolicy>,
}

/// By the tree walk: `answers` has one for each name of [`walk`], in that order.
pub fn by_walk(_domain: &str, _answers: &[Answer]) -> Discovery {
    unimplemented!()
}

/// By the public suffix list (RFC 7489 6.6.3): the answers at the domain itself and at its
/// organisational domain, if that is another one.
pub fn by_suffix(_domain: &str, _own: &Answer, _org: Option<(&str, &Answer)>) -> Discovery {
    unimplemented!()
}
