//! The values of the tags of DMARC records (RFC 9989 4.8, RFC 7489 6.4): none where it is none.

use super::record::Rules;
use crate::table::record_codes::{Alignment, DmarcPolicy, PsdFlag};

pub(super) fn policy(text: &str) -> Option<DmarcPolicy> {
    match text.to_ascii_lowercase().as_str() {
        "none" => Some(DmarcPolicy::None),
        "quarantine" => Some(DmarcPolicy::Quarantine),
        "reject" => Some(DmarcPolicy::Reject),
        _ => None,
    }
}

pub(super) fn alignment(text: &str) -> Option<Alignment> {
    match text {
        "r" | "R" => Some(Alignment::Relaxed),
        "s" | "S" => Some(Alignment::Strict),
        _ => None,
    }
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" => Some(true),
        "n" | "N" => Some(false),
        _ => None,
    }
}

pub(super) fn psd(text: &str) -> Option<PsdFlag> {
    match text {
        "y" | "Y" => Some(PsdFlag::Yes),
        "n" | "N" => Some(PsdFlag::No),
        "u" | "U" => Some(PsdFlag::Unknown),
        _ => None,
    }
}

/// RFC 7489 6.4: `1*3DIGIT`, and 6.3: "between 0 and 100".
pub(super) fn pct(text: &str) -> Option<u8> {
    let value = text.parse().ok().filter(|share| *share <= 100);
    value.filter(|_| text.len() <= 3 && is_digits(text))
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0`, `1`, `d` and `s` between colons; by RFC 9989 4.8 each at most once, and not both digits.
pub(super) fn is_fo(text: &str, rules: Rules) -> bool {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text.split(':').map(str::trim).collect();
    let known = words
        .iter()
        .all(|word| matches!(*word, "0" | "1" | "d" | "s"));
    let count = |wanted: &[&str]| words.iter().filter(|word| wanted.contains(word)).count();
    let once = count(&["0", "1"]) <= 1 && count(&["d"]) <= 1 && count(&["s"]) <= 1;
    known && (once || rules == Rules::Rfc7489)
}

/// RFC 7489 6.4: a size limit of a URI, `1*DIGIT ["k" / "m" / "g" / "t"]`, whose number "MUST fit
/// within an unsigned 64-bit integer".
pub(super) fn is_limit(limit: &[u8]) -> bool {
    let text = std::str::from_utf8(limit).unwrap_or_default();
    let digits = text.strip_suffix(|unit: char| "kmgtKMGT".contains(unit));
    let digits = digits.unwrap_or(text);
    is_digits(digits) && digits.parse::<u64>().is_ok()
}
