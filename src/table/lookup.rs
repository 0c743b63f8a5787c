//! Reading a few rows of a file by a column: what cannot hold them is not decoded.
//!
//! Statistics and Bloom filters tell which row groups may have them, the column itself which rows;
//! of all other columns only the pages of those rows are read.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::statistics::Statistics;

use super::parquet_file::{failed, leaves_of};
use super::scan::READ_ROWS;
use crate::error::{Error, Result};

type Builder = ParquetRecordBatchReaderBuilder<File>;

/// Whether one of some texts lies between two others, both inclusive.
pub fn any_within(texts: &BTreeSet<String>, first: &str, last: &str) -> bool {
    first <= last
        && texts
            .range::<str, _>((
                std::ops::Bound::Included(first),
                std::ops::Bound::Included(last),
            ))
            .next()
            .is_some()
}

/// The rows of a file of which a column of texts holds one of these, only the named columns (all
/// when empty), as `mx` or `mx.kind`.
///
/// # Errors
/// When the file cannot be opened, is no Parquet, or has no such column.
pub fn read(
    path: &Path,
    column: &str,
    texts: &BTreeSet<String>,
    columns: &[&str],
) -> Result<ParquetRecordBatchReader> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    // Without the index a page that is not wanted is unpacked all the same.
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let builder =
        Builder::try_new_with_options(file, options).map_err(|err| failed(path, "read", err))?;
    let leaf = builder.parquet_schema().columns().iter();
    let Some(leaf) = leaf
        .clone()
        .position(|leaf| leaf.path().parts() == [column])
    else {
        let problem = format!("has no column {column}; restore it from a copy");
        return Err(Error::directory(path, problem));
    };
    let groups = groups(path, &builder, leaf, texts)?;
    let mask = leaves_of(builder.parquet_schema(), columns);
    let filter = filter(
        ProjectionMask::leaves(builder.parquet_schema(), [leaf]),
        texts,
    );
    builder
        .with_row_groups(groups)
        .with_projection(mask)
        .with_row_filter(filter)
        .with_batch_size(READ_ROWS)
        .build()
        .map_err(|err| failed(path, "read", err))
}

/// The row groups that may hold one of the texts.
fn groups(
    path: &Path,
    builder: &Builder,
    leaf: usize,
    texts: &BTreeSet<String>,
) -> Result<Vec<usize>> {
    let mut kept = Vec::new();
    let metadata = builder.metadata().clone();
    for (at, group) in metadata.row_groups().iter().enumerate() {
        if group
            .column(leaf)
            .statistics()
            .is_some_and(|known| rules_out(known, texts))
        {
            continue;
        }
        let filter = builder
            .get_row_group_column_bloom_filter(at, leaf)
            .map_err(|err| failed(path, "read", err))?;
        if filter.is_none_or(|filter| texts.iter().any(|text| filter.check(text.as_str()))) {
            kept.push(at);
        }
    }
    Ok(kept)
}

/// Whether none of the texts lies within the bounds of a row group.
fn rules_out(known: &Statistics, texts: &BTreeSet<String>) -> bool {
    let bounds = (known.min_bytes_opt(), known.max_bytes_opt());
    let (Some(first), Some(last)) = bounds else {
        return false;
    };
    match (std::str::from_utf8(first), std::str::from_utf8(last)) {
        (Ok(first), Ok(last)) => !any_within(texts, first, last),
        // Bounds that were cut off in the middle of a letter say nothing.
        _ => false,
    }
}

fn filter(mask: ProjectionMask, texts: &BTreeSet<String>) -> RowFilter {
    let texts = Arc::new(texts.clone());
    let wanted = move |batch: arrow::array::RecordBatch| {
        let column = batch.column(0).as_string_opt::<i32>();
        let column = column.ok_or_else(|| ArrowError::CastError("not a text".to_owned()))?;
        let is_wanted = |text: Option<&str>| Some(text.is_some_and(|text| texts.contains(text)));
        Ok(column.iter().map(is_wanted).collect::<BooleanArray>())
    };
    RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, wanted))])
}
