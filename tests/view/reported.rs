//! `report`: where its numbers go, when it refuses, and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailcensus::table::codes::{CheckResult, Class, Level};
use mailcensus::table::manifest::{JudgedBy, Manifest, ProfileRecord};
use mailcensus::table::rows::{CheckId, ComplianceRow, DomainRow, TableName, VerdictRow};
use mailcensus::table::{Batch, SCHEMA_VERSION, Store};
use mailcensus::text::sha256_of;
use serde_json::Value;
use tempfile::TempDir;

use crate::real::program::{MAILCENSUS, Ran, run};

const STAGES: [&str; 4] = ["dns", "hosts", "probe", "verdict"];

const PROFILE: &str = r#"
name = "tiny"
version = "1"
title = "One point"
language = "en"
authority = "Nobody"
reference = ""
status = "informal"

[[point]]
id = "1"
level = "must"
title = "Offers STARTTLS"
observable = "full"
why = "It is seen."
justifiable = true
checks = [{ id = "starttls" }]
"#;

fn verdict(domain: &str, starttls: CheckResult) -> VerdictRow {
    let mut row = VerdictRow {
        domain: domain.to_owned(),
        tld: "cz".to_owned(),
        class: Class::ExplicitMx,
        weight: 1.0,
        ..VerdictRow::default()
    };
    for check in CheckId::ALL {
        row.finding_mut(*check).reason = "not_measured".into();
    }
    row.receives_mail.result = CheckResult::Pass;
    row.starttls.result = starttls;
    row
}

fn point(domain: &str, result: CheckResult, justified: Option<bool>) -> ComplianceRow {
    ComplianceRow {
        domain: domain.to_owned(),
        point: "1".into(),
        level: Level::Must,
        result,
        justified,
        profile_version: "1".into(),
        weight: 1.0,
        ..ComplianceRow::default()
    }
}

/// Writes a survey whose domains pass or fail STARTTLS, up to a stage.
fn write(dir: &Path, results: &[(&str, CheckResult, Option<bool>)], stages: &[&str]) {
    let record = ProfileRecord {
        sha256: sha256_of(PROFILE.as_bytes()),
        ..ProfileRecord::default()
    };
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        survey: "01dcafe0".to_owned(),
        seed: "1".to_owned(),
        started_at: "2026-01-31T23:00:00Z".to_owned(),
        judged: Some(JudgedBy::default()),
        profiles: [("tiny".to_owned(), record)].into(),
        ..Manifest::default()
    };
    let lock = Store::lock(dir).unwrap();
    let mut store = Store::open(dir, lock, "01dcafe0", manifest.order().unwrap()).unwrap();
    let domains = results.iter().map(|(name, ..)| DomainRow {
        domain: (*name).to_owned(),
        ..DomainRow::default()
    });
    let domains: Vec<_> = domains.collect();
    store.commit(vec![Batch::new(&domains).unwrap()]).unwrap();
    let rows: Vec<_> = results
        .iter()
        .map(|(name, result, _)| verdict(name, *result))
        .collect();
    store
        .replace(TableName::Verdicts, [Store::batch_of(&rows)])
        .unwrap();
    let rows = results
        .iter()
        .map(|(name, result, justified)| point(name, *result, *justified));
    let rows: Vec<_> = rows.collect();
    store
        .replace_compliance("tiny", [Store::batch_of(&rows)])
        .unwrap();
    fs::create_dir_all(dir.join("profiles")).unwrap();
    fs::write(dir.join("profiles/tiny.toml"), PROFILE).unwrap();
    for stage in stages {
        store.finish(stage, &[]).unwrap();
    }
    manifest.write(dir).unwrap();
}

struct Surveys {
    folder: TempDir,
}

