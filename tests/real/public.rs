//! The copy that anybody may have: as many rows, and nothing personal in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailcensus::table::public::personal;
use mailcensus::table::rows::{DomainRow, EndpointRow, TableName};
use serde_json::Value;

use super::lab::lab;
use super::program::{MAILCENSUS, TABLES, files, rows, run, survey_of};
use super::refusals::refused;
use super::shared::{alone, shared};
use super::sql::duckdb;

fn export(survey: &Path, out: &Path) -> Command {
    let mut command = Command::new(MAILCENSUS);
    command.arg("export").arg(survey).arg("--public").arg(out);
    command
}

/// Every file below a folder.
fn all_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(all_files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The files and tables of a survey that have a text. Pages are packed, so that tables are asked
/// for their values as well.
fn places(dir: &Path, text: &str) -> Vec<String> {
    let in_table = |table: &TableName| {
        format!(
            "SELECT '{table}' FROM '{}/{table}/*.parquet' t WHERE contains(to_json(t)::varchar, '{}') \
             GROUP BY 1",
            dir.display(),
            text.replace('\'', "''")
        )
    };
    let tables: Vec<_> = TABLES.iter().map(in_table).collect();
    let tables = duckdb(&tables.join(" UNION ALL ")).into_iter();
    let tables = tables.map(|row| row[0].as_str().expect("text").to_owned());
    let in_bytes = |path: &PathBuf| {
        let bytes = fs::read(path).expect("reads");
        let mut windows = bytes.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    };
    let files = all_files(dir).into_iter().filter(in_bytes);
    tables
        .chain(files.map(|path| path.display().to_string()))
        .collect()
}

#[test]
fn a_public_copy_has_every_row_and_no_personal_column() {
    let from = &shared().out;
    let out = lab().scratch("public").join("copy");
    let told = run(&mut export(from, &out)).expect(0).stdout;
    assert!(
        told.contains("endpoints.banner") && told.contains("domains.spf.record"),
        "{told}"
    );
    for table in TABLES {
        let count = |dir: &Path| {
            let sql = format!("SELECT count(*) FROM '{}/{table}/*.parquet'", dir.display());
            duckdb(&sql)[0][0].as_u64()
        };
        assert!(count(from) > Some(0), "{table}");
        assert_eq!(count(from), count(&out), "{table}");
        let keys = table.key().join(", ");
        let sql = |dir: &Path| format!("SELECT {keys} FROM '{}/{table}/*.parquet'", dir.display());
        assert_eq!(
            duckdb(&sql(from)),
            duckdb(&sql(&out)),
            "{table}: in the same order"
        );
        for name in personal(&table.columns()) {
            let path: Vec<_> = name.split('.').collect();
            for file in files(&out, table.as_str()) {
                assert!(!leaves(&file).contains(&path.join(".")), "{table}.{name}");
            }
            // The same look at the survey itself finds it.
            let whole = files(from, table.as_str())
                .iter()
                .flat_map(|file| leaves(file))
                .any(|leaf| leaf == name);
            assert!(whole, "{table}.{name} is not in the survey");
        }
    }
}

/// Names of the leaves of a file, without the levels that lists and maps add.
fn leaves(file: &Path) -> Vec<String> {
    let file = fs::File::open(file).expect("opens");
    let reader = parquet::file::reader::SerializedFileReader::new(file).expect("Parquet");
    let metadata = parquet::file::reader::FileReader::metadata(&reader);
    let columns = metadata.file_metadata().schema_descr().columns().to_vec();
    let named = |parts: &[String]| {
        let added = ["list", "item", "entries", "value"];
        let own: Vec<_> = parts
            .iter()
            .filter(|part| !added.contains(&part.as_str()))
            .collect();
        own.into_iter().cloned().collect::<Vec<_>>().join(".")
    };
    columns
        .iter()
        .map(|column| named(column.path().parts()))
        .collect()
}

#[test]
fn a_public_copy_tells_nobodys_words() {
    let from = &shared().out;
    let out = lab().scratch("public-words").join("copy");
    run(&mut export(from, &out)).expect(0);
    let endpoints: Vec<EndpointRow> = rows(from);
    let banner = endpoints.iter().find_map(|row| row.banner.clone());
    let domains: Vec<DomainRow> = rows(from);
    let record = domains.iter().find_map(|row| {
        let record = row.dmarc.record.clone();
        record.filter(|record| record.contains("rua="))
    });
    let text = fs::read_to_string(from.join("survey.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let host = manifest["vantage"]["host"]
        .as_str()
        .expect("text")
        .to_owned();
    let folder = lab().dir.display().to_string();
    let words = [
        banner.expect("somebody greeted"),
        record.expect("somebody wants reports"),
        "mailto:".to_owned(),
        "\"contact\"".to_owned(),
        "survey.lab.invalid".to_owned(),
        lab().env("RESOLVER").to_owned() + ":53",
        format!("\"{host}\""),
        folder,
    ];
    for word in &words {
        assert!(
            !places(from, word).is_empty(),
            "{word:?} is not in the survey"
        );
        let leaks = places(&out, word);
        assert!(leaks.is_empty(), "{word:?} is in {leaks:?}");
    }
    let mut names: Vec<_> = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    let mut expected: Vec<_> = TableName::ALL.iter().map(ToString::to_string).collect();
    expected.extend(["schema.md".to_owned(), "survey.json".to_owned()]);
    expected.sort();
    assert_eq!(names, expected);
    let text = fs::read_to_string(out.join("survey.json")).expect("a manifest");
    let public: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(public["lists"][0]["name"], "domains.txt");
    assert_eq!(public["lists"][0]["sha256"], manifest["lists"][0]["sha256"]);
    assert_eq!(public["counts"], manifest["counts"]);
    assert_eq!(public["preflight"]["resolver"], "pass");
}

#[test]
fn copies_that_cannot_be_made() {
    let dir = lab().scratch("public-refused");
    refused(
        &mut export(&dir, &dir.join("copy")),
        &["holds no survey", "--out"],
    );
    let full = dir.join("full");
    fs::create_dir(&full).expect("creates");
    fs::write(full.join("notes"), "mine").expect("writes");
    refused(
        &mut export(&shared().out, &full),
        &["is not empty", "--public"],
    );
    let (list, half) = (dir.join("list"), dir.join("half"));
    fs::write(&list, "secure-good.cz\n").expect("writes");
    {
        let _alone = alone();
        run(survey_of(&list, &half).args(["--stage", "dns"])).expect(0);
    }
    let words = ["stage hosts is not finished", "finish the survey"];
    refused(&mut export(&half, &dir.join("copy")), &words);
    assert!(!dir.join("copy").exists(), "nothing is left");
    assert_eq!(fs::read_dir(&dir).expect("a folder").count(), 3);
}
