//! From what an address did to the rows of every host that leads to it, judged after the fact:
//! trust, dates, names and TLSA each on its own.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::Learned;
use super::addresses::{Address, Host, Hosts};
use super::attempts::Story;
use crate::certificate::{self, TrustStore};
use crate::error::Result;
use crate::pace;
use crate::probe::smtp::Conversation;
use crate::table::Store;
use crate::table::codes::{
    ChainSource, Dates, ErrorCode, Family, NameMatch, Outcome, Pkix, Security, TlsOutcome,
};
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, Chain, EndpointRow, TableName};

/// Depth of this kind of survey.
const DEPTH: &str = "standard";

/// Makes rows.
pub struct Scribe {
    /// All mail hosts.
    pub hosts: Arc<Hosts>,
    /// The store that chains are judged by.
    pub trust: Arc<TrustStore>,
    /// Certificates that are in their table, or on the way there.
    pub known: Mutex<HashSet<String>>,
}

/// The certificates that are committed.
///
/// # Errors
/// When the table cannot be read.
pub fn known(store: &Store) -> Result<Mutex<HashSet<String>>> {
    #[derive(Deserialize)]
    struct Key {
        sha256: String,
    }
    let mut known = HashSet::new();
    for batch in store.scan::<Key>(TableName::Certificates, &["sha256"]) {
        known.extend(batch?.into_iter().map(|key| key.sha256));
    }
    Ok(Mutex::new(known))
}

/// A word for how a conversation ended.
fn outcome(seen: &Conversation) -> &'static str {
    if seen.tls.outcome == TlsOutcome::Completed {
        return "tls";
    }
    let error = seen.tcp.error.or(seen.starttls.error).or(seen.tls.error);
    error.map_or(seen.starttls.outcome.as_str(), ErrorCode::as_str)
}

impl Scribe {
    /// The rows of one address, and a word for how it ended: the first host's row is that of the
    /// connections, the others lean on it.
    pub fn rows(&self, address: &Address, story: &Story) -> (&'static str, Learned) {
        let seen = story.furthest_first();
        let sent = Sent::of(&seen, &self.trust);
        let mut endpoints = Vec::new();
        for (at, host) in self.hosts.of(address).enumerate() {
            endpoints.push(match at {
                0 => opener(address, story, seen[0], host, &sent),
                _ => leaning(address, story, seen[0], host, &sent),
            });
        }
        for host in self.hosts.spared_of(address) {
            let mut row = base(address, seen[0].observed_at, host);
            row.tcp.error = Some(ErrorCode::Excluded);
            endpoints.push(row);
        }
        let certificates = sent.into_iter().flat_map(|sent| sent.certificates);
        let learned = Learned {
            endpoints,
            certificates: self.unknown(certificates.collect()),
        };
        (outcome(seen[0]), learned)
    }

    /// Whether the host that was asked for has usable, secure TLSA records and the chain that was
    /// sent matches none of them. The records are those of the stage `hosts`: whether they have
    /// changed since is not asked here.
    pub fn is_mismatch(&self, address: &Address, seen: &Conversation) -> bool {
        let ders: Vec<&[u8]> = seen.chain.iter().map(Vec::as_slice).collect();
        let host = self.hosts.of(address).next();
        host.filter(|_| !ders.is_empty()).is_some_and(|host| {
            let tlsa = &host.tlsa;
            let secure = tlsa.outcome == Outcome::Found && tlsa.security == Security::Secure;
            secure
                && tlsa.records.iter().any(|record| record.usable)
                && tlsa_matches(host, &ders, seen.observed_at).is_empty()
        })
    }

    fn unknown(&self, certificates: Vec<CertificateRow>) -> Vec<CertificateRow> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |row: &CertificateRow| known.insert(row.sha256.clone());
        certificates.into_iter().filter(fresh).collect()
    }
}

/// What is the same for every host at an address.
fn base(address: &Address, observed_at: Moment, host: &Host) -> EndpointRow {
    let ip = address.socket.ip();
    EndpointRow {
        host: host.host.clone(),
        ip: ip.to_string(),
        family: if ip.is_ipv4() {
            Family::Ipv4
        } else {
            Family::Ipv6
        },
        port: address.socket.port(),
        protocol: "smtp".to_owned(),
        observed_at,
        depth: DEPTH.to_owned(),
        operator: address.operator.to_string(),
        asn: address.asn,
        prefix: pace::prefix_of(ip).to_string(),
        ..EndpointRow::default()
    }
}

