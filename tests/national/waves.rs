//! The truth about checks, lists and a second wave, as the lab writes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use mailcensus::table::rows::CheckId;

use super::country::generate;
use crate::lab::national::truth::{Change, Verdict, read};

fn verdicts(dir: &Path) -> HashMap<String, Verdict> {
    let file = dir.join("truth/verdicts.jsonl");
    read(&file, |row: &Verdict| row.domain.clone())
}

fn country(args: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    generate(
        &[&["--domains", "1500", "--seed", "5"], args].concat(),
        dir.path(),
    );
    dir
}

#[test]
fn the_truth_has_every_check_and_nothing_else() {
    let country = country(&[]);
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let names: BTreeSet<&str> = CheckId::ALL.iter().map(|check| check.as_str()).collect();
    for verdict in verdicts(country.path()).values() {
        let checks: BTreeSet<&str> = verdict.checks.keys().map(String::as_str).collect();
        assert_eq!(checks, names, "{}", verdict.domain);
        for (check, results) in &verdict.checks {
            let seen = seen.entry(check.clone()).or_default();
            seen.extend(results.iter().cloned());
        }
    }
    for check in [
        "starttls",
        "tls_1_3",
        "cert_trusted",
        "cert_name",
        "cert_current",
    ] {
        assert_eq!(seen[check].len(), 4, "{check}: {:?}", seen[check]);
    }
    for check in [
        "dnssec_algorithms",
        "dane_valid",
        "mx_uniform",
        "mx_wellformed",
        "spf",
        "spf_lookups",
        "spf_restrictive",
        "spf_hardfail",
        "spf_narrow",
        "dkim",
        "dkim_keys",
        "dmarc",
        "dmarc_enforced",
        "dmarc_sampling",
        "dmarc_reject",
        "dmarc_subdomains",
        "dmarc_reports",
        "mta_sts",
        "mta_sts_enforced",
        "mta_sts_covers_mx",
        "tls_rpt",
    ] {
        assert_eq!(seen[check].len(), 4, "{check}: {:?}", seen[check]);
    }
}

#[test]
fn the_second_list_is_the_first_one_with_what_is_known_besides() {
    let country = country(&[]);
    let text = |name| std::fs::read_to_string(country.path().join(name)).expect("a list");
    let (plain, csv) = (text("domains.txt"), text("domains.csv"));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("domain,rank,group,designated_at,sector"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(names, plain.lines().collect::<Vec<_>>());
    let obliged = |row: &&Vec<&str>| !row[2].is_empty() || !row[3].is_empty();
    let count = rows.iter().filter(obliged).count();
    assert!((30..150).contains(&count), "{count}");
    assert!(
        rows.iter()
            .all(|row| row[2].is_empty() || row[3].is_empty())
    );
    assert!(
        rows.iter()
            .any(|row| row[2].is_empty() && row[3].len() == 10)
    );
}

#[test]
fn a_second_wave_says_what_changed() {
    let first = country(&[]);
    let second = country(&["--wave", "2", "--changes", "0.1"]);
    assert!(!first.path().join("truth/changes.jsonl").exists());
    let key = |row: &Change| format!("{} {:?}", row.domain, row.check);
    let changes = read(&second.path().join("truth/changes.jsonl"), key);
    let (before, after) = (verdicts(first.path()), verdicts(second.path()));
    let of_list = |word: &str| {
        let rows = changes.values();
        let rows = rows.filter(|row| row.list.as_deref() == Some(word));
        rows.map(|row| row.domain.as_str()).collect::<BTreeSet<_>>()
    };
    let absent = |from: &HashMap<String, Verdict>, of: &Verdict| !from.contains_key(&of.domain);
    let only = |one: &HashMap<String, Verdict>, other: &HashMap<String, Verdict>| {
        let rows = one.values().filter(|row| absent(other, row));
        rows.map(|row| row.domain.clone()).collect::<BTreeSet<_>>()
    };
    let words = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
    assert_eq!(only(&after, &before), words(of_list("new")));
    assert_eq!(only(&before, &after), words(of_list("gone")));
    assert!(!of_list("new").is_empty() && !of_list("gone").is_empty());
    let mut changed = BTreeSet::new();
    for (domain, was) in before
        .iter()
        .filter(|(domain, _)| after.contains_key(*domain))
    {
        for (check, now) in &after[domain].checks {
            let change = changes.get(&format!("{domain} {:?}", Some(check)));
            let was = &was.checks[check];
            let said = change.map(|change| (&change.before, &change.after));
            assert_eq!(said, (was != now).then_some((was, now)), "{domain} {check}");
            changed.extend(change.map(|change| &change.domain));
        }
    }
    // Some changes show in no check.
    assert!((60..160).contains(&changed.len()), "{}", changed.len());
}

#[test]
fn a_second_wave_is_the_same_again() {
    let made = || {
        let country = country(&["--wave", "2"]);
        let files = ["domains.csv", "truth/verdicts.jsonl", "truth/changes.jsonl"];
        files.map(|file| {
            let text = std::fs::read_to_string(country.path().join(file)).expect("a file");
            text.lines().map(str::to_owned).collect::<BTreeSet<_>>()
        })
    };
    assert_eq!(made(), made());
}
