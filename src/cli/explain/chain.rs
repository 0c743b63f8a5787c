//! A chain of certificates, and what is made of it.

use std::collections::BTreeMap;

use super::Page;
use super::domain::BESIDE;
use super::words::{or_dash, when};
use crate::table::codes::ChainSource;
use crate::table::rows::{CertificateRow, Chain};

/// Names of a certificate that are shown.
const NAMES: usize = 20;

/// A chain and its certificates.
pub fn chain(page: &mut Page, chain: &Chain, known: &BTreeMap<String, CertificateRow>) {
    page.entry(4, "chain", BESIDE, &judged(chain));
    certificates(page, &chain.certificates, known);
}

/// Certificates, leaf first.
pub fn certificates(page: &mut Page, sent: &[String], known: &BTreeMap<String, CertificateRow>) {
    for (at, sha256) in sent.iter().enumerate() {
        let label = if at == 0 {
            "leaf".to_owned()
        } else {
            at.to_string()
        };
        match known.get(sha256) {
            Some(row) => certificate(page, &label, row),
            None => page.entry(
                6,
                &label,
                BESIDE,
                &format!("SHA-256 {sha256}, not in the tables"),
            ),
        }
    }
}

fn judged(chain: &Chain) -> String {
    let source = match chain.source {
        ChainSource::Observed => "seen for this host".to_owned(),
        ChainSource::Shared => "seen at this address for another host name".to_owned(),
    };
    let mut parts = vec![source];
    for (store, pkix) in &chain.pkix {
        parts.push(format!("{store}: {pkix}"));
    }
    parts.push(format!("dates: {}", chain.dates));
    parts.push(match chain.name_match {
        Some(by) => format!("names the host: {by}"),
        None => "names the host: unknown, it may have another one for this name".to_owned(),
    });
    if !chain.tlsa_matches.is_empty() {
        let records = chain.tlsa_matches.iter().map(u8::to_string);
        let records: Vec<_> = records.collect();
        parts.push(format!("matches TLSA {}", records.join(", ")));
    }
    parts.join("; ")
}

fn certificate(page: &mut Page, label: &str, row: &CertificateRow) {
    page.entry(6, label, BESIDE, &or_dash(row.subject.as_ref()));
    let mut parts = vec![format!("issued by {}", or_dash(row.issuer.as_ref()))];
    if let (Some(from), Some(until)) = (row.not_before, row.not_after) {
        parts.push(format!("{} to {}", when(from), when(until)));
    }
    let bits = row
        .key_bits
        .map_or(String::new(), |bits| format!(" {bits}"));
    parts.push(format!("key {}{bits}", or_dash(row.key_type.as_ref())));
    parts.push(format!(
        "signature {}",
        or_dash(row.signature_algorithm.as_ref())
    ));
    if row.self_signed == Some(true) {
        parts.push("self-signed".to_owned());
    }
    page.words(BESIDE, &parts.join("; "));
    if !row.dns_names.is_empty() {
        let more = row.dns_names.len().saturating_sub(NAMES);
        let some = &row.dns_names[..row.dns_names.len() - more];
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        page.words(BESIDE, &format!("names: {}{more}", some.join(", ")));
    }
    page.words(BESIDE, &format!("SHA-256 {}", row.sha256));
}
