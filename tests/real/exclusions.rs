//! Whom the operator of a survey leaves alone is left alone, from the second on that a file says so.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mailcensus::table::codes::{CheckResult, ErrorCode, Existence, Outcome, TcpOutcome};
use mailcensus::table::rows::{DomainRow, EndpointRow, HostRow, VerdictRow};

use super::lab::lab;
use super::pcap::{Capture, connections};
use super::program::{
    assert_nothing_lost, bare_survey, keyed, manifest, rows, run, survey_of, survey_outside,
};
use super::refusals::refused;
use super::shared::alone;
use super::victim::Victim;

/// The words of a verdict of a domain that was left alone.
const EXCLUDED: (CheckResult, &str) = (CheckResult::Unknown, "excluded");

/// A new directory with a list and an exclusion file.
fn folder(name: &str, domains: &[&str], entries: &str) -> (PathBuf, PathBuf, PathBuf) {
    let dir = lab().scratch(name);
    let (list, exclude) = (dir.join("list.txt"), dir.join("exclude.txt"));
    fs::write(&list, domains.join("\n") + "\n").expect("writes");
    fs::write(&exclude, entries).expect("writes");
    (list, exclude, dir.join("out"))
}

/// Puts another version in the place of a file, in one step.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("writes");
    fs::rename(new, path).expect("renames");
}

fn assert_not_asked_about(row: &DomainRow) {
    let name = &row.domain;
    assert_eq!(row.existence, Existence::Failed, "{name}");
    assert_eq!(row.mx.kind, None, "{name}");
    let questions = [
        (row.mx.outcome, row.mx.error),
        (row.delegation.outcome, row.delegation.error),
    ];
    for question in questions.into_iter().chain(row.policies()) {
        let expected = (Outcome::NotAttempted, Some(ErrorCode::Excluded));
        assert_eq!(question, expected, "{name}");
    }
}

fn assert_excluded(verdict: &VerdictRow) {
    for finding in [
        &verdict.receives_mail,
        &verdict.starttls,
        &verdict.dnssec_domain,
        &verdict.dane_published,
    ] {
        let found = (finding.result, &*finding.reason);
        assert_eq!(found, EXCLUDED, "{}", verdict.domain);
    }
}

#[test]
fn every_kind_of_entry_is_left_alone() {
    let domains = [
        "secure-good.cz",
        "sub.secure-good.cz",
        "mx-cname.cz",
        "mx-cname-target.mailhost.cz",
        "plain-exim.cz",
        "self-signed.cz",
        "customer1.cz",
        "no-starttls.cz",
    ];
    let entries = "# who wrote to us\nsecure-good.cz\nmx:mx-cname.mailhost.cz\nAS64500\n\
                   192.0.2.18/32\nprovider.net\nmx:mx-nostarttls.mailhost.cz # one of two\n";
    let (list, exclude, out) = folder("excluded", &domains, entries);
    let table = out.with_file_name("asn.txt");
    fs::write(&table, "203.0.113.0\t24\t64501\n203.0.113.16/32 64500\n").expect("writes");
    let _alone = alone();
    let capture = Capture::start(&out.with_extension("pcap"));
    let mut command = survey_of(&list, &out);
    command.arg("--exclude").arg(&exclude);
    command.arg("--asn-table").arg(&table);
    let ran = run(&mut command).expect(0);
    let dialled: BTreeSet<IpAddr> = connections(&capture.stop())
        .iter()
        .map(|connection| connection.server)
        .collect();
    // The alias leads to the first; the second is what no-starttls.cz has besides.
    let allowed = ["203.0.113.18", "203.0.113.20"].map(|ip| ip.parse().expect("an address"));
    assert_eq!(dialled, BTreeSet::from(allowed));
    assert!(ran.stdout.contains("excluded"), "{}", ran.stdout);

    let rows = keyed(&out, |row: &DomainRow| row.domain.clone());
    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    assert_nothing_lost(&out, domains.len());
    assert_eq!(rows.len(), domains.len());
    for name in ["secure-good.cz", "sub.secure-good.cz"] {
        assert_not_asked_about(&rows[name]);
        assert_eq!(rows[name].queries, 0, "{name}");
        assert_excluded(&verdicts[name]);
    }
    // An MX there is: that its host was not dialled hides only what the host does.
    for name in ["plain-exim.cz", "self-signed.cz", "mx-cname.cz"] {
        let verdict = &verdicts[name];
        assert_eq!(verdict.receives_mail.result, CheckResult::Pass, "{name}");
        assert_eq!(verdict.starttls.result, CheckResult::Unknown, "{name}");
        assert_eq!(verdict.starttls.reason, "excluded:0/1", "{name}");
    }
    assert_eq!(
        verdicts["customer1.cz"].starttls.result,
        CheckResult::Unknown
    );
    // What was seen decides already.
    assert_eq!(
        verdicts["no-starttls.cz"].starttls.result,
        CheckResult::Fail
    );
    let target = &verdicts["mx-cname-target.mailhost.cz"];
    assert_eq!(target.starttls.result, CheckResult::Pass);

    assert_endpoints(&out);
    let recorded = &manifest(&out)["runs"][0]["exclusions"][exclude.display().to_string()];
    let recorded = recorded[0].as_str().expect("a version");
    let sum = run(std::process::Command::new("sha256sum").arg(&exclude)).expect(0);
    let sum = sum.stdout.split(' ').next().expect("a sum").to_owned();
    assert_eq!(recorded, format!("sha256:{sum}"));
}

