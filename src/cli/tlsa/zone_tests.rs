//! What stands in a zone file, whatever stands in a certificate.

use super::*;
use crate::survey::single::Server;
use crate::table::codes::ErrorCode;
use crate::table::rows::HostRow;

fn record(data: &str) -> TlsaRecord {
    TlsaRecord {
        usage: 3,
        selector: 1,
        matching_type: 1,
        data: data.repeat(32),
        usable: true,
    }
}

fn shown() -> Shown {
    let mut host = HostRow {
        host: "mx.example.cz".to_owned(),
        ..HostRow::default()
    };
    host.addresses.outcome = Outcome::Found;
    host.addresses.security = Security::Secure;
    host.tlsa.outcome = Outcome::Found;
    host.tlsa.security = Security::Secure;
    host.tlsa.base = Some("mx.example.cz".to_owned());
    host.tlsa.records = vec![record("ab"), record("ef")];
    let server = |ip: &str, silent: Option<&str>| Server {
        ip: ip.parse().expect("an address"),
        chains: Vec::new(),
        silent: silent.map(str::to_owned),
        other: Other::Unknown(ErrorCode::Budget),
        nameless: false,
    };
    Shown {
        host,
        port: 25,
        alias_of_records: None,
        observed_at: Moment(1_700_000_000_000_000),
        addresses: vec![
            server("192.0.2.25", None),
            server("192.0.2.26", Some("timeout")),
        ],
    }
}

fn made(data: &str, published: bool) -> Made {
    let certificate = CertificateRow {
        subject: Some("CN=a\n_25._tcp.example.org. IN TLSA 3 1 1 00\u{1b}[2J; (".repeat(20)),
        issuer: Some("CN=Some CA".to_owned()),
        not_after: Some(Moment(1_710_000_000_000_000)),
        key_type: Some("rsa".to_owned()),
        key_bits: Some(2048),
        ..CertificateRow::default()
    };
    Made {
        record: record(data),
        leaves: vec![(
            certificate.clone(),
            vec!["192.0.2.25".parse().expect("one")],
        )],
        certificate,
        fits: true,
        published,
        broken: !published,
    }
}

#[test]
fn a_line_for_each_record_and_all_else_is_a_comment() {
    let shown = shown();
    let zone = Zone {
        shown: &shown,
        made: (vec![made("ab", true), made("cd", false)], Vec::new()),
        form: Form {
            usage: 3,
            selector: 1,
            matching_type: 1,
        },
        ttl: None,
    };
    let text = zone.print();
    let records: Vec<_> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(';'))
        .collect();
    let line = |data: &str| format!("_25._tcp.mx.example.cz. IN TLSA 3 1 1 {}", data.repeat(32));
    assert_eq!(records, [line("ab"), line("cd")]);
    assert!(!text.contains('\u{1b}'), "{text}");
    for words in [
        "; mx.example.cz port 25: what it showed 2023-11-14T22:13:20Z",
        "; Its addresses are secure (DNSSEC)",
        "; Published below mx.example.cz, secure: 2",
        "; What is published does not match what it shows",
        "; NOT THE WHOLE: mx.example.cz at 192.0.2.26 showed no certificate (timeout)",
        "; NOT THE WHOLE: mx.example.cz at 192.0.2.25 showed one kind of key; whether it has another \
         one is not known (budget)",
        "; rsa 2048, subject CN=a\\x0a_25._tcp.example.org. IN",
        "; Published; whether a server shows it is not known: 3 1 1 efefefefefefefef...; keep it",
        "; Not published: add it to those that are",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    assert_eq!(zone.gaps().len(), 2, "{:?}", zone.gaps());
}

#[test]
fn nothing_shows_a_record_only_where_all_was_seen() {
    let mut shown = shown();
    shown.addresses.truncate(1);
    let print = |shown: &Shown| {
        let form = Form {
            usage: 3,
            selector: 1,
            matching_type: 1,
        };
        let made = (vec![made("ab", true)], Vec::new());
        let zone = Zone {
            shown,
            made,
            form,
            ttl: None,
        };
        (zone.print(), zone.gaps().len())
    };
    let (text, gaps) = print(&shown);
    assert_eq!(gaps, 1, "{text}");
    assert!(!text.contains("nothing shows it"), "{text}");
    shown.addresses[0].other = Other::None;
    let (text, gaps) = print(&shown);
    assert_eq!(gaps, 0, "{text}");
    assert!(
        text.contains("; Published, and nothing shows it now: 3 1 1 efef"),
        "{text}"
    );
    assert!(text.contains("\n; Published\n"), "{text}");
    shown.host.tlsa.security = Security::Bogus;
    let (text, _) = print(&shown);
    assert!(!text.contains("\n; Published\n"), "{text}");
    for words in [
        "; The answer for its records is bogus (DNSSEC): senders that go by DANE deliver nothing",
        "; Published, but bogus (DNSSEC): senders",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
}

/// Nothing was made of what is shown.
fn zone(shown: &Shown) -> Zone<'_> {
    Zone {
        shown,
        made: (Vec::new(), Vec::new()),
        form: Form {
            usage: 2,
            selector: 1,
            matching_type: 1,
        },
        ttl: Some(300),
    }
}

#[test]
fn what_is_not_known_of_the_dns_is_said() {
    let mut shown = shown();
    shown.addresses.clear();
    shown.host.addresses.outcome = Outcome::Failed;
    shown.host.addresses.error = Some(ErrorCode::Servfail);
    shown.host.tlsa = crate::table::rows::Tlsa::default();
    let gaps = zone(&shown).gaps();
    assert_eq!(
        gaps,
        [
            "the addresses of mx.example.cz are not known (servfail)",
            "what is published for mx.example.cz is not known (not asked)"
        ]
    );
    assert!(zone(&shown).print().contains("is not known (not asked)"));
    shown.host.addresses.outcome = Outcome::Absent;
    assert_eq!(zone(&shown).gaps(), ["mx.example.cz has no address"]);
    shown.host.addresses.outcome = Outcome::Found;
    shown.host.addresses.truncated = true;
    assert_eq!(zone(&shown).gaps().len(), 3);
    shown.host.tlsa.outcome = Outcome::Absent;
    assert_eq!(zone(&shown).gaps().len(), 2);
    let line = zone(&shown).line(&record("ab"));
    assert!(
        line.starts_with("_25._tcp.mx.example.cz. 300 IN TLSA 3 1 1 abab"),
        "{line}"
    );
    for (alias, owner) in [
        ("_dane.example.net", "_dane.example.net. 300 IN"),
        ("a b\nc", "_25._tcp.mx.example.cz. 300 IN"),
    ] {
        shown.alias_of_records = Some(alias.to_owned());
        let line = zone(&shown).line(&record("ab"));
        assert!(line.starts_with(owner), "{line}");
    }
    let mut long = record("ab");
    long.data = "ab".repeat(200);
    let line = zone(&shown).line(&long);
    assert!(
        line.split(' ').all(|word| word.trim_end().len() <= PIECE),
        "{line}"
    );
}
