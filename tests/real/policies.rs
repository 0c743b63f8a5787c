//! A policy of MTA-STS, as nginx serves it.

use std::fs;

use mailcensus::table::codes::{CheckResult, Dates, NameMatch, Outcome, Pkix};
use mailcensus::table::record_codes::PolicyMode;
use mailcensus::table::rows::{StsPolicyRow, VerdictRow};

use super::lab::lab;
use super::program::keyed;
use super::shared::shared;

/// The domain whose policy is served.
const SERVED: &str = "secure-good.cz";

#[test]
fn the_policy_that_nginx_serves_is_found_and_enforced() {
    let rows = keyed(&shared().out, |row: &StsPolicyRow| row.domain.clone());
    let row = &rows[SERVED];
    let site = lab().dir.join("web/site/.well-known/mta-sts.txt");
    let text = fs::read_to_string(site).expect("the policy");
    let said = |key: &str| {
        let mut lines = text.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        value.expect("a line of the policy")
    };
    assert_eq!(row.outcome, Outcome::Found, "{row:?}");
    assert_eq!(row.http_status, Some(200));
    assert_eq!(row.content_type.as_deref(), Some("text/plain"));
    assert_eq!(row.name_match, Some(NameMatch::San));
    assert_eq!(row.dates, Some(Dates::Current));
    assert_eq!(row.pkix["mozilla"], Pkix::Valid, "by --extra-root");
    assert_eq!(row.body_bytes, u32::try_from(text.len()).ok());
    assert_eq!(row.version.as_deref(), Some(said("version")));
    assert_eq!(row.mode.map(PolicyMode::as_str), Some(said("mode")));
    assert_eq!(row.mode, Some(PolicyMode::Enforce));
    assert_eq!(row.mx, [said("mx")]);
    let max_age = row.max_age.expect("an age");
    assert_eq!(max_age.to_string(), said("max_age"));
    assert_eq!((row.valid, row.fault), (Some(true), None));
    assert!(row.findings.is_empty(), "{:?}", row.findings);
    let verdicts = keyed(&shared().out, |row: &VerdictRow| row.domain.clone());
    let verdict = &verdicts[SERVED];
    for finding in [
        &verdict.mta_sts,
        &verdict.mta_sts_enforced,
        &verdict.mta_sts_covers_mx,
    ] {
        assert_eq!(finding.result, CheckResult::Pass, "{finding:?}");
    }
}

#[test]
fn a_policy_whose_host_does_not_exist_is_absent() {
    let rows = keyed(&shared().out, |row: &StsPolicyRow| row.domain.clone());
    assert!(rows.len() > 1, "others announce one too");
    for row in rows.values().filter(|row| row.domain != SERVED) {
        assert_eq!(row.outcome, Outcome::Absent, "{row:?}");
        assert_eq!((row.ip.as_deref(), row.http_status), (None, None));
    }
}

#[test]
fn nginx_is_asked_for_the_policy_and_for_nothing_else() {
    shared();
    let log = fs::read_to_string(lab().dir.join("log/nginx-access.log")).expect("a log");
    // A survey that was killed in between says nothing, or not all of it.
    // Webmail is asked for at its root.
    let is_of_policies = |line: &&str| line.contains(" HTTP/") && !line.contains("\"GET / HTTP/");
    let whole: Vec<_> = log.lines().filter(is_of_policies).collect();
    assert!(!whole.is_empty(), "{log}");
    for line in whole {
        let request = "\"GET /.well-known/mta-sts.txt HTTP/1.1\" 200 ";
        assert!(line.contains(request), "{line}");
        assert!(line.contains("\"mailcensus/"), "{line}");
    }
}
