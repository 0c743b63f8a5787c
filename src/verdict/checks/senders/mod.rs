//! What protects the domain as a sender: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989, 7489), and
//! whether a domain that sends no mail is locked.

mod dkim;
mod dmarc;
mod locked;
mod spf;

pub use dkim::{dkim, dkim_keys};
pub use dmarc::{
    dmarc, dmarc_enforced, dmarc_reject, dmarc_reports, dmarc_sampling, dmarc_subdomains,
};
pub use locked::{non_sending, non_sending_locked};
pub use spf::{spf, spf_hardfail, spf_lookups, spf_narrow, spf_restrictive};

use super::NOT_MEASURED;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::record_codes::Fault;
use crate::verdict::case::word;

/// What the DNS has of a kind of record that must be there once.
pub struct Asked {
    /// What became of the question.
    pub outcome: Outcome,
    /// Why there is no usable answer.
    pub error: Option<ErrorCode>,
    /// How many there are.
    pub count: u16,
    /// Whether there is one, and it can be used.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Option<Fault>,
}

/// Whether there is one that can be used.
pub enum Record {
    /// There is.
    Usable,
    /// There is none, and why.
    Unusable(&'static str),
    /// Nobody knows, and why.
    Open(&'static str),
}

impl Asked {
    /// What that comes to.
    pub fn record(&self) -> Record {
        match (self.outcome, self.valid, self.fault) {
            (Outcome::Failed | Outcome::NotAttempted, ..) => Record::Open(word(self.error)),
            (Outcome::Absent, ..) => Record::Unusable("no_record"),
            (Outcome::Found, Some(true), _) => Record::Usable,
            (Outcome::Found, _, Some(fault)) => Record::Unusable(fault.as_str()),
            (Outcome::Found, Some(false), None) => Record::Unusable("malformed"),
            (Outcome::Found, None, None) => match self.count {
                0 => Record::Unusable("no_record"),
                1 => Record::Open(NOT_MEASURED),
                _ => Record::Unusable(Fault::SeveralRecords.as_str()),
            },
        }
    }
}
