//! A few rows of a table, by the text that they hold in one column.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::{Store, folder_of};
use crate::error::{Error, Result};
use crate::table::log::Part;
use crate::table::lookup::{any_within, read};
use crate::table::parquet_file::failed;
use crate::table::rows::TableName;

impl Store {
    /// The rows whose first key is one of these, only the named columns (all when empty), in
    /// the order of the files. Of a survey that is not finished a key may come twice: the first
    /// counts.
    ///
    /// # Errors
    /// When a file is gone or cannot be read.
    pub fn find<T: DeserializeOwned>(
        &self,
        table: TableName,
        keys: &BTreeSet<String>,
        columns: &[&'static str],
    ) -> Result<Vec<T>> {
        let parts = self.parts(table).iter();
        let parts = parts.filter(|part| may_have(part, keys));
        self.rows_of(parts, table.key()[0], keys, columns)
    }

    /// Hands over, a batch at a time, the rows of which a column of texts that need not be the key
    /// holds one of these: there may be many.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn find_by<T: DeserializeOwned>(
        &self,
        table: TableName,
        column: &str,
        texts: &BTreeSet<String>,
        columns: &[&'static str],
        each: impl FnMut(Vec<T>),
    ) -> Result<()> {
        let parts = self.parts(table).iter();
        self.batches_of(parts, column, texts, columns, each)
    }

    /// The rows that a profile made of a domain, only the named columns (all when empty).
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn find_compliance<T: DeserializeOwned>(
        &self,
        profile: &str,
        domain: &str,
        columns: &[&'static str],
    ) -> Result<Vec<T>> {
        let domain = BTreeSet::from([domain.to_owned()]);
        let parts = self.compliance(profile);
        let parts = parts.filter(|part| may_have(part, &domain));
        self.rows_of(parts, "domain", &domain, columns)
    }

    /// Complains of a committed file of a table that is gone. One that a crash left under its
    /// temporary name is there.
    ///
    /// # Errors
    /// Which one, and what to do.
    pub fn refuse_gone(&self, table: TableName) -> Result<()> {
        let is_gone = |part: &&Part| {
            let path = self.dir().join(&part.file);
            !path.exists() && !self.dir().join(format!("{}.tmp", part.file)).exists()
        };
        match self.parts(table).iter().find(is_gone) {
            None => Ok(()),
            Some(part) => {
                let path = self.dir().join(&part.file);
                Err(Error::directory(&path, remedy(table)))
            }
        }
    }

    /// The profiles that there are rows of.
    pub fn profiles(&self) -> BTreeSet<String> {
        let parts = self.parts(TableName::Compliance).iter();
        let folders = parts.filter_map(|part| folder_of(&part.file).split_once('/'));
        folders.map(|(_, profile)| profile.to_owned()).collect()
    }

    fn rows_of<'a, T: DeserializeOwned>(
        &self,
        parts: impl Iterator<Item = &'a Part>,
        column: &str,
        texts: &BTreeSet<String>,
        columns: &[&'static str],
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.batches_of(parts, column, texts, columns, |some| rows.extend(some))?;
        Ok(rows)
    }

    fn batches_of<'a, T: DeserializeOwned>(
        &self,
        parts: impl Iterator<Item = &'a Part>,
        column: &str,
        texts: &BTreeSet<String>,
        columns: &[&'static str],
        mut each: impl FnMut(Vec<T>),
    ) -> Result<()> {
        if texts.is_empty() {
            return Ok(());
        }
        for part in parts {
            let path = self.dir().join(&part.file);
            if !path.exists() {
                return Err(Error::directory(&path, remedy(part.table)));
            }
            for batch in read(&path, column, texts, columns)? {
                let batch = batch.map_err(|err| failed(&path, "read", err))?;
                let rows = serde_arrow::from_record_batch(&batch);
                each(rows.map_err(|err| failed(&path, "read", err))?);
            }
        }
        Ok(())
    }
}

/// Whether a key may be in a part, by its first and its last one.
fn may_have(part: &Part, keys: &BTreeSet<String>) -> bool {
    any_within(keys, &part.keys.0, &part.keys.1)
}

/// What to do about a file that is gone.
fn remedy(table: TableName) -> &'static str {
    match table {
        TableName::Verdicts => "is gone; run `mailcensus verdict` to have its rows made anew",
        TableName::Compliance => {
            "is gone; run `mailcensus verdict` with --profile to have its rows made anew"
        }
        _ => "is gone; restore it from a copy, or survey again to have its rows made anew",
    }
}
