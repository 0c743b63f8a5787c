//! Tests of the spool: order, folding, and what happens to a spool that is not whole.

use std::collections::BTreeMap;
use std::io::Write;

use tempfile::TempDir;

use super::*;

const ORDER: u64 = 42;

fn order() -> Order {
    Order::new(ORDER)
}

fn fill(dir: &Path, keys: impl IntoIterator<Item = (String, String)>) -> Spool {
    let mut writer = SpoolWriter::create(dir, order()).unwrap();
    for (key, payload) in keys {
        writer.push(&key, &payload).unwrap();
    }
    writer.finish().unwrap()
}

fn few(dir: &Path) -> Spool {
    fill(dir, (0..600).map(|n| (format!("k{n}.cz"), String::new())))
}

fn raw_files(dir: &Path) -> usize {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "raw"))
        .count()
}

fn refusal(dir: &Path, order: Order) -> String {
    match Spool::open(dir, order) {
        Err(err @ Error::Directory { .. }) => err.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hundred_thousand_names_come_back_in_hash_order_and_once() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("spool/domains");
    let key = |n: u64| format!("name{}.cz", n * 7_919 % 60_000);
    let mut expected: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for n in 0..100_000 {
        expected.entry(key(n)).or_insert((0, n.to_string())).0 += 1;
    }
    let written = fill(&dir, (0..100_000).map(|n| (key(n), n.to_string())));
    let opened = Spool::open(&dir, order()).unwrap().unwrap();
    for spool in [written, opened] {
        assert_eq!((spool.keys(), spool.entries()), (60_000, 100_000));
        let mut found = BTreeMap::new();
        let mut last = 0;
        for bucket in 0..BUCKETS {
            let entries = spool.bucket(bucket).unwrap();
            assert_eq!(entries.len() as u64, spool.keys_in(bucket));
            for Entry {
                key,
                count,
                payload,
            } in entries
            {
                let hash = order().hash(&key);
                assert!(hash >= last && Order::bucket(hash) == bucket);
                last = hash;
                assert!(found.insert(key, (count, payload)).is_none());
            }
        }
        assert_eq!(found, expected);
    }
    let left: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| *name == *INDEX || name.to_string_lossy().ends_with(".tsv"))
    );
}

#[test]
fn the_payload_may_be_empty_and_the_first_one_counts() {
    let folder = TempDir::new().unwrap();
    let pairs = [("a", ""), ("b", "x y"), ("a", "later"), ("b", "")];
    let spool = fill(
        &folder.path().join("s"),
        pairs.map(|(key, payload)| (key.into(), payload.into())),
    );
    let mut entries: Vec<Entry> = (0..BUCKETS)
        .flat_map(|bucket| spool.bucket(bucket).unwrap())
        .collect();
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let shown: Vec<_> = entries
        .iter()
        .map(|e| (e.key.as_str(), e.count, e.payload.as_str()))
        .collect();
    assert_eq!(shown, [("a", 2, ""), ("b", 2, "x y")]);
}

#[test]
fn a_fold_sees_every_payload_of_a_key_in_the_order_in_which_they_came() {
    let folder = TempDir::new().unwrap();
    let mut writer = SpoolWriter::create(&folder.path().join("s"), order())
        .unwrap()
        .folding(|payloads| Ok(payloads.join("+").into()));
    for (key, payload) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "")] {
        writer.push(key, payload).unwrap();
    }
    let spool = writer.finish().unwrap();
    let mut entries: Vec<Entry> = (0..BUCKETS)
        .flat_map(|bucket| spool.bucket(bucket).unwrap())
        .collect();
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let shown: Vec<_> = entries
        .iter()
        .map(|e| (e.key.as_str(), e.count, e.payload.as_str()))
        .collect();
    assert_eq!(shown, [("a", 3, "1+3+"), ("b", 1, "2")]);
}

#[test]
fn an_empty_spool_is_a_spool() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("s");
    assert_eq!(fill(&dir, []).entries(), 0);
    let spool = Spool::open(&dir, order()).unwrap().unwrap();
    assert_eq!((spool.keys(), spool.bucket(255).unwrap()), (0, Vec::new()));
}

#[test]
fn an_unfinished_spool_is_discarded() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("s");
    assert!(Spool::open(&dir, order()).unwrap().is_none());
    let mut writer = SpoolWriter::create(&dir, order()).unwrap();
    for n in 0..300_000 {
        writer.push(&format!("stale{n}.cz"), "").unwrap();
    }
    assert!(raw_files(&dir) > 0, "buffers are bounded");
    drop(writer);
    assert!(Spool::open(&dir, order()).unwrap().is_none());
    assert_eq!(few(&dir).entries(), 600);
    assert_eq!(Spool::open(&dir, order()).unwrap().unwrap().keys(), 600);
    assert_eq!(raw_files(&dir), 0);
}

#[test]
fn a_bucket_that_disagrees_with_the_index_is_refused() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("s");
    let bucket = few(&dir)
        .index
        .buckets
        .iter()
        .position(|tally| tally.keys > 1)
        .unwrap();
    let path = bucket_path(&dir, bucket);
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let said = refusal(&dir, order());
    assert!(
        said.contains("delete the spool folder and run the same command again"),
        "{said}"
    );
    let mut file = File::create(&path).unwrap();
    file.write_all(&whole).unwrap();
    file.write_all(b"more.cz\t1\t\n").unwrap();
    refusal(&dir, order());
    fs::remove_file(&path).unwrap();
    refusal(&dir, order());

    fs::write(
        &path,
        String::from_utf8(whole)
            .unwrap()
            .replacen("\t1\t", "\t9\t", 1),
    )
    .unwrap();
    let spool = Spool::open(&dir, order()).unwrap().unwrap();
    assert!(matches!(spool.bucket(bucket), Err(Error::Directory { .. })));
}

#[test]
fn another_order_and_a_damaged_index_are_refused() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("s");
    few(&dir);
    assert!(refusal(&dir, Order::new(1)).contains("belongs to another seed"));
    for text in ["", "{}", "{\"order\":\"0\",\"buckets\":[]}"] {
        fs::write(dir.join(INDEX), text).unwrap();
        assert!(refusal(&dir, order()).contains("is damaged"));
    }
}

#[test]
fn a_removed_spool_is_gone() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("s");
    few(&dir).remove().unwrap();
    assert!(!dir.exists());
}
