//! The report of surveys on disk: every number from literals.

use serde_json::{Value, json};

use super::fixtures::{Made, finding, json_text, judged, tags, verdict};
use super::*;
use crate::table::Store;
use crate::table::codes::CheckResult::{Fail, NotApplicable, Pass, Unknown};
use crate::table::codes::{CheckResult, Class};
use crate::table::manifest::Manifest;
use crate::table::rows::{TableName, VerdictRow};

pub fn request() -> Request {
    Request {
        profiles: Vec::new(),
        by: None,
        k: 1,
        top: 10,
    }
}

pub fn by(text: &str, k: u64) -> Request {
    Request {
        by: Some(text.parse().unwrap()),
        k,
        ..request()
    }
}

/// The JSON of a report.
pub fn json_of(made: &Made, request: &Request) -> Value {
    let (_dir, judged) = made.judged();
    let report = report(&judged, &[], request, None).unwrap();
    serde_json::from_str(&json_text(&report)).unwrap()
}

pub fn refusal(made: &Made, request: &Request) -> String {
    let (_dir, judged) = made.judged();
    let problem = report(&judged, &[], request, None).unwrap_err();
    problem.to_string()
}

fn starttls(domain: &str, result: CheckResult, reason: &str) -> VerdictRow {
    verdict(domain, |row| row.starttls = finding(result, reason))
}

/// Nine domains of every kind.
pub fn country() -> Made {
    let no_mail = |domain: &str, class: Class, reason: &'static str| {
        verdict(domain, |row| {
            row.class = class;
            row.non_sending = Some(true);
            row.receives_mail = finding(Fail, reason);
            row.starttls = finding(NotApplicable, "no_mail");
        })
    };
    let run = |mut row: VerdictRow, operator: &str, dane: CheckResult| {
        row.mail_operator = Some(operator.to_owned());
        row.dane_valid = finding(dane, "x");
        row
    };
    Made {
        verdicts: vec![
            run(starttls("a.cz", Pass, "starttls:2/2"), "big", Pass),
            run(starttls("b.cz", Fail, "not_offered:1/2"), "big", Fail),
            run(starttls("c.cz", Fail, "not_offered:2/2"), "big", Fail),
            run(starttls("d.cz", Unknown, "timeout:0/1"), "small", Pass),
            no_mail("e.cz", Class::NullMx, "null_mx"),
            no_mail("f.sk", Class::NoMail, "no_mx"),
            starttls("g.sk", Pass, "starttls:1/1"),
            verdict("h.sk", |row| {
                row.class = Class::Unknown;
                row.non_sending = None;
                row.receives_mail = finding(Unknown, "servfail");
                row.starttls = finding(Unknown, "servfail");
            }),
            verdict("i.xn--p1ai", |row| {
                row.class = Class::Nonexistent;
                row.non_sending = None;
                row.receives_mail = finding(NotApplicable, "nxdomain");
                row.starttls = finding(NotApplicable, "nxdomain");
            }),
        ],
        ..Made::default()
    }
}

#[test]
fn every_number_of_a_check_is_there() {
    let report = json_of(&country(), &request());
    let expected = json!({
        "pass": 2, "fail": 2, "not_applicable": 3, "unknown": 2,
        "share": 0.5, "margin": 0.0,
        "receiving_pass": 2, "receiving_unknown": 1, "share_of_receiving": 0.4, "margin_of_receiving": 0.0,
        "reasons": {
            "fail": {"not_offered": 2},
            "unknown": {"servfail": 1, "timeout": 1},
            "not_applicable": {"no_mail": 2, "nxdomain": 1},
        },
    });
    assert_eq!(report["checks"]["starttls"], expected);
    assert_eq!(report["checks"]["no_ssl"]["share"], Value::Null);
    assert_eq!(
        (&report["domains"], &report["receiving"]),
        (&json!(9), &json!(5))
    );
    assert_eq!(report["survey"]["date"], "2026-01-31");
    assert_eq!(report["survey"]["sample"], false);
    let not_measured = report["not_measured"].as_array().unwrap();
    assert!(not_measured.contains(&json!("no_ssl")) && !not_measured.contains(&json!("starttls")));
}

