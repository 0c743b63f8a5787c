//! MTA-STS (RFC 8461): the record, and the policy behind it.

use super::finding::Parsed;

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `id`.
    pub id: String,
}

/// Reads a record (RFC 8461 3.1).
pub fn parse(_record: &[u8]) -> Parsed<Record> {
    unimplemented!()
}

/// What a policy asks for (RFC 8461 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Not to deliver where a server does not match.
    Enforce,
    /// To report only.
    Testing,
    /// Nothing.
    None,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `version`, as it stands there.
    pub version: Option<String>,
    /// `mode`.
    pub mode: Option<Mode>,
    /// `max_age`, in seconds.
    pub max_age: Option<u32>,
    /// `mx`, in lower case.
    pub mx: Vec<String>,
}

/// Reads a policy (RFC 8461 3.2).
pub fn parse_policy(_body: &[u8]) -> Parsed<Policy> {
    unimplemented!()
}

/// Whether a pattern covers a mail host: a wildcard stands for the leftmost label alone (RFC 8461
/// 4.1).
pub fn covers(_pattern: &str, _host: &str) -> bool {
    unimplemented!()
}
