//! What the program makes of a hostile survey: on the screen, as JSON, as CSV, and as a copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::neutral;
use super::survey::{PROFILE, domain, write};
use super::texts::texts;
use crate::real::program::{MAILCENSUS, Ran, run};

/// A survey, and a place for another one and for files.
struct Surveys {
    place: TempDir,
    new: PathBuf,
}

impl Surveys {
    fn new() -> Self {
        let place = TempDir::new().expect("a directory");
        let new = write(place.path(), 0);
        Self { place, new }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn report(&self, old: &Path, args: &[&str]) -> Ran {
        let mut command = mailcensus("report", &self.new, args);
        command.args(["--profile", PROFILE]);
        command.arg("--against").arg(old);
        said("report", run(&mut command).expect(0))
    }
}

/// What was said, with nothing on either stream that acts.
#[track_caller]
pub fn said(what: &str, ran: Ran) -> Ran {
    neutral::lines(what, &ran.stderr);
    neutral::lines(what, &ran.stdout);
    ran
}

fn mailcensus(command: &str, dir: &Path, args: &[&str]) -> Command {
    let mut called = Command::new(MAILCENSUS);
    called.arg(command).arg(dir).args(args);
    called
}

/// JSON that a terminal only shows, and that says what was fed.
#[track_caller]
fn json(what: &str, text: &str) -> Value {
    neutral::lines(what, text);
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{what}: {err}"))
}

#[test]
fn a_page_of_a_domain_only_shows() {
    let surveys = Surveys::new();
    for (number, text) in texts().iter().enumerate() {
        let (dir, name) = (&surveys.new, domain(number));
        let what = format!("explain, {:.40?}", text);
        let ran = run(&mut mailcensus("explain", dir, &[&name])).expect(0);
        neutral::page(&what, &said(&what, ran).stdout);
        let ran = run(&mut mailcensus("explain", dir, &[&name, "--json"])).expect(0);
        let shown = json(&what, &ran.stdout);
        assert_eq!(shown["domain"]["tags"]["t"], **text, "{what}");
        assert_eq!(
            shown["hosts"][0]["endpoints"][0]["banner"], **text,
            "{what}"
        );
        assert_eq!(shown["certificates"][0]["subject"], **text, "{what}");
    }
}

#[test]
fn a_report_only_shows() {
    let surveys = Surveys::new();
    let old = write(surveys.place.path(), 1);
    for by in ["mail_operator", "tld", "tag:t"] {
        let args = ["--by", by, "--k", "1", "--top", "100"];
        neutral::page(by, &surveys.report(&old, &args).stdout);
        let (table, changes) = (surveys.file("report.csv"), surveys.file("changes.csv"));
        let to = |path: &Path| path.to_str().expect("text").to_owned();
        let (table, changes) = (to(&table), to(&changes));
        let report = to(&surveys.file("report.json"));
        let files = ["--csv", &table, "--changes", &changes, "--json", &report];
        surveys.report(&old, &[&args[..], &files].concat());
        let text = fs::read_to_string(&report).expect("a report");
        let report = json(by, &text);
        let groups = report["groups"].as_array().expect("groups");
        let named = |text: &String| groups.iter().any(|group| group["group"] == **text);
        assert!(texts().iter().all(named), "{by}");
        for file in [table, changes] {
            let text = fs::read_to_string(&file).expect("a table");
            neutral::lines(&file, &text);
            cells(file.as_ref());
        }
    }
}

/// Reads a table as others do: Python and DuckDB, which find the same, and no cell that a spreadsheet
/// computes, wherever it takes one cell to end and the next to begin.
pub fn cells(file: &Path) {
    const PROGRAM: &str = r#"
import csv, re, shutil, sys, tempfile
import duckdb
# DuckDB takes names of files for patterns.
file = tempfile.NamedTemporaryFile(suffix=".csv").name
shutil.copy(sys.argv[1], file)
rows = list(csv.reader(open(file, newline="", encoding="utf-8"), strict=True))
assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, "columns"
lines = open(file, newline="", encoding="utf-8").read().split("\n")
assert lines.pop() == "" and len(lines) == len(rows), "one line each"
theirs = duckdb.sql("""SELECT * FROM read_csv(?, header = false, all_varchar = true,
  delim = ',', quote = '"', escape = '"', strict_mode = true, max_line_size = 10000000)""", params = [file]).fetchall()
assert [[cell or "" for cell in row] for row in theirs] == rows, "DuckDB reads something else"
acts = re.compile(r"[\s\"']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
for row in rows:
    for cell in row:
        assert not cell or cell[0] not in "=+-@\t\r", cell[:100]
        assert cell.startswith("'") or not acts.match(cell), cell[:100]
for line in lines:
    # A spreadsheet of half of Europe takes the semicolon for the end of a cell.
    for cell in line.split(";")[1:]:
        assert cell.startswith("'") or not acts.match(cell), cell[:100]
"#;
    let ran = run(Command::new("python3").args(["-c", PROGRAM]).arg(file));
    assert_eq!(ran.code, Some(0), "{}: {}", file.display(), ran.stderr);
}

#[test]
fn what_the_program_says_of_such_a_directory_only_shows() {
    let surveys = Surveys::new();
    let dir = &surveys.new;
    let out = surveys.file("out\u{1b}[2J\u{202e}");
    let public = out.to_str().expect("text");
    said(
        "export",
        run(&mut mailcensus("export", dir, &["--public", public])).expect(0),
    );
    let text = fs::read_to_string(out.join("survey.json")).expect("a manifest");
    json("the manifest of a copy", &text);
    let nowhere = surveys.file("none\u{1b}[2J\u{9b}31m\u{202e}");
    for command in ["explain", "report", "verdict", "export"] {
        let args: &[&str] = match command {
            "explain" => &["a.cz"],
            "export" => &["--public", public],
            _ => &[],
        };
        let ran = run(&mut mailcensus(command, &nowhere, args)).expect(2);
        assert!(ran.stderr.contains("none"), "{}", ran.stderr);
        said(command, ran);
    }
}

#[test]
fn a_table_for_postfix_has_lines_of_its_own_only() {
    let surveys = Surveys::new();
    for args in [&[][..], &["--testing", "may"]] {
        let ran = run(&mut mailcensus("sts-map", &surveys.new, args));
        // What is not known of a domain is a note.
        assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
        let ran = said("sts-map", ran);
        for line in ran.stdout.lines().filter(|line| !line.starts_with('#')) {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || " .-=:_".contains(letter);
            assert!(line.chars().all(plain), "{line}");
        }
    }
}

#[test]
fn judging_such_a_survey_shows_and_adds_nothing_that_acts() {
    let surveys = Surveys::new();
    let dir = &surveys.new;
    let ran = run(&mut mailcensus("verdict", dir, &["--profile", PROFILE]));
    let ran = said("verdict", ran);
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    for number in (0..texts().len()).step_by(7) {
        let name = domain(number);
        let ran = run(&mut mailcensus("explain", dir, &[&name])).expect(0);
        neutral::page(&name, &said(&name, ran).stdout);
    }
}
