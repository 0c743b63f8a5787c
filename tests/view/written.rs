//! A small survey written from literals: two mail hosts that share an address, one domain that is its
//! own mail host, one that takes no mail and one that does not exist.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mailcensus::order::Order;
use mailcensus::table::codes::{
    AttemptOutcome, ChainSource, Denial, ErrorCode, Existence, MxKind, NameMatch, Outcome, Pkix,
    Role, Security, StarttlsOutcome, TcpOutcome, TlsOutcome,
};
use mailcensus::table::manifest::{self, Manifest};
use mailcensus::table::record_codes::{DkimExistence, DmarcPolicy, Fault, Inherited, SpfAll};
use mailcensus::table::row::Moment;
use mailcensus::table::rows::{
    Attempt, CertificateRow, Chain, DkimKey, DnsKey, DomainRow, Ds, EndpointRow, Hello, HostRow,
    MxRecord, Offer, RecordFinding, ReportTarget, Table, TableName, TlsaRecord, TxtAnswer,
    TxtColumns, VersionFact, Versions, ZoneRow,
};
use mailcensus::table::tls_codes::{HelloKind, HelloOutcome, VersionResult};
use mailcensus::table::{Batch, SCHEMA_VERSION, Store};

use crate::real::program::{MAILCENSUS, Ran, run};

/// When everything was seen: 2023-11-14 22:13:20 UTC.
const SEEN: Moment = Moment(1_700_000_000_000_000);

/// Stages that a survey has behind it before it is judged.
pub const MEASURED: [&str; 3] = ["dns", "hosts", "probe"];

/// Writes a survey with these stages behind it.
pub fn write(dir: &Path, stages: &[&str]) {
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        survey: "0badcafe".to_owned(),
        seed: "1".to_owned(),
        started_at: manifest::now(),
        ..Manifest::default()
    };
    let mut store = open(dir);
    commit(&mut store, &domains());
    commit(&mut store, &zones());
    commit(&mut store, &hosts());
    commit(&mut store, &endpoints());
    commit(&mut store, &[certificate()]);
    for stage in stages {
        store.finish(stage, &TableName::ALL).expect("finishes");
    }
    manifest.write(dir).expect("writes");
}

/// The store of that survey.
pub fn open(dir: &Path) -> Store {
    let lock = patiently(|| Store::lock(dir), Result::is_ok).expect("a lock");
    Store::open(dir, lock, "0badcafe", Order::new(1)).expect("a store")
}

