//! What a record comes to without a sender: a second reading of RFC 7208, over records that were
//! never text.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::library::{At, Library};
use super::record::Spf;
use super::record::Term::{A, All, Exists, Include, Ip4, Ip6, Modifier, Mx, Ptr, Redirect, Wrong};

/// Terms that are counted.
pub const COUNTED: u16 = 20;
/// Mail hosts that are asked for behind one `mx` (RFC 7208 4.6.4).
pub const EXCHANGES: usize = 10;

/// The domain whose record it is, as `a` and `mx` see it.
pub struct Own<'a> {
    pub name: &'a str,
    pub spf: &'a [Spf],
    pub addresses: Vec<Ipv4Addr>,
    /// Its mail hosts with their addresses; `.` is that of a null MX.
    pub exchanges: Vec<(String, Vec<Ipv4Addr>)>,
}

/// What a record comes to.
#[derive(Debug, Default)]
pub struct Graph {
    /// `all` that decides; none where nobody can know.
    pub effective_all: Option<&'static str>,
    /// Terms that ask the DNS.
    pub lookups: u16,
    /// Names asked for that have nothing.
    pub voids: u16,
    /// Most names behind one `mx`.
    pub mx_names: u16,
    /// Targets without a record.
    pub dangling: BTreeSet<String>,
    pub depends_on_sender: bool,
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
    /// Whether an included record lets everybody send.
    pub includes_all: bool,
    /// The name that nobody can know.
    pub failed: Option<String>,
    /// What is wrong with a record further down: words for it and its name.
    pub fault: Option<(&'static [&'static str], String)>,
}

/// What the record of a domain comes to.
pub fn evaluate(own: &Own<'_>, record: &Spf, library: &Library) -> Graph {
    let mut walk = Walk {
        own,
        library,
        above: vec![own.name.to_owned()],
        graph: Graph::default(),
    };
    let all = walk.record(own.name, record, false);
    Graph {
        effective_all: all,
        ..walk.graph
    }
}

impl Graph {
    /// Addresses of IPv4, each once.
    pub fn ipv4_addresses(&self) -> u64 {
        spans(&self.v4)
            .map(|(from, to)| (to - from + 1) as u64)
            .sum()
    }

    /// Addresses of IPv6, each once.
    pub fn ipv6_addresses(&self) -> f64 {
        spans(&self.v6)
            .map(|(from, to)| (to - from) as f64 + 1.0)
            .sum()
    }
}

/// Spans that neither meet nor overlap.
fn spans(all: &[(u128, u128)]) -> impl Iterator<Item = (u128, u128)> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let mut apart: Vec<(u128, u128)> = Vec::new();
    for (from, to) in sorted {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart.into_iter()
}

/// The span of a network.
fn span(address: u128, bits: u32, length: u8) -> (u128, u128) {
    let free = bits - u32::from(length);
    let mask = if free == 128 {
        u128::MAX
    } else {
        (1 << free) - 1
    };
    (address & !mask, address & !mask | mask)
}

struct Walk<'a> {
    own: &'a Own<'a>,
    library: &'a Library,
    /// Names of the records on the way here.
    above: Vec<String>,
    graph: Graph,
}

impl Walk<'_> {
    /// Says which `all` decides.
    fn record(&mut self, at: &str, record: &Spf, is_included: bool) -> Option<&'static str> {
        for term in &record.terms {
            match term {
                All(word) => {
                    self.graph.includes_all |= is_included && *word == "+all";
                    return Some(lower(word));
                }
                Ip4(ip, length) => self.v4(*ip, *length),
                Ip6(ip, length) => self.graph.v6.push(span(u128::from(*ip), 128, *length)),
                A(name) => self.a(name.as_deref().unwrap_or(at)),
                Mx(name) => self.mx(name.as_deref().unwrap_or(at)),
                Exists(_) | Ptr => {
                    self.graph.lookups += 1;
                    self.graph.depends_on_sender = true;
                }
                Include(target) => {
                    self.graph.lookups += 1;
                    self.follow(at, target, true);
                }
                Redirect(_) | Modifier(_) | Wrong(..) => {}
            }
        }
        // Without `all`, and only then (RFC 7208 6.1).
        match record.redirect() {
            Some(target) => {
                self.graph.lookups += 1;
                self.follow(at, target, is_included)
            }
            None => Some("none"),
        }
    }

    fn v4(&mut self, ip: Ipv4Addr, length: u8) {
        let ip = u128::from(u32::from(ip));
        self.graph.v4.push(span(ip, 32, length));
    }

    fn host(&mut self, (v4, v6): (Vec<Ipv4Addr>, Vec<Ipv6Addr>)) -> u16 {
        let is_void = v4.is_empty() && v6.is_empty();
        v4.into_iter().for_each(|ip| self.v4(ip, 32));
        let v6 = v6.into_iter().map(|ip| span(u128::from(ip), 128, 128));
        self.graph.v6.extend(v6);
        u16::from(is_void)
    }

    fn a(&mut self, name: &str) {
        self.graph.lookups += 1;
        let addresses = match name == self.own.name {
            true => (self.own.addresses.clone(), Vec::new()),
            false => self.library.addresses(name),
        };
        self.graph.voids += self.host(addresses);
    }

    fn mx(&mut self, name: &str) {
        self.graph.lookups += 1;
        let (is_void, hosts): (bool, Vec<_>) = match name == self.own.name {
            true => {
                let all = &self.own.exchanges;
                // A null MX is an answer, and nobody is behind it (RFC 7505 3).
                let hosts = all.iter().filter(|(host, _)| host != ".");
                let hosts = hosts.map(|(_, ips)| (ips.clone(), Vec::new()));
                (all.is_empty(), hosts.collect())
            }
            false => {
                let all = self.library.exchanges(name);
                let hosts = all.iter().map(|host| self.library.addresses(host));
                (all.is_empty(), hosts.collect())
            }
        };
        self.graph.voids += u16::from(is_void);
        self.graph.mx_names = self.graph.mx_names.max(hosts.len() as u16);
        for host in hosts.into_iter().take(EXCHANGES) {
            self.graph.voids += self.host(host);
        }
    }

    fn follow(&mut self, at: &str, target: &str, is_included: bool) -> Option<&'static str> {
        // The one macro that is the same for every sender (RFC 7208 7.2).
        let target = target.to_ascii_lowercase().replace("%{d}", at);
        if target.contains('%') {
            self.graph.depends_on_sender = true;
            return None;
        }
        if self.above.contains(&target) {
            return self.wrong(&["loop"], target);
        }
        let own;
        let here = match target == self.own.name {
            true => {
                own = At::Records(self.own.spf.to_vec());
                &own
            }
            false => self.library.at(&target),
        };
        match here {
            At::Failed => {
                self.graph.failed.get_or_insert(target);
                None
            }
            At::Nothing | At::Other => {
                self.graph.voids += u16::from(*here == At::Nothing);
                self.graph.dangling.insert(target.clone());
                self.wrong(&["no_record"], target)
            }
            At::Records(records) => match records.as_slice() {
                [one] if one.fault().is_empty() => {
                    self.above.push(target.clone());
                    let all = self.record(&target, one, is_included);
                    self.above.pop();
                    all
                }
                [one] => self.wrong(one.fault(), target),
                _ => self.wrong(&["several_records"], target),
            },
        }
    }

    fn wrong(&mut self, words: &'static [&'static str], name: String) -> Option<&'static str> {
        self.graph.fault.get_or_insert((words, name));
        Some("none")
    }
}

fn lower(word: &'static str) -> &'static str {
    match word {
        "-ALL" => "-all",
        other => other,
    }
}
