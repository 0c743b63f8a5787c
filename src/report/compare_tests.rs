//! Tests of comparing surveys.

use serde_json::{Value, json};

use super::super::fixtures::{Made, finding, json_text, point, tiny, verdict};
use super::super::{ChangeList, Request, report, terminal};
use super::*;
use crate::table::codes::CheckResult::{Fail, NotApplicable, Pass, Unknown};

fn survey(began: &'static str, starttls: &[(&str, CheckResult, &str)]) -> Made {
    let rows = starttls.iter().map(|(domain, result, reason)| {
        verdict(domain, |row| row.starttls = finding(*result, reason))
    });
    let points = starttls.iter().flat_map(|(domain, result, reason)| {
        [
            point(domain, "1", *result, reason),
            point(domain, "2", Unknown, "not_observable"),
        ]
    });
    Made {
        verdicts: rows.collect(),
        points: points.collect(),
        began,
        ..Made::default()
    }
}

fn older() -> Made {
    survey(
        "2025-06-01T00:00:00Z",
        &[
            ("a.cz", Fail, "not_offered:1/1"),
            ("b.cz", Pass, "starttls:1/1"),
            ("c.cz", Pass, "starttls:1/1"),
            ("d.cz", Unknown, "timeout:0/1"),
            ("e.cz", NotApplicable, "no_mail"),
            ("f.cz", Fail, "not_offered:1/1"),
            ("g.cz", Pass, "starttls:1/2"),
            ("gone.cz", Pass, "starttls:1/1"),
            ("z.cz", Fail, "not_offered:1/1"),
        ],
    )
}

fn newer() -> Made {
    survey(
        "2026-06-01T00:00:00Z",
        &[
            ("a.cz", Pass, "starttls:1/1"),
            ("b.cz", Fail, "refused:1/1"),
            ("c.cz", Unknown, "timeout:0/1"),
            ("d.cz", Pass, "starttls:1/1"),
            ("e.cz", Fail, "not_offered:1/1"),
            ("f.cz", NotApplicable, "no_mail"),
            ("fresh.cz", Pass, "starttls:1/1"),
            ("g.cz", Pass, "starttls:2/2"),
            ("y.cz", Pass, "starttls:1/1"),
        ],
    )
}

fn request() -> Request {
    Request {
        profiles: vec!["tiny".to_owned()],
        by: None,
        k: 1,
        top: 10,
    }
}

#[test]
fn what_became_of_each_domain_is_counted() {
    let ((_new, newer), (_old, older)) = (newer().judged(), older().judged());
    let made = report(&newer, &[older], &request(), None).unwrap();
    let value: Value = serde_json::from_str(&json_text(&made)).unwrap();
    let compared = &value["comparisons"][0];
    let counts = ["compared", "new", "gone"].map(|key| compared[key].clone());
    assert_eq!(counts, [json!(7), json!(2), json!(2)]);
    let changes = json!({
        "adopted": 1, "regressed": 1, "became_unknown": 1, "became_known": 1,
        "became_applicable": 1, "became_not_applicable": 1, "unchanged": 1,
    });
    assert_eq!(compared["checks"]["starttls"], changes);
    assert_eq!(compared["profiles"]["tiny"]["1"], changes);
    assert_eq!(compared["profiles"]["tiny"]["2"]["unchanged"], 7);
    assert_eq!(compared["against"]["date"], "2025-06-01");
    let series = value["series"].as_array().unwrap();
    let shares = series.iter().map(|one| {
        let check = &one["checks"]["starttls"];
        json!([
            one["date"],
            one["domains"],
            check["pass"],
            check["of"],
            check["share"]
        ])
    });
    let expected = [
        json!(["2025-06-01", 9, 4, 7, 4.0 / 7.0]),
        json!(["2026-06-01", 9, 5, 7, 5.0 / 7.0]),
    ];
    assert_eq!(shares.collect::<Vec<_>>(), expected);
    let text = terminal::text(&made);
    assert!(text.contains("7 domains in both, 2 new, 2 gone"), "{text}");
    let lines: Vec<_> = text.lines().collect();
    let head = lines
        .iter()
        .position(|line| line.starts_with("compared with "));
    let told: Vec<Vec<_>> = lines[head.unwrap() + 1..][..4]
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let columns = "check adopted regressed unknown known applies n/a same";
    assert_eq!(told[0].join(" "), columns);
    assert_eq!(told[1].join(" "), "starttls 1 1 1 1 1 1 1");
    assert_eq!(told[2].join(" "), "tiny 1 1 1 1 1 1 1 1");
    // That is receives_mail. Of what is not measured, or not seen from outside, nothing is told.
    let same = "no result changed in 1 of 3 checks and points";
    assert_eq!(told[3].join(" "), same);
}

