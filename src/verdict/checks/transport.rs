//! What keeps senders from falling back to clear text, and tells the domain when they would have:
//! MTA-STS (RFC 8461), TLS-RPT (RFC 8460), DANE.

use super::NOT_MEASURED;
use super::certificates::{all, is_current, is_trusted, names, of_dates, of_match, of_trust};
use super::dane::dane_valid;
use super::dnssec::dnssec_domain;
use super::every::{Says, every};
use super::senders::{Asked, Record};
use super::tls::NO_STARTTLS;
use crate::records::mta_sts::covers;
use crate::table::codes::CheckResult;
use crate::table::record_codes::PolicyMode;
use crate::table::rows::{CheckId, Finding};
use crate::verdict::case::{Case, Endpoint, MailHost, fail, not_applicable, pass, unknown};
use crate::verdict::facts::{Answered, Chain, Text};
use crate::verdict::parameters::Parameters;
use crate::verdict::sts::{Certificate, Fetched, Policy};

/// What there is not where there is no record, or no policy behind it.
const NO_MTA_STS: &str = "no_mta_sts";
/// The shortest life of a policy that protects, in seconds: a sender that asks once a day must find
/// the last one still in force.
const SHORTEST_AGE: u32 = 86_400;

/// The finding for a kind of record of which there has to be exactly one; none where it can be used.
fn unusable(text: Text) -> Option<Finding> {
    let asked = Asked {
        outcome: text.outcome,
        error: text.error,
        count: text.count,
        valid: text.valid,
        fault: text.fault,
    };
    match asked.record() {
        Record::Usable => None,
        Record::Unusable(why) => Some(fail(why)),
        Record::Open(why) => Some(unknown(why)),
    }
}

/// Passes when there is one MTA-STS record, and behind it a policy that senders can use, with another
/// mode than none. What fails first on the way to it is the reason.
pub fn mta_sts(case: &Case<'_>) -> Finding {
    let found = policy_of(case);
    found.map_or_else(|finding| finding, |(_, mode)| pass(mode.as_str()))
}

/// The policy, and what it asks for; the finding where there is none that counts.
fn policy_of<'a>(case: &Case<'a>) -> Result<(&'a Policy, PolicyMode), Finding> {
    let finding = case.no_mail().or_else(|| unusable(case.domain.mta_sts));
    if let Some(finding) = finding {
        return Err(finding);
    }
    let policy = case.policy.ok_or_else(|| unknown(NOT_MEASURED))?;
    if policy.fetched == Fetched::Inconsistent {
        return Err(unknown("inconsistent"));
    }
    let certificate = policy.certificate.as_ref().map(of_certificate);
    if let Some(Says::No(why)) = certificate {
        return Err(fail(format!("cert_{why}")));
    }
    if let Some(why) = policy.fetched.negative() {
        return Err(fail(why));
    }
    if let Some(why) = policy.fetched.open() {
        return Err(unknown(why));
    }
    match certificate {
        Some(Says::Yes(_)) => {}
        Some(Says::Open(why)) => return Err(unknown(format!("cert_{why}"))),
        _ => return Err(unknown(NOT_MEASURED)),
    }
    match (policy.fault, policy.mode) {
        (Some(fault), _) => Err(fail(format!("policy_{fault}"))),
        (None, Some(PolicyMode::None)) => Err(fail("mode_none")),
        (None, Some(mode)) => Ok((policy, mode)),
        (None, None) => Err(unknown(NOT_MEASURED)),
    }
}

/// Whether senders take the certificate of a policy host (RFC 8461 3.3).
fn of_certificate(certificate: &Certificate) -> Says {
    let usual = Parameters::usual(CheckId::CertTrusted);
    first_fault([
        of_match(Some(certificate.name_match)),
        of_trust(&certificate.trust, usual),
        of_dates(certificate.dates),
    ])
}

/// All have to say yes: the first that says no decides, else the first that is open.
pub fn first_fault(all: [Says; 3]) -> Says {
    let is_no = |says: &&Says| matches!(says, Says::No(_));
    let is_open = |says: &&Says| matches!(says, Says::Open(_));
    let one = all.iter().find(is_no).or_else(|| all.iter().find(is_open));
    one.copied().unwrap_or(all[0])
}

/// Passes when the policy is enforced, and lives long enough to be.
pub fn mta_sts_enforced(case: &Case<'_>) -> Finding {
    match policy_of(case) {
        Ok((policy, PolicyMode::Enforce)) => match policy.max_age {
            Some(age) if age >= SHORTEST_AGE => pass("enforce"),
            Some(_) => fail("max_age"),
            None => unknown(NOT_MEASURED),
        },
        Ok((_, mode)) => fail(mode.as_str()),
        Err(finding) if finding.result != CheckResult::Fail => finding,
        Err(finding) => match finding.reason.as_ref() {
            "no_record" => not_applicable(NO_MTA_STS),
            "mode_none" => finding,
            _ => fail("policy_broken"),
        },
    }
}

/// Passes when the policy covers every mail host, and every server of it shows a certificate that
/// senders take (RFC 8461 4.1, 4.2).
pub fn mta_sts_covers_mx(case: &Case<'_>) -> Finding {
    let policy = match policy_of(case) {
        Ok((policy, _)) => policy,
        Err(finding) if finding.result == CheckResult::Fail => return not_applicable(NO_MTA_STS),
        Err(finding) => return finding,
    };
    let is_covered = |host: &&MailHost<'_>| {
        let mut patterns = policy.mx.iter();
        patterns.any(|pattern| covers(pattern, host.name))
    };
    let all_hosts = case.hosts.len();
    let others = all_hosts - case.hosts.iter().filter(is_covered).count();
    if others > 0 {
        return fail(format!("not_covered:{others}/{all_hosts}"));
    }
    let usual = Parameters::usual(CheckId::CertTrusted);
    let judge = |chain: &Chain| {
        let trusted = is_trusted(chain, case.lists, usual);
        match first_fault([names(chain), trusted, is_current(chain)]) {
            Says::Yes(_) => Says::Yes("covered"),
            other => other,
        }
    };
    every(case, usual, NO_STARTTLS, |_, one| shows(one, &judge))
}

/// A server without STARTTLS shows nothing, and gets no mail.
fn shows(endpoint: &Endpoint<'_>, judge: &impl Fn(&Chain) -> Says) -> Says {
    match endpoint.server.starttls {
        Answered::Works => all(endpoint, judge),
        none if none.is_none() => Says::No(none.as_str()),
        open => Says::Open(open.as_str()),
    }
}

/// Passes when there is one TLS-RPT record with somebody to report to.
pub fn tls_rpt(case: &Case<'_>) -> Finding {
    let finding = case.no_mail().or_else(|| unusable(case.domain.tls_rpt));
    finding.unwrap_or_else(|| pass("valid"))
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
