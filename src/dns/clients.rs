//! Whom the mail clients of a domain use: SRV records (RFC 6186, RFC 8314 5.1), else usual names
//! below the domain that have an address, else its mail hosts.
//!
//! What was answered is kept in [`Search`], so that asking again asks only what failed; [`Search::fill`]
//! makes the columns of it. A wildcard makes every name exist: a name counts where it leads elsewhere
//! than one that nobody has, `mc<hash>.<domain>`, which is asked for only where no signature and no MX
//! record tells.

use futures_util::future::join_all;
use hickory_resolver::proto::rr::{RData, RecordType};
use serde::{Deserialize, Serialize};

use super::answer::{self, Answer, is_open};
use super::dkim;
use super::forward::Client;
use super::name::{name_of, text_of};
use crate::table::client_codes::{ClientService, ClientSource};
use crate::table::codes::{Denial, ErrorCode, Outcome};
use crate::table::rows::{Asked, ClientHost, ClientSearch, DomainRow, Mx, MxRecord, Searched};

/// Hosts kept of one service.
const HOSTS: usize = 4;
/// The name of webmail below a domain, and the port of HTTPS (RFC 9110 4.2.2).
const WEBMAIL: (&str, u16) = ("webmail", 443);
/// The usual name of whatever has none of its own.
const MAIL: &str = "mail";

/// A protocol of mail clients.
struct Protocol {
    /// Its services, each with the label of its SRV records and its usual port.
    services: [(ClientService, &'static str, u16); 2],
    /// Its usual name below a domain.
    label: &'static str,
}

/// RFC 6186 3, RFC 8314 5.1 and 7.
const PROTOCOLS: [Protocol; 3] = [
    Protocol {
        services: [
            (ClientService::Imaps, "_imaps", 993),
            (ClientService::Imap, "_imap", 143),
        ],
        label: "imap",
    },
    Protocol {
        services: [
            (ClientService::Pop3s, "_pop3s", 995),
            (ClientService::Pop3, "_pop3", 110),
        ],
        label: "pop3",
    },
    Protocol {
        services: [
            (ClientService::Submissions, "_submissions", 465),
            (ClientService::Submission, "_submission", 587),
        ],
        label: "smtp",
    },
];

/// What was answered so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Search {
    services: Vec<Service>,
    names: Vec<Name>,
    /// The name that nobody has.
    nobody: Option<Name>,
}

/// SRV records of a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Service {
    service: ClientService,
    asked: Asked,
    /// Hosts with their ports: the smallest priority first, of the same the greatest weight.
    targets: Vec<(String, u16)>,
}

/// A name below the domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Name {
    label: String,
    asked: Asked,
    /// Where it leads: the end of its CNAME chain, else its addresses, sorted.
    leads_to: Vec<String>,
    /// Whether a wildcard made it; none where no signature tells.
    synthesised: Option<bool>,
}

impl Search {
    /// Whether a question is worth asking once more.
    pub fn has_failed(&self) -> bool {
        let names = self.names.iter().chain(&self.nobody);
        let asked = names.map(|name| &name.asked);
        let mut asked = asked.chain(self.services.iter().map(|service| &service.asked));
        asked.any(|asked| answer::has_failed(asked.outcome, asked.error))
    }

    /// Asks what is not known yet of a domain that takes mail; says how many queries that took.
    pub async fn ask(&mut self, client: &Client, domain: &str, mx: &Mx) -> u32 {
        let mut queries = self.ask_services(client, domain).await;
        let silent = PROTOCOLS
            .iter()
            .filter(|protocol| self.published(protocol) == Ok(false));
        let labels: Vec<_> = silent.map(|protocol| protocol.label).collect();
        let names = labels.iter().copied().chain([WEBMAIL.0]);
        queries += self.ask_names(client, domain, mx, names).await;
        let has_no_name = |label: &&str| self.is_there(label, domain, mx) == Ok(false);
        if labels.iter().any(has_no_name) {
            queries += self.ask_names(client, domain, mx, [MAIL]).await;
        }
        queries
    }

    async fn ask_services(&mut self, client: &Client, domain: &str) -> u32 {
        let known = std::mem::take(&mut self.services);
        let services = PROTOCOLS.iter().flat_map(|protocol| &protocol.services);
        let ask = services.map(|(service, label, _)| {
            let earlier = known.iter().find(|known| known.service == *service);
            async move {
                match earlier.filter(|known| !is_open(known.asked.outcome, known.asked.error)) {
                    Some(known) => (known.clone(), 0),
                    None => ask_service(client, *service, &format!("{label}._tcp.{domain}")).await,
                }
            }
        });
        let answered = join_all(ask).await;
        let queries = answered.iter().map(|(_, queries)| queries).sum();
        self.services = answered.into_iter().map(|(service, _)| service).collect();
        queries
    }

