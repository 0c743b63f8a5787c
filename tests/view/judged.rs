//! `verdict` and `profiles`: what is judged, what is left behind, what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mailcensus::survey::judging;
use mailcensus::table::manifest::Manifest;
use mailcensus::table::rows::TableName;
use mailcensus::verdict::profile::shipped;
use serde_json::{Value, json};

use super::written::{MEASURED, mailcensus, open, refused, write};
use crate::real::program::{MINE, manifest};

/// A survey with every stage but the last behind it, and a place for files beside it.
pub fn survey() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("out");
    write(&out, &MEASURED);
    let text = out.to_str().expect("text").to_owned();
    (dir, text)
}

/// Writes a file beside the survey.
pub fn beside(dir: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    fs::write(&path, text).expect("writes");
    path.to_str().expect("text").to_owned()
}

#[test]
fn a_survey_is_judged_and_its_manifest_says_so() {
    let (_dir, out) = survey();
    let ran = mailcensus(&["verdict", &out, "--profile", "nukib-2021"]).expect(0);
    for words in [
        "4 domains judged",
        "compliance/nukib-2021, version 1",
        "that take mail",
    ] {
        assert!(ran.stdout.contains(words), "no {words:?} in {}", ran.stdout);
    }
    let manifest = manifest(Path::new(&out));
    assert_eq!(manifest["judged"]["version"], env!("CARGO_PKG_VERSION"));
    let record = &manifest["profiles"]["nukib-2021"];
    assert_eq!(
        (&record["version"], &record["exceptions"]),
        (&json!("1"), &Value::Null)
    );
    assert_eq!(record["judged_at"], manifest["judged"]["at"]);
    let copy = fs::read_to_string(Path::new(&out).join("profiles/nukib-2021.toml")).expect("reads");
    assert!(copy.contains("name = \"nukib-2021\""));
    let store = open(Path::new(&out));
    assert_eq!(store.rows(TableName::Verdicts), 4);
    assert!(store.is_finished("verdict"));
}

#[test]
fn verdicts_that_are_gone_are_made_anew() {
    let (_dir, out) = survey();
    mailcensus(&["verdict", &out]).expect(0);
    for entry in fs::read_dir(Path::new(&out).join("verdicts")).expect("a folder") {
        fs::remove_file(entry.expect("an entry").path()).expect("removes");
    }
    mailcensus(&["verdict", &out]).expect(0);
    let store = open(Path::new(&out));
    assert_eq!(store.rows(TableName::Verdicts), 4);
    assert!(store.is_finished("verdict"));
}

#[test]
fn without_a_profile_those_of_before_are_judged_again() {
    let (dir, out) = survey();
    let mine = beside(&dir, "mine.toml", MINE);
    let granted = "domain,point,reason,until\nExample.cz.,a,new servers,2030-01-01\n";
    let granted = beside(&dir, "granted.csv", granted);
    let with = [
        "verdict",
        &out,
        "--profile",
        &mine,
        "--exceptions",
        &granted,
    ];
    mailcensus(&with).expect(0);
    let first = manifest(Path::new(&out));
    // The files may go: their copies are in the survey.
    fs::remove_file(&mine).expect("removes");
    fs::remove_file(&granted).expect("removes");
    let ran = mailcensus(&["verdict", &out]).expect(0);
    assert!(
        ran.stdout
            .contains("compliance/mine, version 7, with exceptions"),
        "{}",
        ran.stdout
    );
    let second = manifest(Path::new(&out));
    for key in ["version", "sha256", "exceptions", "rows"] {
        assert_eq!(
            first["profiles"]["mine"][key], second["profiles"]["mine"][key],
            "{key}"
        );
    }
    assert!(second["profiles"]["mine"]["exceptions"].is_string());
    // Judged without exceptions, none are left behind, and that is said. The name will do.
    let ran = mailcensus(&["verdict", &out, "--profile", "mine"]).expect(1);
    let note = "mine: judged without the exceptions of before";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    assert!(
        !Path::new(&out)
            .join("profiles/mine.exceptions.csv")
            .exists()
    );
    assert_eq!(
        manifest(Path::new(&out))["profiles"]["mine"]["exceptions"],
        Value::Null
    );
}

