//! What is surveyed: lists in their formats, samples, shards, and what failed before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mailcensus::table::codes::{CheckResult, Existence, Outcome};
use mailcensus::table::rows::{CheckId, DomainRow, VerdictRow};

use super::lab::lab;
use super::program::{
    assert_nothing_lost, bare_survey, fast_survey, keyed, manifest, run, run_within, survey,
    survey_of, survey_outside,
};
use super::refusals::refused;
use super::shared::{alone, shared};

fn file(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).expect("writes");
    path
}

fn domains(out: &Path) -> BTreeMap<String, DomainRow> {
    keyed(out, |row: &DomainRow| row.domain.clone())
}

fn verdicts(out: &Path) -> BTreeMap<String, VerdictRow> {
    keyed(out, |row: &VerdictRow| row.domain.clone())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("packs");
    gzip.finish().expect("packs")
}

#[test]
fn lists_that_cannot_be_used_are_refused_before_anything_is_sent() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    let rows: String = (0..5_000).map(|n| format!("{n},d{n}.cz\n")).collect();
    let csv = format!("rank,domain\n{rows}");
    let records: String = (0..5_000).map(|n| format!("d{n} NS ns\n")).collect();
    let zone = format!("$ORIGIN cz.\n{records}");
    let packed = zstd::encode_all(zone.as_bytes(), 3).expect("packs");
    let cases: [(&str, Vec<u8>, &str); 7] = [
        (
            "tail.csv.gz",
            [gzip(&csv), b"<html>".to_vec()].concat(),
            "something that is not gzip follows its end",
        ),
        (
            "cut.csv.gz",
            gzip(&csv)[..9_000].to_vec(),
            "the gzip stream ends early; fetch the list again",
        ),
        (
            "cut.zone.zst",
            packed[..packed.len() - 3].to_vec(),
            "the zstd stream ends early; fetch the list again",
        ),
        (
            "include.zone",
            format!("{zone}$INCLUDE more.zone\n").into(),
            "line 5002 has $INCLUDE",
        ),
        (
            "twice.csv",
            b"domain,city,City\na.cz,,\n".to_vec(),
            "the column City twice in its header; rename one",
        ),
        (
            "unnamed.csv",
            b"domain,,city\na.cz,,\n".to_vec(),
            "no name for column 2 in its header; give it one",
        ),
        (
            "nothing.zone",
            b"$ORIGIN cz.\n@ NS ns\n".to_vec(),
            "has no domain; give a zone with delegations",
        ),
    ];
    for (name, bytes, words) in cases {
        let list = file(dir, name, bytes);
        let out = dir.join(format!("out-{name}"));
        refused(&mut survey_outside(&list, &out), &[name, words]);
    }
    let list = file(dir, "plain.txt", "a.cz\n");
    let mut forced = survey_outside(&list, &dir.join("out"));
    refused(
        forced.args(["--list-format", "csv"]),
        &["plain.txt", "no column domain in its header"],
    );
}

#[test]
fn settings_of_the_input_that_do_not_go_together() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = file(dir.path(), "list.txt", "a.cz\nb.sk\n");
    let out = dir.path().join("out");
    let cases: [(&[&str], &str); 6] = [
        (&["--shard", "1/4"], "shards of different seeds overlap"),
        (
            &["--shard", "1/4", "--seed", "7", "--sample", "2"],
            "survey the sample on one machine",
        ),
        (&["--stratify", "rank"], "say how many with --sample N"),
        (&["--only-failed", "older"], "leave LIST and --list-format"),
        (&["--sample", "1"], "there are more strata than that"),
        (
            &["--sample", "2", "--stratify", "tag:sector"],
            "no domain has that",
        ),
    ];
    for (flags, words) in cases {
        refused(survey_outside(&list, &out).args(flags), &[words]);
    }
    let mut nowhere = fast_survey(&out);
    refused(
        nowhere.arg("--only-failed").arg(dir.path()),
        &["holds no survey; give the directory of a finished one"],
    );
}

