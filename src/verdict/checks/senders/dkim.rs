//! DKIM (RFC 6376) without a message: keys at selectors that were guessed, and whether there is
//! anything below `_domainkey`.

use super::NOT_MEASURED;
use crate::records::dkim as record;
use crate::table::codes::CheckResult;
use crate::table::record_codes::DkimExistence;
use crate::table::rows::Finding;
use crate::text::unescape;
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown};
use crate::verdict::facts::{Dkim, DkimKey};
use crate::verdict::parameters::Parameters;

/// The reason where every key that is seen was taken back.
const REVOKED: &str = "revoked_only";

/// Passes when a live key was found, or when there is something below `_domainkey` although the zone
/// denies names that do not exist (RFC 8020).
pub fn dkim(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    let dkim = &case.domain.dkim;
    if dkim.keys.iter().any(DkimKey::is_live) {
        return pass("key");
    }
    match (dkim.existence, dkim.error) {
        (DkimExistence::SubtreeExists, _) => pass("subtree"),
        (DkimExistence::Absent, _) => fail("no_key"),
        // A selector that gave no answer may have a live one.
        (_, Some(error)) => unknown(error.as_str()),
        // One that is broken at a selector we guessed says nothing of those we did not.
        (DkimExistence::KeyFound, None) if dkim.keys.iter().all(|key| key.revoked) => fail(REVOKED),
        (DkimExistence::KeyFound, None) => unknown("unusable_key"),
        (DkimExistence::Wildcard, None) if is_null(dkim) => fail(REVOKED),
        (DkimExistence::Wildcard | DkimExistence::CompactDenial, None) => {
            unknown(dkim.existence.as_str())
        }
        (DkimExistence::Unknown, None) => unknown(NOT_MEASURED),
    }
}

/// Passes when every live key is long enough for RSA (RFC 8301 3.2) or Ed25519 (RFC 8463), and none
/// is for tests only (RFC 6376 3.6.1). Keys that were taken back make room for others.
pub fn dkim_keys(case: &Case<'_>, parameters: &Parameters) -> Finding {
    let there = dkim(case);
    match there.result {
        CheckResult::Pass => {}
        CheckResult::Fail => return not_applicable("no_dkim"),
        CheckResult::NotApplicable | CheckResult::Unknown => return there,
    }
    let dkim = &case.domain.dkim;
    let live: Vec<_> = dkim.keys.iter().filter(|key| key.is_live()).collect();
    let of = |bad: usize| format!("{bad}/{}", live.len());
    let strengths = || live.iter().map(|key| is_strong(key, parameters));
    let weak = strengths().filter(|strong| *strong == Some(false)).count();
    let testing = live.iter().filter(|key| key.testing).count();
    let open = strengths().filter(Option::is_none).count();
    match (weak, testing, open, dkim.error) {
        (1.., ..) => fail(format!("weak_key:{}", of(weak))),
        (0, 1.., ..) => fail(format!("testing:{}", of(testing))),
        (0, 0, 1.., _) => unknown(format!("key_unknown:{}", of(open))),
        (0, 0, 0, Some(error)) => unknown(error.as_str()),
        // There is something, but nobody knows the selector.
        (0, 0, 0, None) if live.is_empty() => unknown("selector_unknown"),
        (0, 0, 0, None) => pass(format!("strong:{}", of(live.len()))),
    }
}

/// Passes when every selector has an empty key, by a wildcard (RFC 6376 3.6.1).
pub fn dkim_null(dkim: &Dkim) -> Finding {
    const WORD: &str = "dkim_null";
    if dkim.keys.iter().any(DkimKey::is_live) {
        return fail(WORD);
    }
    match (dkim.existence, dkim.error) {
        _ if is_null(dkim) => pass(WORD),
        (_, Some(error)) => unknown(error.as_str()),
        (DkimExistence::Unknown, None) => unknown(NOT_MEASURED),
        // Maybe no selector was asked for, since none would have told.
        (DkimExistence::CompactDenial, None) => unknown(dkim.existence.as_str()),
        _ => fail(WORD),
    }
}

/// Whether a selector that nobody has got an empty key.
fn is_null(dkim: &Dkim) -> bool {
    let value = dkim.wildcard_value.as_deref();
    value.is_some_and(|value| {
        let parsed = record::parse(&unescape(value));
        parsed.is_valid() && parsed.value.is_some_and(|key| key.revoked)
    })
}

/// Whether a key is strong; none where its size is not known.
fn is_strong(key: &DkimKey, parameters: &Parameters) -> Option<bool> {
    match key.key_type.as_deref() {
        Some("rsa") => {
            let bits = key.bits?;
            Some(u32::from(bits) >= parameters.rsa_min_bits)
        }
        Some("ed25519") => Some(true),
        Some(_) => Some(false),
        None => None,
    }
}
