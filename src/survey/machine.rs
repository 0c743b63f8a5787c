//! This machine: enough file descriptors, and from where it looks.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::settings::Settings;
use crate::error::{Error, Result};
use crate::table::manifest::Vantage;

/// Descriptors for everything but connections: spool buckets, parts of a merge, the log.
const OTHERS: u64 = 400;
/// UDP sockets per resolver, and its TCP connection.
const PER_RESOLVER: u64 = 17;

/// Makes sure of enough file descriptors.
///
/// # Errors
/// When the limit cannot be raised far enough.
pub fn check(settings: &Settings) -> Result<()> {
    let resolvers = settings.dns.resolvers.len() as u64;
    let wanted = u64::from(settings.limits.open) + resolvers * PER_RESOLVER + OTHERS;
    let allowed = rlimit::increase_nofile_limit(wanted)
        .map_err(|err| Error::Machine(format!("cannot read the limit of open files: {err}")))?;
    if allowed >= wanted {
        return Ok(());
    }
    Err(Error::Machine(format!(
        "this process may open {allowed} files and the survey needs {wanted}; raise the limit \
         (ulimit -n {wanted}), or lower --connections"
    )))
}

/// From where this machine looks. Connecting a UDP socket sends nothing; it asks for a route.
pub fn vantage(settings: &Settings) -> Vantage {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let lab = settings.lab.as_slice();
    // The lab is on this machine. Elsewhere a root server of each family tells: where any route
    // out leads to.
    let (v4, v6) = match lab {
        [] => (source("198.41.0.4"), source("2001:503:ba3e::2:30")),
        _ => (source("127.0.0.1"), source("::1")),
    };
    Vantage {
        host: host.trim().to_owned(),
        ipv6: v6.is_some(),
        source_addresses: [v4, v6]
            .into_iter()
            .flatten()
            .map(|ip| ip.to_string())
            .collect(),
        ..Vantage::default()
    }
}

fn source(target: &str) -> Option<IpAddr> {
    let target: IpAddr = target.parse().ok()?;
    let any = if target.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(SocketAddr::new(target, 53)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
