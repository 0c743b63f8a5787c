//! The facts that the checks need, joined: mail hosts with their endpoints in memory, domains as
//! they stream by. Memory grows with the number of hosts and addresses, not of domains.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{
    ErrorCode, Existence, MxKind, Outcome, Security, StarttlsOutcome, TlsOutcome,
};
use crate::table::manifest::Manifest;
use crate::table::preflight::{Aspect, has_failed};
use crate::table::rows::{Addresses, Attempt, Mx, Starttls, TableName, Tcp, Tls, Tlsa};

/// Columns of `domains` that are read.
pub const DOMAIN_COLUMNS: &[&str] = &[
    "domain",
    "tld",
    "weight",
    "mail_operator",
    "existence",
    "mx",
];

/// What the checks need of a domain.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Domain {
    /// The domain.
    pub domain: String,
    /// The last label.
    pub tld: String,
    /// How many domains it stands for.
    pub weight: f64,
    /// Whether it exists.
    pub existence: Existence,
    /// Its MX records.
    pub mx: Mx,
    /// Who runs its mail.
    pub mail_operator: Option<String>,
}

/// What the checks need of a mail host.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// What became of the address questions.
    pub addresses: Outcome,
    /// Whether a failed family may hide further addresses.
    pub incomplete: bool,
    /// Security of the addresses.
    pub address_security: Security,
    /// What became of the TLSA question.
    pub tlsa: Outcome,
    /// Security of the TLSA records.
    pub tlsa_security: Security,
    /// Whether one of the TLSA records is usable.
    pub tlsa_usable: bool,
    /// One per address.
    pub endpoints: Vec<Endpoint>,
}

/// What the checks need of an address of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it greeted.
    pub reached: bool,
    /// Whether it answered a connection with RST.
    pub refused: bool,
    /// Whether the address may not be dialled by anybody.
    pub special: bool,
    /// What it said to STARTTLS.
    pub starttls: Answered,
}

/// The outcome of STARTTLS and the handshake behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// A handshake completed.
    Works,
    /// STARTTLS is not offered.
    NotOffered,
    /// STARTTLS is refused for good.
    Refused,
    /// What was seen, or that nothing was, may well be the doing of this vantage and its network.
    Vantage,
    /// The handshake broke.
    Broken,
    /// One attempt said no, another one said yes.
    Inconsistent,
    /// It said no once, and could not be asked again.
    Unconfirmed,
    /// It could not be measured.
    Unknown(ErrorCode),
}

/// All mail hosts.
#[derive(Debug, Default)]
pub struct Evidence {
    hosts: HashMap<String, Host>,
    /// Whether STARTTLS gets lost on the way from here.
    strips: bool,
}

#[derive(Deserialize)]
struct HostFacts {
    host: String,
    addresses: Addresses,
    tlsa: Tlsa,
}

#[derive(Deserialize)]
struct EndpointFacts {
    host: String,
    ip: String,
    port: u16,
    connections: u16,
    tcp: Tcp,
    banner_code: Option<u16>,
    starttls: Starttls,
    tls: Tls,
    attempts: Vec<Attempt>,
}

