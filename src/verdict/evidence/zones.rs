//! DS and keys of zones.

use std::collections::HashMap;

use serde::Deserialize;

use super::Evidence;
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::Outcome;
use crate::table::rows::TableName;
use crate::verdict::facts::{Zone, ZoneKeys};

const COLUMNS: [&str; 6] = [
    "zone",
    "parent",
    "ds_answer.outcome",
    "ds",
    "dnskey_answer.outcome",
    "keys",
];
/// The flag SEP of a DNSKEY (RFC 4034 2.1.1).
const SEP: u16 = 1;
/// The flag of a key that is revoked, which signs for nothing any more (RFC 5011 2.1).
const REVOKED: u16 = 128;

#[derive(Deserialize)]
struct Row {
    zone: String,
    parent: Option<String>,
    ds_answer: Answer,
    ds: Vec<Ds>,
    dnskey_answer: Answer,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Answer {
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Ds {
    algorithm: u8,
    digest_type: u8,
}

#[derive(Deserialize)]
struct Key {
    flags: u16,
    algorithm: u8,
    bits: Option<u16>,
}

/// Reads the table.
pub fn read(evidence: &mut Evidence, store: &Store) -> Result<()> {
    let mut known: HashMap<ZoneKeys, u32> = HashMap::new();
    for batch in store.scan::<Row>(TableName::Zones, &COLUMNS) {
        for row in batch? {
            let keys = keys(&row);
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let place = *known.entry(keys).or_insert(next);
            let zone = Zone {
                is_known: is_known(&row),
                parent: row.parent.as_deref().map(|parent| number(evidence, parent)),
                keys: place,
            };
            let at = number(evidence, &row.zone) as usize;
            evidence.lists.zones[at] = zone;
        }
    }
    let mut lists: Vec<_> = known.into_iter().collect();
    lists.sort_by_key(|(_, place)| *place);
    evidence.lists.zone_keys = lists.into_iter().map(|(keys, _)| keys).collect();
    Ok(())
}

/// The number of a zone; of one that has no row nothing is known.
fn number(evidence: &mut Evidence, name: &str) -> u32 {
    let number = evidence.zone_names.add(name);
    if number as usize == evidence.lists.zones.len() {
        evidence.lists.zones.push(Zone::default());
    }
    number
}

/// Whether both questions were answered, and the parent told. Nobody is asked for a DS of the root.
fn is_known(row: &Row) -> bool {
    let answered = |outcome| matches!(outcome, Outcome::Found | Outcome::Absent);
    let has_ds = answered(row.ds_answer.outcome) && row.parent.is_some();
    (has_ds || is_root(&row.zone)) && answered(row.dnskey_answer.outcome)
}

fn is_root(zone: &str) -> bool {
    zone == "."
}

fn keys(row: &Row) -> ZoneKeys {
    let ds = row.ds.iter().map(|ds| (ds.algorithm, ds.digest_type));
    let live = row.keys.iter().filter(|key| key.flags & REVOKED == 0);
    let keys = live.map(|key| (key.algorithm, key.bits, key.flags & SEP != 0));
    let mut zone = ZoneKeys {
        ds: ds.collect(),
        keys: keys.collect(),
    };
    zone.ds.sort_unstable();
    zone.ds.dedup();
    zone.keys.sort_unstable();
    zone.keys.dedup();
    zone
}
