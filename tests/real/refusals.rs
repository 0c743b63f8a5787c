//! What a survey refuses before it sends anything to anybody: exit code 2 and one sentence that
//! says what to do.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::lab::lab;
use super::program::{MAILCENSUS, bare_survey, run, survey_of, survey_outside};

/// Runs a command that must be refused with one sentence holding every one of these words.
#[track_caller]
pub fn refused(command: &mut Command, words: &[&str]) {
    let ran = run(command).expect(2);
    let sentence = ran.stderr.trim_end();
    // What the list held may be told before.
    let lines: Vec<_> = sentence
        .lines()
        .filter(|line| !line.contains(" lines: "))
        .collect();
    assert_eq!(lines.len(), 1, "one sentence: {sentence}");
    assert!(lines[0].starts_with("mailcensus: "), "{sentence}");
    for word in words {
        assert!(lines[0].contains(word), "no {word:?} in: {sentence}");
    }
    assert_eq!(ran.stdout, "");
}

/// A folder with a list of one domain in it.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let list = dir.path().join("list.txt");
    fs::write(&list, "example.cz\n").expect("writes");
    (dir, list)
}

#[test]
fn resolvers_that_cannot_be_believed() {
    let (dir, list) = folder();
    let out = dir.path().join("out");
    let with = |resolver: &str| {
        let mut command = bare_survey(&list, &out);
        command.args(["--resolver", resolver]);
        command
    };
    refused(
        &mut with("127.0.0.1:9"),
        &["nobody listens there", "start a validating resolver"],
    );
    let deaf = lab().env("NONVALIDATING");
    refused(
        &mut with(deaf),
        &["does not validate", "set up a validating resolver"],
    );
    // Nothing leads there from inside the lab: a packet to it would be another complaint.
    refused(
        &mut with("8.8.8.8"),
        &["public resolver", "run a validating Unbound"],
    );
    refused(
        &mut with("198.51.100.200"),
        &["another machine", "--trust-ad"],
    );
    let mut trusted = with("198.51.100.200");
    let sentence = run(trusted.arg("--trust-ad")).expect(2).stderr;
    assert!(!sentence.contains("another machine"), "{sentence}");
    refused(
        &mut with("unbound"),
        &["--resolver unbound", "give IP or IP:PORT"],
    );
    // The same directory serves when the resolver is right.
    let mut right = with(lab().env("RESOLVER"));
    run(right.args(["--stage", "dns"])).expect(0);
}

#[test]
fn callers_without_a_name() {
    let (dir, list) = folder();
    let out = dir.path().join("out");
    let survey = || {
        let mut command = Command::new(MAILCENSUS);
        command
            .env_clear()
            .arg("survey")
            .arg(&list)
            .arg("--out")
            .arg(&out);
        command
    };
    refused(
        &mut survey(),
        &["--ehlo is missing", "give this host's full name"],
    );
    let mut nameless = survey();
    refused(
        nameless.args(["--ehlo", "survey.example.cz"]),
        &["--contact is missing", "give"],
    );
    let mut wrong = survey();
    wrong.args(["--ehlo", "survey.example.cz", "--contact", "somebody"]);
    refused(&mut wrong, &["--contact somebody", "mail address"]);
    let mut fast = survey_outside(&list, &out);
    refused(
        fast.args(["--operator-rate", "2000"]),
        &["--operator-rate 2000", "between"],
    );
    let mut natted = survey_outside(&list, &out);
    refused(
        natted.args(["--source-address", "192.168.1.2"]),
        &["--source-address 192.168.1.2", "strangers see"],
    );
    let mut unclear = survey_outside(&list, &out);
    refused(
        unclear.args(["--preflight", "outside=mx.example.cz"]),
        &["--preflight outside=mx.example.cz", "egress=HOST"],
    );
    assert!(!out.exists(), "nothing was begun");
}

