//! `check` against the real servers: what it says, what it asks, and what it leaves alone.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::lab::lab;
use super::pcap::{Capture, connections};
use super::program::{ADDRESS_WINDOW, MAILCENSUS, MINE, Ran, check, run, survey_of};

/// Connections that a port of an address gets.
const MOST: usize = 3;

fn json(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.stdout).expect("a list in JSON")
}

/// The domains as programs see them, checked by one call.
fn looked_at(state: &Path, domains: &[&str]) -> BTreeMap<String, Value> {
    let ran = run(check(state).args(domains).arg("--json")).expect(0);
    let all = json(&ran).into_iter().map(|one| {
        let name = one["domain"]["domain"].as_str().expect("text").to_owned();
        (name, one)
    });
    all.collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Result and reason of a check, and what to do about it.
fn finding<'a>(of: &'a Value, check: &str) -> (&'a str, &'a str, &'a str) {
    let mut checks = of["checks"].as_array().expect("a list").iter();
    let found = checks.find(|one| one["id"] == check).expect("a check");
    (
        text(&found["result"]),
        text(&found["reason"]),
        text(&found["advice"]),
    )
}

fn endpoint(of: &Value) -> &Value {
    &of["hosts"][0]["endpoints"][0]
}

/// The errors of everything that was asked of an endpoint again or besides.
fn errors(endpoint: &Value) -> Vec<&str> {
    let of = |list: &'static str| endpoint[list].as_array().into_iter().flatten();
    let all = of("hellos").chain(of("attempts"));
    all.map(|one| text(&one["error"]))
        .filter(|error| !error.is_empty())
        .collect()
}

/// Connections to each server while something runs.
fn on_wire(name: &str, work: impl FnOnce()) -> BTreeMap<IpAddr, usize> {
    let dir = lab().scratch(name);
    let capture = Capture::start(&dir.join("mail.pcap"));
    work();
    let mut wire = BTreeMap::new();
    for connection in connections(&capture.stop()) {
        *wire.entry(connection.server).or_default() += 1;
    }
    wire
}

#[test]
fn every_kind_of_domain_has_its_answer_and_nobody_waits_for_a_window() {
    let _alone = lab().mail();
    let state = lab().scratch("checked");
    let domains = [
        "secure-good.cz",
        "tlsa-wrong.cz",
        "tlsa-pkix.cz",
        "tlsa-ta.cz",
        "tlsa-wrongname.cz",
        "no-starttls.cz",
        "tls-exim.cz",
        "null-mx.cz",
        "nonexistent.cz",
        "blackhole.cz",
    ];
    let seen = looked_at(&state, &domains);
    assert_eq!(seen.len(), domains.len());

    let good = &seen["secure-good.cz"];
    assert_eq!(finding(good, "starttls").0, "pass");
    assert_eq!(finding(good, "dane_valid"), ("pass", "matched:1/1", ""));
    assert_eq!(endpoint(good)["dane"][0]["result"], "matches_leaf");
    let summary = text(&endpoint(good)["summary"]);
    assert!(summary.starts_with("STARTTLS; TLS 1.3 1.2"), "{summary}");
    assert!(summary.contains("certificate good until"), "{summary}");
    assert!(summary.ends_with("DANE matches"), "{summary}");
    // It takes TLS 1.1, so that SSL 3.0 would be asked for in another window.
    assert_eq!(errors(endpoint(good)), ["budget"]);
    assert_eq!(finding(good, "no_ssl").1, "budget:1/1");

    let wrong = &seen["tlsa-wrong.cz"];
    let (result, reason, advice) = finding(wrong, "dane_valid");
    assert_eq!((result, reason), ("unknown", "unconfirmed:2/2"));
    assert!(advice.contains("--wait"), "{advice}");
    assert_eq!(endpoint(wrong)["dane"][0]["result"], "mismatch");
    let summary = text(&endpoint(wrong)["summary"]);
    assert!(summary.ends_with("DANE mismatch (seen once)"), "{summary}");

    assert_eq!(
        endpoint(&seen["tlsa-pkix.cz"])["dane"][0]["result"],
        "usage"
    );
    let anchor = &endpoint(&seen["tlsa-ta.cz"])["dane"][0];
    assert_eq!(anchor["result"], "matches_ca");
    assert_eq!(finding(&seen["tlsa-wrongname.cz"], "cert_name").0, "fail");

    let none = &seen["no-starttls.cz"];
    assert_eq!(finding(none, "starttls").1, "unconfirmed:2/2");
    assert_eq!(errors(endpoint(none)), ["budget"]);
    let summary = text(&endpoint(none)["summary"]);
    assert!(summary.starts_with("no STARTTLS (seen once)"), "{summary}");

    let old = &seen["tls-exim.cz"];
    let (result, reason, advice) = finding(old, "no_tls_1_0_1_1");
    assert_eq!(result, "fail", "{reason}");
    assert!(advice.starts_with("Turn off TLS 1.0 and 1.1"), "{advice}");

    let nobody = &seen["null-mx.cz"];
    assert_eq!(finding(nobody, "receives_mail").1, "null_mx");
    assert_eq!(nobody["hosts"], Value::Array(Vec::new()));
    assert_eq!(finding(&seen["nonexistent.cz"], "starttls").1, "nxdomain");
    let dead = &seen["blackhole.cz"];
    assert_eq!(finding(dead, "starttls").1, "timeout:0/1");
    assert_eq!(
        text(&endpoint(dead)["summary"]),
        "not reached: timeout (seen once); no TLSA"
    );
}

