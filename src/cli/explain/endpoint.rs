//! What a port of an address did.

use std::collections::BTreeMap;

use super::Page;
use super::chain::chain;
use super::domain::BESIDE;
use super::facts::Seen;
use super::speaker::leans;
use super::words::{or_dash, when};
use crate::table::codes::{ErrorCode, Protocol, TlsOutcome};
use crate::table::rows::{CertificateRow, Ehlo, EndpointRow, Tcp, Tls, TlsaAgain};

/// An address, what it said, and the chains that it showed for this host.
pub fn endpoint(page: &mut Page, seen: &Seen, known: &BTreeMap<String, CertificateRow>) {
    let row = &seen.row;
    page.gap();
    page.words(2, &format!("{} port {}{}", row.ip, row.port, spoken(row)));
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
    let banner = row.banner.as_deref().unwrap_or_default();
    match row.banner_code {
        Some(code) => fact("greeting", &format!("{code} {banner}")),
        None if !banner.is_empty() => fact("greeting", banner),
        None => {}
    }
    let (asks, starts) = commands(row.protocol);
    if said(&row.ehlo) {
        fact(asks, &ehlo(&row.ehlo));
    }
    if let Some(may) = row.auth_before_tls {
        fact(
            "before TLS",
            if may {
                "login is offered"
            } else {
                "no login is offered"
            },
        );
    }
    if !row.protocol.has_implicit_tls() {
        fact(starts, &starttls(row));
    }
    fact("TLS", &tls(&row.tls));
    for (label, words) in super::tls::lines(row) {
        fact(label, &words);
    }
    if said(&row.ehlo_tls) {
        fact(&format!("{asks} in TLS"), &ehlo(&row.ehlo_tls));
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

/// What is spoken, where that is not what mail servers do.
fn spoken(row: &EndpointRow) -> String {
    match row.protocol {
        Protocol::Smtp => String::new(),
        protocol => format!(", {protocol}"),
    }
}

/// The commands that ask for capabilities, and for TLS.
fn commands(protocol: Protocol) -> (&'static str, &'static str) {
    match protocol {
        Protocol::Imap | Protocol::Imaps => ("CAPABILITY", "STARTTLS"),
        Protocol::Pop3 | Protocol::Pop3s => ("CAPA", "STLS"),
        Protocol::Smtp | Protocol::Submission | Protocol::Submissions => ("EHLO", "STARTTLS"),
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
    match (&row.route, row.rpki) {
        (Some(route), Some(rpki)) => parts.push(format!("route {route}, RPKI {rpki}")),
        (Some(route), None) => parts.push(format!("route {route}")),
        (None, _) => parts.push(row.prefix.clone()),
    }
    parts.extend(row.country.clone());
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
    ehlo.code.is_some() || ehlo.error.is_some() || !ehlo.capabilities.is_empty()
}

fn ehlo(ehlo: &Ehlo) -> String {
    let list = ehlo.capabilities.join(", ");
    match (ehlo.code, ehlo.error) {
        (Some(code), _) => format!("{code} {list}"),
        (None, None) => list,
        (None, error) => format!("{} {list}", or_dash(error)),
    }
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
