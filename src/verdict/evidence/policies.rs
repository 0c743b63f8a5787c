//! Policies of MTA-STS: what asking for them came to, and what they say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Evidence;
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{Dates, ErrorCode, NameMatch, Outcome, Pkix, TcpOutcome, TlsOutcome};
use crate::table::record_codes::{Fault, PolicyMode};
use crate::table::rows::{PolicyAttempt, TableName};
use crate::verdict::sts::{Certificate, Fetched, Policy};

const COLUMNS: [&str; 15] = [
    "domain",
    "ip",
    "outcome",
    "error",
    "tcp.outcome",
    "tls.outcome",
    "http_status",
    "pkix",
    "dates",
    "name_match",
    "fault",
    "mode",
    "max_age",
    "mx",
    "attempts",
];

#[derive(Deserialize)]
struct Row {
    domain: String,
    ip: Option<String>,
    outcome: Outcome,
    error: Option<ErrorCode>,
    tcp: Tcp,
    tls: Tls,
    http_status: Option<u16>,
    pkix: BTreeMap<String, Pkix>,
    dates: Option<Dates>,
    name_match: Option<NameMatch>,
    fault: Option<Fault>,
    mode: Option<PolicyMode>,
    max_age: Option<u32>,
    mx: Vec<String>,
    attempts: Vec<PolicyAttempt>,
}

#[derive(Deserialize)]
struct Tcp {
    outcome: TcpOutcome,
}

#[derive(Deserialize)]
struct Tls {
    outcome: TlsOutcome,
}

/// Reads the table.
pub fn read(evidence: &mut Evidence, store: &Store) -> Result<()> {
    let mut connected = [false; 2];
    let mut refused = Vec::new();
    for batch in store.scan::<Row>(TableName::StsPolicies, &COLUMNS) {
        for mut row in batch? {
            let ipv6 = row.ip.as_deref().is_some_and(|ip| ip.contains(':'));
            connected[usize::from(ipv6)] |= row.tcp.outcome == TcpOutcome::Connected;
            let domain = std::mem::take(&mut row.domain);
            let policy = policy(row);
            if policy.fetched == Fetched::Broken(ErrorCode::Refused) {
                refused.push((ipv6, domain.clone()));
            }
            evidence.policies.insert(domain, policy);
        }
    }
    // Where nobody at all takes a connection over IPv4, or IPv6, port 443 is closed on our side that
    // way, and a refusal says nothing.
    for (ipv6, domain) in refused {
        if let Some(policy) = evidence.policies.get_mut(&domain)
            && !connected[usize::from(ipv6)]
        {
            policy.fetched = Fetched::Vantage;
        }
    }
    Ok(())
}

fn policy(row: Row) -> Policy {
    let shown = PolicyAttempt {
        outcome: row.outcome,
        error: row.error,
        http_status: row.http_status,
        ..PolicyAttempt::default()
    };
    let certificate = row.dates.zip(row.name_match);
    Policy {
        fetched: behind(row.tls.outcome, fetched(&shown, &row.attempts)),
        certificate: certificate.map(|(dates, name_match)| Certificate {
            trust: row.pkix.into_iter().collect(),
            dates,
            name_match,
        }),
        fault: row.fault,
        mode: row.mode,
        max_age: row.max_age,
        mx: row.mx,
    }
}

/// As with mail servers, a handshake that breaks is no negative: whoever shares no suite with us, or
/// stumbles over our hello, may well serve its policy to senders.
fn behind(tls: TlsOutcome, fetched: Fetched) -> Fetched {
    match fetched {
        Fetched::Broken(why) if tls == TlsOutcome::Failed => Fetched::Unknown(why),
        other => other,
    }
}

