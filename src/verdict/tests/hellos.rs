//! From the columns of TLS to what the checks make of them.

use super::evidence::{MX1, V4, domain_of, endpoint_row, host_row};
use super::tables::Tables;
use super::*;
use crate::table::codes::{AttemptOutcome, TlsOutcome};
use crate::table::rows::{
    Attempt, CertificateRow, Chain as ChainRow, EndpointRow, Hello, Offer, VersionFact,
};
use crate::table::tls_codes::{Depth, HelloKind, HelloOutcome};

use CheckId as C;

/// A server whose full handshake was this.
fn shook(version: &str, cipher: &str, group: Option<&str>) -> EndpointRow {
    let mut row = endpoint_row(MX1, V4);
    row.tls.version = Some(version.to_owned());
    row.tls.cipher = Some(cipher.to_owned());
    row.tls.group = group.map(str::to_owned);
    row
}

fn modern() -> EndpointRow {
    shook("TLS 1.3", "TLS_AES_256_GCM_SHA384", Some("X25519MLKEM768"))
}

fn hello(kind: HelloKind, outcome: HelloOutcome) -> Hello {
    Hello {
        kind,
        outcome,
        ..Hello::default()
    }
}

/// A hello without an answer that says something.
fn lost(kind: HelloKind, error: ErrorCode) -> Hello {
    Hello {
        error: Some(error),
        ..hello(kind, HelloOutcome::Unknown)
    }
}

/// A hello that this suite was the answer to.
fn chose(kind: HelloKind, version: &str, cipher: &str) -> Hello {
    Hello {
        version: Some(version.to_owned()),
        cipher: Some(cipher.to_owned()),
        ..hello(kind, HelloOutcome::Accepted)
    }
}

fn fact(result: VersionResult) -> VersionFact {
    VersionFact {
        result,
        alert: None,
    }
}

fn offer(accepted: &[&str], complete: bool) -> Offer {
    Offer {
        accepted: accepted.iter().map(|name| (*name).to_owned()).collect(),
        complete,
        server_preference: None,
    }
}

fn tables(row: &EndpointRow) -> Tables {
    let mut tables = Tables::new();
    tables.add(&[host_row(MX1)]);
    tables.add(std::slice::from_ref(row));
    tables
}

fn says(row: &EndpointRow, check: CheckId) -> String {
    tables(row).says(&domain_of(&[MX1]), check)
}

fn says_with(row: &EndpointRow, check: CheckId, parameters: &str) -> String {
    let tables = tables(row);
    let evidence = crate::verdict::Evidence::read(&tables.store).expect("evidence");
    let table = parameters.parse().expect("TOML");
    let parameters = Parameters::of(check, &table).expect("parameters");
    let domain = domain_of(&[MX1]);
    said(&checks::run(check, &evidence.case(&domain), &parameters))
}

#[test]
fn a_healthy_server_passes_at_standard_depth() {
    let mut row = modern();
    row.hellos = vec![
        hello(HelloKind::Weak, HelloOutcome::Refused),
        hello(HelloKind::Legacy, HelloOutcome::Refused),
    ];
    row.versions.tls1_3 = fact(VersionResult::Accepted);
    for old in [
        &mut row.versions.ssl3,
        &mut row.versions.tls1_0,
        &mut row.versions.tls1_1,
    ] {
        *old = fact(VersionResult::Refused);
    }
    row.versions.ssl2 = fact(VersionResult::ImpliedRefused);
    for (check, wanted) in [
        (C::Tls12, "pass tls_1_3:1/1"),
        (C::Tls13, "pass tls_1_3:1/1"),
        (C::NoSsl, "pass ssl2_implied:1/1"),
        (C::NoTls10Or11, "pass refused:1/1"),
        (C::NoWeakCiphers, "pass refused:1/1"),
        (C::ForwardSecrecy, "pass ephemeral:1/1"),
        (C::PqKeyExchange, "pass hybrid:1/1"),
    ] {
        assert_eq!(says(&row, check), wanted, "{check}");
    }
    let only = says_with(&row, C::ForwardSecrecy, "only = true");
    assert_eq!(only, "unknown depth:1/1");
    let list = "suites = [\"TLS_AES_256_GCM_SHA384\"]";
    assert_eq!(says_with(&row, C::CiphersWithin, list), "unknown depth:1/1");
    let list = "suites = [\"TLS_AES_128_GCM_SHA256\"]";
    let outside = says_with(&row, C::CiphersWithin, list);
    assert_eq!(outside, "fail not_in_list:1/1");
    let list = "groups = [\"x25519\"]";
    let outside = says_with(&row, C::GroupsWithin, list);
    assert_eq!(outside, "fail not_in_list:1/1");
}