fn assert_endpoints(out: &Path) {
    let endpoints = keyed(out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    for (key, row) in &endpoints {
        let asked = matches!(
            row.host.as_str(),
            "mx-cname-target.mailhost.cz" | "mx-nostarttls-exim.mailhost.cz"
        );
        let error = (!asked).then_some(ErrorCode::Excluded);
        assert_eq!(row.tcp.error, error, "{key}");
        // Without STARTTLS it is asked once more.
        let connections = match row.host.as_str() {
            "mx-nostarttls-exim.mailhost.cz" => 2,
            // TLS 1.1 is accepted there, and so it is asked for SSL 3.0, too.
            _ => 4 * u16::from(asked),
        };
        assert_eq!(row.connections, connections, "{key}");
        assert_eq!(
            row.chains.is_empty(),
            row.host != "mx-cname-target.mailhost.cz"
        );
        let asn = match row.ip.as_str() {
            "203.0.113.16" => Some(64500),
            ip if ip.starts_with("203.0.113.") => Some(64501),
            _ => None,
        };
        assert_eq!(row.asn, asn, "{key}");
    }
    // The alias is left alone, its address is not: only the row that says so knows of it.
    let alias = &endpoints["mx-cname.mailhost.cz 203.0.113.20"];
    assert_eq!(alias.tcp.outcome, TcpOutcome::NotAttempted);
    let target = &endpoints["mx-cname-target.mailhost.cz 203.0.113.20"];
    assert_eq!(target.tcp.outcome, TcpOutcome::Connected);
    assert_eq!(
        target.tls.sni.as_deref(),
        Some("mx-cname-target.mailhost.cz")
    );
    let below = |key: &&String| key.contains("provider.net");
    assert_eq!(endpoints.keys().filter(below).count(), 0, "not resolved");
    let hosts = keyed(out, |row: &HostRow| row.host.clone());
    for (host, row) in hosts.iter().filter(|(host, _)| below(host)) {
        assert_eq!(row.queries, 0, "{host}");
        assert_eq!(row.addresses.outcome, Outcome::NotAttempted, "{host}");
        assert_eq!(row.tlsa.error, Some(ErrorCode::Excluded), "{host}");
    }
    assert_eq!(hosts.keys().filter(below).count(), 2);
}

#[test]
fn a_prefix_excluded_in_the_middle_stops_the_dials() {
    excluded_in_the_middle("prefix", "203.0.113.0/24\n");
}

#[test]
fn mail_hosts_excluded_in_the_middle_stop_the_dials() {
    excluded_in_the_middle("suffix", "mx:many-mx.cz\n");
}

/// A survey of ten addresses, of which some are asked before this entry appears.
fn excluded_in_the_middle(name: &str, entry: &str) {
    let (list, exclude, out) = folder(name, &["many-mx.cz"], "# nobody yet\n");
    let _alone = alone();
    let capture = Capture::start(&out.with_extension("pcap"));
    let mut command = bare_survey(&list, &out);
    command.args(["--resolver", lab().env("RESOLVER"), "--dns-rate", "0"]);
    // Ten addresses of one prefix: ten seconds.
    command.args(["--operator-rate", "1"]);
    command.arg("--exclude").arg(&exclude);
    let mut victim = Victim::start(&mut command, &out, 0);
    let journal = |out: &Path| fs::read_to_string(out.join("dials.journal")).unwrap_or_default();
    // The first is under way when the second is noted.
    let begun = victim.wait_until(|out| journal(out).matches("dial ").count() >= 2);
    assert!(begun, "it talks to servers");
    replace(&exclude, entry);
    assert_eq!(victim.end_within(Duration::from_secs(60)), Some(0));
    let dialled = connections(&capture.stop()).len();
    let rows = rows::<EndpointRow>(&out);
    assert_eq!(rows.len(), 10, "as many as are kept of one domain");
    let (asked, spared): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.connections > 0);
    let connections: u16 = asked.iter().map(|row| row.connections).sum();
    assert_eq!(usize::from(connections), dialled, "what the wire says");
    assert!(!asked.is_empty() && !spared.is_empty(), "{dialled} dialled");
    for row in asked {
        assert_eq!(row.tcp.outcome, TcpOutcome::Connected, "{}", row.ip);
    }
    for row in spared {
        assert_eq!(row.tcp.error, Some(ErrorCode::Excluded), "{}", row.ip);
    }
    let words = fs::read_to_string(out.with_extension("words")).expect("words");
    let note = "exclude.txt: read again: 1 entries in force, 1 new, 0 gone";
    assert_eq!(words.matches(note).count(), 1, "{words}");
    let versions = &manifest(&out)["runs"][0]["exclusions"][exclude.display().to_string()];
    assert_eq!(versions.as_array().map(Vec::len), Some(2), "{versions}");
}

