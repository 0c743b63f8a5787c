//! Before the first packet: what is tried, said and recorded, and what follows from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailcensus::table::codes::{CheckResult, ErrorCode, TcpOutcome};
use mailcensus::table::rows::{EndpointRow, VerdictRow};
use serde_json::Value;

use super::lab::lab;
use super::program::{Ran, keyed, manifest, rows, run, survey_of, survey_outside};
use super::refusals::refused;
use super::shared::alone;

/// A survey of some domains, with these flags.
fn surveyed(name: &str, domains: &[&str], flags: &[&str], code: i32) -> (PathBuf, Ran) {
    let dir = lab().scratch(name);
    let (list, out) = (dir.join("list"), dir.join("out"));
    fs::write(&list, domains.join("\n") + "\n").expect("writes");
    let ran = run(survey_of(&list, &out).args(flags)).expect(code);
    (out, ran)
}

fn found(out: &Path) -> Value {
    manifest(out)["vantage"]["preflight"].clone()
}

#[track_caller]
fn is(out: &Path, aspect: &str, result: &str, words: &str) {
    let found = found(out);
    let tried = &found[aspect];
    assert_eq!(tried["result"], result, "{found:#}");
    let detail = tried["detail"].as_str().expect("text");
    assert!(detail.contains(words), "{found:#}");
}

/// The addresses that were dialled, by the journal.
fn dialled(out: &Path) -> Vec<String> {
    let journal = fs::read_to_string(out.join("dials.journal")).expect("a journal");
    let dials = journal
        .lines()
        .filter_map(|line| line.strip_prefix("dial "));
    let words = dials.filter_map(|line| line.split(' ').nth(1));
    words.map(str::to_owned).collect()
}

#[test]
fn servers_known_to_be_good_show_that_the_way_is_open() {
    let _alone = alone();
    let flags = ["--preflight", "egress=mx1.provider.net"];
    let (out, ran) = surveyed("egress-open", &["secure-good.cz"], &flags, 0);
    is(&out, "open_files", "pass", "may be open");
    is(&out, "resolver", "pass", "secure-good.cz is secure");
    is(
        &out,
        "clock",
        "pass",
        "a signature of secure-good.cz holds from",
    );
    is(&out, "ipv6", "pass", "");
    is(&out, "reverse_name_ipv4", "not_checked", "lab");
    is(&out, "reverse_name_ipv6", "not_checked", "lab");
    is(&out, "egress_ipv4", "pass", "192.0.2.31: greeted");
    is(&out, "egress_ipv6", "pass", "2001:db8::31: greeted");
    is(&out, "starttls", "pass", "STARTTLS accepted");
    let line = ran
        .stderr
        .lines()
        .find(|line| line.contains("pre-flight: pass: "));
    assert!(
        line.is_some_and(|line| line.contains("egress_ipv4")),
        "{}",
        ran.stderr
    );
    assert!(manifest(&out)["probed_at"].is_string());
    let mut dialled = dialled(&out);
    dialled.sort();
    assert_eq!(
        dialled,
        [
            "192.0.2.11:25",
            "192.0.2.11:25",
            "192.0.2.11:25",
            "192.0.2.11:25",
            "192.0.2.31:25",
            "[2001:db8::31]:25"
        ],
        "the pre-flight counts like everything else"
    );
}

#[test]
fn where_no_server_known_to_be_good_greets_nobody_is_dialled() {
    let _alone = alone();
    let domains = [
        "secure-good.cz",
        "mx-dual.cz",
        "mx-v6only.cz",
        "mx-private.cz",
    ];
    let flags = ["--preflight", "egress=mx-refused.mailhost.cz"];
    let (out, ran) = surveyed("egress-closed", &domains, &flags, 1);
    is(&out, "egress_ipv4", "fail", "198.51.100.80: refused");
    is(&out, "egress_ipv6", "not_checked", "none of the servers");
    is(&out, "starttls", "unknown", "no server was reached");
    for words in [
        "pre-flight: FAIL: egress_ipv4",
        "mailcensus: note: egress_ipv4",
    ] {
        assert!(ran.stderr.contains(words), "no {words:?} in {}", ran.stderr);
    }
    // What costs a whole survey is asked once more.
    assert_eq!(dialled(&out), ["198.51.100.80:25"; 2]);
    assert_eq!(
        manifest(&out)["probed_at"],
        Value::Null,
        "it may be tried again soon"
    );
    let endpoints: Vec<EndpointRow> = rows(&out);
    assert_eq!(endpoints.len(), 5);
    for row in endpoints {
        assert_eq!(row.connections, 0);
        assert_eq!(row.tcp.outcome, TcpOutcome::Failed);
        let expected = match row.ip.starts_with("10.") {
            true => ErrorCode::SpecialPurpose,
            false => ErrorCode::LocalFault,
        };
        assert_eq!(row.tcp.error, Some(expected), "{} {}", row.host, row.ip);
    }
    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    for domain in ["secure-good.cz", "mx-dual.cz", "mx-v6only.cz"] {
        let starttls = &verdicts[domain].starttls;
        assert_eq!(starttls.result, CheckResult::Unknown, "{domain}");
        assert!(
            starttls.reason.starts_with("vantage:0/"),
            "{}",
            starttls.reason
        );
    }
}

