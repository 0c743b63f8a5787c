//! Some hosts now, for commands that leave no tables: which certificates their servers show.
//!
//! [`ask`] asks the DNS and then each address, over one connection for what it shows first and one
//! more for a certificate with the other kind of key; [`story`] says what is asked next, [`round`]
//! dials, and [`records`] makes TLSA records of what was seen.

mod records;
mod round;
mod story;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::endpoints;
use super::preflight;
use super::resolver;
use super::settings::{Screen, Settings};
use super::tables::Tables;
use super::{dns, machine};
use crate::certificate;
use crate::error::{Error, Result};
use crate::pace::Target;
use crate::stop::Stop;
use crate::table::codes::{ErrorCode, Outcome, Protocol, Role, Security};
use crate::table::row::Moment;
use crate::table::rows::HostRow;
pub use records::{Form, Made, made};
use round::Asking;
use story::{How, Job};

/// A port of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The host, as A-labels.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Port {
    /// What is spoken there; none where that is not known.
    pub fn protocol(&self) -> Option<Protocol> {
        match self.port {
            25 => Some(Protocol::Smtp),
            port => Protocol::of_clients(port),
        }
    }
}

/// What a host shows.
#[derive(Debug)]
pub struct Shown {
    /// What the DNS says of it; the TLSA records are those for the port.
    pub host: HostRow,
    /// The port.
    pub port: u16,
    /// When the servers were asked.
    pub observed_at: Moment,
    /// Where the name of its records is an alias: of what (RFC 7671 7).
    pub alias_of_records: Option<String>,
    /// What each address does.
    pub addresses: Vec<Server>,
}

impl Shown {
    /// The TLSA base domain: where records are, else the end of a secure CNAME chain, else the host
    /// (RFC 7672 2.2.2).
    pub fn base(&self) -> &str {
        let host = &self.host;
        let found = host.tlsa.base.as_deref();
        let found = found.filter(|_| host.tlsa.outcome == Outcome::Found);
        found.or_else(|| self.alias()).unwrap_or(&host.host)
    }

    /// The end of a CNAME chain that is secure.
    pub fn alias(&self) -> Option<&str> {
        let host = &self.host;
        let is_secure = [&host.a, &host.aaaa]
            .into_iter()
            .any(|answer| answer.outcome == Outcome::Found && answer.security == Security::Secure);
        let alias = host.addresses.canonical_name.as_deref();
        alias.filter(|_| is_secure)
    }
}

/// What one address does.
#[derive(Debug)]
pub struct Server {
    /// The address.
    pub ip: IpAddr,
    /// The chains that it showed, leaf first, in DER; none is empty.
    pub chains: Vec<Vec<Vec<u8>>>,
    /// Why it showed none.
    pub silent: Option<String>,
    /// Whether it has a certificate with the other kind of key.
    pub other: Other,
    /// Whether it only answered without a server name.
    pub nameless: bool,
}

/// Whether a server has a certificate with the other kind of key: RSA or elliptic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// It showed one.
    Shown,
    /// It has none.
    None,
    /// That is not known, and why.
    Unknown(ErrorCode),
}

/// Asks the hosts, one row for each in their order.
///
/// # Errors
/// When the resolver does not validate, a table cannot be read or the journal written, or a stop was
/// asked for.
pub async fn ask(
    settings: &Settings,
    ports: &[Port],
    stop: &Stop,
    screen: Arc<dyn Screen>,
) -> Result<Vec<Shown>> {
    machine::check(settings)?;
    for resolver in &settings.dns.resolvers {
        dns::preflight::admissible(*resolver, settings.trust_ad)?;
    }
    let tables = Tables::read(settings)?;
    stop.begin();
    let client = resolver::open(settings, stop, screen.clone()).await?;
    preflight::believe(&client, settings).await?;
    let mut shown = Vec::with_capacity(ports.len());
    for port in ports {
        tokio::select! {
            one = looked_up(&client, &tables, port) => shown.push(one),
            () = stop.requested() => break,
        }
    }
    stop.check()?;
    let rules = tables.rules(settings);
    let asking = Asking {
        pace: endpoints::pace_with(settings, &tables, rules, settings.limits.clone())?,
        ehlo: settings.ehlo.clone(),
        stop: stop.clone(),
        screen,
    };
    let first = jobs(&shown, &tables, |server| {
        server.silent.is_none().then_some(How::Named)
    })?;
    asking.round(first, &mut shown).await?;
    let second = jobs(&shown, &tables, story::second)?;
    asking.round(second, &mut shown).await?;
    stop.check()?;
    Ok(shown)
}

/// What the DNS says of a host.
async fn looked_up(client: &dns::Client, tables: &Tables, port: &Port) -> Shown {
    let mut host = HostRow {
        host: port.host.clone(),
        roles: vec![Role::Mx],
        ..HostRow::default()
    };
    let excluded = tables.exclusions.now();
    if excluded.domain(&port.host) || excluded.host(&port.host) {
        host.addresses.error = Some(ErrorCode::Excluded);
    } else {
        dns::host::ask_port(client, &mut host, port.port, certificate::usable).await;
    }
    let ips = host.addresses.ips.iter().filter_map(|ip| ip.parse().ok());
    let server = |ip| Server {
        ip,
        chains: Vec::new(),
        silent: None,
        other: Other::Unknown(ErrorCode::Budget),
        nameless: false,
    };
    let mut shown = Shown {
        addresses: ips.map(server).collect(),
        port: port.port,
        observed_at: Moment::now(),
        alias_of_records: None,
        host,
    };
    if shown.host.tlsa.outcome != Outcome::NotAttempted {
        shown.alias_of_records = dns::host::tlsa_alias(client, shown.base(), port.port).await;
    }
    shown
}

/// The addresses that are to be asked something.
fn jobs(
    shown: &[Shown],
    tables: &Tables,
    how: impl Fn(&Server) -> Option<How>,
) -> Result<Vec<Target<Job>>> {
    let mut targets = Vec::new();
    for (host, one) in shown.iter().enumerate() {
        let port = Port {
            host: one.host.host.clone(),
            port: one.port,
        };
        let protocol = port
            .protocol()
            .ok_or_else(|| Error::Usage(format!("port {}: nothing is known of it", one.port)))?;
        for (at, server) in one.addresses.iter().enumerate() {
            let Some(how) = how(server) else { continue };
            targets.push(Target {
                address: SocketAddr::new(server.ip, one.port),
                operator: tables.owners.operator(server.ip, [port.host.as_str()]),
                extra: false,
                more: 0,
                load: Job {
                    host,
                    at,
                    name: port.host.clone(),
                    protocol,
                    how,
                },
            });
        }
    }
    Ok(targets)
}