#[test]
fn a_domain_is_left_alone_when_its_turn_comes() {
    let truth = lab().truth();
    let names: Vec<_> = truth.iter().map(|truth| truth.domain.as_str()).collect();
    let (list, exclude, out) = folder("turn", &names, "");
    let mut command = bare_survey(&list, &out);
    command.args(["--resolver", lab().env("RESOLVER"), "--dns-rate", "20"]);
    command.args(["--dns-in-flight", "1", "--stage", "dns"]);
    command.arg("--exclude").arg(&exclude);
    let mut victim = Victim::start(&mut command, &out, 0);
    let begun = victim.wait_until(|out| out.join("spool/retry-dns.jsonl").exists());
    assert!(begun, "it asks the DNS");
    // All take half a minute, one takes half a second; nothing on the disk says when it is done.
    std::thread::sleep(Duration::from_secs(3));
    replace(&exclude, &(names.join("\n") + "\n"));
    assert_eq!(victim.end_within(Duration::from_secs(120)), Some(0));
    let rows = keyed(&out, |row: &DomainRow| row.domain.clone());
    assert_eq!(rows.len(), names.len(), "every domain has its row");
    let excluded = |row: &&DomainRow| row.mx.error == Some(ErrorCode::Excluded);
    let (spared, asked): (Vec<_>, Vec<_>) = rows.values().partition(excluded);
    assert!(!spared.is_empty() && !asked.is_empty(), "{}", spared.len());
    for row in spared {
        assert_not_asked_about(row);
    }
    for row in asked {
        assert!(row.queries > 0, "{}", row.domain);
    }
}

#[test]
fn files_with_a_bad_line_are_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().expect("a directory");
    let (list, out) = (dir.path().join("list.txt"), dir.path().join("out"));
    fs::write(&list, "example.cz\n").expect("writes");
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("writes");
        path
    };
    let good = file("good.txt", "example.cz\n");
    for (flag, name, text, words) in [
        (
            "--exclude",
            "exclude.txt",
            "# ours\na.cz\n192.0.2.0/99\n",
            ["exclude.txt: line 3: ", "mx:example.cz"],
        ),
        (
            "--exclude",
            "as.txt",
            "AS64500\n",
            ["as.txt: line 1: AS64500 needs", "--asn-table"],
        ),
        (
            "--asn-table",
            "asn.txt",
            "192.0.2.0/24 64500\n192.0.2.0/24\n",
            ["asn.txt: line 2: ", "network length asn"],
        ),
        (
            "--operator-table",
            "table.toml",
            "[[operator]]\nname = \"A\"\nmx = [\"a.cz\"]\nrate = 100\n",
            ["table.toml: line 4: ", "between 1 and 20"],
        ),
    ] {
        let bad = file(name, text);
        let mut command = survey_outside(&list, &out);
        command.arg("--exclude").arg(&good).arg(flag).arg(bad);
        refused(&mut command, &words);
        let mut dry = survey_outside(&list, &out);
        dry.arg(flag).arg(dir.path().join(name)).arg("--dry-run");
        refused(&mut dry, &words);
    }
    let mut missing = survey_outside(&list, &out);
    missing.arg("--exclude").arg(dir.path().join("none.txt"));
    refused(&mut missing, &["none.txt", "cannot read", "check the path"]);
    assert!(!out.exists(), "nothing was begun");
}
