//! What a domain publishes about its mail: SPF, DMARC, DKIM, MTA-STS, TLS-RPT, BIMI, CAA. Every
//! record is made from what it says; nothing here reads one.

pub mod dkim;
pub mod dmarc;
pub mod others;
pub mod published;
pub mod spf;
pub mod sts;
pub mod truth;
pub mod txt;

use super::draw::Draw;
use super::numbers;

/// What the records of a domain are like, where it has any.
#[derive(Debug, Clone, Copy)]
pub struct Policies {
    pub spf: spf::kinds::Kind,
    pub dmarc: dmarc::kinds::Kind,
    pub dkim: dkim::Kind,
    pub sts: sts::Record,
    pub served: sts::Served,
    /// Whether a CNAME leads to the server of the policy.
    pub served_by_alias: bool,
    pub tls_rpt: others::TlsRpt,
    pub bimi: others::Bimi,
    pub caa: others::Caa,
    /// Whether the wildcard of a zone that has one is a DMARC record.
    pub wildcard_dmarc: bool,
    /// Whether the zone has CDS records (RFC 7344).
    pub cds: bool,
}

/// The policies of a number.
pub fn draw(seed: u64, number: usize) -> Policies {
    let mut draw = Draw::of(seed, "policies", number as u64);
    let served = draw.pick(&numbers::STS_SERVED);
    Policies {
        spf: draw.pick(numbers::SPF_KINDS),
        dmarc: draw.pick(numbers::DMARC_KINDS),
        dkim: draw.pick(numbers::DKIM_KINDS),
        sts: draw.pick(&numbers::STS_RECORDS),
        served,
        served_by_alias: draw.chance(numbers::STS_ALIAS),
        tls_rpt: draw.pick(&numbers::TLS_RPT_KINDS),
        bimi: draw.pick(&numbers::BIMI_KINDS),
        caa: draw.pick(&numbers::CAA_KINDS),
        wildcard_dmarc: draw.chance(numbers::WILDCARD_DMARC),
        cds: draw.chance(numbers::CDS),
    }
}
