//! What keeps senders from falling back to clear text, and tells the domain when they would have:
//! MTA-STS (RFC 8461), TLS-RPT (RFC 8460), DANE. Records are counted here, not yet read.

use super::NOT_MEASURED;
use super::dane::dane_valid;
use super::dnssec::dnssec_domain;
use crate::table::codes::{CheckResult, Outcome};
use crate::table::rows::{CheckId, Finding};
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown, word};
use crate::verdict::facts::Text;
use crate::verdict::parameters::Parameters;

/// How many records there are.
pub enum Count {
    /// There is none.
    None,
    /// There is one.
    One,
    /// There are several, of which none counts.
    Several,
    /// The question was not answered, and why.
    Open(&'static str),
}

/// Counts the records with the version tag.
pub fn count(text: Text) -> Count {
    match (text.outcome, text.count) {
        (Outcome::Failed | Outcome::NotAttempted, _) => Count::Open(word(text.error)),
        (Outcome::Absent, _) | (Outcome::Found, 0) => Count::None,
        (Outcome::Found, 1) => Count::One,
        (Outcome::Found, _) => Count::Several,
    }
}

/// The finding for a kind of record of which there has to be exactly one.
fn exactly_one(case: &Case<'_>, text: Text) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    match count(text) {
        Count::None => fail("no_record"),
        Count::Several => fail("several_records"),
        Count::One => unknown(NOT_MEASURED),
        Count::Open(why) => unknown(why),
    }
}

/// Passes when there is one MTA-STS record with a readable policy behind it.
pub fn mta_sts(case: &Case<'_>) -> Finding {
    exactly_one(case, case.domain.mta_sts)
}

/// Passes when that policy is enforced. Several records are no policy (RFC 8461 3.1).
pub fn mta_sts_enforced(case: &Case<'_>) -> Finding {
    behind_mta_sts(case, || fail("policy_broken"))
}

/// Passes when the policy covers every mail host.
pub fn mta_sts_covers_mx(case: &Case<'_>) -> Finding {
    behind_mta_sts(case, || not_applicable("no_mta_sts"))
}

fn behind_mta_sts(case: &Case<'_>, broken: impl Fn() -> Finding) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    match count(case.domain.mta_sts) {
        Count::None => not_applicable("no_mta_sts"),
        Count::Several => broken(),
        Count::One => unknown(NOT_MEASURED),
        Count::Open(why) => unknown(why),
    }
}

/// Passes when there is one TLS-RPT record with somebody to report to.
pub fn tls_rpt(case: &Case<'_>) -> Finding {
    exactly_one(case, case.domain.tls_rpt)
}

/// Passes when DANE or an enforced MTA-STS policy keeps senders from falling back to clear text.
pub fn downgrade_protected(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let usual = Parameters::usual(CheckId::DaneValid);
    let dane = both(dnssec_domain(case), dane_valid(case, usual));
    let sts = both(mta_sts_enforced(case), mta_sts_covers_mx(case));
    match (dane, sts) {
        (Ok(true), _) => pass("dane"),
        (_, Ok(true)) => pass("mta_sts"),
        (Err(why), _) | (_, Err(why)) => unknown(why),
        (Ok(false), Ok(false)) => fail("neither"),
    }
}

/// Whether two findings both pass; the reason where that is not known.
fn both(one: Finding, other: Finding) -> Result<bool, std::borrow::Cow<'static, str>> {
    use CheckResult::{Pass, Unknown};
    match (one.result, other.result) {
        (Pass, Pass) => Ok(true),
        (Unknown, Pass | Unknown) => Err(one.reason),
        (Pass, Unknown) => Err(other.reason),
        // One that certainly does not pass decides, whatever the other one is.
        _ => Ok(false),
    }
}

/// Passes when the addresses of the mail servers lie in prefixes whose origins are RPKI-valid
/// (RFC 6811); no survey has routing data yet.
pub fn route_origin_valid(case: &Case<'_>) -> Finding {
    let finding = case.no_mail();
    finding.unwrap_or_else(|| unknown("no_routing_data"))
}
