//! What the addresses did, and which host leads to which.
//!
//! A row with `connections` 0 leans on the row of the same address that opened the connection, so
//! that the addresses are read first, and the links of the hosts after them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Range;

use serde::Deserialize;

use super::Evidence;
use super::answered::{self, Path, Seen};
use super::chains::{self, Chains};
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{ErrorCode, Family};
use crate::table::preflight::Preflight;
use crate::table::rows::{Attempt, Starttls, TableName};
use crate::verdict::facts::{Answered, Server, Version};

const ADDRESS: [&str; 13] = [
    "ip",
    "port",
    "family",
    "connections",
    "tcp.error",
    "banner_code",
    "starttls.outcome",
    "starttls.error",
    "tls.outcome",
    "tls.error",
    "tls.version",
    "tls.cipher",
    "tls.group",
];
const LINK: [&str; 10] = [
    "host",
    "ip",
    "port",
    "tcp.error",
    "chains.list.item.source",
    "chains.list.item.dates",
    "chains.list.item.name_match",
    "chains.list.item.tlsa_matches",
    "chains.list.item.pkix",
    "chains.list.item.certificates",
];

/// One address of a host.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub host: u32,
    pub server: u32,
    first_chain: u32,
    chains: u32,
}

impl Link {
    /// Places of its chains.
    pub fn chains(&self) -> Range<usize> {
        let first = self.first_chain as usize;
        first..first + self.chains as usize
    }
}

