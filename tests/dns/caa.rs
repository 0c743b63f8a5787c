//! CAA: at the name, else at the nearest name above that has records (RFC 8659 3).

use hickory_resolver::proto::rr::rdata::CAA;
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use mailcensus::dns::domain::Walk;
use mailcensus::table::codes::{ErrorCode, Outcome};
use mailcensus::table::rows::Caa;

use super::*;
use crate::lab::dns::{Manner, Reply, Resolver, mx, ns, record};

const NAME: &str = "mail.example.cz";

/// A name that takes mail, below a domain.
async fn name() -> Resolver {
    let resolver = Resolver::start().await;
    for kind in ["TXT", "DS", "DNSKEY", "CAA"] {
        resolver.says(NAME, kind.parse().unwrap(), Reply::nodata(NAME));
    }
    let servers = Reply::found([ns(NAME, "ns.example.cz")]);
    let hosts = Reply::found([mx(NAME, 10, "mx.example.cz")]);
    resolver.says(NAME, RecordType::NS, servers);
    resolver.says(NAME, RecordType::MX, hosts);
    resolver.says(ZONE, RecordType::CAA, Reply::nodata(ZONE));
    resolver
}

fn caa(owner: &str, tag: &str, value: &str) -> Record {
    let mut data = CAA::new_issue(false, None, Vec::new());
    data.tag = tag.to_owned();
    data.value = value.as_bytes().to_vec();
    record(owner, RData::CAA(data))
}

async fn walk(resolver: &Resolver, client: &mailcensus::dns::Client) -> (Walk, Vec<String>) {
    let mut walk = Walk::new(NAME, NAME.to_owned());
    walk.ask(client).await;
    (walk, asked(resolver))
}

fn asked(resolver: &Resolver) -> Vec<String> {
    let log = resolver.log();
    resolver.take_log();
    let names = log.iter().filter_map(|line| line.strip_prefix("CAA "));
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_nearest_set_counts_and_what_is_above_is_asked_for_once() {
    let resolver = name().await;
    let client = client(&resolver, LONG).await;
    let (walked, names) = walk(&resolver, &client).await;
    assert_eq!(names, [NAME, ZONE, "cz"]);
    assert_eq!(walked.row.caa.outcome, Outcome::Absent);
    assert_eq!(walked.row.caa.found_at, None);
    let (_, names) = walk(&resolver, &client).await;
    assert_eq!(names, [NAME]);

    let records = [
        caa(NAME, "issue", "letsencrypt.org; validationmethods=dns-01"),
        caa(NAME, "issue", "ca.example"),
        caa(NAME, "issuewild", ";"),
        caa(NAME, "issuemail", "mail-ca.example"),
        caa(NAME, "iodef", "mailto:caa@example.cz"),
    ];
    resolver.says(NAME, RecordType::CAA, Reply::found(records));
    let (walked, names) = walk(&resolver, &client).await;
    assert_eq!(names, [NAME]);
    let expected = Caa {
        outcome: Outcome::Found,
        security: walked.row.caa.security,
        found_at: Some(NAME.to_owned()),
        issue: vec![
            "ca.example".to_owned(),
            "letsencrypt.org; validationmethods=dns-01".to_owned(),
        ],
        issuewild: vec![";".to_owned()],
        issuemail: vec!["mail-ca.example".to_owned()],
        ..Caa::default()
    };
    assert_eq!(walked.row.caa, expected);
}

#[tokio::test]
async fn records_of_the_domain_hold_for_names_below() {
    let resolver = name().await;
    let records = [caa(ZONE, "issue", "ca.example")];
    resolver.says(ZONE, RecordType::CAA, Reply::found(records));
    let (walked, names) = walk(&resolver, &*client(&resolver, LONG).await).await;
    assert_eq!(names, [NAME, ZONE]);
    assert_eq!(walked.row.caa.found_at.as_deref(), Some(ZONE));
    assert_eq!(walked.row.caa.issue, ["ca.example"]);
}

#[tokio::test]
async fn a_failure_is_no_absence_and_is_not_climbed_over() {
    let resolver = name().await;
    let broken = Manner::ServfailThenCd(Some(22), servfail(22));
    resolver.on(NAME, RecordType::CAA, broken);
    let client = client(&resolver, LONG).await;
    let (mut walked, names) = walk(&resolver, &client).await;
    assert_eq!(names, [NAME.to_owned(), format!("{NAME} +cd")]);
    assert_eq!(walked.row.caa.outcome, Outcome::Failed);
    assert_eq!(walked.row.caa.error, Some(ErrorCode::Unreachable));
    assert!(walked.has_failed());

    resolver.says(NAME, RecordType::CAA, Reply::nodata(NAME));
    client.next_pass();
    walked.ask(&client).await;
    assert_eq!(asked(&resolver), [NAME, ZONE, "cz"]);
    assert_eq!(walked.row.caa.outcome, Outcome::Absent);
    assert_eq!(walked.row.caa.error, None);
}

#[tokio::test]
async fn the_order_of_a_set_changes_nothing() {
    let resolver = name().await;
    let mut records: Vec<_> = (0..70)
        .map(|number| caa(NAME, "issue", &format!("ca{number}.example")))
        .collect();
    records.push(caa(NAME, "issue", "%"));
    records.push(caa(NAME, "iodef", "nothing"));
    let mut seen = Vec::new();
    for _ in 0..2 {
        resolver.says(NAME, RecordType::CAA, Reply::found(records.clone()));
        let (walked, _) = walk(&resolver, &*client(&resolver, LONG).await).await;
        seen.push(walked.row.caa);
        records.reverse();
    }
    assert_eq!(seen[0].outcome, Outcome::Found);
    assert!(seen[0].fault.is_some());
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn who_takes_no_mail_is_not_asked() {
    let resolver = name().await;
    resolver.says(NAME, RecordType::MX, Reply::found([mx(NAME, 0, ".")]));
    let (walked, names) = walk(&resolver, &*client(&resolver, LONG).await).await;
    assert_eq!(names, Vec::<String>::new());
    assert_eq!(walked.row.caa, Caa::default());
}
