//! Reading a table back, a batch at a time, only the columns that are wanted: as rows, or as the
//! Arrow arrays they are.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use serde::de::DeserializeOwned;

use super::parquet_file::{self, failed};
use crate::error::Result;

/// Rows read at a time.
pub const READ_ROWS: usize = 8_192;

/// The arrays of a table, a batch at a time, in the order of the files.
pub struct Batches {
    files: VecDeque<PathBuf>,
    columns: Vec<&'static str>,
    open: Option<(PathBuf, ParquetRecordBatchReader)>,
}

impl Batches {
    /// The arrays of these files, only the named columns (all when empty). A column that a file does
    /// not have is left out of its batches.
    pub fn new(files: VecDeque<PathBuf>, columns: &[&'static str]) -> Self {
        Self {
            files,
            columns: columns.to_vec(),
            open: None,
        }
    }

    /// The next batch with the file that it is from.
    fn batch(&mut self) -> Result<Option<(&PathBuf, RecordBatch)>> {
        loop {
            if let Some((path, reader)) = &mut self.open
                && let Some(batch) = reader.next()
            {
                let batch = batch.map_err(|err| failed(path, "read", err))?;
                let path = self.open.as_ref().map(|(path, _)| path);
                return Ok(path.map(|path| (path, batch)));
            }
            let Some(path) = self.files.pop_front() else {
                return Ok(None);
            };
            let reader = parquet_file::read(&path, &self.columns, READ_ROWS)?;
            self.open = Some((path, reader));
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch().transpose()?;
        Some(batch.map(|(_, batch)| batch))
    }
}

/// The rows of a table, a batch at a time, in the order of the files.
pub struct Scan<T> {
    batches: Batches,
    rows: PhantomData<T>,
}

impl<T: DeserializeOwned> Scan<T> {
    /// The rows of these batches.
    pub fn new(batches: Batches) -> Self {
        Self {
            batches,
            rows: PhantomData,
        }
    }

    fn batch(&mut self) -> Result<Option<Vec<T>>> {
        let Some((path, batch)) = self.batches.batch()? else {
            return Ok(None);
        };
        let rows = serde_arrow::from_record_batch(&batch);
        rows.map(Some).map_err(|err| failed(path, "read", err))
    }
}

impl<T: DeserializeOwned> Iterator for Scan<T> {
    type Item = Result<Vec<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}
