//! The copy of a survey that anybody may have: its tables without the columns that may hold
//! personal data, their dictionary, and a manifest that names nobody.
//!
//! Hands out [`export`]. [`columns`] tells which columns stay, [`manifest`] what of `survey.json`
//! does. Rejects, spool, journal and logs are never copied.

mod columns;
mod manifest;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};

pub use columns::{personal, public};
pub use manifest::{File, PublicManifest};

use super::dictionary;
use super::log::Part;
use super::manifest::{Manifest, PROFILES, ProfileRecord, profile_copy};
use super::parquet_file::{self, FileWriter, failed};
use super::retype::retyped;
use super::row::{Column, fields};
use super::rows::TableName;
use super::scan::READ_ROWS;
use super::store::Store;
use crate::error::{Error, Result};
use crate::text::sha256_of;

/// Copies the tables of a finished survey to `out`, which is new or empty. It is there whole or not
/// at all. Memory is that of one batch of rows.
///
/// # Errors
/// When `out` is not empty, the survey was not judged to the end, a part or a rule book was changed after it was committed, or reading or writing fails.
pub fn export(store: &Store, manifest: &Manifest, out: &Path) -> Result<PublicManifest> {
    refuse_full(out)?;
    manifest.refuse_unjudged(store.dir())?;
    let rule_books = rule_books(store.dir(), manifest)?;
    let partial = Partial::create(out)?;
    let mut files = Vec::new();
    let mut left_out = Vec::new();
    for table in TableName::ALL {
        let folder = partial.0.join(table.as_str());
        fs::create_dir(&folder).map_err(Error::io("create", &folder))?;
        let columns = table.columns();
        let names = personal(&columns).into_iter();
        left_out.extend(names.map(|name| format!("{table}.{name}")));
        let copy = Copy::new(store, &partial.0, table, &columns);
        for part in store.parts(table) {
            let path = partial.0.join(&part.file);
            let folder = path.parent().unwrap_or(&folder);
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            files.push(copy.part(part)?);
        }
    }
    for (name, text) in rule_books {
        let folder = partial.0.join(PROFILES);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let path = profile_copy(&partial.0, name);
        fs::write(&path, text).map_err(Error::io("write", &path))?;
    }
    let schema = partial.0.join("schema.md");
    fs::write(&schema, dictionary::print_public(&TableName::ALL))
        .map_err(Error::io("write", &schema))?;
    let manifest = PublicManifest::new(manifest, files, left_out);
    manifest.write(&partial.0)?;
    partial.reveal(out)?;
    Ok(manifest)
}

/// The rule books that rows of `compliance` were made by. Lists of exceptions stay behind: their
/// reasons are somebody's words.
fn rule_books<'a>(dir: &Path, manifest: &'a Manifest) -> Result<Vec<(&'a str, Vec<u8>)>> {
    let one = |(name, record): (&'a String, &ProfileRecord)| {
        let path = profile_copy(dir, name);
        let wrong = match fs::read(&path) {
            Ok(text) if sha256_of(&text) == record.sha256 => return Ok((name.as_str(), text)),
            Ok(_) => "is not the text that the survey was judged by".to_owned(),
            Err(err) => format!("cannot be read ({err})"),
        };
        let problem = format!(
            "{wrong}; judge by that profile again with mailcensus verdict {} --profile, then export",
            dir.display()
        );
        Err(Error::directory(&path, problem))
    };
    manifest.profiles.iter().map(one).collect()
}

fn refuse_full(out: &Path) -> Result<()> {
    let mut entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(err) => return Err(Error::io("read", out)(err)),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::directory(
            out,
            "is not empty; choose an empty or a new directory for --public",
        )),
    }
}

/// The copy on its way; gone if it does not get there.
struct Partial(PathBuf);

impl Partial {
    /// Beside `out`, so that it can be renamed.
    fn create(out: &Path) -> Result<Self> {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let path = out.with_file_name(name);
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        Ok(Self(path))
    }

    fn reveal(self, out: &Path) -> Result<()> {
        // Over a folder, as long as it is empty.
        fs::rename(&self.0, out).map_err(Error::io("create", out))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The copy of one table.
struct Copy<'a> {
    store: &'a Store,
    out: &'a Path,
    table: TableName,
    all: &'a [Column],
    kept: Vec<Column>,
    schema: SchemaRef,
}

impl<'a> Copy<'a> {
    fn new(store: &'a Store, out: &'a Path, table: TableName, all: &'a [Column]) -> Self {
        let kept = public(all);
        Self {
            store,
            out,
            table,
            all,
            schema: Arc::new(Schema::new(fields(&kept))),
            kept,
        }
    }

    /// Copies a part, of which only the columns that stay are read.
    fn part(&self, part: &Part) -> Result<File> {
        let from = self.store.dir().join(&part.file);
        if parquet_file::sha256(&from)? != part.sha256 {
            let problem = "was changed after it was committed; restore it from a copy";
            return Err(Error::directory(&from, problem));
        }
        let to = self.out.join(&part.file);
        let survey = self.store.survey();
        let schema = self.schema.clone();
        let mut writer = FileWriter::with_columns(&to, self.table, schema, &self.kept, survey)?;
        let reader =
            parquet_file::read_leaves(&from, READ_ROWS, |leaf| columns::is_public(leaf, self.all))?;
        for batch in reader {
            let batch = batch.map_err(|err| failed(&from, "read", err))?;
            writer.write(&to, &self.declared(&from, &batch)?)?;
        }
        writer.finish(&to)?;
        Ok(File {
            file: part.file.clone(),
            rows: part.rows,
            sha256: parquet_file::sha256(&to)?,
        })
    }

    /// The same rows with the declared schema.
    fn declared(&self, from: &Path, batch: &RecordBatch) -> Result<RecordBatch> {
        let column = |name: &str| {
            let missing = || {
                Error::directory(
                    from,
                    format!("has no column {name}; export it with the version that wrote it"),
                )
            };
            batch.column_by_name(name).cloned().ok_or_else(missing)
        };
        let columns = self.kept.iter().zip(self.schema.fields());
        let columns = columns.map(|(kept, field)| {
            let column = column(kept.name)?;
            retyped(&column, field.data_type()).map_err(|err| failed(from, "read", err))
        });
        RecordBatch::try_new(self.schema.clone(), columns.collect::<Result<_>>()?)
            .map_err(|err| failed(from, "read", err))
    }
}
