//! What the DNS says of mail hosts.

use serde::Deserialize;

use super::Evidence;
use super::servers::counting;
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{Outcome, Role, Security};
use crate::table::rows::{TableName, TlsaRecord};
use crate::verdict::facts::{Host, place};

const COLUMNS: [&str; 15] = [
    "host",
    "roles",
    "zone",
    "addresses.outcome",
    "addresses.security",
    "addresses.truncated",
    "addresses.canonical_name",
    "a.outcome",
    "aaaa.outcome",
    "tlsa.outcome",
    "tlsa.security",
    "tlsa.records.list.item.usage",
    "tlsa.records.list.item.selector",
    "tlsa.records.list.item.matching_type",
    "tlsa.records.list.item.usable",
];
/// DANE-TA (RFC 6698 2.1.1).
const DANE_TA: u8 = 2;

#[derive(Deserialize)]
struct Row {
    host: String,
    roles: Vec<Role>,
    zone: Option<String>,
    addresses: Addresses,
    a: Asked,
    aaaa: Asked,
    tlsa: Tlsa,
}

#[derive(Deserialize)]
struct Addresses {
    outcome: Outcome,
    security: Security,
    truncated: bool,
    canonical_name: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Tlsa {
    outcome: Outcome,
    security: Security,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    usage: u8,
    selector: u8,
    matching_type: u8,
    usable: bool,
}

impl Record {
    /// The record but for its data, which nobody looks at here.
    fn without_data(&self) -> TlsaRecord {
        TlsaRecord {
            usage: self.usage,
            selector: self.selector,
            matching_type: self.matching_type,
            usable: self.usable,
            data: String::new(),
        }
    }
}

/// Reads the table.
pub fn read(evidence: &mut Evidence, store: &Store) -> Result<()> {
    for batch in store.scan::<Row>(TableName::Hosts, &COLUMNS) {
        for row in batch? {
            if row.roles.contains(&Role::Client) {
                add_client(evidence, &row);
            }
            if !row.roles.contains(&Role::Mx) {
                continue;
            }
            let host = host(evidence, &row);
            let number = evidence.host_names.add(&row.host) as usize;
            if number == evidence.hosts.len() {
                evidence.hosts.push(host);
            }
        }
    }
    Ok(())
}

fn add_client(evidence: &mut Evidence, row: &Row) {
    let number = evidence.client_hosts.add(&row.host) as usize;
    if number == evidence.client_addresses.len() {
        evidence.client_addresses.push(row.addresses.outcome);
    }
}

fn host(evidence: &Evidence, row: &Row) -> Host {
    let addresses = &row.addresses;
    let positions = |wanted: fn(&Record) -> bool| {
        let places = row.tlsa.records.iter().enumerate();
        let places = places.filter(|(_, record)| wanted(record));
        places.fold(0, |mask, (at, _)| mask | place(at))
    };
    let records: Vec<_> = row.tlsa.records.iter().map(Record::without_data).collect();
    Host {
        addresses: addresses.outcome,
        is_half: [&row.a, &row.aaaa]
            .iter()
            .any(|asked| asked.outcome == Outcome::Failed),
        truncated: addresses.truncated,
        security: addresses.security,
        aaaa: row.aaaa.outcome,
        is_alias: addresses.canonical_name.is_some(),
        tlsa: row.tlsa.outcome,
        tlsa_security: row.tlsa.security,
        usable: positions(|record| record.usable),
        counting: counting(&records),
        anchors: positions(|record| record.usable && record.usage == DANE_TA),
        zone: row
            .zone
            .as_deref()
            .and_then(|zone| evidence.zone_names.find(zone)),
    }
}
