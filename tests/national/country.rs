//! A running country, in a network namespace of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use crate::real::program::{MAILCENSUS, run_within};

/// How long a survey may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(300);

/// A country, gone when this value is.
pub struct Country {
    child: Child,
    words: HashMap<String, String>,
    dir: tempfile::TempDir,
}

/// The program that makes countries. `cargo test` alone builds it, `cargo test --test` does not.
fn lab() -> &'static Path {
    static LAB: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--locked", "--quiet", "--example", "lab"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(status.expect("cargo runs").success(), "the lab builds");
        Path::new(MAILCENSUS).with_file_name("examples/lab")
    });
    &LAB
}

/// Writes a country without starting it.
pub fn generate(args: &[&str], dir: &Path) {
    let mut command = Command::new(lab());
    command
        .args(args)
        .arg("--generate-only")
        .arg("--dir")
        .arg(dir);
    assert!(command.status().expect("the lab runs").success());
}

impl Country {
    /// Starts a country.
    pub fn start(args: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut child = Command::new(lab())
            .args(args)
            .arg("--dir")
            .arg(dir.path().join("country"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the lab runs");
        let mut ready = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let _ = BufReader::new(stdout).read_line(&mut ready);
        let words = ready.strip_prefix("ready ");
        let words = words.unwrap_or_else(|| panic!("the lab says why it did not start; {ready}"));
        let words = words
            .split_whitespace()
            .filter_map(|word| word.split_once('='));
        let words = words.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self {
            words: words.collect(),
            child,
            dir,
        }
    }

    fn word(&self, key: &str) -> &str {
        self.words.get(key).expect("a word of the line `ready`")
    }

    /// A file of the country.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("country").join(name)
    }

    /// A place for something that goes with it.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command that surveys a list from inside.
    pub fn survey(&self, list: &Path, out: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", self.word("pid"), "-n", "--", MAILCENSUS, "survey"]);
        command.arg(list).arg("--out").arg(out);
        command.args(["--resolver", self.word("resolver"), "--dns-rate", "0"]);
        command.args(["--lab", self.word("lab"), "--extra-root", self.word("ca")]);
        for pair in self.word("preflight").split(',') {
            command.args(["--preflight", pair]);
        }
        command
    }

    /// The same with the tables of routes and countries.
    pub fn survey_with_tables(&self, list: &str, out: &Path, more: &[&str]) {
        let tables = [
            ("--asn-table", "asn.txt"),
            ("--country-table", "countries.csv"),
            ("--rpki-table", "vrps.csv"),
        ];
        let tables = tables.map(|(flag, file)| format!("{flag}={}", self.file(file).display()));
        let all: Vec<&str> = tables.iter().map(String::as_str).collect();
        self.survey_fast(list, out, &[&all, more].concat());
    }

    /// Surveys a list faster than servers elsewhere would like, and waits for the end.
    pub fn survey_fast(&self, list: &str, out: &Path, more: &[&str]) {
        let mut survey = self.survey(&self.file(list), out);
        survey.args(["--rate", "1000", "--operator-rate", "50"]);
        survey.args(["--address-window", "2"]).args(more);
        run_within(&mut survey, PATIENCE).expect(0);
    }
}

impl Drop for Country {
    fn drop(&mut self) {
        // It ends when its standard input does, and takes its servers along.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
