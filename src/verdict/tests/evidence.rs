//! From tables to cases: what is read, joined and kept.

use super::tables::Tables;
use super::*;
use crate::table::codes::{AttemptOutcome, Family, Role, StarttlsOutcome, TcpOutcome, TlsOutcome};
use crate::table::rows;
use crate::table::rows::{
    Addresses, Asked, Attempt, CertificateRow, DnsKey, Ds, EndpointRow, HostRow, PolicyAttempt,
    StsPolicyRow, Tlsa, TlsaRecord, ZoneRow,
};

pub fn domain_of(hosts: &[&str]) -> Domain {
    let records = hosts.iter().map(|host| MxRecord {
        preference: 10,
        host: (*host).to_owned(),
    });
    let mut domain = domain(Some(MxKind::Explicit));
    domain.zone = Some("example.cz".to_owned());
    domain.mx.records = records.collect();
    domain
}

fn asked(outcome: Outcome) -> Asked {
    Asked {
        outcome,
        security: Security::Secure,
        ..Asked::default()
    }
}

pub fn host_row(host: &str) -> HostRow {
    HostRow {
        roles: vec![Role::Mx],
        host: host.to_owned(),
        zone: Some("example.cz".to_owned()),
        addresses: Addresses {
            outcome: Outcome::Found,
            security: Security::Secure,
            ..Addresses::default()
        },
        aaaa: asked(Outcome::Found),
        ..HostRow::default()
    }
}

pub fn endpoint_row(host: &str, ip: &str) -> EndpointRow {
    EndpointRow {
        host: host.to_owned(),
        ip: ip.to_owned(),
        family: match ip.contains(':') {
            true => Family::Ipv6,
            false => Family::Ipv4,
        },
        port: 25,
        connections: 1,
        banner_code: Some(220),
        starttls: rows::Starttls {
            outcome: StarttlsOutcome::Accepted,
            ..rows::Starttls::default()
        },
        tls: rows::Tls {
            outcome: TlsOutcome::Completed,
            ..rows::Tls::default()
        },
        ..EndpointRow::default()
    }
}

/// The row of an address that was not dialled, or not reached, for this reason.
fn unreached_row(host: &str, ip: &str, error: ErrorCode) -> EndpointRow {
    EndpointRow {
        connections: u16::from(error == ErrorCode::Refused),
        banner_code: None,
        starttls: rows::Starttls::default(),
        tls: rows::Tls::default(),
        tcp: rows::Tcp {
            error: Some(error),
            ..rows::Tcp::default()
        },
        ..endpoint_row(host, ip)
    }
}

pub const MX1: &str = "mx1.example.cz";
pub const V4: &str = "198.51.100.1";
const V6: &str = "2001:db8::1";

#[test]
fn an_address_that_was_left_alone_keeps_its_family() {
    let mut tables = Tables::new();
    tables.add(&[host_row(MX1)]);
    let spared = unreached_row(MX1, V6, ErrorCode::Excluded);
    tables.add(&[endpoint_row(MX1, V4), spared]);
    let domain = domain_of(&[MX1]);
    assert_eq!(
        tables.says(&domain, CheckId::MxIpv6),
        "unknown excluded:0/1"
    );
    assert_eq!(tables.says(&domain, CheckId::Starttls), "pass starttls:1/2");
}

#[test]
fn a_host_that_two_records_name_is_one_host() {
    let mut tables = Tables::new();
    tables.add(&[host_row(MX1)]);
    tables.add(&[endpoint_row(MX1, V4)]);
    let domain = domain_of(&[MX1, MX1]);
    assert_eq!(tables.says(&domain, CheckId::Starttls), "pass starttls:1/1");
    assert_eq!(
        tables.says(&domain, CheckId::MxUniform),
        "not_applicable single_mx"
    );
}

#[test]
fn a_refusal_says_nothing_where_nobody_greets_over_that_family() {
    let mut tables = Tables::new();
    tables.add(&[host_row(MX1)]);
    let refused = unreached_row(MX1, V6, ErrorCode::Refused);
    tables.add(&[endpoint_row(MX1, V4), refused]);
    let domain = domain_of(&[MX1]);
    assert_eq!(tables.says(&domain, CheckId::MxIpv6), "unknown refused:0/1");
    tables.add(&[endpoint_row("mx.example.org", "2001:db8::2")]);
    assert_eq!(tables.says(&domain, CheckId::MxIpv6), "fail refused:0/1");
}

fn record(usage: u8) -> TlsaRecord {
    TlsaRecord {
        usage,
        usable: usage >= 2,
        ..TlsaRecord::default()
    }
}

