//! `zones`: zone cuts and their keys.

use super::{Asked, Ede};
use crate::table::codes::{ErrorCode, Security, ZoneDenial};
use crate::table::row::Moment;

crate::row! {
    /// One zone: its DS at the parent and its keys.
    pub struct ZoneRow {
        /// Apex of the zone.
        pub zone: String,
        /// Apex of the zone that holds (or denies) the DS; null when no answer told.
        pub parent: Option<String>,
        /// When the first question was asked.
        pub observed_at: Moment,
        /// Security status of the zone: that of its DNSKEY answer; insecure where it has no keys and
        /// its parent provably no DS.
        pub security: Security,
        /// Why the zone could not be judged, or `bogus`.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// What became of the DS question.
        pub ds_answer: Asked,
        /// DS records at the parent.
        pub ds: Vec<Ds>,
        /// What became of the DNSKEY question.
        pub dnskey_answer: Asked,
        /// DNSKEY records.
        pub keys: Vec<DnsKey>,
        /// Algorithm numbers of the signatures over the DNSKEY records, sorted.
        pub signature_algorithms: Vec<u8>,
        /// How the zone denies, as seen in negative answers of its own: to the questions here, and to
        /// that for `_domainkey` where the zone is that of a domain.
        pub denial: ZoneDenial,
        /// NSEC3 iterations; null without NSEC3.
        pub nsec3_iterations: Option<u16>,
        /// Whether an NSEC3 record seen has the opt-out flag; null without NSEC3.
        pub opt_out: Option<bool>,
        /// What became of the CDS question (RFC 7344); asked only where the zone has keys.
        pub cds_answer: Asked,
        /// CDS records: what the zone asks its parent to have as DS.
        pub cds: Vec<Ds>,
        /// Whether the zone asks its parent to have none (RFC 8078 4); null without CDS.
        pub cds_delete: Option<bool>,
    }
}

crate::row! {
    /// One DS record (RFC 4034 5).
    pub struct Ds {
        /// Key tag.
        pub key_tag: u16,
        /// Algorithm number.
        pub algorithm: u8,
        /// Digest type number.
        pub digest_type: u8,
    }
}

crate::row! {
    /// One DNSKEY record (RFC 4034 2).
    pub struct DnsKey {
        /// Key tag.
        pub key_tag: u16,
        /// Flags: 256 zone key, 257 with SEP, 128 more when revoked.
        pub flags: u16,
        /// Algorithm number.
        pub algorithm: u8,
        /// Size of the key: RSA modulus or curve, in bits; null for algorithms not known here.
        pub bits: Option<u16>,
    }
}
