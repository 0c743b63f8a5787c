//! What the checks make of a domain, from the model: a second reading of the rules, which shares
//! nothing with the program's own.

use super::Country;
use super::domain::{Dns, Domain, Mail};
use super::hosts::{KEPT, MailHost, is_answered};
use super::servers::Dane;
use crate::lab::national::truth::{Endpoint, Verdict};

type Results = &'static [&'static str];

const PASS: Results = &["pass"];
const FAIL: Results = &["fail"];
const UNKNOWN: Results = &["unknown"];
const NOT_APPLICABLE: Results = &["not_applicable"];
/// It fails, but one vantage may not be able to tell.
const FAIL_OR_UNKNOWN: Results = &["fail", "unknown"];

impl Country {
    /// What a survey must make of the domain.
    pub fn verdict_truth(&self, domain: &Domain) -> Verdict {
        let hosts: Vec<(MailHost, Vec<Endpoint>)> = self
            .hosts(domain)
            .into_iter()
            .map(|host| {
                let endpoints = self.endpoints(&host);
                (host, endpoints)
            })
            .collect();
        let all = || hosts.iter().flat_map(|(_, endpoints)| endpoints);
        let receives = receives_mail(domain, &hosts);
        let mail_only = |judged: Results| match (existence(domain), receives) {
            (Some(results), _) => results,
            (None, PASS) => judged,
            (None, UNKNOWN) => UNKNOWN,
            (None, _) => NOT_APPLICABLE,
        };
        // The records beyond those that are kept may name hosts that do otherwise.
        let is_cut = domain.has_zone() && self.mx(domain).len() > KEPT;
        let unless_cut = |judged: Results| match judged {
            PASS if is_cut => UNKNOWN,
            judged => judged,
        };
        let words = |results: Results| results.iter().map(|word| (*word).to_owned()).collect();
        Verdict {
            domain: domain.name.clone(),
            endpoints: all().count() as u32,
            endpoints_reached: all().filter(|endpoint| is_reached(endpoint)).count() as u32,
            receives_mail: words(receives),
            starttls: words(mail_only(unless_cut(starttls(&hosts)))),
            dnssec_domain: words(dnssec_domain(domain)),
            dane_published: words(mail_only(unless_cut(dane_published(domain, &hosts)))),
        }
    }
}

fn existence(domain: &Domain) -> Option<Results> {
    match domain.dns {
        Dns::Nxdomain => Some(NOT_APPLICABLE),
        _ if !is_answered(domain) => Some(UNKNOWN),
        _ => None,
    }
}

fn is_reached(endpoint: &Endpoint) -> bool {
    endpoint.banner_code == Some(220)
}

fn receives_mail(domain: &Domain, hosts: &[(MailHost, Vec<Endpoint>)]) -> Results {
    if let Some(results) = existence(domain) {
        return results;
    }
    let mut endpoints = hosts.iter().flat_map(|(_, endpoints)| endpoints);
    match domain.mail {
        _ if !domain.has_zone() => FAIL,
        Mail::Null | Mail::Nothing => FAIL,
        Mail::Implicit | Mail::WebOnly if endpoints.clone().any(is_reached) => PASS,
        Mail::Implicit | Mail::WebOnly if endpoints.all(|one| one.manner == "refused") => FAIL,
        Mail::Implicit | Mail::WebOnly => UNKNOWN,
        _ if endpoints.any(|one| one.manner != "special") => PASS,
        _ => FAIL,
    }
}

fn starttls(hosts: &[(MailHost, Vec<Endpoint>)]) -> Results {
    let (mut fails, mut may_fail, mut is_open, mut reached) = (false, false, false, 0);
    for (_, endpoints) in hosts {
        let dialled = || {
            endpoints
                .iter()
                .filter(|endpoint| endpoint.manner != "special")
        };
        let any = dialled().any(is_reached);
        // An address that was not reached is left out when another one of the host was.
        for endpoint in dialled().filter(|endpoint| !any || is_reached(endpoint)) {
            reached += usize::from(is_reached(endpoint));
            match (endpoint.starttls.as_str(), endpoint.tls.as_str()) {
                (_, "completed") => {}
                ("not_offered", _) => fails = true,
                ("refused", _) if endpoint.error.is_none() => fails = true,
                ("refused" | "stripped", _) | (_, "failed") => may_fail = true,
                _ => is_open = true,
            }
        }
    }
    match (fails, may_fail, is_open || reached == 0) {
        (true, ..) => FAIL,
        (false, true, _) => FAIL_OR_UNKNOWN,
        (false, false, true) => UNKNOWN,
        (false, false, false) => PASS,
    }
}

fn dnssec_domain(domain: &Domain) -> Results {
    match (existence(domain), domain.mx_security()) {
        (Some(results), _) => results,
        (None, "secure") => PASS,
        (None, _) => FAIL,
    }
}

fn dane_published(domain: &Domain, hosts: &[(MailHost, Vec<Endpoint>)]) -> Results {
    if dnssec_domain(domain) != PASS {
        return dnssec_domain(domain);
    }
    // A host without addresses takes no mail, and no part.
    let mut with_address = hosts
        .iter()
        .map(|(host, _)| host)
        .filter(|host| !host.addresses.is_empty());
    let lacks = |host: &MailHost| {
        let usable = !matches!(host.dane, Dane::None | Dane::Unusable);
        host.security != "secure" || host.tlsa_security != "secure" || !usable
    };
    match with_address.any(lacks) {
        true => FAIL,
        false => PASS,
    }
}
