//! Dovecot and Postfix as mail clients meet them: at one address nobody logs in before TLS, at the
//! other everybody may.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mailcensus::table::codes::{Dates, NameMatch, Pkix, Protocol};
use mailcensus::table::rows::{EndpointRow, Finding, VerdictRow};
use mailcensus::table::tls_codes::VersionResult;

use super::lab::lab;
use super::program::{keyed, rows, run, survey_of};
use super::shared::alone;

const STRICT: &str = "secure-good.cz";
const LAX: &str = "secure-rsa.cz";
/// Every port of an address, with the connections that it gets.
const PORTS: [(u16, u16); 6] = [(110, 2), (143, 2), (465, 2), (587, 2), (993, 2), (995, 2)];

/// The directory of a survey of both.
fn surveyed() -> &'static Path {
    static OUT: LazyLock<PathBuf> = LazyLock::new(|| {
        let _alone = alone();
        let dir = lab().scratch("clients");
        let list = dir.join("list.txt");
        fs::write(&list, format!("{STRICT}\n{LAX}\n")).expect("a list");
        let out = dir.join("out");
        run(survey_of(&list, &out).arg("--clients")).expect(0);
        out
    });
    &OUT
}

fn said(finding: &Finding) -> String {
    format!("{} {}", finding.result, finding.reason)
}

#[test]
fn who_may_log_in_before_tls_is_told_apart() {
    let verdicts = keyed(surveyed(), |row: &VerdictRow| row.domain.clone());
    for (domain, expected) in [(STRICT, "pass inside_tls"), (LAX, "fail login_before_tls")] {
        let row = &verdicts[domain];
        assert_eq!(said(&row.imap_tls_only), expected, "{domain}");
        assert_eq!(said(&row.pop3_tls_only), expected, "{domain}");
        assert_eq!(said(&row.submission_tls_only), expected, "{domain}");
        let cert = said(&row.client_cert);
        assert!(cert.starts_with("pass "), "{domain}: {cert}");
        let starttls = said(&row.starttls);
        assert!(
            starttls.starts_with("pass starttls:"),
            "{domain}: {starttls}"
        );
    }
}

#[test]
fn every_port_is_asked_as_often_as_that_and_shows_its_tls() {
    let endpoints: Vec<EndpointRow> = rows(surveyed());
    for domain in [STRICT, LAX] {
        for (port, connections) in PORTS {
            let of = endpoints.iter().filter(|row| {
                row.host.ends_with(domain) && row.port == port && row.connections > 0
            });
            let found: Vec<_> = of.collect();
            assert_eq!(found.len(), 1, "{domain} {port}");
            let row = found[0];
            assert_eq!(row.connections, connections, "{domain} {port}");
            assert_eq!(
                row.tls.version.as_deref(),
                Some("TLS 1.3"),
                "{domain} {port}"
            );
            assert!(!row.ehlo_tls.capabilities.is_empty(), "{domain} {port}");
            let chain = &row.chains[0];
            assert_eq!(chain.name_match, Some(NameMatch::San), "{domain} {port}");
            assert_eq!(chain.dates, Dates::Current, "{domain} {port}");
            assert_eq!(chain.pkix["mozilla"], Pkix::Valid, "by --extra-root");
            let is_clear = !row.protocol.has_implicit_tls();
            let expected = is_clear.then_some(domain == LAX);
            assert_eq!(row.auth_before_tls, expected, "{domain} {port}");
            if row.protocol == Protocol::Imaps {
                let versions = &row.versions;
                let old = [&versions.ssl3, &versions.tls1_0, &versions.tls1_1];
                let mut old = old.iter().map(|fact| fact.result);
                assert!(
                    old.all(|it| it == VersionResult::Refused),
                    "{:?}",
                    row.hellos
                );
            }
        }
    }
}

#[test]
fn dovecot_saw_nobody_try_to_log_in() {
    surveyed();
    let log = fs::read_to_string(lab().dir.join("log/dovecot.log")).expect("a log");
    let sessions: Vec<_> = log
        .lines()
        .filter(|line| line.contains("-login: "))
        .collect();
    // IMAP and POP3 at two addresses: four connections each that get as far as a session, or less
    // where a bare hello was all.
    assert!((8..=16).contains(&sessions.len()), "{log}");
    for line in sessions {
        let tried = !line.contains("no auth attempts") && !line.contains("TLS handshaking");
        assert!(!tried && line.contains("user=<>"), "{line}");
    }
    let postfix = fs::read_to_string(lab().dir.join("log/postfix.log")).expect("a log");
    assert!(!postfix.contains("SASL"), "{postfix}");
}
