//! Two surveys of a country, some time apart, and a sample of it: judged by a rule book and reported.
//! DuckDB comes to every number of the report by the SQL of docs/cookbook, and the comparison of the
//! two surveys finds exactly what is known to have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::country::Country;
use crate::lab::national::truth::{Change, read};
use crate::real::program::{MAILCENSUS, run};
use crate::real::sql::duckdb;

const DOMAINS: &str = "1200";
const PROFILE: &str = "nukib-2021";

/// The surveys, each judged by the rule book.
struct Surveys {
    older: PathBuf,
    newer: PathBuf,
    sample: PathBuf,
    /// What the lab knows to have changed in between.
    changes: PathBuf,
}

static SURVEYS: LazyLock<Surveys> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judged");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a directory");
    let of = |name: &str| dir.join(name);
    let first = Country::start(&["--domains", DOMAINS, "--seed", "5"]);
    survey(&first, &of("older"), &[]);
    let sample = [
        "--sample",
        "300",
        "--stratify",
        "tag:sector",
        "--min-interval",
        "0",
    ];
    survey(&first, &of("sample"), &sample);
    drop(first);
    let second = [
        "--domains",
        DOMAINS,
        "--seed",
        "5",
        "--wave",
        "2",
        "--changes",
        "0.1",
    ];
    let second = Country::start(&second);
    survey(&second, &of("newer"), &["--min-interval", "0"]);
    let changes = of("changes.jsonl");
    fs::copy(second.file("truth/changes.jsonl"), &changes).expect("the changes");
    Surveys {
        older: of("older"),
        newer: of("newer"),
        sample: of("sample"),
        changes,
    }
});

fn survey(country: &Country, out: &Path, more: &[&str]) {
    country.survey_with_tables("domains.csv", out, more);
    run(Command::new(MAILCENSUS)
        .arg("verdict")
        .arg(out)
        .args(["--profile", PROFILE]))
    .expect(0);
}

fn report(survey: &Path, more: &[&str]) -> Value {
    let mut report = Command::new(MAILCENSUS);
    report
        .arg("report")
        .arg(survey)
        .args(["--json", "-"])
        .args(more);
    serde_json::from_str(&run(&mut report).expect(0).stdout).expect("JSON")
}

/// A question of the cookbook: its rows by their first columns, `keys` of them.
fn cookbook(name: &str, survey: &Path, keys: usize) -> BTreeMap<String, Vec<Value>> {
    cookbook_with(name, survey, keys, |sql| sql)
}

fn cookbook_with(
    name: &str,
    survey: &Path,
    keys: usize,
    change: impl Fn(String) -> String,
) -> BTreeMap<String, Vec<Value>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/cookbook/{name}.sql"));
    let sql = fs::read_to_string(&file).unwrap_or_else(|err| panic!("{name}: {err}"));
    let older = SURVEYS.older.display();
    let sql = change(sql)
        .replace("'survey/", &format!("'{}/", survey.display()))
        .replace("'older/", &format!("'{older}/"));
    let rows = duckdb(&sql).into_iter().map(|mut row| {
        let rest = row.split_off(keys);
        let key = row.iter().map(|key| key.as_str().unwrap_or_default());
        (key.collect::<Vec<_>>().join(" "), rest)
    });
    rows.collect()
}

/// The named members of an object, in this order.
fn members(of: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| of[name].clone()).collect()
}

const FIGURES: [&str; 7] = [
    "pass",
    "fail",
    "not_applicable",
    "unknown",
    "share",
    "receiving_pass",
    "share_of_receiving",
];

#[track_caller]
fn same(what: &str, ours: BTreeMap<String, Vec<Value>>, theirs: &BTreeMap<String, Vec<Value>>) {
    assert!(!ours.is_empty(), "{what}: nothing");
    alike(what, ours, theirs);
}

