//! From what a port did to the rows of every host that leads to it.

use std::collections::HashSet;
use std::sync::Arc;

use super::story::Story;
use crate::probe::conversation::Conversation;
use crate::probe::login;
use crate::survey::chains::{Known, Sent};
use crate::survey::endpoints::{self, Address, Host, Hosts, facts};
use crate::survey::learned::Learned;
use crate::survey::trust::Trust;
use crate::table::codes::{ChainSource, ErrorCode, Protocol, TlsOutcome};
use crate::table::rows::EndpointRow;

/// Makes rows.
pub struct Scribe {
    /// All hosts that mail clients use.
    pub hosts: Arc<Hosts>,
    /// The stores that chains are judged by.
    pub trust: Arc<Trust>,
    /// Certificates that are in their table, or on the way there.
    pub known: Known,
}

/// A chain, and the conversation that showed it.
type Shown<'a> = (&'a Conversation, Sent<'a>);

impl Scribe {
    /// The rows of one port, and a word for how it ended: the first host's row is that of the
    /// connections, the others lean on it.
    pub fn rows(
        &self,
        address: &Address,
        protocol: Protocol,
        story: &Story,
    ) -> (&'static str, Learned<EndpointRow>) {
        let seen = story.shown();
        let mut leaves = HashSet::new();
        let chains = story.chains();
        let chains = chains.filter(|(_, chain)| chain.first().is_some_and(|it| leaves.insert(it)));
        let sent: Vec<Shown<'_>> = chains
            .map(|(seen, chain)| (seen, Sent::new(chain, seen.observed_at, &self.trust)))
            .collect();
        let base = |host: &Host| endpoints::base(address, protocol, seen.observed_at, host);
        let mut rows = Vec::new();
        for (at, host) in self.hosts.of(address).enumerate() {
            let source = match at {
                0 => ChainSource::Observed,
                _ => ChainSource::Shared,
            };
            let mut row = base(host);
            match source {
                ChainSource::Observed => note(&mut row, protocol, story, &seen),
                // Why nothing was dialled holds for every name of the address.
                ChainSource::Shared if story.connections == 0 => row.tcp.error = seen.tcp.error,
                ChainSource::Shared => {}
            }
            // TLSA records of a host are those for port 25.
            let chain =
                |(seen, sent): &Shown<'_>| sent.of_row(&host.host, seen.tls.sni.as_ref(), source);
            row.chains = sent.iter().filter_map(chain).collect();
            rows.push(row);
        }
        for host in self.hosts.spared_of(address) {
            let mut row = base(host);
            row.tcp.error = Some(ErrorCode::Excluded);
            rows.push(row);
        }
        let certificates = sent.into_iter().flat_map(|(_, sent)| sent.certificates);
        let learned = Learned {
            rows,
            certificates: self.known.fresh(certificates.collect()),
        };
        (outcome(protocol, &seen), learned)
    }
}

/// Notes what was seen over the connections of a port.
fn note(row: &mut EndpointRow, protocol: Protocol, story: &Story, seen: &Conversation) {
    row.elapsed_ms = seen.elapsed_ms;
    row.connections = story.connections;
    row.tcp = seen.tcp.clone();
    row.banner = seen.banner.clone();
    row.banner_code = seen.banner_code;
    row.ehlo = seen.ehlo.clone();
    row.auth_before_tls = login::before_tls(protocol, seen.banner.as_deref(), &seen.ehlo);
    row.starttls = seen.starttls.clone();
    row.tls = seen.tls.clone();
    row.ehlo_tls = seen.ehlo_tls.clone();
    row.quit_code = seen.quit_code;
    facts::fill(row, &story.handshakes(), &story.told());
}

/// A word for how a port ended.
fn outcome(protocol: Protocol, seen: &Conversation) -> &'static str {
    if seen.tls.outcome != TlsOutcome::NotAttempted && seen.tls.outcome != TlsOutcome::Failed {
        return "tls";
    }
    let error = seen.tcp.error.or(seen.starttls.error).or(seen.tls.error);
    match error {
        Some(error) => error.as_str(),
        None if protocol.has_implicit_tls() => seen.tls.outcome.as_str(),
        None => seen.starttls.outcome.as_str(),
    }
}
