//! Directories that something happened to: refused with a sentence, repaired where that is
//! possible, and never spoilt further.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mailcensus::table::rows::{CertificateRow, DomainRow, EndpointRow, HostRow, StsPolicyRow};

use super::lab::lab;
use super::program::{
    assert_nothing_lost, bare_survey, files, keyed, rows, run, survey, survey_of,
};
use super::refusals::refused;
use super::shared::{alone, shared};
use super::victim::Victim;

/// A copy of the complete survey.
fn copy(name: &str) -> PathBuf {
    let dir = lab().scratch(name);
    let from = &shared().out;
    let copied = Command::new("cp").arg("-a").arg(from).arg(&dir).status();
    assert!(copied.expect("cp").success());
    dir.join("out")
}

fn edit(path: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let bytes = fs::read(path).expect("reads");
    fs::write(path, change(bytes)).expect("writes");
}

#[test]
fn a_complete_survey_is_not_done_again() {
    let out = copy("again");
    let before = fs::read(out.join("parts.jsonl")).expect("reads");
    let ran = run(&mut survey(&out)).expect(0);
    let summary = |text: &str| text.split("Tables in").next().map(str::to_owned);
    assert_eq!(summary(&ran.stdout), summary(&shared().ran.stdout));
    assert_eq!(fs::read(out.join("parts.jsonl")).expect("reads"), before);
}

#[test]
fn a_damaged_part_is_named_and_made_anew_once_it_is_gone() {
    let out = copy("damaged");
    let part = files(&out, "domains").remove(0);
    edit(&part, |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    });
    let name = part.display().to_string();
    refused(
        &mut survey(&out),
        &[&name, "changed after it was committed", "delete it"],
    );
    refused(&mut survey(&out), &[&name]);
    fs::remove_file(&part).expect("deletes");
    // Local trouble worth reading: it says what was made anew.
    let ran = run(&mut survey(&out)).expect(1);
    assert!(ran.stderr.contains("rows were made anew"), "{}", ran.stderr);
    let rows = |dir: &Path| keyed(dir, |row: &DomainRow| row.domain.clone());
    let (ours, whole) = (rows(&out), rows(&shared().out));
    assert!(ours.keys().eq(whole.keys()));
    for (domain, row) in &ours {
        assert_eq!(row.mx.records, whole[domain].mx.records, "{domain}");
    }
    assert_nothing_lost(&out, whole.len());
}

#[test]
fn servers_are_asked_again_for_rows_that_are_gone() {
    let out = copy("gone");
    for table in ["endpoints", "sts_policies", "certificates", "hosts"] {
        fs::remove_file(files(&out, table).remove(0)).expect("deletes");
    }
    let guard = alone();
    run(&mut survey(&out)).expect(1);
    drop(guard);
    let whole = &shared().out;
    let key = |row: &EndpointRow| format!("{} {}", row.host, row.ip);
    assert!(keyed(&out, key).keys().eq(keyed(whole, key).keys()));
    let key = |row: &StsPolicyRow| row.domain.clone();
    assert!(keyed(&out, key).keys().eq(keyed(whole, key).keys()));
    // What was dialled before counts, so that not every hello and every second certificate is asked for
    // again; those of the handshakes are.
    let key = |row: &CertificateRow| row.sha256.clone();
    let (again, before) = (keyed(&out, key), keyed(whole, key));
    assert!(again.keys().all(|sha256| before.contains_key(sha256)));
    for row in rows::<EndpointRow>(&out) {
        let mut sent = row.chains.iter().flat_map(|chain| &chain.certificates);
        assert!(sent.all(|sha256| again.contains_key(sha256)), "{row:?}");
    }
    let key = |row: &HostRow| row.host.clone();
    assert!(keyed(&out, key).keys().eq(keyed(whole, key).keys()));
}

