//! The report of surveys on disk: every number from literals.

use serde_json::{Value, json};

use super::fixtures::{Made, finding, judged, point, tags, tiny, verdict, with_duty};
use super::*;
use crate::table::Store;
use crate::table::codes::CheckResult::{Fail, NotApplicable, Pass, Unknown};
use crate::table::codes::{CheckResult, Class};
use crate::table::manifest::Manifest;
use crate::table::rows::{TableName, VerdictRow};
use crate::text::acts;

fn request() -> Request {
    Request {
        profiles: Vec::new(),
        by: None,
        k: 1,
        top: 10,
    }
}

fn by(text: &str, k: u64) -> Request {
    Request {
        by: Some(text.parse().unwrap()),
        k,
        ..request()
    }
}

fn with_tiny() -> Request {
    Request {
        profiles: vec!["tiny".to_owned()],
        ..request()
    }
}

/// The JSON of a report.
fn json_of(made: &Made, request: &Request) -> Value {
    let (_dir, judged) = made.judged();
    let report = report(&judged, &[], request, None).unwrap();
    serde_json::from_str(&report.json().unwrap()).unwrap()
}

fn refusal(made: &Made, request: &Request) -> String {
    let (_dir, judged) = made.judged();
    let problem = report(&judged, &[], request, None).unwrap_err();
    problem.to_string()
}

fn starttls(domain: &str, result: CheckResult, reason: &str) -> VerdictRow {
    verdict(domain, |row| row.starttls = finding(result, reason))
}

