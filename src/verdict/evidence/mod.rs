//! The facts of a survey, joined: hosts, servers and zones in memory, domains as they stream by.
//! Memory grows with the number of hosts, addresses and zones: some hundred bytes each.
//!
//! [`Evidence::read`] reads the tables, [`Evidence::case`] puts a domain together. [`hosts`],
//! [`servers`], [`chains`], [`policies`] and [`zones`] read a table each; [`answered`] knows what an address said
//! to STARTTLS, [`tls`] what is behind it.

mod answered;
mod chains;
mod hosts;
mod once;
mod policies;
mod servers;
mod suites;
mod tls;
mod zones;

use std::collections::HashMap;

use super::case::{Case, Endpoint, MailHost};
use super::facts::{Chain, Domain, Host, Lists, Server};
use super::sts::Policy;
use crate::error::Result;
use crate::names::Names;
use crate::table::Store;
use crate::table::codes::MxKind;
use crate::table::manifest::Manifest;
use crate::table::rows::MxRecord;
use servers::Link;

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
    /// Names of zones; their facts have the same numbers.
    zone_names: Names,
    lists: Lists,
    /// Policies of MTA-STS by domain.
    policies: HashMap<String, Policy>,
}

impl Evidence {
    /// Reads zones, hosts, certificates, endpoints and policies.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        let manifest = Manifest::read(store.dir())?.unwrap_or_default();
        let mut evidence = Self::default();
        zones::read(&mut evidence, store)?;
        hosts::read(&mut evidence, store)?;
        servers::read(&mut evidence, store, &manifest.vantage.preflight)?;
        policies::read(&mut evidence, store)?;
        Ok(evidence)
    }

    /// A domain with its hosts by preference.
    pub fn case<'a>(&'a self, domain: &'a Domain) -> Case<'a> {
        let zone = domain
            .zone
            .as_deref()
            .and_then(|zone| self.zone_names.find(zone));
        let hosts = match domain.mx.kind {
            Some(MxKind::Implicit) => vec![self.host(&domain.domain)],
            Some(MxKind::Explicit) => MxRecord::naming_hosts(&domain.mx.records)
                .map(|record| self.host(&record.host))
                .collect(),
            _ => Vec::new(),
        };
        let policy = self.policies.get(&domain.domain);
        Case::new(domain, zone, hosts, policy, &self.lists)
    }

    fn host<'a>(&'a self, name: &'a str) -> MailHost<'a> {
        let Some(number) = self.host_names.find(name) else {
            return MailHost {
                name,
                facts: None,
                endpoints: Vec::new(),
            };
        };
        let endpoints = self.links_of(number).iter().map(|link| Endpoint {
            server: &self.servers[link.server as usize],
            chains: &self.chains[link.chains()],
        });
        MailHost {
            name,
            facts: self.hosts.get(number as usize),
            endpoints: endpoints.collect(),
        }
    }

    fn links_of(&self, host: u32) -> &[Link] {
        let bound = |at: usize| self.first_link.get(at).map(|place| *place as usize);
        match (bound(host as usize), bound(host as usize + 1)) {
            (Some(start), Some(end)) => &self.links[start..end],
            _ => &[],
        }
    }
}
