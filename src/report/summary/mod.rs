//! The closing summary: shares with numerator, denominator and unknowns, from the verdicts.

mod trouble;
mod words;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::counts::Counts;
use crate::error::Result;
use crate::table::Store;
use crate::table::client_codes::WebAnswer;
use crate::table::codes::{
    CheckResult, ErrorCode, Existence, MxKind, Outcome, Protocol, Role, TcpOutcome,
};
use crate::table::manifest::Bias;
use crate::table::rows::{CheckId, Finding, Starttls, TableName, Tcp};
use words::SHOWN;

/// What a survey adds up to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Domains.
    pub domains: u64,
    /// DNS queries sent for domains, those whose answers many domains shared included.
    pub queries: u64,
    /// Domains that took queries.
    pub asked: u64,
    /// Those of them of which no answer says whether they exist.
    pub unanswered: u64,
    /// Domains by existence.
    pub existence: BTreeMap<Existence, u64>,
    /// Domains by how they take mail; `None` where a failed question leaves it open.
    pub kinds: BTreeMap<Option<MxKind>, u64>,
    /// The checks of [`words::SHOWN`].
    checks: Counts,
    /// Mail host names.
    pub hosts: u64,
    /// Addresses by what became of the connection.
    pub addresses: BTreeMap<String, u64>,
    /// Connections opened.
    pub connections: u64,
    /// Ports that mail clients use, by what became of the connection.
    pub ports: BTreeMap<Protocol, BTreeMap<&'static str, u64>>,
    /// Host names at an address that were beyond what it may get handshakes for.
    pub beyond_budget: u64,
    /// Policies of MTA-STS by what became of them.
    pub policies: BTreeMap<String, u64>,
    /// Webmail hosts by what they do with who comes in the clear.
    pub webmail: BTreeMap<String, u64>,
    /// Addresses that turned us away, by operator.
    pub bias: BTreeMap<String, Bias>,
}

#[derive(Deserialize)]
struct DomainFacts {
    existence: Existence,
    queries: u32,
}

#[derive(Deserialize)]
struct VerdictFacts {
    weight: f64,
    mx_kind: Option<MxKind>,
    receives_mail: Finding,
    starttls: Finding,
    no_tls_1_0_1_1: Finding,
    no_weak_ciphers: Finding,
    forward_secrecy: Finding,
    pq_key_exchange: Finding,
    dnssec_domain: Finding,
    dane_published: Finding,
    spf: Finding,
    dkim: Finding,
    dmarc: Finding,
    dmarc_enforced: Finding,
}

impl VerdictFacts {
    fn finding(&self, check: CheckId) -> &Finding {
        match check {
            CheckId::ReceivesMail => &self.receives_mail,
            CheckId::Starttls => &self.starttls,
            CheckId::NoTls10Or11 => &self.no_tls_1_0_1_1,
            CheckId::NoWeakCiphers => &self.no_weak_ciphers,
            CheckId::ForwardSecrecy => &self.forward_secrecy,
            CheckId::PqKeyExchange => &self.pq_key_exchange,
            CheckId::DnssecDomain => &self.dnssec_domain,
            CheckId::DanePublished => &self.dane_published,
            CheckId::Spf => &self.spf,
            CheckId::Dkim => &self.dkim,
            CheckId::Dmarc => &self.dmarc,
            _ => &self.dmarc_enforced,
        }
    }
}

