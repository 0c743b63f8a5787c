//! Many small parts into one file sorted by key, in bounded memory: each part is sorted already,
//! so a merge over small batches of each is enough.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, interleave_record_batch, take_record_batch};
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::parquet_file::{self, FileWriter, failed, schema};
use super::retype::retyped;
use super::rows::TableName;
use crate::error::{Error, Result};

/// Files merged at once: bounded by memory and by file descriptors.
const FAN_IN: usize = 64;
/// Rows held of each file.
const BATCH_ROWS: usize = 1_024;

/// The rows of a batch sorted by the key of their table.
///
/// # Errors
/// When a key column is missing, which is a fault in this program.
pub fn sorted(table: TableName, batch: &RecordBatch) -> Result<RecordBatch> {
    let keys = Keys::new(table)?.rows(batch)?;
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    order.sort_by(|a, b| keys.row(*a as usize).cmp(&keys.row(*b as usize)));
    take_record_batch(batch, &UInt32Array::from(order)).map_err(internal)
}

/// Merges sorted files into one sorted stream. Of rows with equal keys the first is kept.
/// `scratch` names the intermediate files.
///
/// # Errors
/// When reading or writing an intermediate file fails.
pub fn merge(
    table: TableName,
    files: &[PathBuf],
    scratch: impl Fn(usize) -> PathBuf,
) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>>>> {
    let mut files: Vec<(PathBuf, bool)> = files.iter().map(|file| (file.clone(), false)).collect();
    let mut made = 0;
    while files.len() > FAN_IN {
        let rest = files.split_off(FAN_IN);
        let path = scratch(made);
        made += 1;
        let _ = std::fs::remove_file(&path);
        let mut writer = FileWriter::create(&path, table, "merge")?;
        for batch in Merge::new(table, files)? {
            writer.write(&path, &batch?)?;
        }
        writer.finish(&path)?;
        files = rest;
        files.push((path, true));
    }
    Ok(Box::new(Merge::new(table, files)?))
}

/// Turns the key columns of a table into comparable bytes.
struct Keys {
    table: TableName,
    converter: RowConverter,
}

impl Keys {
    fn new(table: TableName) -> Result<Self> {
        let schema = schema(table);
        let fields = table
            .key()
            .iter()
            .map(|key| {
                let field = schema.field_with_name(key).map_err(internal)?;
                Ok(SortField::new(field.data_type().clone()))
            })
            .collect::<Result<_>>()?;
        let converter = RowConverter::new(fields).map_err(internal)?;
        Ok(Self { table, converter })
    }

    fn rows(&self, batch: &RecordBatch) -> Result<Rows> {
        let columns = self
            .table
            .key()
            .iter()
            .map(|key| {
                let missing = || Error::Internal(format!("{} has no column {key}", self.table));
                batch.column_by_name(key).cloned().ok_or_else(missing)
            })
            .collect::<Result<Vec<_>>>()?;
        self.converter.convert_columns(&columns).map_err(internal)
    }
}

/// One file of the merge: the batch at hand and the place in it.
struct Source {
    path: PathBuf,
    /// An intermediate file, removed when it is read to its end.
    temporary: bool,
    reader: ParquetRecordBatchReader,
    batch: RecordBatch,
    keys: Rows,
    at: usize,
}

impl Source {
    fn open(path: PathBuf, temporary: bool, keys: &Keys) -> Result<Option<Self>> {
        let reader = parquet_file::read(&path, &[], BATCH_ROWS)?;
        let empty = RecordBatch::new_empty(schema(keys.table));
        let mut source = Self {
            keys: keys.rows(&empty)?,
            batch: empty,
            path,
            temporary,
            reader,
            at: 0,
        };
        Ok(source.refill(keys)?.then_some(source))
    }

    fn refill(&mut self, keys: &Keys) -> Result<bool> {
        let Some(batch) = self.reader.next() else {
            if self.temporary {
                let _ = std::fs::remove_file(&self.path);
            }
            return Ok(false);
        };
        let batch = batch.map_err(|err| failed(&self.path, "read", err))?;
        // The declared schema: what a file says of its fields may lack the notes, or have others.
        let declared = schema(keys.table);
        let columns = batch.columns().iter().zip(declared.fields());
        let columns = columns.map(|(column, field)| retyped(column, field.data_type()));
        self.batch = columns
            .collect::<Result<Vec<_>, _>>()
            .and_then(|columns| RecordBatch::try_new(declared, columns))
            .map_err(|err| failed(&self.path, "read", err))?;
        self.keys = keys.rows(&self.batch)?;
        self.at = 0;
        Ok(true)
    }
}

struct Merge {
    keys: Keys,
    sources: Vec<Source>,
    heap: BinaryHeap<Reverse<(OwnedRow, usize)>>,
    last: Option<OwnedRow>,
}

impl Merge {
    fn new(table: TableName, files: Vec<(PathBuf, bool)>) -> Result<Self> {
        let keys = Keys::new(table)?;
        let mut sources = Vec::with_capacity(files.len());
        for (path, temporary) in files {
            sources.extend(Source::open(path, temporary, &keys)?);
        }
        let heap = sources
            .iter()
            .enumerate()
            .map(|(at, source)| Reverse((source.keys.row(0).owned(), at)))
            .collect();
        Ok(Self {
            keys,
            sources,
            heap,
            last: None,
        })
    }

    /// Takes rows until a batch is full or a source needs more, since its batch must then go.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut picked = Vec::with_capacity(BATCH_ROWS);
        let mut drained = None;
        while picked.len() < BATCH_ROWS && drained.is_none() {
            let Some(Reverse((key, from))) = self.heap.pop() else {
                break;
            };
            let source = &mut self.sources[from];
            if self.last.as_ref() != Some(&key) {
                picked.push((from, source.at));
                self.last = Some(key);
            }
            source.at += 1;
            if source.at < source.batch.num_rows() {
                self.heap
                    .push(Reverse((source.keys.row(source.at).owned(), from)));
            } else {
                drained = Some(from);
            }
        }
        let batch = if picked.is_empty() {
            None
        } else {
            let batches: Vec<_> = self.sources.iter().map(|source| &source.batch).collect();
            Some(interleave_record_batch(&batches, &picked).map_err(internal)?)
        };
        if let Some(from) = drained {
            if self.sources[from].refill(&self.keys)? {
                let key = self.sources[from].keys.row(0).owned();
                self.heap.push(Reverse((key, from)));
            }
            if batch.is_none() {
                return self.next_batch();
            }
        }
        Ok(batch)
    }
}

impl Iterator for Merge {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        // Small batches come out where sources run dry; joined they make full pages.
        let mut batches = Vec::new();
        let mut rows = 0;
        while rows < BATCH_ROWS * 4 {
            match self.next_batch() {
                Ok(Some(batch)) => {
                    rows += batch.num_rows();
                    batches.push(batch);
                }
                Ok(None) => break,
                Err(err) => return Some(Err(err)),
            }
        }
        let first = batches.first()?;
        Some(concat_batches(&first.schema(), &batches).map_err(internal))
    }
}

fn internal(err: impl std::fmt::Display) -> Error {
    Error::Internal(err.to_string())
}
