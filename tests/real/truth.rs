//! Every domain and every mail host of the lab is found to be what its tables say.

use std::collections::{BTreeMap, BTreeSet};

use mailcensus::table::codes::{
    Dates, ErrorCode, Existence, NameMatch, Outcome, Pkix, Role, Security, StarttlsOutcome,
    TcpOutcome, TlsOutcome,
};
use mailcensus::table::rows::{Chain, DomainRow, EndpointRow, HostRow, VerdictRow};

use super::lab::{MailHost, Truth, lab};
use super::program::{assert_nothing_lost, keyed};
use super::shared::shared;

/// Mail hosts that a survey keeps of one domain.
const MX_LIMIT: usize = 10;

#[test]
fn every_domain_is_what_the_table_says() {
    let out = &shared().out;
    let rows = keyed(out, |row: &DomainRow| row.domain.clone());
    let verdicts = keyed(out, |row: &VerdictRow| row.domain.clone());
    let truth = lab().truth();
    let expected: BTreeSet<_> = truth.iter().map(|truth| truth.domain.clone()).collect();
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(verdicts.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert_nothing_lost(out, expected.len());
    for truth in truth {
        let row = &rows[&truth.domain];
        compare_domain(&truth, row);
        assert_eq!(
            verdicts[&truth.domain].mx_kind, row.mx.kind,
            "{}",
            row.domain
        );
    }
}

fn compare_domain(truth: &Truth, row: &DomainRow) {
    let name = &truth.domain;
    let mx = &row.mx;
    let hosts: Vec<_> = mx
        .records
        .iter()
        .map(|record| record.host.clone())
        .filter(|host| host != ".")
        .collect();
    match truth.dnssec.as_str() {
        "failed" => {
            assert_eq!(row.existence, Existence::Failed, "{name}");
            assert_eq!(mx.outcome, Outcome::Failed, "{name}");
            assert!(mx.error.is_some() && mx.kind.is_none(), "{name}: {mx:?}");
            return;
        }
        "bogus" => {
            assert_eq!(mx.outcome, Outcome::Found, "{name}: with CD there is data");
            assert_eq!(mx.error, Some(ErrorCode::Bogus), "{name}");
            assert_eq!(mx.security, Security::Bogus, "{name}");
            return;
        }
        word => assert_eq!(mx.security.as_str(), word, "{name}"),
    }
    assert_eq!(mx.error, None, "{name}");
    assert_eq!(
        mx.kind.map(|kind| kind.as_str()),
        Some(&*truth.kind),
        "{name}"
    );
    let expected: Vec<_> = match truth.kind.as_str() {
        "explicit" => truth.mx.iter().take(MX_LIMIT).cloned().collect(),
        _ => Vec::new(),
    };
    assert_eq!(hosts, expected, "{name}: in order of preference");
    assert_eq!(mx.truncated, truth.mx.len() > MX_LIMIT, "{name}");
    let preferences: Vec<_> = mx.records.iter().map(|record| record.preference).collect();
    assert!(preferences.is_sorted(), "{name}: {preferences:?}");
}

#[test]
fn every_mail_host_is_what_the_table_says() {
    let out = &shared().out;
    let mut rows = keyed(out, |row: &HostRow| row.host.clone());
    // Hosts of policies are none.
    rows.retain(|_, row| row.roles.contains(&Role::Mx));
    let mut endpoints: BTreeMap<String, Vec<EndpointRow>> = BTreeMap::new();
    for (_, row) in keyed(out, |row: &EndpointRow| format!("{} {}", row.host, row.ip)) {
        endpoints.entry(row.host.clone()).or_default().push(row);
    }
    let leads_somewhere: BTreeSet<String> = lab()
        .truth()
        .into_iter()
        .flat_map(|truth| truth.mx.into_iter().take(MX_LIMIT))
        .collect();
    let mut compared = 0;
    for truth in lab().hosts() {
        let Some(row) = rows.get(&truth.host) else {
            let name = &truth.host;
            assert!(!leads_somewhere.contains(name), "{name} is missing");
            continue;
        };
        let none = Vec::new();
        let endpoints = endpoints.get(&truth.host).unwrap_or(&none);
        compare_host(&truth, row, endpoints);
        compared += 1;
    }
    assert_eq!(compared, rows.len(), "a host that the table does not know");
    assert!(leads_somewhere.len() <= compared);
}

fn compare_host(truth: &MailHost, row: &HostRow, endpoints: &[EndpointRow]) {
    let name = &truth.host;
    assert_eq!(
        sorted(&row.addresses.ips),
        sorted(&truth.addresses),
        "{name}"
    );
    let found = match truth.addresses.is_empty() {
        true => Outcome::Absent,
        false => Outcome::Found,
    };
    assert_eq!(row.addresses.outcome, found, "{name}");
    let dialled: Vec<_> = endpoints.iter().map(|row| row.ip.clone()).collect();
    assert_eq!(
        sorted(&dialled),
        sorted(&truth.addresses),
        "{name}: endpoints"
    );
    for endpoint in endpoints {
        compare_class(truth, endpoint);
    }
    compare_tlsa(truth, row, endpoints);
}

fn sorted(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

fn compare_class(truth: &MailHost, row: &EndpointRow) {
    let name = format!("{} {} ({})", row.host, row.ip, truth.class);
    let tcp = |outcome, error| {
        assert_eq!((row.tcp.outcome, row.tcp.error), (outcome, error), "{name}");
        assert_eq!(
            row.starttls.outcome,
            StarttlsOutcome::NotAttempted,
            "{name}"
        );
        assert!(row.chains.is_empty(), "{name}");
    };
    match truth.class.as_str() {
        "refused" => tcp(TcpOutcome::Failed, Some(ErrorCode::Refused)),
        "blackhole" => tcp(TcpOutcome::Failed, Some(ErrorCode::Timeout)),
        "private" | "loopback" => {
            tcp(TcpOutcome::Failed, Some(ErrorCode::SpecialPurpose));
            assert_eq!(row.connections, 0, "{name}");
        }
        "rejecting" => {
            assert_eq!(row.tcp.outcome, TcpOutcome::Connected, "{name}");
            assert!(row.banner_code.is_some_and(|code| code >= 500), "{name}");
            assert_eq!(row.starttls.error, Some(ErrorCode::Blocked), "{name}");
        }
        "no_starttls" => {
            assert_eq!(row.banner_code, Some(220), "{name}");
            assert_eq!(row.starttls.outcome, StarttlsOutcome::NotOffered, "{name}");
            assert_eq!(row.tls.outcome, TlsOutcome::NotAttempted, "{name}");
            assert!(row.chains.is_empty(), "{name}");
        }
        "broken" => {
            assert_eq!(row.starttls.outcome, StarttlsOutcome::Accepted, "{name}");
            assert_eq!(row.tls.outcome, TlsOutcome::Failed, "{name}");
        }
        "anonymous" => {
            assert_eq!(row.tls.outcome, TlsOutcome::HelloOnly, "{name}");
            assert!(row.chains.is_empty(), "{name}");
        }
        "unseen" => {
            assert_eq!(row.tls.outcome, TlsOutcome::HelloOnly, "{name}");
            assert_eq!(row.tls.version.as_deref(), Some("TLS 1.3"), "{name}");
            assert!(row.chains.is_empty(), "{name}");
        }
        class => compare_certificate(class, row, &name),
    }
}

fn compare_certificate(class: &str, row: &EndpointRow, name: &str) {
    assert_eq!(row.starttls.outcome, StarttlsOutcome::Accepted, "{name}");
    // How far the handshake goes is in `matrix`.
    assert_ne!(row.tls.outcome, TlsOutcome::Failed, "{name}");
    // Who has two certificates may have been seen to show both.
    let most = usize::from(name.contains("dual")) + 1;
    let count = row.chains.len();
    assert!((1..=most).contains(&count), "{name}: {count} chains");
    for chain in &row.chains {
        compare_chain(class, chain, name);
    }
}

fn compare_chain(class: &str, chain: &Chain, name: &str) {
    let (mut trust, mut dates, mut names) = (Pkix::Valid, Dates::Current, Some(NameMatch::San));
    match class {
        "good" => {}
        "self_signed" => trust = Pkix::SelfSigned,
        "expired" => dates = Dates::Expired,
        "wrong_name" => names = Some(NameMatch::None),
        other => panic!("{name}: a class without a rule: {other}"),
    }
    assert!(!chain.pkix.is_empty(), "{name}");
    for (store, result) in &chain.pkix {
        assert_eq!(*result, trust, "{name}: by the store {store}");
    }
    assert_eq!(chain.dates, dates, "{name}");
    assert_eq!(chain.name_match, names, "{name}");
}

fn compare_tlsa(truth: &MailHost, row: &HostRow, endpoints: &[EndpointRow]) {
    let name = format!("{} (TLSA {})", truth.host, truth.tlsa);
    let tlsa = &row.tlsa;
    let usable = tlsa.records.iter().any(|record| record.usable);
    let mut chains = endpoints.iter().flat_map(|row| &row.chains);
    let found = |security: Security| {
        assert_eq!(
            (tlsa.outcome, tlsa.security),
            (Outcome::Found, security),
            "{name}"
        );
        assert!(!tlsa.records.is_empty(), "{name}");
    };
    match truth.tlsa.as_str() {
        "none" => {
            let outcome = match truth.addresses.is_empty() {
                true => Outcome::NotAttempted,
                false => Outcome::Absent,
            };
            assert_eq!(tlsa.outcome, outcome, "{name}");
            assert!(tlsa.records.is_empty(), "{name}");
        }
        "good" => {
            found(Security::Secure);
            assert!(usable, "{name}");
            assert!(endpoints.iter().all(|row| !row.chains.is_empty()), "{name}");
            assert!(chains.all(|chain| !chain.tlsa_matches.is_empty()), "{name}");
        }
        "wrong" => {
            found(Security::Secure);
            assert!(usable, "{name}");
            assert!(chains.all(|chain| chain.tlsa_matches.is_empty()), "{name}");
        }
        "unusable" => {
            found(Security::Secure);
            assert!(!usable, "{name}");
            assert!(chains.all(|chain| chain.tlsa_matches.is_empty()), "{name}");
        }
        "insecure" => found(Security::Insecure),
        // Where the whole zone is bogus, there may be none at all.
        "bogus" => {
            assert_eq!(tlsa.security, Security::Bogus, "{name}");
            assert_eq!(tlsa.error, Some(ErrorCode::Bogus), "{name}");
        }
        other => panic!("{name}: a word without a rule: {other}"),
    }
}
