//! DANE for SMTP (RFC 7672).

use super::NOT_SEEN;
use super::certificates::NOT_OBSERVED;
use super::dnssec::dnssec_domain;
use super::every::{SHARED, Says, of_hosts};
use crate::table::codes::{CheckResult, Outcome, Security};
use crate::table::rows::{CheckId, Finding};
use crate::verdict::case::{Case, Endpoint, MailHost, fail, not_applicable, pass, unknown};
use crate::verdict::facts::{Again, Answered, Chain, Host};
use crate::verdict::parameters::Parameters;

/// Every certificate matches a record.
const MATCHED: &str = "matched";
/// The records are others than they were before the servers were asked.
const TLSA_CHANGED: &str = "tlsa_changed";
/// What is not there where no host has a usable TLSA record.
const NO_TLSA: &str = "no_tlsa";
/// What is not there where the answers that DANE leans on are not secure.
const NO_DNSSEC: &str = "no_dnssec";

/// Passes when the MX answer is secure, and so are the addresses and a usable TLSA RRset of every
/// mail host (RFC 7672 2.2 and 3.1).
pub fn dane_published(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    if let Some(finding) = insecure_mx(case, parameters) {
        return finding;
    }
    let (mut good, mut open) = (0, case.more_hosts());
    for host in &case.hosts {
        match published(host.facts) {
            Published::Yes => good += 1,
            Published::No(reason) => return fail(reason),
            Published::Open(reason) => open = open.or(Some(reason)),
            Published::NoHost => {}
        }
    }
    match (open, good) {
        (Some(reason), _) => unknown(reason),
        (None, 0) => unknown("addresses_unknown"),
        (None, good) => pass(format!("tlsa:{good}/{}", case.hosts.len())),
    }
}

/// The finding where the MX answer rules DANE out, or leaves it open.
fn insecure_mx(case: &Case<'_>, parameters: &Parameters) -> Option<Finding> {
    if parameters.host_only {
        return None;
    }
    let domain = dnssec_domain(case);
    match domain.result {
        CheckResult::Pass => None,
        CheckResult::Fail => Some(fail("mx_insecure")),
        CheckResult::Unknown | CheckResult::NotApplicable => Some(domain),
    }
}

/// What a host adds to whether records are published.
pub enum Published {
    /// It has usable, secure records.
    Yes,
    /// It has not, and why.
    No(&'static str),
    /// That is not known, and why.
    Open(&'static str),
    /// Nothing could be delivered there, so that it takes no part.
    NoHost,
}

/// What a host adds.
pub fn published(host: Option<&Host>) -> Published {
    let Some(host) = host else {
        return Published::Open("host_unknown");
    };
    match host.addresses {
        Outcome::Absent => return Published::NoHost,
        Outcome::Failed | Outcome::NotAttempted => return Published::Open("addresses_unknown"),
        Outcome::Found => {}
    }
    match host.security {
        Security::Secure => {}
        // One family failed, the other may well be secure.
        Security::NotChecked | Security::Indeterminate => return Published::Open("not_checked"),
        Security::Insecure | Security::Bogus => return Published::No("host_insecure"),
    }
    match (host.tlsa, host.tlsa_security) {
        (Outcome::Failed | Outcome::NotAttempted, _) => Published::Open("tlsa_unknown"),
        (_, Security::Bogus) => Published::No("tlsa_bogus"),
        (Outcome::Absent, _) => Published::No(NO_TLSA),
        (Outcome::Found, Security::Secure) if host.usable != 0 => Published::Yes,
        (Outcome::Found, Security::Secure) => Published::No("tlsa_unusable"),
        (Outcome::Found, Security::Insecure) => Published::No("tlsa_insecure"),
        (Outcome::Found, Security::NotChecked | Security::Indeterminate) => {
            Published::Open("not_checked")
        }
    }
}

/// Passes when, besides, every certificate seen at every address matches a usable record: DANE-EE or
/// DANE-TA (RFC 7671 5.1, 5.2). Hosts without usable records take no part.
pub fn dane_valid(case: &Case<'_>, parameters: &Parameters) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let whole = dane_published(case, parameters);
    match whole.result {
        CheckResult::Fail if whole.reason == "mx_insecure" => return not_applicable(NO_DNSSEC),
        CheckResult::Unknown if insecure_mx(case, parameters).is_some() => return whole,
        _ => {}
    }
    let hosts = case.hosts.iter().filter(|host| is_there(host));
    let seen = of_hosts(hosts, parameters, NO_TLSA, matches_tlsa);
    match (whole.result, seen.result) {
        (_, CheckResult::Fail) => seen,
        (CheckResult::Fail, _) => not_applicable(missing(&whole)),
        (CheckResult::Unknown, _) => whole,
        _ => seen,
    }
}

fn missing(whole: &Finding) -> &'static str {
    match &*whole.reason {
        "no_tlsa" | "tlsa_unusable" => NO_TLSA,
        _ => NO_DNSSEC,
    }
}

/// What one address says of the TLSA records of its host.
pub fn matches_tlsa(host: &MailHost<'_>, endpoint: &Endpoint<'_>) -> Says {
    let counting = host.facts.map_or(0, |facts| facts.counting);
    match endpoint.server.starttls {
        Answered::Works => {}
        // Senders that go by DANE deliver nothing there (RFC 7672 2.2).
        none if none.is_none() => return Says::No("no_starttls"),
        open => return Says::Open(open.as_str()),
    }
    if !endpoint.chains.iter().all(Chain::is_own) {
        return of_others(endpoint, counting);
    }
    let of_kind = |rsa: bool| {
        let chains = endpoint.chains.iter();
        let kind: Vec<_> = chains.filter(|chain| chain.is_rsa == rsa).collect();
        (!kind.is_empty()).then(|| of_one_kind(&kind, endpoint.named.again, counting))
    };
    match (of_kind(true), of_kind(false)) {
        (None, None) => Says::Open(endpoint.unseen(NOT_SEEN)),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(one @ Says::No(_)), _) | (_, Some(one @ Says::No(_))) => one,
        (Some(one @ Says::Open(_)), _) | (_, Some(one @ Says::Open(_))) => one,
        (Some(Says::Yes(MATCHED)), Some(other)) => other,
        (Some(one), _) => one,
    }
}

