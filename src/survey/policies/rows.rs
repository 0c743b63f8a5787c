//! From what a host did to the row of its domain.

use crate::probe::https::Exchange;
use crate::records::derived;
use crate::records::mta_sts::{self, Mode};
use crate::survey::chains::{Known, Sent};
use crate::survey::trust::Trust;
use crate::survey::web::{Host, Seen, Story};
use crate::table::codes::Outcome;
use crate::table::record_codes::PolicyMode;
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, PolicyAttempt, StsPolicyRow};
use crate::text;

/// Bytes kept of a policy.
const RAW: usize = 8 << 10;
/// Bytes kept of its version; the only one there is has five.
const VERSION: usize = 16;

/// The row of a host, and the certificates that are new.
pub fn row(
    host: &Host,
    story: &Story,
    trust: &Trust,
    known: &Known,
) -> (StsPolicyRow, Vec<CertificateRow>) {
    let mut row = base(host);
    row.connections = story.connections;
    row.attempts = story.attempts().iter().map(attempt).collect();
    let Some(seen) = story.furthest() else {
        return (row, Vec::new());
    };
    let shown = attempt(seen);
    (row.outcome, row.error) = (shown.outcome, shown.error);
    row.ip = seen.ip.map(|ip| ip.to_string());
    row.operator = operator(seen);
    let seen = &seen.exchange;
    row.observed_at = seen.observed_at;
    row.elapsed_ms = seen.elapsed_ms;
    row.tcp = seen.tcp.clone();
    row.tls = seen.tls.clone();
    row.http_status = seen.status;
    row.content_type.clone_from(&seen.content_type);
    row.content_encoding.clone_from(&seen.content_encoding);
    if let Some(body) = &seen.body {
        policy(&mut row, body);
    }
    let certificates = chain(&mut row, seen, trust);
    (row, known.fresh(certificates))
}

/// What an attempt says of the policy: see [`PolicyAttempt::answer`].
pub fn answers(seen: &Seen) -> Option<bool> {
    attempt(seen).answer()
}

fn attempt(seen: &Seen) -> PolicyAttempt {
    let seen = &seen.exchange;
    let outcome = match (&seen.body, seen.error, seen.status) {
        (Some(_), ..) => Outcome::Found,
        (None, None, Some(_)) => Outcome::Absent,
        (None, ..) => Outcome::Failed,
    };
    PolicyAttempt {
        observed_at: seen.observed_at,
        outcome,
        error: seen.error,
        http_status: seen.status,
    }
}

/// What is known where nothing was asked.
fn base(host: &Host) -> StsPolicyRow {
    let (ip, error) = host.hidden.unzip();
    let (outcome, error) = match host.outcome {
        Outcome::Found => (Outcome::NotAttempted, error),
        outcome => (outcome, host.error),
    };
    StsPolicyRow {
        domain: host.domain().to_owned(),
        host: host.name.clone(),
        ip: ip.flatten().map(|ip| ip.to_string()),
        observed_at: Moment::now(),
        outcome,
        error,
        ..StsPolicyRow::default()
    }
}

fn operator(seen: &Seen) -> Option<String> {
    seen.operator.as_deref().map(str::to_owned)
}

fn policy(row: &mut StsPolicyRow, body: &[u8]) {
    let (raw, truncated) = text::escape(body, RAW);
    row.raw = Some(raw);
    row.truncated = truncated;
    row.body_bytes = u32::try_from(body.len()).ok();
    let parsed = mta_sts::parse_policy(body);
    row.valid = Some(parsed.is_valid());
    row.fault = parsed.fault();
    row.findings = derived::findings(&parsed.findings);
    if let Some(policy) = parsed.value {
        let version = policy.version.as_deref();
        row.version = version.map(|text| text::escape(text.as_bytes(), VERSION).0);
        row.mode = policy.mode.map(|mode| match mode {
            Mode::Enforce => PolicyMode::Enforce,
            Mode::Testing => PolicyMode::Testing,
            Mode::None => PolicyMode::None,
        });
        row.mx = policy.mx;
        row.max_age = policy.max_age;
    }
}

fn chain(row: &mut StsPolicyRow, seen: &Exchange, trust: &Trust) -> Vec<CertificateRow> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_version_no_more_is_kept_than_tells_it() {
        let version = |text: &str| {
            let mut row = StsPolicyRow::default();
            policy(
                &mut row,
                format!("version: {text}\nmode: none\n").as_bytes(),
            );
            row.version
        };
        assert_eq!(version("STSv1").as_deref(), Some("STSv1"));
        let long = format!("p\u{16f}l {}", "a@b.example ".repeat(1_000));
        assert_eq!(version(&long).map(|text| text.len() <= 64), Some(true));
    }
}
