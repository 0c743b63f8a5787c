//! What other programs read: tables for Postfix, and the files that say who surveys.

use std::fs;
use std::path::Path;

use mailcensus::table::Batch;
use mailcensus::table::codes::{
    Dates, ErrorCode, Existence, MxKind, NameMatch, Outcome, Pkix, Security,
};
use mailcensus::table::record_codes::PolicyMode;
use mailcensus::table::row::Moment;
use mailcensus::table::rows::{DomainRow, MxRecord, StsPolicyRow, TableName};

use super::written::{MEASURED, mailcensus, open, refused, write};
use crate::real::lab::lab;
use crate::real::program::run;

/// When everything was seen: 2023-11-14 22:13:20 UTC.
const SEEN: Moment = Moment(1_700_000_000_000_000);
/// A moment at which policies of a day hold.
const THEN: &str = "2023-11-15T00:00:00Z";

fn domain(name: &str) -> DomainRow {
    let mut row = DomainRow {
        domain: name.to_owned(),
        tld: "cz".to_owned(),
        weight: 1.0,
        existence: Existence::Exists,
        observed_at: SEEN,
        zone: Some(name.to_owned()),
        ..DomainRow::default()
    };
    row.mx.kind = Some(MxKind::Explicit);
    row.mx.outcome = Outcome::Found;
    row.mx.security = Security::Insecure;
    row.mx.records = vec![MxRecord {
        preference: 10,
        host: "mx1.example.cz".to_owned(),
    }];
    row.mta_sts.outcome = Outcome::Found;
    row.mta_sts.count = 1;
    row.mta_sts.valid = Some(true);
    row
}

fn policy(name: &str, mode: PolicyMode, mx: &[&str]) -> StsPolicyRow {
    StsPolicyRow {
        domain: name.to_owned(),
        host: format!("mta-sts.{name}"),
        observed_at: SEEN,
        outcome: Outcome::Found,
        http_status: Some(200),
        chain: vec!["cd".repeat(32)],
        pkix: [("mozilla".to_owned(), Pkix::Valid)].into(),
        dates: Some(Dates::Current),
        name_match: Some(NameMatch::San),
        version: Some("STSv1".to_owned()),
        mode: Some(mode),
        mx: mx.iter().map(|&name| name.to_owned()).collect(),
        max_age: Some(86_400),
        valid: Some(true),
        ..StsPolicyRow::default()
    }
}

/// A survey with policies of every kind.
fn survey() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), &[]);
    let mut store = open(dir.path());
    let patterns = ["mx1.enforced.cz", "*.wild.enforced.cz"];
    let mut slow = policy("slow.cz", PolicyMode::Enforce, &["mx.slow.cz"]);
    slow.outcome = Outcome::Failed;
    slow.error = Some(ErrorCode::Timeout);
    let mut off = policy("off.cz", PolicyMode::None, &[]);
    off.mx.clear();
    let mut broken = policy("broken.cz", PolicyMode::Enforce, &["mx.broken.cz"]);
    broken.name_match = Some(NameMatch::None);
    let policies = [
        policy("dane.cz", PolicyMode::Enforce, &["mx1.example.cz"]),
        policy("enforced.cz", PolicyMode::Enforce, &patterns),
        policy(
            "keyword.cz",
            PolicyMode::Enforce,
            &["hostname", "mx.keyword.cz"],
        ),
        policy("tested.cz", PolicyMode::Testing, &["mx.tested.cz"]),
        slow,
        off,
        broken,
    ];
    let mut domains: Vec<_> = policies.iter().map(|row| domain(&row.domain)).collect();
    // Its mail host has records, which count where the MX answer is secure.
    domains[0].mx.security = Security::Secure;
    let batches = vec![
        Batch::new(&domains).expect("rows"),
        Batch::new(&policies).expect("rows"),
    ];
    store.commit(batches).expect("commits");
    for stage in MEASURED {
        store.finish(stage, &TableName::ALL).expect("finishes");
    }
    drop(store);
    mailcensus(&["verdict", dir.path().to_str().expect("text")]).expect(0);
    dir
}

/// Asks Postfix for a key of a table; what it warns of, too.
fn postmap(table: &Path, key: &str) -> (Option<i32>, String, String) {
    let mut command = lab().inside(lab().tool("postmap"));
    command.arg("-q").arg(key);
    command.arg(format!("texthash:{}", table.display()));
    let ran = run(&mut command);
    (ran.code, ran.stdout, ran.stderr)
}

#[test]
fn postfix_finds_the_policies_of_a_survey_and_no_others() {
    let dir = survey();
    let path = dir.path().to_str().expect("text");
    let ran = mailcensus(&["sts-map", path, "--at", THEN]).expect(1);
    for words in ["slow.cz", "keyword.cz"] {
        assert!(ran.stderr.contains(words), "no {words} in {}", ran.stderr);
    }
    for words in [
        "# keyword.cz: its policy has a name that cannot stand in a table; no line",
        "# slow.cz: not known (timeout",
        "# tested.cz: its policy is only tested",
        "# dane.cz: has ",
        "# 1 enforced, 1 only tested, 1 left to DANE,",
    ] {
        assert!(ran.stdout.contains(words), "no {words} in {}", ran.stdout);
    }
    // Where the mail servers of the lab may read it.
    let table = lab().scratch("sts-map").join("sts");
    fs::write(&table, &ran.stdout).expect("writes");
    let line = "secure match=mx1.enforced.cz:.wild.enforced.cz servername=hostname\n";
    let found = (Some(0), line.to_owned(), String::new());
    assert_eq!(postmap(&table, "enforced.cz"), found);
    let none = (Some(1), String::new(), String::new());
    for key in [
        "dane.cz",
        "keyword.cz",
        "tested.cz",
        "slow.cz",
        "off.cz",
        "broken.cz",
        "example.cz",
        "sub.enforced.cz",
        "#",
    ] {
        assert_eq!(postmap(&table, key), none, "{key}");
    }
    let again = mailcensus(&["sts-map", path, "--at", THEN]).expect(1);
    assert_eq!(again.stdout, ran.stdout);
    let may = mailcensus(&["sts-map", path, "--at", THEN, "--testing", "may"]).expect(1);
    assert!(
        may.stdout.contains("\ntested.cz    may\n"),
        "{}",
        may.stdout
    );
}

