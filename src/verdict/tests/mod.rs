//! The checks from literals, every branch: a file for each file of checks, with literals
//! from [`build`].
//! [`properties`] has what holds for every case that [`generate`] makes; [`evidence`] and
//! [`compliance`] go by real [`tables`].

mod build;
mod certificates;
mod class;
mod client_rows;
mod clients;
mod compliance;
mod dane;
mod dnssec;
mod every;
mod evidence;
mod generate;
mod hellos;
mod mail;
mod properties;
mod routes;
mod senders;
mod tables;
mod tls;
mod transport;
mod uniform;
mod webmail;

use build::*;

use super::case::{Case, Endpoint, MailHost};
use super::checks;
use super::facts::{
    Again, Answered, Chain, Dkim, DkimKey, Dmarc, Domain, Gap, Host, Key, Lists, Mx, NameSet,
    Named, ReportTarget, Seen, Server, Spf, Text, Tls, Version, Weak, Weakness, Zone, ZoneKeys,
};
use super::parameters::Parameters;
use super::sts::{Certificate, Fetched, Policy};
use super::web::{Port, Webmail};
use crate::table::codes::{
    ChainSource, Dates, ErrorCode, Existence, MxKind, NameMatch, Outcome, Pkix, Security,
};
use crate::table::record_codes::{
    Alignment, DkimExistence, DmarcPolicy, Fault, Inherited, PolicyMode, ReportScheme, SpfAll,
};
use crate::table::rows::{CheckId, ClientSearch, Finding, MxRecord, Searched};
use crate::table::tls_codes::VersionResult;

/// A domain with everything that is known of it.
#[derive(Debug)]
struct Facts {
    domain: Domain,
    zone: Option<u32>,
    hosts: Vec<At>,
    policy: Option<Policy>,
    webmail: Option<Webmail>,
    lists: Lists,
}

/// A mail host with its addresses.
#[derive(Debug, Clone)]
struct At {
    name: &'static str,
    facts: Option<Host>,
    servers: Vec<(Server, Vec<Chain>)>,
    /// What was done for its sake at each of them.
    named: Named,
}

impl Facts {
    fn case(&self) -> Case<'_> {
        let hosts = self.hosts.iter().map(|at| MailHost {
            name: at.name,
            facts: at.facts.as_ref(),
            endpoints: at
                .servers
                .iter()
                .map(|(server, chains)| Endpoint {
                    server,
                    chains,
                    named: at.named,
                })
                .collect(),
        });
        let policy = self.policy.as_ref();
        let mut case = Case::new(
            &self.domain,
            self.zone,
            hosts.collect(),
            policy,
            &self.lists,
        );
        case.webmail = self.webmail.as_ref();
        case
    }

    fn finding(&self, check: CheckId) -> Finding {
        checks::run(check, &self.case(), Parameters::usual(check))
    }

    /// Result and reason: `pass starttls:1/1`.
    fn says(&self, check: CheckId) -> String {
        said(&self.finding(check))
    }

    /// The same with parameters, as a profile sets them.
    fn says_with(&self, check: CheckId, parameters: &str) -> String {
        let table = parameters.parse().expect("TOML");
        let parameters = Parameters::of(check, &table).expect("parameters");
        said(&checks::run(check, &self.case(), &parameters))
    }

    /// The same facts after a change.
    fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

fn said(finding: &Finding) -> String {
    format!("{} {}", finding.result, finding.reason)
}

impl At {
    fn but(mut self, change: impl FnOnce(&mut Host)) -> Self {
        change(self.facts.as_mut().expect("facts"));
        self
    }

    /// The same with this done for its sake at each of its addresses.
    fn with(self, named: Named) -> Self {
        Self { named, ..self }
    }

    /// The same with these chains at each of its addresses.
    fn showing(mut self, chains: &[Chain]) -> Self {
        for (_, shown) in &mut self.servers {
            *shown = chains.to_vec();
        }
        self
    }
}

/// So many records of which there has to be exactly one, and which can be used.
fn records(count: u16) -> Text {
    Text {
        outcome: match count {
            0 => Outcome::Absent,
            _ => Outcome::Found,
        },
        error: None,
        count,
        valid: (count > 0).then_some(count == 1),
        fault: (count > 1).then_some(Fault::SeveralRecords),
    }
}

/// A question for such a record without an answer.
fn no_record() -> Text {
    Text {
        outcome: Outcome::Failed,
        error: Some(ErrorCode::Timeout),
        ..Text::default()
    }
}
