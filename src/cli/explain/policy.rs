//! The MTA-STS policy of a domain, and how it was got.

use std::collections::BTreeMap;

use super::Page;
use super::chain::certificates;
use super::domain::BESIDE;
use super::endpoint::{connection, tls};
use super::facts::Facts;
use super::host::addresses;
use super::record::marked;
use super::words::{or_dash, when};
use crate::table::codes::Outcome;
use crate::table::rows::{CertificateRow, PolicyAttempt, StsPolicyRow};

/// The policy, where one was asked for.
pub fn policy(page: &mut Page, facts: &Facts) {
    let Some(row) = &facts.policy else {
        return;
    };
    page.gap();
    page.words(0, &format!("MTA-STS policy of {}", row.host));
    if let Some(host) = &facts.policy_host {
        addresses(page, host);
    }
    got(page, row);
    for (at, attempt) in row.attempts.iter().enumerate() {
        let label = if at == 0 { "attempts" } else { "" };
        let words = format!("{}: {}", when(attempt.observed_at), answer(attempt));
        page.entry(2, label, BESIDE, &words);
    }
    if !row.chain.is_empty() {
        chain(page, row, &facts.certificates);
    }
    if row.raw.is_some() {
        says(page, row);
    }
}

fn got(page: &mut Page, row: &StsPolicyRow) {
    let mut fact = |label: &str, words: &str| page.entry(2, label, BESIDE, words);
    fact("observed", &when(row.observed_at));
    if row.connections > 0 {
        let (ip, tcp) = (or_dash(row.ip.as_ref()), connection(&row.tcp));
        fact("connection", &format!("{ip}: {tcp}"));
        fact("TLS", &tls(&row.tls));
    }
    fact("answer", &answer(&row.shown()));
    let fields = [
        ("content type", &row.content_type),
        ("encoding", &row.content_encoding),
    ];
    for (label, value) in fields {
        if let Some(value) = value {
            fact(label, value);
        }
    }
}

fn answer(attempt: &PolicyAttempt) -> String {
    let mut parts = vec![attempt.outcome.to_string()];
    parts.extend(attempt.http_status.map(|status| format!("HTTP {status}")));
    parts.extend(attempt.error.map(|error| error.to_string()));
    if attempt.outcome == Outcome::Absent && attempt.http_status.is_none() {
        parts.push("the host has no address".to_owned());
    }
    parts.join(", ")
}

fn chain(page: &mut Page, row: &StsPolicyRow, known: &BTreeMap<String, CertificateRow>) {
    let stores = row
        .pkix
        .iter()
        .map(|(store, pkix)| format!("{store}: {pkix}"));
    let mut parts: Vec<String> = stores.collect();
    parts.push(format!("dates: {}", or_dash(row.dates)));
    parts.push(format!("names the host: {}", or_dash(row.name_match)));
    page.entry(2, "chain", BESIDE, &parts.join("; "));
    certificates(page, &row.chain, known);
}

fn says(page: &mut Page, row: &StsPolicyRow) {
    let mut parts = vec![format!("mode {}", or_dash(row.mode))];
    parts.push(match row.max_age {
        Some(age) => format!("max_age {age} s"),
        None => "max_age -".to_owned(),
    });
    parts.push(match row.fault {
        Some(fault) => format!("cannot be used: {fault}"),
        None => "can be used".to_owned(),
    });
    page.entry(2, "policy", BESIDE, &parts.join("; "));
    for pattern in &row.mx {
        page.words(BESIDE, &format!("mx {pattern}"));
    }
    marked(page, row.raw.as_deref().unwrap_or_default(), &row.findings);
    if row.truncated {
        page.words(BESIDE, "something was cut off");
    }
}
