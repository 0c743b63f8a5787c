//! A survey of servers whose every word is hostile: what stands in its tables, on its screen and in its
//! files. Port 25 wants root.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use arrow::datatypes::DataType;
use mailcensus::table::row::{Column, Shape};
use mailcensus::table::rows::{
    CertificateRow, DomainRow, EndpointRow, HelloRow, HostRow, StsPolicyRow, Table, TableName,
    VerdictRow, WebmailRow, ZoneRow,
};
use serde_json::Value;

use super::columns::{self, Fill};
use super::neutral;
use super::shown::{self, cells};
use super::survey::{DIR, domain};
use super::texts::{MARK, texts};
use super::world::World;
use crate::real::program::{MAILCENSUS, Ran, rows, run, run_within};

/// Bytes of the longest text that a column of strangers holds: 64 KiB, escaped.
const LONGEST: usize = 4 * 64 * 1024;

/// The lists: names with tags of every text under headers of every text, lines that are no domain, and
/// bytes that are no text.
fn lists(place: &Path) -> [std::path::PathBuf; 2] {
    let [tags, lines] = ["tags.csv", "lines.txt"].map(|name| place.join(format!("{DIR}{name}")));
    // A record of a list has room for less than 64 KiB.
    let texts: Vec<_> = texts()
        .into_iter()
        .filter(|text| text.len() < 1_000)
        .collect();
    let mut writer = csv::Writer::from_path(&tags).expect("a list");
    let mut headers = BTreeSet::new();
    let bare = |text: &str| {
        text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
            .to_owned()
    };
    let headers: Vec<_> = texts
        .iter()
        .filter(|text| headers.insert(bare(text)))
        .collect();
    let names = ["domain", "t"]
        .into_iter()
        .chain(headers.iter().map(|text| text.as_str()));
    writer.write_record(names).expect("a header");
    for (number, text) in texts.iter().enumerate() {
        let name = domain(number);
        let values = [&name, text].into_iter().chain(headers.iter().copied());
        writer.write_record(values).expect("a line");
    }
    writer.flush().expect("written");
    let mut list = format!("\u{6f22}\u{5b57}{MARK}.cz\n").into_bytes();
    for (number, text) in self::texts().iter().enumerate() {
        list.extend(format!("{}\n", domain(number)).bytes());
        list.extend(format!("{text}\n{text}.cz\n").bytes());
    }
    list.extend(b"\xff\xfe=1\x80.cz\n");
    fs::write(&lines, list).expect("a list");
    [tags, lines]
}

fn survey(world: &World, place: &Path) -> Command {
    let mut command = Command::new(MAILCENSUS);
    command
        .arg("survey")
        .args(lists(place))
        .arg("--out")
        .arg(place.join(DIR));
    command.args(["--resolver", &world.resolver.address.to_string()]);
    for name in ["secure", "bogus", "unsigned"] {
        command.args(["--preflight", &format!("{name}={name}.cz")]);
    }
    command.args(["--lab", "127.0.0.0/8", "--dns-rate", "0", "--rate", "1000"]);
    command.args(["--operator-rate", "1000000", "--address-window", "1"]);
    command.args([
        "--https-rate",
        "1000",
        "--https-operator-rate",
        "1000",
        "--clients",
    ]);
    command.args([
        "--sample",
        "1000",
        "--stratify",
        "tag:t",
        "--trace-domain",
        "d12.cz",
    ]);
    let exclusions = place.join(format!("{DIR}exclusions"));
    let comments = texts()
        .into_iter()
        .filter(|text| !text.contains(['\n', '\r']));
    let comments: String = comments.map(|text| format!("# {text}\n")).collect();
    fs::write(&exclusions, comments + "192.0.2.0/24\n").expect("written");
    command.arg("--exclude").arg(exclusions);
    let operators = place.join(format!("{DIR}operators"));
    let entry = |number: usize| {
        let name = format!("\"<b>={{{{7*7}}}}\u{202e}{MARK}{number}");
        let name = toml::Value::String(name);
        format!(
            "[[operator]]\nname = {name}\nmx = [\"{}\"]\n",
            domain(number)
        )
    };
    let table: String = (0..texts().len()).map(entry).collect();
    fs::write(&operators, table).expect("written");
    command.arg("--operator-table").arg(operators);
    command
}

/// Every text of a column, by its path.
#[derive(Default)]
struct Seen(BTreeMap<String, BTreeSet<String>>);

impl Seen {
    fn table<T: Table>(&mut self, out: &Path) {
        for row in rows::<T>(out) {
            let row = serde_json::to_value(row).expect("JSON");
            self.structure(T::NAME.as_str(), &T::columns(), &row);
        }
    }

