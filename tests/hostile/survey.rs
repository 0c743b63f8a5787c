//! A survey whose every column of text is hostile, and a profile that is as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mailcensus::order::Order;
use mailcensus::table::manifest::{JudgedBy, Manifest, ProfileRecord};
use mailcensus::table::rows::{
    CertificateRow, ComplianceRow, DomainRow, EndpointRow, HelloRow, HostRow, StsPolicyRow, Table,
    TableName, VerdictRow, WebmailRow, ZoneRow,
};
use mailcensus::table::{Batch, SCHEMA_VERSION, Store};
use mailcensus::text::sha256_of;
use serde_json::{Value, json};

use super::rows::Row;
use super::texts::texts;

/// Name of the profile: it is a folder, and nothing else is allowed.
pub const PROFILE: &str = "hostile";

/// Its version.
const VERSION: &str = "=1<script>alert(1)</script>\u{202e}\u{200b}";

/// Name of a directory that wants to act.
pub const DIR: &str = "=1+1<script>alert(1)\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\r\n;=2";

/// The stages of a whole survey.
const STAGES: [&str; 4] = ["dns", "hosts", "probe", "verdict"];

/// What is used to find rows, with values that people type or that lead from table to table.
type But = BTreeMap<&'static str, Value>;

/// The domain of a text.
pub fn domain(number: usize) -> String {
    format!("d{number}.cz")
}

/// Writes a survey in which every text has a domain; `turn` turns the words of the columns, so that
/// results differ from those of another one.
pub fn write(parent: &Path, turn: usize) -> PathBuf {
    let dir = parent.join(format!("{DIR}{turn}"));
    write_with(&dir, turn, &texts());
    dir
}

/// The same with harmless texts.
pub fn write_harmless(parent: &Path, turn: usize) -> PathBuf {
    let dir = parent.join(format!("harmless{turn}"));
    let harmless = |(at, text): (usize, &String)| match may_be_number(text) {
        true => format!("text {at}"),
        false => format!(" text {at}"),
    };
    let texts: Vec<_> = texts().iter().enumerate().map(harmless).collect();
    write_with(&dir, turn, &texts);
    dir
}

fn write_with(dir: &Path, turn: usize, texts: &[String]) {
    let profile = profile(texts);
    let lock = Store::lock(dir).expect("a lock");
    let mut store = Store::open(dir, lock, "0badcafe", Order::new(1)).expect("a store");
    let rows = |but: fn(usize) -> But| -> Vec<Row<'_>> {
        let rows = texts.iter().enumerate().map(|(number, text)| Row {
            text,
            number: number + turn,
            but: but(number),
        });
        rows.collect()
    };
    commit::<ZoneRow>(&mut store, &rows(|_| But::new()));
    commit::<HostRow>(&mut store, &rows(|_| But::new()));
    commit::<EndpointRow>(&mut store, &rows(relay));
    commit::<EndpointRow>(&mut store, &rows(inbox));
    commit::<HelloRow>(&mut store, &rows(|_| But::new()));
    commit::<CertificateRow>(&mut store, &rows(|_| But::new()));
    commit::<DomainRow>(&mut store, &rows(mailing));
    commit::<StsPolicyRow>(&mut store, &rows(keyed));
    commit::<WebmailRow>(&mut store, &rows(keyed));
    let mut verdicts = made::<VerdictRow>(&rows(keyed));
    verdicts.sort_by(|a, b| a.domain.cmp(&b.domain));
    let replaced = store.replace(TableName::Verdicts, [Store::batch_of(&verdicts)]);
    replaced.expect("replaces");
    let mut points = Vec::new();
    for row in rows(keyed) {
        points.extend(numbers(texts).into_iter().map(|number| {
            let mut row = row.clone();
            row.but.insert("point", json!(number));
            row.but.insert("profile_version", json!(VERSION));
            row.but.insert("justified", Value::Null);
            row.of::<ComplianceRow>()
        }));
    }
    points.sort_by(|a, b| (&a.domain, &a.point).cmp(&(&b.domain, &b.point)));
    let replaced = store.replace_compliance(PROFILE, [Store::batch_of(&points)]);
    replaced.expect("replaces");
    fs::create_dir_all(dir.join("profiles")).expect("a folder");
    fs::write(dir.join(format!("profiles/{PROFILE}.toml")), &profile).expect("a profile");
    for stage in STAGES {
        store.finish(stage, &[]).expect("finishes");
    }
    manifest(&profile).write(dir).expect("a manifest");
}

