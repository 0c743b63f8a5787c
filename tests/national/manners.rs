//! The lab and the prober have one author: what a mail server of the lab does was confirmed once by
//! a program of other people, and what that said is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::lab::national::manners::MANNERS;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/manners"))
}

#[test]
fn every_manner_was_confirmed_by_a_foreign_tool() {
    for manner in MANNERS {
        let path = folder().join(format!("{}.txt", manner.name));
        let transcript = fs::read_to_string(&path).unwrap_or_else(|err| {
            panic!("{}: {err}; run scripts/evidence manners", path.display())
        });
        let (tool, word) = manner.confirmed;
        assert!(
            transcript.contains(word),
            "{}: {tool:?} does not say {word:?}",
            manner.name
        );
    }
}

#[test]
fn no_transcript_is_left_of_a_manner_that_is_gone() {
    let names: BTreeSet<String> = MANNERS
        .iter()
        .map(|manner| format!("{}.txt", manner.name))
        .collect();
    let files = fs::read_dir(folder()).expect("transcripts").map(|entry| {
        let name = entry.expect("a transcript").file_name();
        name.into_string().expect("a name")
    });
    assert_eq!(files.collect::<BTreeSet<_>>(), names);
}
