//! What protects the domain as a sender: SPF (RFC 7208), DMARC (RFC 9989, 7489). Records are counted
//! here, not yet read, but for the one text of SPF that says that no mail is sent.

use super::NOT_MEASURED;
use super::transport::{Count, count};
use crate::table::codes::{CheckResult, MxKind, Outcome};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, fail, not_applicable, unknown, word};
use crate::verdict::facts::Domain;
use crate::verdict::parameters::{Parameters, Ruleset};

/// Passes when there is exactly one valid SPF record (RFC 7208 4.5).
pub fn spf(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match count(case.domain.spf.text()) {
        Count::None => fail("no_record"),
        Count::Several => fail("several_records"),
        Count::One => unknown(NOT_MEASURED),
        Count::Open(why) => unknown(why),
    }
}

/// A check of what the SPF record says.
pub fn behind_spf(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match count(case.domain.spf.text()) {
        Count::None => not_applicable("no_spf"),
        Count::Several => unknown("several_records"),
        Count::One => unknown(NOT_MEASURED),
        Count::Open(why) => unknown(why),
    }
}

/// Passes when one valid DMARC record applies. By RFC 7489 the record of an organisational domain
/// stands at the domain itself; by RFC 9989 one further up may count, which is not asked for yet.
pub fn dmarc(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let domain = case.domain;
    let is_organisational = domain.registrable_domain.as_deref() == Some(&domain.domain);
    let decides = is_organisational && parameters.ruleset == Ruleset::Rfc7489;
    match count(domain.dmarc) {
        Count::Open(why) => unknown(why),
        Count::None if decides => fail("no_record"),
        // RFC 7489 6.6.3 5.
        Count::Several if decides => fail("several_records"),
        _ => unknown(NOT_MEASURED),
    }
}

/// A check of what the DMARC record says.
pub fn behind_dmarc(case: &Case<'_>, parameters: &Parameters) -> Finding {
    let dmarc = dmarc(case, parameters);
    match dmarc.result {
        CheckResult::Fail => not_applicable("no_dmarc"),
        _ => dmarc,
    }
}

/// Passes when a domain that says that it sends no mail is locked: SPF `-all` alone, DMARC reject.
pub fn non_sending_locked(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match non_sending(case.domain) {
        None => unknown(open(case.domain)),
        Some(false) => not_applicable("sends_mail"),
        Some(true) => match count(case.domain.spf.text()) {
            Count::None => fail("no_spf"),
            Count::Open(why) => unknown(why),
            _ if !is_locked(case.domain) => fail("spf"),
            _ => unknown(NOT_MEASURED),
        },
    }
}

/// Whether a domain says that it sends no mail: null MX, neither MX nor address, or SPF exactly
/// `v=spf1 -all`; none where that is not known.
pub fn non_sending(domain: &Domain) -> Option<bool> {
    let by_mx = match domain.mx.kind {
        Some(MxKind::Null | MxKind::None) => return Some(true),
        Some(MxKind::Explicit | MxKind::Implicit) => Some(false),
        None => None,
    };
    match domain.spf.outcome {
        Outcome::Failed | Outcome::NotAttempted => None,
        Outcome::Found if is_locked(domain) => Some(true),
        Outcome::Found | Outcome::Absent => by_mx,
    }
}

/// Why it is not known whether a domain sends mail: the question that would have decided.
fn open(domain: &Domain) -> &'static str {
    match domain.mx.kind {
        Some(_) => word(domain.spf.error),
        None => word(domain.mx.error.or(domain.spf.error)),
    }
}

/// Whether there is one SPF record, and it says `-all` and nothing else.
fn is_locked(domain: &Domain) -> bool {
    let record = domain.spf.record.as_deref().unwrap_or_default();
    let terms = record.split(' ').filter(|term| !term.is_empty());
    let same = terms.map(str::to_ascii_lowercase).eq(["v=spf1", "-all"]);
    domain.spf.count == 1 && same
}
