//! `explain`: one domain on one page, whatever is missing.

use std::fs;
use std::path::Path;

use mailcensus::table::Store;
use mailcensus::table::codes::{CheckResult, Level};
use mailcensus::table::manifest::{Manifest, ProfileRecord};
use mailcensus::table::row::Date;
use mailcensus::table::rows::{CheckId, ComplianceRow, PointCheck};
use mailcensus::verdict::profile::shipped;
use serde_json::Value;

use super::written::{MEASURED, mailcensus, open, refused, write};

fn survey(stages: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), stages);
    dir
}

fn path(dir: &tempfile::TempDir) -> &str {
    dir.path().to_str().expect("text")
}

/// A judged survey.
fn judged() -> tempfile::TempDir {
    let dir = survey(&MEASURED);
    mailcensus(&["verdict", path(&dir)]).expect(0);
    dir
}

/// Rows of a profile that nobody had to judge.
fn with_points(dir: &Path) {
    let profile = shipped("nukib-2021").expect("it ships").expect("a profile");
    let row = ComplianceRow {
        domain: "example.cz".to_owned(),
        point: "1.2.3".into(),
        level: Level::Must,
        due: Some(Date(19_000)),
        result: CheckResult::Fail,
        reason: "no_tls_1_0_1_1: accepted:1/2".into(),
        justified: Some(false),
        checks: vec![PointCheck {
            id: "no_tls_1_0_1_1".into(),
            parameters: "{\"unreached\":\"ignore\"}".into(),
            result: CheckResult::Fail,
            reason: "accepted:1/2".into(),
        }],
        ..ComplianceRow::default()
    };
    let rows = [Store::batch_of(&[row])];
    open(dir)
        .replace_compliance("nukib-2021", rows)
        .expect("replaces");
    let mut manifest = Manifest::of(dir).expect("a manifest");
    let record = ProfileRecord {
        version: profile.version.to_string(),
        rows: 1,
        ..ProfileRecord::default()
    };
    manifest.profiles.insert(profile.name.clone(), record);
    manifest.write(dir).expect("writes");
    fs::create_dir(dir.join("profiles")).expect("creates");
    fs::write(dir.join("profiles/nukib-2021.toml"), &profile.text).expect("writes");
}

/// The page of a domain, each run of white space one space, so that lines may break anywhere.
fn page(dir: &tempfile::TempDir, domain: &str) -> String {
    let ran = mailcensus(&["explain", path(dir), domain]).expect(0);
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn has(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "no {word:?} in {page}");
    }
}

#[test]
fn a_page_has_all_that_was_seen() {
    let dir = judged();
    let page = page(&dir, "example.cz");
    has(
        &page,
        &[
            "example.cz existence exists",
            "observed 2023-11-14 22:13:20 UTC, 9 queries",
            "tags note = a\\x1b[2J\\x9bb",
            "MX found, secure; explicit 10 mx1.example.cz 20 mx2.example.cz",
            "Mail host mx1.example.cz (preference 10) addresses found, secure 192.0.2.25",
            "TLSA found, secure; at _25._tcp.mx1.example.cz 0: 3 1 1 abab",
            "192.0.2.25 port 25 observed 2023-11-14 22:13:20 UTC; 2 connections, operator example.cz",
            "greeting 220 mx1.example.cz ESMTP",
            "EHLO 250 STARTTLS, SIZE 1000",
            "TLS completed, TLS 1.3, TLS_AES_256_GCM_SHA384, X25519MLKEM768",
            "versions TLS 1.3 accepted, TLS 1.2 accepted, TLS 1.1 refused (alert 70), TLS 1.0 accepted, \
             SSL 3.0 unknown, SSL 2.0 implied refused",
            "weak suite TLS_RSA_WITH_RC4_128_SHA accepted",
            "suites TLS_AES_256_GCM_SHA384; all others are refused; the server's order counts",
            "DHE prime of 1024 bits",
            "odd compression is negotiated (CVE-2012-4929); no secure renegotiation (RFC 5746) hellos",
            "hellos 2023-11-14 22:13:20 UTC, weak: accepted, TLS 1.2, TLS_RSA_WITH_RC4_128_SHA \
             2023-11-14 22:13:20 UTC, ssl3: unknown, timeout",
            "attempts 2023-11-14 22:13:20 UTC: failed, timeout 2023-11-14 22:13:20 UTC: completed",
            "chain seen for this host; mozilla: valid; dates: current; names the host: san; matches \
             TLSA 0",
            "leaf CN=mx1.example.cz issued by CN=Some CA; 2023-07-22 04:26:40 UTC to 2024-03-09",
            "key ecdsa 256; signature ecdsa-with-SHA256 names: mx1.example.cz",
            "SPF found, secure; valid v=spf1 include:spf.example.net",
            "TLS-RPT absent, nxdomain, secure",
            "Zone example.cz: secure; below cz DS not_attempted 4711 algorithm 13 digest 2",
            "Zone cz: secure; below .",
            "Zone .: secure",
            "starttls pass starttls:",
            "no_ssl unknown timeout:2/2",
            "no_tls_1_0_1_1 fail tls_1_0:2/2",
            "no_weak_ciphers fail rc4:2/2",
            "dnssec_domain pass secure",
        ],
    );
    let mut checks = page.split("Checks ").nth(1).expect("checks").split(' ');
    for check in CheckId::ALL {
        assert!(
            checks.any(|word| word == check.as_str()),
            "{check} is not in its place"
        );
    }
}

