//! The facts of a survey, joined: hosts, servers and zones in memory, domains as they stream by.
//! Memory grows with the number of hosts, addresses and zones: some hundred bytes each.
//!
//! [`Evidence::read`] reads the tables, [`domains`] theirs, [`Evidence::case`] puts one together. [`hosts`],
//! [`servers`] and [`clients`], [`chains`], [`policies`], [`webmail`] and [`zones`] read a table each;
//! [`answered`] knows what an address said to STARTTLS, [`tls`] what is behind it.

mod answered;
mod chains;
mod clients;
mod hosts;
mod once;
mod policies;
mod servers;
mod tls;
mod webmail;
mod zones;

use std::collections::HashMap;

use super::case::{Case, Client, ClientEndpoint, Endpoint, MailHost};
use super::facts::{Chain, ClientPort, DOMAIN_COLUMNS, Domain, Host, Lists, Server};
use super::sts::Policy;
use super::web::Webmail;
use crate::error::Result;
use crate::names::Names;
use crate::table::Store;
use crate::table::codes::Outcome;
use crate::table::manifest::{COUNTRY_TABLE, Manifest, RPKI_TABLE};
use crate::table::rows::{ClientHost, MxRecord, TableName};
use servers::Link;

/// The domains as they stream by, with what can be believed of them.
pub fn domains(store: &Store) -> impl Iterator<Item = Result<Vec<Domain>>> + use<> {
    let domains = store.scan::<Domain>(TableName::Domains, DOMAIN_COLUMNS);
    domains.map(|batch| {
        let mut batch = batch?;
        batch.iter_mut().for_each(Domain::disbelieve);
        Ok(batch)
    })
}

/// Everything but the domains.
#[derive(Default)]
pub struct Evidence {
    /// Names of mail hosts; their facts have the same numbers.
    host_names: Names,
    hosts: Vec<Host>,
    /// Where the links of each host begin, and at last where they end.
    first_link: Vec<u32>,
    /// Addresses of hosts, host by host.
    links: Vec<Link>,
    servers: Vec<Server>,
    chains: Vec<Chain>,
    /// Names of hosts that mail clients use; their facts have the same numbers.
    client_hosts: Names,
    /// What became of the question for their addresses.
    client_addresses: Vec<Outcome>,
    /// As for mail hosts.
    first_client_link: Vec<u32>,
    /// As for mail hosts.
    client_links: Vec<Link>,
    client_ports: Vec<ClientPort>,
    /// Names of zones; their facts have the same numbers.
    zone_names: Names,
    lists: Lists,
    /// Policies of MTA-STS by domain.
    policies: HashMap<String, Policy>,
    /// Webmail by domain.
    webmail: HashMap<String, Webmail>,
}

impl Evidence {
    /// Reads zones, hosts, certificates, endpoints, policies and webmail.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        let manifest = Manifest::read(store.dir())?.unwrap_or_default();
        let mut evidence = Self::default();
        evidence.lists.has_countries = manifest.data.contains_key(COUNTRY_TABLE);
        evidence.lists.has_rpki = manifest.data.contains_key(RPKI_TABLE);
        zones::read(&mut evidence, store)?;
        hosts::read(&mut evidence, store)?;
        servers::read(&mut evidence, store, &manifest.vantage.preflight)?;
        policies::read(&mut evidence, store)?;
        webmail::read(&mut evidence, store)?;
        Ok(evidence)
    }

    /// A domain with its hosts by preference.
    pub fn case<'a>(&'a self, domain: &'a Domain) -> Case<'a> {
        let zone = domain
            .zone
            .as_deref()
            .and_then(|zone| self.zone_names.find(zone));
        let mx = &domain.mx;
        let hosts = MxRecord::hosts(mx.kind, &domain.domain, &mx.records);
        let hosts = hosts.map(|host| self.host(host)).collect();
        let policy = self.policies.get(&domain.domain);
        let mut case = Case::new(domain, zone, hosts, policy, &self.lists);
        case.webmail = self.webmail.get(&domain.domain);
        let clients = domain.clients.iter();
        case.clients = clients.filter_map(|client| self.client(client)).collect();
        case
    }

    /// A host that the mail clients of a domain use; none where there is none.
    fn client(&self, client: &ClientHost) -> Option<Client<'_>> {
        let protocol = client.service.protocol()?;
        let number = self.client_hosts.find(&client.host);
        let links = number.map_or(&[][..], |number| {
            links_of(&self.first_client_link, &self.client_links, number)
        });
        let ports = links.iter().map(|link| ClientEndpoint {
            port: &self.client_ports[link.server as usize],
            chains: &self.chains[link.chains()],
        });
        let is_meant = |one: &ClientEndpoint<'_>| {
            one.port.port == client.port && one.port.protocol == protocol
        };
        // A dot says that the service is not offered (RFC 6186 3.4).
        (client.host != ".").then(|| Client {
            protocol,
            source: client.source,
            addresses: number
                .and_then(|number| self.client_addresses.get(number as usize).copied()),
            ports: ports.filter(is_meant).collect(),
        })
    }

    fn host<'a>(&'a self, name: &'a str) -> MailHost<'a> {
        let Some(number) = self.host_names.find(name) else {
            return MailHost {
                name,
                facts: None,
                endpoints: Vec::new(),
            };
        };
        let links = links_of(&self.first_link, &self.links, number);
        let endpoints = links.iter().map(|link| Endpoint {
            server: &self.servers[link.server as usize],
            chains: &self.chains[link.chains()],
            named: link.named,
        });
        MailHost {
            name,
            facts: self.hosts.get(number as usize),
            endpoints: endpoints.collect(),
        }
    }

    /// The servers of a host, each with its number: the same address has the same one everywhere.
    pub fn servers<'a>(&'a self, host: &str) -> impl Iterator<Item = (u32, &'a Server)> {
        let number = self.host_names.find(host);
        let links = number.map_or(&[][..], |number| {
            links_of(&self.first_link, &self.links, number)
        });
        links
            .iter()
            .map(|link| (link.server, &self.servers[link.server as usize]))
    }
}

/// The links of a host.
fn links_of<'a>(first: &[u32], links: &'a [Link], host: u32) -> &'a [Link] {
    let bound = |at: usize| first.get(at).map(|place| *place as usize);
    match (bound(host as usize), bound(host as usize + 1)) {
        (Some(start), Some(end)) => &links[start..end],
        _ => &[],
    }
}