#[test]
fn manifests_that_cannot_be_understood() {
    let out = copy("manifest");
    let path = out.join("survey.json");
    let whole = fs::read_to_string(&path).expect("reads");
    let newer = whole.replace("\"schema_version\": 1", "\"schema_version\": 999");
    for (text, words) in [
        (newer.as_str(), ["newer mailcensus", "999"]),
        (
            &whole[..whole.len() / 2],
            ["damaged", "restore it from a copy"],
        ),
        ("", ["damaged", "restore it from a copy"]),
    ] {
        fs::write(&path, text).expect("writes");
        refused(&mut survey(&out), &words);
        assert_eq!(
            fs::read_to_string(&path).expect("reads"),
            text,
            "left as it was"
        );
    }
    fs::write(&path, &whole).expect("writes");
    run(&mut survey(&out)).expect(0);
}

#[test]
fn another_survey_does_not_go_into_the_same_directory() {
    let out = copy("another");
    let list = out.with_extension("txt");
    fs::write(&list, "secure-good.cz\n").expect("writes");
    refused(
        &mut survey_of(&list, &out),
        &["belongs to another list", "choose another --out"],
    );
    let mut seeded = survey(&out);
    refused(
        seeded.args(["--seed", "1"]),
        &["--seed", "use the same again"],
    );
    let mut wider = survey(&out);
    refused(
        wider.args(["--lab", "10.0.0.0/8"]),
        &["begun with --lab", "use the same again"],
    );
    run(&mut survey(&out)).expect(0);
}

#[test]
fn a_strangers_file_is_named_and_left_alone() {
    let out = copy("stranger");
    let stranger = out.join("domains/mine.parquet");
    fs::copy(files(&out, "domains").remove(0), &stranger).expect("copies");
    let ran = run(&mut survey(&out)).expect(1);
    assert!(
        ran.stderr.contains("domains/mine.parquet"),
        "{}",
        ran.stderr
    );
    assert!(stranger.exists());
}

#[test]
fn two_surveys_do_not_share_a_directory() {
    let out = lab().scratch("locked").join("out");
    let mut first = Victim::start(survey(&out).args(["--stage", "dns"]), &out, 0);
    assert!(
        first.wait_until(|out| out.join("spool").exists()),
        "it works"
    );
    first.signal("-STOP");
    refused(
        &mut survey(&out),
        &["another mailcensus is working here", "wait for it"],
    );
    first.signal("-CONT");
    assert_eq!(first.end_within(Duration::from_secs(60)), Some(0));
}

#[test]
fn a_full_disk_ends_the_survey_and_more_room_lets_it_go_on() {
    let dir = lab().scratch("full");
    let mount = |options: &str| {
        let mut command = lab().inside("mount");
        let command = command
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&dir);
        assert!(command.status().expect("mount").success());
    };
    mount("size=64k");
    let out = dir.join("out");
    let command = || {
        let mut command = bare_survey(&lab().list(), &out);
        command.args(["--resolver", lab().env("RESOLVER"), "--dns-rate", "0"]);
        command.args([
            "--rate",
            "100",
            "--operator-rate",
            "50",
            "--address-window",
            "5",
        ]);
        command
    };
    let _alone = alone();
    let mut sizes = vec![];
    for size in ["64k", "512k", "768k", "832k", "896k", "960k"] {
        mount(&format!("remount,size={size}"));
        let ran = run(&mut command());
        let last = ran.stderr.lines().last().unwrap_or_default();
        println!("{size}: {:?} {last}", ran.code);
        sizes.push((size, ran.code));
        if ran.code != Some(0) {
            assert_eq!(ran.code, Some(2), "{size}: {}", ran.stderr);
            assert!(
                last.contains("No space left on device"),
                "{size}: {}",
                ran.stderr
            );
            assert!(last.contains("free space"), "{size}: {}", ran.stderr);
        }
    }
    println!("exit codes by room: {sizes:?}");
    assert_eq!(sizes[0].1, Some(2), "too little room at first");
    mount("remount,size=64m");
    run(&mut command()).expect(0);
    let seen = lab().seen_from_outside(&out);
    let key = |row: &EndpointRow| format!("{} {}", row.host, row.ip);
    assert!(
        keyed(&seen, key)
            .keys()
            .eq(keyed(&shared().out, key).keys())
    );
    assert_nothing_lost(&seen, lab().truth().len());
}
