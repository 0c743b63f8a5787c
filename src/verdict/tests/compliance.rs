//! Points of profiles: from the tables to the rows.

use std::collections::BTreeMap;

use super::tables::Tables;
use crate::table::codes::{CheckResult, Existence, MxKind, Outcome, Security};
use crate::table::row::Moment;
use crate::table::rows::{CheckId, ComplianceRow, DomainRow, TableName, VerdictRow};
use crate::verdict::profile::text_of;
use crate::verdict::{Assignment, Judged, Profile, judge, profile};

const HEAD: &str = "name = \"mine\"\nversion = \"3\"\ntitle = \"Mine\"\nstatus = \"informal\"\n\
    [groups]\ntag = \"group\"\n[[groups.group]]\nid = \"early\"\ntitle = \"Early\"\n\
    [[groups.group]]\nid = \"later\"\ntitle = \"Later\"\ninferred_from = \"since\"\n";

fn point(id: &str, checks: &str, more: &str) -> String {
    format!(
        "[[point]]\nid = \"{id}\"\nlevel = \"must\"\ntitle = \"Point\"\nobservable = \"full\"\n\
         why = \"All is seen.\"\nchecks = [{checks}]\n{more}\n"
    )
}

fn profile_of(points: &[String]) -> Profile {
    let dir = tempfile::TempDir::new().expect("a directory");
    let path = dir.path().join("mine.toml");
    std::fs::write(&path, format!("{HEAD}{}", points.concat())).expect("written");
    profile::read(&path).expect("a profile")
}

/// A domain with a null MX, no SPF and secure answers.
fn row(name: &str, tags: &[(&str, &str)]) -> DomainRow {
    let own = |(tag, value): &(&str, &str)| ((*tag).to_owned(), (*value).to_owned());
    let mut row = DomainRow {
        domain: name.to_owned(),
        registrable_domain: Some(name.to_owned()),
        tags: tags.iter().map(own).collect::<BTreeMap<_, _>>(),
        weight: 2.0,
        observed_at: Moment(1_700_000_000_000_000),
        existence: Existence::Exists,
        ..DomainRow::default()
    };
    row.mx.kind = Some(MxKind::Null);
    row.mx.outcome = Outcome::Found;
    row.mx.security = Security::Secure;
    row.spf.outcome = Outcome::Absent;
    row
}

/// What judging domains by points comes to.
fn judged(rows: &[DomainRow], points: &[String]) -> (Judged, Vec<ComplianceRow>) {
    let mut tables = Tables::new();
    tables.add(rows);
    let assignment = Assignment::of(profile_of(points));
    let judged = judge(&mut tables.store, &[assignment]).expect("judged");
    let scan = tables.store.scan_compliance::<ComplianceRow>("mine", &[]);
    let made = scan.flat_map(|batch| batch.expect("a batch")).collect();
    let verdicts = tables.store.scan::<VerdictRow>(TableName::Verdicts, &[]);
    let verdicts = verdicts.map(|batch| batch.expect("a batch").len());
    assert_eq!(verdicts.sum::<usize>(), rows.len());
    (judged, made)
}

/// Result and reason of one point.
fn says(point: String) -> String {
    let (_, rows) = judged(&[row("example.cz", &[])], &[point]);
    assert_eq!(rows.len(), 1);
    format!("{} {}", rows[0].result, rows[0].reason)
}

const PASS: &str = "{ id = \"dnssec_domain\" }";
const FAIL: &str = "{ id = \"spf\" }";
const UNKNOWN: &str = "{ id = \"dkim\" }";
const NOT_APPLICABLE: &str = "{ id = \"starttls\" }";

#[test]
fn fail_goes_before_unknown_before_pass_before_not_applicable() {
    for (checks, result) in [
        (
            vec![PASS, UNKNOWN, NOT_APPLICABLE, FAIL],
            "fail spf: no_record",
        ),
        (
            vec![PASS, NOT_APPLICABLE, UNKNOWN],
            "unknown dkim: not_measured",
        ),
        (vec![NOT_APPLICABLE, PASS], "pass dnssec_domain: secure"),
        (vec![NOT_APPLICABLE], "not_applicable starttls: no_mail"),
        (
            vec![FAIL, "{ id = \"receives_mail\" }"],
            "fail spf: no_record",
        ),
        (
            vec!["{ id = \"receives_mail\" }", FAIL],
            "fail receives_mail: null_mx",
        ),
    ] {
        assert_eq!(says(point("1", &checks.join(", "), "")), result);
    }
}

#[test]
fn a_point_applies_where_its_prerequisite_passes() {
    for (prerequisite, result) in [
        ("dnssec_domain", "fail spf: no_record"),
        ("receives_mail", "not_applicable receives_mail: null_mx"),
        ("starttls", "not_applicable starttls: no_mail"),
        ("dkim", "unknown dkim: not_measured"),
    ] {
        let more = format!("prerequisite = \"{prerequisite}\"");
        assert_eq!(says(point("1", FAIL, &more)), result);
    }
}