#[track_caller]
fn alike(what: &str, ours: BTreeMap<String, Vec<Value>>, theirs: &BTreeMap<String, Vec<Value>>) {
    for (key, row) in &ours {
        assert_eq!(Some(row), theirs.get(key), "{what}: {key}");
    }
    let keys: Vec<_> = theirs
        .keys()
        .filter(|key| !ours.contains_key(*key))
        .collect();
    assert!(keys.is_empty(), "{what}: only DuckDB has {keys:?}");
}

fn figures_of(checks: &Value) -> BTreeMap<String, Vec<Value>> {
    let checks = checks.as_object().expect("checks").iter();
    checks
        .map(|(check, figures)| (check.clone(), members(figures, &FIGURES)))
        .collect()
}

fn reasons_of(checks: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut reasons = BTreeMap::new();
    for (check, figures) in checks.as_object().expect("checks") {
        for (result, words) in figures["reasons"].as_object().expect("reasons") {
            for (word, domains) in words.as_object().expect("words") {
                reasons.insert(format!("{check} {result} {word}"), vec![domains.clone()]);
            }
        }
    }
    reasons
}

fn margins_of(checks: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut margins = BTreeMap::new();
    for (check, figures) in checks.as_object().expect("checks") {
        for what in ["margin", "margin_of_receiving"] {
            if !figures[what].is_null() {
                margins.insert(format!("{check} {what}"), vec![figures[what].clone()]);
            }
        }
    }
    margins
}

fn pairs_of(list: &Value, key: &str, names: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let rows = list.as_array().expect("a list").iter();
    rows.map(|row| {
        (
            row[key].as_str().expect("a name").to_owned(),
            members(row, names),
        )
    })
    .collect()
}

#[test]
fn duckdb_comes_to_every_number_of_a_report() {
    for survey in [&SURVEYS.newer, &SURVEYS.sample] {
        let report = report(survey, &["--profile", PROFILE]);
        let checks = &report["checks"];
        same(
            "checks",
            figures_of(checks),
            &cookbook("01-checks", survey, 1),
        );
        same(
            "reasons",
            reasons_of(checks),
            &cookbook("02-reasons", survey, 3),
        );
        same(
            "margins",
            margins_of(checks),
            &cookbook("16-margins", survey, 2),
        );
        let classes = report["classes"].as_object().expect("classes").iter();
        let classes =
            classes
                .filter(|(_, domains)| **domains != json!(0))
                .map(|(class, domains)| {
                    (
                        class.clone(),
                        vec![domains.clone(), report["class_shares"][class].clone()],
                    )
                });
        same(
            "classes",
            classes.collect(),
            &cookbook("03-classes", survey, 1),
        );
        let sending = report["non_sending"]
            .as_object()
            .expect("non_sending")
            .iter();
        let sending = sending.filter(|(_, domains)| **domains != json!(0));
        let sending = sending
            .map(|(word, domains)| (word.clone(), vec![domains.clone()]))
            .collect();
        let mut theirs = cookbook("04-non-sending", survey, 1);
        theirs.values_mut().for_each(|row| row.truncate(1));
        same("non_sending", sending, &theirs);
        versions(&report["versions"], survey);
        operators(&report["operators"], survey);
        countries(&report["countries"], survey);
        points(&report["profiles"][PROFILE]["points"], survey);
    }
}

/// Of TLS 1.2 and 1.3 the report knows more than the columns: a handshake that chose an older version
/// says that they are refused.
fn versions(ours: &Value, survey: &Path) {
    let known = |version: &str| if version < "TLS 1.2" { 3 } else { 1 };
    let rows = ours.as_array().expect("versions").iter();
    let rows = rows.map(|one| {
        let version = one["version"].as_str().expect("a name").to_owned();
        let mut row = members(&one["addresses"], &["accepted", "refused", "unknown"]);
        row.truncate(known(&version));
        (version, row)
    });
    let mut theirs = cookbook("30-old-versions", survey, 1);
    for (version, row) in &mut theirs {
        row.truncate(known(version));
    }
    same("versions", rows.collect(), &theirs);
}