#[test]
fn a_policy_that_has_ended_is_no_rule_any_more() {
    let dir = survey();
    let path = dir.path().to_str().expect("text");
    let ran = mailcensus(&["sts-map", path]).expect(1);
    let ended = "# enforced.cz: its policy ended 2023-11-15T22:13:20Z; ask again\n";
    assert!(ran.stdout.contains(ended), "{}", ran.stdout);
    let lines = ran.stdout.lines();
    let rules: Vec<_> = lines.filter(|line| !line.starts_with('#')).collect();
    assert!(rules.is_empty(), "{rules:?}");
}

#[test]
fn a_table_is_not_made_of_what_is_no_survey() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("text");
    refused(&["sts-map", path], &["holds no survey"]);
    let judged = survey();
    let judged = judged.path().to_str().expect("text");
    refused(&["sts-map", judged, "example.cz"], &["stands alone"]);
    refused(&["sts-map", judged, "--at", "soon"], &["--at soon"]);
    refused(&["sts-map", "example.cz"], &["--ehlo is missing"]);
    refused(&["tlsa", "mx.example.cz"], &["--ehlo is missing"]);
    refused(&["tlsa", "mx.example.cz:80"], &["port 80"]);
}

const WHO: [&str; 5] = [
    "probing-txt",
    "--ehlo",
    "Survey.Example.CZ",
    "--contact",
    "mail@example.cz",
];

/// The fields of a file in the format of RFC 9116, each once.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let fields = text.lines().filter(|line| !line.starts_with('#'));
    let mut values = fields.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let value = values
        .next()
        .unwrap_or_else(|| panic!("no {name} in {text}"));
    assert_eq!(values.next(), None, "{name} twice in {text}");
    value
}

#[test]
fn the_file_has_the_fields_of_its_rfc_in_one_line_each() {
    let ran = mailcensus(&WHO).expect(0);
    let text = &ran.stdout;
    let canonical = "https://survey.example.cz/.well-known/probing.txt";
    assert_eq!(field(text, "Canonical"), canonical);
    assert_eq!(field(text, "Contact"), "mailto:mail@example.cz");
    assert_eq!(field(text, "Preferred-Languages"), "en");
    let expires = field(text, "Expires");
    assert!(
        expires.ends_with("T00:00:00Z") && expires.len() == 20,
        "{expires}"
    );
    let description = field(text, "Description");
    assert!(description.contains("at most 3 SMTP connections in 10 minutes"));
    assert!(description.ends_with("https://survey.example.cz/"));
    assert_eq!(text.lines().count(), 7, "{text}");
    assert!(ran.stderr.contains("reverse name"), "{}", ran.stderr);
}

#[test]
fn pages_stand_beside_the_file_and_nothing_in_them_acts() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("www");
    let mut args = WHO.to_vec();
    args.extend([
        "--out",
        out.to_str().expect("text"),
        "--lang",
        "en",
        "--lang",
        "cs",
    ]);
    args.extend([
        "--source-address",
        "192.0.2.1",
        "--source-address",
        "2001:db8::1",
    ]);
    let ran = mailcensus(&args).expect(0);
    for words in [
        "1.2.0.192.in-addr.arpa. IN PTR survey.example.cz.",
        "survey.example.cz. IN A 192.0.2.1",
        ".ip6.arpa. IN PTR survey.example.cz.",
        "survey.example.cz. IN AAAA 2001:db8::1",
    ] {
        assert!(ran.stdout.contains(words), "no {words} in {}", ran.stdout);
    }
    let file = fs::read_to_string(out.join(".well-known/probing.txt")).expect("the file");
    assert_eq!(field(&file, "Preferred-Languages"), "en, cs");
    for (name, words) in [
        ("index.html", "How to be left alone"),
        ("index.cs.html", "Jak z průzkumu vystoupit"),
    ] {
        let page = fs::read_to_string(out.join(name)).expect("a page");
        for words in [
            words,
            "default-src &#39;none&#39;",
            "EHLO survey.example.cz",
            "mailto:mail@example.cz",
            "2001:db8::1",
            "</html>",
        ] {
            let plain = page.replace("'none'", "&#39;none&#39;");
            assert!(plain.contains(words), "no {words} in {name}: {page}");
        }
        for never in ["<script", " src=", "style=", "http://", "{{", "{%"] {
            assert!(!page.contains(never), "{never} in {name}");
        }
    }
    for contact in [
        "a@example.cz\nContact: b@example.cz",
        "\"><script>@x.cz",
        "x",
    ] {
        let args = [
            "probing-txt",
            "--ehlo",
            "survey.example.cz",
            "--contact",
            contact,
        ];
        refused(&args, &["--contact", "give a mail address"]);
    }
    refused(
        &["probing-txt", "--ehlo", "a b", "--contact", "a@example.cz"],
        &["--ehlo a b"],
    );
}