#[test]
fn a_page_has_what_the_policies_of_a_domain_come_to() {
    let dir = judged();
    let page = page(&dir, "example.cz");
    has(
        &page,
        &[
            "include:spf.example.net ptr ~all ^^^ odd, uses_ptr: `ptr`, which should not be used",
            "ends in ~all: Others probably may not. includes spf.example.net",
            "lookups 6 of 10, 1 of 2 without data, 0 of 10 names behind an mx",
            "addresses 65,537 of IPv4, 131,072 networks of /64 of IPv6",
            "without SPF spf.example.net",
            "sender a term depends on the sender and is not followed",
            "fault at spf.example.net: no_record: A record that is included",
            "DMARC found, secure; valid v=DMARC1; p=reject; t=y; rua=mailto:a@example.cz,",
            "organisation example.cz",
            "RFC 9989 policy quarantine, by the record of its own at _dmarc.example.cz: p=reject, t=y",
            "RFC 7489 policy reject, by the record at _dmarc.example.cz: p=reject, pct=100",
            "reports mailto example.cz: inside the organisational domain mailto example.org: outside, \
             not authorised",
            "DKIM key_found: A selector that was asked for has a key",
            "_domainkey absent, nodata, not_checked name beside it absent, nxdomain, not_checked",
            "asked for s1, s2 s2 rsa 1024 bits, only for tests, secure",
            "spf fail include_no_record",
            "spf_lookups pass lookups_without_sender:6/10",
            "spf_restrictive pass ~all",
            "spf_narrow fail addresses:196609/65536",
            "dkim pass key",
            "dkim_keys fail testing:1/1",
            "dmarc pass own",
            "dmarc_sampling fail testing",
            "dmarc_reports pass inside",
        ],
    );
    let ran = mailcensus(&["explain", path(&dir), "example.cz"]).expect(0);
    let mut lines = ran
        .stdout
        .lines()
        .skip_while(|line| !line.contains(" ptr ~all"));
    let (record, carets) = (
        lines.next().expect("a line"),
        lines.next().expect("one more"),
    );
    assert_eq!(record.find("ptr"), carets.find("^^^"), "{record}\n{carets}");
    has(
        &self::page(&dir, "null.cz"),
        &[
            "SPF absent, nxdomain, secure DMARC absent, nxdomain, secure RFC 7489 not_attempted DKIM \
             unknown",
        ],
    );
}

#[test]
fn a_row_that_leans_tells_what_the_other_one_saw() {
    let dir = judged();
    let words = "leans on the connection that was opened for mx1.example.cz; this is what it saw \
                 observed 2023-11-14 22:13:20 UTC; 2 connections";
    let leaning = page(&dir, "example.cz");
    has(
        &leaning,
        &[
            words,
            "chain seen at this address for another host name; mozilla: valid",
        ],
    );
    has(
        &leaning,
        &["names the host: unknown, it may have another one for this name"],
    );
    let other = page(&dir, "xn--hkyrky-ptac70bc.cz");
    has(
        &other,
        &[
            words,
            "(implicit MX)",
            "TLS completed, TLS 1.3",
            "xn--hkyrky-ptac70bc.cz (háčkyčárky.cz)",
        ],
    );
}

#[test]
fn domains_without_mail_have_a_page_as_well() {
    let dir = judged();
    has(
        &page(&dir, "null.cz"),
        &["MX found, secure; null 10 .", "receives_mail fail null_mx"],
    );
    let gone = page(&dir, "gone.cz");
    has(
        &gone,
        &[
            "existence nxdomain",
            "receives_mail not_applicable nxdomain",
            "Zone cz: secure",
        ],
    );
}

#[test]
fn a_domain_may_be_spelled_as_people_do() {
    let dir = judged();
    for spelled in ["HÁČKYČÁRKY.cz.", "XN--hkyrky-ptac70bc.CZ"] {
        has(&page(&dir, spelled), &["háčkyčárky.cz"]);
    }
    let spelling = [
        "A-labels in lower case without a final dot",
        "nowhere.cz is not in this survey",
    ];
    refused(&["explain", path(&dir), "nowhere.cz"], &spelling);
    refused(
        &["explain", path(&dir), "no name"],
        &["no name: no domain name (bad_character)"],
    );
    refused(&["explain", path(&dir), "\u{1b}[2J"], &["\\x1b[2J"]);
}

