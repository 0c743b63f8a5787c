//! `check` before anybody is asked: what it refuses, and that it leaves nothing behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::written::refused;
use crate::real::program::{MAILCENSUS, run};

/// Who asks.
const IDENTITY: [&str; 4] = ["--ehlo", "a.example.cz", "--contact", "a@example.cz"];

fn entries(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        name.to_string_lossy().into_owned()
    };
    entries.map(name).collect()
}

#[test]
fn strangers_must_be_able_to_see_who_calls() {
    refused(&["check", "example.cz"], &["--ehlo is missing"]);
    let named = ["check", "example.cz", "--ehlo", "a.example.cz"];
    refused(&named, &["--contact is missing"]);
}

#[test]
fn what_is_no_domain_or_no_profile_is_refused_before_anything_is_made() {
    refused(&["check", "no name"], &["no name: no domain name"]);
    refused(&["check", "\u{1b}[2J"], &["\\x1b[2J"]);
    let mut args = vec!["check", "example.cz", "--profile", "none-such"];
    args.extend(IDENTITY);
    refused(&args, &["none-such", "no profile of this name ships"]);
    let mut twice = vec![
        "check",
        "a.cz",
        "--profile",
        "modern",
        "--profile",
        "modern",
    ];
    twice.extend(IDENTITY);
    refused(&twice, &["a profile modern is there already"]);
}

#[test]
fn depth_takes_hours_and_has_to_be_waited_for() {
    let ran = run(Command::new(MAILCENSUS).args(["check", "example.cz", "--deep"])).expect(2);
    assert!(ran.stderr.contains("--wait"), "{}", ran.stderr);
}

#[test]
fn without_a_resolver_there_is_an_error_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let (temporary, state) = (dir.path().join("tmp"), dir.path().join("state"));
    fs::create_dir(&temporary).expect("creates");
    let mut command = Command::new(MAILCENSUS);
    command.args(["check", "example.cz", "--resolver", "127.0.0.1:9"]);
    command.args(IDENTITY).arg("--state").arg(&state);
    let ran = run(command.env("TMPDIR", &temporary)).expect(2);
    assert!(
        ran.stderr.contains("resolver 127.0.0.1:9"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    assert_eq!(entries(&temporary), [""; 0]);
    assert_eq!(entries(&state), ["lock"]);
}

#[test]
fn a_resolver_that_is_not_ours_is_not_believed() {
    let dir = tempfile::tempdir().expect("a directory");
    let state = dir.path().to_str().expect("text");
    let mut args = vec!["check", "example.cz", "--resolver", "192.0.2.53"];
    args.extend(IDENTITY);
    args.extend(["--state", state]);
    refused(&args, &["resolver 192.0.2.53"]);
}