impl Evidence {
    /// Reads hosts and endpoints.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        let manifest = Manifest::read(store.dir())?.unwrap_or_default();
        let mut evidence = Self {
            strips: has_failed(&manifest.vantage.preflight, Aspect::Starttls),
            ..Self::default()
        };
        let columns = ["host", "addresses", "tlsa"];
        for batch in store.scan::<HostFacts>(TableName::Hosts, &columns) {
            for facts in batch? {
                evidence.hosts.insert(facts.host.clone(), host_of(&facts));
            }
        }
        evidence.read_endpoints(store)?;
        Ok(evidence)
    }

    /// A row that leans on another one of its address says nothing itself, so that what each
    /// address did is gathered first.
    fn read_endpoints(&mut self, store: &Store) -> Result<()> {
        let columns = [
            "host",
            "ip",
            "port",
            "connections",
            "tcp",
            "banner_code",
            "starttls",
            "tls",
            "attempts",
        ];
        let mut addresses: HashMap<(String, u16), Endpoint> = HashMap::new();
        let mut leaning: Vec<(String, String, u16)> = Vec::new();
        for batch in store.scan::<EndpointFacts>(TableName::Endpoints, &columns) {
            for facts in batch? {
                // A name that was left alone says nothing of its address, and leans on nothing.
                if facts.tcp.error == Some(ErrorCode::Excluded) {
                    if let Some(host) = self.hosts.get_mut(&facts.host) {
                        host.endpoints.push(endpoint_of(&facts, self.strips));
                    }
                    continue;
                }
                let spoke = facts.connections > 0 || facts.tcp.error.is_some();
                if spoke {
                    let endpoint = endpoint_of(&facts, self.strips);
                    addresses.insert((facts.ip.clone(), facts.port), endpoint);
                }
                leaning.push((facts.host, facts.ip, facts.port));
            }
        }
        // Where nobody at all greets, port 25 is closed on our side, and a refusal says nothing.
        if !addresses.values().any(|endpoint| endpoint.reached) {
            for endpoint in addresses.values_mut() {
                endpoint.refused = false;
            }
        }
        for (host, ip, port) in leaning {
            let Some(endpoint) = addresses.get(&(ip, port)) else {
                continue;
            };
            if let Some(host) = self.hosts.get_mut(&host) {
                host.endpoints.push(*endpoint);
            }
        }
        Ok(())
    }

    /// The mail hosts of a domain by preference; `None` for one that nothing is known of.
    pub fn hosts_of<'a>(&'a self, domain: &'a Domain) -> Vec<(&'a str, Option<&'a Host>)> {
        let host = |name: &'a str| (name, self.hosts.get(name));
        match domain.mx.kind {
            Some(MxKind::Implicit) => vec![host(&domain.domain)],
            Some(MxKind::Explicit) => {
                let records = domain.mx.records.iter();
                let named = records.filter(|record| record.host != ".");
                named.map(|record| host(&record.host)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn host_of(facts: &HostFacts) -> Host {
    let found = facts.addresses.outcome == Outcome::Found;
    Host {
        addresses: facts.addresses.outcome,
        incomplete: found
            && facts
                .addresses
                .error
                .is_some_and(|error| error != ErrorCode::Bogus),
        address_security: facts.addresses.security,
        tlsa: facts.tlsa.outcome,
        tlsa_security: facts.tlsa.security,
        tlsa_usable: facts.tlsa.records.iter().any(|record| record.usable),
        endpoints: Vec::new(),
    }
}

fn endpoint_of(facts: &EndpointFacts, strips: bool) -> Endpoint {
    let error = facts.tcp.error;
    Endpoint {
        reached: facts.banner_code == Some(220),
        refused: error == Some(ErrorCode::Refused),
        special: error == Some(ErrorCode::SpecialPurpose),
        starttls: answered(facts, strips),
    }
}

/// A negative counts when a second attempt said it too. Attempts that say nothing decide nothing,
/// and a broken handshake is never more than unknown.
fn answered(facts: &EndpointFacts, strips: bool) -> Answered {
    let answers = || facts.attempts.iter().filter_map(Attempt::answer);
    let negatives = answers().filter(|answer| !answer).count();
    if negatives > 0 && answers().any(|answer| answer) {
        return Answered::Inconsistent;
    }
    let why = facts
        .tcp
        .error
        .or(facts.starttls.error)
        .unwrap_or(ErrorCode::InternalError);
    match (facts.starttls.outcome, facts.tls.outcome) {
        (_, TlsOutcome::Completed | TlsOutcome::HelloOnly) => Answered::Works,
        (_, TlsOutcome::Failed) => match facts.tls.error {
            Some(error @ (ErrorCode::Timeout | ErrorCode::LocalFault)) => Answered::Unknown(error),
            _ => Answered::Broken,
        },
        // Whether the server or the path did it cannot be told from one vantage.
        (StarttlsOutcome::Stripped, _) => Answered::Vantage,
        (StarttlsOutcome::NotOffered, _) if strips => Answered::Vantage,
        (StarttlsOutcome::NotOffered | StarttlsOutcome::Refused, _) if negatives < 2 => {
            Answered::Unconfirmed
        }
        (StarttlsOutcome::NotOffered, _) => Answered::NotOffered,
        (StarttlsOutcome::Refused, _) => Answered::Refused,
        // Nobody can be asked from here, so that nobody was.
        _ if facts.connections == 0 && why == ErrorCode::LocalFault => Answered::Vantage,
        _ => Answered::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::codes::AttemptOutcome;

    /// What is made of a row that shows this, with these attempts behind it.
    fn of(
        starttls: StarttlsOutcome,
        error: Option<ErrorCode>,
        attempts: &[(AttemptOutcome, Option<ErrorCode>)],
    ) -> Answered {
        let mut facts = EndpointFacts {
            host: String::new(),
            ip: String::new(),
            port: 25,
            connections: 1,
            tcp: Tcp::default(),
            banner_code: Some(220),
            starttls: Starttls::default(),
            tls: Tls::default(),
            attempts: Vec::new(),
        };
        (facts.starttls.outcome, facts.starttls.error) = (starttls, error);
        if starttls == StarttlsOutcome::Accepted {
            facts.tls.outcome = TlsOutcome::Completed;
        }
        let attempt = |(outcome, error): &(AttemptOutcome, Option<ErrorCode>)| Attempt {
            outcome: *outcome,
            error: *error,
            ..Attempt::default()
        };
        facts.attempts = attempts.iter().map(attempt).collect();
        answered(&facts, false)
    }

    #[test]
    fn a_negative_counts_when_it_was_said_twice() {
        use AttemptOutcome::{Broken, Completed, Connected, Failed, NotOffered, Refused};
        use ErrorCode::{Budget, TempReject, Timeout};
        let no = (NotOffered, None);
        let late = (Failed, Some(Timeout));
        let grey = (Connected, Some(TempReject));
        let off = (Refused, Some(TempReject));
        let none = |attempts: &[_]| of(StarttlsOutcome::NotOffered, None, attempts);
        assert_eq!(none(&[no, no]), Answered::NotOffered);
        assert_eq!(none(&[grey, no, no]), Answered::NotOffered);
        for once in [
            &[][..],
            &[no, late],
            &[no, (Failed, Some(Budget))],
            &[grey, no, late],
        ] {
            assert_eq!(none(once), Answered::Unconfirmed, "{once:?}");
        }
        let refused = |attempts: &[_]| of(StarttlsOutcome::Refused, Some(TempReject), attempts);
        assert_eq!(refused(&[off, off]), Answered::Refused);
        assert_eq!(refused(&[off, late]), Answered::Unconfirmed);
        let works = |attempts: &[_]| of(StarttlsOutcome::Accepted, None, attempts);
        assert_eq!(works(&[]), Answered::Works);
        assert_eq!(works(&[late, (Completed, None)]), Answered::Works);
        assert_eq!(works(&[grey, (Completed, None)]), Answered::Works);
        assert_eq!(
            works(&[(Broken, Some(Timeout)), (Completed, None)]),
            Answered::Works
        );
        for other in [no, off, (Broken, Some(ErrorCode::TlsAlert))] {
            for attempts in [[other, (Completed, None)], [(Completed, None), other]] {
                assert_eq!(works(&attempts), Answered::Inconsistent, "{attempts:?}");
            }
        }
        let dead = of(StarttlsOutcome::NotAttempted, Some(Timeout), &[late, late]);
        assert_eq!(dead, Answered::Unknown(Timeout));
    }
}