#[test]
fn lists_that_cannot_be_read_to_their_end() {
    let (dir, _) = folder();
    let dir = dir.path();
    let out = dir.join("out");
    let text: String = (0..5_000).map(|n| format!("domain-{n}.cz\n")).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("packs");
    let gzip = gzip.finish().expect("packs");
    let zstd = zstd::encode_all(text.as_bytes(), 3).expect("packs");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [vec![0xff, 0xfe], wide].concat();
    let cases: [(&str, &[u8], &str); 4] = [
        (
            "cut.txt.gz",
            &gzip[..gzip.len() / 2],
            "ends early; fetch the list again",
        ),
        (
            "cut.txt.zst",
            &zstd[..zstd.len() / 2],
            "ends early; fetch the list again",
        ),
        ("wide.txt", &wide, "UTF-16"),
        ("empty.txt", b"", "empty"),
    ];
    for (name, bytes, words) in cases {
        let list = dir.join(name);
        fs::write(&list, bytes).expect("writes");
        refused(&mut survey_outside(&list, &out), &[name, words]);
    }
    refused(
        &mut survey_outside(&dir.join("none.txt"), &out),
        &["none.txt", "check the path"],
    );
    refused(
        &mut survey_outside(dir, &out),
        &["is a folder; name the files in it"],
    );
    // Root may read everything; somebody else may not.
    let secret = lab().scratch("secret").join("list.txt");
    fs::write(&secret, "example.cz\n").expect("writes");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    fs::set_permissions(&secret, mode).expect("root may");
    let reader = lab().scratch("reader");
    fs::set_permissions(&reader, std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .expect("root may");
    let copy = reader.join("mailcensus");
    fs::copy(MAILCENSUS, &copy).expect("copies");
    let mut other = Command::new("setpriv");
    other.args(["--reuid", "60025", "--regid", "60025", "--clear-groups"]);
    other
        .arg(&copy)
        .arg("survey")
        .arg(&secret)
        .arg("--out")
        .arg(reader.join("out"));
    other.args(["--ehlo", "a.example.cz", "--contact", "a@example.cz"]);
    refused(
        &mut other,
        &[
            "list.txt",
            "Permission denied",
            "check the path and its permissions",
        ],
    );
    // The directory that all of them left serves for a list that is whole.
    let list = dir.join("whole.txt");
    fs::write(&list, "insecure-good.cz\n").expect("writes");
    let mut whole = survey_of(&list, &out);
    run(whole.args(["--stage", "dns"])).expect(0);
}

#[test]
fn directories_that_are_no_place_for_a_survey() {
    let (dir, list) = folder();
    let below_a_file = list.join("out");
    refused(
        &mut survey_outside(&list, &below_a_file),
        &["cannot create", "check the path"],
    );
    let sealed = lab().scratch("sealed");
    let mounted = lab()
        .inside("mount")
        .args(["-t", "tmpfs", "-o", "ro", "tmpfs"])
        .arg(&sealed)
        .status();
    assert!(mounted.expect("mount").success());
    let mut command = bare_survey(&list, &sealed.join("out"));
    refused(&mut command, &["Read-only file system", "mend permissions"]);
    // The folder of the list is not empty.
    refused(
        &mut survey_outside(&list, dir.path()),
        &["holds no survey", "choose an empty"],
    );
    assert_eq!(
        fs::read_dir(dir.path()).expect("lists").count(),
        1,
        "and it was left alone"
    );
}

#[test]
fn a_machine_with_too_few_descriptors() {
    let (dir, list) = folder();
    let mut command = Command::new("prlimit");
    command
        .args(["--nofile=64:64", MAILCENSUS, "survey"])
        .arg(&list);
    command.arg("--out").arg(dir.path().join("out"));
    command.args(["--ehlo", "a.example.cz", "--contact", "a@example.cz"]);
    refused(&mut command, &["may open 64 files", "raise the limit"]);
}

#[test]
fn the_help_shows_by_example() {
    let help = |args: &[&str]| run(Command::new(MAILCENSUS).args(args)).expect(0).stdout;
    let survey = help(&["survey", "--help"]);
    for word in [
        "Examples:",
        "mailcensus survey cz.txt --out",
        "Exit codes:",
        "duckdb -c",
    ] {
        assert!(survey.contains(word), "no {word:?} in {survey}");
    }
    assert!(help(&["--help"]).contains("survey"), "the commands");
    let mut unknown = Command::new(MAILCENSUS);
    refused(
        unknown.args(["schema", "nothing"]),
        &["the tables are", "domains"],
    );
    assert!(Path::new(MAILCENSUS).exists());
}
