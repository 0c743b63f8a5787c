//! Domains that say that they send no mail, and whether others can send in their name all the same.

use super::dkim::dkim_null;
use super::dmarc::{Applied, dmarc};
use crate::table::codes::{CheckResult, MxKind, Outcome};
use crate::table::record_codes::{Alignment, DmarcPolicy};
use crate::table::rows::Finding;
use crate::verdict::case::{Case, fail, not_applicable, pass, unknown, word};
use crate::verdict::facts::Domain;
use crate::verdict::parameters::{Parameters, Requirement};

/// Passes when a domain that says that it sends no mail is locked: SPF `-all` alone, DMARC reject, and
/// what the parameter requires besides. The reason of a fail is the first thing that is missing.
pub fn non_sending_locked(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.existence() {
        return finding;
    }
    match non_sending(case.domain) {
        None => return unknown(open(case.domain)),
        Some(false) => return not_applicable("sends_mail"),
        Some(true) => {}
    }
    let mut parts = vec![spf(case.domain)];
    parts.extend(by_dmarc(case, parameters));
    let wants = |what: Requirement| parameters.require.contains(&what);
    if wants(Requirement::DkimNull) {
        parts.push(dkim_null(&case.domain.dkim));
    }
    if wants(Requirement::NullMx) {
        parts.push(null_mx(case.domain));
    }
    let first = |result| parts.iter().find(|part| part.result == result).cloned();
    let decides = first(CheckResult::Fail).or_else(|| first(CheckResult::Unknown));
    decides.unwrap_or_else(|| pass("locked"))
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

fn spf(domain: &Domain) -> Finding {
    match (domain.spf.outcome, domain.spf.count) {
        (Outcome::Failed | Outcome::NotAttempted, _) => unknown(word(domain.spf.error)),
        (Outcome::Absent, _) | (Outcome::Found, 0) => fail("no_spf"),
        (Outcome::Found, _) if is_locked(domain) => pass("spf"),
        (Outcome::Found, _) => fail("spf"),
    }
}

/// What DMARC has to say, in the order of a record.
fn by_dmarc(case: &Case<'_>, parameters: &Parameters) -> Vec<Finding> {
    let there = dmarc(case, parameters);
    match there.result {
        CheckResult::Pass => {}
        CheckResult::Fail => return vec![fail("no_dmarc")],
        CheckResult::NotApplicable | CheckResult::Unknown => return vec![there],
    }
    let domain = case.domain;
    let applied = Applied::to(domain, parameters.ruleset);
    let rejects = |policy: Option<DmarcPolicy>| policy == Some(DmarcPolicy::Reject);
    let strict = |alignment: Option<Alignment>| alignment == Some(Alignment::Strict);
    let asked = [
        (Requirement::Sp, rejects(applied.of_subdomains()), "sp"),
        (Requirement::Adkim, strict(domain.dmarc.adkim), "adkim"),
        (Requirement::Aspf, strict(domain.dmarc.aspf), "aspf"),
        (Requirement::Rua, applied.wants_reports(), "rua"),
    ];
    let asked = asked
        .iter()
        .filter(|(what, ..)| parameters.require.contains(what))
        .map(|(_, there, word)| (*there, *word));
    let all = [(rejects(applied.effective()), "dmarc")]
        .into_iter()
        .chain(asked);
    all.map(|(there, word)| match there {
        true => pass(word),
        false => fail(word),
    })
    .collect()
}

fn null_mx(domain: &Domain) -> Finding {
    match domain.mx.kind {
        Some(MxKind::Null) => pass("null_mx"),
        Some(_) => fail("null_mx"),
        None => unknown(word(domain.mx.error)),
    }
}
