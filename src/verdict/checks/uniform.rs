//! Whether every mail host does as the primary one does: further gateways are to be kept at the same
//! standard (NZISM 15.2.46.C.03).

use super::certificates::{all, is_current, is_strong, is_trusted, names};
use super::dane::{Published, published};
use super::every::{Says, behind_starttls, hidden, of_hosts};
use super::tls::{NO_STARTTLS, at_least, has_starttls};
use crate::table::codes::{CheckResult, Outcome};
use crate::table::rows::{CheckId, Finding};
use crate::verdict::case::{Case, Endpoint, MailHost, fail, not_applicable, pass, unknown};
use crate::verdict::facts::{Chain, Version};
use crate::verdict::parameters::Parameters;

/// The checks that are compared, in this order.
const COMPARED: [CheckId; 7] = [
    CheckId::Starttls,
    CheckId::Tls12,
    CheckId::Tls13,
    CheckId::CertTrusted,
    CheckId::CertName,
    CheckId::CertCurrent,
    CheckId::CertStrong,
];

/// Passes when every MX host gives the results of the one with the smallest preference, for STARTTLS,
/// versions, certificates and whether there are TLSA records.
pub fn mx_uniform(case: &Case<'_>) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let hosts: Vec<_> = case.hosts.iter().filter(|host| takes_part(host)).collect();
    let Some((primary, others)) = hosts.split_first().filter(|(_, others)| !others.is_empty())
    else {
        let single = not_applicable("single_mx");
        return case.more_hosts().map_or(single, unknown);
    };
    let mut open = hosts.iter().find_map(|host| hidden(host));
    open = open.or_else(|| case.more_hosts());
    let first = Shown::of(case, primary);
    for host in others {
        match first.differs(&Shown::of(case, host)) {
            Says::No(check) => return fail(check),
            Says::Open(check) => open = open.or(Some(check)),
            Says::Yes(_) | Says::Apart => {}
        }
    }
    open.map_or_else(|| pass(format!("uniform:{0}/{0}", hosts.len())), unknown)
}

/// What a host shows of each thing that is compared.
struct Shown {
    results: [CheckResult; COMPARED.len()],
    has_records: Option<bool>,
    /// Whether every address that can be dialled answered: one that did not may be as the others are.
    is_whole: bool,
}

impl Shown {
    fn of(case: &Case<'_>, host: &MailHost<'_>) -> Self {
        let mut dialled = host.endpoints.iter().filter(|one| !one.server.special);
        Self {
            results: COMPARED.map(|check| result(case, host, check)),
            has_records: has_records(host),
            is_whole: dialled.all(|one| one.server.reached),
        }
    }

    /// The first check in which two hosts differ for certain, else one in which they may.
    fn differs(&self, other: &Self) -> Says {
        let mut open = None;
        for ((check, one), two) in COMPARED.iter().zip(self.results).zip(other.results) {
            let unknown = one == CheckResult::Unknown || two == CheckResult::Unknown;
            match one == two {
                true if !unknown => {}
                false if !unknown && self.is_whole && other.is_whole => {
                    return Says::No(check.as_str());
                }
                _ => open = open.or(Some(check.as_str())),
            }
        }
        let records = CheckId::DanePublished.as_str();
        match (self.has_records, other.has_records) {
            (Some(one), Some(two)) if one != two => return Says::No(records),
            (Some(_), Some(_)) => {}
            _ => open = open.or(Some(records)),
        }
        open.map_or(Says::Yes("same"), Says::Open)
    }
}

/// A host without addresses that can be dialled takes no mail, and no part.
fn takes_part(host: &MailHost<'_>) -> bool {
    let absent = host
        .facts
        .is_some_and(|facts| facts.addresses == Outcome::Absent);
    let special = host.endpoints.iter().all(|one| one.server.special);
    !absent && (host.endpoints.is_empty() || !special)
}

/// Whether a host has usable, secure TLSA records; none where that is not known.
fn has_records(host: &MailHost<'_>) -> Option<bool> {
    match published(host.facts) {
        Published::Yes => Some(true),
        Published::No(_) | Published::NoHost => Some(false),
        Published::Open(_) => None,
    }
}

/// What a check makes of one host alone.
fn result(case: &Case<'_>, host: &MailHost<'_>, check: CheckId) -> CheckResult {
    let usual = Parameters::usual(check);
    let chains = |judge: &dyn Fn(&Chain) -> Says| {
        let ask = behind_starttls(|_, one: &Endpoint<'_>| all(one, &judge));
        of_hosts([host], usual, NO_STARTTLS, ask).result
    };
    let over_tls = |ask: fn(&Endpoint<'_>) -> Says| {
        of_hosts(
            [host],
            usual,
            NO_STARTTLS,
            behind_starttls(|_, one| ask(one)),
        )
        .result
    };
    match check {
        CheckId::Starttls => {
            of_hosts([host], usual, NO_STARTTLS, |_, one| has_starttls(one)).result
        }
        CheckId::Tls12 => over_tls(|one| at_least(&one.server.tls, Version::Tls1_2)),
        CheckId::Tls13 => over_tls(|one| at_least(&one.server.tls, Version::Tls1_3)),
        CheckId::CertTrusted => chains(&|chain| is_trusted(chain, case.lists, usual)),
        CheckId::CertName => chains(&names),
        CheckId::CertCurrent => chains(&is_current),
        _ => chains(&|chain| is_strong(chain, case.lists, usual)),
    }
}
