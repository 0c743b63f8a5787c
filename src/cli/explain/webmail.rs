//! Whom the mail clients of a domain use, and how its webmail is served.

use super::Page;
use super::chain::certificates;
use super::domain::BESIDE;
use super::endpoint::{connection, tls};
use super::facts::Facts;
use super::record::marked;
use super::words::{or_dash, when};
use crate::table::client_codes::WebAnswer;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::{DomainRow, Searched, WebPort, WebmailRow};

/// The hosts that mail clients use, where somebody looked for them.
pub fn clients(page: &mut Page, row: &DomainRow) {
    let search = &row.client_search;
    let protocols = [
        ("IMAP", &search.imap),
        ("POP3", &search.pop3),
        ("submission", &search.submission),
        ("webmail", &search.webmail),
    ];
    let is_asked = |(_, searched): &(&str, &Searched)| {
        searched.outcome != Outcome::NotAttempted || searched.error.is_some()
    };
    if !protocols.iter().any(is_asked) {
        return;
    }
    page.gap();
    page.words(0, "Mail clients");
    for (name, searched) in protocols {
        let error = searched.error.map(|error| format!(", {error}"));
        let words = format!("{}{}", searched.outcome, error.unwrap_or_default());
        page.entry(2, name, BESIDE, &words);
    }
    for client in &row.clients {
        let words = match client.host.as_str() {
            "." => format!("{}: not offered, by {}", client.service, client.source),
            host => format!(
                "{}: {host} port {}, by {}",
                client.service, client.port, client.source
            ),
        };
        page.words(BESIDE, &words);
    }
    if search.wildcard == Some(true) {
        page.words(BESIDE, "every name below the domain exists: a wildcard");
    }
    if search.truncated {
        page.words(BESIDE, "further hosts were left out");
    }
}

/// The webmail, where somebody asked for it.
pub fn webmail(page: &mut Page, facts: &Facts) {
    let Some(row) = &facts.webmail else {
        return;
    };
    page.gap();
    page.words(0, &format!("Webmail at {}", row.host));
    port(page, "http://", &row.http);
    port(page, "https://", &row.https);
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    if row.https.connections > 0 {
        fact("TLS", &tls(&row.tls));
    }
    if !row.chain.is_empty() {
        let stores = row.pkix.iter();
        let mut parts: Vec<_> = stores
            .map(|(store, pkix)| format!("{store}: {pkix}"))
            .collect();
        parts.push(format!("dates: {}", or_dash(row.dates)));
        parts.push(format!("names the host: {}", or_dash(row.name_match)));
        fact("chain", &parts.join("; "));
        certificates(page, &row.chain, &facts.certificates);
    }
    hsts(page, row);
}

fn port(page: &mut Page, label: &str, port: &WebPort) {
    page.entry(2, label, BESIDE, &answer(port));
    if port.connections > 0 {
        let (ip, tcp) = (or_dash(port.ip.as_ref()), connection(&port.tcp));
        page.words(BESIDE, &format!("{ip}: {tcp}"));
    }
    for attempt in &port.attempts {
        let mut parts = vec![attempt.answer.to_string()];
        parts.extend(attempt.status.map(|status| format!("HTTP {status}")));
        parts.extend(attempt.error.map(|error| error.to_string()));
        let words = format!("{}: {}", when(attempt.observed_at), parts.join(", "));
        page.words(BESIDE, &words);
    }
}

fn answer(port: &WebPort) -> String {
    let mut parts = vec![port.answer.to_string()];
    parts.extend(port.status.map(|status| format!("HTTP {status}")));
    parts.extend(port.redirect.as_ref().map(|target| format!("to {target}")));
    parts.extend(port.error.map(|error| error.to_string()));
    let is_silent = port.error.is_some_and(|error| error != ErrorCode::Refused);
    if port.answer == WebAnswer::Closed && is_silent {
        parts.push("another port of the address answers".to_owned());
    }
    parts.join(", ")
}

fn hsts(page: &mut Page, row: &WebmailRow) {
    let Some(field) = &row.hsts else {
        return;
    };
    let mut parts = Vec::new();
    parts.extend(row.hsts_max_age.map(|age| format!("max-age {age} s")));
    if row.hsts_include_subdomains == Some(true) {
        parts.push("includeSubDomains".to_owned());
    }
    if row.hsts_preload == Some(true) {
        parts.push("preload".to_owned());
    }
    parts.extend(
        row.hsts_fault
            .map(|fault| format!("browsers ignore it: {fault}")),
    );
    if row.hsts_count > 1 {
        parts.push(format!("the first of {}", row.hsts_count));
    }
    page.entry(2, "HSTS", BESIDE, &parts.join("; "));
    marked(page, field, &row.hsts_findings);
}