#[test]
fn an_address_gets_three_connections_and_the_next_call_opens_none() {
    let _alone = lab().mail();
    let state = lab().scratch("checked-twice");
    let domains = [
        "secure-good.cz",
        "customer1.cz",
        "customer2.cz",
        "tls-postfix.cz",
    ];
    let ask = || run(check(&state).args(domains)).expect(0);
    let first = on_wire("checked-first", || _ = ask());
    assert!(first.len() > 8, "{first:?}");
    for (server, connections) in &first {
        assert!(*connections <= MOST, "{server}: {connections}");
    }
    let mut again = None;
    let second = on_wire("checked-second", || again = Some(ask()));
    // Only who got fewer than three, and what machine it is, may be asked what is left.
    for (server, connections) in &second {
        let before = first.get(server).copied().unwrap_or(0);
        assert!(
            before + connections <= MOST,
            "{server}: {before} and {connections}"
        );
    }
    let full = "192.0.2.11".parse::<IpAddr>().expect("an address");
    assert_eq!(first[&full], MOST);
    assert_eq!(second.get(&full), None);
    let page = again.expect("it ran").stdout;
    assert!(page.contains("not asked: budget"), "{page}");
    assert!(
        page.contains("192.0.2.11 port 25            from 20"),
        "{page}"
    );
    let seen = looked_at(&state, &["secure-good.cz"]);
    let rest = &seen["secure-good.cz"]["not_asked_yet"][0];
    assert_eq!(rest["ip"], "192.0.2.11");
    let left = rest["again_in_seconds"].as_u64().expect("a number");
    assert!((1..=601).contains(&left), "{rest}");
    // Another state directory knows nothing of it.
    let other = lab().scratch("checked-other");
    let elsewhere = looked_at(&other, &["secure-good.cz"]);
    assert_eq!(finding(&elsewhere["secure-good.cz"], "starttls").0, "pass");
}

#[test]
fn a_profile_that_is_not_met_has_an_exit_code_and_unknown_is_not_failed() {
    let _alone = lab().mail();
    let state = lab().scratch("checked-profile");
    let mine = state.join("mine.toml");
    fs::write(&mine, MINE).expect("writes");
    let of = |domain: &str, profile: &str| run(check(&state).args([domain, "--profile", profile]));
    let mine = mine.to_str().expect("text");
    let met = of("sub.secure-good.cz", mine).expect(0);
    assert!(
        met.stdout.contains("Profile mine, version 7: Mine"),
        "{}",
        met.stdout
    );
    assert!(!met.stderr.contains("not met"), "{}", met.stderr);
    let unknown = of("no-starttls.cz", mine).expect(0);
    let words = "no-starttls.cz: profile mine: 1 points of level must are unknown";
    assert!(unknown.stderr.contains(words), "{}", unknown.stderr);
    let failed = of("null-mx-beside.cz", "modern").expect(4);
    let words = "null-mx-beside.cz: profile modern is not met: ";
    assert!(failed.stderr.contains(words), "{}", failed.stderr);
    assert!(
        failed.stdout.contains("- Publish a DMARC record"),
        "{}",
        failed.stdout
    );
}

/// A page without the moments and durations on it, and wherever its lines break.
fn timeless(page: &str) -> String {
    let is_date =
        |word: &str| word.len() >= 10 && word.as_bytes()[4] == b'-' && word.as_bytes()[7] == b'-';
    let words: Vec<_> = page.split_whitespace().collect();
    let mut kept = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let is_time = word.split(':').count() == 3 && next.starts_with("UTC");
        let is_counted = next.starts_with("ms") || next.starts_with("queries");
        kept.push(match is_time || is_counted || is_date(word) {
            true => "#",
            false => word,
        });
    }
    kept.join(" ")
}

/// The pages of some domains by a check, and by a survey of the same list.
fn both_pages(name: &str, domains: &[&str], flags: &[&str]) -> Vec<(String, String)> {
    let dir = lab().scratch(name);
    let mut checking = check(&dir.join("state"));
    let checked = run(checking.args(domains).args(flags)).expect(0).stdout;
    let (list, out) = (dir.join("list.txt"), dir.join("out"));
    fs::write(&list, domains.join("\n") + "\n").expect("writes");
    run(&mut survey_of(&list, &out)).expect(0);
    let rule = "=".repeat(80);
    let pages = checked.split(&rule).map(str::to_owned);
    let explained = domains.iter().map(|domain| {
        let mut explain = Command::new(MAILCENSUS);
        let ran = run(explain.arg("explain").arg(&out).arg(domain));
        ran.expect(0).stdout
    });
    let pages: Vec<_> = pages.zip(explained).collect();
    assert_eq!(pages.len(), domains.len(), "{checked}");
    pages
}

#[test]
fn explain_shows_the_same_page_of_a_survey() {
    let _alone = lab().mail();
    // Nothing of these wants a fourth connection, or one a window later.
    let cheap = [
        "rejecting.cz",
        "null-mx.cz",
        "nonexistent.cz",
        "mx-nxdomain.cz",
    ];
    for (checked, explained) in both_pages("checked-cheap", &cheap, &[]) {
        assert!(!checked.contains("Not asked yet"), "{checked}");
        assert_eq!(timeless(&checked), timeless(&explained));
    }
    // Whoever waits sees all that a survey sees.
    let window = ADDRESS_WINDOW.to_string();
    let patient = ["--wait", "--address-window", &window];
    let dear = [
        "secure-good.cz",
        "tlsa-cert.cz",
        "tlsa-wrong.cz",
        "no-starttls.cz",
    ];
    let pages = both_pages("checked-patient", &dear, &patient);
    for (checked, explained) in &pages {
        assert_eq!(timeless(checked), timeless(explained));
    }
    assert!(
        pages[2]
            .0
            .contains("dane_valid            fail            mismatch:2/2")
    );
    assert!(
        pages[3]
            .0
            .contains("starttls              fail            not_offered:2/2")
    );
}