#[test]
fn what_the_lists_say_and_the_weights_of_a_sample_are_in_the_tables() {
    let dir = lab().scratch("sample");
    let every: Vec<_> = lab().truth().into_iter().map(|row| row.domain).collect();
    let ranks = every.iter().zip(1..).map(|(d, n)| format!("{n},{d}\n"));
    let ranks = file(&dir, "ranks.csv", ranks.collect::<String>());
    let tags = every.iter().map(|d| format!("{d};\"{}\";x\r\n", &d[..1]));
    let tags = format!("Domain;first;mx\r\n{}", tags.collect::<String>());
    let tags = file(&dir, "tags.csv.gz", gzip(&tags));
    let out = dir.join("out");
    let command = || {
        let mut command = survey_of(&ranks, &out);
        command.arg(&tags).args(["--sample", "20", "--seed", "5"]);
        command
    };
    let guard = alone();
    run(&mut command()).expect(0);
    drop(guard);

    let rows = domains(&out);
    assert_eq!(rows.len(), 20);
    let mut strata: BTreeMap<&str, f64> = BTreeMap::new();
    for (domain, row) in &rows {
        let place = every.iter().position(|name| name == domain);
        let rank = place.map(|place| place as u32 + 1);
        assert_eq!(row.rank, rank, "{domain}");
        assert_eq!(row.tags["first"], domain[..1]);
        assert_eq!(row.tags["mx"], "x");
        assert_eq!(row.stratum.as_deref(), Some(row.tld.as_str()));
        *strata.entry(&row.tld).or_default() += row.weight;
        assert_eq!(
            verdicts(&out)[domain].weight.to_bits(),
            row.weight.to_bits()
        );
    }
    let tld = |name: &str| name.rsplit('.').next().map(str::to_owned);
    for (stratum, weight) in strata {
        let names = every
            .iter()
            .filter(|name| tld(name).as_deref() == Some(stratum));
        let size = names.count() as f64;
        assert!(
            (weight - size).abs() < 1e-9,
            "{stratum}: {weight} of {size}"
        );
    }
    assert_nothing_lost(&out, 20);
    let manifest = manifest(&out);
    assert_eq!(manifest["lists"][0]["format"], "tranco");
    assert_eq!(manifest["lists"][1]["format"], "csv");
    assert_eq!(manifest["lists"][1]["others"], 1);
    assert_eq!(manifest["configuration"]["sample"], 20);
    assert_eq!(manifest["configuration"]["stratify"], "tld");

    run(&mut command()).expect(0);
    let other = |flags: &[&str]| {
        let mut command = survey_of(&ranks, &out);
        command.arg(&tags).args(["--seed", "5"]).args(flags);
        command
    };
    for (flags, words) in [
        (&["--sample", "21"][..], "begun with --sample 20, not 21"),
        (&[], "begun with --sample 20"),
        (
            &["--sample", "20", "--stratify", "rank"],
            "begun with --stratify",
        ),
        (&["--shard", "1/2"], "begun with --sample 20"),
        (
            &["--sample", "20", "--list-format", "csv"],
            "begun with --list-format",
        ),
    ] {
        refused(&mut other(flags), &[words, "use the same again"]);
    }
}

#[test]
fn shards_share_a_list() {
    let dir = lab().scratch("shards");
    let mut seen = BTreeSet::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = dir.join(shard.replace('/', "-"));
        let mut command = survey(&out);
        command.args(["--seed", "9", "--shard", shard, "--stage", "dns"]);
        run(&mut command).expect(0);
        let rows = domains(&out);
        assert_nothing_lost(&out, rows.len());
        for (domain, row) in rows {
            assert!((row.weight - 1.0).abs() < f64::EPSILON && row.stratum.is_none());
            assert!(seen.insert(domain), "twice");
        }
    }
    let every: BTreeSet<_> = lab().truth().into_iter().map(|row| row.domain).collect();
    assert_eq!(seen, every);
}

/// The domains of a survey that failed anywhere, by its tables.
fn failures(out: &Path) -> BTreeSet<String> {
    let unknown = |row: &VerdictRow| {
        let mut findings = CheckId::ALL.iter().map(|check| row.finding(*check));
        findings
            .any(|finding| finding.result == CheckResult::Unknown && !finding.is_beyond_asking())
    };
    let lost = |row: &DomainRow| {
        let mut texts = row.policies().into_iter();
        row.existence == Existence::Failed
            || row.mx.outcome == Outcome::Failed
            || texts.any(|(outcome, _)| outcome == Outcome::Failed)
    };
    let lost = domains(out).into_values().filter(lost);
    let unknown = verdicts(out).into_values().filter(unknown);
    let names = lost.map(|row| row.domain);
    names.chain(unknown.map(|row| row.domain)).collect()
}