#[test]
fn every_domain_is_in_one_class() {
    let report = json_of(&country(), &request());
    let classes = report["classes"].as_object().unwrap();
    let all: u64 = classes.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((all, classes.len()), (9, Class::CODES.len()));
    assert_eq!(report["classes"]["explicit_mx"], 5);
    assert_eq!(report["classes"]["null_mx"], 1);
    assert_eq!(report["class_shares"]["explicit_mx"], 5.0 / 9.0);
    let sending = json!({"true": 2, "false": 5, "unknown": 2});
    assert_eq!(report["non_sending"], sending);
}

#[test]
fn operators_are_those_of_domains_that_take_mail() {
    let operators = &json_of(&country(), &request())["operators"];
    let expected = json!({
        "domains": 4, "without_operator": 1, "operators": 2,
        "top": [
            {"operator": "big", "domains": 3, "share": 0.75},
            {"operator": "small", "domains": 1, "share": 0.25},
        ],
        "top_5_share": 1.0, "hhi": 0.625,
        "dane": [{"operator": "big", "domains": 1}, {"operator": "small", "domains": 1}],
    });
    assert_eq!(*operators, expected);
}

/// The same country, with a table of countries.
pub fn with_countries() -> Made {
    use crate::table::codes::CountryBasis::{
        AddressesUnknown, NoAddress, NoMailHost, NotInTable, One, Several,
    };
    let mut made = country();
    let known = [
        (One, Some("CZ")),
        (One, Some("CZ")),
        (One, Some("DE")),
        (Several, None),
        (NotInTable, None),
        (AddressesUnknown, None),
        (NoMailHost, None),
        (NoAddress, None),
        (NoMailHost, None),
    ];
    let receiving = |row: &VerdictRow| row.receives_mail.result == CheckResult::Pass;
    // Those that take mail first.
    let mut rows: Vec<_> = made.verdicts.iter_mut().collect();
    rows.sort_by_key(|row| !receiving(row));
    for (row, (basis, code)) in rows.into_iter().zip(known) {
        row.country_basis = basis;
        row.country = code.map(str::to_owned);
        if receiving(row) {
            row.dane_valid = finding(CheckResult::Pass, "");
        }
    }
    made
}

#[test]
fn countries_are_those_of_domains_that_take_mail() {
    let countries = &json_of(&with_countries(), &request())["countries"];
    let expected = json!({
        "domains": 4, "without_country": {"not_in_table": 1}, "countries": 2,
        "top": [
            {"country": "CZ", "domains": 2, "share": 0.5},
            {"country": "DE", "domains": 1, "share": 0.25},
        ],
        "several": 1, "several_share": 0.25,
        "dane": [{"country": "CZ", "domains": 2}, {"country": "DE", "domains": 1}],
        "several_dane": 1,
    });
    assert_eq!(*countries, expected);
    assert_eq!(json_of(&country(), &request())["countries"], Value::Null);
}

#[test]
fn every_domain_is_in_a_group_of_countries() {
    let groups = |k| {
        let report = json_of(&with_countries(), &by("country", k));
        let groups = report["groups"].as_array().unwrap().clone();
        let told = groups.iter().map(|group| {
            let of = |key: &str| group[key].clone();
            json!([of("group"), of("kind"), of("holds"), of("domains")])
        });
        told.collect::<Vec<_>>()
    };
    let expected = [
        json!(["(none)", "none", 1, 2]),
        json!(["CZ", "value", 1, 2]),
        json!(["(addresses_unknown)", "none", 1, 1]),
        json!(["(no_address)", "none", 1, 1]),
        json!(["(not_in_table)", "none", 1, 1]),
        json!(["(several)", "value", 1, 1]),
        json!(["DE", "value", 1, 1]),
    ];
    assert_eq!(groups(1), expected);
    let expected = [
        json!(["(none)", "none", 1, 2]),
        json!(["CZ", "value", 1, 2]),
        json!(["(other)", "other", 5, 5]),
    ];
    assert_eq!(groups(2), expected);
    let told = refusal(&country(), &by("country", 1));
    assert!(told.contains("had no table of countries"), "{told}");
}

