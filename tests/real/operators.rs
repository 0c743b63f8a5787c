//! Who runs the mail servers, by the tables that a survey was given.

use std::fs;

use mailcensus::table::rows::{DomainRow, EndpointRow, VerdictRow};

use super::lab::lab;
use super::program::{keyed, manifest, run, survey_of};
use super::shared::{alone, shared};

#[test]
fn operators_come_from_the_table_then_the_as_then_the_prefix() {
    let dir = lab().scratch("operators");
    let (list, out) = (dir.join("list.txt"), dir.join("out"));
    fs::write(
        &list,
        "customer1.cz\nplain-exim.cz\ntlsa-none.cz\nnull-mx.cz\n",
    )
    .expect("writes");
    let (operators, asns) = (dir.join("operators.toml"), dir.join("asn.csv"));
    let table = "[[operator]]\nname = \"The provider\"\nmx = [\"provider.net\"]\nrate = 3\n";
    fs::write(&operators, table).expect("writes");
    fs::write(&asns, "203.0.113.0/24,AS64500\n").expect("writes");
    let _alone = alone();
    let mut command = survey_of(&list, &out);
    command.arg("--operator-table").arg(&operators);
    command.arg("--asn-table").arg(&asns);
    run(&mut command).expect(0);

    let endpoints = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    let of = |key: &str| (endpoints[key].operator.as_str(), endpoints[key].asn);
    assert_eq!(of("mx1.provider.net 192.0.2.31"), ("The provider", None));
    assert_eq!(
        of("mx2.provider.net 203.0.113.31"),
        ("The provider", Some(64500))
    );
    assert_eq!(
        of("mx-plain-exim.mailhost.cz 203.0.113.16"),
        ("AS64500", Some(64500))
    );
    assert_eq!(
        of("mx-plain.mailhost.cz 192.0.2.17"),
        ("192.0.2.0/24", None)
    );

    let domains = keyed(&out, |row: &DomainRow| row.domain.clone());
    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    for (domain, operator) in [
        ("customer1.cz", Some("The provider")),
        ("plain-exim.cz", Some("mailhost.cz")),
        ("tlsa-none.cz", Some("mailhost.cz")),
        ("null-mx.cz", None),
    ] {
        assert_eq!(
            domains[domain].mail_operator.as_deref(),
            operator,
            "{domain}"
        );
        assert_eq!(
            verdicts[domain].mail_operator.as_deref(),
            operator,
            "{domain}"
        );
    }
    let data = &manifest(&out)["data"];
    for table in ["operator table", "AS table", "selector list"] {
        let version = data[table].as_str().expect("a version");
        assert!(version.starts_with("sha256:"), "{table}: {version}");
    }

    // Another table does not spoil a survey; which ones were used is on record.
    fs::write(&operators, table.replace("rate = 3", "rate = 1")).expect("writes");
    let ran = run(&mut command).expect(0);
    assert!(
        ran.stderr.contains("another operator table"),
        "{}",
        ran.stderr
    );
    let data = manifest(&out)["data"]["operator table"].to_string();
    assert_eq!(data.matches("sha256:").count(), 2, "{data}");
}

#[test]
fn every_domain_with_a_mail_host_has_an_operator() {
    let out = &shared().out;
    for row in keyed(out, |row: &DomainRow| row.domain.clone()).into_values() {
        let first = row.mx.records.iter().find(|record| record.host != ".");
        let name = row.domain;
        match (row.mx.kind.map(|kind| kind.as_str()), row.mail_operator) {
            (Some("explicit"), None) => {
                let host = &first.expect("a record").host;
                assert!(host.parse::<std::net::IpAddr>().is_ok(), "{name}: {host}");
            }
            (Some("explicit" | "implicit"), operator) => assert!(operator.is_some(), "{name}"),
            (_, operator) => assert_eq!(operator, None, "{name}"),
        }
    }
}
