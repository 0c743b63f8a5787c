//! What a record says, in words that every parser has: [`ours`].

use mailcensus::records::dmarc::{self, Rules};
use mailcensus::records::spf::{Mechanism, Qualifier};
use mailcensus::records::{Parsed, bimi, dkim, mta_sts, spf, tls_rpt};
use mailcensus::table::record_codes::{Alignment, DmarcPolicy, PsdFlag};
use serde_json::{Map, Value, json};

/// Of which kind a record is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Spf,
    Dmarc,
    Dkim,
    MtaSts,
    MtaStsPolicy,
    TlsRpt,
    Bimi,
}

/// Every kind and its name.
pub const KINDS: &[(Kind, &str)] = &[
    (Kind::Spf, "spf"),
    (Kind::Dmarc, "dmarc"),
    (Kind::Dkim, "dkim"),
    (Kind::MtaSts, "mta_sts"),
    (Kind::MtaStsPolicy, "mta_sts_policy"),
    (Kind::TlsRpt, "tls_rpt"),
    (Kind::Bimi, "bimi"),
];

impl Kind {
    /// The kind with a name.
    pub fn named(name: &str) -> Self {
        let found = KINDS.iter().find(|(_, one)| *one == name);
        found.unwrap_or_else(|| panic!("no kind {name:?}")).0
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = KINDS.iter().find(|(kind, _)| *kind == self);
        found.expect("every kind has a name").1
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// What somebody makes of a record.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Whether it can be used.
    pub valid: bool,
    /// What it says, if so.
    pub facts: Map<String, Value>,
    /// Why it cannot: a fault of ours, a sentence of theirs.
    pub why: String,
    /// Ours only: every fault, also those that are not fatal.
    pub findings: Vec<&'static str>,
}

fn reading<T>(parsed: Parsed<T>, facts: impl Fn(T) -> Value) -> Reading {
    let valid = parsed.is_valid();
    let facts = parsed.value.filter(|_| valid).map(&facts);
    let fault = parsed.findings.iter().find(|finding| finding.fatal);
    Reading {
        valid,
        facts: facts
            .and_then(|facts| facts.as_object().cloned())
            .unwrap_or_default(),
        why: fault
            .map_or("", |finding| finding.fault.as_str())
            .to_owned(),
        findings: parsed
            .findings
            .iter()
            .map(|finding| finding.fault.as_str())
            .collect(),
    }
}

/// What we make of it; DMARC by RFC 9989, as the peers read it.
pub fn ours(record: &Record) -> Reading {
    let bytes = record.bytes.as_slice();
    match record.kind {
        Kind::Spf => reading(spf::parse(bytes), sender_policy),
        Kind::Dmarc => reading(dmarc::parse(bytes, Rules::Rfc9989), policy),
        Kind::Dkim => reading(dkim::parse(bytes), |_| json!({})),
        Kind::MtaSts => reading(mta_sts::parse(bytes), |record| json!({ "id": record.id })),
        Kind::MtaStsPolicy => reading(mta_sts::parse_policy(bytes), transport_policy),
        Kind::TlsRpt => reading(
            tls_rpt::parse(bytes),
            |record| json!({ "rua": record.rua.len() }),
        ),
        Kind::Bimi => reading(
            bimi::parse(bytes),
            |record| json!({ "l": record.location, "a": record.authority.unwrap_or_default() }),
        ),
    }
}

/// Directives before the first `all`, and what that says; where there is none, nothing is said
/// (RFC 7208 4.7).
fn sender_policy(record: spf::Record) -> Value {
    let directives = &record.directives;
    let all = directives
        .iter()
        .position(|one| one.mechanism == Mechanism::All);
    let sign = match all.map(|at| directives[at].qualifier) {
        Some(Qualifier::Pass) => "+",
        Some(Qualifier::Fail) => "-",
        Some(Qualifier::Softfail) => "~",
        Some(Qualifier::Neutral) | None => "?",
    };
    json!({ "mechanisms": all.unwrap_or(directives.len()), "all": sign })
}

/// Tags with their defaults (RFC 9989 4.7).
fn policy(record: dmarc::Record) -> Value {
    let none = DmarcPolicy::None;
    let p = record.p.filter(|_| !record.counts_as_none).unwrap_or(none);
    let sp = record.sp.filter(|_| !record.counts_as_none).unwrap_or(p);
    let np = record.np.filter(|_| !record.counts_as_none).unwrap_or(sp);
    json!({
        "p": p.as_str(), "sp": sp.as_str(), "np": np.as_str(),
        "adkim": record.adkim.unwrap_or(Alignment::Relaxed).as_str(),
        "aspf": record.aspf.unwrap_or(Alignment::Relaxed).as_str(),
        "psd": record.psd.unwrap_or(PsdFlag::Unknown).as_str(),
        "t": if record.t == Some(true) { "y" } else { "n" },
        "rua": record.rua.len(), "ruf": record.ruf.len(),
    })
}

fn transport_policy(policy: mta_sts::Policy) -> Value {
    let mode = match policy.mode {
        Some(mta_sts::Mode::Enforce) => "enforce",
        Some(mta_sts::Mode::Testing) => "testing",
        Some(mta_sts::Mode::None) => "none",
        None => "",
    };
    json!({ "mode": mode, "max_age": policy.max_age, "mx": policy.mx })
}