#[test]
fn groups_are_told_apart_down_to_k() {
    let groups = |request: &Request| {
        let report = json_of(&country(), request);
        let groups = report["groups"].as_array().unwrap().clone();
        let told = groups.iter().map(|group| {
            let of = |key: &str| group[key].clone();
            let pass = group["checks"]["starttls"]["pass"].clone();
            json!([
                of("group"),
                of("kind"),
                of("holds"),
                of("domains"),
                of("receiving"),
                pass
            ])
        });
        told.collect::<Vec<_>>()
    };
    let expected = [
        json!(["cz", "value", 1, 5, 4, 1]),
        json!(["sk", "value", 1, 3, 1, 1]),
        json!(["xn--p1ai", "value", 1, 1, 0, 0]),
    ];
    assert_eq!(groups(&by("tld", 1)), expected);
    let expected = [
        json!(["cz", "value", 1, 5, 4, 1]),
        json!(["(other)", "other", 2, 4, 1, 1]),
    ];
    assert_eq!(groups(&by("tld", 4)), expected);
    let expected = [
        json!(["(none)", "none", 1, 5, 1, 1]),
        json!(["big", "value", 1, 3, 3, 1]),
        json!(["small", "value", 1, 1, 1, 0]),
    ];
    assert_eq!(groups(&by("mail_operator", 1)), expected);
    let one = Request {
        top: 1,
        ..by("mail_operator", 1)
    };
    assert_eq!(groups(&one)[2], json!(["(other)", "other", 1, 1, 1, 0]));
    let mut made = country();
    made.verdicts[0].tags = tags("kind", "bank");
    made.verdicts[8].tags = tags("kind", "bank");
    made.verdicts[1].tags = tags("other", "bank");
    let report = json_of(&made, &by("tag:kind", 1));
    assert_eq!(report["groups"][0]["group"], "(none)");
    assert_eq!(report["groups"][0]["domains"], 7);
    assert_eq!(report["groups"][1]["group"], "bank");
    assert_eq!(report["groups"][1]["domains"], 2);
    assert_eq!(report["by"], "tag:kind");
    let problem = refusal(&made, &by("tag:knd", 1));
    assert!(
        problem.contains("no domain has a tag knd; give one of kind, other"),
        "{problem}"
    );
}

#[test]
fn a_sample_is_weighted_to_its_list() {
    let mut made = country();
    made.verdicts.iter_mut().for_each(|row| row.weight = 10.0);
    made.verdicts[0].weight = 30.0;
    let report = json_of(&made, &request());
    assert_eq!(report["survey"]["sample"], true);
    assert_eq!(report["weight"], 110.0);
    assert_eq!(report["checks"]["starttls"]["pass"], 2);
    // Pass 30 + 10, fail 10 + 10.
    assert_eq!(report["checks"]["starttls"]["share"], 40.0 / 60.0);
    assert!(report["checks"]["starttls"]["margin"].as_f64().unwrap() > 0.0);
    assert_eq!(report["class_shares"]["explicit_mx"], 70.0 / 110.0);
    let (_dir, judged) = made.judged();
    let text = terminal::text(&super::report(&judged, &[], &request(), None).unwrap());
    assert!(text.contains("±") && text.contains("A sample"), "{text}");
}

#[test]
fn verdicts_that_are_not_those_of_the_domains_are_refused() {
    let (dir, _) = country().judged();
    let lock = Store::lock(dir.path()).unwrap();
    let order = Manifest::read(dir.path())
        .unwrap()
        .unwrap()
        .order()
        .unwrap();
    let mut store = Store::open(dir.path(), lock, "01dcafe0", order).unwrap();
    store.replace(TableName::Verdicts, []).unwrap();
    drop(store);
    let problem = judged(dir.path()).err().unwrap().to_string();
    assert!(
        problem.contains("has 0 verdicts on 9 domains; run mailcensus verdict"),
        "{problem}"
    );
    let mut unsorted = country();
    unsorted.verdicts.swap(4, 5);
    let problem = refusal(&unsorted, &request());
    assert!(
        problem.contains("not sorted by domain; run mailcensus verdict"),
        "{problem}"
    );
}

#[test]
fn a_survey_of_nothing_has_no_shares() {
    let made = Made {
        verdicts: vec![verdict("a.cz", |row| {
            row.receives_mail = finding(Unknown, "timeout");
        })],
        ..Made::default()
    };
    let report = json_of(&made, &request());
    assert_eq!(report["checks"]["receives_mail"]["share"], Value::Null);
    assert_eq!(report["operators"]["hhi"], Value::Null);
    let (_dir, judged) = Made::default().judged();
    let empty = super::report(&judged, &[], &by("tld", 1), None).unwrap();
    assert_eq!(empty.all.domains, 0);
    assert!(empty.groups.is_empty());
    assert!(terminal::text(&empty).contains("0 domains"));
}
