//! Tests of ingesting: what becomes of every line, and which domains are taken.

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
    let done = ingest(&paths, &dir, order()).unwrap();

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
    assert_eq!(done.duplicates(), 4);
    // P1 lines = blank + comment + reject + duplicate + row.
    let sum = |of: fn(&ListSummary) -> u64| done.lists.iter().map(of).sum::<u64>();
    let others = sum(|list| list.blank) + sum(|list| list.comments) + sum(|list| list.rejects);
    assert_eq!(
        sum(|list| list.lines),
        others + done.duplicates() + done.spool.keys()
    );
    assert_eq!(sum(|list| list.lines), 13);
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
    let result = ingest(&paths, &dir, order());
    assert!(matches!(result, Err(Error::Input { .. })), "{result:?}");
    assert!(Spool::open(&dir.join(SPOOL), order()).unwrap().is_none());

    let paths = lists(&folder, &[b"a.cz\n", b"b.cz\n"]);
    let done = ingest(&paths, &dir, order()).unwrap();
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
        ingest(&[], folder.path(), order()),
        Err(Error::Usage(_))
    ));
}