#[test]
fn exceptions_for_strangers_are_a_note() {
    let (dir, out) = survey();
    let mine = beside(&dir, "mine.toml", MINE);
    let text = "domain,point,reason,until\nnowhere.cz,a,why not,\nexample.cz,a,x,\n";
    let granted = beside(&dir, "granted.csv", text);
    let ran = mailcensus(&[
        "verdict",
        &out,
        "--profile",
        &mine,
        "--exceptions",
        &granted,
    ])
    .expect(1);
    assert!(
        ran.stderr.contains("not in the survey (1): nowhere.cz"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("4 domains judged"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let nowhere = dir.path().join("none");
    refused(
        &["verdict", nowhere.to_str().expect("text")],
        &["holds no survey", "--out"],
    );
    assert!(!nowhere.exists(), "nothing is made");
    let half = dir.path().join("half");
    write(&half, &["dns", "hosts"]);
    let half = half.to_str().expect("text");
    refused(
        &["verdict", half],
        &["stage probe is not finished", "finish the survey"],
    );
    let (_dir, out) = survey();
    let mut newer = manifest(Path::new(&out));
    newer["schema_version"] = json!(999);
    let path = Path::new(&out).join("survey.json");
    fs::write(&path, newer.to_string()).expect("writes");
    for command in [vec!["verdict", &out], vec!["explain", &out, "example.cz"]] {
        refused(&command, &["newer mailcensus", "use that version"]);
    }
}

#[test]
fn profiles_that_do_not_fit_are_refused_before_anything_is_judged() {
    let (dir, out) = survey();
    let judge = |text: &str, words: &[&str]| {
        let file = beside(&dir, "mine.toml", text);
        refused(&["verdict", &out, "--profile", &file], words);
        refused(&["profiles", &file], words);
    };
    judge(
        &MINE.replace("starttls", "startls"),
        &["line 12", "is starttls meant?"],
    );
    judge(
        &MINE.replace("\"starttls\"", "\"starttls\", stores = []"),
        &[
            "line 12",
            "check starttls has no parameter stores",
            "it has unreached",
        ],
    );
    let titel = MINE.replace("title = \"Mine\"", "titel = \"Mine\"");
    judge(&titel, &["line 3", "modern.toml"]);
    refused(
        &["verdict", &out, "--profile", "nukib"],
        &["no profile of this name", "nukib-2021"],
    );
    let mine = beside(&dir, "mine.toml", MINE);
    let other = beside(&dir, "other.toml", MINE);
    let twice = ["verdict", &out, "--profile", &mine, "--profile", &other];
    refused(&twice, &["a profile mine is there already"]);
    assert_eq!(manifest(Path::new(&out))["judged"], Value::Null);
}

#[test]
fn a_profile_of_ones_own_has_a_name_of_its_own() {
    let (dir, out) = survey();
    let shipped = shipped("modern").expect("it ships").expect("a profile");
    let same = beside(&dir, "same.toml", &shipped.text);
    mailcensus(&["verdict", &out, "--profile", &same]).expect(0);
    let other = MINE.replace("name = \"mine\"", "name = \"modern\"");
    let other = beside(&dir, "other.toml", &other);
    refused(
        &["verdict", &out, "--profile", &other],
        &["modern is the name of one that ships", "give yours another"],
    );
}

#[test]
fn what_is_refused_changes_nothing() {
    let (_dir, out) = survey();
    mailcensus(&["verdict", &out]).expect(0);
    let out = Path::new(&out);
    let log = fs::read(out.join("parts.jsonl")).expect("reads");
    for entry in fs::read_dir(out.join("hosts")).expect("a folder") {
        fs::remove_file(entry.expect("an entry").path()).expect("removes");
    }
    let before = manifest(out);
    refused(
        &["verdict", out.to_str().expect("text")],
        &["hosts/part-", "is gone", "survey again"],
    );
    assert_eq!(fs::read(out.join("parts.jsonl")).expect("reads"), log);
    assert_eq!(manifest(out), before);
}

#[test]
fn a_copy_that_cannot_be_read_stops_only_what_needs_it() {
    let (dir, out) = survey();
    let mine = beside(&dir, "mine.toml", MINE);
    mailcensus(&["verdict", &out, "--profile", &mine, "--profile", "modern"]).expect(0);
    let copy = Path::new(&out).join("profiles/mine.toml");
    let public = dir.path().join("public").display().to_string();
    let export = ["export", &out, "--public", &public];
    for broken in [Some("name = \"mine"), None] {
        match broken {
            Some(text) => fs::write(&copy, text).expect("writes"),
            None => fs::remove_file(&copy).expect("removes"),
        }
        refused(
            &["verdict", &out],
            &["by the profile mine", "judge by it again with --profile"],
        );
        let again = format!("judge by that profile again with mailcensus verdict {out} --profile");
        refused(&export, &["profiles/mine.toml", &again]);
        assert!(!Path::new(&public).exists());
        // A survey goes on by the others.
        let record = Manifest::of(Path::new(&out)).expect("a manifest");
        let all = judging::recorded(Path::new(&out), &record, &BTreeSet::new());
        let (judged, notes) = judging::apart(all);
        assert_eq!((judged.len(), notes.len()), (1, 1), "{notes:?}");
        mailcensus(&["verdict", &out, "--profile", "modern"]).expect(0);
    }
    mailcensus(&["verdict", &out, "--profile", &mine]).expect(0);
    mailcensus(&export).expect(0);
}

#[test]
fn exceptions_that_justify_nothing_are_refused() {
    let (dir, out) = survey();
    let mine = beside(&dir, "mine.toml", MINE);
    let judge = |line: &str, words: &[&str]| {
        let text = format!("domain,point,reason,until\n{line}\n");
        let file = beside(&dir, "granted.csv", &text);
        refused(
            &["verdict", &out, "--profile", &mine, "--exceptions", &file],
            words,
        );
    };
    judge(
        "example.cz,b,x,",
        &["line 2", "mine has no point \"b\"", "exceptions are from a"],
    );
    judge("localhost,a,x,", &["line 2", "is no domain"]);
    judge("example.cz,a,x,tomorrow", &["line 2", "year-month-day"]);
    judge("example.cz,a,,", &["line 2", "no reason"]);
    let granted = beside(&dir, "granted.csv", "domain,point,reason,until\n");
    let alone = ["verdict", &out, "--exceptions", &granted];
    refused(&alone, &["--exceptions without one --profile"]);
    let modern = ["--profile", "modern", "--profile", "nukib-2021"];
    refused(
        &[&alone[..], &modern[..]].concat(),
        &["--exceptions without one --profile"],
    );
}

/// The suites that a point of the survey was judged by, of its first domain.
fn suites_of_point(out: &str) -> Value {
    let args = [
        "explain",
        out,
        "example.cz",
        "--profile",
        "nukib-2021",
        "--json",
    ];
    let shown = mailcensus(&args).expect(0).stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let points = shown["profiles"][0]["points"].as_array().expect("points");
    let point = points.iter().find(|point| point["point"] == "1.2.4");
    let checks = point.expect("the point")["checks"].as_array();
    let within = checks.expect("checks").iter();
    let mut within = within.filter(|check| check["id"] == "ciphers_within");
    within.next().expect("the check").clone()
}

#[test]
fn a_list_that_a_profile_leaves_open_is_given_and_stays() {
    let (dir, out) = survey();
    let agency = ["verdict", &out, "--profile", "nukib-2021"];
    mailcensus(&agency).expect(0);
    assert_eq!(suites_of_point(&out)["reason"], "no_list:2/2");
    let text = "# by the agency\nTLS_AES_128_GCM_SHA256\n";
    let list = beside(&dir, "list.txt", text);
    let with = [&agency[..], &["--suites", &list]].concat();
    let ran = mailcensus(&with).expect(0);
    let words = "compliance/nukib-2021, version 1, with suites";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    // The server of the survey chose another one.
    let judged = suites_of_point(&out);
    assert_eq!(judged["reason"], "not_in_list:2/2");
    assert!(
        judged["parameters"]
            .to_string()
            .contains("TLS_AES_128_GCM_SHA256")
    );
    let copy = Path::new(&out).join("profiles/nukib-2021.suites.txt");
    assert_eq!(fs::read_to_string(&copy).expect("a copy"), text);
    let sum = |out: &str| manifest(Path::new(out))["profiles"]["nukib-2021"]["lists"].clone();
    let first = sum(&out);
    assert!(
        first["suites"]
            .as_str()
            .expect("a sum")
            .starts_with("sha256:")
    );
    // Judged again it counts as before, though the file is gone.
    fs::remove_file(&list).expect("removes");
    let ran = mailcensus(&["verdict", &out]).expect(0);
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    assert_eq!(suites_of_point(&out)["reason"], "not_in_list:2/2");
    assert_eq!(sum(&out), first);
    fs::write(&copy, "TLS_AES_256_GCM_SHA384\n").expect("writes");
    let other = "is not the text that the survey was judged by";
    refused(&["verdict", &out], &["nukib-2021.suites.txt", other]);
    // Without it none is left behind, and that is said.
    let ran = mailcensus(&agency).expect(1);
    let note = "nukib-2021: judged without the list of suites of before";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    assert!(!copy.exists());
    assert_eq!(sum(&out), json!({}));
    assert_eq!(suites_of_point(&out)["reason"], "no_list:2/2");
}

#[test]
fn a_list_that_nothing_wants_is_refused() {
    let (dir, out) = survey();
    let list = beside(&dir, "list.txt", "TLS_AES_128_GCM_SHA256\n");
    let modern = ["verdict", &out, "--profile", "modern", "--suites", &list];
    refused(
        &modern,
        &[
            "--suites: modern has no ciphers_within",
            "leave --suites out",
        ],
    );
    refused(
        &["verdict", &out, "--groups", &list],
        &["--groups without one --profile"],
    );
    let wrong = beside(&dir, "wrong.txt", "# OpenSSL\nAES128-SHA\n");
    let agency = [
        "verdict",
        &out,
        "--profile",
        "nukib-2021",
        "--suites",
        &wrong,
    ];
    refused(&agency, &["wrong.txt", "line 2", "IANA"]);
    assert_eq!(manifest(Path::new(&out))["judged"], Value::Null);
}

#[test]
fn the_rule_books_are_shown() {
    let list = mailcensus(&["profiles"]).expect(0).stdout;
    let one = mailcensus(&["profiles", "nukib-2021"]).expect(0).stdout;
    let checks = mailcensus(&["profiles", "--checks"]).expect(0).stdout;
    for (text, words) in [
        (&list, "nzism-15.2"),
        (&one, "1.2.3 "),
        (&checks, "no_tls_1_0_1_1 "),
    ] {
        assert!(text.contains(words), "no {words} in {text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }
    for args in [
        &["profiles"][..],
        &["profiles", "modern"],
        &["profiles", "--checks"],
    ] {
        let json = mailcensus(&[args, &["--json"]].concat()).expect(0).stdout;
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert!(json.is_object(), "{json}");
    }
}

#[test]
fn a_file_that_never_ends_is_no_profile() {
    let ran = mailcensus(&["profiles", "/dev/zero"]).expect(2);
    assert!(
        ran.stderr.contains("larger than any profile"),
        "{}",
        ran.stderr
    );
}
