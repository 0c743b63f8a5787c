//! From hosts of policies and of webmail to addresses that may be asked.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::error::Result;
use crate::pace::{Excluded, Owners, Rules};
use crate::table::Store;
use crate::table::codes::{ErrorCode, Outcome, Role};
use crate::table::rows::{Addresses, TableName};

/// Addresses that are tried, one after the other, until one takes a connection.
const TRIED: usize = 4;

/// A host that serves pages for the domain that its name ends with.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// The end of its CNAME chain.
    canonical: Option<String>,
    /// What became of the question for its addresses.
    pub outcome: Outcome,
    /// Why that is not known.
    pub error: Option<ErrorCode>,
    /// Those that may be dialled, in their order.
    ips: Vec<IpAddr>,
    /// Why there are others, or may be, that nobody is asked at: one that must not be dialled, or a
    /// question that was not answered.
    pub hidden: Option<Hidden>,
}

/// An address that is not dialled, if it is known, and why.
pub type Hidden = (Option<IpAddr>, ErrorCode);

#[derive(Deserialize)]
struct Row {
    host: String,
    roles: Vec<Role>,
    addresses: Addresses,
}

/// Reads the hosts with a role that are wanted, in the order of work.
///
/// # Errors
/// When the table cannot be read.
pub fn read(
    store: &Store,
    rules: &Rules,
    role: Role,
    wanted: impl Fn(&Host) -> bool,
) -> Result<Vec<Host>> {
    let mut hosts = Vec::new();
    for batch in store.scan::<Row>(TableName::Hosts, &["host", "roles", "addresses"]) {
        let rows = batch?.into_iter();
        let rows = rows.filter(|row| row.roles.contains(&role));
        hosts.extend(rows.map(|row| Host::new(row, rules)).filter(&wanted));
    }
    let order = store.order();
    hosts.sort_by_cached_key(|host| order.hash(host.domain()));
    Ok(hosts)
}

impl Host {
    fn new(row: Row, rules: &Rules) -> Self {
        let mut host = Self {
            name: row.host,
            canonical: row.addresses.canonical_name,
            outcome: row.addresses.outcome,
            error: row.addresses.error,
            ..Self::default()
        };
        for ip in row.addresses.ips.iter().filter_map(|ip| ip.parse().ok()) {
            match rules.forbids(ip) {
                None => host.ips.push(ip),
                Some(error) => _ = host.hidden.get_or_insert((Some(ip), error)),
            }
        }
        // What does not validate is known all the same.
        let unanswered = host.error.filter(|error| *error != ErrorCode::Bogus);
        host.hidden = host.hidden.or(unanswered.map(|error| (None, error)));
        host.ips.truncate(TRIED);
        host.ips.shrink_to_fit();
        host
    }

    /// The domain that it serves: `mta-sts.example.cz` that of `example.cz`.
    pub fn domain(&self) -> &str {
        let labels = self.name.split_once('.');
        labels.map_or(&self.name, |(_, domain)| domain)
    }

    /// The address at a place, with a port.
    pub fn address(&self, place: usize, port: u16) -> Option<SocketAddr> {
        self.ips.get(place).map(|ip| SocketAddr::new(*ip, port))
    }

    /// Who answers for an address.
    pub fn operator(&self, ip: IpAddr, owners: &Owners) -> std::sync::Arc<str> {
        owners.operator(ip, self.names())
    }

    /// Whether it is to be left alone: also for the name that it is an alias of, since hosts of
    /// policies mostly are with somebody who has many.
    pub fn is_spared(&self, excluded: &Excluded) -> bool {
        self.names().any(|name| excluded.domain(name))
    }

    /// Its name, and the end of its CNAME chain.
    fn names(&self) -> impl Iterator<Item = &str> {
        [Some(self.name.as_str()), self.canonical.as_deref()]
            .into_iter()
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Exclusions;

    #[test]
    fn an_alias_is_spared_with_what_it_stands_for() {
        let host = |canonical: Option<&str>| Host {
            name: "mta-sts.example.cz".to_owned(),
            canonical: canonical.map(str::to_owned),
            ..Host::default()
        };
        let dir = tempfile::tempdir().expect("a directory");
        let spares = |entry: &str, host: &Host| {
            let path = dir.path().join(entry);
            std::fs::write(&path, entry).expect("writes");
            let exclusions = Exclusions::read(&[path], false).expect("entries");
            host.is_spared(&exclusions.now())
        };
        let alias = host(Some("policies.provider.example"));
        assert!(spares("provider.example", &alias));
        assert!(spares("example.cz", &alias));
        assert!(!spares("other.example", &alias));
        assert!(!spares("provider.example", &host(None)));
    }
}
