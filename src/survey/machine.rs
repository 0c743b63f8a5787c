//! This machine: enough file descriptors, and from where it looks.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::settings::Settings;
use crate::error::{Error, Result};
use crate::pace::Rules;
use crate::table::codes::ErrorCode;
use crate::table::manifest::Vantage;

/// Descriptors for everything but connections: spool buckets, parts of a merge, the log.
const OTHERS: u64 = 400;
/// UDP sockets per resolver, and its TCP connection.
const PER_RESOLVER: u64 = 17;

/// Makes sure of enough file descriptors; says how many there are.
///
/// # Errors
/// When the limit cannot be raised far enough.
pub fn check(settings: &Settings) -> Result<u64> {
    let resolvers = settings.dns.resolvers.len() as u64;
    let wanted = u64::from(settings.limits.open) + resolvers * PER_RESOLVER + OTHERS;
    let allowed = rlimit::increase_nofile_limit(wanted)
        .map_err(|err| Error::Machine(format!("cannot read the limit of open files: {err}")))?;
    if allowed >= wanted {
        return Ok(allowed);
    }
    Err(Error::Machine(format!(
        "this process may open {allowed} files and the survey needs {wanted}; raise the limit \
         (ulimit -n {wanted}), or lower --connections"
    )))
}

/// From where this machine looks.
pub fn vantage(settings: &Settings) -> Vantage {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let sources = sources(settings);
    let out = |source: &&Source| source.is_public || !settings.lab.is_empty();
    Vantage {
        host: host.trim().to_owned(),
        // An IPv6 address that nobody outside can answer to is no way out.
        ipv6: sources.iter().filter(out).any(|source| source.ip.is_ipv6()),
        source_addresses: sources.iter().map(|source| source.ip.to_string()).collect(),
        ..Vantage::default()
    }
}

/// An address that connections come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// As strangers see it, as far as we know.
    pub ip: IpAddr,
    /// Whether the operator named it.
    pub is_named: bool,
    /// Whether it is one that strangers can see: not special-purpose, or named.
    pub is_public: bool,
}

/// The addresses that connections come from: for each family those that the operator named, else
/// the one that a route out begins with. None of a family without such a route.
pub fn sources(settings: &Settings) -> Vec<Source> {
    // The lab is on this machine. Elsewhere a root server of each family tells: where any route
    // out leads to.
    let targets = match settings.lab.as_slice() {
        [] => ["198.41.0.4", "2001:503:ba3e::2:30"],
        _ => ["127.0.0.1", "::1"],
    };
    let strangers = Rules::new(Vec::new(), true);
    let is_special = |ip| strangers.forbids(ip) == Some(ErrorCode::SpecialPurpose);
    let mut sources = Vec::new();
    for target in targets.iter().filter_map(|target| target.parse().ok()) {
        let Some(route) = route_to(target) else {
            continue;
        };
        let named = settings.source_addresses.iter().copied();
        let mut named: Vec<_> = named.filter(|ip| ip.is_ipv4() == route.is_ipv4()).collect();
        let is_named = !named.is_empty();
        if !is_named {
            named.push(route);
        }
        sources.extend(named.into_iter().map(|ip| Source {
            ip,
            is_named,
            is_public: is_named || !is_special(ip),
        }));
    }
    sources
}

/// Where a route begins. Connecting a UDP socket sends nothing; it asks for a route.
fn route_to(target: IpAddr) -> Option<IpAddr> {
    let any = if target.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(SocketAddr::new(target, 53)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
