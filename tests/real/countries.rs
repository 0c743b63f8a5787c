//! Where mail servers are, and who announces them, by the tables that a survey was given.

use std::fs;
use std::path::Path;
use std::process::Command;

use mailcensus::table::codes::Rpki;
use mailcensus::table::rows::{EndpointRow, VerdictRow};
use serde_json::{Value, json};

use super::lab::lab;
use super::program::{MAILCENSUS, keyed, manifest, run, survey_of};
use super::refusals::refused;
use super::shared::alone;

const ROUTES: &str = "203.0.113.0/24 64500\n192.0.2.0/24 64501\n2001:db8::/32 64501\n";
const COUNTRIES: &str = "ripencc|SK|ipv4|203.0.113.0|256|20120401|allocated\n192.0.2.0/24,CZ\n\
                         2001:db8::,2001:db8::ff,CZ\n";
const VRPS: &str = "ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,203.0.113.0/24,24,x\n\
                    AS64502,192.0.2.0/24,24,x\n";

#[test]
fn countries_and_routes_come_from_the_tables_and_stay_as_they_were() {
    let dir = lab().scratch("countries");
    let of = |name: &str| dir.join(name);
    let domains = "customer1.cz\ncustomer3.cz\nplain-exim.cz\nnull-mx.cz\n";
    for (file, text) in [
        ("list.txt", domains),
        ("asn.txt", ROUTES),
        ("countries.csv", COUNTRIES),
        ("vrps.csv", VRPS),
    ] {
        fs::write(of(file), text).expect("writes");
    }
    let out = of("out");
    let _alone = alone();
    let survey = |countries: &Path| {
        let mut command = survey_of(&of("list.txt"), &out);
        command.arg("--asn-table").arg(of("asn.txt"));
        command.arg("--country-table").arg(countries);
        command.arg("--rpki-table").arg(of("vrps.csv"));
        command
    };
    run(&mut survey(&of("countries.csv"))).expect(0);

    let endpoints = keyed(&out, |row: &EndpointRow| format!("{} {}", row.host, row.ip));
    for (key, country, route, rpki) in [
        (
            "mx1.provider.net 192.0.2.31",
            "CZ",
            "192.0.2.0/24",
            Rpki::Invalid,
        ),
        (
            "mx1.provider.net 2001:db8::31",
            "CZ",
            "2001:db8::/32",
            Rpki::NotFound,
        ),
        (
            "mx2.provider.net 203.0.113.31",
            "SK",
            "203.0.113.0/24",
            Rpki::Valid,
        ),
    ] {
        let row = &endpoints[key];
        assert_eq!(row.country.as_deref(), Some(country), "{key}");
        assert_eq!(row.route.as_deref(), Some(route), "{key}");
        assert_eq!(row.rpki, Some(rpki), "{key}");
    }
    let verdicts = keyed(&out, |row: &VerdictRow| row.domain.clone());
    for (domain, country, basis, route) in [
        ("customer1.cz", Some("CZ"), "one", "invalid:1/3"),
        ("customer3.cz", None, "several", "invalid:1/3"),
        ("plain-exim.cz", Some("SK"), "one", "valid:1/1"),
        ("null-mx.cz", None, "no_mail_host", "no_mail"),
    ] {
        let row = &verdicts[domain];
        assert_eq!(row.country.as_deref(), country, "{domain}");
        assert_eq!(row.country_basis.as_str(), basis, "{domain}");
        assert_eq!(row.route_origin_valid.reason, route, "{domain}");
    }
    let data = &manifest(&out)["data"];
    for table in ["AS table", "country table", "RPKI table"] {
        let version = data[table].as_str().expect("a version");
        assert!(version.starts_with("sha256:"), "{table}: {version}");
    }

    let mut report = Command::new(MAILCENSUS);
    report
        .arg("report")
        .arg(&out)
        .args(["--by", "country", "--k", "1", "--json", "-"]);
    let report: Value = serde_json::from_str(&run(&mut report).expect(0).stdout).expect("JSON");
    let groups = report["groups"].as_array().expect("groups").iter();
    let groups: Vec<_> = groups
        .map(|group| json!([group["group"], group["domains"]]))
        .collect();
    let expected = [("(none)", 1), ("(several)", 1), ("CZ", 1), ("SK", 1)];
    assert_eq!(
        groups,
        expected.map(|(name, domains)| json!([name, domains]))
    );
    assert_eq!(report["countries"]["several"], 1);

    // With other countries the rows would not fit each other.
    let others = of("others.csv");
    fs::write(&others, COUNTRIES.replace("CZ", "DE")).expect("writes");
    refused(
        &mut survey(&others),
        &[
            "was begun with --country-table sha256:",
            "use the same again",
        ],
    );
}

#[test]
fn a_table_of_who_may_announce_needs_one_of_who_does() {
    let dir = lab().scratch("lone-vrps");
    let (list, vrps, ranges) = (dir.join("list.txt"), dir.join("vrps"), dir.join("ranges"));
    fs::write(&list, "customer1.cz\n").expect("writes");
    fs::write(&vrps, VRPS).expect("writes");
    fs::write(&ranges, "192.0.2.0 192.0.2.255 64501 CZ\n").expect("writes");
    let survey = || {
        let mut command = survey_of(&list, &dir.join("out"));
        command.arg("--rpki-table").arg(&vrps);
        command
    };
    let words = ["--rpki-table says who may announce", "--asn-table"];
    refused(&mut survey(), &words);
    refused(survey().arg("--asn-table").arg(&ranges), &words);
    fs::write(&vrps, "AS64500,192.0.2.0/24,23,x\n").expect("writes");
    refused(&mut survey(), &["vrps: line 1: not `ASN"]);
    assert!(!dir.join("out").exists());
}
