//! Flags over environment over file over default; and what a file may not hold.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::real::program::{MAILCENSUS, manifest, run};

/// A survey with nothing from the environment of this process.
fn survey(dir: &Path) -> Command {
    let mut command = Command::new(MAILCENSUS);
    command.env_clear().current_dir(dir).arg("survey");
    command
}

/// A folder with a list and a file of settings.
fn folder(settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("list.txt"), "example.cz\n").expect("writes");
    fs::create_dir(dir.path().join("etc")).expect("creates");
    fs::write(dir.path().join("etc/survey.toml"), settings).expect("writes");
    dir
}

const SETTINGS: &str = "\
# All that a survey needs.
lists = [\"../list.txt\"]
out = \"../out\"
ehlo = \"file.example.cz\"
contact = \"mailto:file@example.cz\"
resolver = [\"127.0.0.1:9\"]
rate = 11
operator-rate = 3
dns-rate = 100
keep-spool = true
";

/// Runs a survey that gets as far as its manifest: nobody listens at its resolver.
fn effective(dir: &Path, command: &mut Command) -> Value {
    let ran = run(command).expect(2);
    assert!(
        ran.stderr.contains("nobody listens there"),
        "{}",
        ran.stderr
    );
    let manifest = manifest(&dir.join("out"));
    manifest["runs"][0]["effective"].clone()
}

#[test]
fn a_flag_outweighs_the_environment_and_that_the_file() {
    let dir = folder(SETTINGS);
    let mut command = survey(dir.path());
    command.args(["--config", "etc/survey.toml", "--dns-rate", "300"]);
    command.env("MAILCENSUS_DNS_RATE", "200");
    command.env("MAILCENSUS_OPERATOR_RATE", "4");
    command.env("MAILCENSUS_KEEP_SPOOL", "false");
    command.env("MAILCENSUS_PREFLIGHT", "secure=a.cz, bogus=b.cz");
    let effective = effective(dir.path(), &mut command);
    let of = |key: &str| {
        (
            effective[key]["value"].clone(),
            effective[key]["source"].clone(),
        )
    };
    let from = |value: Value, source: &str| (value, json!(source));
    assert_eq!(of("dns-rate"), from(json!(300), "flag"));
    assert_eq!(of("operator-rate"), from(json!(4), "environment"));
    assert_eq!(of("keep-spool"), from(json!(false), "environment"));
    let names = json!(["secure=a.cz", "bogus=b.cz"]);
    assert_eq!(of("preflight"), from(names, "environment"));
    assert_eq!(of("rate"), from(json!(11), "file"));
    assert_eq!(of("ehlo"), from(json!("file.example.cz"), "file"));
    assert_eq!(of("lists"), from(json!(["etc/../list.txt"]), "file"));
    assert_eq!(of("connections"), from(json!(1_000), "default"));
    assert_eq!(of("stage"), from(Value::Null, "default"));
    assert_eq!(of("config"), from(json!("etc/survey.toml"), "flag"));
    let manifest = manifest(&dir.path().join("out"));
    assert_eq!(
        manifest["runs"][0]["dns_rate"], 300,
        "and they are in force"
    );
    assert_eq!(manifest["runs"][0]["rate"], 11);
}

#[test]
fn the_file_may_be_named_by_the_environment() {
    let dir = folder(SETTINGS);
    let mut command = survey(dir.path());
    command.env("MAILCENSUS_CONFIG", dir.path().join("etc/survey.toml"));
    let effective = effective(dir.path(), &mut command);
    assert_eq!(effective["rate"]["value"], 11);
    assert_eq!(effective["config"]["source"], "environment");
}

#[test]
fn every_setting_is_in_the_manifest() {
    let dir = folder(SETTINGS);
    let effective = effective(
        dir.path(),
        survey(dir.path()).args(["--config", "etc/survey.toml"]),
    );
    let help = run(survey(dir.path()).arg("--help")).expect(0).stdout;
    for flag in super::manual::flags(&help) {
        let is_setting = !["help", "version"].contains(&flag.as_str());
        assert_eq!(!effective[&flag].is_null(), is_setting, "--{flag}");
    }
}

#[track_caller]
fn refused(settings: &str, words: &[&str]) {
    let dir = folder(settings);
    let ran = run(survey(dir.path()).args(["--config", "etc/survey.toml"])).expect(2);
    assert_eq!(
        ran.stderr.lines().count(),
        1,
        "one sentence: {}",
        ran.stderr
    );
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
    assert!(!dir.path().join("out").exists(), "nothing was begun");
}

#[test]
fn what_is_no_setting_is_refused_with_its_line() {
    refused(
        "rate = 5\n\ndns-rat = 7\n",
        &[
            "survey.toml",
            "line 3",
            "dns-rat;",
            "did you mean dns-rate?",
        ],
    );
    refused("[survey]\nrate = 5\n", &["line 1", "no setting survey"]);
    refused("config = \"a\"\n", &["line 1", "no setting config"]);
    refused("rate = \n", &["survey.toml", "line 1"]);
    refused("rate = 5\nrate = 6\n", &["line 2", "duplicate key"]);
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
    refused(
        "\nrate = \"fast\"\n",
        &["line 2", "rate wants a whole number"],
    );
    refused("rate = -1\n", &["line 1", "-1", "--rate"]);
    refused("ehlo = 5\n", &["line 1", "ehlo wants a string"]);
    refused(
        "keep-spool = \"yes\"\n",
        &["keep-spool wants true or false"],
    );
    refused("resolver = \"127.0.0.1\"\n", &["resolver wants a list"]);
    refused(
        "lab = [\"everything\"]\n",
        &["line 1", "everything", "--lab"],
    );
    refused(
        "stage = \"all\"\n",
        &["line 1", "all", "dns, hosts, probe, verdict"],
    );
}

#[test]
fn a_variable_that_does_not_fit_is_named() {
    let dir = folder("");
    let mut command = survey(dir.path());
    command.args(["list.txt", "--out", "out"]);
    let ran = run(command.env("MAILCENSUS_RATE", "fast")).expect(2);
    assert!(ran.stderr.contains("MAILCENSUS_RATE"), "{}", ran.stderr);
    let ran = run(command.env_clear().env("MAILCENSUS_DRY_RUN", "maybe")).expect(2);
    assert!(
        ran.stderr.contains("MAILCENSUS_DRY_RUN=maybe"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_file_that_is_not_there_ends_it() {
    let dir = folder("");
    let ran = run(survey(dir.path()).args(["--config", "none.toml"])).expect(2);
    for word in ["none.toml", "cannot read", "check the path of --config"] {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
}
