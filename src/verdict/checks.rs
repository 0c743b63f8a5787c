//! The checks: pure functions of the evidence, each with one of four results and a reason.
//!
//! A failed measurement is never an absence: what could not be measured is `unknown`, unless what
//! was seen decides already.

use std::borrow::Cow;

use super::evidence::{Answered, Domain, Host};
use crate::table::codes::{CheckResult, ErrorCode, Existence, MxKind, Outcome, Security};
use crate::table::rows::Finding;

/// The mail hosts of a domain, each with what is known of it.
pub type Hosts<'a> = [(&'a str, Option<&'a Host>)];

fn finding(result: CheckResult, reason: impl Into<Cow<'static, str>>) -> Finding {
    Finding {
        result,
        reason: reason.into(),
    }
}

fn pass(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Pass, reason)
}

fn fail(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Fail, reason)
}

fn unknown(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Unknown, reason)
}

fn not_applicable(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::NotApplicable, reason)
}

/// Passes when the domain takes mail: an explicit MX with a target that can be dialled, or an
/// implicit MX that answers on port 25 (RFC 5321 5.1).
pub fn receives_mail(domain: &Domain, hosts: &Hosts<'_>) -> Finding {
    if let Some(finding) = existence(domain) {
        return finding;
    }
    match domain.mx.kind {
        None => unknown(word(domain.mx.error)),
        Some(MxKind::Null) => fail("null_mx"),
        Some(MxKind::None) => fail("no_mx"),
        Some(MxKind::Explicit) => explicit(hosts),
        Some(MxKind::Implicit) => implicit(hosts),
    }
}

fn explicit(hosts: &Hosts<'_>) -> Finding {
    let known = || hosts.iter().filter_map(|(_, host)| *host);
    if known().any(|host| host.endpoints.iter().any(|endpoint| !endpoint.special)) {
        return pass("explicit_mx");
    }
    let open = hosts.iter().any(|(_, host)| {
        host.is_none_or(|host| {
            matches!(host.addresses, Outcome::Failed | Outcome::NotAttempted)
                || host.incomplete
                || (host.addresses == Outcome::Found && host.endpoints.is_empty())
        })
    });
    if open {
        unknown("addresses_unknown")
    } else {
        fail("mx_unusable")
    }
}

fn implicit(hosts: &Hosts<'_>) -> Finding {
    let endpoints: Vec<_> = hosts
        .iter()
        .filter_map(|(_, host)| *host)
        .flat_map(|host| &host.endpoints)
        .collect();
    let hidden = hosts
        .iter()
        .any(|(_, host)| host.is_none_or(|host| host.incomplete));
    if endpoints.iter().any(|endpoint| endpoint.reached) {
        pass("implicit_mx")
    } else if endpoints.is_empty() || hidden {
        unknown("addresses_unknown")
    } else if endpoints
        .iter()
        .all(|endpoint| endpoint.refused || endpoint.special)
    {
        fail("web_only")
    } else {
        unknown("implicit_mx_unreached")
    }
}

/// Passes when every mail server offers STARTTLS (RFC 3207) and a handshake completes. An address
/// that was not reached is left out when another one of its host was.
pub fn starttls(domain: &Domain, hosts: &Hosts<'_>, receives_mail: &Finding) -> Finding {
    if let Some(finding) = no_mail(domain, receives_mail) {
        return finding;
    }
    let mut seen = Seen::default();
    for (_, host) in hosts {
        seen.host(*host);
    }
    let count = format!("{}/{}", seen.reached, seen.total);
    match (seen.fail, seen.unknown) {
        (Some(reason), _) => fail(format!("{reason}:{count}")),
        (None, Some(reason)) => unknown(format!("{reason}:{count}")),
        (None, None) if seen.reached == 0 => unknown(format!("unreached:{count}")),
        (None, None) => pass(format!("starttls:{count}")),
    }
}

/// What the servers of a domain did, summed up.
#[derive(Default)]
struct Seen {
    reached: usize,
    total: usize,
    fail: Option<&'static str>,
    unknown: Option<String>,
}

impl Seen {
    fn host(&mut self, host: Option<&Host>) {
        let Some(host) = host else {
            self.unknown.get_or_insert("host_unknown".to_owned());
            return;
        };
        if matches!(host.addresses, Outcome::Failed | Outcome::NotAttempted) {
            self.unknown.get_or_insert("addresses_unknown".to_owned());
        }
        if host.addresses == Outcome::Found && host.endpoints.is_empty() {
            self.unknown.get_or_insert("not_measured".to_owned());
        }
        let dialled = || host.endpoints.iter().filter(|endpoint| !endpoint.special);
        let any_reached = dialled().any(|endpoint| endpoint.reached);
        for endpoint in dialled() {
            self.total += 1;
            if endpoint.reached {
                self.reached += 1;
                self.answer(endpoint.starttls);
            } else if !any_reached {
                self.answer(endpoint.starttls);
            }
        }
    }

