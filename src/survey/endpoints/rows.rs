//! From what an address did to the rows of every host that leads to it, judged after the fact:
//! trust, dates, names and TLSA each on its own.

use std::sync::Arc;

use super::addresses::{Address, Host, Hosts};
use super::agenda::ServerName;
use super::facts;
use super::names::{Counts, Names};
use super::story::{Shown, Story};
use crate::pace;
use crate::probe::smtp::Conversation;
use crate::probe::tls::Keys;
use crate::survey::chains::{Known, Sent};
use crate::survey::learned::Learned;
use crate::survey::trust::Trust;
use crate::table::codes::{ChainSource, ErrorCode, Family, Protocol, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{Chain, EndpointRow, TlsaAgain, TlsaRecord};

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
    match seen.tls.outcome {
        TlsOutcome::Completed => return "tls",
        TlsOutcome::HelloOnly => return TlsOutcome::HelloOnly.as_str(),
        _ => {}
    }
    let error = seen.tcp.error.or(seen.starttls.error).or(seen.tls.error);
    error.map_or(seen.starttls.outcome.as_str(), ErrorCode::as_str)
}

impl Scribe {
    /// The rows of one address, and a word for how it ended: the first host's row is that of the
    /// connections, the others lean on it.
    pub fn rows<'s>(
        &self,
        address: &Address,
        story: &'s Story,
    ) -> (&'static str, Learned<EndpointRow>) {
        let seen = story.furthest();
        let judge = |shown: &'s Shown| Sent::new(&shown.chain, shown.observed_at, &self.trust);
        let sheet = Sheet {
            address,
            story,
            seen: &seen,
            sent: story.chains().iter().map(judge).collect(),
        };
        let names = Names::of(&self.hosts, address, story);
        let mut rows = Vec::new();
        for (name, host) in names.all() {
            let counts = names.counts(name, host);
            rows.push(match name {
                ServerName::MostUsed => sheet.opener(host, &counts),
                _ => sheet.leaning(name, host, &counts),
            });
        }
        for host in self.hosts.spared_of(address) {
            let mut row = base(address, Protocol::Smtp, seen.observed_at, host);
            row.tcp.error = Some(ErrorCode::Excluded);
            rows.push(row);
        }
        let certificates = sheet.sent.into_iter().flat_map(|sent| sent.certificates);
        let learned = Learned {
            rows,
            certificates: self.known.fresh(certificates.collect()),
        };
        (outcome(&seen), learned)
    }

    /// Whether the host that was asked for has usable, secure TLSA records and the chain that was
    /// sent matches none of them. The records are those of the stage `hosts`: whether they have
    /// changed since is asked after a second handshake.
    pub fn is_mismatch(&self, address: &Address, seen: &Conversation) -> bool {
        let ders: Vec<&[u8]> = seen.chain.iter().map(Vec::as_slice).collect();
        let host = self.hosts.of(address).next();
        host.filter(|host| !ders.is_empty() && host.has_tlsa())
            .is_some_and(|host| !host.takes(&ders, seen.observed_at))
    }
}

/// What is the same for every host at an address, and a port of it.
pub fn base(
    address: &Address,
    protocol: Protocol,
    observed_at: Moment,
    host: &Host,
) -> EndpointRow {
    let ip = address.socket.ip();
    let known = address.whereabouts.as_deref().copied();
    let known = known.unwrap_or_default();
    EndpointRow {
        host: host.host.clone(),
        ip: ip.to_string(),
        family: if ip.is_ipv4() {
            Family::Ipv4
        } else {
            Family::Ipv6
        },
        port: address.socket.port(),
        protocol,
        observed_at,
        operator: address.operator.to_string(),
        asn: known.asn,
        route: known.route.map(|net| net.to_string()),
        rpki: known.rpki,
        country: known.country.map(|country| country.to_string()),
        prefix: pace::prefix_of(ip).to_string(),
        ..EndpointRow::default()
    }
}

/// What the rows of an address are made of.
struct Sheet<'a> {
    address: &'a Address,
    story: &'a Story,
    /// What the attempt saw that got furthest.
    seen: &'a Conversation,
    /// The chains of the story, judged.
    sent: Vec<Sent<'a>>,
}

impl Sheet<'_> {
    fn opener(&self, host: &Host, counts: &Counts<'_>) -> EndpointRow {
        let Self { story, seen, .. } = self;
        let mut row = EndpointRow {
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
            attempts: story.attempts(),
            ..self.named(ServerName::MostUsed, seen.observed_at, host, counts)
        };
        facts::fill(&mut row, &story.handshakes(), story.hellos());
        row
    }

    fn leaning(&self, name: ServerName, host: &Host, counts: &Counts<'_>) -> EndpointRow {
        let at = counts
            .sight
            .map_or(self.seen.observed_at, |sight| sight.observed_at);
        let mut row = self.named(name, at, host, counts);
        // Why nothing was dialled holds for every name of the address.
        if self.story.connections == 0 {
            row.tcp.error = self.seen.tcp.error;
        }
        if let Some(sight) = counts.sight {
            row.tls = sight.tls.clone();
        }
        row.tls.error = row.tls.error.or(counts.error);
        row
    }

    /// What every name has of its own.
    fn named(&self, name: ServerName, at: Moment, host: &Host, counts: &Counts<'_>) -> EndpointRow {
        let sights = &self.story.sights;
        let again = sights.again(name);
        let chain = |at: &usize| {
            let times = sights.chains_of(name).filter(|other| other == at).count();
            self.chain(*at, host, counts.source, again)
                .map(|chain| Chain {
                    seen: u8::try_from(times).unwrap_or(u8::MAX),
                    ..chain
                })
        };
        EndpointRow {
            chains: counts.chains.iter().filter_map(chain).collect(),
            second_certificate: sights.second_certificate(name, |at| self.kind(at)),
            tlsa_again: again.cloned(),
            ..base(self.address, Protocol::Smtp, at, host)
        }
    }

    fn kind(&self, at: usize) -> Option<Keys> {
        let leaf = self.sent.get(at)?.certificates.first()?;
        Keys::of(leaf.key_type.as_deref())
    }

    fn chain(
        &self,
        at: usize,
        host: &Host,
        source: ChainSource,
        again: Option<&TlsaAgain>,
    ) -> Option<Chain> {
        let (shown, sent) = (self.story.chains().get(at)?, self.sent.get(at)?);
        let matches = |records: &[TlsaRecord]| host.matches(records, &sent.ders, shown.observed_at);
        Some(Chain {
            tlsa_matches: matches(&host.tlsa.records),
            tlsa_again_matches: again.map_or(Vec::new(), |again| matches(&again.records)),
            ..sent.of_row(&host.host, shown.sni.as_ref(), source)?
        })
    }
}
