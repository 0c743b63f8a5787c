//! The page of every domain of the lab, beside the rows that it is made of.

use std::collections::BTreeSet;
use std::process::Command;

use mailcensus::table::rows::{CheckId, VerdictRow};
use serde_json::Value;

use super::lab::lab;
use super::program::{MAILCENSUS, keyed, run};
use super::shared::shared;

fn explain(domain: &str, args: &[&str]) -> String {
    let mut command = Command::new(MAILCENSUS);
    command
        .arg("explain")
        .arg(&shared().out)
        .arg(domain)
        .args(args);
    run(&mut command).expect(0).stdout
}

#[test]
fn every_domain_has_a_page_that_no_terminal_acts_on() {
    for truth in lab().truth() {
        let page = explain(&truth.domain, &[]);
        assert!(page.starts_with(&truth.domain), "{page}");
        for line in page.lines() {
            assert!(line.chars().count() <= 100, "{}: {line}", truth.domain);
            assert!(
                !line.chars().any(char::is_control),
                "{}: {line:?}",
                truth.domain
            );
        }
    }
}

#[test]
fn the_page_says_what_the_tables_say() {
    let verdicts = keyed(&shared().out, |row: &VerdictRow| row.domain.clone());
    for truth in lab().truth() {
        let json: Value = serde_json::from_str(&explain(&truth.domain, &["--json"])).expect("JSON");
        let verdict = &verdicts[&truth.domain];
        for (at, check) in CheckId::ALL.iter().enumerate() {
            let shown = &json["checks"][at];
            let finding = verdict.finding(*check);
            assert_eq!(shown["id"], check.as_str());
            assert_eq!(
                shown["result"],
                finding.result.as_str(),
                "{}: {check}",
                truth.domain
            );
            assert_eq!(
                shown["reason"], *finding.reason,
                "{}: {check}",
                truth.domain
            );
        }
        let named = json["hosts"].as_array().expect("a list").iter();
        let named = named.map(|host| host["host"].as_str().expect("text").to_owned());
        let records = json["domain"]["mx"]["records"]
            .as_array()
            .expect("a list")
            .iter();
        let mut hosts: BTreeSet<_> = records
            .map(|record| record["host"].as_str().expect("text").to_owned())
            .filter(|host| host != ".")
            .collect();
        if json["domain"]["mx"]["kind"] == "implicit" {
            hosts.insert(truth.domain.clone());
        }
        assert_eq!(named.collect::<BTreeSet<_>>(), hosts, "{}", truth.domain);
    }
}
