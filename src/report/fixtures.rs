//! Survey directories for tests, from literals.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Judged, Report, csv};
use crate::error::Result;
use crate::table::codes::{CheckResult, Class, Level};
use crate::table::manifest::{JudgedBy, Manifest, ProfileRecord};
use crate::table::row::Date;
use crate::table::rows::{CheckId, ComplianceRow, DomainRow, Finding, TableName, VerdictRow};
use crate::table::{Batch, Store};
use crate::text::sha256_of;

/// A survey on its way to the disk.
#[derive(Default)]
pub struct Made {
    /// Its verdicts, sorted by domain.
    pub verdicts: Vec<VerdictRow>,
    /// Rows of the profile `tiny`, sorted by domain and point.
    pub points: Vec<ComplianceRow>,
    /// When it began.
    pub began: &'static str,
    /// Its profile.
    pub profile: String,
}

pub fn finding(result: CheckResult, reason: &str) -> Finding {
    Finding {
        result,
        reason: reason.to_owned().into(),
    }
}

/// A domain that takes mail and is `not_measured` otherwise.
pub fn verdict(domain: &str, change: impl FnOnce(&mut VerdictRow)) -> VerdictRow {
    let mut row = VerdictRow {
        domain: domain.to_owned(),
        tld: domain.rsplit('.').next().unwrap_or_default().to_owned(),
        class: Class::ExplicitMx,
        non_sending: Some(false),
        weight: 1.0,
        ..VerdictRow::default()
    };
    for check in CheckId::ALL {
        *row.finding_mut(*check) = finding(CheckResult::Unknown, "not_measured");
    }
    row.receives_mail = finding(CheckResult::Pass, "explicit_mx");
    change(&mut row);
    row
}

/// What a point of the profile `tiny` made of a domain.
pub fn point(domain: &str, id: &str, result: CheckResult, reason: &str) -> ComplianceRow {
    ComplianceRow {
        domain: domain.to_owned(),
        point: id.into(),
        level: Level::Must,
        result,
        reason: reason.to_owned().into(),
        profile_version: "1".into(),
        weight: 1.0,
        ..ComplianceRow::default()
    }
}

/// A row that is due on a day, and whether its fail is justified.
pub fn with_duty(row: ComplianceRow, due: Option<i32>, justified: Option<bool>) -> ComplianceRow {
    ComplianceRow {
        due: due.map(Date),
        justified,
        ..row
    }
}

/// The text of a profile with two points.
pub fn tiny(version: &str) -> String {
    format!(
        r#"
name = "tiny"
version = "{version}"
title = "Two points"
language = "en"
authority = "Nobody"
reference = ""
status = "informal"

[[point]]
id = "1"
level = "must"
title = "Offers STARTTLS"
observable = "full"
why = "It is seen."
justifiable = true
checks = [{{ id = "starttls" }}]

[[point]]
id = "2"
level = "guidance"
title = "Is kept in order"
observable = "no"
why = "It is not seen."
"#
    )
}

impl Made {
    /// Writes the survey.
    pub fn write(&self, dir: &Path) {
        let lock = Store::lock(dir).unwrap();
        let manifest = self.manifest();
        let order = manifest.order().unwrap();
        let mut store = Store::open(dir, lock, &manifest.survey, order).unwrap();
        let domains = self.verdicts.iter().map(|row| DomainRow {
            domain: row.domain.clone(),
            ..DomainRow::default()
        });
        let domains: Vec<_> = domains.collect();
        store.commit(vec![Batch::new(&domains).unwrap()]).unwrap();
        // In pages, as large surveys have them.
        let pages = self.verdicts.chunks(3).map(Store::batch_of);
        store.replace(TableName::Verdicts, pages).unwrap();
        if !self.points.is_empty() {
            let pages = self.points.chunks(3).map(Store::batch_of);
            store.replace_compliance("tiny", pages).unwrap();
            fs::create_dir_all(dir.join("profiles")).unwrap();
            fs::write(dir.join("profiles/tiny.toml"), self.profile_text()).unwrap();
        }
        for stage in ["dns", "hosts", "probe", "verdict"] {
            store.finish(stage, &[]).unwrap();
        }
        manifest.write(dir).unwrap();
    }

    fn profile_text(&self) -> String {
        match self.profile.as_str() {
            "" => tiny("1"),
            text => text.to_owned(),
        }
    }

    fn manifest(&self) -> Manifest {
        let began = if self.began.is_empty() {
            "2026-01-31T23:00:00Z"
        } else {
            self.began
        };
        let record = ProfileRecord {
            sha256: sha256_of(self.profile_text().as_bytes()),
            ..ProfileRecord::default()
        };
        Manifest {
            schema_version: crate::table::SCHEMA_VERSION,
            survey: "01dcafe0".to_owned(),
            seed: "1".to_owned(),
            started_at: began.to_owned(),
            ended_at: Some(began.to_owned()),
            judged: Some(JudgedBy::default()),
            profiles: BTreeMap::from([("tiny".to_owned(), record)]),
            ..Manifest::default()
        }
    }

    /// The survey in a directory of its own, opened for reports.
    pub fn judged(&self) -> (TempDir, Judged) {
        let dir = TempDir::new().unwrap();
        self.write(dir.path());
        let judged = judged(dir.path()).unwrap();
        (dir, judged)
    }
}

/// Opens a survey for reports.
pub fn judged(dir: &Path) -> Result<Judged> {
    let manifest = Manifest::read(dir)?.unwrap();
    let store = Store::look(dir, &manifest.survey, manifest.order()?)?;
    Judged::new(store, &manifest)
}

/// The JSON of a report.
pub fn json_text(report: &Report) -> String {
    let mut json = Vec::new();
    report.json(&mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// The flat table of a report.
pub fn csv_text(report: &Report) -> String {
    let mut table = Vec::new();
    csv::table(report, &mut table).unwrap();
    String::from_utf8(table).unwrap()
}

/// Tags of one pair.
pub fn tags(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}
