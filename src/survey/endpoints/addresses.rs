//! From hosts to distinct addresses: whoever leads there, most used first.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::Deserialize;

use crate::certificate;
use crate::error::Result;
use crate::order::Order;
use crate::pace::{Excluded, Owners, Whereabouts};
use crate::table::Store;
use crate::table::codes::{Outcome, Role, Security};
use crate::table::row::Moment;
use crate::table::rows::{Addresses, TableName, Tlsa, TlsaRecord};

/// The port of SMTP relay (RFC 5321 4.5.4.2).
const SMTP: u16 = 25;

/// What probing needs of a host.
#[derive(Debug, Clone, Deserialize)]
pub struct Host {
    /// Its name.
    pub host: String,
    /// How many domains lean on it.
    pub domains: u64,
    /// Its addresses.
    pub addresses: Addresses,
    /// Its TLSA records.
    pub tlsa: Tlsa,
    /// Why it is in the table.
    pub roles: Vec<Role>,
}

impl Host {
    /// Whether its TLSA records are secure, and one of them is usable: then a sender goes by them
    /// (RFC 7672 2.2).
    pub fn has_tlsa(&self) -> bool {
        let secure = self.tlsa.outcome == Outcome::Found && self.tlsa.security == Security::Secure;
        secure && self.tlsa.records.iter().any(|record| record.usable)
    }

    /// TLSA records, by position, that a chain matches (RFC 7672 3.2.2: the names that DANE-TA may
    /// find in the leaf are the TLSA base, the MX host and the end of its CNAME chain).
    pub fn matches(&self, records: &[TlsaRecord], chain: &[&[u8]], at: Moment) -> Vec<u8> {
        let canonical = self.addresses.canonical_name.as_deref();
        let names: Vec<&str> = [self.tlsa.base.as_deref(), Some(&self.host), canonical]
            .into_iter()
            .flatten()
            .collect();
        certificate::matches(records, chain, &names, at)
    }

    /// Whether a sender that goes by its TLSA records takes a chain.
    pub fn takes(&self, chain: &[&[u8]], at: Moment) -> bool {
        let records = &self.tlsa.records;
        let mut matches = self.matches(records, chain, at).into_iter();
        matches.any(|place| records[usize::from(place)].counts(records))
    }
}

/// All hosts of a role.
#[derive(Debug, Default)]
pub struct Hosts(Vec<Host>);

/// An address and the hosts that lead to it.
#[derive(Debug, Clone)]
pub struct Address {
    /// Address and port.
    pub socket: SocketAddr,
    /// Who answers for it.
    pub operator: Arc<str>,
    /// Its route and its country; none where no table tells. Most surveys have no such table, and
    /// many addresses wait.
    pub whereabouts: Option<Arc<Whereabouts>>,
    /// Places in [`Hosts`]: most domains first, ties by name. Never empty.
    hosts: Vec<u32>,
    /// Places of hosts that lead here, too, but are left alone.
    spared: Vec<u32>,
}

impl Address {
    /// How many hosts lead here that are not left alone.
    pub fn asked(&self) -> usize {
        self.hosts.len()
    }

    /// Sets the hosts aside that are left alone; false where no other leads here, so that the
    /// address is not to be dialled.
    pub fn spare(&mut self, all: &Hosts, excluded: &Excluded) -> bool {
        if !all.leads_to(self, excluded) {
            return false;
        }
        let is_spared = |at: &u32| excluded.host(&all.0[*at as usize].host);
        self.spared
            .extend(self.hosts.extract_if(.., |at| is_spared(at)));
        true
    }
}

impl Hosts {
    /// Reads the hosts of a survey that have a role.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read(store: &Store, role: Role) -> Result<Self> {
        let mut hosts = Vec::new();
        let columns = ["host", "domains", "addresses", "tlsa", "roles"];
        let has_role = |host: &Host| host.roles.contains(&role);
        for batch in store.scan::<Host>(TableName::Hosts, &columns) {
            hosts.extend(batch?.into_iter().filter(has_role));
        }
        Ok(Self(hosts))
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The distinct addresses for the relay of mail, in the order of work.
    pub fn addresses(&self, order: Order, owners: &Owners) -> Vec<Address> {
        self.ports(order, owners, |_| [SMTP])
    }

    /// The distinct addresses with the ports that are wanted of each host, in the order of work.
    pub fn ports<P: IntoIterator<Item = u16>>(
        &self,
        order: Order,
        owners: &Owners,
        wanted: impl Fn(&str) -> P,
    ) -> Vec<Address> {
        let mut by_socket: HashMap<SocketAddr, Vec<u32>> = HashMap::new();
        for (at, host) in (0..).zip(&self.0) {
            let ips = || host.addresses.ips.iter().filter_map(|ip| ip.parse().ok());
            for port in wanted(&host.host) {
                for ip in ips() {
                    let socket = SocketAddr::new(ip, port);
                    by_socket.entry(socket).or_default().push(at);
                }
            }
        }
        let mut addresses: Vec<_> = by_socket
            .into_iter()
            .map(|(socket, mut hosts)| {
                hosts.sort_by_key(|at| {
                    let host = &self.0[*at as usize];
                    (std::cmp::Reverse(host.domains), host.host.as_str())
                });
                let names = hosts.iter().map(|at| self.0[*at as usize].host.as_str());
                Address {
                    socket,
                    operator: owners.operator(socket.ip(), names),
                    whereabouts: owners.whereabouts(socket.ip()).map(Arc::new),
                    hosts,
                    spared: Vec::new(),
                }
            })
            .collect();
        addresses.sort_by_cached_key(|address| {
            let socket = address.socket;
            (order.hash(&socket.ip().to_string()), socket.port())
        });
        addresses
    }

    /// The name to greet an address by: the most used one.
    pub fn name_of<'a>(&'a self, address: &'a Address) -> &'a str {
        self.of(address).next().map_or("", |host| &host.host)
    }

    /// The name of the host at a place, as [`Self::placed`] counts them.
    pub fn name_at(&self, place: u32) -> &str {
        self.0.get(place as usize).map_or("", |host| &host.host)
    }

    /// Whether a host that is not left alone leads to an address.
    pub fn leads_to(&self, address: &Address, excluded: &Excluded) -> bool {
        self.of(address).any(|host| !excluded.host(&host.host))
    }

    /// The hosts that lead to an address, but those that are left alone.
    pub fn of<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Host> {
        self.placed(address).map(|(_, host)| host)
    }

    /// The same with their places, which stay the same for as long as the survey runs.
    pub fn placed<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = (u32, &'a Host)> {
        let hosts = address.hosts.iter();
        hosts.map(|at| (*at, &self.0[*at as usize]))
    }

    /// The hosts that lead to an address, but are left alone.
    pub fn spared_of<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Host> {
        address.spared.iter().map(|at| &self.0[*at as usize])
    }
}
