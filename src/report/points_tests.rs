//! Tests of the points of profiles beside the verdicts.

use serde_json::json;

use super::super::fixtures::{Made, point, tiny, with_duty};
use super::super::tests::{country, json_of, refusal, request};
use super::super::{By, Request, report, terminal};
use crate::table::codes::CheckResult::{Fail, Pass, Unknown};

pub fn with_tiny() -> Request {
    Request {
        profiles: vec!["tiny".to_owned()],
        ..request()
    }
}

/// Points of the profile `tiny` for the first domains of a country.
pub fn pointed() -> Made {
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
    let value = json_of(&pointed(), &with_tiny());
    let expected = json!({
        "level": "must", "title": "Offers STARTTLS", "title_original": "", "observable": "full",
        "pass": 1, "fail": 2, "not_applicable": 0, "unknown": 1,
        "share": 1.0 / 3.0, "margin": 0.0,
        "receiving_pass": 1, "receiving_unknown": 1, "share_of_receiving": 0.25, "margin_of_receiving": 0.0,
        "reasons": {"fail": {"starttls": 2}, "unknown": {"starttls": 1}, "not_applicable": {}},
        "due": 2, "overdue": 1, "to_be_justified": 1, "justified": 1,
    });
    assert_eq!(value["profiles"]["tiny"]["points"]["1"], expected);
    assert_eq!(value["profiles"]["tiny"]["version"], "1");
    assert_eq!(value["profiles"]["tiny"]["points"]["2"]["unknown"], 4);
    let request = Request {
        by: Some(By::MailOperator),
        ..with_tiny()
    };
    let value = json_of(&pointed(), &request);
    let group = &value["groups"][0];
    assert_eq!(
        (&group["group"], &group["profiles"]["tiny"]["1"]["fail"]),
        (&json!("big"), &json!(2))
    );
    assert_eq!(group["profiles"]["tiny"]["1"]["overdue"], 1);
    let (_dir, judged) = pointed().judged();
    let made = report(&judged, &[], &with_tiny(), None).unwrap();
    assert_eq!(made.unmet(), [("tiny", "1", 1)]);
    let text = terminal::text(&made);
    for words in [
        "had to meet it: 1: 1 of 2 due",
        "not seen from outside: 2",
        "fail, to be justified: 1: 1",
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
    // As many rows as there are points, but one of them twice and the other never.
    let mut made = pointed();
    made.points[3].point = "1".into();
    assert!(told(&made).contains("do not belong to its domains"));
    for justified in [true, false] {
        let mut made = pointed();
        made.points[0].justified = Some(justified);
        let problem = told(&made);
        assert!(problem.contains("no column justified as"), "{problem}");
        assert!(problem.contains(command), "{problem}");
    }
    let made = Made {
        profile: tiny("2"),
        ..pointed()
    };
    assert!(told(&made).contains("another version than its copy"));
    let (dir, judged) = pointed().judged();
    std::fs::remove_file(dir.path().join("profiles/tiny.toml")).unwrap();
    let problem = report(&judged, &[], &with_tiny(), None).unwrap_err();
    assert!(
        problem
            .to_string()
            .contains("has no copy of the profile tiny")
    );
}

#[test]
fn points_of_a_sample_say_how_sure_they_are() {
    let mut made = pointed();
    made.verdicts.iter_mut().for_each(|row| row.weight = 10.0);
    let (_dir, judged) = made.judged();
    let made = report(&judged, &[], &with_tiny(), None).unwrap();
    let text = terminal::text(&made);
    let line = text.lines().find(|line| line.starts_with("1 "));
    assert!(line.is_some_and(|line| line.contains('±')), "{text}");
}
