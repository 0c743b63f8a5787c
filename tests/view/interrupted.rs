//! `verdict` that ended before its time: nothing is mixed in silence, and the same command mends it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mailcensus::table::manifest::{Manifest, ProfileRecord};
use mailcensus::table::rows::{ComplianceRow, TableName, VerdictRow};
use mailcensus::text::sha256_of;
use serde_json::Value;

use super::judged::{beside, survey};
use super::written::{mailcensus, open, refused};
use crate::real::program::{MAILCENSUS, MINE, manifest};

const GRANTED: &str = "domain,point,reason,until\nexample.cz,a,new servers,\n";
const REMEDY: &str = "was not judged to the end; run mailcensus verdict";

/// A survey judged by a profile with exceptions.
fn judged() -> (tempfile::TempDir, String) {
    let (dir, out) = survey();
    let mine = beside(&dir, "mine.toml", MINE);
    let granted = beside(&dir, "granted.csv", GRANTED);
    let args = ["--profile", &mine, "--exceptions", &granted];
    mailcensus(&[&["verdict", &out][..], &args].concat()).expect(0);
    (dir, out)
}

/// The same profile with another point in place of its only one.
fn newer() -> String {
    let newer = MINE.replace("version = \"7\"", "version = \"8\"");
    newer.replace("id = \"a\"", "id = \"b\"")
}

/// Has the manifest say that judging by the newer profile began.
fn begun(out: &Path, exceptions: Option<&str>) {
    let mut manifest = Manifest::of(out).expect("a manifest");
    manifest.judged = None;
    let record = ProfileRecord {
        version: "8".to_owned(),
        sha256: sha256_of(newer().as_bytes()),
        exceptions: exceptions.map(|text| sha256_of(text.as_bytes())),
        ..ProfileRecord::default()
    };
    manifest.profiles.insert("mine".to_owned(), record);
    manifest.write(out).expect("writes");
}

#[track_caller]
fn refuses(dir: &tempfile::TempDir, out: &str) {
    refused(&["report", out], &[REMEDY]);
    let public = dir.path().join("public").display().to_string();
    refused(&["export", out, "--public", &public], &[REMEDY]);
    let explained = mailcensus(&["explain", out, "example.cz"]).expect(0);
    let words = "was not judged to the end; run `mailcensus verdict";
    assert!(explained.stderr.contains(words), "{}", explained.stderr);
}