fn made<T: Table>(rows: &[Row<'_>]) -> Vec<T> {
    rows.iter().map(Row::of).collect()
}

/// The long texts in a part of their own, so that whoever looks for another one does not read them.
fn commit<T: Table>(store: &mut Store, rows: &[Row<'_>]) {
    let (long, short): (Vec<_>, Vec<_>) = rows
        .iter()
        .cloned()
        .partition(|row| row.text.len() > 10_000);
    for rows in [short, long] {
        let batch = Batch::new(&made::<T>(&rows)).expect("a batch");
        store.commit(vec![batch]).expect("commits");
    }
}

fn keyed(number: usize) -> But {
    But::from([("domain", json!(domain(number))), ("weight", json!(1.0))])
}

/// A domain whose rows in other tables are found.
fn mailing(number: usize) -> But {
    let mut but = keyed(number);
    but.insert("mx.kind", json!("explicit"));
    but.insert("clients.service", json!("imaps"));
    but.insert("clients.port", json!(993));
    but.insert("existence", json!("exists"));
    but
}

fn relay(_: usize) -> But {
    But::from([("port", json!(25)), ("protocol", json!("smtp"))])
}

fn inbox(_: usize) -> But {
    But::from([("port", json!(993)), ("protocol", json!("imap"))])
}

fn manifest(profile: &str) -> Manifest {
    let record = ProfileRecord {
        version: VERSION.to_owned(),
        sha256: sha256_of(profile.as_bytes()),
        ..ProfileRecord::default()
    };
    Manifest {
        schema_version: SCHEMA_VERSION,
        survey: "0badcafe".to_owned(),
        seed: "1".to_owned(),
        started_at: "2026-01-31T23:00:00Z".to_owned(),
        ended_at: Some("2026-01-31T23:00:00Z".to_owned()),
        judged: Some(JudgedBy::default()),
        profiles: [(PROFILE.to_owned(), record)].into(),
        ..Manifest::default()
    }
}

fn may_be_number(text: &str) -> bool {
    text.trim() == text && !text.contains(char::is_control)
}

/// Texts that a profile may number its points by.
fn numbers(texts: &[String]) -> Vec<&str> {
    let some = texts.iter().filter(|text| may_be_number(text)).step_by(4);
    some.map(String::as_str).collect()
}

/// A profile whose every word is hostile.
fn profile(texts: &[String]) -> String {
    let few: Vec<_> = texts
        .iter()
        .map(|text| text.get(..60).unwrap_or(text))
        .collect();
    let all = few.concat();
    let mut titles = few.chunks(few.len() / numbers(texts).len());
    let point = |number: &str| {
        let title = titles.next().expect("some for each").concat();
        json!({
            "id": number,
            "level": "must",
            "title": title,
            "section": title,
            "title_original": title,
            "why": title,
            "observable": "full",
            "justifiable": true,
            "checks": [{ "id": "starttls" }],
        })
    };
    let points: Vec<_> = numbers(texts).into_iter().map(point).collect();
    let profile = json!({
        "name": PROFILE,
        "version": VERSION,
        "title": all,
        "title_original": all,
        "language": "en",
        "authority": all,
        "reference": all,
        "note": all,
        "status": "informal",
        "point": points,
    });
    toml::to_string(&profile).expect("TOML")
}