#[test]
fn what_cannot_be_seen_is_said_to_be_so() {
    let unseen = "[[point]]\nid = \"1\"\nlevel = \"should\"\ntitle = \"Point\"\n\
        observable = \"no\"\nwhy = \"Nothing is seen.\"\njustifiable = true\n";
    let (_, rows) = judged(&[row("example.cz", &[])], &[unseen.to_owned()]);
    assert_eq!(rows[0].result, CheckResult::Unknown);
    assert_eq!(
        (&*rows[0].reason, rows[0].justified),
        ("not_observable", None)
    );
    assert!(rows[0].checks.is_empty());
}

#[test]
fn rows_come_by_point_and_say_which_checks_show_it() {
    let strict = "{ id = \"dkim_keys\", rsa_min_bits = 2048 }";
    let points = [
        point("2", PASS, ""),
        point("1", &[strict, FAIL].join(", "), ""),
    ];
    let rows = [row("a.cz", &[("k", "v")]), row("b.cz", &[])];
    let (judged, rows) = judged(&rows, &points);
    assert_eq!(judged.domains, 2);
    assert_eq!(judged.rows.get("mine"), Some(&4));
    let keys: Vec<_> = rows.iter().map(|row| (&*row.domain, &*row.point)).collect();
    assert_eq!(
        keys,
        [("a.cz", "1"), ("a.cz", "2"), ("b.cz", "1"), ("b.cz", "2")]
    );
    assert_eq!((&*rows[0].profile_version, rows[0].weight), ("3", 2.0));
    assert_eq!(rows[0].tags.get("k").map(String::as_str), Some("v"));
    let checks: Vec<_> = rows[0]
        .checks
        .iter()
        .map(|one| (&*one.id, &*one.parameters, one.result, &*one.reason))
        .collect();
    let keys = CheckId::DkimKeys.as_str();
    assert_eq!(
        checks,
        [
            (
                keys,
                "{\"rsa_min_bits\":2048}",
                CheckResult::Unknown,
                "not_measured"
            ),
            ("spf", "{}", CheckResult::Fail, "no_record"),
        ]
    );
}

#[test]
fn a_check_is_judged_by_the_parameters_of_its_point() {
    let old = "{ id = \"dmarc\", ruleset = \"7489\" }";
    let mut row = row("example.cz", &[]);
    row.dmarc.outcome_7489 = Outcome::Absent;
    let points = [point("1", "{ id = \"dmarc\" }", ""), point("2", old, "")];
    let (_, rows) = judged(&[row], &points);
    let results: Vec<_> = rows.iter().map(|row| row.result).collect();
    assert_eq!(results, [CheckResult::Unknown, CheckResult::Fail]);
}

#[test]
fn only_a_fault_that_may_be_justified_waits_for_it() {
    let of = |checks, more| {
        let (_, rows) = judged(&[row("example.cz", &[])], &[point("1", checks, more)]);
        rows[0].justified
    };
    assert_eq!(of(FAIL, "justifiable = true"), Some(false));
    assert_eq!(of(FAIL, ""), None);
    assert_eq!(of(PASS, "justifiable = true"), None);
    assert_eq!(of(UNKNOWN, "justifiable = true"), None);
}

const DUE: &str = "due = [{ group = \"early\", date = 2022-01-01 }, \
    { group = \"later\", months = 14, after = \"since\" }]";

#[test]
fn a_point_is_due_by_the_group_of_the_domain() {
    let rows = [
        row("a.cz", &[("group", "early")]),
        row("b.cz", &[("since", "2023-12-31")]),
        row("c.cz", &[("group", "later")]),
        row("d.cz", &[]),
    ];
    let (judged, rows) = judged(&rows, &[point("1", FAIL, DUE)]);
    let due: Vec<_> = rows.iter().map(|row| row.due.map(text_of)).collect();
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(due, [day("2022-01-01"), day("2025-02-28"), None, None]);
    assert!(judged.notes.is_empty(), "{:?}", judged.notes);
}

#[test]
fn tags_that_nobody_understands_are_told_once_a_domain() {
    let odd = [
        row("a.cz", &[("group", "erly")]),
        row("b.cz", &[("group", "erly")]),
        row("c.cz", &[("since", "1.1.2023")]),
    ];
    let points = [point("1", FAIL, DUE), point("2", FAIL, DUE)];
    let (told, rows) = judged(&odd, &points);
    assert!(rows.iter().all(|row| row.due.is_none()));
    assert_eq!(
        told.notes,
        [
            "mine: the group \"erly\" of 2 domains is none that the profile knows: no due dates",
            "mine: since \"1.1.2023\" of 1 domain is no day (year-month-day): no due dates",
        ]
    );
    let many: Vec<_> = (0..8)
        .map(|at| row(&format!("d{at}.cz"), &[("group", &format!("g{at}"))]))
        .collect();
    let (told, _) = judged(&many, &points);
    assert_eq!(told.notes.len(), 6);
    assert!(
        told.notes[5].contains("tags of 3 domains more, which"),
        "{:?}",
        told.notes
    );
}