#[track_caller]
fn is_mended(out: &str, exceptions: bool) {
    mailcensus(&["report", out, "--profile", "mine"]).expect(0);
    let out = Path::new(out);
    let record = &manifest(out)["profiles"]["mine"];
    assert_eq!(
        (&record["version"], &record["rows"]),
        (&"8".into(), &4.into())
    );
    assert_eq!(record["exceptions"].is_string(), exceptions);
    let mut names: Vec<_> = fs::read_dir(out.join("profiles"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    match exceptions {
        true => assert_eq!(names, ["mine.exceptions.csv", "mine.toml"]),
        false => assert_eq!(names, ["mine.toml"]),
    }
}

#[test]
fn whatever_the_instant_the_same_command_mends_it() {
    let granted = GRANTED.replace(",a,", ",b,");
    let placed = |out: &Path, suffix: &str, exceptions: Option<&str>| {
        let profiles = out.join("profiles");
        fs::write(profiles.join(format!("mine.toml{suffix}")), newer()).expect("writes");
        if let Some(text) = exceptions {
            let name = format!("mine.exceptions.csv{suffix}");
            fs::write(profiles.join(name), text).expect("writes");
        }
    };
    for exceptions in [None, Some(granted.as_str())] {
        for state in ["staged", "one in place", "in place", "verdicts", "all rows"] {
            println!("{state}, {exceptions:?}");
            let (dir, out) = judged();
            let path = Path::new(&out);
            begun(path, exceptions);
            match state {
                "staged" => placed(path, ".new", exceptions),
                "one in place" => {
                    placed(path, ".new", exceptions);
                    let profiles = path.join("profiles");
                    let copy = profiles.join("mine.toml");
                    fs::rename(profiles.join("mine.toml.new"), copy).expect("renames");
                }
                _ => placed(path, "", exceptions),
            }
            if state == "verdicts" {
                open(path)
                    .replace(TableName::Verdicts, [])
                    .expect("replaces");
            }
            if state == "all rows" {
                open(path).replace_compliance("mine", []).expect("replaces");
            }
            if state != "verdicts" {
                refuses(&dir, &out);
            }
            mailcensus(&["verdict", &out]).expect(0);
            is_mended(&out, exceptions.is_some());
        }
    }
}

#[test]
fn texts_that_no_manifest_names_are_as_good_as_none() {
    let (_dir, out) = judged();
    let staged = Path::new(&out).join("profiles/mine.toml.new");
    fs::write(staged, "cut o").expect("writes");
    mailcensus(&["report", &out, "--profile", "mine"]).expect(0);
    let ran = mailcensus(&["verdict", &out]).expect(0);
    let words = "compliance/mine, version 7, with exceptions";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
}

#[test]
fn another_profile_does_not_cover_what_was_interrupted() {
    let (_dir, out) = judged();
    begun(Path::new(&out), None);
    let copy = Path::new(&out).join("profiles/mine.toml");
    fs::write(&copy, newer()).expect("writes");
    let ran = mailcensus(&["verdict", &out, "--profile", "modern"]).expect(0);
    assert!(
        ran.stdout.contains("compliance/mine, version 8"),
        "{}",
        ran.stdout
    );
    is_mended_beside(&out);
    // Where the other one cannot be judged by again, nobody vouches for its rows.
    begun(Path::new(&out), None);
    fs::write(&copy, "cut o").expect("writes");
    let ran = mailcensus(&["verdict", &out, "--profile", "modern"]).expect(1);
    assert!(ran.stderr.contains("profile mine"), "{}", ran.stderr);
    refused(
        &["report", &out, "--profile", "mine"],
        &["was not judged by the profile mine"],
    );
    mailcensus(&["report", &out, "--profile", "modern"]).expect(0);
}

#[track_caller]
fn is_mended_beside(out: &str) {
    mailcensus(&["report", out, "--profile", "mine", "--profile", "modern"]).expect(0);
}

#[test]
fn a_copy_of_another_text_is_refused() {
    let (_dir, out) = judged();
    let copy = Path::new(&out).join("profiles/mine.toml");
    let text = fs::read_to_string(&copy).expect("reads");
    fs::write(&copy, text.replace("STARTTLS", "TLS")).expect("writes");
    refused(
        &["report", &out, "--profile", "mine"],
        &["another text of the profile mine", "run mailcensus verdict"],
    );
}

#[test]
fn killed_at_any_instant_it_leaves_the_old_rows_or_the_new_ones() {
    let (dir, out) = judged();
    let path = Path::new(&out);
    let mine = beside(&dir, "newer.toml", &newer());
    let begun = Instant::now();
    mailcensus(&["verdict", &out]).expect(0);
    let usual = begun.elapsed();
    let (mut refusals, mut kills) = (0, 0);
    for _ in 0..25 {
        let after = usual.mul_f64(f64::from(rand::random::<u8>()) / 255.0);
        println!("killed after {after:?} of {usual:?}");
        kills += usize::from(killed(&out, &mine, after));
        let reported = mailcensus(&["report", &out]);
        if reported.code == Some(2) {
            refusals += 1;
            assert!(reported.stderr.contains(REMEDY), "{}", reported.stderr);
        }
        let store = open(path);
        let verdicts = store.scan::<VerdictRow>(TableName::Verdicts, &[]);
        assert_eq!(
            verdicts
                .map(|rows| rows.expect("rows").len())
                .sum::<usize>(),
            4
        );
        let points = store.scan_compliance::<ComplianceRow>("mine", &[]);
        let points: Vec<_> = points.flat_map(|rows| rows.expect("rows")).collect();
        assert_eq!(points.len(), 4);
        assert!(points.iter().all(|row| row.point == points[0].point));
        drop(store);
        if rand::random() {
            mailcensus(&["verdict", &out]).expect(0);
            mailcensus(&["report", &out, "--profile", "mine"]).expect(0);
        }
    }
    println!("{kills} kills, {refusals} refusals");
    assert!(kills > 0, "no kill came in time");
    mailcensus(&["verdict", &out, "--profile", &mine]).expect(0);
    is_mended(&out, false);
    assert_ne!(manifest(path)["judged"], Value::Null);
}

/// Begins to judge, and kills that after a while; false where it had ended.
fn killed(out: &str, profile: &str, after: Duration) -> bool {
    let mut child = Command::new(MAILCENSUS)
        .args(["verdict", out, "--profile", profile])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    std::thread::sleep(after);
    child.kill().expect("a child of ours");
    child.wait().expect("a child of ours").code().is_none()
}
