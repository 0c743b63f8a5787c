//! What an address of a mail host did.

use std::collections::BTreeMap;

use super::Page;
use super::chain::chain;
use super::domain::BESIDE;
use super::facts::Seen;
use super::speaker::leans;
use super::words::{or_dash, when};
use crate::table::codes::{ErrorCode, TlsOutcome};
use crate::table::rows::{CertificateRow, Ehlo, EndpointRow, Tcp, Tls, TlsaAgain};

/// An address, what it said, and the chains that it showed for this host.
pub fn endpoint(page: &mut Page, seen: &Seen, known: &BTreeMap<String, CertificateRow>) {
    let row = &seen.row;
    page.gap();
    page.words(2, &format!("{} port {}", row.ip, row.port));
    match &seen.speaker {
        Some(speaker) => {
            let words = format!(
                "the connection that was opened for {}; this is what it saw",
                speaker.host
            );
            page.entry(4, "leans on", BESIDE, &words);
            conversation(page, speaker);
            if let Some(words) = by_name(&row.tls) {
                page.entry(4, "by this name", BESIDE, &words);
            }
        }
        None if leans(row) => page.entry(4, "connection", BESIDE, "none was opened yet"),
        None => conversation(page, row),
    }
    for one in &row.chains {
        chain(page, one, known);
    }
    if let Some(again) = &row.tlsa_again {
        page.entry(4, "TLSA again", BESIDE, &tlsa_again(again));
    }
}

/// The handshake for this host name, where the address has several.
fn by_name(own: &Tls) -> Option<String> {
    match (own.outcome, own.error) {
        (TlsOutcome::NotAttempted, None) => None,
        (_, Some(ErrorCode::SniBudget)) => {
            let words = "not asked for: the address has more host names than it may get handshakes";
            Some(words.to_owned())
        }
        (TlsOutcome::NotAttempted, Some(error)) => Some(format!("not seen, {error}")),
        _ => Some(tls(own)),
    }
}

/// TLSA records right after a second handshake.
fn tlsa_again(again: &TlsaAgain) -> String {
    let mut parts = vec![when(again.observed_at), again.outcome.to_string()];
    parts.extend(again.error.map(|error| error.to_string()));
    parts.push(again.security.to_string());
    parts.push(format!("{} records", again.records.len()));
    parts.join(", ")
}

fn conversation(page: &mut Page, row: &EndpointRow) {
    let mut fact = |label: &str, words: &str| page.entry(4, label, BESIDE, words);
    fact(
        "observed",
        &format!("{}; {}", when(row.observed_at), dialled(row)),
    );
    fact("connection", &connection(&row.tcp));
    if let Some(code) = row.banner_code {
        let banner = row.banner.as_deref().unwrap_or_default();
        fact("greeting", &format!("{code} {banner}"));
    }
    if said(&row.ehlo) {
        fact("EHLO", &ehlo(&row.ehlo));
    }
    fact("STARTTLS", &starttls(row));
    fact("TLS", &tls(&row.tls));
    for (label, words) in super::tls::lines(row) {
        fact(label, &words);
    }
    if said(&row.ehlo_tls) {
        fact("EHLO in TLS", &ehlo(&row.ehlo_tls));
    }
    for (at, attempt) in row.attempts.iter().enumerate() {
        let label = if at == 0 { "attempts" } else { "" };
        let error = attempt.error.map(|error| format!(", {error}"));
        let words = format!(
            "{}: {}{}",
            when(attempt.observed_at),
            attempt.outcome,
            error.unwrap_or_default()
        );
        fact(label, &words);
    }
}

fn dialled(row: &EndpointRow) -> String {
    let mut parts = vec![match row.connections {
        1 => "1 connection".to_owned(),
        more => format!("{more} connections"),
    }];
    parts.push(format!("operator {}", row.operator));
    if let Some(asn) = row.asn {
        parts.push(format!("AS{asn}"));
    }
    parts.push(row.prefix.clone());
    parts.join(", ")
}

/// What became of a connection.
pub fn connection(tcp: &Tcp) -> String {
    match (tcp.error, tcp.connect_ms) {
        (Some(error), _) => format!("{}, {error}", tcp.outcome),
        (None, Some(time)) => format!("{} in {time} ms", tcp.outcome),
        (None, None) => tcp.outcome.to_string(),
    }
}

fn said(ehlo: &Ehlo) -> bool {
    ehlo.code.is_some() || ehlo.error.is_some()
}

fn ehlo(ehlo: &Ehlo) -> String {
    let answer = match (ehlo.code, ehlo.error) {
        (Some(code), _) => code.to_string(),
        (None, error) => or_dash(error),
    };
    format!("{answer} {}", ehlo.capabilities.join(", "))
}

fn starttls(row: &EndpointRow) -> String {
    let of = &row.starttls;
    let mut parts = vec![of.outcome.to_string()];
    parts.extend(of.code.map(|code| code.to_string()));
    parts.extend(of.error.map(|error| error.to_string()));
    parts.join(", ")
}

/// What became of a handshake.
pub fn tls(tls: &Tls) -> String {
    let mut parts = vec![tls.outcome.to_string()];
    parts.extend(tls.error.map(|error| error.to_string()));
    parts.extend(tls.alert.map(|alert| format!("alert {alert}")));
    parts.extend(tls.detail.clone());
    let negotiated = [&tls.version, &tls.cipher, &tls.group, &tls.signature_scheme];
    parts.extend(negotiated.into_iter().flatten().cloned());
    if let Some(name) = &tls.sni {
        parts.push(format!("asked for {name}"));
    }
    parts.join(", ")
}
