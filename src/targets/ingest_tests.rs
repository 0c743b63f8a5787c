//! Tests of ingesting: what becomes of every line, and which domains are taken.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::order::BUCKETS;

fn order() -> Order {
    Order::new(7)
}

fn lists(folder: &TempDir, texts: &[&[u8]]) -> Vec<PathBuf> {
    let write = |(at, text): (usize, &&[u8])| {
        let path = folder.path().join(format!("list{at}.txt"));
        fs::write(&path, text).unwrap();
        path
    };
    texts.iter().enumerate().map(write).collect()
}

fn of(lists: &[PathBuf]) -> Input {
    Input {
        lists: lists.to_vec(),
        ..Input::default()
    }
}

/// P1: every line is one thing.
fn assert_adds_up(counts: &Counts) {
    let parts = [
        counts.blank,
        counts.comments,
        counts.others,
        counts.rejects,
        counts.duplicates,
        counts.left_out,
        counts.domains,
    ];
    assert_eq!(counts.lines, parts.iter().sum::<u64>(), "{counts:?}");
}

/// What is known of every domain that is taken.
fn facts(spool: &Spool) -> BTreeMap<String, Facts> {
    let entries = (0..BUCKETS).flat_map(|bucket| spool.bucket(bucket).unwrap());
    entries
        .map(|entry| (entry.key, Facts::of(&entry.payload).unwrap()))
        .collect()
}

fn taken(input: &Input, take: Take) -> (BTreeMap<String, Facts>, Counts) {
    let dir = TempDir::new().unwrap();
    let input = Input {
        take,
        ..input.clone()
    };
    let done = ingest(&input, dir.path(), order()).unwrap();
    assert!(
        !dir.path().join(WHOLE).exists(),
        "what was left out is gone"
    );
    assert_adds_up(&done.counts());
    (facts(&done.spool), done.counts())
}

fn domains(spool: &Spool) -> Vec<(String, u64)> {
    let entries = (0..BUCKETS).flat_map(|bucket| spool.bucket(bucket).unwrap());
    let mut domains: Vec<_> = entries.map(|entry| (entry.key, entry.count)).collect();
    domains.sort();
    domains
}

#[test]
fn every_line_is_accounted_for() {
    let folder = TempDir::new().unwrap();
    let first = "\u{feff}# zone\r\nA.cz\r\n\r\nb.cz\r\nháčky.cz.\r\nno domain\r\na.CZ\r\n";
    let second = "B.cz.\nxn--HKY-ela4t.cz\nc.cz # new\n192.0.2.1\n\na.cz";
    let paths = lists(&folder, &[first.as_bytes(), second.as_bytes()]);
    let dir = folder.path().join("survey");
    let done = ingest(&of(&paths), &dir, order()).unwrap();

    let expected = [
        ("a.cz", 3),
        ("b.cz", 2),
        ("c.cz", 1),
        ("xn--hky-ela4t.cz", 2),
    ];
    assert_eq!(
        domains(&done.spool),
        expected.map(|(name, count)| (name.to_owned(), count))
    );
    assert_eq!(done.counts().duplicates, 4);
    assert_adds_up(&done.counts());
    assert_eq!(done.counts().lines, 13);
    assert!(done.lists[1].unterminated && !done.lists[0].unterminated);

    let csv = fs::read_to_string(dir.join(rejects::FILE)).unwrap();
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.contains(",6,bad_character,\"no domain\"\n"));
    assert!(csv.contains(",4,ip_address,\"192.0.2.1\"\n"));
}

#[test]
fn an_archive_that_is_cut_off_leaves_nothing_to_resume_and_a_rerun_starts_over() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("survey");
    let paths = lists(
        &folder,
        &[b"a.cz\nstale.cz\nbad name\n", b"\x1f\x8b\x08\0\0\0\0\0"],
    );
    let result = ingest(&of(&paths), &dir, order());
    assert!(matches!(result, Err(Error::Input { .. })), "{result:?}");
    assert!(Spool::open(&dir.join(SPOOL), order()).unwrap().is_none());

    let paths = lists(&folder, &[b"a.cz\n", b"b.cz\n"]);
    let done = ingest(&of(&paths), &dir, order()).unwrap();
    assert_eq!(
        domains(&done.spool),
        [("a.cz".to_owned(), 1), ("b.cz".to_owned(), 1)]
    );
    let csv = fs::read_to_string(dir.join(rejects::FILE)).unwrap();
    assert_eq!(csv, "list,line,reason,text\n");
    let opened = Spool::open(&dir.join(SPOOL), order()).unwrap().unwrap();
    assert_eq!(opened.keys(), 2);
}