#[test]
fn records_beyond_the_sixty_fourth_count_too() {
    let mut records = vec![record(1); 70];
    records.push(record(3));
    let mut row = host_row(MX1);
    row.tlsa = Tlsa {
        outcome: Outcome::Found,
        security: Security::Secure,
        records,
        ..Tlsa::default()
    };
    let chain = rows::Chain {
        source: ChainSource::Observed,
        tlsa_matches: vec![70],
        ..rows::Chain::default()
    };
    let completed = Attempt {
        outcome: AttemptOutcome::Completed,
        ..Attempt::default()
    };
    let mut server = endpoint_row(MX1, V4);
    server.chains = vec![chain];
    server.attempts = vec![completed.clone(), completed];
    let mut tables = Tables::new();
    tables.add(&[row]);
    tables.add(std::slice::from_ref(&server));
    let domain = domain_of(&[MX1]);
    assert_eq!(
        tables.says(&domain, CheckId::DanePublished),
        "pass tlsa:1/1"
    );
    assert_eq!(tables.says(&domain, CheckId::DaneValid), "pass matched:1/1");
}

#[test]
fn records_that_senders_do_not_look_at_match_nothing() {
    let with_digests = |digests: [u8; 2]| {
        let mut row = host_row(MX1);
        let records = digests.map(|matching_type| TlsaRecord {
            matching_type,
            selector: 1,
            ..record(3)
        });
        row.tlsa = Tlsa {
            outcome: Outcome::Found,
            security: Security::Secure,
            records: records.to_vec(),
            ..Tlsa::default()
        };
        row
    };
    let says = |digests, matches: &[u8], again: &[u8]| {
        let host = with_digests(digests);
        let mut server = endpoint_row(MX1, V4);
        server.chains = vec![rows::Chain {
            source: ChainSource::Observed,
            tlsa_matches: matches.to_vec(),
            tlsa_again_matches: again.to_vec(),
            seen: 2,
            ..rows::Chain::default()
        }];
        server.tlsa_again = Some(rows::TlsaAgain {
            outcome: Outcome::Found,
            security: Security::Secure,
            records: host.tlsa.records.clone(),
            ..rows::TlsaAgain::default()
        });
        let mut tables = Tables::new();
        tables.add(&[host]);
        tables.add(&[server]);
        tables.says(&domain_of(&[MX1]), CheckId::DaneValid)
    };
    assert_eq!(says([1, 1], &[0], &[0]), "pass matched:1/1");
    assert_eq!(says([1, 2], &[0], &[0]), "fail mismatch:1/1");
    assert_eq!(says([1, 2], &[0], &[0, 1]), "pass tlsa_changed:1/1");
    assert_eq!(says([1, 2], &[0, 1], &[0, 1]), "pass matched:1/1");
}

fn zone_row(zone: &str, parent: Option<&str>) -> ZoneRow {
    let key = DnsKey {
        flags: 257,
        algorithm: 13,
        bits: Some(256),
        key_tag: 1,
    };
    ZoneRow {
        zone: zone.to_owned(),
        parent: parent.map(str::to_owned),
        ds_answer: match parent {
            Some(_) => asked(Outcome::Found),
            None => Asked::default(),
        },
        ds: vec![Ds {
            key_tag: 1,
            algorithm: 13,
            digest_type: 2,
        }],
        dnskey_answer: asked(Outcome::Found),
        keys: vec![key],
        ..ZoneRow::default()
    }
}

#[test]
fn zones_count_up_to_the_root_and_revoked_keys_do_not() {
    let domain = domain_of(&[MX1]);
    let says = |zones: &[ZoneRow]| {
        let mut tables = Tables::new();
        tables.add(&[host_row(MX1)]);
        tables.add(&[endpoint_row(MX1, V4)]);
        tables.add(zones);
        tables.says(&domain, CheckId::DnssecAlgorithms)
    };
    let own = || zone_row("example.cz", Some("cz"));
    let (tld, root) = (zone_row("cz", Some(".")), zone_row(".", None));
    let unknown = "unknown zone_unknown";
    assert_eq!(says(&[own(), tld.clone(), root.clone()]), "pass strong");
    assert_eq!(says(&[own(), tld.clone()]), unknown, "no row of the root");
    assert_eq!(says(&[own(), root.clone()]), unknown, "no row between");
    assert_eq!(says(&[]), unknown);
    let orphan = zone_row("example.cz", None);
    assert_eq!(says(&[orphan, tld.clone(), root.clone()]), unknown);
    let mut lost = own();
    lost.dnskey_answer = asked(Outcome::Failed);
    assert_eq!(says(&[lost, tld.clone(), root.clone()]), unknown);
    let mut old = own();
    old.keys.push(DnsKey {
        flags: 257 | 128,
        algorithm: 5,
        ..old.keys[0].clone()
    });
    assert_eq!(
        says(&[old.clone(), tld.clone(), root.clone()]),
        "pass strong"
    );
    old.keys[1].flags = 257;
    assert_eq!(says(&[old, tld, root]), "fail algorithm_5");
}

fn certificate_row(sha256: &str, key_type: Option<&str>, curve: Option<&str>) -> CertificateRow {
    CertificateRow {
        sha256: sha256.to_owned(),
        key_type: key_type.map(str::to_owned),
        curve: curve.map(str::to_owned),
        signature_hash: Some("sha256".to_owned()),
        ..CertificateRow::default()
    }
}

