//! Corpora of the fuzz targets, through the functions that the targets call.

use std::fs;
use std::path::{Path, PathBuf};

use super::invariants;
use crate::hello::invariants as hello;
use crate::ports;
use crate::smtp::invariants as smtp;

/// Bytes that fit into the data of a DNS record (RFC 1035 3.2.1).
const LONGEST: usize = 65_535;

/// A target of fuzz/ and what it calls.
type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("bimi", invariants::bimi),
    ("caa", invariants::caa),
    ("dkim", invariants::dkim),
    ("dmarc", invariants::dmarc),
    ("hsts", invariants::hsts),
    ("imap_reply", ports::invariants::imap_reply),
    ("mta_sts", invariants::mta_sts),
    ("mta_sts_policy", invariants::mta_sts_policy),
    ("pop3_reply", ports::invariants::pop3_reply),
    ("smtp_reply", smtp::smtp_reply),
    ("spf", invariants::spf),
    ("tls_rpt", invariants::tls_rpt),
    ("tls_server_flight", hello::tls_server_flight),
    ("tlsa", invariants::tlsa),
];

/// Names in a folder of fuzz/, sorted.
fn names(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let known: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    let stem = |path: &PathBuf| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    for folder in ["corpus", "fuzz_targets"] {
        let found: Vec<_> = names(folder).iter().map(stem).collect();
        assert_eq!(found, known, "fuzz/{folder}");
    }
}

#[test]
fn every_input_of_the_corpora_keeps_what_holds() {
    for (name, target) in TARGETS {
        let inputs = names(&format!("corpus/{name}"));
        assert!(inputs.len() >= 10, "{name}: {} inputs", inputs.len());
        let mut all = Vec::new();
        for input in inputs {
            println!("{}", input.display());
            let bytes = fs::read(&input).expect("an input");
            target(&bytes);
            all.extend(bytes);
        }
        // As long as a TXT record can be.
        let long: Vec<u8> = all.into_iter().cycle().take(LONGEST).collect();
        target(&long);
    }
}
