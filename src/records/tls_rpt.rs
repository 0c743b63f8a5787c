//! TLS-RPT (RFC 8460 3).

use super::dmarc::Uri;
use super::finding::Parsed;

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// URIs for reports.
    pub rua: Vec<Uri>,
}

/// Reads a record. Without a URI that can be used it is not valid.
pub fn parse(_record: &[u8]) -> Parsed<Record> {
    unimplemented!()
}