/// A negative counts when a second attempt said it too. What was never dialled needs none.
fn fetched(shown: &PolicyAttempt, attempts: &[PolicyAttempt]) -> Fetched {
    let answers = || attempts.iter().filter_map(PolicyAttempt::answer);
    let negatives = answers().filter(|answer| !answer).count();
    if negatives > 0 && answers().any(|answer| answer) {
        return Fetched::Inconsistent;
    }
    let why = shown.error.unwrap_or(ErrorCode::InternalError);
    match (shown.answer(), shown.http_status) {
        (Some(true), _) => Fetched::Whole,
        (None, _) => Fetched::Unknown(why),
        (Some(false), None) if shown.outcome == Outcome::Absent => Fetched::NoAddress,
        (Some(false), _) if why == ErrorCode::SpecialPurpose => Fetched::Broken(why),
        (Some(false), _) if negatives < 2 => Fetched::Unconfirmed,
        (Some(false), Some(status)) if shown.outcome == Outcome::Absent => Fetched::Status(status),
        (Some(false), _) => Fetched::Broken(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Said = (Outcome, Option<ErrorCode>, Option<u16>);

    const FOUND: Said = (Outcome::Found, None, Some(200));

    fn status(status: u16) -> Said {
        (Outcome::Absent, None, Some(status))
    }

    fn failed(error: ErrorCode) -> Said {
        (Outcome::Failed, Some(error), None)
    }

    fn of(shown: Said, attempts: &[Said]) -> Fetched {
        let attempt = |said: &Said| PolicyAttempt {
            outcome: said.0,
            error: said.1,
            http_status: said.2,
            ..PolicyAttempt::default()
        };
        let attempts: Vec<_> = attempts.iter().map(attempt).collect();
        fetched(&attempt(&shown), &attempts)
    }

    #[test]
    fn a_negative_wants_two_attempts() {
        use ErrorCode::{Refused, Timeout};
        let no = status(404);
        assert_eq!(of(no, &[]), Fetched::Unconfirmed);
        assert_eq!(of(no, &[no, failed(Timeout)]), Fetched::Unconfirmed);
        assert_eq!(of(no, &[no, no]), Fetched::Status(404));
        assert_eq!(of(no, &[failed(Timeout), no, no]), Fetched::Status(404));
        // Two ways to say no.
        assert_eq!(of(no, &[failed(Refused), no]), Fetched::Status(404));
        let refused = failed(Refused);
        assert_eq!(of(refused, &[refused, refused]), Fetched::Broken(Refused));
    }

    #[test]
    fn what_says_nothing_is_unknown_however_often() {
        use ErrorCode::{Excluded, TempReject, Timeout};
        for error in [Timeout, TempReject, Excluded, ErrorCode::NoIpv6Vantage] {
            let failed = failed(error);
            assert_eq!(of(failed, &[failed, failed]), Fetched::Unknown(error));
        }
        let said = (Outcome::NotAttempted, Some(Excluded), None);
        assert_eq!(of(said, &[]), Fetched::Unknown(Excluded));
        let broken = (Outcome::Failed, Some(Timeout), Some(200));
        assert_eq!(of(broken, &[broken, broken]), Fetched::Unknown(Timeout));
    }

    #[test]
    fn a_policy_that_comes_late_counts_and_one_that_comes_and_goes_does_not() {
        let late = failed(ErrorCode::Timeout);
        assert_eq!(of(FOUND, &[]), Fetched::Whole);
        assert_eq!(of(FOUND, &[late, FOUND]), Fetched::Whole);
        assert_eq!(of(FOUND, &[status(404), FOUND]), Fetched::Inconsistent);
    }

    #[test]
    fn a_handshake_that_breaks_says_nothing() {
        use ErrorCode::{Closed, TlsAlert};
        for error in [TlsAlert, ErrorCode::Reset] {
            let broken = Fetched::Broken(error);
            assert_eq!(behind(TlsOutcome::Failed, broken), Fetched::Unknown(error));
        }
        let cut = Fetched::Broken(Closed);
        assert_eq!(behind(TlsOutcome::Completed, cut), cut);
        let refused = Fetched::Broken(ErrorCode::Refused);
        assert_eq!(behind(TlsOutcome::NotAttempted, refused), refused);
    }

    #[test]
    fn what_the_dns_says_needs_no_second_attempt() {
        let none = (Outcome::Absent, None, None);
        assert_eq!(of(none, &[]), Fetched::NoAddress);
        let special = (Outcome::NotAttempted, Some(ErrorCode::SpecialPurpose), None);
        let broken = Fetched::Broken(ErrorCode::SpecialPurpose);
        assert_eq!(of(special, &[]), broken);
    }
}
