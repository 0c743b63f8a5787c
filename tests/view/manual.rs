//! The manual, the completions and the help: all say the same, and the help fits 80 columns.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::real::program::{MAILCENSUS, run};

const COMMANDS: [&str; 13] = [
    "survey",
    "check",
    "tlsa",
    "sts-map",
    "probing-txt",
    "verdict",
    "report",
    "explain",
    "profiles",
    "export",
    "schema",
    "completions",
    "man",
];

fn say(args: &[&str]) -> String {
    let mut command = Command::new(MAILCENSUS);
    run(command.args(args).env("COLUMNS", "80"))
        .expect(0)
        .stdout
}

/// The long flags that a help shows, without their dashes.
pub fn flags(help: &str) -> Vec<String> {
    let starts = |line: &&str| line.trim_start().starts_with('-');
    let words = help.lines().filter(starts).flat_map(str::split_whitespace);
    let flags = words.filter_map(|word| word.strip_prefix("--"));
    let mut flags: Vec<_> = flags.map(str::to_owned).collect();
    flags.retain(|flag| {
        flag.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '-')
    });
    flags.sort();
    flags.dedup();
    assert!(!flags.is_empty(), "no flags in {help}");
    flags
}

#[test]
fn each_page_of_the_manual_has_each_flag_of_its_command() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("man1");
    say(&["man", "--out", out.to_str().expect("a path")]);
    for command in COMMANDS {
        let path = out.join(format!("mailcensus-{command}.1"));
        let page = std::fs::read_to_string(&path).expect("a page of its own");
        let page = page.replace("\\-", "-");
        for flag in flags(&say(&[command, "--help"])) {
            assert!(page.contains(&format!("--{flag}")), "--{flag} in {path:?}");
        }
    }
    let program = std::fs::read_to_string(out.join("mailcensus.1")).expect("a page");
    assert!(program.contains(".TH mailcensus 1"), "{program}");
    let printed = say(&["man"]);
    assert_eq!(printed.matches(".TH ").count(), COMMANDS.len() + 1);
}

#[test]
fn shells_take_the_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let text = say(&["completions", shell]);
        for word in ["trace-domain", "dry-run", "completions"] {
            assert!(text.contains(word), "no {word} for {shell}");
        }
    }
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
        .expect("bash");
    let text = say(&["completions", "bash"]);
    let mut stdin = bash.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("bash reads");
    drop(stdin);
    assert!(bash.wait().expect("bash").success());
}

#[test]
fn the_help_fits_eighty_columns() {
    for command in COMMANDS {
        for help in ["-h", "--help"] {
            for line in say(&[command, help]).lines() {
                assert!(line.chars().count() <= 80, "{command} {help}: {line}");
            }
        }
    }
}

#[test]
fn what_cannot_be_printed_is_an_error_and_a_reader_that_left_is_none() {
    for args in [
        &["profiles", "--json"][..],
        &["profiles"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let ran = Command::new(MAILCENSUS).args(args).stdout(full).output();
        let ran = ran.expect("it runs");
        assert_eq!(ran.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&ran.stderr);
        for word in ["standard output: cannot write", "free space"] {
            assert!(said.contains(word), "no {word:?} in {said}");
        }
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ran = Command::new(MAILCENSUS).args(args).stdout(writer).output();
        let ran = ran.expect("it runs");
        assert_eq!(ran.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    }
}
