//! Records that stand in the tests of other people: tests/data/records, and any file that is named by
//! `MAILCENSUS_RECORDS`; and those that docs/differences.md shows.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reading::{Kind, Record};

/// Files of tests/data/records and what `MAILCENSUS_RECORDS` names, sorted.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records");
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    files.extend(env::var_os("MAILCENSUS_RECORDS").map(PathBuf::from));
    files
}

/// Every record of them.
pub fn records() -> Vec<Record> {
    let lines = files().into_iter().flat_map(|file| {
        let text =
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        text.lines().map(record).collect::<Vec<_>>()
    });
    lines.collect()
}

fn record(line: &str) -> Record {
    let line: Value = serde_json::from_str(line).expect("JSON");
    Record {
        kind: Kind::named(line["kind"].as_str().expect("a kind")),
        bytes: bytes(&line["record"]),
    }
}

/// Bytes of a text of which each character is one.
fn bytes(text: &Value) -> Vec<u8> {
    let characters = text.as_str().expect("a text").chars();
    let bytes = characters.map(|one| u8::try_from(u32::from(one)).expect("a byte"));
    bytes.collect()
}

/// Every section of docs/differences.md that explains a difference: its heading, and its record.
pub fn documented() -> Vec<(String, Vec<u8>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/differences.md");
    let text = fs::read_to_string(path).expect("docs/differences.md");
    let sections = text.split("\n### ").skip(1).map(|section| {
        let mut lines = section.lines();
        let heading = lines.next().expect("a heading").to_owned();
        let record = lines.find_map(|line| line.strip_prefix("Record: `")?.strip_suffix('`'));
        let record = record.unwrap_or_else(|| panic!("{heading} has no record"));
        (heading, bytes(&serde_json::from_str(record).expect("JSON")))
    });
    sections.collect()
}