#[test]
fn hellos_without_an_answer_leave_it_open_and_say_why() {
    let mut row = modern();
    row.hellos = vec![
        lost(HelloKind::Weak, ErrorCode::Timeout),
        lost(HelloKind::Legacy, ErrorCode::TempReject),
    ];
    row.versions.ssl2 = fact(VersionResult::ImpliedRefused);
    assert_eq!(says(&row, C::NoWeakCiphers), "unknown timeout:1/1");
    assert_eq!(says(&row, C::NoTls10Or11), "unknown temp_reject:1/1");
    assert_eq!(says(&row, C::NoSsl), "unknown temp_reject:1/1");
    row.hellos.clear();
    assert_eq!(says(&row, C::NoWeakCiphers), "unknown not_seen:1/1");
    assert_eq!(says(&row, C::NoTls10Or11), "unknown not_seen:1/1");
    // One that was asked again counts by what it said then.
    row.hellos = vec![
        lost(HelloKind::Weak, ErrorCode::Timeout),
        hello(HelloKind::Weak, HelloOutcome::Refused),
    ];
    assert_eq!(says(&row, C::NoWeakCiphers), "pass refused:1/1");
}

#[test]
fn nobody_asks_for_ssl_2_at_standard_depth() {
    let mut row = shook(
        "TLS 1.2",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        Some("x25519"),
    );
    row.versions.ssl3 = fact(VersionResult::Refused);
    assert_eq!(says(&row, C::NoSsl), "unknown depth:1/1");
    row.depth = Depth::Deep;
    assert_eq!(says(&row, C::NoSsl), "unknown not_seen:1/1");
    row.hellos = vec![lost(HelloKind::Ssl2, ErrorCode::Reset)];
    assert_eq!(says(&row, C::NoSsl), "unknown reset:1/1");
    row.versions.ssl2 = fact(VersionResult::Accepted);
    assert_eq!(says(&row, C::NoSsl), "fail ssl_2_0:1/1");
}

#[test]
fn a_suite_that_any_hello_was_answered_with_counts() {
    let rc4 = "TLS_RSA_WITH_RC4_128_SHA";
    let mut row = modern();
    row.weak_cipher = Some(rc4.to_owned());
    row.hellos = vec![chose(HelloKind::Weak, "TLS 1.2", rc4)];
    assert_eq!(says(&row, C::NoWeakCiphers), "fail rc4:1/1");
    let static_keys = "fail static_key_exchange:1/1";
    let only = |row: &EndpointRow| says_with(row, C::ForwardSecrecy, "only = true");
    assert_eq!(only(&row), static_keys);
    assert_eq!(says(&row, C::ForwardSecrecy), "pass ephemeral:1/1");
    // The hello with weak suites alone was refused, and yet one was accepted.
    let triple = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
    row.weak_cipher = None;
    row.hellos = vec![
        hello(HelloKind::Weak, HelloOutcome::Refused),
        chose(HelloKind::Legacy, "TLS 1.0", triple),
    ];
    assert_eq!(says(&row, C::NoWeakCiphers), "fail 3des:1/1");
    assert_eq!(only(&row), static_keys);
    let list = "suites = [\"TLS_AES_256_GCM_SHA384\"]";
    let within = says_with(&row, C::CiphersWithin, list);
    assert_eq!(within, "fail not_in_list:1/1");
}