/// Nine domains of every kind.
fn country() -> Made {
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
        "receiving_pass": 2, "share_of_receiving": 0.4, "margin_of_receiving": 0.0,
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
        json!(["other", "other", 2, 4, 1, 1]),
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
    assert_eq!(groups(&one)[2], json!(["other", "other", 1, 1, 1, 0]));
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

/// Points of the profile `tiny` for the first domains of a country.
fn pointed() -> Made {
    // 2026-01-31 is day 20,484.
    let seen = [
        (Pass, Some(20_000), None),
        (Fail, Some(20_484), Some(true)),
        (Fail, Some(20_485), Some(false)),
        (Unknown, None, None),
    ];
    let mut made = country();
    made.verdicts.truncate(4);
    for (row, (result, due, justified)) in made.verdicts.iter().zip(seen) {
        let first = point(&row.domain, "1", result, "starttls: not_offered:1/2");
        made.points.push(with_duty(first, due, justified));
        let second = point(&row.domain, "2", Unknown, "not_observable");
        made.points.push(second);
    }
    made
}

#[test]
fn points_have_their_deadlines_and_reasons() {
    let report = json_of(&pointed(), &with_tiny());
    let expected = json!({
        "level": "must", "title": "Offers STARTTLS", "observable": "full",
        "pass": 1, "fail": 2, "not_applicable": 0, "unknown": 1,
        "share": 1.0 / 3.0, "margin": 0.0,
        "receiving_pass": 1, "share_of_receiving": 0.25, "margin_of_receiving": 0.0,
        "reasons": {"fail": {"starttls": 2}, "unknown": {"starttls": 1}, "not_applicable": {}},
        "due": 2, "overdue": 1, "to_be_justified": 1, "justified": 1,
    });
    assert_eq!(report["profiles"]["tiny"]["points"]["1"], expected);
    assert_eq!(report["profiles"]["tiny"]["version"], "1");
    assert_eq!(report["profiles"]["tiny"]["points"]["2"]["unknown"], 4);
    let request = Request {
        by: Some(By::MailOperator),
        ..with_tiny()
    };
    let report = json_of(&pointed(), &request);
    let group = &report["groups"][0];
    assert_eq!(
        (&group["group"], &group["profiles"]["tiny"]["1"]["fail"]),
        (&json!("big"), &json!(2))
    );
    assert_eq!(group["profiles"]["tiny"]["1"]["overdue"], 1);
    let (_dir, judged) = pointed().judged();
    let made = super::report(&judged, &[], &with_tiny(), None).unwrap();
    assert_eq!(made.unmet(), [("tiny", "1", 1)]);
    let text = terminal::text(&made);
    for words in [
        "overdue: 1 of 1",
        "not seen from outside: 2",
        "to be justified: 1 of 1",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn points_that_are_not_those_of_the_domains_are_refused() {
    let told = |made: &Made| refusal(made, &with_tiny());
    let command = "run mailcensus verdict";
    let problem = told(&country());
    assert!(
        problem.contains("was not judged by the profile tiny"),
        "{problem}"
    );
    assert!(
        problem.contains(command) && problem.ends_with("--profile tiny"),
        "{problem}"
    );
    let mut made = pointed();
    made.points.pop();
    assert!(told(&made).contains("has 7 rows of the profile tiny in place of 8"));
    let mut made = pointed();
    made.points[2].domain = "bb.cz".to_owned();
    assert!(told(&made).contains("do not belong to its domains"));
    let mut made = pointed();
    made.points[3].point = "3".into();
    assert!(told(&made).contains("do not belong to its domains"));
    let made = Made {
        profile: tiny("2"),
        ..pointed()
    };
    assert!(told(&made).contains("another version than its copy"));
    let (dir, judged) = pointed().judged();
    std::fs::remove_file(dir.path().join("profiles/tiny.toml")).unwrap();
    let problem = super::report(&judged, &[], &with_tiny(), None).unwrap_err();
    assert!(
        problem
            .to_string()
            .contains("has no copy of the profile tiny")
    );
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
fn what_strangers_wrote_is_shown_and_does_not_act() {
    let hostile = [
        "=cmd()",
        "\u{1b}[2J\u{9b}31m",
        "\u{202e}gro.elpmaxe\u{2066}",
        "a\nb\r\tc",
        "@SUM(A1)",
        "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    ];
    let long = "x".repeat(65_536);
    let names: Vec<&str> = hostile.into_iter().chain([long.as_str()]).collect();
    let mut made = Made::default();
    for (number, name) in names.iter().enumerate() {
        made.verdicts.push(verdict(&format!("d{number}.cz"), |row| {
            row.mail_operator = Some((*name).to_owned());
            row.tags = tags("who", name);
            row.dane_valid = finding(Pass, "");
            row.starttls = finding(Fail, name);
        }));
    }
    let (_dir, judged) = made.judged();
    for by_what in ["mail_operator", "tag:who"] {
        let report = report(&judged, &[], &by(by_what, 1), None).unwrap();
        let json = report.json().unwrap();
        assert!(!json.chars().any(|letter| acts(letter) && letter != '\n'));
        let value: Value = serde_json::from_str(&json).unwrap();
        let found = value["groups"].as_array().unwrap().iter();
        let mut found: Vec<_> = found
            .map(|group| group["group"].as_str().unwrap())
            .collect();
        let mut wanted = names.clone();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        let text = terminal::text(&report);
        assert!(
            !text.chars().any(|letter| acts(letter) && letter != '\n'),
            "{text}"
        );
        let wide = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(wide, None);
        let csv = csv::table(&report).unwrap();
        let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
                assert!(!cell.chars().any(acts), "{cell}");
            }
        }
        assert!(csv.contains("'=cmd()"));
    }
}

#[test]
fn the_flat_table_has_every_number() {
    let request = Request {
        by: Some(By::Tld),
        ..with_tiny()
    };
    let (_dir, judged) = pointed().judged();
    let report = report(&judged, &[], &request, None).unwrap();
    let table = csv::table(&report).unwrap();
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    assert_eq!(reader.headers().unwrap(), csv::COLUMNS.to_vec());
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    let find = |section: &str, group: &str, what: &str| {
        let mut rows = rows.iter().filter(|row| {
            row["section"] == section && row["group"] == group && row["check_or_point"] == what
        });
        rows.next()
            .unwrap_or_else(|| panic!("{section} {group} {what}"))
    };
    let check = find("check", "", "starttls");
    assert_eq!(
        (&*check["pass"], &*check["fail"], &*check["unknown"]),
        ("1", "2", "1")
    );
    assert_eq!(check["share"], (1.0_f64 / 3.0).to_string());
    assert_eq!(find("check", "cz", "starttls")["fail"], "2");
    assert_eq!(find("point", "", "tiny/1")["overdue"], "1");
    assert_eq!(find("point", "cz", "tiny/1")["to_be_justified"], "1");
    let reason = find("reason", "", "starttls");
    assert_eq!(
        (&*reason["reason"], &*reason["domains"]),
        ("not_offered", "2")
    );
    assert_eq!(find("class", "", "explicit_mx")["domains"], "4");
    assert_eq!(find("operator", "big", "")["share"], "0.75");
    assert_eq!(find("operator", "big", "dane_valid")["domains"], "1");
    assert_eq!(find("concentration", "", "hhi")["value"], "0.625");
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

/// Keys of objects whose keys are data.
const BY_NAME: [&str; 9] = [
    "checks",
    "classes",
    "class_shares",
    "profiles",
    "points",
    "tiny",
    "fail",
    "unknown",
    "not_applicable",
];

fn keys(value: &Value, is_data: bool, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if !is_data {
                    found.insert(key.clone());
                }
                keys(inner, !is_data && BY_NAME.contains(&key.as_str()), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, false, found)),
        _ => {}
    }
}

#[test]
fn every_key_and_column_is_documented() {
    let text = include_str!("../../docs/report.md");
    let request = Request {
        by: Some(By::Tld),
        ..with_tiny()
    };
    let ((_dir, judged), (_older, older)) = (pointed().judged(), pointed().judged());
    let report = report(&judged, &[older], &request, None).unwrap();
    let value: Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    let mut found = std::collections::BTreeSet::new();
    keys(&value, false, &mut found);
    found.retain(|key| key != "tiny" && key.parse::<u8>().is_err());
    assert!(found.len() > 50, "{found:?}");
    let columns = csv::COLUMNS.into_iter().chain(csv::CHANGES);
    let names = found.iter().map(String::as_str).chain(columns);
    let missing: Vec<_> = names
        .filter(|name| !text.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
