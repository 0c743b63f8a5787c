//! Versions of SSL and TLS, over servers and over the domains whose mail they take.
//!
//! Servers are those that were seen to accept some version. A domain accepts what one of its servers
//! accepts, and refuses what all of them refuse.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::table::Store;
use crate::table::codes::MxKind;
use crate::table::rows::{MxRecord, TableName};
use crate::verdict::Evidence;
use crate::verdict::facts::{Server, Version};

/// How many accept a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Those that accept it.
    pub accepted: u64,
    /// Those that refuse it.
    pub refused: u64,
    /// Those of which neither is known.
    pub unknown: u64,
}

/// What is made of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VersionFigures {
    /// Its name.
    pub version: &'static str,
    /// Addresses that were seen to accept some version.
    pub addresses: Counted,
    /// Domains of which at least one such address takes the mail.
    pub domains: Counted,
}

impl Counted {
    /// Each result with its number.
    pub fn results(self) -> [(&'static str, u64); 3] {
        [
            ("accepted", self.accepted),
            ("refused", self.refused),
            ("unknown", self.unknown),
        ]
    }

    fn add(&mut self, accepts: Option<bool>) {
        match accepts {
            Some(true) => self.accepted += 1,
            Some(false) => self.refused += 1,
            None => self.unknown += 1,
        }
    }
}

#[derive(Deserialize)]
struct Row {
    domain: String,
    mx: Mx,
}

#[derive(Deserialize)]
struct Mx {
    kind: Option<MxKind>,
    records: Vec<MxRecord>,
}

/// Counts every version, the newest first.
///
/// # Errors
/// When a table cannot be read.
pub fn versions(store: &Store) -> Result<Vec<VersionFigures>> {
    let evidence = Evidence::read(store)?;
    let newest_first = || Version::ALL.into_iter().rev();
    let mut counted = [(); 6].map(|()| (Counted::default(), Counted::default()));
    let mut known = HashSet::new();
    let columns = ["domain", "mx.kind", "mx.records"];
    for batch in store.scan::<Row>(TableName::Domains, &columns) {
        for row in batch? {
            let hosts = MxRecord::hosts(row.mx.kind, &row.domain, &row.mx.records);
            let servers = hosts.flat_map(|host| evidence.servers(host));
            let seen = |server: &Server| server.tls.newest().is_some();
            let mut servers: Vec<_> = servers.filter(|(_, server)| seen(server)).collect();
            // Two hosts may share an address.
            servers.sort_by_key(|(number, _)| *number);
            servers.dedup_by_key(|(number, _)| *number);
            if servers.is_empty() {
                continue;
            }
            for (version, (addresses, domains)) in newest_first().zip(&mut counted) {
                domains.add(together(&servers, version));
                let new = servers.iter().filter(|(number, _)| !known.contains(number));
                new.for_each(|(_, server)| addresses.add(server.tls.accepts(version)));
            }
            known.extend(servers.iter().map(|(number, _)| *number));
        }
    }
    let figures = newest_first().zip(counted);
    Ok(figures
        .map(|(version, (addresses, domains))| VersionFigures {
            version: version.as_str(),
            addresses,
            domains,
        })
        .collect())
}

/// What the servers of a domain make of a version together.
fn together(servers: &[(u32, &Server)], version: Version) -> Option<bool> {
    let mut all = servers.iter();
    let mut results = all.clone();
    match results.any(|(_, server)| server.tls.accepts(version) == Some(true)) {
        true => Some(true),
        false => all
            .all(|(_, server)| server.tls.accepts(version) == Some(false))
            .then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::table::Batch;
    use crate::table::codes::{Family, Outcome, Role, StarttlsOutcome, TlsOutcome};
    use crate::table::manifest::Manifest;
    use crate::table::rows::{DomainRow, EndpointRow, HostRow, Table, VersionFact};
    use crate::table::tls_codes::VersionResult;

    fn domain(name: &str, hosts: &[&str]) -> DomainRow {
        let mut row = DomainRow {
            domain: name.to_owned(),
            ..DomainRow::default()
        };
        row.mx.kind = Some(MxKind::Explicit);
        let records = hosts.iter().map(|host| MxRecord {
            preference: 10,
            host: (*host).to_owned(),
        });
        row.mx.records = records.collect();
        row
    }

    fn host(name: &str) -> HostRow {
        let mut row = HostRow {
            host: name.to_owned(),
            roles: vec![Role::Mx],
            ..HostRow::default()
        };
        row.addresses.outcome = Outcome::Found;
        row
    }

    /// A server that shook hands, and what it makes of TLS 1.0.
    fn endpoint(host: &str, ip: &str, tls1_0: VersionResult) -> EndpointRow {
        let mut row = EndpointRow {
            host: host.to_owned(),
            ip: ip.to_owned(),
            family: Family::Ipv4,
            port: 25,
            connections: 3,
            banner_code: Some(220),
            ..EndpointRow::default()
        };
        row.starttls.outcome = StarttlsOutcome::Accepted;
        row.tls.outcome = TlsOutcome::Completed;
        row.tls.version = Some("TLS 1.3".to_owned());
        row.versions.tls1_0 = VersionFact {
            result: tls1_0,
            alert: None,
        };
        row
    }

    fn add<T: Table>(store: &mut Store, rows: &[T]) {
        let batch = Batch::new(rows).unwrap();
        store.commit(vec![batch]).unwrap();
    }

    #[test]
    fn a_server_counts_once_and_a_domain_by_all_of_its_servers() {
        use VersionResult::{Accepted, Refused, Unknown};
        let dir = TempDir::new().unwrap();
        let lock = Store::lock(dir.path()).unwrap();
        let seed = "1".to_owned();
        let order = Manifest {
            seed,
            ..Manifest::default()
        };
        let order = order.order().unwrap();
        let mut store = Store::open(dir.path(), lock, "0badcafe", order).unwrap();
        let (old, new, odd) = ("old.cz", "new.cz", "odd.cz");
        add(
            &mut store,
            &[
                domain("a.cz", &[new]),
                domain("b.cz", &[new, "twin.cz", old]),
                domain("c.cz", &[new, odd]),
                domain("d.cz", &["dead.cz"]),
            ],
        );
        let hosts = [old, new, odd, "twin.cz", "dead.cz"];
        add(&mut store, &hosts.map(host));
        let mut dead = endpoint("dead.cz", "192.0.2.4", Unknown);
        dead.tls = crate::table::rows::Tls::default();
        let mut twin = endpoint("twin.cz", "192.0.2.1", Unknown);
        twin.connections = 0;
        add(
            &mut store,
            &[
                endpoint(new, "192.0.2.1", Refused),
                endpoint(old, "192.0.2.2", Accepted),
                endpoint(odd, "192.0.2.3", Unknown),
                dead,
                twin,
            ],
        );
        let made = versions(&store).unwrap();
        let names: Vec<_> = made.iter().map(|one| one.version).collect();
        assert_eq!(names[..2], ["TLS 1.3", "TLS 1.2"]);
        let of = |name: &str| made.iter().find(|one| one.version == name).unwrap();
        let counted = |accepted, refused, unknown| Counted {
            accepted,
            refused,
            unknown,
        };
        let tls_1_0 = of("TLS 1.0");
        assert_eq!(tls_1_0.addresses, counted(1, 1, 1));
        // b.cz has one that accepts it, of c.cz one is not known, d.cz has none that was seen.
        assert_eq!(tls_1_0.domains, counted(1, 1, 1));
        assert_eq!(of("TLS 1.3").addresses, counted(3, 0, 0));
        assert_eq!(of("TLS 1.3").domains, counted(3, 0, 0));
        assert_eq!(of("SSL 2.0").domains, counted(0, 0, 3));
    }
}