fn opener(
    address: &Address,
    story: &Story,
    seen: &Conversation,
    host: &Host,
    sent: &[Sent<'_>],
) -> EndpointRow {
    EndpointRow {
        elapsed_ms: seen.elapsed_ms,
        connections: story.connections,
        tcp: seen.tcp.clone(),
        banner: seen.banner.clone(),
        banner_code: seen.banner_code,
        ehlo: seen.ehlo.clone(),
        starttls: seen.starttls.clone(),
        tls: seen.tls.clone(),
        ehlo_tls: seen.ehlo_tls.clone(),
        quit_code: seen.quit_code,
        chains: chains(sent, host, ChainSource::Observed),
        attempts: story.attempts(),
        ..base(address, seen.observed_at, host)
    }
}

fn leaning(
    address: &Address,
    story: &Story,
    seen: &Conversation,
    host: &Host,
    sent: &[Sent<'_>],
) -> EndpointRow {
    let mut row = base(address, seen.observed_at, host);
    // Why nothing was dialled holds for every name of the address.
    if story.connections == 0 {
        row.tcp.error = seen.tcp.error;
    }
    row.chains = chains(sent, host, ChainSource::Shared);
    row
}

fn chains(sent: &[Sent<'_>], host: &Host, source: ChainSource) -> Vec<Chain> {
    let one = |sent: &Sent<'_>| sent.for_host(host, source);
    sent.iter().filter_map(one).collect()
}

/// A chain that was sent, with what is the same for every host name.
struct Sent<'a> {
    seen: &'a Conversation,
    ders: Vec<&'a [u8]>,
    /// Those of the leaf, read once however many hosts lead here.
    names: certificate::Names,
    certificates: Vec<CertificateRow>,
    store: &'a str,
    pkix: Pkix,
    dates: Dates,
}

impl<'a> Sent<'a> {
    /// The chains of all attempts, each leaf once.
    fn of(seen: &[&'a Conversation], trust: &'a TrustStore) -> Vec<Self> {
        let mut leaves = HashSet::new();
        seen.iter()
            .filter(|seen| seen.chain.first().is_some_and(|leaf| leaves.insert(leaf)))
            .map(|seen| Self::new(seen, trust))
            .collect()
    }

    fn new(seen: &'a Conversation, trust: &'a TrustStore) -> Self {
        let ders: Vec<&[u8]> = seen.chain.iter().map(Vec::as_slice).collect();
        Self {
            seen,
            names: certificate::Names::of(ders.first().copied().unwrap_or_default()),
            certificates: ders.iter().map(|der| certificate::row(der)).collect(),
            store: &trust.name,
            pkix: certificate::judge(trust, &ders, seen.observed_at),
            dates: certificate::dates(&ders, seen.observed_at),
            ders,
        }
    }

    fn for_host(&self, host: &Host, source: ChainSource) -> Option<Chain> {
        let leaf = self.certificates.first()?;
        let name_match = self.names.of_host(&host.host);
        // Another name may well get another certificate: only a match says something.
        let says = source == ChainSource::Observed || name_match != NameMatch::None;
        let hashes = self.certificates.iter().map(|row| row.sha256.clone());
        Some(Chain {
            key_type: leaf.key_type.clone(),
            sni: self.seen.tls.sni.clone(),
            certificates: hashes.collect(),
            source,
            pkix: BTreeMap::from([(self.store.to_owned(), self.pkix)]),
            dates: self.dates,
            name_match: says.then_some(name_match),
            tlsa_matches: tlsa_matches(host, &self.ders, self.seen.observed_at),
        })
    }
}

/// Names that DANE-TA may find in the leaf: TLSA base, MX host, end of its CNAME chain (RFC 7672
/// 3.2.2).
fn tlsa_matches(host: &Host, chain: &[&[u8]], at: Moment) -> Vec<u8> {
    let canonical = host.addresses.canonical_name.as_deref();
    let names: Vec<&str> = [host.tlsa.base.as_deref(), Some(&host.host), canonical]
        .into_iter()
        .flatten()
        .collect();
    certificate::matches(&host.tlsa.records, chain, &names, at)
}
