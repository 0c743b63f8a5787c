//! What other people's parsers read and what we read are the same, but for the differences that
//! docs/differences.md explains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use super::classes::{Difference, class, names};
use super::peers::PEERS;
use super::reading::{Reading, Record, ours};
use super::{generate, suites};

/// The records are those of this seed.
const SEED: u64 = 7208;

/// What came of a comparison.
#[derive(Default)]
struct Outcome {
    /// Readings that were compared, by peer.
    compared: BTreeMap<&'static str, usize>,
    /// Differences by class.
    classes: BTreeMap<&'static str, usize>,
    /// Differences without one, by what they look like.
    unexplained: BTreeMap<String, Vec<String>>,
}

fn compare(records: &[Record]) -> Outcome {
    let mut outcome = Outcome::default();
    let own: Vec<_> = records.iter().map(ours).collect();
    for (peer, name) in PEERS {
        let readings = peer.read(records);
        for ((record, ours), theirs) in records.iter().zip(&own).zip(&readings) {
            let Some(theirs) = theirs else { continue };
            *outcome.compared.entry(name).or_default() += 1;
            let Some(field) = field(ours, theirs) else {
                continue;
            };
            let difference = Difference {
                record,
                peer: *peer,
                ours,
                theirs,
                field,
            };
            if let Some(name) = class(&difference) {
                *outcome.classes.entry(name).or_default() += 1;
            } else {
                let (looks, words) = described(&difference);
                outcome.unexplained.entry(looks).or_default().push(words);
            }
        }
    }
    outcome
}

/// The first thing that is not the same.
fn field(ours: &Reading, theirs: &Reading) -> Option<String> {
    if ours.valid != theirs.valid {
        return Some("valid".to_owned());
    }
    let mut facts = theirs.facts.iter().filter(|_| ours.valid);
    let differs = facts.find(|(name, value)| ours.facts.get(*name) != Some(value));
    differs.map(|(name, _)| name.clone())
}

fn described(difference: &Difference<'_>) -> (String, String) {
    let Difference {
        record,
        peer,
        ours,
        theirs,
        field,
    } = difference;
    let reason = |reading: &Reading| {
        let value = reading.facts.get(field);
        value.map_or_else(|| format!("{} {:?}", reading.valid, reading.why), ToString::to_string)
    };
    let looks = format!("{} {} {field} {}", peer.name(), record.kind.name(), ours.why);
    let text = String::from_utf8_lossy(&record.bytes);
    let words = format!(
        "{text:?}\n    ours {} {:?}, theirs {}",
        reason(ours),
        ours.findings,
        reason(theirs)
    );
    (looks, words)
}

/// Compares generated records and those of the suites, and fails where a difference has no class.
fn run(count: usize) -> Outcome {
    let mut records = generate::records(SEED, count);
    records.extend(suites::records());
    let records: Vec<_> = records.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let outcome = compare(&records);
    let mut text = String::new();
    for (looks, words) in &outcome.unexplained {
        writeln!(text, "{looks}: {}", words.len()).expect("a string");
        for words in words.iter().take(6) {
            writeln!(text, "  {words}").expect("a string");
        }
    }
    assert!(outcome.unexplained.is_empty(), "differences without a class:\n{text}");
    for (peer, count) in &outcome.compared {
        assert!(*count > 0, "{peer} read nothing");
    }
    outcome
}

#[test]
fn what_peers_read_differs_only_where_the_documentation_says() {
    run(500);
}

#[test]
#[ignore = "scripts/evidence records"]
fn five_thousand_records_show_every_difference_of_the_documentation() {
    let outcome = run(5000);
    for (peer, count) in &outcome.compared {
        println!("{peer}: {count} readings compared");
    }
    for name in names() {
        let count = outcome.classes.get(name).copied().unwrap_or_default();
        println!("{name:<40} {count:>5}");
    }
    let missing: Vec<_> = names().filter(|name| !outcome.classes.contains_key(name)).collect();
    assert!(missing.is_empty(), "no record shows {missing:?}");
}

#[test]
fn every_class_is_explained_and_every_explanation_has_a_class() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/differences.md");
    let text = fs::read_to_string(path).expect("docs/differences.md");
    let explained: BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let known: BTreeSet<_> = names().collect();
    assert_eq!(explained, known);
}