#[test]
fn a_deep_survey_knows_all_suites_and_groups() {
    let mut row = modern();
    row.depth = Depth::Deep;
    let (newest, plain) = (
        "TLS_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    );
    row.ciphers = offer(&[newest, plain], true);
    row.groups = offer(&["X25519MLKEM768", "x25519"], true);
    let only = |row: &EndpointRow| says_with(row, C::ForwardSecrecy, "only = true");
    assert_eq!(only(&row), "pass only_ephemeral:1/1");
    let list = format!("suites = [\"{newest}\", \"{plain}\"]");
    let within = says_with(&row, C::CiphersWithin, &list);
    assert_eq!(within, "pass within:1/1");
    let list = "groups = [\"x25519\", \"X25519MLKEM768\"]";
    assert_eq!(says_with(&row, C::GroupsWithin, list), "pass within:1/1");
    // Weak suites were asked for, too.
    assert_eq!(says(&row, C::NoWeakCiphers), "pass refused:1/1");
    row.ciphers
        .accepted
        .push("TLS_RSA_WITH_AES_128_CBC_SHA".to_owned());
    assert_eq!(only(&row), "fail static_key_exchange:1/1");
    row.ciphers = offer(&[newest], false);
    row.hellos = vec![lost(HelloKind::Suites, ErrorCode::Budget)];
    assert_eq!(only(&row), "unknown budget:1/1");
}

/// The first flight of a server that shares no suite with us, and its chain.
fn hello_only(version: &str, cipher: &str) -> EndpointRow {
    let mut row = shook(version, cipher, None);
    row.tls.outcome = TlsOutcome::HelloOnly;
    row.hellos = vec![chose(HelloKind::All, version, cipher)];
    row.chains = vec![ChainRow {
        certificates: vec!["a".repeat(64)],
        source: ChainSource::Observed,
        pkix: [("mozilla".to_owned(), Pkix::Valid)].into(),
        name_match: Some(NameMatch::San),
        ..ChainRow::default()
    }];
    row
}

#[test]
fn the_first_flight_of_an_old_server_counts() {
    let row = hello_only("TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA");
    let mut tables = tables(&row);
    tables.add(&[CertificateRow {
        sha256: "a".repeat(64),
        key_type: Some("rsa".to_owned()),
        key_bits: Some(1024),
        signature_hash: Some("sha256".to_owned()),
        ..CertificateRow::default()
    }]);
    for (check, wanted) in [
        (C::Starttls, "pass starttls:1/1"),
        (C::Tls12, "fail tls_1_0:1/1"),
        (C::Tls13, "fail tls_1_0:1/1"),
        (C::NoTls10Or11, "fail tls_1_0:1/1"),
        (C::ForwardSecrecy, "fail static_key_exchange:1/1"),
        (C::PqKeyExchange, "fail classical:1/1"),
        (C::CertTrusted, "pass trusted:1/1"),
        (C::CertName, "pass named:1/1"),
        (C::CertCurrent, "pass current:1/1"),
        (C::CertStrong, "fail weak_key:1/1"),
    ] {
        let says = tables.says(&domain_of(&[MX1]), check);
        assert_eq!(says, wanted, "{check}");
    }
    // A hello of TLS 1.2 says nothing of TLS 1.3.
    let row = hello_only("TLS 1.2", "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_eq!(says(&row, C::Tls12), "pass tls_1_2:1/1");
    assert_eq!(says(&row, C::Tls13), "unknown not_seen:1/1");
    assert_eq!(says(&row, C::PqKeyExchange), "unknown not_seen:1/1");
}

#[test]
fn a_handshake_says_which_versions_there_are() {
    let cbc = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
    let row = shook("TLS 1.2", cbc, Some("x25519"));
    assert_eq!(says(&row, C::Tls13), "fail tls_1_2:1/1");
    assert_eq!(says(&row, C::PqKeyExchange), "fail classical:1/1");
    assert_eq!(says(&modern(), C::Tls12), "pass tls_1_3:1/1");
    // What was accepted was not refused.
    let mut row = modern();
    row.versions.tls1_3 = fact(VersionResult::Refused);
    assert_eq!(says(&row, C::Tls13), "pass tls_1_3:1/1");
}

#[test]
fn a_handshake_that_broke_is_a_fault_when_it_broke_twice() {
    let mut row = endpoint_row(MX1, V4);
    row.tls.outcome = TlsOutcome::Failed;
    row.tls.error = Some(ErrorCode::TlsAlert);
    let broken = |error| Attempt {
        outcome: AttemptOutcome::Broken,
        error: Some(error),
        ..Attempt::default()
    };
    row.attempts = vec![broken(ErrorCode::TlsAlert)];
    assert_eq!(says(&row, C::Starttls), "unknown unconfirmed:1/1");
    row.attempts.push(broken(ErrorCode::Timeout));
    assert_eq!(says(&row, C::Starttls), "unknown unconfirmed:1/1");
    row.attempts[1] = broken(ErrorCode::TlsAlert);
    assert_eq!(says(&row, C::Starttls), "fail handshake:1/1");
    assert_eq!(says(&row, C::Tls12), "unknown handshake:1/1");
}

/// Takes columns out of the endpoints, as if they had not been thought of yet.
fn forget_columns(tables: &Tables, gone: &[&str]) {
    use arrow::array::RecordBatch;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::fs::{File, read_dir};
    for entry in read_dir(tables.store.dir().join("endpoints")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = File::open(&path).expect("opens");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
        let reader = reader.build().expect("a reader");
        let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("a batch")).collect();
        let schema = batches[0].schema();
        let names = schema.fields().iter().enumerate();
        let left = names.filter(|(_, field)| !gone.contains(&field.name().as_str()));
        let left: Vec<usize> = left.map(|(at, _)| at).collect();
        let schema = schema.project(&left).expect("a schema");
        let file = File::create(&path).expect("creates");
        let mut writer = ArrowWriter::try_new(file, schema.into(), None).expect("a writer");
        for batch in batches {
            let batch = batch.project(&left).expect("columns");
            writer.write(&batch).expect("writes");
        }
        writer.close().expect("closes");
    }
}

#[test]
fn tables_that_are_older_than_the_columns_leave_them_open() {
    let tables = tables(&modern());
    let gone = [
        "depth",
        "versions",
        "weak_cipher",
        "ciphers",
        "groups",
        "hellos",
    ];
    forget_columns(&tables, &gone);
    for (check, wanted) in [
        (C::NoSsl, "unknown not_measured:1/1"),
        (C::NoTls10Or11, "unknown not_measured:1/1"),
        (C::NoWeakCiphers, "unknown not_measured:1/1"),
        (C::Tls13, "pass tls_1_3:1/1"),
        (C::ForwardSecrecy, "pass ephemeral:1/1"),
    ] {
        assert_eq!(tables.says(&domain_of(&[MX1]), check), wanted, "{check}");
    }
}

/// There are millions of them.
#[test]
fn a_server_is_small() {
    let bytes = std::mem::size_of::<Server>();
    println!("{bytes} bytes");
    assert!(bytes <= 48, "{bytes} bytes");
}