#[test]
fn no_list_is_an_error_of_usage() {
    let folder = TempDir::new().unwrap();
    assert!(matches!(
        ingest(&Input::default(), folder.path(), order()),
        Err(Error::Usage(_))
    ));
}

#[test]
fn lists_of_ranks_and_of_tags_are_put_together() {
    let folder = TempDir::new().unwrap();
    let zone = "cz. IN SOA a. b. 1 2 3 4 5\na.cz. NS ns.cz.\nb.cz. NS ns.cz.\n";
    let tags = "domain,tld,weight,mx,city\nb.cz,com,7,none,Brno\na.cz,,,,\nb.cz,org,,,Praha\n";
    let paths = lists(
        &folder,
        &[
            zone.as_bytes(),
            b"3,A.cz\n9,c.cz\n4,a.cz\n",
            tags.as_bytes(),
        ],
    );
    let (facts, counts) = taken(&of(&paths), Take::All);
    assert_eq!((counts.lines, counts.others, counts.duplicates), (10, 2, 5));
    let rank = |name: &str| facts[name].rank;
    assert_eq!(
        (rank("a.cz"), rank("b.cz"), rank("c.cz")),
        (Some(3), None, Some(9))
    );
    // Tags may be named like our columns: they live apart.
    let told = [
        ("city", "Brno"),
        ("mx", "none"),
        ("tld", "com"),
        ("weight", "7"),
    ];
    let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(facts["b.cz"].tags, BTreeMap::from(told));
    assert!((facts["b.cz"].weight - 1.0).abs() < f64::EPSILON);
    assert!(facts["a.cz"].tags.is_empty());
}

#[test]
fn shards_of_one_seed_hold_every_domain_once() {
    let folder = TempDir::new().unwrap();
    let text: String = (0..2_000).map(|n| format!("d{n}.cz\n")).collect();
    let input = of(&lists(&folder, &[text.as_bytes()]));
    let mut seen = BTreeMap::new();
    for number in 1..=7 {
        let shard: Shard = format!("{number}/7").parse().unwrap();
        let (facts, counts) = taken(&input, Take::Shard(shard));
        assert_eq!(counts.left_out, 2_000 - facts.len() as u64);
        assert!(facts.len() > 200, "shards are about even");
        for (domain, facts) in facts {
            assert_eq!(facts, Facts::default());
            assert_eq!(seen.insert(domain, number), None);
        }
    }
    assert_eq!(seen.len(), 2_000);
}

fn sample(whole: &Spool, size: u64, by: &str) -> BTreeMap<String, Facts> {
    let dir = TempDir::new().unwrap();
    let by = by.parse().unwrap();
    let sample = Sample { size, by };
    let spool = selection::sample(whole, &sample, &dir.path().join("s"), order()).unwrap();
    facts(&spool)
}

/// Sizes and sums of weights by stratum.
fn strata(facts: &BTreeMap<String, Facts>) -> BTreeMap<String, (u64, f64)> {
    let mut strata = BTreeMap::new();
    for facts in facts.values() {
        let stratum = facts.stratum.clone().expect("a stratum");
        let (size, weight) = strata.entry(stratum).or_insert((0, 0.0));
        *size += 1;
        *weight += facts.weight;
    }
    strata
}

fn mixed(folder: &TempDir) -> Input {
    let row = |n: u32| {
        let tld = ["cz", "cz", "cz", "sk", "de"][n as usize % 5];
        let sector = if n.is_multiple_of(50) { "bank" } else { "" };
        format!("{n},{sector},d{n}.{tld}\n")
    };
    let rows: String = (1..=3_000).map(row).collect();
    let text = format!("rank,sector,domain\n{rows}7,,single.eu\n");
    of(&lists(folder, &[text.as_bytes()]))
}

fn whole(folder: &TempDir) -> Spool {
    let dir = folder.path().join("whole");
    ingest(&mixed(folder), &dir, order()).unwrap().spool
}

#[test]
fn weights_sum_to_the_size_of_each_stratum() {
    let folder = TempDir::new().unwrap();
    let whole = whole(&folder);
    let cases: [(&str, &[(&str, u64)]); 3] = [
        ("tld", &[("cz", 1_800), ("de", 600), ("eu", 1), ("sk", 600)]),
        ("rank", &[("1-1000", 1_001), ("1001-10000", 2_000)]),
        ("tag:sector", &[("bank", 60), ("none", 2_941)]),
    ];
    for (by, sizes) in cases {
        let drawn = sample(&whole, 100, by);
        assert_eq!(drawn.len(), 100);
        let strata = strata(&drawn);
        assert!(strata.keys().eq(sizes.iter().map(|(name, _)| name)));
        for (name, size) in sizes {
            let (drawn, weight) = strata[*name];
            assert!(
                (weight - *size as f64).abs() < 1e-6,
                "{by} {name}: {weight}"
            );
            let share = *size as f64 * 100.0 / 3_001.0;
            assert!(
                (drawn as f64 - share).abs() < 2.0,
                "{by} {name}: {drawn} of {share}"
            );
        }
        assert_eq!(
            sample(&whole, 100, by),
            drawn,
            "the same seed, the same sample"
        );
    }
}

