//! One Parquet file: written under a temporary name, fsynced, then renamed; read in batches.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use aws_lc_rs::digest;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use super::SCHEMA_VERSION;
use super::row::{Column, Shape, fields};
use super::rows::TableName;
use crate::error::{Error, Result};

/// Rows in a row group: small enough to skip, large enough to compress.
const ROW_GROUP_ROWS: usize = 131_072;

/// The Arrow schema of a table.
pub fn schema(table: TableName) -> SchemaRef {
    // Made once: every batch that is written, read or merged wants one.
    static SCHEMAS: LazyLock<BTreeMap<TableName, SchemaRef>> = LazyLock::new(|| {
        let schema = |table: TableName| Arc::new(Schema::new(fields(&table.columns())));
        TableName::ALL.map(|table| (table, schema(table))).into()
    });
    SCHEMAS[&table].clone()
}

/// Writes one file of a table in batches.
pub struct FileWriter {
    writer: ArrowWriter<File>,
}

impl FileWriter {
    /// Creates `path`, which must not exist.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, table: TableName, survey: &str) -> Result<Self> {
        Self::with_columns(path, table, schema(table), &table.columns(), survey)
    }

    /// The same with other columns than the table has, and the schema that is theirs.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn with_columns(
        path: &Path,
        table: TableName,
        schema: SchemaRef,
        columns: &[Column],
        survey: &str,
    ) -> Result<Self> {
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(Error::io("create", path))?;
        let properties = properties(table, columns, survey);
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|err| failed(path, "write", err))?;
        Ok(Self { writer })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When writing fails, for example on a full disk.
    pub fn write(&mut self, path: &Path, batch: &RecordBatch) -> Result<()> {
        self.writer
            .write(batch)
            .map_err(|err| failed(path, "write", err))
    }

    /// Writes the footer and waits until the bytes are on the disk.
    ///
    /// # Errors
    /// When writing or syncing fails.
    pub fn finish(self, path: &Path) -> Result<()> {
        let file = self
            .writer
            .into_inner()
            .map_err(|err| failed(path, "write", err))?;
        file.sync_all().map_err(Error::io("sync", path))
    }
}

/// Reads a file in batches of `rows`, only the named columns (all when empty). A member of a struct
/// is named with dots: `spf.record`; of the others in it nothing is read.
///
/// # Errors
/// When the file cannot be opened or is no Parquet.
pub fn read(path: &Path, columns: &[&str], rows: usize) -> Result<ParquetRecordBatchReader> {
    read_leaves(path, rows, |leaf| is_wanted(leaf, columns))
}

fn is_wanted(leaf: &[String], columns: &[&str]) -> bool {
    columns.is_empty() || columns.iter().any(|column| is_below(leaf, column))
}

/// Whether the path of a leaf begins with a column's.
fn is_below(leaf: &[String], column: &str) -> bool {
    let mut parts = leaf.iter();
    column
        .split('.')
        .all(|name| parts.next().is_some_and(|part| part == name))
}

/// The leaves of the named columns, all when none is named.
pub fn leaves_of(schema: &SchemaDescriptor, columns: &[&str]) -> ProjectionMask {
    let leaves = schema.columns().iter().enumerate();
    let wanted = leaves.filter(|(_, leaf)| is_wanted(leaf.path().parts(), columns));
    ProjectionMask::leaves(schema, wanted.map(|(at, _)| at))
}

/// Reads a file in batches of `rows`, only the leaves that `wanted` takes by the parts of their
/// paths. The others are not read at all.
///
/// # Errors
/// When the file cannot be opened or is no Parquet.
pub fn read_leaves(
    path: &Path,
    rows: usize,
    wanted: impl Fn(&[String]) -> bool,
) -> Result<ParquetRecordBatchReader> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|err| failed(path, "read", err))?;
    let schema = builder.parquet_schema();
    let leaves = schema.columns().iter().enumerate();
    let kept = leaves.filter(|(_, leaf)| wanted(leaf.path().parts()));
    let mask = ProjectionMask::leaves(schema, kept.map(|(at, _)| at));
    builder
        .with_projection(mask)
        .with_batch_size(rows)
        .build()
        .map_err(|err| failed(path, "read", err))
}

/// SHA-256 of a file in hex.
///
/// # Errors
/// When the file cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer).map_err(Error::io("read", path))?;
        if read == 0 {
            return Ok(crate::text::hex(hash.finish().as_ref()));
        }
        hash.update(&buffer[..read]);
    }
}

/// The complaint about a file that Parquet or Arrow could not handle; a full disk below them stays one.
pub fn failed(path: &Path, action: &'static str, err: impl std::error::Error + 'static) -> Error {
    let below = std::iter::successors(err.source(), |err| err.source());
    let mut kinds = below.filter_map(|err| Some(err.downcast_ref::<std::io::Error>()?.kind()));
    let kind = kinds.next().unwrap_or(std::io::ErrorKind::Other);
    Error::Io {
        path: path.to_owned(),
        action,
        source: std::io::Error::new(kind, err.to_string()),
    }
}

fn properties(table: TableName, columns: &[Column], survey: &str) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(vec![
            note("mailcensus.schema_version", SCHEMA_VERSION.to_string()),
            note("mailcensus.table", table.to_string()),
            note("mailcensus.survey", survey.to_owned()),
            note("mailcensus.columns", column_notes(columns)),
        ]));
    let looked_up = ["domain", "host", "sha256", "zone"];
    for key in table.key().iter().filter(|key| looked_up.contains(key)) {
        builder = builder.set_column_bloom_filter_enabled(ColumnPath::from(*key), true);
    }
    builder.build()
}

fn note(key: &str, value: String) -> KeyValue {
    KeyValue::new(key.to_owned(), value)
}

/// Column descriptions as one JSON object, for readers that do not see Arrow's own metadata.
fn column_notes(columns: &[Column]) -> String {
    let mut notes = serde_json::Map::new();
    describe("", columns, &mut notes);
    serde_json::Value::Object(notes).to_string()
}

fn describe(
    prefix: &str,
    columns: &[Column],
    notes: &mut serde_json::Map<String, serde_json::Value>,
) {
    for column in columns {
        let name = format!("{prefix}{}", column.name);
        notes.insert(name.clone(), column.doc.clone().into());
        if let Shape::Struct(inner) = innermost(&column.shape) {
            describe(&format!("{name}."), inner, notes);
        }
    }
}

/// The shape below lists and maps.
pub fn innermost(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(item) | Shape::Map(item) => innermost(item),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use parquet::errors::ParquetError;

    use super::*;

    #[test]
    fn a_full_disk_below_parquet_is_a_full_disk() {
        let complaint = |err: ParquetError| failed(Path::new("x"), "write", err).to_string();
        let full = std::io::Error::from(ErrorKind::StorageFull);
        let words = complaint(full.into());
        assert!(words.contains("free space"), "{words}");
        let words = complaint(ParquetError::General("odd".to_owned()));
        assert!(words.contains("mend the disk"), "{words}");
    }
}