#[test]
fn where_starttls_gets_lost_on_the_way_its_absence_is_unknown() {
    let _alone = alone();
    let domains = ["secure-good.cz", "no-starttls.cz"];
    let flags = [
        "--preflight",
        "egress=mx-nostarttls.mailhost.cz",
        "--preflight",
        "egress=mx1.provider.net",
    ];
    let (out, ran) = surveyed("egress-stripped", &domains, &flags, 1);
    is(&out, "egress_ipv4", "pass", "greeted");
    is(
        &out,
        "starttls",
        "fail",
        "192.0.2.20: greeted, STARTTLS not_offered",
    );
    assert!(
        ran.stderr.contains("mailcensus: note: starttls: "),
        "{}",
        ran.stderr
    );
    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    let starttls = |domain: &str| &verdicts[domain].starttls;
    assert_eq!(starttls("secure-good.cz").result, CheckResult::Pass);
    assert_eq!(starttls("no-starttls.cz").result, CheckResult::Unknown);
    assert_eq!(starttls("no-starttls.cz").reason, "vantage:2/2");
}

#[test]
fn an_address_without_a_reverse_name_is_worth_reading() {
    let _alone = alone();
    let flags = ["--source-address", "192.0.2.77"];
    let (out, ran) = surveyed("nameless", &["secure-good.cz"], &flags, 1);
    is(
        &out,
        "reverse_name_ipv4",
        "fail",
        "192.0.2.77 has no reverse name",
    );
    let addresses = &manifest(&out)["vantage"]["source_addresses"];
    assert_eq!(addresses[0], "192.0.2.77", "{addresses}");
    for words in [
        "pre-flight: FAIL: reverse_name_ipv4",
        "mailcensus: note: reverse_name_ipv4",
    ] {
        assert!(ran.stderr.contains(words), "no {words:?} in {}", ran.stderr);
    }
    let verdicts: Vec<VerdictRow> = rows(&out);
    assert_eq!(verdicts[0].starttls.result, CheckResult::Pass);
}

/// As if the mail servers of a survey had been asked at that moment.
fn asked_at(out: &Path, moment: &str) {
    let mut manifest = manifest(out);
    manifest["probed_at"] = moment.into();
    for run in manifest["runs"].as_array_mut().expect("processes") {
        run["ended_at"] = moment.into();
    }
    fs::write(out.join("survey.json"), manifest.to_string()).expect("writes");
}

#[test]
fn the_same_list_is_not_surveyed_twice_in_a_week() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    let (list, copy, other) = (dir.join("cz.txt"), dir.join("copy.txt"), dir.join("sk.txt"));
    fs::write(&list, "example.cz\n").expect("writes");
    fs::write(&copy, "example.cz\n").expect("writes");
    fs::write(&other, "example.sk\n").expect("writes");
    let last = dir.join("cz-1");
    let attempt = |list: &Path, out: &str| survey_outside(list, &dir.join(out));
    // It got as far as the resolver, which is not there.
    let goes_on = |command: &mut Command| refused(command, &["nobody listens there"]);
    goes_on(&mut attempt(&list, "cz-1"));
    goes_on(&mut attempt(&list, "cz-0"));

    let now = manifest(&last)["started_at"]
        .as_str()
        .expect("text")
        .to_owned();
    asked_at(&last, &now);
    let words = ["cz-1", &now[..10], "once in 7 days", "--min-interval 0"];
    refused(&mut attempt(&list, "cz-2"), &words);
    refused(&mut attempt(&copy, "cz-2"), &words);
    fs::write(&list, "example.cz\nnew.example.cz\n").expect("writes");
    refused(&mut attempt(&list, "cz-2"), &words);
    goes_on(&mut attempt(&other, "sk"));
    goes_on(attempt(&list, "cz-3").args(["--min-interval", "0"]));
    fs::create_dir(dir.join("elsewhere")).expect("creates");
    goes_on(&mut attempt(&list, "elsewhere/cz"));
    // A resume asks nobody twice.
    fs::write(&list, "example.cz\n").expect("writes");
    goes_on(&mut attempt(&list, "cz-1"));
    asked_at(&last, "2026-01-02T03:04:05.678Z");
    goes_on(&mut attempt(&list, "cz-4"));
}