#[test]
fn an_outage_is_no_regression() {
    let names = ["a.cz", "b.cz", "c.cz", "d.cz"];
    let of = |began, result, reason| survey(began, &names.map(|name| (name, result, reason)));
    let up = of("2025-06-01T00:00:00Z", Pass, "starttls:1/1");
    let down = of("2026-06-01T00:00:00Z", Unknown, "timeout:0/1");
    let ((_up, up), (_down, down)) = (up.judged(), down.judged());
    let lost = report(&down, std::slice::from_ref(&up), &request(), None).unwrap();
    let changes = lost.comparisons[0].checks.get("starttls").unwrap();
    assert_eq!((changes.regressed, changes.became_unknown), (0, 4));
    let back = report(&up, &[down], &request(), None).unwrap();
    let changes = back.comparisons[0].checks.get("starttls").unwrap();
    assert_eq!((changes.adopted, changes.became_known), (0, 4));
}

#[test]
fn the_changes_are_listed_domain_by_domain() {
    let ((_new, newer), (_old, older)) = (newer().judged(), older().judged());
    let mut list = ChangeList::new(Vec::new()).unwrap();
    report(
        &newer,
        &[older],
        &request(),
        Some(&mut |line| list.add(line)),
    )
    .unwrap();
    let text = String::from_utf8(list.finish().unwrap()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "domain,check,before,after,reason_before,reason_after,change"
    );
    assert_eq!(
        lines[1],
        "a.cz,starttls,fail,pass,not_offered:1/1,starttls:1/1,adopted"
    );
    assert_eq!(
        lines[2],
        "a.cz,tiny/1,fail,pass,not_offered:1/1,starttls:1/1,adopted"
    );
    assert_eq!(
        lines[3],
        "b.cz,starttls,pass,fail,starttls:1/1,refused:1/1,regressed"
    );
    // Six domains changed, each in a check and a point; g.cz only in its reason.
    assert_eq!(lines.len(), 1 + 12);
    assert!(
        !text.contains("g.cz") && !text.contains("gone.cz"),
        "{text}"
    );
}

#[test]
fn other_versions_of_a_profile_are_not_compared() {
    let mut before = older();
    before.profile = tiny("0.9");
    before
        .points
        .iter_mut()
        .for_each(|row| row.profile_version = "0.9".into());
    let ((_new, newer), (old, older)) = (newer().judged(), before.judged());
    let problem = report(&newer, &[older], &request(), None)
        .unwrap_err()
        .to_string();
    let dir = old.path().display();
    assert!(
        problem.contains("was judged by tiny version 0.9, and"),
        "{problem}"
    );
    assert!(problem.contains("by version 1; run"), "{problem}");
    let command = format!("run mailcensus verdict {dir} --profile tiny");
    assert!(problem.ends_with(&command), "{problem}");
}

#[test]
fn a_survey_is_the_same_as_itself_and_everything_is_new_beside_nothing() {
    let (dir, judged) = newer().judged();
    let again = super::super::fixtures::judged(dir.path()).unwrap();
    let same = report(&judged, &[again], &request(), None).unwrap();
    let compared = &same.comparisons[0];
    assert_eq!((compared.compared, compared.new, compared.gone), (9, 0, 0));
    assert!(
        compared
            .checks
            .0
            .iter()
            .all(|(_, changes)| changes.unchanged == 9)
    );
    let text = terminal::text(&same);
    let told = "9 domains in both, 0 new, 0 gone\nno result changed in 3 of 3 checks and points\n";
    assert!(text.contains(told), "{text}");
    assert!(!text.contains("adopted"), "{text}");
    let (_dir, nothing) = Made::default().judged();
    let plain = Request {
        profiles: Vec::new(),
        ..request()
    };
    let fresh = report(&judged, &[nothing], &plain, None).unwrap();
    let compared = &fresh.comparisons[0];
    assert_eq!((compared.compared, compared.new, compared.gone), (0, 9, 0));
    let text = terminal::text(&fresh);
    assert!(
        text.contains("0 domains in both, 9 new, 0 gone\n\n"),
        "{text}"
    );
}
