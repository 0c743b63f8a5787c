//! From what a webmail host did to its row.

use super::redirect;
use super::story::Told;
use crate::records::{derived, hsts};
use crate::survey::chains::{Known, Sent};
use crate::survey::trust::Trust;
use crate::survey::web::{Host, Seen, Story};
use crate::table::client_codes::WebAnswer;
use crate::table::codes::{ErrorCode, Outcome, TcpOutcome};
use crate::table::rows::{CertificateRow, WebAttempt, WebPort, WebmailRow};
use crate::text;

/// Bytes kept of Strict-Transport-Security.
const HSTS: usize = 1 << 10;

/// Whether a page by HTTPS tells browsers to stay with it: see [`WebAttempt::has_hsts`].
pub fn has_hsts(seen: &Seen) -> Option<bool> {
    attempt(seen, "https").has_hsts()
}

/// Whether an answer in the clear leads away from it: see [`WebAttempt::is_https_only`].
pub fn is_https_only(seen: &Seen) -> Option<bool> {
    attempt(seen, "http").is_https_only()
}

/// The row of a host, and the certificates that are new.
pub fn row(
    host: &Host,
    told: &Told,
    trust: &Trust,
    known: &Known,
) -> (WebmailRow, Vec<CertificateRow>) {
    let mut row = WebmailRow {
        domain: host.domain().to_owned(),
        host: host.name.clone(),
        https: port(host, &told.https, "https"),
        http: port(host, &told.http, "http"),
        ..WebmailRow::default()
    };
    let is_open = row.http.tcp.outcome == TcpOutcome::Connected || host.hidden.is_some();
    if row.http.answer == WebAnswer::Failed && !is_open && told.is_filtered() {
        row.http.answer = WebAnswer::Closed;
    }
    // Who is not dialled by HTTPS is not in the clear either, for the same reason.
    if row.http.answer == WebAnswer::NotAttempted {
        row.http.error = row.http.error.or(row.https.error);
    }
    let certificates = match told.https.furthest() {
        Some(seen) => secure(&mut row, seen, trust),
        None => Vec::new(),
    };
    (row, known.fresh(certificates))
}

fn port(host: &Host, story: &Story, scheme: &str) -> WebPort {
    let mut port = WebPort {
        connections: story.connections,
        attempts: story
            .attempts()
            .iter()
            .map(|seen| attempt(seen, scheme))
            .collect(),
        ..nothing(host)
    };
    let Some(seen) = story.furthest() else {
        return port;
    };
    let shown = attempt(seen, scheme);
    (port.answer, port.error, port.status) = (shown.answer, shown.error, shown.status);
    port.redirect = target(seen, scheme).filter(|target| !target.is_empty());
    port.ip = seen.ip.map(|ip| ip.to_string());
    port.operator = seen.operator.as_deref().map(str::to_owned);
    let seen = &seen.exchange;
    if seen.tcp.outcome != TcpOutcome::NotAttempted {
        port.observed_at = Some(seen.observed_at);
    }
    port.elapsed_ms = seen.elapsed_ms;
    port.tcp = seen.tcp.clone();
    port
}

/// What is known where nothing was asked.
fn nothing(host: &Host) -> WebPort {
    let (ip, hidden) = host.hidden.unzip();
    let (answer, error) = match host.outcome {
        Outcome::Found => (WebAnswer::NotAttempted, hidden),
        Outcome::Absent => (WebAnswer::NoAddress, None),
        Outcome::Failed => (WebAnswer::Failed, host.error),
        Outcome::NotAttempted => (WebAnswer::NotAttempted, host.error),
    };
    WebPort {
        answer,
        error,
        ip: ip.flatten().map(|ip| ip.to_string()),
        ..WebPort::default()
    }
}

fn attempt(seen: &Seen, scheme: &str) -> WebAttempt {
    let exchange = &seen.exchange;
    let answer = match (exchange.status, exchange.error) {
        (Some(_), None) => match target(seen, scheme) {
            Some(target) if target.starts_with("https://") => WebAnswer::ToHttps,
            Some(_) => WebAnswer::Redirect,
            None => WebAnswer::Page,
        },
        (None, Some(ErrorCode::Refused)) => WebAnswer::Closed,
        _ if exchange.tcp.outcome == TcpOutcome::NotAttempted => WebAnswer::NotAttempted,
        _ => WebAnswer::Failed,
    };
    WebAttempt {
        observed_at: exchange.observed_at,
        answer,
        error: exchange.error,
        status: exchange.status,
        hsts_max_age: said(seen).and_then(|said| said.max_age),
    }
}

fn target(seen: &Seen, scheme: &str) -> Option<String> {
    let exchange = &seen.exchange;
    let own = (scheme, exchange.host.as_str());
    redirect::target(exchange.status?, exchange.location.as_deref(), own)
}

/// What the first Strict-Transport-Security says, if browsers take it: the others are not looked at
/// (RFC 6797 8.1).
fn said(seen: &Seen) -> Option<hsts::Hsts> {
    let parsed = hsts::parse(seen.exchange.hsts.first()?);
    let is_valid = parsed.is_valid();
    parsed.value.filter(|_| is_valid)
}

/// What only HTTPS shows.
fn secure(row: &mut WebmailRow, seen: &Seen, trust: &Trust) -> Vec<CertificateRow> {
    if let Some(said) = said(seen) {
        row.hsts_max_age = said.max_age;
        row.hsts_include_subdomains = Some(said.include_subdomains);
        row.hsts_preload = Some(said.preload);
    }
    let seen = &seen.exchange;
    row.hsts_count = u16::try_from(seen.hsts.len()).unwrap_or(u16::MAX);
    if let Some(first) = seen.hsts.first() {
        let parsed = hsts::parse(first);
        row.hsts = Some(text::escape(first, HSTS).0);
        row.hsts_valid = Some(parsed.is_valid());
        row.hsts_fault = parsed.fault();
        row.hsts_findings = derived::findings(&parsed.findings);
    }
    row.tls = seen.tls.clone();
    if seen.chain.is_empty() {
        return Vec::new();
    }
    let sent = Sent::new(&seen.chain, seen.observed_at, trust);
    row.chain = sent.hashes();
    row.dates = Some(sent.said.dates);
    row.name_match = Some(sent.of_host(&row.host));
    row.pkix = sent.said.pkix;
    sent.certificates
}
