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
use super::clients;
use super::tls::{self, Names, Said};
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{AttemptOutcome, ErrorCode, Family, Outcome, Rpki, Security};
use crate::table::country::Country;
use crate::table::preflight::Preflight;
use crate::table::rows::{
    Attempt, Hello, Offer, Starttls, TableName, Tls, TlsaAgain, TlsaRecord, Versions,
};
use crate::table::tls_codes::{Depth, SecondCertificate};
use crate::verdict::facts::{self, Again, Answered, Chain, Named, Server};

/// The port of mail servers; others are those that clients use.
const RELAY: u16 = 25;

const ADDRESS: [&str; 14] = [
    "ip",
    "port",
    "family",
    "connections",
    "country",
    "rpki",
    "tcp.error",
    "banner_code",
    "starttls.outcome",
    "starttls.error",
    "tls.alert",
    "attempts.list.item.outcome",
    "attempts.list.item.error",
    "hellos.list.item.alert",
];
const LINK: [&str; 18] = [
    "host",
    "ip",
    "port",
    "country",
    "rpki",
    "tcp.error",
    "chains.list.item.source",
    "chains.list.item.dates",
    "chains.list.item.name_match",
    "chains.list.item.tlsa_matches",
    "chains.list.item.tlsa_again_matches",
    "chains.list.item.seen",
    "chains.list.item.key_type",
    "chains.list.item.pkix",
    "chains.list.item.certificates",
    "tls.error",
    "second_certificate",
    "tlsa_again",
];

/// One address of a host.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub host: u32,
    pub server: u32,
    pub named: Named,
    first_chain: u32,
    chains: u32,
}

impl Link {
    /// A host, where it leads, and the chains that count for it, which are kept with the others.
    pub fn new(
        (host, server): (u32, u32),
        named: Named,
        kept: &mut Vec<Chain>,
        chains: impl Iterator<Item = Chain>,
    ) -> Self {
        let first = kept.len();
        kept.extend(chains);
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Self {
            host,
            server,
            named,
            first_chain: number(first),
            chains: number(kept.len() - first),
        }
    }

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
    country: Option<String>,
    rpki: Option<Rpki>,
    tcp: TcpError,
    banner_code: Option<u16>,
    starttls: Starttls,
    tls: Tls,
    attempts: Vec<Attempt>,
    #[serde(default)]
    depth: Depth,
    #[serde(default)]
    versions: Versions,
    #[serde(default)]
    weak_cipher: Option<String>,
    #[serde(default)]
    ciphers: Offer,
    #[serde(default)]
    groups: Offer,
    /// None where the tables are older than the column.
    hellos: Option<Vec<Hello>>,
}

