//! The rule books that ship have every point of their sources under the source's own number, and none
//! besides. The numbers stand here as they were read off the texts.

use std::process::Command;

use serde_json::Value;

use crate::real::program::{MAILCENSUS, run};

/// Every numbered requirement of the operative part of the general measure 8477/2021-NÚKIB-E/350. The
/// headings 1.2 and 2.2 require nothing of their own.
const NUKIB: &[&str] = &[
    "1.1", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "2.1",
    "2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.3", "2.4", "2.5", "2.6", "2.7", "3.1", "3.2", "3.3",
    "3.3.1", "3.3.2", "3.4", "3.5", "3.6",
];

/// Every control of NZISM 15.2 by its CID, with its place and whether it is a MUST.
const NZISM: &[(&str, &str, bool)] = &[
    ("6019", "15.2.36.C.01", true),
    ("6020", "15.2.36.C.02", true),
    ("7519", "15.2.36.C.03", true),
    ("6021", "15.2.36.C.04", true),
    ("7520", "15.2.36.C.05", false),
    ("1745", "15.2.37.C.01", false),
    ("1749", "15.2.38.C.01", false),
    ("1754", "15.2.39.C.01", true),
    ("1755", "15.2.39.C.02", true),
    ("1756", "15.2.39.C.03", false),
    ("1760", "15.2.40.C.01", true),
    ("1761", "15.2.40.C.02", false),
    ("1764", "15.2.41.C.01", true),
    ("1765", "15.2.41.C.02", false),
    ("1768", "15.2.42.C.01", false),
    ("1771", "15.2.43.C.01", true),
    ("1774", "15.2.44.C.01", true),
    ("1777", "15.2.45.C.01", false),
    ("1780", "15.2.46.C.01", true),
    ("1781", "15.2.46.C.02", false),
    ("1782", "15.2.46.C.03", false),
    ("1786", "15.2.47.C.01", true),
    ("1787", "15.2.47.C.02", false),
    ("7521", "15.2.48.C.01", false),
    ("7522", "15.2.48.C.02", true),
    ("7523", "15.2.48.C.03", false),
    ("1792", "15.2.49.C.01", true),
    ("1793", "15.2.49.C.02", true),
    ("1794", "15.2.49.C.03", false),
    ("1798", "15.2.50.C.01", true),
    ("1797", "15.2.50.C.02", true),
    ("1799", "15.2.50.C.03", false),
    ("1800", "15.2.50.C.04", false),
];
/// Paragraphs of the section that are no controls, and can be seen from outside.
const GUIDANCE: &[&str] = &["15.2.18", "15.2.28", "15.2.48.R.02"];

fn points(profile: &str) -> Vec<Value> {
    let mut command = Command::new(MAILCENSUS);
    let said = run(command.args(["profiles", profile, "--json"]))
        .expect(0)
        .stdout;
    let book: Value = serde_json::from_str(&said).expect("JSON");
    book["points"].as_array().expect("points").clone()
}

fn word<'a>(point: &'a Value, name: &str) -> &'a str {
    point[name].as_str().unwrap_or_default()
}

#[test]
fn nukib_has_every_point_of_the_measure_and_no_other() {
    let points = points("nukib-2021");
    let ids: Vec<_> = points.iter().map(|point| word(point, "id")).collect();
    assert_eq!(ids, NUKIB);
    for point in &points {
        let id = word(point, "id");
        assert_eq!(word(point, "level"), "must", "{id}");
        assert!(!word(point, "title_original").is_empty(), "{id}");
        assert_eq!(point["due"].as_array().map(Vec::len), Some(4), "{id}");
    }
}

#[test]
fn nzism_has_every_control_of_the_section_and_no_other() {
    let points = points("nzism-15.2");
    let controls: Vec<_> = points
        .iter()
        .filter(|point| !GUIDANCE.contains(&word(point, "id")))
        .map(|point| {
            (
                word(point, "id"),
                word(point, "section"),
                word(point, "level") == "must",
            )
        })
        .collect();
    assert_eq!(controls, NZISM);
    let guidance = points
        .iter()
        .filter(|point| word(point, "level") == "guidance");
    let guidance: Vec<_> = guidance.map(|point| word(point, "id")).collect();
    assert_eq!(guidance, GUIDANCE);
}

#[test]
fn what_cannot_be_seen_is_listed_with_why() {
    for profile in ["nukib-2021", "nzism-15.2", "internet-nl-mail", "modern"] {
        for point in points(profile) {
            let id = word(&point, "id");
            assert!(word(&point, "why").ends_with('.'), "{profile} {id}");
            let checks = point["checks"].as_array().map_or(0, Vec::len);
            assert_eq!(
                checks == 0,
                word(&point, "observable") == "no",
                "{profile} {id}"
            );
        }
    }
}
