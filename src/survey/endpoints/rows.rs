//! From what an address did to the rows of every host that leads to it, judged after the fact:
//! trust, dates, names and TLSA each on its own.

use std::collections::HashSet;
use std::sync::Arc;

use super::Learned;
use super::addresses::{Address, Host, Hosts};
use super::attempts::Story;
use crate::certificate;
use crate::pace;
use crate::probe::smtp::Conversation;
use crate::survey::chains::{Known, Sent};
use crate::survey::trust::Trust;
use crate::table::codes::{
    ChainSource, ErrorCode, Family, Outcome, Protocol, Security, TlsOutcome,
};
use crate::table::row::Moment;
use crate::table::rows::{Chain, EndpointRow};

/// Makes rows.
pub struct Scribe {
    /// All mail hosts.
    pub hosts: Arc<Hosts>,
    /// The stores that chains are judged by.
    pub trust: Arc<Trust>,
    /// Certificates that are in their table, or on the way there.
    pub known: Known,
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
        let sent = sent_in(&seen, &self.trust);
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
        let certificates = sent.into_iter().flat_map(|(_, sent)| sent.certificates);
        let learned = Learned {
            endpoints,
            certificates: self.known.fresh(certificates.collect()),
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
        protocol: Protocol::Smtp,
        observed_at,
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
    sent: &[Shown<'_>],
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
    sent: &[Shown<'_>],
) -> EndpointRow {
    let mut row = base(address, seen.observed_at, host);
    // Why nothing was dialled holds for every name of the address.
    if story.connections == 0 {
        row.tcp.error = seen.tcp.error;
    }
    row.chains = chains(sent, host, ChainSource::Shared);
    row
}

/// A chain, and the conversation that showed it.
type Shown<'a> = (&'a Conversation, Sent<'a>);

/// The chains of all attempts, each leaf once.
fn sent_in<'a>(seen: &[&'a Conversation], trust: &Trust) -> Vec<Shown<'a>> {
    let mut leaves = HashSet::new();
    seen.iter()
        .filter(|seen| seen.chain.first().is_some_and(|leaf| leaves.insert(leaf)))
        .map(|seen| (*seen, Sent::new(&seen.chain, seen.observed_at, trust)))
        .collect()
}

fn chains(sent: &[Shown<'_>], host: &Host, source: ChainSource) -> Vec<Chain> {
    let one = |(seen, sent): &Shown<'_>| for_host(seen, sent, host, source);
    sent.iter().filter_map(one).collect()
}

fn for_host(
    seen: &Conversation,
    sent: &Sent<'_>,
    host: &Host,
    source: ChainSource,
) -> Option<Chain> {
    let matches = tlsa_matches(host, &sent.ders, seen.observed_at);
    sent.of_row(&host.host, seen.tls.sni.as_ref(), source, matches)
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