/// A lock that this process gave back stays with the child that another test begins at that moment,
/// until the child is a program of its own.
fn patiently<T>(mut once: impl FnMut() -> T, is_good: impl Fn(&T) -> bool) -> T {
    for _ in 0..50 {
        let tried = once();
        if is_good(&tried) {
            return tried;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    once()
}

fn commit<T: Table>(store: &mut Store, rows: &[T]) {
    store
        .commit(vec![Batch::new(rows).expect("rows")])
        .expect("commits");
}

/// Runs the program.
pub fn mailcensus(args: &[&str]) -> Ran {
    let is_free = |ran: &Ran| !ran.stderr.contains("another mailcensus is working here");
    patiently(|| run(Command::new(MAILCENSUS).args(args)), is_free)
}

/// Runs the program, which refuses with one sentence that has these words.
#[track_caller]
pub fn refused(args: &[&str], words: &[&str]) {
    let ran = mailcensus(args).expect(2);
    assert_eq!(
        ran.stderr.lines().count(),
        1,
        "one sentence: {}",
        ran.stderr
    );
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
}

fn domain(name: &str, kind: MxKind, hosts: &[&str]) -> DomainRow {
    let mut row = DomainRow {
        domain: name.to_owned(),
        domain_unicode: name.to_owned(),
        tld: "cz".to_owned(),
        weight: 1.0,
        observed_at: SEEN,
        queries: 9,
        existence: Existence::Exists,
        zone: Some(name.to_owned()),
        ..DomainRow::default()
    };
    row.mx.kind = Some(kind);
    row.mx.security = Security::Secure;
    row.mx.outcome = match kind {
        MxKind::Explicit | MxKind::Null => Outcome::Found,
        MxKind::Implicit | MxKind::None => Outcome::Absent,
    };
    let records = hosts.iter().zip(1..);
    row.mx.records = records
        .map(|(host, at)| MxRecord {
            preference: at * 10,
            host: (*host).to_owned(),
        })
        .collect();
    let texts: [&mut dyn TxtColumns; 4] = [
        &mut row.spf,
        &mut row.dmarc,
        &mut row.mta_sts,
        &mut row.tls_rpt,
    ];
    for text in texts {
        text.set_answer(TxtAnswer {
            outcome: Outcome::Absent,
            denial: Some(Denial::Nxdomain),
            security: Security::Secure,
            ..TxtAnswer::default()
        });
    }
    row
}

fn domains() -> Vec<DomainRow> {
    let mut good = domain(
        "example.cz",
        MxKind::Explicit,
        &["mx1.example.cz", "mx2.example.cz"],
    );
    good.mail_operator = Some("example.cz".to_owned());
    good.tags
        .insert("note".to_owned(), "a\u{1b}[2J\u{9b}b".to_owned());
    good.spf.outcome = Outcome::Found;
    good.spf.denial = None;
    good.spf.count = 1;
    protected(&mut good);
    let mut own = domain("xn--hkyrky-ptac70bc.cz", MxKind::Implicit, &[]);
    own.domain_unicode = "háčkyčárky.cz".to_owned();
    let null = domain("null.cz", MxKind::Null, &["."]);
    let mut gone = domain("gone.cz", MxKind::None, &[]);
    gone.existence = Existence::Nxdomain;
    gone.zone = Some("cz".to_owned());
    vec![good, own, null, gone]
}

/// SPF, DMARC and DKIM of which something is wrong.
fn protected(row: &mut DomainRow) {
    let spf = &mut row.spf;
    let record = format!("v=spf1 {}ptr ~all", "include:spf.example.net ".repeat(5));
    let at = record.find("ptr").expect("there") as u16;
    spf.record = Some(record);
    spf.valid = Some(true);
    spf.findings.push(RecordFinding {
        fault: Fault::UsesPtr,
        start: at,
        end: at + 3,
        fatal: false,
    });
    spf.includes = vec!["spf.example.net".to_owned()];
    (spf.all, spf.effective_all) = (Some(SpfAll::Softfail), Some(SpfAll::Softfail));
    (spf.lookups, spf.void_lookups, spf.mx_names) = (Some(6), Some(1), Some(0));
    (spf.ipv4_addresses, spf.ipv6_addresses) = (Some(65_537), Some(2_f64.powi(81)));
    (spf.includes_all, spf.depends_on_sender) = (Some(false), Some(true));
    spf.dangling = vec!["spf.example.net".to_owned()];
    spf.graph_fault = Some(Fault::NoRecord);
    spf.graph_fault_at = Some("spf.example.net".to_owned());
    let dmarc = &mut row.dmarc;
    let record = "v=DMARC1; p=reject; t=y; rua=mailto:a@example.cz,mailto:a@example.org";
    dmarc.record = Some(record.to_owned());
    (dmarc.outcome, dmarc.denial, dmarc.count) = (Outcome::Found, None, 1);
    dmarc.valid = Some(true);
    dmarc.found_at = Some("example.cz".to_owned());
    dmarc.org_domain = Some("example.cz".to_owned());
    dmarc.inherited = Some(Inherited::Own);
    (dmarc.p, dmarc.t) = (Some(DmarcPolicy::Reject), Some(true));
    dmarc.effective_policy = Some(DmarcPolicy::Quarantine);
    (dmarc.outcome_7489, dmarc.count_7489) = (Outcome::Found, 1);
    dmarc.found_at_7489 = Some("example.cz".to_owned());
    dmarc.record_7489 = dmarc.record.clone();
    dmarc.valid_7489 = Some(true);
    (dmarc.p_7489, dmarc.pct_7489) = (Some(DmarcPolicy::Reject), Some(100));
    dmarc.effective_policy_7489 = Some(DmarcPolicy::Reject);
    let target = |host: &str, external, authorised| ReportTarget {
        host: host.to_owned(),
        external,
        authorised,
        ..ReportTarget::default()
    };
    dmarc.rua_targets = vec![
        target("example.cz", false, Outcome::NotAttempted),
        target("example.org", true, Outcome::Absent),
    ];
    dmarc.rua_targets_7489 = dmarc.rua_targets.clone();
    let dkim = &mut row.dkim;
    dkim.existence = DkimExistence::KeyFound;
    dkim.subtree.outcome = Outcome::Absent;
    dkim.subtree.denial = Some(Denial::Nodata);
    dkim.control.outcome = Outcome::Absent;
    dkim.control.denial = Some(Denial::Nxdomain);
    dkim.selectors = vec!["s1".to_owned(), "s2".to_owned()];
    dkim.keys.push(DkimKey {
        selector: "s2".to_owned(),
        key_type: Some("rsa".to_owned()),
        bits: Some(1024),
        testing: true,
        security: Security::Secure,
        ..DkimKey::default()
    });
}

fn zones() -> Vec<ZoneRow> {
    let zone = |name: &str, parent: Option<&str>| {
        let mut row = ZoneRow {
            zone: name.to_owned(),
            parent: parent.map(str::to_owned),
            observed_at: SEEN,
            security: Security::Secure,
            ..ZoneRow::default()
        };
        row.ds.push(Ds {
            key_tag: 4_711,
            algorithm: 13,
            digest_type: 2,
        });
        row.keys.push(DnsKey {
            key_tag: 4_711,
            flags: 257,
            algorithm: 13,
            bits: Some(256),
        });
        row
    };
    vec![
        zone("example.cz", Some("cz")),
        zone("cz", Some(".")),
        zone(".", None),
    ]
}

fn hosts() -> Vec<HostRow> {
    let host = |name: &str| {
        let mut row = HostRow {
            host: name.to_owned(),
            roles: vec![Role::Mx],
            zone: Some("example.cz".to_owned()),
            observed_at: SEEN,
            domains: 1,
            ..HostRow::default()
        };
        row.addresses.outcome = Outcome::Found;
        row.addresses.security = Security::Secure;
        row.addresses.ips = vec!["192.0.2.25".to_owned()];
        row.a.outcome = Outcome::Found;
        row.aaaa.outcome = Outcome::Absent;
        row.tlsa.outcome = Outcome::Found;
        row.tlsa.security = Security::Secure;
        row.tlsa.base = Some(name.to_owned());
        row.tlsa.records = vec![TlsaRecord {
            usage: 3,
            selector: 1,
            matching_type: 1,
            data: "ab".repeat(32),
            usable: true,
        }];
        row
    };
    vec![
        host("mx1.example.cz"),
        host("mx2.example.cz"),
        host("xn--hkyrky-ptac70bc.cz"),
    ]
}

fn chain(source: ChainSource, name_match: Option<NameMatch>) -> Chain {
    Chain {
        certificates: vec!["cd".repeat(32)],
        source,
        pkix: [("mozilla".to_owned(), Pkix::Valid)].into(),
        name_match,
        tlsa_matches: vec![0],
        ..Chain::default()
    }
}

fn endpoints() -> Vec<EndpointRow> {
    let mut spoke = EndpointRow {
        host: "mx1.example.cz".to_owned(),
        ip: "192.0.2.25".to_owned(),
        port: 25,
        observed_at: SEEN,
        connections: 2,
        operator: "example.cz".to_owned(),
        prefix: "192.0.2.0/24".to_owned(),
        banner: Some("mx1.example.cz ESMTP".to_owned()),
        banner_code: Some(220),
        chains: vec![chain(ChainSource::Observed, Some(NameMatch::San))],
        ..EndpointRow::default()
    };
    spoke.tcp.outcome = TcpOutcome::Connected;
    spoke.ehlo.code = Some(250);
    spoke.ehlo.capabilities = vec!["STARTTLS".to_owned(), "SIZE 1000".to_owned()];
    spoke.starttls.outcome = StarttlsOutcome::Accepted;
    spoke.starttls.code = Some(220);
    spoke.tls.outcome = TlsOutcome::Completed;
    spoke.tls.version = Some("TLS 1.3".to_owned());
    spoke.tls.cipher = Some("TLS_AES_256_GCM_SHA384".to_owned());
    spoke.tls.group = Some("X25519MLKEM768".to_owned());
    asked(&mut spoke);
    let attempt = |outcome, error| Attempt {
        observed_at: SEEN,
        outcome,
        error,
    };
    spoke.attempts = vec![
        attempt(AttemptOutcome::Failed, Some(ErrorCode::Timeout)),
        attempt(AttemptOutcome::Completed, None),
    ];
    let leaning = |host: &str, chains| EndpointRow {
        host: host.to_owned(),
        ip: "192.0.2.25".to_owned(),
        port: 25,
        observed_at: SEEN,
        chains,
        ..EndpointRow::default()
    };
    let shared = vec![chain(ChainSource::Shared, None)];
    vec![
        spoke,
        leaning("mx2.example.cz", shared),
        leaning("xn--hkyrky-ptac70bc.cz", Vec::new()),
    ]
}

/// What bare hellos saw, of which some is odd.
fn asked(row: &mut EndpointRow) {
    let fact = |result, alert| VersionFact { result, alert };
    row.versions = Versions {
        ssl2: fact(VersionResult::ImpliedRefused, None),
        ssl3: fact(VersionResult::Unknown, None),
        tls1_0: fact(VersionResult::Accepted, None),
        tls1_1: fact(VersionResult::Refused, Some(70)),
        tls1_2: fact(VersionResult::Accepted, None),
        tls1_3: fact(VersionResult::Accepted, None),
    };
    let hello = |kind, outcome| Hello {
        observed_at: SEEN,
        kind,
        outcome,
        ..Hello::default()
    };
    let mut weak = hello(HelloKind::Weak, HelloOutcome::Accepted);
    weak.version = Some("TLS 1.2".to_owned());
    weak.cipher = Some("TLS_RSA_WITH_RC4_128_SHA".to_owned());
    row.weak_cipher.clone_from(&weak.cipher);
    let mut old = hello(HelloKind::Ssl3, HelloOutcome::Unknown);
    old.error = Some(ErrorCode::Timeout);
    row.hellos = vec![weak, old];
    row.ciphers = Offer {
        accepted: vec!["TLS_AES_256_GCM_SHA384".to_owned()],
        complete: true,
        server_preference: Some(true),
    };
    row.dh_bits = Some(1024);
    row.compression = Some(true);
    row.secure_renegotiation = Some(false);
    row.heartbeat = Some(false);
}

fn certificate() -> CertificateRow {
    CertificateRow {
        sha256: "cd".repeat(32),
        subject: Some("CN=mx1.example.cz".to_owned()),
        issuer: Some("CN=Some CA".to_owned()),
        not_before: Some(Moment(1_690_000_000_000_000)),
        not_after: Some(Moment(1_710_000_000_000_000)),
        dns_names: vec!["mx1.example.cz".to_owned()],
        key_type: Some("ecdsa".to_owned()),
        key_bits: Some(256),
        signature_algorithm: Some("ecdsa-with-SHA256".to_owned()),
        ..CertificateRow::default()
    }
}
