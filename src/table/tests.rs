//! The survey directory under crashes, foreign hands and many parts.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::rows::{CertificateRow, ComplianceRow, HostRow, TableName};
use super::*;
use crate::error::Result;
use crate::order::Order;

fn open(dir: &Path) -> Result<Store> {
    Store::open(dir, Store::lock(dir)?, "0badcafe", Order::new(1))
}

fn host(name: &str, domains: u64) -> HostRow {
    HostRow {
        host: name.to_owned(),
        domains,
        ..HostRow::default()
    }
}

fn commit(store: &mut Store, names: &[&str]) {
    let rows: Vec<_> = names.iter().map(|name| host(name, 1)).collect();
    store.commit(vec![Batch::new(&rows).unwrap()]).unwrap();
}

fn names(store: &Store) -> Vec<String> {
    let rows = store.scan::<HostRow>(TableName::Hosts, &[]);
    let rows = rows.flat_map(Result::unwrap);
    rows.map(|row| row.host).collect()
}

fn files(dir: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(dir.path().join("hosts")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn rows_come_back_as_they_went_in() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    let row = CertificateRow {
        sha256: "ab".repeat(32),
        dns_names: vec!["mail.example.cz".to_owned(), String::new()],
        not_after: Some(row::Moment(1_700_000_000_123_456)),
        key_bits: Some(2_048),
        self_signed: Some(false),
        der: row::Bytes(vec![0, 255, 7]),
        ..CertificateRow::default()
    };
    let batch = Batch::new(std::slice::from_ref(&row)).unwrap();
    store.commit(vec![batch]).unwrap();
    let back: Vec<_> = store
        .scan::<CertificateRow>(TableName::Certificates, &[])
        .flat_map(Result::unwrap)
        .collect();
    assert_eq!(back, [row]);
}

#[test]
fn a_table_without_rows_is_a_file_without_rows() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    store.finish("hosts", &[TableName::Hosts]).unwrap();
    assert_eq!(files(&dir).len(), 1, "a query over the folder finds it");
    assert_eq!((names(&store), store.rows(TableName::Hosts)), (vec![], 0));
    drop(store);
    let mut store = open(dir.path()).unwrap();
    assert!(store.is_finished("hosts") && store.strangers().is_empty());
    // Rows that come later take its place.
    commit(&mut store, &["a.cz"]);
    store.finish("hosts", &[TableName::Hosts]).unwrap();
    assert_eq!((names(&store).len(), files(&dir).len()), (1, 1));
}

#[test]
fn many_parts_become_one_file_sorted_by_key() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    // More parts than are merged at once, and a row that is there twice.
    for part in 0..70_u32 {
        let names: Vec<_> = (0..5)
            .map(|row| format!("h{:04}", (part * 5 + row) * 37 % 1_000))
            .collect();
        commit(
            &mut store,
            &names.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    commit(&mut store, &["h0000"]);
    store.finish("hosts", &[TableName::Hosts]).unwrap();
    let names = names(&store);
    assert!(names.is_sorted());
    assert_eq!(names.len(), 350);
    assert_eq!(files(&dir).len(), 1, "{:?}", files(&dir));
    drop(store);
    let store = open(dir.path()).unwrap();
    assert_eq!(store.rows(TableName::Hosts), 350);
    assert!(store.is_finished("hosts"));
}

#[test]
fn what_a_crash_left_uncommitted_goes_and_strangers_stay() {
    let dir = TempDir::new().unwrap();
    commit(&mut open(dir.path()).unwrap(), &["a", "b"]);
    let hosts = dir.path().join("hosts");
    for ours in [
        "part-000009-00-0badcafe.parquet",
        "part-000009-00-0badcafe.parquet.tmp",
    ] {
        fs::write(hosts.join(ours), "half").unwrap();
    }
    fs::write(hosts.join("notes.parquet"), "somebody's").unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(names(&store), ["a", "b"]);
    assert_eq!(store.strangers(), ["hosts/notes.parquet"]);
    assert_eq!(
        files(&dir),
        ["notes.parquet", "part-000000-00-0badcafe.parquet"]
    );
}

#[test]
fn other_folders_beside_the_profiles_stay_as_they_are() {
    let dir = TempDir::new().expect("a directory");
    let mut store = open(dir.path()).expect("opens");
    let row = ComplianceRow {
        domain: "a.cz".to_owned(),
        point: "1".into(),
        ..ComplianceRow::default()
    };
    let judge = |store: &mut Store| {
        let batch = Store::batch_of(std::slice::from_ref(&row));
        store.replace_compliance("mine", [batch]).expect("judged");
    };
    judge(&mut store);
    let below = dir.path().join("compliance");
    let file = fs::read_dir(below.join("mine")).expect("a folder").next();
    let file = file.expect("a file").expect("a file").path();
    let name = file.file_name().expect("a name");
    let kept = below.join("mine-of-before");
    fs::create_dir(&kept).expect("a folder");
    fs::copy(&file, kept.join(name)).expect("a copy");
    let elsewhere = TempDir::new().expect("a directory");
    fs::copy(&file, elsewhere.path().join(name)).expect("a copy");
    std::os::unix::fs::symlink(elsewhere.path(), below.join("linked")).expect("a link");
    judge(&mut store);
    assert!(!file.exists(), "replaced");
    assert!(kept.join(name).exists() && elsewhere.path().join(name).exists());
    let strangers = store.strangers();
    assert!(
        strangers
            .iter()
            .any(|name| name == "compliance/mine-of-before")
    );
    assert!(strangers.iter().any(|name| name == "compliance/linked"));
}

#[test]
fn a_crash_right_after_the_switch_is_finished_at_the_next_start() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    commit(&mut store, &["b", "d"]);
    commit(&mut store, &["a", "c"]);
    let before = files(&dir);
    let copies: Vec<_> = before
        .iter()
        .map(|name| (name, fs::read(dir.path().join("hosts").join(name)).unwrap()))
        .collect();
    store.finish("hosts", &[TableName::Hosts]).unwrap();
    drop(store);
    // As if the process had died between the line in the log and the change of names.
    let merged = files(&dir).remove(0);
    let path = dir.path().join("hosts").join(&merged);
    fs::rename(&path, path.with_extension("parquet.tmp")).unwrap();
    for (name, bytes) in &copies {
        fs::write(dir.path().join("hosts").join(name), bytes).unwrap();
    }
    let store = open(dir.path()).unwrap();
    assert_eq!(names(&store), ["a", "b", "c", "d"]);
    assert_eq!(files(&dir), [merged]);
}

