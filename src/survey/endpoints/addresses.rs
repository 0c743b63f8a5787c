//! From hosts to distinct addresses: whoever leads there, most used first.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::error::Result;
use crate::order::Order;
use crate::table::Store;
use crate::table::rows::{Addresses, TableName, Tlsa};

/// The port of SMTP relay (RFC 5321 4.5.4.2).
pub const SMTP: u16 = 25;

/// What probing needs of a mail host.
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
}

/// All mail hosts.
#[derive(Debug, Default)]
pub struct Hosts(Vec<Host>);

/// An address and the hosts that lead to it.
#[derive(Debug, Clone)]
pub struct Address {
    /// Address and port.
    pub socket: SocketAddr,
    /// Places in [`Hosts`]: most domains first, ties by name. Never empty.
    hosts: Vec<u32>,
}

impl Hosts {
    /// Reads the hosts of a survey.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read(store: &Store) -> Result<Self> {
        let mut hosts = Vec::new();
        let columns = ["host", "domains", "addresses", "tlsa"];
        for batch in store.scan::<Host>(TableName::Hosts, &columns) {
            hosts.extend(batch?);
        }
        Ok(Self(hosts))
    }

    /// The distinct addresses, in the order of work.
    pub fn addresses(&self, order: Order) -> Vec<Address> {
        let mut by_ip: HashMap<IpAddr, Vec<u32>> = HashMap::new();
        for (at, host) in (0..).zip(&self.0) {
            for ip in host.addresses.ips.iter().filter_map(|ip| ip.parse().ok()) {
                by_ip.entry(ip).or_default().push(at);
            }
        }
        let mut addresses: Vec<_> = by_ip
            .into_iter()
            .map(|(ip, mut hosts)| {
                hosts.sort_by_key(|at| {
                    let host = &self.0[*at as usize];
                    (std::cmp::Reverse(host.domains), host.host.as_str())
                });
                Address {
                    socket: SocketAddr::new(ip, SMTP),
                    hosts,
                }
            })
            .collect();
        addresses.sort_by_cached_key(|address| order.hash(&address.socket.ip().to_string()));
        addresses
    }

    /// The name to greet an address by: the most used one.
    pub fn name_of<'a>(&'a self, address: &'a Address) -> &'a str {
        self.of(address).next().map_or("", |host| &host.host)
    }

    /// The hosts that lead to an address.
    pub fn of<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Host> {
        address.hosts.iter().map(|at| &self.0[*at as usize])
    }
}