    fn structure(&mut self, above: &str, columns: &[Column], row: &Value) {
        for column in columns {
            let path = format!("{above}.{}", column.name);
            self.visit(&path, &column.shape, &row[column.name]);
        }
    }

    fn visit(&mut self, path: &str, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Leaf(DataType::Utf8), Value::String(text)) => self.add(path, text),
            (Shape::Struct(columns), Value::Object(_)) => self.structure(path, columns, value),
            (Shape::List(item), Value::Array(items)) => {
                items.iter().for_each(|value| self.visit(path, item, value));
            }
            (Shape::Map(item), Value::Object(items)) => {
                for (key, value) in items {
                    self.add(path, key);
                    self.visit(path, item, value);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, path: &str, text: &str) {
        self.0
            .entry(path.to_owned())
            .or_default()
            .insert(text.to_owned());
    }

    fn of(out: &Path) -> Self {
        let mut seen = Self::default();
        seen.table::<DomainRow>(out);
        seen.table::<ZoneRow>(out);
        seen.table::<HostRow>(out);
        seen.table::<EndpointRow>(out);
        seen.table::<HelloRow>(out);
        seen.table::<CertificateRow>(out);
        seen.table::<StsPolicyRow>(out);
        seen.table::<WebmailRow>(out);
        seen.table::<VerdictRow>(out);
        seen
    }

    /// Columns hold what they may hold, and those that strangers fill were filled.
    fn check(&self) {
        let mut unfed = Vec::new();
        for path in columns::of_text() {
            let (_, holds, fill) = columns::line(&path).expect("a line");
            let texts = self.0.get(&path);
            for text in texts.into_iter().flatten() {
                assert!(holds.allows(text), "{path}: {text:?} is not {holds:?}");
                assert!(text.len() <= LONGEST, "{path}: {} bytes", text.len());
            }
            let arrived = |text: &String| text.to_lowercase().contains(MARK);
            let is_fed = texts.is_some_and(|texts| texts.iter().any(arrived));
            let is_made_later = path.starts_with(TableName::Compliance.as_str());
            if *fill == Fill::Fed && !is_fed && !is_made_later {
                unfed.push(path);
            }
        }
        assert!(unfed.is_empty(), "nothing hostile arrived in {unfed:#?}");
    }
}

#[track_caller]
fn said(what: &str, ran: Ran) -> Ran {
    assert!(
        matches!(ran.code, Some(0 | 1)),
        "{what}: {:?}: {}",
        ran.code,
        ran.stderr
    );
    shown::said(what, ran)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_survey_of_hostile_servers_only_shows() {
    let texts = texts();
    let world = World::new(&texts).await;
    let place = tempfile::tempdir().expect("a directory");
    let mut command = survey(&world, place.path());
    let ran =
        tokio::task::spawn_blocking(move || run_within(&mut command, Duration::from_secs(500)));
    said("survey", ran.await.expect("ends"));

    let out = place.path().join(DIR);
    Seen::of(&out).check();
    let log = fs::read_to_string(out.join("survey.log")).expect("a log");
    neutral::lines("survey.log", &log);
    assert!(log.contains(" trace "), "{log}");
    let rejects = out.join("rejects.csv");
    let text = fs::read_to_string(&rejects).expect("a file");
    neutral::lines("rejects.csv", &text);
    assert!(text.lines().count() > texts.len(), "{text}");
    cells(&rejects);

    let call = |command: &str, args: &[&str]| {
        let mut called = Command::new(MAILCENSUS);
        called.arg(command).arg(&out).args(args);
        said(command, run(&mut called)).stdout
    };
    for number in (0..texts.len()).step_by(2) {
        let name = domain(number);
        neutral::page(&name, &call("explain", &[&name]));
    }
    for number in (0..texts.len()).step_by(5) {
        let name = domain(number);
        let json = call("explain", &[&name, "--json"]);
        serde_json::from_str::<Value>(&json).expect("JSON");
    }
    for by in ["mail_operator", "tag:t"] {
        let args = ["--by", by, "--k", "1", "--top", "100"];
        neutral::page(by, &call("report", &args));
        let file = place.path().join("report.csv");
        let to = file.to_str().expect("text");
        call("report", &[&args[..], &["--csv", to]].concat());
        cells(&file);
        let json = call("report", &[&args[..], &["--json", "-"]].concat());
        serde_json::from_str::<Value>(&json).expect("JSON");
    }
    call("verdict", &["--profile", "nukib-2021"]);
}
