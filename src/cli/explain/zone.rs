//! The zones that the answers come from, up to the root.

use super::Page;
use super::domain::BESIDE;
use super::words::question;
use crate::table::rows::{Asked, ZoneRow};

/// Each zone with its DS and its keys.
pub fn zones(page: &mut Page, zones: &[ZoneRow]) {
    for row in zones {
        page.gap();
        let error = row.error.map(|error| format!(", {error}"));
        let mut words = format!("{}{}", row.security, error.unwrap_or_default());
        if let Some(parent) = &row.parent {
            words.push_str(&format!("; below {parent}"));
        }
        page.words(0, &format!("Zone {}: {words}", row.zone));
        let ds = row.ds.iter().map(|ds| {
            format!(
                "{} algorithm {} digest {}",
                ds.key_tag, ds.algorithm, ds.digest_type
            )
        });
        records(page, "DS", &row.ds_answer, ds);
        let keys = row.keys.iter().map(|key| {
            let bits = key
                .bits
                .map_or(String::new(), |bits| format!(" {bits} bits"));
            format!(
                "{} flags {} algorithm {}{bits}",
                key.key_tag, key.flags, key.algorithm
            )
        });
        records(page, "DNSKEY", &row.dnskey_answer, keys);
        page.entry(2, "denial", BESIDE, &denial(row));
    }
}

fn records(page: &mut Page, label: &str, asked: &Asked, records: impl Iterator<Item = String>) {
    page.entry(2, label, BESIDE, &question(asked));
    for record in records {
        page.words(BESIDE, &record);
    }
}

fn denial(row: &ZoneRow) -> String {
    let mut words = row.denial.to_string();
    if let Some(iterations) = row.nsec3_iterations {
        words.push_str(&format!(", {iterations} iterations"));
    }
    if row.opt_out == Some(true) {
        words.push_str(", opt-out");
    }
    words
}