/// What chains say that other names were shown.
fn of_others(endpoint: &Endpoint<'_>, counting: u64) -> Says {
    let mut chains = endpoint.chains.iter();
    match chains.all(|chain| chain.matches & counting != 0) {
        true => Says::Yes(SHARED),
        false => Says::Open(endpoint.unseen(NOT_OBSERVED)),
    }
}

/// What the chains say whose leaves have the same kind of key. Where records were asked for again,
/// those count: the others may be days older than the chains.
fn of_one_kind(chains: &[&Chain], again: Again, counting: u64) -> Says {
    let before = |chain: &Chain| chain.matches & counting != 0;
    let matches = |chain: &Chain| match again {
        Again::Found => chain.matches_again,
        _ => before(chain),
    };
    let matched = chains.iter().filter(|chain| matches(chain)).count();
    let seen: u32 = chains.iter().map(|chain| u32::from(chain.seen)).sum();
    match (matched, again) {
        (all, _) if all == chains.len() => match chains.iter().all(|chain| before(chain)) {
            true => Says::Yes(MATCHED),
            false => Says::Yes(TLSA_CHANGED),
        },
        // Each certificate was seen, and they disagree.
        (1.., _) => Says::Open("inconsistent"),
        (0, Again::Found) if seen > 1 => Says::No("mismatch"),
        (0, Again::Found | Again::NotAsked) => Says::Open("unconfirmed"),
        (0, Again::Failed) => Says::Open("tlsa_unknown"),
        (0, Again::Gone) => Says::Open(TLSA_CHANGED),
    }
}

/// Passes when the records of every host prepare a change of keys: one that no certificate uses yet,
/// or an anchor beside the key. Informational.
pub fn dane_rollover(case: &Case<'_>) -> Finding {
    let whole = dane_published(case, Parameters::usual(CheckId::DaneRollover));
    match whole.result {
        CheckResult::Pass => {}
        CheckResult::Fail if whole.reason == "mx_insecure" => return not_applicable(NO_DNSSEC),
        CheckResult::Fail => return not_applicable(missing(&whole)),
        CheckResult::Unknown | CheckResult::NotApplicable => return whole,
    }
    let (mut open, mut good) = (None, None);
    for host in case.hosts.iter().filter(|host| is_there(host)) {
        match prepares(host) {
            Says::No(word) => return fail(word),
            Says::Open(word) => open = open.or(Some(word)),
            Says::Yes(word) => good = good.or(Some(word)),
            Says::Apart => {}
        }
    }
    open.map_or_else(|| pass(good.unwrap_or(NOT_SEEN)), unknown)
}

/// Whether a host has usable, secure records.
fn is_there(host: &MailHost<'_>) -> bool {
    matches!(published(host.facts), Published::Yes)
}

fn prepares(host: &MailHost<'_>) -> Says {
    let (usable, anchors) = host
        .facts
        .map_or((0, 0), |facts| (facts.usable, facts.anchors));
    if usable.count_ones() < 2 {
        return Says::No("single_record");
    }
    let seen = host.endpoints.iter().flat_map(|one| one.chains);
    let matched = seen.fold(0, |all, chain| all | chain.matches) & usable;
    match (matched & anchors, matched & !anchors) {
        (0, 0) => Says::Open(NOT_SEEN),
        (anchor, key) if anchor != 0 && key != 0 => Says::Yes("two_usages"),
        _ if matched == usable => Says::No("all_in_use"),
        // No certificate uses the other records: they are for the key to come.
        _ if knows_other_keys(host) => Says::Yes("next_key"),
        // They may be those of a certificate with another kind of key, which nobody has asked for.
        _ => Says::Open("second_certificate_not_measured"),
    }
}

/// Whether every server that shows certificates was asked for one with another kind of key.
fn knows_other_keys(host: &MailHost<'_>) -> bool {
    let mut shown = host.endpoints.iter().filter(|one| !one.chains.is_empty());
    shown.all(|one| one.named.knows_other_key)
}
