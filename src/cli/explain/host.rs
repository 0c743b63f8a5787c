//! What the DNS says of a mail host, or of one that mail clients use.

use std::collections::BTreeMap;

use super::Page;
use super::domain::BESIDE;
use super::endpoint::endpoint;
use super::facts::{ClientHosts, MailHost};
use super::words::{answer, question};
use crate::table::rows::{CertificateRow, HostRow, Tlsa, TlsaRecord};
use crate::text::count;

/// A mail host, and each of its addresses.
pub fn host(page: &mut Page, host: &MailHost, known: &BTreeMap<String, CertificateRow>) {
    page.gap();
    let preference = match host.preference {
        Some(preference) => format!("preference {preference}"),
        None => "implicit MX".to_owned(),
    };
    page.words(0, &format!("Mail host {} ({preference})", host.name));
    let Some(row) = &host.row else {
        page.words(2, "nothing is known of it");
        return;
    };
    addresses(page, row);
    tlsa(page, &row.tlsa);
    if let Some(zone) = &row.zone {
        page.entry(2, "zone", BESIDE, zone);
    }
    let words = match row.domains {
        1 => "of one domain of the list".to_owned(),
        domains => format!("of {} domains of the list", count(domains)),
    };
    page.entry(2, "mail host", BESIDE, &words);
    for seen in &host.endpoints {
        endpoint(page, seen, known);
    }
}

/// A host that mail clients use, and each of its ports.
pub fn client(page: &mut Page, client: &ClientHosts, known: &BTreeMap<String, CertificateRow>) {
    page.gap();
    let host = &client.host;
    page.words(0, &format!("Host of mail clients {}", host.name));
    for service in &client.services {
        let words = format!("port {}, known by {}", service.port, service.source);
        page.entry(2, service.service.as_str(), BESIDE, &words);
    }
    match &host.row {
        Some(row) => addresses(page, row),
        None => page.words(2, "nothing is known of it"),
    }
    for seen in &host.endpoints {
        endpoint(page, seen, known);
    }
}

/// Its addresses.
pub fn addresses(page: &mut Page, row: &HostRow) {
    let of = &row.addresses;
    let said = answer(of.outcome, of.denial, of.error, of.security, None);
    page.entry(2, "addresses", BESIDE, &said);
    page.words(BESIDE, &of.ips.join(", "));
    if of.truncated {
        page.words(BESIDE, "further addresses were left out");
    }
    if let Some(name) = &of.canonical_name {
        page.words(BESIDE, &format!("an alias (CNAME) of {name}"));
    }
    for (family, asked) in [("A", &row.a), ("AAAA", &row.aaaa)] {
        page.words(BESIDE, &format!("{family}: {}", question(asked)));
    }
}

fn tlsa(page: &mut Page, tlsa: &Tlsa) {
    let ede = tlsa.ede.as_ref();
    let mut said = answer(tlsa.outcome, tlsa.denial, tlsa.error, tlsa.security, ede);
    if let Some(base) = &tlsa.base {
        said.push_str(&format!("; at _25._tcp.{base}"));
    }
    page.entry(2, "TLSA", BESIDE, &said);
    for (at, record) in tlsa.records.iter().enumerate() {
        page.words(BESIDE, &format!("{at}: {}", self::record(record)));
    }
}

fn record(record: &TlsaRecord) -> String {
    format!(
        "{} {} {} {}{}",
        record.usage,
        record.selector,
        record.matching_type,
        record.data,
        if record.usable { "" } else { " (not usable)" }
    )
}
