//! Tests of what is shown: hostile names, the flat table, and the documentation.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change_list::CHANGES;
use super::fixtures::{Made, csv_text, finding, json_text, tags, verdict};
use super::points::tests::{pointed, with_tiny};
use super::tests::by;
use super::versions::{Counted, VersionFigures};
use super::*;
use crate::table::codes::CheckResult::{Fail, NotApplicable, Pass, Unknown};
use crate::table::codes::CountryBasis;
use crate::table::rows::CheckId;
use crate::text::acts;

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
        let json = json_text(&report);
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
        let csv = csv_text(&report);
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
    let table = csv_text(&report);
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
    for group in ["", "cz"] {
        assert_eq!(find("point", group, "tiny/1")["level"], "must");
        assert_eq!(find("point", group, "tiny/2")["level"], "guidance");
    }
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

/// The words of the line after the one that begins so.
fn below<'a>(text: &'a str, head: &str) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(head));
    let mut words = || {
        lines
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect()
    };
    (words(), words())
}

#[test]
fn a_group_and_a_survey_have_one_line_of_shares() {
    let mut made = Made::default();
    for (domain, dane) in [("a.cz", Pass), ("b.cz", NotApplicable), ("c.cz", Unknown)] {
        made.verdicts.push(verdict(domain, |row| {
            row.tls_1_3 = finding(Fail, "tls_1_2");
            row.dane_valid = finding(dane, "timeout");
        }));
    }
    let ((_dir, judged), (_older, older)) = (made.judged(), made.judged());
    let report = report(&judged, &[older], &by("tld", 1), None).unwrap();
    let text = terminal::text(&report);
    // Of three that take mail one has DANE. A check without a share has no column.
    let (head, row) = below(&text, "tld ");
    let columns = ["tld", "domains", "take", "mail", "TLS", "1.3", "DANE"];
    assert_eq!(head, columns, "{text}");
    assert_eq!(row, ["cz", "3", "3", "0.0", "%", "33.3", "%"], "{text}");
    let (head, row) = below(&text, "survey ");
    assert_eq!(head, ["survey", "domains", "TLS", "1.3", "DANE"], "{text}");
    assert_eq!(row[row.len() - 5..], ["3", "0.0", "%", "33.3", "%"]);
}

#[test]
fn lines_are_no_wider_than_a_terminal_when_everything_is_measured() {
    let mut made = Made::default();
    for number in 0..12 {
        made.verdicts
            .push(verdict(&format!("{number:02}.cz"), |row| {
                for check in CheckId::ALL {
                    *row.finding_mut(*check) = finding(Pass, "");
                }
                row.weight = 1_000_000.0;
            }));
    }
    let ((_dir, judged), (_older, older)) = (made.judged(), made.judged());
    let report = report(&judged, &[older], &by("tld", 1), None).unwrap();
    let text = terminal::text(&report);
    let wide = text.lines().find(|line| line.chars().count() > 100);
    assert_eq!(wide, None);
    let (head, _) = below(&text, "tld ");
    assert!(head.contains(&"STARTTLS") && head.contains(&"DANE"));
}

#[test]
fn versions_are_shown_for_addresses_and_domains() {
    let mut made = Made::default();
    made.verdicts.push(verdict("a.cz", |_| {}));
    let (_dir, judged) = made.judged();
    let mut report = report(&judged, &[], &by("tld", 1), None).unwrap();
    assert!(!terminal::text(&report).contains("version  "));
    let counted = |accepted, refused, unknown| Counted {
        accepted,
        refused,
        unknown,
    };
    report.versions = vec![VersionFigures {
        version: "TLS 1.0",
        addresses: counted(1_234, 5, 6),
        domains: counted(7_000_000, 80, 9),
    }];
    let text = terminal::text(&report);
    let (head, row) = below(&text, "version");
    let words = ["accept", "refuse", "unknown"];
    assert_eq!(head[1..], [words, words].concat(), "{text}");
    assert_eq!(row[2..], ["1,234", "5", "6", "7,000,000", "80", "9"]);
    let wide = text.lines().find(|line| line.chars().count() > 100);
    assert_eq!(wide, None);
    let csv = csv_text(&report);
    for (result, domains, addresses) in [
        ("accepted", "7000000", "1234"),
        ("refused", "80", "5"),
        ("unknown", "9", "6"),
    ] {
        let begins = format!("version,,TLS 1.0,,{result},,,{domains},");
        let mut lines = csv.lines();
        let line = lines
            .find(|line| line.starts_with(&begins))
            .expect("a line");
        assert!(line.ends_with(&format!(",{addresses},")), "{line}");
    }
    let value: Value = serde_json::from_str(&json_text(&report)).unwrap();
    assert_eq!(value["versions"][0]["domains"]["refused"], 80);
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

fn keys(value: &Value, is_data: bool, found: &mut BTreeSet<String>) {
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
    let mut made = pointed();
    for row in &mut made.verdicts {
        (row.country, row.country_basis) = (Some("CZ".to_owned()), CountryBasis::One);
    }
    let ((_dir, judged), (_older, older)) = (made.judged(), pointed().judged());
    let report = report(&judged, &[older], &request, None).unwrap();
    let value: Value = serde_json::from_str(&json_text(&report)).unwrap();
    let mut found = BTreeSet::new();
    keys(&value, false, &mut found);
    assert!(found.contains("several_dane"), "{found:?}");
    found.retain(|key| key != "tiny" && key.parse::<u8>().is_err());
    assert!(found.len() > 50, "{found:?}");
    let columns = csv::COLUMNS.into_iter().chain(CHANGES);
    let names = found.iter().map(String::as_str).chain(columns);
    let missing: Vec<_> = names
        .filter(|name| !text.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