#[derive(Deserialize)]
struct HostFacts {
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct PolicyFacts {
    outcome: Outcome,
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct WebmailFacts {
    http: HttpFacts,
}

#[derive(Deserialize)]
struct HttpFacts {
    answer: WebAnswer,
}

#[derive(Deserialize)]
struct EndpointFacts {
    connections: u16,
    tcp: Tcp,
    operator: String,
    banner_code: Option<u16>,
    starttls: Starttls,
    protocol: Protocol,
    tls: TlsError,
}

#[derive(Default, Deserialize)]
struct TlsError {
    error: Option<ErrorCode>,
}

impl Summary {
    /// Adds up a survey.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        let mut sum = Self {
            checks: Counts::new(SHOWN.len()),
            ..Self::default()
        };
        for batch in store.scan::<DomainFacts>(TableName::Domains, &["existence", "queries"]) {
            for domain in batch? {
                sum.add_domain(&domain);
            }
        }
        let columns = [
            "weight",
            "mx_kind",
            "receives_mail",
            "starttls",
            "no_tls_1_0_1_1",
            "no_weak_ciphers",
            "forward_secrecy",
            "pq_key_exchange",
            "dnssec_domain",
            "dane_published",
            "spf",
            "dkim",
            "dmarc",
            "dmarc_enforced",
        ];
        for batch in store.scan::<VerdictFacts>(TableName::Verdicts, &columns) {
            for verdict in batch? {
                sum.add_verdict(&verdict);
            }
        }
        let columns = [
            "connections",
            "operator",
            "tcp",
            "banner_code",
            "starttls",
            "protocol",
            "tls.error",
        ];
        for batch in store.scan::<EndpointFacts>(TableName::Endpoints, &columns) {
            for endpoint in batch? {
                match endpoint.protocol {
                    Protocol::Smtp => sum.add_endpoint(&endpoint),
                    protocol => sum.add_port(protocol, &endpoint.tcp),
                }
            }
        }
        for batch in store.scan::<HostFacts>(TableName::Hosts, &["roles"]) {
            let is_mail_host = |host: &&HostFacts| host.roles.contains(&Role::Mx);
            sum.hosts += batch?.iter().filter(is_mail_host).count() as u64;
        }
        let columns = ["outcome", "error"];
        for batch in store.scan::<PolicyFacts>(TableName::StsPolicies, &columns) {
            for policy in batch? {
                let outcome = policy
                    .error
                    .map_or(policy.outcome.as_str(), ErrorCode::as_str);
                *sum.policies.entry(outcome.to_owned()).or_default() += 1;
            }
        }
        for batch in store.scan::<WebmailFacts>(TableName::Webmail, &["http.answer"]) {
            for webmail in batch? {
                let answer = webmail.http.answer.to_string();
                *sum.webmail.entry(answer).or_default() += 1;
            }
        }
        Ok(sum)
    }

    /// DNS queries per domain that took some, on average; none where no domain did.
    pub fn queries_per_domain(&self) -> Option<f64> {
        let average = self.queries as f64 / self.asked as f64;
        (self.asked > 0).then_some(average)
    }

    fn add_domain(&mut self, domain: &DomainFacts) {
        self.domains += 1;
        self.queries += u64::from(domain.queries);
        let is_asked = domain.queries > 0;
        self.asked += u64::from(is_asked);
        self.unanswered += u64::from(is_asked && domain.existence == Existence::Failed);
        *self.existence.entry(domain.existence).or_default() += 1;
    }

    fn add_verdict(&mut self, verdict: &VerdictFacts) {
        *self.kinds.entry(verdict.mx_kind).or_default() += 1;
        let receiving = verdict.receives_mail.result == CheckResult::Pass;
        let place = self.checks.domain(0, verdict.weight, receiving);
        for (subject, (check, _)) in SHOWN.iter().enumerate() {
            let finding = verdict.finding(*check);
            self.checks
                .add(place, subject, finding.result, &finding.reason);
        }
    }

    fn add_bias(&mut self, endpoint: &EndpointFacts) {
        let bias = match endpoint.starttls.error {
            Some(ErrorCode::Blocked) => Bias {
                blocked: 1,
                temp_reject: 0,
            },
            Some(ErrorCode::TempReject) => Bias {
                blocked: 0,
                temp_reject: 1,
            },
            _ => return,
        };
        let sum = self.bias.entry(endpoint.operator.clone()).or_default();
        sum.blocked += bias.blocked;
        sum.temp_reject += bias.temp_reject;
    }

    fn add_endpoint(&mut self, endpoint: &EndpointFacts) {
        self.connections += u64::from(endpoint.connections);
        self.beyond_budget += u64::from(endpoint.tls.error == Some(ErrorCode::SniBudget));
        self.add_bias(endpoint);
        let turned_away = endpoint
            .starttls
            .error
            .map_or("no_greeting", ErrorCode::as_str);
        let outcome = match (endpoint.tcp.outcome, endpoint.tcp.error) {
            (TcpOutcome::Connected, _) if endpoint.banner_code == Some(220) => "reached",
            (TcpOutcome::Connected, _) => turned_away,
            (TcpOutcome::Failed, error) => error.map_or("failed", ErrorCode::as_str),
            // Leans on the row that opened the connection.
            (TcpOutcome::NotAttempted, _) => return,
        };
        *self.addresses.entry(outcome.to_owned()).or_default() += 1;
    }
}

impl Summary {
    /// A port that mail clients use: only who was dialled counts.
    fn add_port(&mut self, protocol: Protocol, tcp: &Tcp) {
        let outcome = match (tcp.outcome, tcp.error) {
            (TcpOutcome::Connected, _) => "connected",
            (TcpOutcome::Failed, error) => error.map_or("failed", ErrorCode::as_str),
            // Leans on the row that opened the connection.
            (TcpOutcome::NotAttempted, _) => return,
        };
        let ports = self.ports.entry(protocol).or_default();
        *ports.entry(outcome).or_default() += 1;
    }
}
