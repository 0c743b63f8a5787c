//! What other people's parsers read and what we read are the same, but for the differences that
//! docs/differences.md explains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

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
    /// Records that show a difference, by class.
    classes: BTreeMap<&'static str, Vec<String>>,
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
                let text = format!("{:?}", String::from_utf8_lossy(&record.bytes));
                outcome.classes.entry(name).or_default().push(text);
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
        value.map_or_else(
            || format!("{} {:?}", reading.valid, reading.why),
            ToString::to_string,
        )
    };
    let looks = format!(
        "{} {} {field} {}",
        peer.name(),
        record.kind.name(),
        ours.why
    );
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
    let records: Vec<_> = records
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let outcome = compare(&records);
    let mut text = String::new();
    for (looks, words) in &outcome.unexplained {
        writeln!(text, "{looks}: {}", words.len()).expect("a string");
        for words in words.iter().take(6) {
            writeln!(text, "  {words}").expect("a string");
        }
    }
    assert!(
        outcome.unexplained.is_empty(),
        "differences without a class:\n{text}"
    );
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
        println!("{count:>5} records read by {peer}, too");
    }
    for (name, ..) in names() {
        let records = outcome
            .classes
            .get(name)
            .map_or(&[] as &[String], Vec::as_slice);
        let shortest = records.iter().min_by_key(|text| text.len());
        let shortest = shortest.map_or("", String::as_str);
        println!("{name:<34} {:>5}  {shortest}", records.len());
    }
    let shown = |name: &&str| outcome.classes.contains_key(name);
    let missing: Vec<_> = names()
        .map(|(name, ..)| name)
        .filter(|name| !shown(name))
        .collect();
    assert!(missing.is_empty(), "no record shows {missing:?}");
}

/// The record of each section of docs/differences.md, which are those of the classes.
fn documented() -> BTreeMap<&'static str, Record> {
    let mut sections: BTreeMap<_, _> = suites::documented().into_iter().collect();
    let mut documented = BTreeMap::new();
    for (name, _, kind) in names() {
        let bytes = sections.remove(name);
        let bytes = bytes.unwrap_or_else(|| panic!("docs/differences.md has no section {name}"));
        documented.insert(name, Record { kind, bytes });
    }
    assert!(
        sections.is_empty(),
        "docs/differences.md: no class {:?}",
        sections.keys()
    );
    documented
}

#[test]
fn the_record_of_every_section_shows_its_difference() {
    let documented = documented();
    for (peer, _) in PEERS {
        let own = || names().filter(|(_, one, _)| one == peer);
        let records: Vec<_> = own().map(|(name, ..)| documented[name].clone()).collect();
        for (((name, ..), record), theirs) in own().zip(&records).zip(peer.read(&records)) {
            println!("{name}");
            let (ours, theirs) = (ours(record), theirs.expect("a reading"));
            let field = field(&ours, &theirs);
            let difference = Difference {
                record,
                peer: *peer,
                ours: &ours,
                theirs: &theirs,
                field: field.unwrap_or_else(|| panic!("{name} shows no difference")),
            };
            assert_eq!(class(&difference), Some(name));
        }
    }
}
