//! What the ports did that mail clients use, and which host leads to which. Nothing is read where no
//! host is one that clients use.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use serde::Deserialize;

use super::Evidence;
use super::chains::{self, Chains};
use super::servers::{Link, first_links};
use super::tls::{self, Names, Said};
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{ErrorCode, Protocol, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::rows::{Hello, Offer, TableName, Tls, Versions};
use crate::table::tls_codes::Depth;
use crate::verdict::facts::{self, Behind, ClientPort, Named, Reach};

const PORT: [&str; 11] = [
    "ip",
    "port",
    "protocol",
    "connections",
    "tcp.outcome",
    "tcp.error",
    "ehlo.error",
    "auth_before_tls",
    "starttls.outcome",
    "starttls.error",
    "ehlo_tls.error",
];
const LINK: [&str; 14] = [
    "host",
    "ip",
    "port",
    "protocol",
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
];

#[derive(Deserialize)]
struct PortRow {
    ip: String,
    port: u16,
    protocol: Protocol,
    connections: u16,
    tcp: Tcp,
    ehlo: Failure,
    auth_before_tls: Option<bool>,
    starttls: Starttls,
    ehlo_tls: Failure,
    tls: Tls,
    depth: Depth,
    versions: Versions,
    weak_cipher: Option<String>,
    ciphers: Offer,
    groups: Offer,
    hellos: Vec<Hello>,
}

#[derive(Deserialize)]
struct Tcp {
    outcome: TcpOutcome,
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct Failure {
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct Starttls {
    outcome: StarttlsOutcome,
    error: Option<ErrorCode>,
}

#[derive(Deserialize)]
struct LinkRow {
    host: String,
    ip: String,
    port: u16,
    protocol: Protocol,
    tcp: Failure,
    chains: Vec<chains::Row>,
}

type Ports = HashMap<(IpAddr, u16), u32>;

/// Reads the ports, and which host leads to them.
pub fn read(
    evidence: &mut Evidence,
    store: &Store,
    names: &mut Names,
    chains: &mut Chains,
) -> Result<()> {
    if !evidence.client_hosts.is_empty() {
        let ports = ports(evidence, store, names)?;
        links(evidence, store, &ports, chains)?;
    }
    evidence.first_client_link = first_links(evidence.client_hosts.len(), &evidence.client_links);
    Ok(())
}

/// What each port did that spoke for itself.
fn ports(evidence: &mut Evidence, store: &Store, names: &mut Names) -> Result<Ports> {
    let columns: Vec<_> = PORT.into_iter().chain(tls::COLUMNS).collect();
    let mut ports = Ports::new();
    let mut answered = HashSet::new();
    for batch in store.scan::<PortRow>(TableName::Endpoints, &columns) {
        for row in batch? {
            let Ok(ip) = row.ip.parse::<IpAddr>() else {
                continue;
            };
            if has_answered(&row) {
                answered.insert(ip);
            }
            let spoke = row.connections > 0 || row.tcp.error.is_some();
            // A name that was left alone says nothing of its address.
            let spared = row.tcp.error == Some(ErrorCode::Excluded);
            if row.protocol != Protocol::Smtp && spoke && !spared {
                let number = u32::try_from(evidence.client_ports.len()).unwrap_or(u32::MAX);
                ports.insert((ip, row.port), number);
                evidence.client_ports.push(port(&row, names));
            }
        }
    }
    settle(evidence, &ports, &answered);
    Ok(ports)
}

fn has_answered(row: &PortRow) -> bool {
    let refused = row.tcp.error == Some(ErrorCode::Refused);
    row.tcp.outcome == TcpOutcome::Connected || refused
}

/// A port from which nothing comes is filtered where another one of its address answered. A refusal
/// says nothing where nobody at all can be reached over IPv4, or IPv6: it may be our own side's.
fn settle(evidence: &mut Evidence, ports: &Ports, answered: &HashSet<IpAddr>) {
    let mut is_reached = [false; 2];
    for (key, number) in ports {
        let port = evidence.client_ports[*number as usize];
        is_reached[usize::from(key.0.is_ipv6())] |= matches!(port.reach, Reach::Serves);
    }
    for server in &evidence.servers {
        is_reached[usize::from(server.ipv6)] |= server.reached;
    }
    for (key, number) in ports {
        let port = &mut evidence.client_ports[*number as usize];
        let is_reached = is_reached[usize::from(key.0.is_ipv6())];
        port.reach = match port.reach {
            Reach::Closed if !is_reached => Reach::Silent(ErrorCode::Refused),
            Reach::Silent(error @ (ErrorCode::Timeout | ErrorCode::Unreachable))
                if is_reached && answered.contains(&key.0) =>
            {
                Reach::Filtered(error)
            }
            reach => reach,
        };
    }
}

fn port(row: &PortRow, names: &mut Names) -> ClientPort {
    ClientPort {
        protocol: row.protocol,
        port: row.port,
        reach: reach(row),
        login_before_tls: row.auth_before_tls,
        behind: behind(row),
        tls: names.tls(&Said {
            depth: row.depth,
            handshake: &row.tls,
            versions: &row.versions,
            weak_cipher: row.weak_cipher.as_deref(),
            ciphers: &row.ciphers,
            groups: &row.groups,
            hellos: Some(&row.hellos),
            offers_hybrid: true,
        }),
    }
}

fn reach(row: &PortRow) -> Reach {
    match (row.tcp.outcome, row.tcp.error) {
        (_, Some(ErrorCode::Refused)) => return Reach::Closed,
        (_, Some(ErrorCode::SpecialPurpose)) => return Reach::Special,
        (_, Some(error)) => return Reach::Silent(error),
        (TcpOutcome::Connected, None) => {}
        (_, None) => return Reach::Silent(ErrorCode::InternalError),
    }
    let error = match row.protocol.has_implicit_tls() {
        true => match row.tls.outcome {
            TlsOutcome::HelloOnly => None,
            TlsOutcome::Completed => row.ehlo_tls.error,
            _ => Some(row.tls.error.unwrap_or(ErrorCode::InternalError)),
        },
        false if row.auth_before_tls.is_some() => None,
        false => Some(
            row.ehlo
                .error
                .or(row.starttls.error)
                .unwrap_or(ErrorCode::InternalError),
        ),
    };
    match error {
        // Who has greeted and refuses to list anything serves all the same.
        None | Some(ErrorCode::Refused) => Reach::Serves,
        Some(error) => Reach::Odd(error),
    }
}

fn behind(row: &PortRow) -> Behind {
    match (row.tls.outcome, row.starttls.outcome) {
        (TlsOutcome::Completed | TlsOutcome::HelloOnly, _) => Behind::Tls,
        (TlsOutcome::Failed, _) => Behind::Broken,
        (_, StarttlsOutcome::NotOffered) => Behind::None,
        (_, StarttlsOutcome::NotAttempted) => Behind::Open,
        _ => Behind::Broken,
    }
}

/// Which host leads to which port, host by host.
fn links(evidence: &mut Evidence, store: &Store, ports: &Ports, chains: &mut Chains) -> Result<()> {
    for batch in store.scan::<LinkRow>(TableName::Endpoints, &LINK) {
        let rows = batch?.into_iter();
        for row in rows.filter(|row| row.protocol != Protocol::Smtp) {
            let Some(host) = evidence.client_hosts.find(&row.host) else {
                continue;
            };
            let Some(port) = port_of(evidence, &row, ports) else {
                continue;
            };
            let judged = row.chains.iter().map(|chain| chains.chain(chain, 0));
            let link = Link::new((host, port), Named::default(), &mut evidence.chains, judged);
            evidence.client_links.push(link);
        }
    }
    evidence.client_links.sort_by_key(|link| link.host);
    Ok(())
}

/// The port of a row: its own where the name was left alone.
fn port_of(evidence: &mut Evidence, row: &LinkRow, ports: &Ports) -> Option<u32> {
    let ip: IpAddr = row.ip.parse().ok()?;
    if row.tcp.error != Some(ErrorCode::Excluded) {
        return ports.get(&(ip, row.port)).copied();
    }
    let number = u32::try_from(evidence.client_ports.len()).ok()?;
    evidence.client_ports.push(ClientPort {
        protocol: row.protocol,
        port: row.port,
        reach: Reach::Silent(ErrorCode::Excluded),
        login_before_tls: None,
        behind: Behind::Open,
        tls: facts::Tls::default(),
    });
    Some(number)
}