impl Surveys {
    fn new() -> Self {
        use CheckResult::{Fail, Pass, Unknown};
        let folder = TempDir::new().unwrap();
        let this = Self { folder };
        let newer = [
            ("a.cz", Pass, None),
            ("b.cz", Fail, Some(false)),
            ("c.cz", Unknown, None),
        ];
        write(&this.path("new"), &newer, &STAGES);
        let older = [
            ("a.cz", Fail, Some(true)),
            ("b.cz", Pass, None),
            ("c.cz", Pass, None),
        ];
        write(&this.path("old"), &older, &STAGES);
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `report` in the folder of the surveys.
    fn report(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(MAILCENSUS);
        command
            .current_dir(self.folder.path())
            .arg("report")
            .args(args);
        run(&mut command)
    }

    fn refused(&self, args: &[&str]) -> String {
        let ran = self.report(args).expect(2);
        assert_eq!(ran.stdout, "");
        ran.stderr
    }
}

#[test]
fn numbers_go_where_they_are_asked_for() {
    let surveys = Surveys::new();
    let ran = surveys.report(&["new"]).expect(0);
    assert!(
        ran.stdout
            .starts_with("new, begun on 2026-01-31: 3 domains, 3 take mail\n")
    );
    assert_eq!(ran.stderr, "");
    let ran = surveys.report(&["new", "--json", "-"]).expect(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["checks"]["starttls"]["share"], 0.5);
    assert_eq!(report["checks"]["starttls"]["unknown"], 1);
    let files = [
        "--json",
        "report.json",
        "--csv",
        "report.csv",
        "--changes",
        "changes.csv",
    ];
    let args: Vec<_> = ["new", "--against", "old"]
        .into_iter()
        .chain(files)
        .collect();
    let ran = surveys.report(&args).expect(0);
    assert!(
        ran.stdout.contains("3 domains in both, 0 new, 0 gone"),
        "{}",
        ran.stdout
    );
    let text = fs::read_to_string(surveys.path("report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let changes = &report["comparisons"][0]["checks"]["starttls"];
    let counts = ["adopted", "regressed", "became_unknown"].map(|key| changes[key].as_u64());
    assert_eq!(counts, [Some(1), Some(1), Some(1)]);
    let text = fs::read_to_string(surveys.path("report.csv")).unwrap();
    assert!(text.starts_with("section,group,check_or_point,"), "{text}");
    let text = fs::read_to_string(surveys.path("changes.csv")).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert_eq!(fs::read_dir(surveys.folder.path()).unwrap().count(), 5);
}

#[test]
fn a_profile_may_be_required() {
    let surveys = Surveys::new();
    let ran = surveys
        .report(&["new", "--profile", "tiny", "--require"])
        .expect(4);
    assert!(
        ran.stderr.contains("1 domain fails tiny 1"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.contains("fail, to be justified: 1: 1"),
        "{}",
        ran.stdout
    );
    // The only fail of the older one is justified.
    surveys
        .report(&["old", "--profile", "tiny", "--require"])
        .expect(0);
    surveys.report(&["new", "--profile", "tiny"]).expect(0);
}

#[test]
fn what_cannot_be_reported_on_is_refused_with_what_to_do() {
    let surveys = Surveys::new();
    let says = |args: &[&str], words: &str| {
        let said = surveys.refused(args);
        assert!(said.contains(words), "{words} in {said}");
    };
    says(&["none"], "holds no survey; name the directory");
    let half = [("a.cz", CheckResult::Pass, None)];
    write(&surveys.path("half"), &half, &STAGES[..2]);
    says(&["half"], "stage probe is not finished; finish the survey");
    says(
        &["new", "--against", "half"],
        "half: stage probe is not finished",
    );
    let newer = surveys.path("newer");
    write(&newer, &half, &STAGES);
    fs::write(newer.join("survey.json"), r#"{"schema_version": 999}"#).unwrap();
    says(&["newer"], "newer mailcensus");
    let command = "run mailcensus verdict new --profile nzism-15.2";
    says(&["new", "--profile", "nzism-15.2"], command);
    says(
        &["new", "--profile", "../tiny"],
        "was not judged by the profile ../tiny",
    );
    says(
        &["new", "--by", "country"],
        "had no table of countries, so that it knows none; survey with --country-table",
    );
    says(&["new", "--by", "tag:x"], "no domain has a tag x");
    says(&["new", "--require"], "--profile");
    says(&["new", "--changes", "c.csv"], "--against");
    says(&["new", "--k", "0"], "--k");
    says(
        &["new", "--json", "new/survey.json"],
        "new/survey.json: lies in the directory of a survey",
    );
    let lacking = surveys.path("lacking");
    write(&lacking, &half, &STAGES);
    let parts = fs::read_dir(lacking.join("verdicts")).unwrap();
    parts.for_each(|part| fs::remove_file(part.unwrap().path()).unwrap());
    says(&["lacking"], "run mailcensus verdict lacking");
    fs::write(
        newer.join("survey.json"),
        r#"{"schema_version": 1, "left_out": []}"#,
    )
    .unwrap();
    says(&["newer"], "that of a public copy");
    says(
        &["new", "--json", "-", "--csv", "-"],
        "two outputs go there",
    );
    says(
        &["new", "--json", "a", "--csv", "./new/../a"],
        "./new/../a: two outputs go there",
    );
    fs::write(surveys.path("a"), "").unwrap();
    std::os::unix::fs::symlink("a", surveys.path("b")).unwrap();
    says(
        &["new", "--json", "a", "--csv", "b"],
        "two outputs go there",
    );
    let twice = [
        "new",
        "--against",
        "old",
        "--against",
        "new",
        "--changes",
        "c.csv",
    ];
    says(&twice, "give --against once");
    says(&["new", "--json", "none/report.json"], "check the path");
}

#[test]
fn a_damaged_table_is_said_and_leaves_no_half_of_a_file() {
    let surveys = Surveys::new();
    let folder = surveys.path("new/verdicts");
    let part = fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::write(&part, "no Parquet").unwrap();
    let args = [
        "new",
        "--json",
        "report.json",
        "--against",
        "old",
        "--changes",
        "changes.csv",
    ];
    let said = surveys.refused(&args);
    assert!(said.contains("cannot read"), "{said}");
    assert_eq!(fs::read_dir(surveys.folder.path()).unwrap().count(), 2);
}
