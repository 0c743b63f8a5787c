//! CAA (RFC 8659 4): one record's flags, tag and value.

use super::finding::Parsed;

/// One record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether a CA that does not know the tag must not issue.
    pub critical: bool,
    /// The tag, in lower case.
    pub tag: String,
    /// The value.
    pub value: Vec<u8>,
    /// Of `issue`, `issuewild` and `issuemail` (RFC 9495): the CA's domain; empty where nobody may.
    pub issuer: Option<String>,
}

/// Reads the data of a record (RFC 8659 4.1).
pub fn parse(_rdata: &[u8]) -> Parsed<Record> {
    unimplemented!()
}