#[test]
fn a_chain_is_as_strong_as_the_certificates_of_its_hashes() {
    let of = |digit: &str| digit.repeat(64);
    let (good, odd, lost) = (of("a"), of("b"), of("c"));
    let mut tables = Tables::new();
    let hosts = ["mx1.example.cz", "mx2.example.cz", "mx3.example.cz"];
    tables.add(&hosts.map(host_row));
    tables.add(&[
        certificate_row(&good, Some("ecdsa"), Some("P-256")),
        certificate_row(&odd, Some("ecdsa"), Some("P-192")),
    ]);
    let showing = |(host, ip, hashes): (&str, &str, &[&String])| EndpointRow {
        chains: vec![rows::Chain {
            certificates: hashes.iter().map(|hash| (*hash).clone()).collect(),
            source: ChainSource::Observed,
            ..rows::Chain::default()
        }],
        ..endpoint_row(host, ip)
    };
    tables.add(&[
        showing((hosts[0], "198.51.100.1", &[&good])),
        showing((hosts[1], "198.51.100.2", &[&good, &odd])),
        showing((hosts[2], "198.51.100.3", &[&good, &lost])),
    ]);
    let says = |host| tables.says(&domain_of(&[host]), CheckId::CertStrong);
    assert_eq!(says(hosts[0]), "pass strong:1/1");
    assert_eq!(says(hosts[1]), "fail key_not_listed:1/1");
    assert_eq!(says(hosts[2]), "unknown malformed:1/1");
}

/// The row of a policy that could not be reached.
fn refused_row(domain: &str, ip: &str) -> StsPolicyRow {
    let refused = PolicyAttempt {
        outcome: Outcome::Failed,
        error: Some(ErrorCode::Refused),
        ..PolicyAttempt::default()
    };
    StsPolicyRow {
        domain: domain.to_owned(),
        ip: Some(ip.to_owned()),
        outcome: refused.outcome,
        error: refused.error,
        attempts: vec![refused.clone(), refused],
        ..StsPolicyRow::default()
    }
}

/// The row of a policy that is as it should be.
fn policy_row(domain: &str) -> StsPolicyRow {
    let mut row = StsPolicyRow {
        domain: domain.to_owned(),
        ip: Some("192.0.2.80".to_owned()),
        outcome: Outcome::Found,
        http_status: Some(200),
        pkix: [("mozilla".to_owned(), Pkix::Valid)].into(),
        dates: Some(Dates::Current),
        name_match: Some(NameMatch::San),
        mode: Some(PolicyMode::Testing),
        max_age: Some(86_400),
        mx: vec!["*.example.cz".to_owned()],
        valid: Some(true),
        ..StsPolicyRow::default()
    };
    row.tcp.outcome = TcpOutcome::Connected;
    row
}

/// A domain with a record that can be used, and a host that is nothing special.
fn with_record() -> (Tables, Domain) {
    let mut tables = Tables::new();
    tables.add(&[host_row("mx1.example.cz")]);
    tables.add(&[endpoint_row("mx1.example.cz", "192.0.2.25")]);
    let mut domain = domain_of(&["mx1.example.cz"]);
    domain.mta_sts = records(1);
    (tables, domain)
}

#[test]
fn a_policy_belongs_to_its_domain() {
    let (mut tables, domain) = with_record();
    tables.add(&[policy_row("example.org")]);
    let says = |tables: &Tables| tables.says(&domain, CheckId::MtaSts);
    assert_eq!(says(&tables), "unknown not_measured");
    tables.add(&[policy_row("example.cz")]);
    assert_eq!(says(&tables), "pass testing");
    let enforced = tables.says(&domain, CheckId::MtaStsEnforced);
    assert_eq!(enforced, "fail testing");
}

#[test]
fn where_nobody_takes_a_connection_a_refusal_says_nothing() {
    let (mut tables, domain) = with_record();
    tables.add(&[refused_row("example.cz", "2001:db8::80")]);
    let says = |tables: &Tables| tables.says(&domain, CheckId::MtaSts);
    assert_eq!(says(&tables), "unknown vantage");
    // Another family says nothing of this one.
    tables.add(&[policy_row("example.org")]);
    assert_eq!(says(&tables), "unknown vantage");
    let mut other = policy_row("example.net");
    other.ip = Some("2001:db8::81".to_owned());
    tables.add(&[other]);
    assert_eq!(says(&tables), "fail refused");
}

#[test]
fn a_host_of_policies_is_no_mail_host() {
    let mut tables = Tables::new();
    tables.add(&[HostRow {
        roles: vec![Role::Policy],
        ..host_row("mx1.example.cz")
    }]);
    let domain = domain_of(&["mx1.example.cz"]);
    let says = tables.says(&domain, CheckId::DnssecMailHosts);
    assert!(says.starts_with("unknown"), "{says}");
}