#[test]
fn points_of_the_profiles_judged_are_shown() {
    let dir = judged();
    refused(
        &[
            "explain",
            path(&dir),
            "example.cz",
            "--profile",
            "nukib-2021",
        ],
        &[
            "has no rows of profile nukib-2021",
            "mailcensus verdict",
            "--profile nukib-2021",
        ],
    );
    with_points(dir.path());
    let words = "Profile nukib-2021, version 1: General measure on the protection of electronic mail \
                 1.2.3 fail must; due 2022-01-08; to be justified ";
    let shown = page(&dir, "example.cz");
    has(
        &shown,
        &[
            words,
            "no_tls_1_0_1_1 fail: accepted:1/2 (unreached = \"ignore\")",
        ],
    );
    has(
        &page(&dir, "null.cz"),
        &["this domain was not judged by it"],
    );
    let args = [
        "explain",
        path(&dir),
        "example.cz",
        "--profile",
        "nukib-2021",
        "--json",
    ];
    let json: Value = serde_json::from_str(&mailcensus(&args).expect(0).stdout).expect("JSON");
    let point = &json["profiles"][0]["points"][0];
    assert_eq!(
        (&point["point"], &point["due"]),
        (&"1.2.3".into(), &"2022-01-08".into())
    );
    assert_eq!(point["checks"][0]["result"], "fail");
}

#[test]
fn programs_get_the_rows_under_the_names_of_the_columns() {
    let dir = judged();
    let ran = mailcensus(&["explain", path(&dir), "example.cz", "--json"]).expect(0);
    assert!(!ran.stdout.contains('\u{9b}'), "{}", ran.stdout);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(json["domain"]["observed_at"], "2023-11-14T22:13:20Z");
    assert_eq!(json["domain"]["tags"]["note"], "a\u{1b}[2J\u{9b}b");
    assert_eq!(json["finished"], true);
    let hosts = json["hosts"].as_array().expect("a list");
    assert_eq!(hosts.len(), 2);
    assert_eq!(hosts[0]["endpoints"][0]["tls"]["version"], "TLS 1.3");
    let asked = &hosts[0]["endpoints"][0];
    assert_eq!(asked["versions"]["tls1_1"]["alert"], 70);
    assert_eq!(asked["hellos"][1]["error"], "timeout");
    assert_eq!(asked["ciphers"]["complete"], true);
    assert_eq!(asked["leans_on"], Value::Null);
    assert_eq!(
        hosts[1]["endpoints"][0]["leans_on"]["host"],
        "mx1.example.cz"
    );
    assert_eq!(json["certificates"][0]["not_after"], "2024-03-09T16:00:00Z");
    assert_eq!(json["zones"].as_array().map(Vec::len), Some(3));
    for (at, check) in CheckId::ALL.iter().enumerate() {
        assert_eq!(json["checks"][at]["id"], check.as_str());
    }
    assert_eq!(json["profiles"], Value::Array(Vec::new()));
}

#[test]
fn an_unfinished_survey_shows_what_is_there() {
    let dir = survey(&["dns"]);
    let shown = page(&dir, "example.cz");
    has(
        &shown,
        &[
            "not finished: stage hosts is not",
            "Mail host mx1.example.cz",
            "Checks: not judged",
        ],
    );
    let json = mailcensus(&["explain", path(&dir), "example.cz", "--json"])
        .expect(0)
        .stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json["finished"], &json["unfinished_stage"]),
        (&false.into(), &"hosts".into())
    );
    assert_eq!(json["checks"], Value::Null);
    let words = ["nowhere.cz is not in this survey, or was not asked about yet"];
    refused(&["explain", path(&survey(&[])), "nowhere.cz"], &words);
}

#[test]
fn tables_that_are_gone_are_named() {
    let dir = judged();
    let delete = |table: &str| {
        for entry in fs::read_dir(dir.path().join(table)).expect("a folder") {
            fs::remove_file(entry.expect("an entry").path()).expect("removes");
        }
    };
    delete("verdicts");
    let ran = mailcensus(&["explain", path(&dir), "example.cz"]).expect(0);
    has(
        &ran.stderr,
        &[
            "verdicts cannot be read",
            "is gone",
            "run `mailcensus verdict",
        ],
    );
    has(
        &ran.stdout,
        &["Checks: not judged", "Mail host mx1.example.cz"],
    );
    delete("hosts");
    refused(
        &["explain", path(&dir), "example.cz"],
        &["hosts/part-", "is gone", "survey again"],
    );
    let empty = tempfile::tempdir().expect("a directory");
    refused(
        &["explain", path(&empty), "example.cz"],
        &["holds no survey"],
    );
}
