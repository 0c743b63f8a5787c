//! Rows that lean: each address is asked once, for one of its names; the rows of all others say
//! nothing of it themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Result;
use crate::table::Store;
use crate::table::codes::ErrorCode;
use crate::table::rows::{EndpointRow, TableName, Tcp};

/// Whether a row says nothing of its address itself.
pub fn leans(row: &EndpointRow) -> bool {
    row.connections == 0 && row.tcp.error.is_none()
}

/// For each address that rows lean on, the row that spoke.
///
/// # Errors
/// When the table cannot be read.
pub fn speakers(
    store: &Store,
    endpoints: &[EndpointRow],
) -> Result<BTreeMap<(String, u16), EndpointRow>> {
    #[derive(Deserialize)]
    struct Key {
        host: String,
        ip: String,
        port: u16,
        connections: u16,
        tcp: Tcp,
    }
    let leaning = endpoints.iter().filter(|row| leans(row));
    let wanted: BTreeSet<(String, u16)> = leaning.map(|row| (row.ip.clone(), row.port)).collect();
    let ips = wanted.iter().map(|(ip, _)| ip.clone()).collect();
    // An address may have a hundred thousand names: first who spoke, then what was said.
    let columns = ["host", "ip", "port", "connections", "tcp"];
    let mut hosts: BTreeMap<(String, u16), (bool, String)> = BTreeMap::new();
    let each = |keys: Vec<Key>| {
        for key in keys {
            let dialled = key.connections > 0;
            let tried = key
                .tcp
                .error
                .is_some_and(|error| error != ErrorCode::Excluded);
            let address = (key.ip, key.port);
            if (dialled || tried) && wanted.contains(&address) {
                let best = hosts.entry(address).or_default();
                if best.1.is_empty() || (dialled && !best.0) {
                    *best = (dialled, key.host);
                }
            }
        }
    };
    store.find_by(TableName::Endpoints, "ip", &ips, &columns, each)?;
    let names = hosts.values().map(|(_, host)| host.clone()).collect();
    let rows = store.find::<EndpointRow>(TableName::Endpoints, &names, &[])?;
    let mut speakers = BTreeMap::new();
    for row in rows {
        let key = (row.ip.clone(), row.port);
        if hosts.get(&key).is_some_and(|(_, host)| *host == row.host) {
            speakers.entry(key).or_insert(row);
        }
    }
    Ok(speakers)
}
