//! Rows of a table on their way out: all of them, a batch at a time.

use arrow::array::AsArray;
use serde::de::DeserializeOwned;

use super::{Store, folder_of};
use crate::error::Result;
use crate::table::log::Part;
use crate::table::parquet_file::{self, failed};
use crate::table::rows::TableName;
use crate::table::scan::{Batches, READ_ROWS, Scan};

impl Store {
    /// The rows of a table, only the named columns (all when empty), a batch at a time.
    pub fn scan<T: DeserializeOwned>(&self, table: TableName, columns: &[&'static str]) -> Scan<T> {
        Scan::new(self.batches(table, columns))
    }

    /// The same as Arrow arrays.
    pub fn batches(&self, table: TableName, columns: &[&'static str]) -> Batches {
        let files = self.parts(table).iter();
        let paths = files.map(|part| self.dir().join(&part.file));
        Batches::new(paths.collect(), columns)
    }

    /// Hands over the first key of every committed row, in no order.
    ///
    /// # Errors
    /// When reading fails, or `each` does.
    pub fn keys(&self, table: TableName, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        for part in self.parts(table) {
            let path = self.dir().join(&part.file);
            for batch in parquet_file::read(&path, &[table.key()[0]], READ_ROWS)? {
                let batch = batch.map_err(|err| failed(&path, "read", err))?;
                for key in batch.column(0).as_string::<i32>().iter().flatten() {
                    each(key)?;
                }
            }
        }
        Ok(())
    }

    /// The rows that a profile made, only the named columns, a batch at a time.
    pub fn scan_compliance<T: DeserializeOwned>(
        &self,
        profile: &str,
        columns: &[&'static str],
    ) -> Scan<T> {
        Scan::new(self.compliance_batches(profile, columns))
    }

    /// The same as Arrow arrays.
    pub fn compliance_batches(&self, profile: &str, columns: &[&'static str]) -> Batches {
        let parts = self.compliance(profile);
        let paths = parts.map(|part| self.dir().join(&part.file));
        Batches::new(paths.collect(), columns)
    }

    /// The committed files of a profile.
    pub fn compliance(&self, profile: &str) -> impl Iterator<Item = &Part> {
        let folder = format!("{}/{profile}", TableName::Compliance);
        let parts = self.parts(TableName::Compliance).iter();
        parts.filter(move |part| folder_of(&part.file) == folder)
    }
}