#[test]
fn a_larger_sample_holds_the_smaller_one_and_the_whole_list_has_no_weights() {
    let folder = TempDir::new().unwrap();
    let whole = whole(&folder);
    let mut before = sample(&whole, 4, "tld");
    for size in [5, 7, 8, 9, 50, 51, 500] {
        let now = sample(&whole, size, "tld");
        assert_eq!(now.len() as u64, size);
        assert!(
            before.keys().all(|domain| now.contains_key(domain)),
            "{size}"
        );
        before = now;
    }
    let all = sample(&whole, 3_002, "tld");
    assert_eq!(all.len(), 3_001);
    assert!(
        all.values()
            .all(|facts| (facts.weight - 1.0).abs() < f64::EPSILON)
    );
    assert!(all.values().all(|facts| facts.stratum.is_some()));
}

#[test]
fn what_was_not_drawn_is_counted() {
    let folder = TempDir::new().unwrap();
    let by = Stratify::Tld;
    let take = Take::Sample(Sample { size: 10, by });
    let (drawn, counts) = taken(&mixed(&folder), take);
    assert_eq!((drawn.len(), counts.left_out), (10, 2_991));
}

#[test]
fn a_sample_that_cannot_be_drawn_is_refused() {
    let folder = TempDir::new().unwrap();
    let input = mixed(&folder);
    let refused = |input: &Input, size, by: &str| {
        let by = by.parse().unwrap();
        let take = Take::Sample(Sample { size, by });
        let input = Input {
            take,
            ..input.clone()
        };
        let dir = TempDir::new().unwrap();
        ingest(&input, dir.path(), order()).unwrap_err().to_string()
    };
    assert!(refused(&input, 3, "tld").contains("more strata than that"));
    assert!(refused(&input, 100, "tag:Sector").contains("no domain has that"));
    let plain = of(&lists(&folder, &[b"a.cz\nb.cz\n"]));
    assert!(refused(&plain, 1, "rank").contains("no domain has that"));
}

/// A line of a list as somebody may write it, good or bad.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]\\.cz",
        1 => "[1-9],[a-c]\\.cz",
        2 => "[a-c] ([0-9]{1,3} )?(IN )?(NS|A|DS|SOA) [a-z(]{1,3}",
        1 => "\"?[a-c]\\.cz\"?[,;\t](\"[a-z\n]{0,3}\"|[0-9a-z]{0,2})",
        1 => "(# |; )?[a-z ]{0,6}",
        1 => "[\"(),;\\\\$@ a-c.\t]{0,8}",
        1 => "\\$(ORIGIN|TTL|X) (cz\\.|1h|a)",
    ]
}

proptest! {
    #[test]
    fn no_line_of_any_format_is_lost(
        header in prop::sample::select(vec!["", "a.cz\n", "domain,x\n", "x;Domain\n", "1,a.cz\n", "$ORIGIN cz.\n"]),
        lines in prop::collection::vec(line(), 0..40),
        end in prop::sample::select(vec!["", "\n", "\r\n"]),
        format in prop::sample::select(vec![Format::Auto, Format::Plain, Format::Csv, Format::Tranco, Format::Zone]),
    ) {
        let folder = TempDir::new().unwrap();
        let text = format!("{header}{}{end}", lines.join("\n"));
        let paths = lists(&folder, &[text.as_bytes()]);
        let mut rejects = 0;
        let mut names = 0;
        let read = list::read(&paths[0], format, |found| {
            match found {
                Found::Name(..) => names += 1,
                Found::Reject { .. } => rejects += 1,
            }
            Ok(())
        });
        let Ok(read) = read else { return Ok(()) };
        prop_assert_eq!((read.names, read.rejects), (names, rejects));
        let parts = read.blank + read.comments + read.others + read.rejects + read.names;
        prop_assert_eq!(read.lines, parts);
        // Where no record goes over several lines, lines are lines.
        let of_one_line = !text.contains(['"', '(']);
        if of_one_line || matches!(read.format.as_str(), "plain" | "tranco") {
            prop_assert_eq!(read.lines, text.lines().count() as u64);
        }
        let input = Input { format, ..of(&paths) };
        let done = ingest(&input, folder.path(), order()).unwrap();
        assert_adds_up(&done.counts());
    }
}
