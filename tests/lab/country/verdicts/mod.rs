//! What the checks make of a domain, from the model: a second reading of the rules, which shares
//! nothing with the program's own.
//!
//! [`results`] has the results and how they add up; then one file for each group of checks.

mod dane;
mod dmarc;
mod dnssec;
mod mail;
mod policies;
mod results;
mod routes;
mod senders;
mod servers;
mod uniform;

use super::Country;
use super::domain::{Dns, Domain};
use super::hosts::{KEPT, is_answered};
use crate::lab::national::truth::Verdict;
use results::{NOT_APPLICABLE, PASS, Results, UNKNOWN, Word};
use servers::Host;

/// A domain before the judge.
struct Case<'a> {
    country: &'a Country,
    domain: &'a Domain,
    /// Its mail hosts by preference.
    hosts: Vec<Host>,
}

/// Results by the name of the check.
type Judged = Vec<(&'static str, Results)>;

impl Country {
    /// What a survey must make of the domain.
    pub fn verdict_truth(&self, domain: &Domain) -> Verdict {
        let hosts = self.hosts(domain).into_iter();
        let case = Case {
            country: self,
            domain,
            hosts: hosts.map(|host| Host::of(self, host)).collect(),
        };
        let servers = || case.hosts.iter().flat_map(|host| &host.servers);
        let judged = case.judge().into_iter().map(|(check, results)| {
            let words = results.words().map(|word| word.as_str().to_owned());
            (check.to_owned(), words.collect())
        });
        Verdict {
            domain: domain.name.clone(),
            endpoints: servers().count() as u32,
            endpoints_reached: servers().filter(|server| server.is_reached()).count() as u32,
            class: case.class().to_owned(),
            country: case.country_of_mail().map(str::to_owned).ok(),
            country_basis: case.country_of_mail().err().unwrap_or("one").to_owned(),
            non_sending: case.non_sending(),
            checks: judged.collect(),
        }
    }
}

impl Case<'_> {
    fn judge(&self) -> Judged {
        let mut judged = self.mail();
        judged.extend(self.servers());
        judged.extend(self.dnssec());
        judged.extend(self.policies());
        judged.extend(self.senders());
        judged
    }

    /// What every check says of a domain that does not exist, or of which nobody can know.
    fn existence(&self) -> Option<Results> {
        match self.domain.dns {
            Dns::Nxdomain => Some(NOT_APPLICABLE),
            _ if !is_answered(self.domain) => Some(UNKNOWN),
            _ => None,
        }
    }

    /// A check that every domain is asked for.
    fn of_all(&self, judged: impl FnOnce() -> Results) -> Results {
        self.existence().unwrap_or_else(judged)
    }

    /// A check of what a text record says: nobody believes one that does not validate, or its denial.
    fn of_text(&self, judged: impl FnOnce() -> Results) -> Results {
        self.of_all(|| match self.is_believed() {
            true => judged(),
            false => UNKNOWN,
        })
    }

    /// Whether answers from its zone are believed.
    fn is_believed(&self) -> bool {
        self.domain.security() != "bogus"
    }

    /// A check of receiving mail, which a domain without mail is not asked for.
    fn of_receivers(&self, judged: impl FnOnce() -> Results) -> Results {
        self.of_all(|| match self.receives_mail() {
            PASS => judged(),
            UNKNOWN => UNKNOWN,
            _ => NOT_APPLICABLE,
        })
    }

    /// A check over all hosts. Records beyond those that are kept may name some that do otherwise.
    fn unless_cut(&self, judged: Results) -> Results {
        match self.country.mx(self.domain).len() > KEPT {
            true => judged.with(UNKNOWN, Word::max),
            false => judged,
        }
    }

    /// The mail hosts that have addresses: where nothing can be delivered, a host takes no part.
    fn with_addresses(&self) -> impl Iterator<Item = &Host> {
        let hosts = self.hosts.iter();
        hosts.filter(|host| !host.mail.addresses.is_empty())
    }

    /// What presupposes another check: not applicable where that one does not pass.
    fn after(before: Results, judged: Results) -> Results {
        before.with(judged, |before, judged| match before {
            Word::Pass => judged,
            Word::Unknown => Word::Unknown,
            Word::Fail | Word::NotApplicable => Word::NotApplicable,
        })
    }
}