#[test]
fn a_changed_part_is_refused_and_a_deleted_one_is_made_again() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    commit(&mut store, &["a"]);
    commit(&mut store, &["b"]);
    store.finish("dns", &[]).unwrap();
    drop(store);
    let path = dir.path().join("hosts/part-000000-00-0badcafe.parquet");
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let problem = open(dir.path()).err().unwrap().to_string();
    assert!(
        problem.contains("changed after it was committed"),
        "{problem}"
    );
    fs::remove_file(&path).unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(names(&store), ["b"]);
    assert!(!store.is_finished("dns"), "the stages are open again");
    assert_eq!(store.missing(), ["hosts/part-000000-00-0badcafe.parquet"]);
}

#[test]
fn a_directory_belongs_to_one_process() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).unwrap();
    let problem = Store::lock(dir.path()).err().unwrap().to_string();
    assert!(
        problem.contains("another mailcensus is working here"),
        "{problem}"
    );
    drop(store);
    assert!(Store::lock(dir.path()).is_ok());
}

#[test]
fn a_newer_manifest_is_not_touched() {
    let dir = TempDir::new().unwrap();
    let newer = r#"{"schema_version": 999, "something": "else"}"#;
    fs::write(dir.path().join("survey.json"), newer).unwrap();
    let problem = manifest::Manifest::read(dir.path())
        .unwrap_err()
        .to_string();
    assert!(problem.contains("newer mailcensus"), "{problem}");
    assert_eq!(
        fs::read_to_string(dir.path().join("survey.json")).unwrap(),
        newer
    );
}

#[test]
fn certificates_cannot_be_made_anew_alone() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    let row = CertificateRow::default();
    let batch = Batch::new(std::slice::from_ref(&row)).unwrap();
    store.commit(vec![batch]).unwrap();
    drop(store);
    let path = dir
        .path()
        .join("certificates/part-000000-00-0badcafe.parquet");
    fs::remove_file(path).unwrap();
    let problem = open(dir.path()).err().unwrap().to_string();
    assert!(
        problem.contains("delete the files in endpoints, sts_policies and webmail too"),
        "{problem}"
    );
}

fn found(store: &Store, names: &[&str]) -> Vec<(String, u64)> {
    let keys = names.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<HostRow> = store.find(TableName::Hosts, &keys, &[]).unwrap();
    rows.into_iter()
        .map(|row| (row.host, row.domains))
        .collect()
}

#[test]
fn a_few_rows_are_found_by_their_key() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    assert_eq!(found(&store, &["h0"]), [], "an empty table");
    // More than one row group, names of different lengths.
    let rows: Vec<_> = (0..200_000).map(|at| host(&format!("h{at}"), at)).collect();
    store.commit(vec![Batch::new(&rows).unwrap()]).unwrap();
    commit(&mut store, &["a", "z"]);
    let of = |name: &str, domains| (name.to_owned(), domains);
    assert_eq!(found(&store, &[]), []);
    assert_eq!(found(&store, &["b", "h200000", "zz"]), []);
    let wanted = ["h0", "h199999", "z", "h31415", "nowhere"];
    let expected = [
        of("h0", 0),
        of("h199999", 199_999),
        of("h31415", 31_415),
        of("z", 1),
    ];
    assert_eq!(found(&store, &wanted), expected);
    // Also by a column that is no key, and only what is asked for.
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Count {
        domains: u64,
    }
    let by = |column: &str| {
        let mut found: Vec<Count> = Vec::new();
        let keys = ["h7".to_owned()].into();
        let each = |some: Vec<Count>| found.extend(some);
        store
            .find_by(TableName::Hosts, column, &keys, &["domains"], each)
            .map(|()| found)
    };
    assert_eq!(by("host").unwrap(), [Count { domains: 7 }]);
    assert_eq!(by("zone").unwrap(), []);
    let problem = by("none").unwrap_err().to_string();
    assert!(problem.contains("has no column none"), "{problem}");
}

#[test]
fn a_file_that_is_gone_is_named_where_its_rows_are_looked_up() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path()).unwrap();
    commit(&mut store, &["a"]);
    fs::remove_file(dir.path().join("hosts").join(&files(&dir)[0])).unwrap();
    let keys = ["a".to_owned()].into();
    let gone = store.find::<HostRow>(TableName::Hosts, &keys, &[]);
    let problem = gone.unwrap_err().to_string();
    assert!(
        problem.contains("hosts/part-") && problem.contains("survey again"),
        "{problem}"
    );
}
