//! Judging again what was seen once: rows for every point, the same facts, the same answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailcensus::table::rows::TableName;
use mailcensus::verdict::profile::{SHIPPED, shipped};
use serde_json::Value;

use super::program::{MAILCENSUS, MINE, OBSERVED, Ran, files, manifest, run};
use super::shared::{copy, shared};
use super::sql::duckdb;

fn verdict(out: &Path, args: &[&str]) -> Ran {
    run(Command::new(MAILCENSUS).arg("verdict").arg(out).args(args))
}

/// Judges by every profile that ships.
fn judge_by_all(out: &Path) -> Ran {
    let args = SHIPPED.iter().flat_map(|(name, _)| ["--profile", name]);
    verdict(out, &args.collect::<Vec<_>>())
}

/// How many rows a folder has, and what is in them, in two numbers.
fn digest(out: &Path, folder: &str) -> Vec<Vec<Value>> {
    let table = format!("'{}/{folder}/*.parquet'", out.display());
    duckdb(&format!(
        "SELECT count(*), sum(hash(t))::varchar FROM {table} t"
    ))
}

fn bytes(out: &Path, tables: &[TableName]) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = tables.iter().flat_map(|table| files(out, table.as_str()));
    files
        .map(|file| {
            (
                file.strip_prefix(out).expect("below").to_owned(),
                fs::read(&file).expect("reads"),
            )
        })
        .collect()
}

#[test]
fn a_survey_says_who_judged_it() {
    let manifest = manifest(&shared().out);
    assert_eq!(manifest["judged"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["profiles"], Value::Object(serde_json::Map::new()));
}

#[test]
fn every_profile_has_a_row_for_every_domain_and_point() {
    let out = copy("judged-by-all");
    let before = bytes(&out, &OBSERVED);
    judge_by_all(&out).expect(0);
    assert_eq!(before, bytes(&out, &OBSERVED), "the facts are as they were");
    let manifest = manifest(&out);
    let domains = manifest["counts"]["domains"].as_u64().expect("a number");
    for (name, text) in SHIPPED {
        let profile = shipped(name).expect("it ships").expect("a profile");
        let rows = domains * profile.points.len() as u64;
        let table = format!("'{}/compliance/{name}/*.parquet'", out.display());
        let sql = format!("SELECT count(*), count(DISTINCT (domain, point)) FROM {table}");
        let counts = &duckdb(&sql)[0];
        assert_eq!(
            (counts[0].as_u64(), counts[1].as_u64()),
            (Some(rows), Some(rows)),
            "{name}"
        );
        assert_eq!(manifest["profiles"][name]["rows"], rows, "{name}");
        let copy = fs::read_to_string(out.join(format!("profiles/{name}.toml"))).expect("a copy");
        assert_eq!(copy, text, "{name}");
        let sql = format!("SELECT count(*) FROM {table} WHERE justified AND result <> 'fail'");
        assert_eq!(duckdb(&sql)[0][0], 0, "{name}");
    }
}

#[test]
fn judging_again_gives_the_same_rows() {
    let out = copy("judged-twice");
    judge_by_all(&out).expect(0);
    let folders = SHIPPED.map(|(name, _)| format!("compliance/{name}"));
    let folders: Vec<_> = folders.into_iter().chain(["verdicts".to_owned()]).collect();
    let all = |folder: &String| digest(&out, folder);
    let first: Vec<_> = folders.iter().map(all).collect();
    // Those that the manifest knows of.
    let ran = verdict(&out, &[]).expect(0);
    for (name, _) in SHIPPED {
        assert!(
            ran.stdout.contains(&format!("compliance/{name}, version")),
            "{}",
            ran.stdout
        );
    }
    for (folder, first) in folders.iter().zip(first) {
        assert_eq!(all(folder), first, "{folder}");
    }
}

#[test]
fn rows_that_are_gone_are_told_and_made_anew() {
    let out = copy("judged-lost");
    verdict(&out, &["--profile", "nukib-2021"]).expect(0);
    let rows = manifest(&out)["profiles"]["nukib-2021"]["rows"].clone();
    let folder = "compliance/nukib-2021";
    for file in files(&out, folder) {
        fs::remove_file(file).expect("removes");
    }
    let ran = verdict(&out, &["--profile", "modern"]).expect(1);
    assert!(
        ran.stderr.contains("profile nukib-2021: 0 of its"),
        "{}",
        ran.stderr
    );
    verdict(&out, &[]).expect(0);
    let sql = format!(
        "SELECT count(*) FROM '{}/{folder}/*.parquet'",
        out.display()
    );
    assert_eq!(duckdb(&sql)[0][0], rows);
}

#[test]
fn what_is_justified_is_told_apart() {
    let out = copy("judged-exceptions");
    let beside = |name: &str, text: &str| {
        let path = out.with_file_name(name);
        fs::write(&path, text).expect("writes");
        path.display().to_string()
    };
    let mine = beside("mine.toml", MINE);
    verdict(&out, &["--profile", &mine]).expect(0);
    let of = |condition: &str| {
        let table = format!("'{}/compliance/mine/*.parquet'", out.display());
        duckdb(&format!(
            "SELECT domain FROM {table} WHERE {condition} ORDER BY 1"
        ))
    };
    let failed = of("result = 'fail'");
    assert!(!failed.is_empty(), "somebody has no STARTTLS");
    assert_eq!(of("justified = false"), failed);
    assert_eq!(of("justified"), Vec::<Vec<Value>>::new());
    let domain = failed[0][0].as_str().expect("text");
    let granted = |until: &str| {
        let lines = format!("domain,point,reason,until\n{domain},a,it is old,{until}\n");
        let granted = beside("granted.csv", &lines);
        verdict(&out, &["--profile", &mine, "--exceptions", &granted]).expect(0);
    };
    granted("");
    assert_eq!(of("justified"), failed[..1]);
    assert_eq!(of("justified = false"), failed[1..]);
    // What counts is the day that the domain was observed.
    granted("2020-01-01");
    assert_eq!(of("justified = false"), failed);
}

#[test]
fn a_public_copy_has_the_rule_books_and_no_reasons() {
    let out = copy("judged-public");
    let granted = out.with_file_name("granted.csv");
    fs::write(&granted, "domain,point,reason,until\n").expect("writes");
    let granted = granted.to_str().expect("text");
    verdict(&out, &["--profile", "nukib-2021", "--exceptions", granted]).expect(0);
    let public = out.with_file_name("public");
    run(Command::new(MAILCENSUS)
        .arg("export")
        .arg(&out)
        .arg("--public")
        .arg(&public))
    .expect(0);
    let folder = "compliance/nukib-2021";
    assert_eq!(digest(&out, folder), digest(&public, folder));
    let names: Vec<_> = fs::read_dir(public.join("profiles"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["nukib-2021.toml"]);
    let (ours, theirs) = (manifest(&out), manifest(&public));
    assert_eq!(ours["profiles"], theirs["profiles"]);
    assert_eq!(ours["judged"], theirs["judged"]);
}

#[test]
fn the_printed_schema_takes_the_rows_of_a_profile() {
    let out = copy("judged-schema");
    verdict(&out, &["--profile", "modern"]).expect(0);
    let ran = run(Command::new(MAILCENSUS).args(["schema", "compliance", "--format", "sql"]));
    let schema = ran.expect(0).stdout;
    let sql = format!(
        "{schema};\nINSERT INTO compliance BY NAME SELECT * FROM \
         '{}/compliance/modern/*.parquet';\nSELECT count(*) FROM compliance",
        out.display()
    );
    assert!(duckdb(&sql)[0][0].as_u64() > Some(0));
}