#[derive(Deserialize)]
struct AddressRow {
    ip: String,
    port: u16,
    family: Family,
    connections: u16,
    tcp: TcpError,
    banner_code: Option<u16>,
    starttls: Starttls,
    tls: Tls,
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct TcpError {
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct Tls {
    outcome: crate::table::codes::TlsOutcome,
    error: Option<ErrorCode>,
    version: Option<String>,
    cipher: Option<String>,
    group: Option<String>,
}

#[derive(Deserialize)]
struct LinkRow {
    host: String,
    ip: String,
    port: u16,
    tcp: TcpError,
    chains: Vec<chains::Row>,
}

type Addresses = HashMap<(IpAddr, u16), u32>;

/// Reads certificates and endpoints.
pub fn read(evidence: &mut Evidence, store: &Store, preflight: &Preflight) -> Result<()> {
    let path = answered::path(store, preflight)?;
    let addresses = addresses(evidence, store, path)?;
    let chains = Chains::read(store)?;
    links(evidence, store, &addresses, chains)
}

/// What each address did that spoke for itself.
fn addresses(evidence: &mut Evidence, store: &Store, path: Path) -> Result<Addresses> {
    let columns: Vec<_> = ADDRESS
        .into_iter()
        .chain(["attempts.list.item.outcome", "attempts.list.item.error"])
        .collect();
    let mut addresses = Addresses::new();
    for batch in store.scan::<AddressRow>(TableName::Endpoints, &columns) {
        for row in batch? {
            let spoke = row.connections > 0 || row.tcp.error.is_some();
            // A name that was left alone says nothing of its address.
            let spared = row.tcp.error == Some(ErrorCode::Excluded);
            if let Some(key) = key(&row.ip, row.port).filter(|_| spoke && !spared) {
                let number = u32::try_from(evidence.servers.len()).unwrap_or(u32::MAX);
                addresses.insert(key, number);
                evidence.servers.push(server(&row, path));
            }
        }
    }
    for ipv6 in [false, true] {
        doubt_refusals(&mut evidence.servers, ipv6);
    }
    Ok(addresses)
}

/// Where nobody at all greets over IPv4, or IPv6, port 25 is closed on our side that way, and a
/// refusal says nothing.
fn doubt_refusals(servers: &mut [Server], ipv6: bool) {
    let of_family = |server: &&mut Server| server.ipv6 == ipv6;
    if servers
        .iter()
        .any(|server| server.ipv6 == ipv6 && server.reached)
    {
        return;
    }
    for server in servers.iter_mut().filter(of_family) {
        server.refused = false;
    }
}

fn key(ip: &str, port: u16) -> Option<(IpAddr, u16)> {
    Some((ip.parse().ok()?, port))
}

fn server(row: &AddressRow, path: Path) -> Server {
    let error = row.tcp.error;
    let seen = Seen {
        tcp: error,
        connections: row.connections,
        starttls: &row.starttls,
        tls: (row.tls.outcome, row.tls.error),
        attempts: &row.attempts,
    };
    Server {
        ipv6: row.family == Family::Ipv6,
        reached: row.banner_code == Some(220),
        refused: error == Some(ErrorCode::Refused),
        special: error == Some(ErrorCode::SpecialPurpose),
        starttls: answered::answered(&seen, path),
        version: row.tls.version.as_deref().and_then(Version::of),
        forward_secrecy: row.tls.cipher.as_deref().and_then(is_ephemeral),
        hybrid: row.tls.group.as_deref().map(is_hybrid),
        confirmed: answered::completed(&row.attempts) > 1,
    }
}

/// Whether a group is a hybrid post-quantum one, by its IANA name. `MLKEM768` alone is none.
fn is_hybrid(group: &str) -> bool {
    group.contains("MLKEM") && !group.starts_with("MLKEM")
}

/// Whether a suite has ephemeral keys, by its IANA name; those of TLS 1.3 always do. None for a name
/// that is not the registry's.
fn is_ephemeral(suite: &str) -> Option<bool> {
    let tls_1_3 = ["TLS_AES_", "TLS_CHACHA20_", "TLS_SHA"];
    let before = ["TLS_ECDHE_", "TLS_DHE_"];
    let starts = |list: &[&str]| list.iter().any(|start| suite.starts_with(start));
    (suite.starts_with("TLS_") && suite.contains("_WITH_") || starts(&tls_1_3))
        .then(|| starts(&tls_1_3) || starts(&before))
}

/// Which host leads to which address, host by host.
fn links(
    evidence: &mut Evidence,
    store: &Store,
    addresses: &Addresses,
    mut chains: Chains,
) -> Result<()> {
    for batch in store.scan::<LinkRow>(TableName::Endpoints, &LINK) {
        for row in batch? {
            let Some(host) = evidence.host_names.find(&row.host) else {
                continue;
            };
            let Some(server) = server_of(evidence, &row, addresses) else {
                continue;
            };
            let first_chain = u32::try_from(evidence.chains.len()).unwrap_or(u32::MAX);
            let judged = row.chains.iter().map(|chain| chains.chain(chain));
            evidence.chains.extend(judged);
            evidence.links.push(Link {
                host,
                server,
                first_chain,
                chains: u32::try_from(row.chains.len()).unwrap_or(u32::MAX),
            });
        }
    }
    (evidence.lists.trust, evidence.lists.keys) = chains.lists();
    evidence.links.sort_by_key(|link| link.host);
    evidence.first_link = first_links(evidence.hosts.len(), &evidence.links);
    Ok(())
}

/// The server of a row: its own where the name was left alone.
fn server_of(evidence: &mut Evidence, row: &LinkRow, addresses: &Addresses) -> Option<u32> {
    let key = key(&row.ip, row.port)?;
    if row.tcp.error == Some(ErrorCode::Excluded) {
        let number = u32::try_from(evidence.servers.len()).ok()?;
        evidence.servers.push(spared(key.0));
        return Some(number);
    }
    addresses.get(&key).copied()
}

/// A server that was left alone.
fn spared(ip: IpAddr) -> Server {
    Server {
        ipv6: ip.is_ipv6(),
        reached: false,
        refused: false,
        special: false,
        starttls: Answered::Unknown(ErrorCode::Excluded),
        version: None,
        forward_secrecy: None,
        hybrid: None,
        confirmed: false,
    }
}

fn first_links(hosts: usize, links: &[Link]) -> Vec<u32> {
    let mut first = Vec::with_capacity(hosts + 1);
    let mut at = 0;
    for host in 0..=hosts {
        while links
            .get(at)
            .is_some_and(|link| (link.host as usize) < host)
        {
            at += 1;
        }
        first.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    first
}
