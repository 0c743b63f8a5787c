//! What a part says of itself: its rows, its first and its last key.

use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;

use super::log::Part;
use super::parquet_file;
use super::rows::TableName;
use crate::error::Result;

/// First and last key of the rows of a part.
pub struct KeyRange {
    table: TableName,
    rows: u64,
    keys: Option<(String, String)>,
}

impl KeyRange {
    /// Nothing is added yet.
    pub fn new(table: TableName) -> Self {
        Self {
            table,
            rows: 0,
            keys: None,
        }
    }

    /// Adds rows that are sorted by key, after those added before.
    pub fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        let Some(column) = batch.column_by_name(self.table.key()[0]) else {
            return;
        };
        debug_assert_eq!(column.data_type(), &DataType::Utf8);
        for key in column.as_string::<i32>().iter().flatten() {
            match &mut self.keys {
                Some((_, last)) if last == key => {}
                Some((_, last)) => *last = key.to_owned(),
                None => self.keys = Some((key.to_owned(), key.to_owned())),
            }
        }
    }

    /// The part that a file with these rows is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn part(self, name: &str, file: &Path, commit: u64, of: usize) -> Result<Part> {
        Ok(Part {
            table: self.table,
            file: name.to_owned(),
            rows: self.rows,
            sha256: parquet_file::sha256(file)?,
            keys: self.keys.unwrap_or_default(),
            commit,
            of,
        })
    }
}
