//! The program under test: how it is run, and what it leaves.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mailcensus::table::rows::{Table, TableName};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::lab::lab;

/// The binary.
pub const MAILCENSUS: &str = env!("CARGO_BIN_EXE_mailcensus");

/// The tables of what was seen.
pub const OBSERVED: [TableName; 6] = [
    TableName::Domains,
    TableName::Zones,
    TableName::Hosts,
    TableName::Endpoints,
    TableName::Certificates,
    TableName::StsPolicies,
];

/// The tables that every survey of the whole lab has rows of; `compliance` has some when a profile
/// judged it.
pub const TABLES: [TableName; 7] = [
    TableName::Domains,
    TableName::Zones,
    TableName::Hosts,
    TableName::Endpoints,
    TableName::Certificates,
    TableName::StsPolicies,
    TableName::Verdicts,
];

/// Seconds in which an address of the lab gets three connections: ten minutes in fast motion.
pub const ADDRESS_WINDOW: u32 = 5;

/// A rule book of one point, which servers of the lab fail and which allows exceptions.
pub const MINE: &str = "\
name = \"mine\"
version = \"7\"
title = \"Mine\"
status = \"informal\"
[[point]]
id = \"a\"
level = \"must\"
title = \"STARTTLS\"
observable = \"full\"
why = \"It is seen.\"
justifiable = true
checks = [{ id = \"starttls\" }]
";

/// How long a survey of the lab may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(180);

/// A command that surveys the lab's list in the lab, as fast as it goes.
pub fn survey(out: &Path) -> Command {
    survey_of(&lab().list(), out)
}

/// The same for another list.
pub fn survey_of(list: &Path, out: &Path) -> Command {
    let mut command = fast_survey(out);
    command.arg(list);
    command
}

/// The same without a list.
pub fn fast_survey(out: &Path) -> Command {
    let mut command = listless_survey(out);
    at_once(&mut command);
    command.args(["--address-window", &ADDRESS_WINDOW.to_string()]);
    command
}

/// A survey in the lab, without a resolver and without rates.
pub fn bare_survey(list: &Path, out: &Path) -> Command {
    let mut command = listless_survey(out);
    command.arg(list);
    command
}

/// A check in the lab that knows of the dials in a state directory only. Nothing is in fast motion:
/// what would have to wait is not asked.
pub fn check(state: &Path) -> Command {
    let mut command = call("check", state);
    command.args(["--extra-root", lab().env("CA")]);
    command
}

/// The same for any command that knows of such dials.
pub fn call(name: &str, state: &Path) -> Command {
    let mut command = lab().inside(MAILCENSUS);
    command.arg(name).arg("--state").arg(state);
    in_lab(&mut command);
    at_once(&mut command);
    command
}

fn listless_survey(out: &Path) -> Command {
    let mut command = lab().inside(MAILCENSUS);
    command.arg("survey").arg("--out").arg(out);
    in_lab(&mut command);
    command.args(["--extra-root", lab().env("CA")]);
    command
}

/// By the lab's resolver, as fast as it goes.
fn at_once(command: &mut Command) {
    command.args(["--resolver", lab().env("RESOLVER")]);
    command.args(["--operator-rate", "50", "--rate", "100", "--dns-rate", "0"]);
}

/// What the lab takes, whatever the command.
fn in_lab(command: &mut Command) {
    let lab = lab();
    for (status, name) in [
        ("secure", "SECURE"),
        ("bogus", "BOGUS"),
        ("unsigned", "UNSIGNED"),
    ] {
        let name = lab.env(name);
        command.arg("--preflight").arg(format!("{status}={name}"));
    }
    for prefix in lab.env("LAB_CIDRS").split(' ') {
        command.args(["--lab", prefix]);
    }
}

/// A survey outside the lab, which never gets as far as asking anything.
pub fn survey_outside(list: &Path, out: &Path) -> Command {
    let mut command = Command::new(MAILCENSUS);
    command.arg("survey").arg(list).arg("--out").arg(out);
    command.args(["--resolver", "127.0.0.1:9"]);
    command.args([
        "--ehlo",
        "survey.example.cz",
        "--contact",
        "mailto:a@example.cz",
    ]);
    command
}

/// What a command came to.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code, and shows what was said if it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// Runs a command to its end, which must come.
#[track_caller]
pub fn run(command: &mut Command) -> Ran {
    run_within(command, PATIENCE)
}

/// Runs a command to its end, which must come in time.
#[track_caller]
pub fn run_within(command: &mut Command, patience: Duration) -> Ran {
    command.stdin(Stdio::null());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|err| panic!("{:?}: {err}", command.get_program()));
    let pid = child.id();
    // Read while it runs: a full pipe would stop it.
    let stdout = drained(child.stdout.take().expect("a pipe"));
    let stderr = drained(child.stderr.take().expect("a pipe"));
    let deadline = Instant::now() + patience;
    while child.try_wait().expect("a child of ours").is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("{command:?} (process {pid}) did not end within {patience:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = |words: JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&words.join().expect("a reader")).into_owned()
    };
    Ran {
        code: child.wait().expect("a child of ours").code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

/// What comes out of a pipe until it ends.
fn drained(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// Every row of a table, in the order of the files.
pub fn rows<T: Table>(out: &Path) -> Vec<T> {
    let mut rows = Vec::new();
    for path in files(out, T::NAME.as_str()) {
        let file = File::open(&path).expect("opens");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
        for batch in reader.build().expect("Parquet") {
            let batch = batch.expect("rows");
            let part: Vec<T> = serde_arrow::from_record_batch(&batch).expect("rows of the table");
            rows.extend(part);
        }
    }
    rows
}

/// Rows by a key, which no two may share.
pub fn keyed<T: Table>(out: &Path, key: impl Fn(&T) -> String) -> BTreeMap<String, T> {
    let rows = rows::<T>(out);
    let count = rows.len();
    let keyed: BTreeMap<_, _> = rows.into_iter().map(|row| (key(&row), row)).collect();
    assert_eq!(keyed.len(), count, "{}: a key twice", T::NAME);
    keyed
}

/// The Parquet files of a table, sorted.
pub fn files(out: &Path, table: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join(table)).expect("the folder of the table");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "parquet"));
    files.sort();
    files
}

/// The manifest.
pub fn manifest(out: &Path) -> serde_json::Value {
    let text = fs::read_to_string(out.join("survey.json")).expect("a manifest");
    serde_json::from_str(&text).expect("JSON")
}

/// Asserts P1: lines = blank + comments + others + rejects + duplicates + left_out + domains, and
/// as many rows.
pub fn assert_nothing_lost(out: &Path, domains: usize) {
    let counts = &manifest(out)["counts"];
    let number = |key: &str| counts[key].as_u64().expect("a number");
    let parts = [
        "blank",
        "comments",
        "others",
        "rejects",
        "duplicates",
        "left_out",
        "domains",
    ];
    let sum: u64 = parts.into_iter().map(number).sum();
    assert_eq!(number("lines"), sum, "{counts}");
    assert_eq!(number("domains"), domains as u64, "{counts}");
    let rejects = fs::read_to_string(out.join("rejects.csv")).expect("a file of rejects");
    assert_eq!(
        number("rejects"),
        rejects.lines().count() as u64 - 1,
        "{rejects}"
    );
}
