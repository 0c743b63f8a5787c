//! BIMI (draft-brand-indicators-for-message-identification): the record at `default._bimi`.

use super::finding::Parsed;

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `l=`; empty where the domain declines.
    pub location: Option<String>,
    /// `a=`.
    pub authority: Option<String>,
}

/// Reads a record.
pub fn parse(_record: &[u8]) -> Parsed<Record> {
    unimplemented!()
}
