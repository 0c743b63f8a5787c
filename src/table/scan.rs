//! Reading a table back: rows a batch at a time, only the columns that are wanted.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::path::PathBuf;

use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use serde::de::DeserializeOwned;

use super::parquet_file::{self, failed};
use crate::error::Result;

/// Rows read at a time.
pub const READ_ROWS: usize = 8_192;

/// The rows of a table, a batch at a time, in the order of the files.
pub struct Scan<T> {
    files: VecDeque<PathBuf>,
    columns: Vec<&'static str>,
    open: Option<(PathBuf, ParquetRecordBatchReader)>,
    rows: PhantomData<T>,
}

impl<T: DeserializeOwned> Scan<T> {
    /// The rows of these files, only the named columns (all when empty).
    pub fn new(files: VecDeque<PathBuf>, columns: &[&'static str]) -> Self {
        Self {
            files,
            columns: columns.to_vec(),
            open: None,
            rows: PhantomData,
        }
    }

    fn batch(&mut self) -> Result<Option<Vec<T>>> {
        loop {
            if let Some((path, reader)) = &mut self.open
                && let Some(batch) = reader.next()
            {
                let batch = batch.map_err(|err| failed(path, "read", err))?;
                let rows = serde_arrow::from_record_batch(&batch);
                return rows.map(Some).map_err(|err| failed(path, "read", err));
            }
            let Some(path) = self.files.pop_front() else {
                return Ok(None);
            };
            let reader = parquet_file::read(&path, &self.columns, READ_ROWS)?;
            self.open = Some((path, reader));
        }
    }
}

impl<T: DeserializeOwned> Iterator for Scan<T> {
    type Item = Result<Vec<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}