    fn answer(&mut self, answer: Answered) {
        match answer {
            Answered::Works => {}
            Answered::NotOffered => self.fail = self.fail.or(Some("not_offered")),
            Answered::Refused => self.fail = self.fail.or(Some("refused")),
            Answered::Vantage => drop(self.unknown.get_or_insert("vantage".to_owned())),
            // A server that shares no suite with us has TLS all the same.
            Answered::Broken => drop(self.unknown.get_or_insert("handshake".to_owned())),
            Answered::Inconsistent => drop(self.unknown.get_or_insert("inconsistent".to_owned())),
            Answered::Unconfirmed => drop(self.unknown.get_or_insert("unconfirmed".to_owned())),
            Answered::Unknown(error) => {
                self.unknown.get_or_insert(error.to_string());
            }
        }
    }
}

/// Passes when the MX answer, or its denial, is secure (RFC 4035 4.3).
pub fn dnssec_domain(domain: &Domain) -> Finding {
    if let Some(finding) = existence(domain) {
        return finding;
    }
    match (domain.mx.outcome, domain.mx.security) {
        (Outcome::Failed | Outcome::NotAttempted, _) => unknown(word(domain.mx.error)),
        (_, Security::Secure) => pass("secure"),
        (_, Security::Insecure) => fail("insecure"),
        (_, Security::Bogus) => fail("bogus"),
        (_, Security::Indeterminate | Security::NotChecked) => unknown("not_checked"),
    }
}

/// Passes when the MX answer is secure, and so are the addresses and a usable TLSA RRset of every
/// mail host (RFC 7672 2.2 and 3.1).
pub fn dane_published(domain: &Domain, hosts: &Hosts<'_>, receives_mail: &Finding) -> Finding {
    if let Some(finding) = no_mail(domain, receives_mail) {
        return finding;
    }
    match dnssec_domain(domain) {
        Finding {
            result: CheckResult::Fail,
            ..
        } => return fail("mx_insecure"),
        Finding {
            result: CheckResult::Unknown,
            reason,
        } => return unknown(reason),
        _ => {}
    }
    let mut open = None;
    let mut good = 0;
    for (_, host) in hosts {
        match published(*host) {
            Published::Yes => good += 1,
            Published::No(reason) => return fail(reason),
            Published::Open(reason) => open = open.or(Some(reason)),
            Published::NoHost => {}
        }
    }
    match (open, good) {
        (Some(reason), _) => unknown(reason),
        (None, 0) => unknown("addresses_unknown"),
        (None, good) => pass(format!("tlsa:{good}/{}", hosts.len())),
    }
}

enum Published {
    Yes,
    No(&'static str),
    Open(&'static str),
    /// Nothing could be delivered there, so that it takes no part.
    NoHost,
}

fn published(host: Option<&Host>) -> Published {
    let Some(host) = host else {
        return Published::Open("host_unknown");
    };
    match host.addresses {
        Outcome::Absent => return Published::NoHost,
        Outcome::Failed | Outcome::NotAttempted => return Published::Open("addresses_unknown"),
        Outcome::Found => {}
    }
    match host.address_security {
        Security::Secure => {}
        // One family failed, the other may well be secure.
        Security::NotChecked | Security::Indeterminate => return Published::Open("not_checked"),
        Security::Insecure | Security::Bogus => return Published::No("host_insecure"),
    }
    match (host.tlsa, host.tlsa_security) {
        (Outcome::Failed | Outcome::NotAttempted, _) => Published::Open("tlsa_unknown"),
        (_, Security::Bogus) => Published::No("tlsa_bogus"),
        (Outcome::Absent, _) => Published::No("no_tlsa"),
        (Outcome::Found, Security::Secure) if host.tlsa_usable => Published::Yes,
        (Outcome::Found, Security::Secure) => Published::No("tlsa_unusable"),
        (Outcome::Found, _) => Published::No("tlsa_insecure"),
    }
}

/// The finding for a domain that does not exist, or of which that is not known.
fn existence(domain: &Domain) -> Option<Finding> {
    match domain.existence {
        Existence::Nxdomain => Some(not_applicable("nxdomain")),
        Existence::Failed => Some(unknown(word(domain.mx.error))),
        Existence::Exists | Existence::Undelegated => None,
    }
}

/// The finding for a domain that takes no mail, or of which that is not known.
fn no_mail(domain: &Domain, receives_mail: &Finding) -> Option<Finding> {
    if let Some(finding) = existence(domain) {
        return Some(finding);
    }
    match receives_mail.result {
        CheckResult::Pass => None,
        CheckResult::Unknown => Some(unknown(receives_mail.reason.clone())),
        CheckResult::Fail | CheckResult::NotApplicable => Some(not_applicable("no_mail")),
    }
}

fn word(error: Option<ErrorCode>) -> String {
    error.map_or("not_measured".to_owned(), |error| error.to_string())
}