#[derive(Default, Deserialize)]
struct TcpError {
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct LinkRow {
    host: String,
    ip: String,
    port: u16,
    country: Option<String>,
    rpki: Option<Rpki>,
    tcp: TcpError,
    #[serde(default)]
    tls: TcpError,
    chains: Vec<chains::Row>,
    #[serde(default)]
    second_certificate: SecondCertificate,
    tlsa_again: Option<TlsaAgain>,
}

type Addresses = HashMap<(IpAddr, u16), u32>;

/// Reads certificates and endpoints.
pub fn read(evidence: &mut Evidence, store: &Store, preflight: &Preflight) -> Result<()> {
    let path = answered::path(store, preflight)?;
    let mut names = Names::new();
    let addresses = addresses(evidence, store, path, &mut names)?;
    let mut chains = Chains::read(store)?;
    links(evidence, store, &addresses, &mut chains)?;
    clients::read(evidence, store, &mut names, &mut chains)?;
    evidence.lists.names = names.list();
    (evidence.lists.trust, evidence.lists.keys) = chains.lists();
    Ok(())
}

/// What each address did that spoke for itself.
fn addresses(
    evidence: &mut Evidence,
    store: &Store,
    path: Path,
    names: &mut Names,
) -> Result<Addresses> {
    let columns: Vec<_> = ADDRESS.into_iter().chain(tls::COLUMNS).collect();
    let mut addresses = Addresses::new();
    for batch in store.scan::<AddressRow>(TableName::Endpoints, &columns) {
        for row in batch?.into_iter().filter(|row| row.port == RELAY) {
            let spoke = row.connections > 0 || row.tcp.error.is_some();
            // A name that was left alone says nothing of its address.
            let spared = row.tcp.error == Some(ErrorCode::Excluded);
            if let Some(key) = key(&row.ip, row.port).filter(|_| spoke && !spared) {
                let number = u32::try_from(evidence.servers.len()).unwrap_or(u32::MAX);
                addresses.insert(key, number);
                evidence.servers.push(server(&row, path, names));
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

fn server(row: &AddressRow, path: Path, names: &mut Names) -> Server {
    let error = row.tcp.error;
    let seen = Seen {
        tcp: error,
        connections: row.connections,
        starttls: &row.starttls,
        tls: (row.tls.outcome, row.tls.error),
        alert: row.tls.alert,
        attempts: &row.attempts,
        hellos: row.hellos.as_deref().unwrap_or_default(),
    };
    // After an attempt that broke, no hybrid group is offered.
    let broke = |one: &Attempt| one.outcome == AttemptOutcome::Broken;
    let tls = names.tls(&Said {
        depth: row.depth,
        handshake: &row.tls,
        versions: &row.versions,
        weak_cipher: row.weak_cipher.as_deref(),
        ciphers: &row.ciphers,
        groups: &row.groups,
        hellos: row.hellos.as_deref(),
        offers_hybrid: !row.attempts.iter().any(broke),
    });
    Server {
        ipv6: row.family == Family::Ipv6,
        reached: row.banner_code == Some(220),
        refused: error == Some(ErrorCode::Refused),
        special: error == Some(ErrorCode::SpecialPurpose),
        country: row.country.as_deref().and_then(Country::parse),
        rpki: row.rpki,
        starttls: answered::answered(&seen, path),
        tls,
    }
}

/// Which host leads to which address, host by host.
fn links(
    evidence: &mut Evidence,
    store: &Store,
    addresses: &Addresses,
    chains: &mut Chains,
) -> Result<()> {
    for batch in store.scan::<LinkRow>(TableName::Endpoints, &LINK) {
        for row in batch?.into_iter().filter(|row| row.port == RELAY) {
            let Some(host) = evidence.host_names.find(&row.host) else {
                continue;
            };
            let Some(server) = server_of(evidence, &row, addresses) else {
                continue;
            };
            let again = row
                .tlsa_again
                .as_ref()
                .map_or(0, |one| counting(&one.records));
            let judged = row.chains.iter().map(|chain| chains.chain(chain, again));
            let link = Link::new((host, server), named(&row), &mut evidence.chains, judged);
            evidence.links.push(link);
        }
    }
    evidence.links.sort_by_key(|link| link.host);
    evidence.first_link = first_links(evidence.hosts.len(), &evidence.links);
    Ok(())
}

/// What was done for the sake of the host of a row.
fn named(row: &LinkRow) -> Named {
    let own = || row.chains.iter().filter(|chain| chain.is_own());
    let has = |rsa: bool| own().any(|chain| chain.is_rsa() == rsa);
    let told = matches!(
        row.second_certificate,
        SecondCertificate::Shown | SecondCertificate::None
    );
    Named {
        // Of a name that was shown its own chain, other handshakes may have failed.
        unseen: row.tls.error.filter(|_| own().next().is_none()),
        again: row.tlsa_again.as_ref().map_or(Again::NotAsked, again),
        knows_other_key: told || (has(true) && has(false)),
    }
}

/// The records that clients go by, by position; see [`facts::place`].
pub fn counting(records: &[TlsaRecord]) -> u64 {
    let all = records.iter().enumerate();
    all.filter(|(_, record)| record.counts(records))
        .fold(0, |mask, (at, _)| mask | facts::place(at))
}

fn again(asked: &TlsaAgain) -> Again {
    let usable = asked.records.iter().any(|record| record.usable);
    match (asked.outcome, asked.security) {
        (Outcome::Found, Security::Secure) if usable => Again::Found,
        (Outcome::Found | Outcome::Absent, Security::Secure | Security::Insecure) => Again::Gone,
        _ => Again::Failed,
    }
}

/// The server of a row: its own where the name was left alone.
fn server_of(evidence: &mut Evidence, row: &LinkRow, addresses: &Addresses) -> Option<u32> {
    let key = key(&row.ip, row.port)?;
    if row.tcp.error == Some(ErrorCode::Excluded) {
        let number = u32::try_from(evidence.servers.len()).ok()?;
        evidence.servers.push(spared(key.0, row));
        return Some(number);
    }
    addresses.get(&key).copied()
}

/// A server that was left alone.
fn spared(ip: IpAddr, row: &LinkRow) -> Server {
    Server {
        ipv6: ip.is_ipv6(),
        reached: false,
        refused: false,
        special: false,
        country: row.country.as_deref().and_then(Country::parse),
        rpki: row.rpki,
        starttls: Answered::Unknown(ErrorCode::Excluded),
        tls: facts::Tls::default(),
    }
}

/// Where the links of each host begin, and at last where they end.
pub fn first_links(hosts: usize, links: &[Link]) -> Vec<u32> {
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