fn operators(ours: &Value, survey: &Path) {
    let top = pairs_of(&ours["top"], "operator", &["domains", "share"]);
    same("operators", top, &cookbook("06-operators", survey, 1));
    let dane = pairs_of(&ours["dane"], "operator", &["domains"]);
    // There may be none, but then DuckDB finds none either.
    alike("dane", dane, &cookbook("08-dane-operators", survey, 1));
    let numbers = members(ours, &["domains", "operators", "hhi", "top_5_share"]);
    let one = BTreeMap::from([(String::new(), numbers)]);
    same(
        "concentration",
        one,
        &cookbook("07-concentration", survey, 0),
    );
}

fn countries(ours: &Value, survey: &Path) {
    let top = pairs_of(&ours["top"], "country", &["domains", "share"]);
    let mut theirs = cookbook("34-countries", survey, 1);
    let none = || vec![json!(0), json!(0.0)];
    let several = theirs.remove("(several)").unwrap_or_else(none);
    same("countries", top, &theirs);
    assert_eq!(members(ours, &["several", "several_share"]), several);
    let dane = pairs_of(&ours["dane"], "country", &["domains"]);
    alike("dane", dane, &cookbook("35-dane-countries", survey, 1));
    let known = ours["domains"].as_u64().expect("a number");
    let without = ours["without_country"].as_object().expect("words").values();
    let without: u64 = without.filter_map(Value::as_u64).sum();
    let sql = format!(
        "SELECT count(*) FILTER (country_basis IN ('one', 'several')), \
         count(*) FILTER (country_basis NOT IN ('one', 'several')) \
         FROM '{}/verdicts/*.parquet' WHERE receives_mail.result = 'pass'",
        survey.display()
    );
    assert_eq!(duckdb(&sql), [vec![json!(known), json!(without)]]);
}

fn points(ours: &Value, survey: &Path) {
    let names: Vec<&str> = ["level"]
        .into_iter()
        .chain(FIGURES)
        .chain(["justified", "to_be_justified"])
        .collect();
    let all = ours.as_object().expect("points");
    let rows = all
        .iter()
        .map(|(point, figures)| (point.clone(), members(figures, &names)));
    same("points", rows.collect(), &cookbook("10-points", survey, 1));
    let due = all.iter().filter(|(_, figures)| figures["due"] != json!(0));
    let due = due.map(|(point, figures)| (point.clone(), members(figures, &["due", "overdue"])));
    let theirs = cookbook("11-overdue", survey, 1).into_iter();
    let theirs = theirs.filter(|(_, row)| row[0] != json!(0)).collect();
    same("overdue", due.collect(), &theirs);
}

#[test]
fn every_question_of_the_cookbook_has_an_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cookbook");
    for file in fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name");
        assert!(!cookbook(name, &SURVEYS.newer, 0).is_empty(), "{name}");
    }
}

#[test]
fn duckdb_comes_to_every_number_of_a_group() {
    for (by, column) in [
        ("tag:sector", "coalesce(tags['sector'], '(none)')"),
        ("tld", "tld"),
        (
            "country",
            "CASE country_basis WHEN 'one' THEN country WHEN 'no_mail_host' THEN '(none)' \
             ELSE '(' || country_basis || ')' END",
        ),
    ] {
        for survey in [&SURVEYS.newer, &SURVEYS.sample] {
            let report = report(survey, &["--by", by, "--k", "1"]);
            let groups = report["groups"].as_array().expect("groups");
            assert!(groups.len() > 1, "{by}");
            for group in groups {
                let name = group["group"].as_str().expect("a name");
                let of_group = format!("{column} = '{name}'");
                let part =
                    |sql: String| sql.replace("true AS counted", &format!("{of_group} AS counted"));
                let theirs = |name: &str, keys| cookbook_with(name, survey, keys, part);
                let checks = &group["checks"];
                same(name, figures_of(checks), &theirs("01-checks", 1));
                same(name, reasons_of(checks), &theirs("02-reasons", 3));
                // A group of which nothing was measured has no share, so that none has a margin.
                alike(name, margins_of(checks), &theirs("16-margins", 2));
            }
        }
    }
}

