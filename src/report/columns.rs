//! Columns of a batch by name and type. What is not as this program writes it is refused with the
//! command that makes it anew.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Float64Type};

use crate::error::{Error, Result};
use crate::table::codes::CheckResult;

/// The columns of a batch.
pub struct Columns<'a> {
    batch: &'a RecordBatch,
    remedy: &'a Remedy,
}

/// What mends a table that cannot be used.
#[derive(Debug, Clone)]
pub struct Remedy {
    /// The directory of the survey.
    pub dir: std::path::PathBuf,
    /// The command that makes the table anew.
    pub command: String,
}

impl Remedy {
    /// The complaint: what is wrong, and the command.
    pub fn complain(&self, wrong: impl std::fmt::Display) -> Error {
        let command = &self.command;
        Error::directory(&self.dir, format!("{wrong}; run {command}"))
    }
}

/// The results and reasons of one check.
pub struct Findings {
    /// The results.
    pub results: Vec<CheckResult>,
    /// Their reasons.
    pub reasons: StringArray,
}

impl<'a> Columns<'a> {
    /// The columns of a batch.
    pub fn of(batch: &'a RecordBatch, remedy: &'a Remedy) -> Self {
        Self { batch, remedy }
    }

    fn column(&self, name: &str) -> Result<&'a ArrayRef> {
        let column = self.batch.column_by_name(name);
        column.ok_or_else(|| self.foreign(name))
    }

    /// The complaint about a column that is not as this program makes it.
    pub fn foreign(&self, name: &str) -> Error {
        let wrong = format!("has no column {name} as this mailcensus makes it");
        self.remedy.complain(wrong)
    }

    /// A column of text.
    ///
    /// # Errors
    /// When there is none.
    pub fn text(&self, name: &str) -> Result<&'a StringArray> {
        let column = self.column(name)?.as_string_opt::<i32>();
        column.ok_or_else(|| self.foreign(name))
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// When there is none.
    pub fn numbers(&self, name: &str) -> Result<&'a [f64]> {
        let column = self.column(name)?.as_primitive_opt::<Float64Type>();
        let column = column.ok_or_else(|| self.foreign(name))?;
        Ok(column.values())
    }

    /// A column of yes and no, either of which may be missing.
    ///
    /// # Errors
    /// When there is none.
    pub fn truths(&self, name: &str) -> Result<Vec<Option<bool>>> {
        let column = self.column(name)?.as_boolean_opt();
        let column = column.ok_or_else(|| self.foreign(name))?;
        Ok(column.iter().collect())
    }

    /// A column of days, as days since 1970-01-01, which may be missing.
    ///
    /// # Errors
    /// When there is none.
    pub fn days(&self, name: &str) -> Result<Vec<Option<i32>>> {
        let column = self.column(name)?.as_primitive_opt::<Date32Type>();
        let column = column.ok_or_else(|| self.foreign(name))?;
        Ok(column.iter().collect())
    }

    /// The values of one tag.
    ///
    /// # Errors
    /// When there is no column of tags.
    pub fn tag(&self, tag: &str) -> Result<Vec<Option<&'a str>>> {
        let foreign = || self.foreign("tags");
        let map = self.column("tags")?.as_map_opt().ok_or_else(foreign)?;
        let keys = map.keys().as_string_opt::<i32>().ok_or_else(foreign)?;
        let values = map.values().as_string_opt::<i32>().ok_or_else(foreign)?;
        let ends = map.value_offsets().windows(2);
        let value = |span: &[i32]| {
            let mut entries = span[0] as usize..span[1] as usize;
            let at = entries.find(|at| keys.value(*at) == tag);
            at.map(|at| values.value(at))
        };
        Ok(ends.map(value).collect())
    }

    /// The names of all tags of the batch, with repetitions.
    ///
    /// # Errors
    /// When there is no column of tags.
    pub fn tag_names(&self) -> Result<impl Iterator<Item = &'a str>> {
        let foreign = || self.foreign("tags");
        let map = self.column("tags")?.as_map_opt().ok_or_else(foreign)?;
        let keys = map.keys().as_string_opt::<i32>().ok_or_else(foreign)?;
        Ok(keys.iter().flatten())
    }

    /// A column of results.
    ///
    /// # Errors
    /// When there is none, or a word in it is no result.
    pub fn results(&self, name: &str) -> Result<Vec<CheckResult>> {
        let words = self.text(name)?;
        results(words).ok_or_else(|| self.foreign(name))
    }

    /// A check.
    ///
    /// # Errors
    /// When there is none, or a word in it is no result.
    pub fn findings(&self, check: &str) -> Result<Findings> {
        let foreign = || self.foreign(check);
        let column = self.column(check)?.as_struct_opt().ok_or_else(foreign)?;
        let inner = |name| {
            let inner = column.column_by_name(name)?;
            inner.as_string_opt::<i32>()
        };
        let (words, reasons) = (inner("result"), inner("reason"));
        Ok(Findings {
            results: words.and_then(results).ok_or_else(foreign)?,
            reasons: reasons.ok_or_else(foreign)?.clone(),
        })
    }
}

fn results(words: &StringArray) -> Option<Vec<CheckResult>> {
    let result = |at| match words.value(at) {
        "pass" => Some(CheckResult::Pass),
        "fail" => Some(CheckResult::Fail),
        "not_applicable" => Some(CheckResult::NotApplicable),
        "unknown" => Some(CheckResult::Unknown),
        _ => None,
    };
    (0..words.len()).map(result).collect()
}
