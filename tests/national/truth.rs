//! A survey of a country comes to its truth.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use mailcensus::table::codes::CountryBasis;
use mailcensus::table::rows::{DomainRow, EndpointRow, HostRow, StsPolicyRow, VerdictRow, ZoneRow};
use serde::de::DeserializeOwned;

use super::compare::Differences;
use super::country::{Country, generate};
use crate::lab::national::truth::{self, read};
use crate::real::program::{assert_nothing_lost, keyed, rows};

const DOMAINS: usize = 2_000;

#[test]
fn a_survey_of_a_country_comes_to_its_truth() {
    let domains = DOMAINS.to_string();
    let country = Country::start(&[
        "--domains",
        &domains,
        "--seed",
        "7",
        "--dead-share",
        "0.003",
    ]);
    let out = country.scratch("out");
    country.survey_with_tables("domains.txt", &out, &[]);
    assert_nothing_lost(&out, DOMAINS);
    let mut differences = Differences::default();
    compare(&country.file("truth"), &out, &mut differences);
    differences.assert_none(DOMAINS * 10);
    let knows = |row: &VerdictRow| row.country_basis != CountryBasis::NoTable;
    assert!(rows::<VerdictRow>(&out).iter().all(knows));
}

#[test]
fn a_seed_makes_the_same_country_again() {
    let made = |seed: &str| {
        let dir = tempfile::tempdir().expect("a directory");
        generate(&["--domains", "300", "--seed", seed], dir.path());
        let files = [
            "domains.txt",
            "domains.csv",
            "truth/domains.jsonl",
            "truth/hosts.jsonl",
            "truth/verdicts.jsonl",
        ];
        files.map(|file| {
            let text = std::fs::read_to_string(dir.path().join(file)).expect("a file");
            text.lines().map(str::to_owned).collect::<BTreeSet<_>>()
        })
    };
    let first = made("11");
    assert_eq!(first, made("11"));
    assert!(first[2] != made("12")[2], "the seed decides");
}

/// A survey that somebody else made: `MAILCENSUS_TRUTH` and `MAILCENSUS_SURVEY` name the two
/// directories, as `scripts/evidence scale` does.
#[test]
#[ignore = "compares a survey that is named by the environment"]
fn a_survey_that_is_named_comes_to_its_truth() {
    let named = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set"));
    let mut differences = Differences::default();
    let (truth, survey) = (named("MAILCENSUS_TRUTH"), named("MAILCENSUS_SURVEY"));
    compare(Path::new(&truth), Path::new(&survey), &mut differences);
    differences.assert_none(1);
}

fn compare(truth: &Path, out: &Path, differences: &mut Differences) {
    let file = |name: &str| truth.join(format!("{name}.jsonl"));
    let domains = read(&file("domains"), |row: &truth::Domain| row.domain.clone());
    let rows = keyed(out, |row: &DomainRow| row.domain.clone());
    for (truth, row) in pairs(&domains, rows) {
        differences.domain(truth, &row);
    }
    let zones = keyed(out, |row: &ZoneRow| row.zone.clone());
    for truth in domains.values() {
        if let Some(signed) = &truth.signed {
            differences.zone(&truth.kind, signed, &zones[&truth.domain]);
        }
    }
    let hosts = truths(&file("hosts"), |row: &truth::Host| row.host.clone());
    let mut rows = keyed(out, |row: &HostRow| row.host.clone());
    // A null MX beside others leads nowhere.
    rows.remove(".");
    policies(&file("policies"), &mut rows, out, differences);
    for (truth, row) in pairs(&hosts, rows) {
        differences.host(truth, &row);
    }
    let endpoints = truths(&file("endpoints"), |row: &truth::Endpoint| {
        format!("{} {}", row.host, row.ip)
    });
    let rows = keyed(out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    for (truth, row) in pairs(&endpoints, rows) {
        differences.endpoint(truth, &row);
    }
    let verdicts = truths(&file("verdicts"), |row: &truth::Verdict| row.domain.clone());
    let rows = keyed(out, |row: &VerdictRow| row.domain.clone());
    for (truth, row) in pairs(&verdicts, rows) {
        differences.verdict(&domains[&truth.domain].kind, truth, &row);
    }
}

/// Policies, and their hosts, which this takes out of all hosts.
fn policies(
    file: &Path,
    hosts: &mut BTreeMap<String, HostRow>,
    out: &Path,
    differences: &mut Differences,
) {
    let policies = truths(file, |row: &truth::Policy| row.domain.clone());
    let rows = keyed(out, |row: &StsPolicyRow| row.domain.clone());
    for (truth, row) in pairs(&policies, rows) {
        let host = hosts.remove(&format!("mta-sts.{}", truth.domain));
        differences.policy(truth, &row, &host.expect("the host of the policy"));
    }
}

fn truths<T: DeserializeOwned>(path: &Path, key: impl Fn(&T) -> String) -> HashMap<String, T> {
    read(path, key)
}

/// Each row with its truth; there is one for one.
#[track_caller]
fn pairs<T, R>(
    truth: &HashMap<String, T>,
    rows: impl IntoIterator<Item = (String, R)>,
) -> Vec<(&T, R)> {
    let mut open: BTreeSet<&String> = truth.keys().collect();
    let mut pairs = Vec::new();
    let mut strangers = Vec::new();
    for (key, row) in rows {
        open.remove(&key);
        match truth.get(&key) {
            Some(truth) => pairs.push((truth, row)),
            None => strangers.push(key),
        }
    }
    assert!(strangers.is_empty(), "not in the truth: {strangers:?}");
    assert!(open.is_empty(), "not in the table: {open:?}");
    pairs
}
