//! Programs of other people see the same: BIND's delv about every answer; Postfix is in `postfix`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mailcensus::table::codes::{Outcome, Security};
use mailcensus::table::rows::{DomainRow, HostRow};

use super::lab::lab;
use super::program::{rows, run_within};
use super::shared::shared;

/// Programs at a time.
const AT_A_TIME: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);

/// Does something for each item, some at a time; what it says comes in the order of the items.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Cheap to find again: the address of the item tells its place.
                    let place = std::ptr::from_ref(item) as usize;
                    let result = work(item);
                    results
                        .lock()
                        .expect("nobody panicked")
                        .push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("nobody panicked");
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Runs a tool of the lab; both its outputs.
pub fn tool(name: &str, args: &[&str]) -> String {
    let program = lab().tool(name);
    let ran = run_within(lab().inside(Path::new(&program)).args(args), PATIENCE);
    ran.stdout + &ran.stderr
}

/// What delv makes of a question: the words that our columns use.
fn delv(name: &str, kind: &str) -> &'static str {
    let text = tool("delv", &[&format!("{name}."), kind]);
    let says = |words: &str| text.contains(words);
    if says("; unsigned answer") || says("; negative response, unsigned") {
        "insecure"
    } else if says("fully validated") {
        "secure"
    } else if says("broken trust chain")
        || says("insecurity proof failed")
        || says("no valid signature")
    {
        "bogus"
    } else if says("resolution failed") {
        "failed"
    } else {
        panic!("delv {name} {kind}: {text}")
    }
}

/// The same word for our columns.
fn ours(outcome: Outcome, security: Security) -> &'static str {
    match outcome {
        Outcome::Failed => "failed",
        _ => security.as_str(),
    }
}

#[test]
fn delv_validates_what_we_found_validated() {
    let out = &shared().out;
    let mut questions = Vec::new();
    for row in rows::<DomainRow>(out) {
        questions.push((row.domain, "MX", ours(row.mx.outcome, row.mx.security)));
    }
    let mut unasked = 0;
    for row in rows::<HostRow>(out) {
        questions.push((row.host.clone(), "A", ours(row.a.outcome, row.a.security)));
        questions.push((
            row.host.clone(),
            "AAAA",
            ours(row.aaaa.outcome, row.aaaa.security),
        ));
        match (row.tlsa.outcome, &row.tlsa.base) {
            (Outcome::NotAttempted, _) | (_, None) => unasked += 1,
            (outcome, Some(base)) => {
                let name = format!("_25._tcp.{base}");
                questions.push((name, "TLSA", ours(outcome, row.tlsa.security)));
            }
        }
    }
    let words = each(&questions, |(name, kind, _)| delv(name, kind));
    let mut table: BTreeMap<_, usize> = BTreeMap::new();
    let mut different = Vec::new();
    for ((name, kind, ours), delv) in questions.iter().zip(words) {
        *table.entry((*kind, *ours, delv)).or_default() += 1;
        if *ours != delv {
            different.push(format!("{name} {kind}: we say {ours}, delv {delv}"));
        }
    }
    println!("question  mailcensus  delv       answers");
    for ((kind, ours, delv), count) in table {
        println!("{kind:<8}  {ours:<10}  {delv:<9}  {count:>8}");
    }
    println!("{unasked} hosts without an address were not asked for TLSA");
    assert!(different.is_empty(), "{different:#?}");
}