    /// Asks for names below the domain, and for the one that nobody has where that decides.
    async fn ask_names(
        &mut self,
        client: &Client,
        domain: &str,
        mx: &Mx,
        labels: impl IntoIterator<Item = &str>,
    ) -> u32 {
        let is_known = |label: &&str| {
            let known = self.name(label).map(|name| &name.asked);
            known.is_some_and(|asked| !is_open(asked.outcome, asked.error))
        };
        let labels: Vec<_> = labels
            .into_iter()
            .filter(|label| !is_known(label))
            .collect();
        let ask = labels.iter().map(|label| ask_name(client, label, domain));
        let answered = join_all(ask).await;
        let mut queries = answered.iter().map(|(_, queries)| queries).sum();
        self.names
            .retain(|name| !labels.contains(&name.label.as_str()));
        self.names
            .extend(answered.into_iter().map(|(name, _)| name));
        let is_open = |name: &Name| is_open(name.asked.outcome, name.asked.error);
        let wants_nobody = self.names.iter().any(|name| needs_nobody(name, domain, mx));
        if wants_nobody && self.nobody.as_ref().is_none_or(is_open) {
            let label = format!("mc{}", dkim::hash(domain));
            let (name, sent) = ask_name(client, &label, domain).await;
            self.nobody = Some(name);
            queries += sent;
        }
        queries
    }

    fn name(&self, label: &str) -> Option<&Name> {
        self.names.iter().find(|name| name.label == label)
    }

    fn service(&self, service: ClientService) -> Option<&Service> {
        self.services.iter().find(|known| known.service == service)
    }

    /// Whether a protocol has SRV records; or why that is not known.
    fn published(&self, protocol: &Protocol) -> Result<bool, ErrorCode> {
        let mut published = false;
        for (service, ..) in &protocol.services {
            let asked = self.service(*service).map(|service| &service.asked);
            published |= is_found(asked)?;
        }
        Ok(published)
    }

    /// Whether a name is there and no wildcard made it; or why that is not known.
    fn is_there(&self, label: &str, domain: &str, mx: &Mx) -> Result<bool, ErrorCode> {
        let name = self.name(label);
        if !is_found(name.map(|name| &name.asked))? {
            return Ok(false);
        }
        let Some(name) = name.filter(|name| needs_nobody(name, domain, mx)) else {
            return Ok(name.is_some_and(|name| name.synthesised != Some(true)));
        };
        let nobody = self.nobody.as_ref();
        let is_wildcard = is_found(nobody.map(|nobody| &nobody.asked))?;
        Ok(!is_wildcard || nobody.is_none_or(|nobody| nobody.leads_to != name.leads_to))
    }

    /// Fills the columns of a domain that takes mail.
    pub fn fill(&self, row: &mut DomainRow) {
        let (domain, mx) = (row.domain.as_str(), &row.mx);
        let mut kept = Kept::default();
        let [imap, pop3, submission] = PROTOCOLS.map(|protocol| {
            let hosts = self.hosts(&protocol, domain, mx);
            kept.add(hosts)
        });
        let webmail = self.is_there(WEBMAIL.0, domain, mx).map(|is_there| {
            let host = is_there.then(|| ClientHost {
                service: ClientService::Webmail,
                host: format!("{}.{domain}", WEBMAIL.0),
                port: WEBMAIL.1,
                source: ClientSource::Name,
            });
            Vec::from_iter(host)
        });
        let webmail = kept.add(webmail);
        let nobody = self.nobody.as_ref().map(|nobody| nobody.asked.outcome);
        let signed = self.names.iter().any(|name| name.synthesised == Some(true));
        row.client_search = ClientSearch {
            imap,
            pop3,
            submission,
            webmail,
            wildcard: match nobody {
                Some(Outcome::Found) => Some(true),
                Some(Outcome::Absent) => Some(signed),
                _ => signed.then_some(true),
            },
            truncated: kept.truncated,
        };
        row.clients = kept.hosts;
    }

    /// The hosts of a protocol; or why they are not known.
    fn hosts(
        &self,
        protocol: &Protocol,
        domain: &str,
        mx: &Mx,
    ) -> Result<Vec<ClientHost>, ErrorCode> {
        if self.published(protocol)? {
            return Ok(self.targets(protocol));
        }
        for label in [protocol.label, MAIL] {
            if self.is_there(label, domain, mx)? {
                let host = format!("{label}.{domain}");
                return Ok(usual(protocol, ClientSource::Name, [host.as_str()]));
            }
        }
        let hosts = MxRecord::hosts(mx.kind, domain, &mx.records);
        Ok(usual(protocol, ClientSource::Mx, hosts))
    }

    /// What the SRV records of a protocol say.
    fn targets(&self, protocol: &Protocol) -> Vec<ClientHost> {
        let targets = |service| {
            let known = self.service(service);
            known.map_or(&[][..], |known| known.targets.as_slice())
        };
        let all = || protocol.services.iter().map(|(service, ..)| *service);
        let mut hosts = Vec::new();
        for (service, _, usual) in &protocol.services {
            let own = targets(*service);
            let others = all().flat_map(targets).filter(|(host, _)| host != ".");
            let others = others.map(|(host, _)| (host, *usual));
            let own = own.iter().map(|(host, port)| (host, *port));
            let known: Vec<_> = match own.len() {
                0 => others.collect(),
                _ => own.collect(),
            };
            hosts.extend(known.into_iter().map(|(host, port)| ClientHost {
                service: *service,
                host: host.clone(),
                port,
                source: ClientSource::Srv,
            }));
        }
        hosts
    }
}

