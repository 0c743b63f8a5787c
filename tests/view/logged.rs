//! `survey.log`: what happened, one line an event.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::real::lab::lab;
use crate::real::program::{bare_survey, run};
use crate::real::shared::shared;
use crate::real::victim::Victim;

/// The events of a survey: kind and words. Every line has to begin with its time.
pub fn events(out: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(out.join("survey.log")).expect("a log");
    assert!(text.ends_with('\n'), "{text}");
    let mut last = String::new();
    let event = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (time, kind) = (words.next().expect("a time"), words.next().expect("a kind"));
        // 2026-11-23T02:27:57.982Z
        assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
        assert!(*time >= *last, "{line} after {last}");
        last = time.to_owned();
        (kind.to_owned(), words.next().unwrap_or_default().to_owned())
    };
    text.lines().map(event).collect()
}

#[test]
fn a_survey_leaves_its_story() {
    let out = &shared().out;
    let events = events(out);
    let said = |kind: &str, words: &str| {
        let found = events
            .iter()
            .position(|event| event.0 == kind && event.1.contains(words));
        found.unwrap_or_else(|| panic!("no {kind} {words} in {events:#?}"))
    };
    let road = [
        said("start", "mailcensus 0.1.0, survey "),
        said("note", " lines: 81 domains"),
        said("list", "SHA-256"),
        said("stage", "dns begins: 81 domains, 0 of them done"),
        said("note", "dns: asking once more about "),
        said("stage", "dns ends: 81 of 81 domains after "),
        said("stage", "hosts begins: "),
        said("stage", "hosts ends: "),
        said("stage", "probe begins: "),
        said("stage", "probe ends: "),
        said("stage", "verdict ends"),
        said("end", "complete"),
    ];
    assert!(road.is_sorted(), "{road:?} in {events:#?}");
    // What the screen was told is there, too.
    for line in shared().ran.stderr.lines() {
        if let Some(note) = line.strip_prefix("mailcensus: ") {
            said("note", note);
        }
    }
}

#[test]
fn an_interruption_a_resume_and_an_error_are_told() {
    let out = lab().scratch("logged").join("out");
    let command = || {
        let mut command = bare_survey(&lab().list(), &out);
        command.args(["--dns-rate", "100", "--stage", "dns"]);
        command
    };
    let resolver = ["--resolver", lab().env("RESOLVER")];
    let mut first = Victim::start(command().args(resolver), &out, 0);
    assert!(first.wait_until(|out| out.join("spool/retry-dns.jsonl").exists()));
    first.signal("-INT");
    assert_eq!(first.end_within(Duration::from_secs(10)), Some(3));
    run(command().args(["--resolver", "127.0.0.1:9"])).expect(2);
    run(command().args(resolver)).expect(0);
    let events = events(&out);
    let kinds: Vec<_> = events.iter().map(|event| event.0.as_str()).collect();
    let ends: Vec<_> = events
        .iter()
        .filter(|event| ["start", "resume", "stop", "end", "error"].contains(&event.0.as_str()))
        .map(|event| event.0.as_str())
        .collect();
    assert_eq!(
        ends,
        ["start", "stop", "end", "resume", "error", "resume", "end"],
        "{kinds:?}"
    );
    let broken = |event: &&(String, String)| event.1.starts_with("dns is broken off: ");
    assert_eq!(events.iter().filter(broken).count(), 1, "{events:#?}");
    let error = events.iter().find(|event| event.0 == "error").expect("one");
    assert!(error.1.contains("nobody listens there"), "{}", error.1);
    assert_eq!(
        events.last().map(|event| event.1.as_str()),
        Some("complete")
    );
}
