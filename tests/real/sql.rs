//! What people do with a survey: DuckDB over its folders.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::program::{MAILCENSUS, TABLES, run};
use super::shared::shared;

/// Runs SQL in DuckDB; a row is a list of JSON values.
pub fn duckdb(sql: &str) -> Vec<Vec<Value>> {
    let program = "import duckdb, json, sys\n\
                   print(json.dumps(duckdb.connect().execute(sys.argv[1]).fetchall(), default=str))";
    let ran = run(Command::new("python3").args(["-c", program, sql]));
    assert_eq!(
        ran.code,
        Some(0),
        "{sql}: {}(pip install duckdb brings it)",
        ran.stderr
    );
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Numbers of one line of the closing summary: yes, of, unknown, n/a.
fn summary(line: &str) -> [u64; 4] {
    let text = &shared().ran.stdout;
    let found = text.lines().find_map(|one| one.trim().strip_prefix(line));
    let found = found.unwrap_or_else(|| panic!("no line {line:?} in {text}"));
    let words: Vec<_> = found
        .split_whitespace()
        .filter(|word| *word != "%")
        .map(|word| word.replace(',', ""))
        .collect();
    [0, 1, 3, 4].map(|at| words[at].parse().expect("a number"))
}

#[test]
fn one_line_of_sql_gives_the_numbers_of_the_summary() {
    let out = shared().out.display();
    for (check, line) in [
        ("starttls", "with STARTTLS on every mail server"),
        ("dnssec_domain", "with DNSSEC (secure MX answer)"),
        ("dane_published", "with TLSA for every mail host (DANE)"),
    ] {
        let sql =
            format!("SELECT {check}.result, count(*) FROM '{out}/verdicts/*.parquet' GROUP BY 1");
        let counts: BTreeMap<String, u64> = duckdb(&sql)
            .into_iter()
            .map(|row| {
                let word = row[0].as_str().expect("a word");
                (word.to_owned(), row[1].as_u64().expect("a number"))
            })
            .collect();
        let of = |word: &str| counts.get(word).copied().unwrap_or(0);
        let (pass, fail) = (of("pass"), of("fail"));
        let ours = [pass, pass + fail, of("unknown"), of("not_applicable")];
        println!("{check}: {counts:?}");
        assert_eq!(ours, summary(line), "{check}");
    }
    let told = format!("'{out}/verdicts/*.parquet' GROUP BY 1;");
    assert!(
        shared().ran.stdout.contains(&told),
        "the summary names the way"
    );
}

/// Committed rows by table, by the log.
fn committed(out: &Path) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let text = std::fs::read_to_string(out.join("parts.jsonl")).expect("a log");
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let name = |part: &Value| part["table"].as_str().expect("a table").to_owned();
        let rows = |part: &Value| part["rows"].as_u64().expect("a number");
        if let Some(part) = line.get("part") {
            *counts.entry(name(part)).or_default() += rows(part);
        } else if let Some(replaced) = line.get("replaced") {
            let parts = replaced["parts"].as_array().expect("parts");
            counts.insert(name(replaced), parts.iter().map(rows).sum());
        }
    }
    counts
}

#[test]
fn duckdb_reads_every_table_and_finds_every_committed_row() {
    let out = &shared().out;
    let committed = committed(out);
    for table in TABLES {
        let files = format!("'{}/{table}/*.parquet'", out.display());
        let keys = table.key().join(", ");
        let sql = format!("SELECT count(*), count(DISTINCT ({keys})) FROM {files}");
        let counts = &duckdb(&sql)[0];
        assert_eq!(
            counts[0].as_u64(),
            committed.get(table.as_str()).copied(),
            "{table}"
        );
        assert_eq!(counts[0], counts[1], "{table}: each key once");
        // Every column can be read, not only counted.
        duckdb(&format!("SELECT max(columns(*)::varchar) FROM {files}"));
        let sql = format!(
            "SELECT decode(value) FROM parquet_kv_metadata({files}) \
             WHERE decode(key) = 'mailcensus.columns'"
        );
        let notes: Value = serde_json::from_str(duckdb(&sql)[0][0].as_str().expect("text"))
            .expect("JSON in the metadata");
        let described = duckdb(&format!("SELECT name FROM parquet_schema({files})"));
        for column in table.columns() {
            let note = notes[column.name].as_str().unwrap_or_default();
            assert_eq!(note, column.doc, "{table}.{}", column.name);
            assert!(described.iter().any(|row| row[0] == column.name));
        }
    }
}

#[test]
fn the_printed_schema_makes_tables_that_take_the_rows() {
    let out = shared().out.display();
    for table in TABLES {
        let ran = run(Command::new(MAILCENSUS).args(["schema", table.as_str(), "--format", "sql"]));
        let schema = ran.expect(0).stdout;
        let sql = format!(
            "{schema};\nINSERT INTO {table} BY NAME SELECT * FROM '{out}/{table}/*.parquet';\n\
             SELECT count(*) FROM {table}"
        );
        assert!(duckdb(&sql)[0][0].as_u64() > Some(0), "{table}");
    }
}
