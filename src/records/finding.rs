//! What a parser hands out: the value, and everything wrong with the bytes or odd about them.

use std::ops::Range;

use crate::table::record_codes::Fault;

/// Something wrong with a record, or odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub fault: Fault,
    /// The bytes of the record that it is about.
    pub span: Range<usize>,
    /// Whether the record cannot be used for it.
    pub fatal: bool,
}

/// What became of the bytes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What they say, as far as they could be read; whether it counts says [`Parsed::is_valid`].
    /// None only where nothing could be.
    pub value: Option<T>,
    /// In the order of the bytes.
    pub findings: Vec<Finding>,
}

impl<T> Parsed<T> {
    /// Why the record cannot be used; none where it can.
    pub fn fault(&self) -> Option<Fault> {
        let fatal = self.findings.iter().find(|finding| finding.fatal);
        fatal.map(|finding| finding.fault)
    }

    /// Whether the record can be used as its RFC says.
    pub fn is_valid(&self) -> bool {
        self.value.is_some() && self.fault().is_none()
    }
}