#[test]
fn what_failed_is_surveyed_again() {
    let older = &shared().out;
    let expected = failures(older);
    let all = lab().truth().len();
    assert!(!expected.is_empty() && expected.len() < all);
    let out = lab().scratch("again-failed").join("out");
    let command = || {
        let mut command = fast_survey(&out);
        command.arg("--only-failed").arg(older);
        command
    };
    let guard = alone();
    run(&mut command()).expect(0);
    drop(guard);
    let rows = domains(&out);
    assert!(rows.keys().eq(&expected), "{:?}", rows.keys());
    assert_nothing_lost(&out, expected.len());
    let ours = manifest(&out);
    assert_eq!(ours["only_failed"]["survey"], manifest(older)["survey"]);
    let path = older.display().to_string();
    assert_eq!(ours["only_failed"]["dir"], path.as_str());
    assert_eq!(ours["lists"].as_array().map(Vec::len), Some(0));
    assert_eq!(ours["counts"]["lines"], all);
    assert_eq!(ours["counts"]["left_out"], all - expected.len());

    run(&mut command()).expect(0);
    refused(&mut survey(&out), &["not with lists; use the same again"]);
    let mut other = fast_survey(&out);
    refused(
        other.arg("--only-failed").arg(&out),
        &["not with the failures"],
    );
}

/// A command that reads a file as its standard input.
fn fed(command: &Command, list: &Path) -> Command {
    let mut fed = Command::new("sh");
    fed.args(["-c", "list=$1; shift; exec \"$@\" < \"$list\"", "sh"]);
    fed.arg(list).arg(command.get_program());
    fed.args(command.get_args());
    fed
}

#[test]
fn a_list_on_standard_input_is_read_once_and_still_compared() {
    let dir = lab().scratch("stdin");
    let right = file(&dir, "right.txt", "signed.example\nbad name\n");
    let wrong = file(&dir, "wrong.txt", "other.example\n");
    let out = dir.join("out");
    let piped = |resolver: &str, flags: &[&str], list: &Path| {
        let mut command = bare_survey(Path::new("-"), &out);
        command.args(["--resolver", resolver]).args(flags);
        fed(&command, list)
    };
    let deaf = |list: &Path| piped("127.0.0.1:9", &[], list);
    let other = ["begun with another list on standard input"];
    refused(&mut deaf(&right), &["nobody listens there"]);
    refused(&mut deaf(&wrong), &other);
    let rejects = fs::read_to_string(out.join("rejects.csv")).expect("a file of rejects");

    // The same where the domains have to be read out of the list once more.
    let spool = out.join("spool");
    fs::remove_dir_all(&spool).expect("goes");
    refused(&mut deaf(&wrong), &other);
    let now = fs::read_to_string(out.join("rejects.csv")).expect("a file of rejects");
    assert_eq!(now, rejects);
    let names = |path: &Path| fs::read_dir(path).map_or(0, Iterator::count);
    assert_eq!(names(&spool), 0, "nothing of the other list is left");
    let resolver = lab().env("RESOLVER");
    run(&mut piped(resolver, &["--stage", "dns"], &right)).expect(0);
    assert!(domains(&out).keys().eq(["signed.example"]));
    assert_nothing_lost(&out, 1);

    let dry = |list: &Path| piped(resolver, &["--dry-run"], list);
    let plan = run(&mut dry(&right)).expect(0).stdout;
    assert!(plan.contains("2 lines: 1 domains"), "{plan}");
    refused(&mut dry(&wrong), &other);
}

#[test]
fn a_list_may_come_out_of_a_named_pipe() {
    let dir = tempfile::tempdir().expect("a directory");
    let pipe = dir.path().join("list");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, "a.cz\n".repeat(100_000))
    });
    let mut command = survey_outside(&pipe, &dir.path().join("out"));
    let ran = run_within(&mut command, Duration::from_secs(60)).expect(2);
    assert!(ran.stderr.contains("100,000 lines"), "{}", ran.stderr);
    assert!(ran.stderr.contains("nobody listens"), "{}", ran.stderr);
    writer.join().expect("ends").expect("every line was taken");
}
