//! Tests of reading the failures of an older survey.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::table::Batch;
use crate::table::codes::MxKind;
use crate::table::rows::{DomainRow, VerdictRow};
use crate::targets::{Input, Take, ingest};

fn domain(name: &str, change: impl Fn(&mut DomainRow)) -> DomainRow {
    let mut row = DomainRow {
        domain: name.to_owned(),
        weight: 1.0,
        existence: Existence::Exists,
        ..DomainRow::default()
    };
    for outcome in [
        &mut row.mx.outcome,
        &mut row.spf.outcome,
        &mut row.dmarc.outcome,
        &mut row.mta_sts.outcome,
        &mut row.tls_rpt.outcome,
    ] {
        *outcome = Outcome::Absent;
    }
    row.mx.kind = Some(MxKind::None);
    change(&mut row);
    row
}

fn verdict(name: &str, change: impl Fn(&mut VerdictRow)) -> VerdictRow {
    let mut row = VerdictRow {
        domain: name.to_owned(),
        ..VerdictRow::default()
    };
    for check in CheckId::ALL {
        row.finding_mut(*check).result = CheckResult::Pass;
    }
    // What no survey measures is no reason to survey it again.
    (row.no_ssl.result, row.no_ssl.reason) = (CheckResult::Unknown, "not_measured:1/1".into());
    change(&mut row);
    row
}

/// A survey directory with these rows.
fn survey(dir: &Path, domains: &[DomainRow], verdicts: &[VerdictRow], finished: bool) {
    let lock = Store::lock(dir).unwrap();
    let mut store = Store::open(dir, lock, "01dcafe0", Order::new(1)).unwrap();
    store.commit(vec![Batch::new(domains).unwrap()]).unwrap();
    store.commit(vec![Batch::new(verdicts).unwrap()]).unwrap();
    let tables = [TableName::Domains, TableName::Verdicts];
    store.finish("verdict", &tables).unwrap();
    let manifest = Manifest {
        schema_version: crate::table::SCHEMA_VERSION,
        survey: "01dcafe0".to_owned(),
        ended_at: finished.then(|| "2026-01-01T00:00:00Z".to_owned()),
        ..Manifest::default()
    };
    manifest.write(dir).unwrap();
}

fn failures(dir: &Path) -> Result<BTreeMap<String, Facts>> {
    let mut failures = BTreeMap::new();
    read(dir, |domain, facts| {
        failures.insert(domain.to_owned(), facts);
        Ok(())
    })?;
    Ok(failures)
}

#[test]
fn whatever_failed_or_is_unknown_is_taken_with_what_the_lists_said() {
    let folder = TempDir::new().unwrap();
    let lost = |outcome: &mut Outcome| *outcome = Outcome::Failed;
    let domains = [
        domain("dmarc.cz", |row| lost(&mut row.dmarc.outcome)),
        domain("existence.cz", |row| row.existence = Existence::Failed),
        domain("fine.cz", |row| {
            row.tags = BTreeMap::from([("a".to_owned(), "b".to_owned())])
        }),
        domain("mx.cz", |row| {
            lost(&mut row.mx.outcome);
            row.rank = Some(7);
            row.tags = BTreeMap::from([("tld".to_owned(), "ž\n".to_owned())]);
            row.stratum = Some("cz".to_owned());
            row.weight = 10.0 / 3.0;
        }),
        domain("rpt.cz", |row| lost(&mut row.tls_rpt.outcome)),
        domain("spf.cz", |row| lost(&mut row.spf.outcome)),
        domain("starttls.cz", |_| {}),
        domain("sts.cz", |row| lost(&mut row.mta_sts.outcome)),
        domain("tlsa.cz", |_| {}),
    ];
    let verdicts: Vec<_> = domains
        .iter()
        .map(|row| {
            verdict(&row.domain, |row| match row.domain.as_str() {
                "starttls.cz" => row.starttls.result = CheckResult::Unknown,
                "tlsa.cz" => row.dane_published.result = CheckResult::Unknown,
                _ => {}
            })
        })
        .collect();
    survey(folder.path(), &domains, &verdicts, true);
    let taken = failures(folder.path()).unwrap();
    let others = domains.iter().map(|row| row.domain.as_str());
    let expected = others.filter(|name| *name != "fine.cz");
    assert!(taken.keys().map(String::as_str).eq(expected), "{taken:?}");
    let carried = Facts {
        rank: Some(7),
        tags: BTreeMap::from([("tld".to_owned(), "ž\n".to_owned())]),
        stratum: Some("cz".to_owned()),
        weight: 10.0 / 3.0,
    };
    assert_eq!(taken["mx.cz"], carried);
    assert_eq!(taken["sts.cz"], Facts::default());

    let input = Input {
        only_failed: Some(folder.path().to_owned()),
        ..Input::default()
    };
    let dir = TempDir::new().unwrap();
    let done = ingest(&input, dir.path(), Order::new(3)).unwrap();
    let counts = done.counts();
    assert_eq!((counts.lines, counts.left_out, counts.domains), (9, 1, 8));
    assert_eq!(counts.duplicates, 0);
    let half = Input {
        take: Take::Shard("1/2".parse().unwrap()),
        ..input
    };
    let counts = ingest(&half, dir.path(), Order::new(3)).unwrap().counts();
    assert_eq!((counts.lines, counts.left_out), (9, 9 - counts.domains));
}

#[test]
fn what_is_no_finished_survey_with_failures_is_refused() {
    let folder = TempDir::new().unwrap();
    let dir = |name: &str| -> PathBuf {
        let dir = folder.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        dir
    };
    let said = |dir: &Path| failures(dir).unwrap_err().to_string();
    assert!(said(&dir("empty")).contains("holds no survey; give"));
    assert!(said(&folder.path().join("absent")).contains("holds no survey; give"));
    let (fine, failed) = (
        [domain("a.cz", |_| {})],
        [domain("a.cz", |row| row.existence = Existence::Failed)],
    );
    let verdicts = [verdict("a.cz", |_| {})];
    let unfinished = dir("unfinished");
    survey(&unfinished, &failed, &verdicts, false);
    assert!(said(&unfinished).contains("not finished; finish it first"));
    let whole = dir("whole");
    survey(&whole, &fine, &verdicts, true);
    assert!(said(&whole).contains("nothing to survey again"));
    let foreign = dir("foreign");
    survey(&foreign, &failed, &[verdict("b.cz", |_| {})], true);
    assert!(said(&foreign).contains("verdicts that do not belong"));
}