#[test]
fn duckdb_comes_to_the_same_changes() {
    let older = SURVEYS.older.to_str().expect("a path");
    let report = report(&SURVEYS.newer, &["--against", older, "--profile", PROFILE]);
    let names = [
        "adopted",
        "regressed",
        "became_unknown",
        "became_known",
        "became_applicable",
        "became_not_applicable",
        "unchanged",
    ];
    let checks = report["comparisons"][0]["checks"]
        .as_object()
        .expect("checks")
        .iter();
    let ours = checks.map(|(check, changes)| (check.clone(), members(changes, &names)));
    same(
        "changes",
        ours.collect(),
        &cookbook("14-changes", &SURVEYS.newer, 1),
    );
}

/// Every change of a domain and check that the lab knows of is found, and nothing else. Where the
/// truth admits several results, one vantage cannot tell, and neither can a comparison.
#[test]
fn a_comparison_finds_exactly_what_changed() {
    let file = SURVEYS.changes.with_file_name("changes.csv");
    let older = SURVEYS.older.to_str().expect("a path");
    let path = file.to_str().expect("a path");
    let report = report(&SURVEYS.newer, &["--against", older, "--changes", path]);
    let key = |row: &Change| format!("{} {:?}", row.domain, row.check);
    let known = read(&SURVEYS.changes, key);
    let of_list = |word: &str| {
        known
            .values()
            .filter(|row| row.list.as_deref() == Some(word))
            .count()
    };
    let comparison = &report["comparisons"][0];
    assert_eq!(comparison["new"], json!(of_list("new")));
    assert_eq!(comparison["gone"], json!(of_list("gone")));
    let mut vague = BTreeSet::new();
    let mut expected = BTreeSet::new();
    for row in known.values() {
        let Some(check) = &row.check else { continue };
        match (row.before.as_slice(), row.after.as_slice()) {
            ([before], [after]) => {
                _ = expected.insert(format!("{} {check} {before} {after}", row.domain))
            }
            _ => _ = vague.insert(format!("{} {check}", row.domain)),
        }
    }
    let text = fs::read_to_string(&file).expect("the changes");
    let lines = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    let found: BTreeSet<String> = lines
        .filter(|cells| !vague.contains(&format!("{} {}", cells[0], cells[1])))
        .map(|cells| cells[..4].join(" "))
        .collect();
    let truth = truth_of_several();
    let strangers: Vec<_> = found
        .difference(&expected)
        .filter(|line| {
            let words: Vec<_> = line.split(' ').collect();
            !truth.contains(&format!("{} {}", words[0], words[1]))
        })
        .collect();
    assert!(strangers.is_empty(), "nobody knows of {strangers:?}");
    let missed: Vec<_> = expected.difference(&found).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
    assert!(expected.len() > 200, "only {} changes", expected.len());
    println!("{} changes, all of them found", expected.len());
}

/// Domains and checks for which the truth admits several results, in both waves the same.
fn truth_of_several() -> BTreeSet<String> {
    let dir = tempfile::tempdir().expect("a directory");
    super::country::generate(&["--domains", DOMAINS, "--seed", "5"], dir.path());
    let file = dir.path().join("truth/verdicts.jsonl");
    let verdicts = read(&file, |row: &crate::lab::national::truth::Verdict| {
        row.domain.clone()
    });
    let several = verdicts.values().flat_map(|verdict| {
        let checks = verdict
            .checks
            .iter()
            .filter(|(_, results)| results.len() > 1);
        checks.map(|(check, _)| format!("{} {check}", verdict.domain))
    });
    several.collect()
}