/// What is kept of the hosts.
#[derive(Default)]
struct Kept {
    hosts: Vec<ClientHost>,
    truncated: bool,
}

impl Kept {
    /// Keeps the first hosts of each service.
    fn add(&mut self, hosts: Result<Vec<ClientHost>, ErrorCode>) -> Searched {
        let hosts = match hosts {
            Ok(hosts) => hosts,
            Err(error) => {
                return Searched {
                    outcome: Outcome::Failed,
                    error: Some(error),
                };
            }
        };
        let offered = hosts.iter().any(|host| host.host != ".");
        for host in hosts {
            if self.hosts.contains(&host) {
                continue;
            }
            let same = |kept: &&ClientHost| kept.service == host.service;
            match self.hosts.iter().filter(same).count() < HOSTS {
                true => self.hosts.push(host),
                false => self.truncated = true,
            }
        }
        Searched {
            outcome: match offered {
                true => Outcome::Found,
                false => Outcome::Absent,
            },
            error: None,
        }
    }
}

/// Hosts with the usual ports.
fn usual<'a>(
    protocol: &Protocol,
    source: ClientSource,
    hosts: impl IntoIterator<Item = &'a str>,
) -> Vec<ClientHost> {
    let hosts: Vec<_> = hosts.into_iter().collect();
    let services = protocol.services.iter();
    let of = |(service, _, port): &(ClientService, &str, u16)| {
        let (service, port) = (*service, *port);
        let host = move |host: &&str| ClientHost {
            service,
            host: (*host).to_owned(),
            port,
            source,
        };
        hosts.iter().map(host).collect::<Vec<_>>()
    };
    services.flat_map(of).collect()
}

/// Whether there is an answer with data; or why that is not known.
fn is_found(asked: Option<&Asked>) -> Result<bool, ErrorCode> {
    let Some(asked) = asked else {
        return Ok(false);
    };
    match answer::has_failed(asked.outcome, asked.error) {
        true => Err(asked.error.unwrap_or(ErrorCode::InternalError)),
        false => Ok(asked.outcome == Outcome::Found),
    }
}

/// Whether only the name that nobody has tells this one from a wildcard.
fn needs_nobody(name: &Name, domain: &str, mx: &Mx) -> bool {
    let is_found = name.asked.outcome == Outcome::Found;
    let host = format!("{}.{domain}", name.label);
    let takes_mail = mx.records.iter().any(|record| record.host == host);
    is_found && name.synthesised.is_none() && !takes_mail
}

async fn ask_service(client: &Client, service: ClientService, question: &str) -> (Service, u32) {
    let answer = ask(client, question, RecordType::SRV).await;
    let mut records: Vec<_> = answer
        .data()
        .filter_map(|data| match data {
            RData::SRV(srv) => {
                let order = (srv.priority, std::cmp::Reverse(srv.weight));
                Some((order, text_of(&srv.target), srv.port))
            }
            _ => None,
        })
        .collect();
    records.sort();
    // RFC 2782: a record with target `.` stands alone.
    if records.iter().any(|(_, host, _)| host != ".") {
        records.retain(|(_, host, _)| host != ".");
    }
    let target = |(_, host, port): (_, String, u16)| match host.as_str() {
        "." => (host, 0),
        _ => (host, port),
    };
    let service = Service {
        service,
        asked: Asked::from(&answer),
        targets: records.into_iter().map(target).collect(),
    };
    (service, answer.queries)
}

/// Whether a name has an address: IPv6 only where it has none of IPv4.
async fn ask_name(client: &Client, label: &str, domain: &str) -> (Name, u32) {
    let question = format!("{label}.{domain}");
    let mut answer = ask(client, &question, RecordType::A).await;
    let mut queries = answer.queries;
    let is_gone = matches!(answer.denial, Some(Denial::Nxdomain | Denial::Compact));
    if answer.outcome != Outcome::Found && !is_gone {
        let other = ask(client, &question, RecordType::AAAA).await;
        queries += other.queries;
        // Where one failed, only the other one's addresses say something.
        if other.outcome == Outcome::Found || answer.outcome == Outcome::Absent {
            answer = other;
        }
    }
    let alias = answer.names.get(1..).and_then(<[_]>::last);
    let mut leads_to: Vec<_> = match alias {
        Some(alias) => vec![text_of(alias)],
        None => {
            let addresses = answer.data().filter_map(RData::ip_addr);
            addresses.map(|ip| ip.to_string()).collect()
        }
    };
    leads_to.sort();
    let name = Name {
        label: label.to_owned(),
        asked: Asked::from(&answer),
        leads_to,
        // That of an alias is about another name.
        synthesised: answer.synthesised().filter(|_| alias.is_none()),
    };
    (name, queries)
}

/// A name that would be too long cannot exist.
async fn ask(client: &Client, question: &str, kind: RecordType) -> Answer {
    match name_of(question) {
        Some(name) => client.ask(&name, kind).await,
        None => Answer::nonexistent(),
    }
}
