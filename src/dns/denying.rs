//! How a zone denies what it does not have, as its negative answers show: NSEC, NSEC3 with its
//! parameters, or compact denial.

use hickory_resolver::proto::dnssec::rdata::DNSSECRData;
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::answer::Answer;
use super::message;
use super::name::text_of;
use crate::table::codes::ZoneDenial;
use crate::table::rows::ZoneRow;

/// What negative answers of a zone showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Denying {
    kind: ZoneDenial,
    iterations: Option<u16>,
    opt_out: Option<bool>,
}

impl Denying {
    /// Takes note of an answer, if it is a denial that the zone gave itself and that validates or
    /// need not.
    pub fn note(&mut self, answer: &Answer, zone: &str) {
        let own = |message: &&Message| {
            message.authorities.iter().any(|record| {
                record.record_type() == RecordType::SOA && text_of(&record.name) == zone
            })
        };
        if answer.error.is_none()
            && let Some(message) = answer.message().filter(own)
        {
            self.merge(Self::of(message));
        }
    }

    /// Adds what is known to the row.
    pub fn fill(self, row: &mut ZoneRow) {
        let mut all = Self {
            kind: row.denial,
            iterations: row.nsec3_iterations,
            opt_out: row.opt_out,
        };
        all.merge(self);
        row.denial = all.kind;
        row.nsec3_iterations = all.iterations;
        row.opt_out = all.opt_out;
    }

    fn of(message: &Message) -> Self {
        let mut seen = Self::default();
        for record in &message.authorities {
            match &record.data {
                RData::DNSSEC(DNSSECRData::NSEC3(nsec3)) => seen.merge(Self {
                    kind: ZoneDenial::Nsec3,
                    iterations: Some(nsec3.iterations()),
                    opt_out: Some(nsec3.opt_out()),
                }),
                RData::DNSSEC(DNSSECRData::NSEC(_)) => seen.merge(Self {
                    kind: match message::is_compact(message) {
                        true => ZoneDenial::Compact,
                        false => ZoneDenial::Nsec,
                    },
                    ..Self::default()
                }),
                _ => {}
            }
        }
        seen
    }

    /// What was seen first counts, but that only NXNAME tells compact denial from NSEC, and that
    /// opt-out is that of any record.
    fn merge(&mut self, other: Self) {
        let tells_more = matches!(
            (self.kind, other.kind),
            (ZoneDenial::Unknown, _) | (ZoneDenial::Nsec, ZoneDenial::Compact)
        );
        if tells_more {
            self.kind = other.kind;
        }
        self.iterations = self.iterations.or(other.iterations);
        self.opt_out = match (self.opt_out, other.opt_out) {
            (Some(one), Some(more)) => Some(one || more),
            (one, more) => one.or(more),
        };
    }
}
